"""`Species`: an isotope in light: polarizabilities, magic conditions, light shifts and scattering."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import constants as const

from atomcavity.errors import require
from atomcavity.species import operators, yu2021
from atomcavity.species.atom import AtomicData
from atomcavity.species.magic import Differential, MagicPoint, aligned_zeros, zeros_of_pole_sum
from atomcavity.species.model import Level
from atomcavity.species.polarizability import (
    Array,
    Polarizability,
    combine,
    geometric_factors,
    hyperfine_weights,
    unit_axis,
    unit_vector,
)

_Z = (0.0, 0.0, 1.0)


class Species(AtomicData):
    """An isotope of the data files, by name ("88Sr").

    Wavelengths are vacuum wavelengths (m), frequencies angular (rad/s).  `polarization` is the light's
    Cartesian polarization (complex for $e^{-i\\omega t}$, any length), `axis` the quantisation axis
    (the magnetic field), m the sublevel along it; `variant` a named way to add up the
    polarizability (`variants`).  Unknown names raise `InputError` with the nearest known one.

    >>> sr = Species("88Sr")
    >>> round(sr.transition("1S0", "3P1").wavelength * 1e9, 2)
    689.45
    >>> round(float(sr.polarizability("1S0", 832.69e-9, variant="lines").au))
    274
    """

    def contributions(self, level: str, wavelength: float, *, variant: str = "full") -> dict[str, float]:
        """Scalar polarizability (C^2 m^2/J) of each line's other level, core and remainder, by name."""
        parts, omega = self._of_fine_structure(level, variant), float(_omega(wavelength))
        values = parts.scalar * 2 * parts.frequency / (parts.frequency**2 - omega**2)
        return dict(zip(parts.names, values.tolist(), strict=True))

    def polarizability(
        self,
        level: str,
        wavelength: ArrayLike,
        *,
        m: float = 0,
        polarization: ArrayLike = _Z,
        axis: ArrayLike = _Z,
        variant: str = "full",
        F: float | None = None,
    ) -> Polarizability:
        """Dynamic polarizability at the vacuum wavelengths (m, any shape; inf: static).

        With nuclear spin the sublevels are those of F: m is its projection, and the parts are those of J weighted with
        <F m|J_z|F m> and <F m|3 J_z^2 - J(J+1)|F m>, for shifts far below the hyperfine splitting and light far from
        every line on its scale.  With J = 1/2 linear polarization needs no F: all sublevels see the scalar part.

        The general theory of `atomcavity.species.polarizability`; with variant "yu2021" the microlaser
        paper's Eqs. 31 and 32 instead (m = 0, linear polarization only; vector part NaN).

        >>> print(Species("88Sr").polarizability("3P1", 914e-9, polarization=(1, 0, 0)))
        α = 260.9 a.u.: scalar 232.7, tensor 28.1 times 1
        """
        found, omega = self.level(level), _omega(wavelength)
        factors = self._factors(found, m, polarization, axis, F)
        if self.variant(variant).formula == "yu2021":
            along, across = self._yu2021(found, omega, m, polarization, variant)
            unknown_part = np.full_like(omega, math.nan if found.J else 0.0)
            parts = ((along + 2 * across) / 3, unknown_part, (across - along) / 3)
            cos2 = abs(np.dot(unit_vector(polarization, "polarization"), unit_axis(axis))) ** 2
            return combine(parts, factors, along * cos2 + across * (1 - cos2))
        return combine(self._of_fine_structure(level, variant).parts(omega), factors)

    def scalar_polarizability(self, level: str, wavelength: ArrayLike, *, variant: str = "full") -> Array:
        """The scalar part (C^2 m^2/J) alone: the mean over all sublevels, whatever the nuclear spin.

        >>> cs = Species("133Cs")
        >>> shift = [float(cs.scalar_polarizability(level, 935e-9)) for level in ("6p 2P3/2", "6s 2S1/2")]
        >>> round(shift[0] / shift[1], 2)  # magic for the D2 line but for the tensor part
        0.98
        """
        return np.asarray(self._of_fine_structure(level, variant).parts(_omega(wavelength))[0])

    def _factors(
        self, level: Level, m: float, polarization: ArrayLike, axis: ArrayLike, F: float | None = None
    ) -> tuple[float, float]:
        """Factors of the vector and the tensor part in a sublevel."""
        spin = self.nuclear_spin
        if spin == 0 or level.J == 0:
            require(F is None or level.J + spin == F, f"{level.name!r} of {self.name} has no F = {F!r}")
            return geometric_factors(level.J, m, polarization, axis)
        stretched = geometric_factors(level.J, level.J, polarization, axis)
        if F is None:
            require(
                stretched[0] == 0 and level.J == 0.5,
                f"the sublevels of {level.name!r} of {self.name} differ in this light: give F and m, or ask for "
                "scalar_polarizability",
            )
            return 0.0, 0.0
        vector, tensor = hyperfine_weights(level.J, spin, F, m)
        return stretched[0] * vector, stretched[1] * tensor

    def _aligned(self, level: Level, m: float, F: float | None) -> float:
        """Weight of the tensor part in light polarized along the axis."""
        if F is None or level.J < 1:
            return _tensor_weight(level, m)
        return hyperfine_weights(level.J, self.nuclear_spin, F, m)[1]

    def _yu2021(
        self, level: Level, omega: Array, m: float, polarization: ArrayLike, variant: str
    ) -> tuple[Array, Array]:
        self.completeness(level.full_name)
        linear = not math.isnan(_angle(polarization, _Z))
        require(
            m == 0 and level.J in (0, 1) and linear,
            f"variant {variant!r} is for m = 0 of J = 0 or 1 in linearly polarized light; "
            f"given m = {m:g} of J = {level.J:g}, polarization {polarization!r}",
        )
        return yu2021.polarizability(level, self.lines(level, self.variant(variant)), omega)

    def polarizability_imaginary(
        self,
        level: str,
        xi: ArrayLike,
        *,
        m: float = 0,
        polarization: ArrayLike = _Z,
        axis: ArrayLike = _Z,
        variant: str = "full",
    ) -> Polarizability:
        r"""Polarizability at the imaginary frequencies $i\xi$ ($\xi\ge0$ in rad/s, any shape).

        For the Casimir-Polder integrals.  The vector part, odd in frequency, does not enter them and is
        zero here; the polarization must be linear.  Variant "yu2021": its lines, no linewidths.
        """
        values = np.asarray(xi, dtype=float)
        require(bool(np.all(values >= 0)), "imaginary frequencies xi must not be negative")
        require(
            not math.isnan(_angle(polarization, axis)),
            "at imaginary frequency the polarization must be linear",
        )
        factors = self._factors(self.level(level), m, polarization, axis)
        scalar, tensor = self._of_fine_structure(level, variant).imaginary(values)
        return combine((scalar, np.zeros_like(scalar), tensor), factors)

    def differential(
        self,
        a: str,
        b: str,
        wavelength: float,
        *,
        m: float = 0,
        m_a: float = 0,
        polarization: ArrayLike = _Z,
        axis: ArrayLike = _Z,
        variant: str = "full",
        F: float | None = None,
        F_a: float | None = None,
    ) -> Differential:
        """Polarizabilities of a (sublevel m_a) and b (sublevel m), and the slopes of their difference.

        With nuclear spin the sublevels are those of F_a and F, as in `polarizability`.

        Variant "yu2021": its lines without linewidths (a relative 1e-12 off resonance).
        """
        omega = _omega(wavelength)
        angle = _angle(polarization, axis)
        values, slope, slope_angle = [], 0.0, 0.0
        for level, sublevel, total, sign in ((a, m_a, F_a, 1), (b, m, F, -1)):
            factors = self._factors(self.level(level), sublevel, polarization, axis, total)
            found = self._of_fine_structure(level, variant)
            values.append(float(combine(found.parts(omega), factors).total))
            slope += sign * float(combine(found.slopes(omega), factors).total)
            per_aligned = self._aligned(self.level(level), sublevel, total) * float(found.parts(omega)[2])
            slope_angle += sign * per_aligned * -3 * math.cos(angle) * math.sin(angle)
        return Differential(
            float(wavelength), angle, values[0], values[1], -slope * float(omega) / wavelength, slope_angle
        )

    def magic_wavelengths(
        self,
        a: str,
        b: str,
        *,
        between: tuple[float, float],
        m: float = 0,
        m_a: float = 0,
        polarization: ArrayLike = _Z,
        axis: ArrayLike = _Z,
        variant: str = "full",
        F: float | None = None,
        F_a: float | None = None,
    ) -> list[MagicPoint]:
        """All wavelengths in the range at which a (sublevel m_a) and b (sublevel m) are shifted alike.

        Ascending in wavelength; none is missed and no resonance is listed (`atomcavity.species.magic`).  With nuclear
        spin the sublevels are those of F_a and F, as in `polarizability`.  Raises `ConvergenceError` if a zero can not
        be confirmed.

        >>> (point,) = Species("88Sr").magic_wavelengths("1S0", "3P0", between=(780e-9, 850e-9))
        >>> print(point)
        814.348 nm: α = 285.79 a.u., slope 0.668 a.u./nm, 0 a.u./mrad at 0°
        """
        low, high = between
        require(0 < low < high < math.inf, f"between must be two ascending wavelengths in m, got {between!r}")
        poles, residues = [], []
        for level, sublevel, total, sign in ((a, m_a, F_a, 1), (b, m, F, -1)):
            factors = self._factors(self.level(level), sublevel, polarization, axis, total)
            position, strength = self._of_fine_structure(level, variant).poles(*factors)
            poles.append(position)
            residues.append(sign * strength)
        zeros = zeros_of_pole_sum(
            np.concatenate(poles), np.concatenate(residues), float(_omega(high)), float(_omega(low))
        )
        light = {"polarization": polarization, "axis": axis, "variant": variant}
        where = {"m": m, "m_a": m_a, "F": F, "F_a": F_a, **light}
        found = [2 * math.pi * const.c / zero for zero in reversed(zeros)]
        return [MagicPoint.of(self.differential(a, b, x, **where)) for x in found]  # type: ignore[arg-type]

    def magic_angles(
        self, a: str, b: str, wavelength: float, *, m: float = 0, m_a: float = 0, variant: str = "full"
    ) -> list[MagicPoint]:
        """Angles in [0, pi/2] between linear polarization and axis at which a and b are shifted alike.

        (With an angle, pi minus it is magic too.)
        """
        scalar, tensor = 0.0, 0.0
        for level, sublevel, sign in ((a, m_a, 1), (b, m, -1)):
            geometric_factors(self.level(level).J, sublevel, _Z, _Z)
            parts = self.oscillators(level, variant).parts(_omega(wavelength))
            scalar += sign * float(parts[0])
            tensor += sign * float(parts[2]) * _tensor_weight(self.level(level), sublevel)
        points = []
        for angle in aligned_zeros(scalar, tensor):
            axis = (0.0, math.sin(angle), math.cos(angle))
            difference = self.differential(a, b, wavelength, m=m, m_a=m_a, axis=axis, variant=variant)
            points.append(MagicPoint.of(difference))
        return points

    def light_shift_operator(
        self, level: str, wavelength: float, field: ArrayLike, *, axis: ArrayLike = _Z, variant: str = "full"
    ) -> operators.Complex:
        """Light shift (J) as a matrix (..., 2J+1, 2J+1) over m = -J ... J along `axis`.

        `field` is the complex Cartesian peak amplitude (..., 3) in V/m, real field Re(E exp(-i w t)); the
        field need not be aligned with the axis, nor have the same polarization everywhere.
        """
        return operators.shift_operator(self._operator(level, wavelength, axis, variant), _field(field))

    def scattering_rate(
        self,
        level: str,
        wavelength: float,
        field: ArrayLike,
        *,
        m: float = 0,
        axis: ArrayLike = _Z,
        variant: str = "full",
    ) -> Array:
        """Photons scattered per second, shape (...), from the field (..., 3), peak amplitude in V/m.

        Kramers-Heisenberg for all final sublevels of the same level (the whole rate for J = 0 up to
        the far weaker scattering into other levels, which is left out).  Variant "yu2021": Eq. 33
        of the microlaser paper as printed, for J = 0.

        >>> field = [0, 0, 1e6]                  # V/m along z: an intensity of 1.3e9 W/m^2
        >>> round(float(Species("88Sr").scattering_rate("1S0", 832.69e-9, field)), 4)
        0.2605
        """
        values, found = _field(field), self.level(level)
        omega = float(_omega(wavelength))
        if self.variant(variant).formula == "yu2021":
            require(found.J == 0, f"Eq. 33 (variant {variant!r}) is for a J = 0 level, given {found.name!r}")
            intensity = const.epsilon_0 * const.c / 2 * np.sum(np.abs(values) ** 2, axis=-1)
            return yu2021.scattering(self.lines(found, self.variant(variant)), omega, intensity)
        geometric_factors(found.J, m, _Z, axis)
        state = round(m + found.J)
        return operators.scattering(self._operator(level, wavelength, axis, variant), state, values, omega)

    def _operator(self, level: str, wavelength: float, axis: ArrayLike, variant: str) -> operators.Complex:
        parts = self.oscillators(level, variant).parts(_omega(wavelength))
        scalar, vector, tensor = (float(part) for part in parts)
        return operators.polarizability_operator(self.level(level).J, (scalar, vector, tensor), axis)


def _omega(wavelength: ArrayLike) -> Array:
    """Angular frequency (rad/s) of vacuum wavelengths (m)."""
    values = np.asarray(wavelength, dtype=float)
    require(bool(np.all(values > 0)), f"wavelength must be positive (in m), got {wavelength!r}")
    return np.asarray(2 * math.pi * const.c / values)


def _field(field: ArrayLike) -> operators.Complex:
    values = np.asarray(field, dtype=complex)
    require(
        values.ndim > 0 and values.shape[-1] == 3 and bool(np.all(np.isfinite(values))),
        f"field must be finite with three Cartesian components last, got shape {values.shape}",
    )
    return values


def _angle(polarization: ArrayLike, axis: ArrayLike) -> float:
    """Angle (rad, 0 ... pi/2) between linear polarization and axis; NaN for elliptical light."""
    u, b = unit_vector(polarization, "polarization"), unit_axis(axis)
    if np.linalg.norm(np.cross(u.conj(), u)) > 1e-12:
        return math.nan
    return math.atan2(float(np.linalg.norm(np.cross(u, b))), float(abs(np.dot(u, b))))


def _tensor_weight(level: Level, m: float) -> float:
    """(3 m^2 - J(J+1)) / (J(2J-1)), zero for J < 1."""
    j = level.J
    return (3 * m**2 - j * (j + 1)) / (j * (2 * j - 1)) if j >= 1 else 0.0
