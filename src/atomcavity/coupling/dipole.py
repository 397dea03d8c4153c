r"""Coupling of an atom's electric dipole to the modes of a resonator.

With the mode's field per photon E (E-hat = E a e^{-i omega t} + h.c.), the sublevel |F, m> of the lower level and
|F', m'> of the upper one, q = m' - m = 0 (pi light), +-1 (sigma light),

    g_m' = d_m' . E(r)/hbar,   d_m' = mu <F m, 1 q|F' m'> e_q^*,   mu^2 = 3 pi eps_0 hbar c^3 gamma/omega^3,

e_0 = b (the quantisation axis) and e_(+-1) = -+(x' +- i y')/sqrt 2, so that H/hbar = g a sigma^+ + g^* a^+ sigma
and |g| is half the vacuum Rabi splitting.  Two kinds of lines are known:

J = 0 to J = 1 of a nucleus without spin.  The Clebsch-Gordan coefficients <0 0, 1 m'|1 m'> are one: the three upper
sublevels share the light, sum_m' |g_m'|^2 = mu^2 |E|^2/hbar^2.  For z-polarized light and an axis at the angle theta
from z, g_0 carries cos theta: it is Eq. 17-19 of Yu and Vollmer 2021, g = sqrt(F kappa gamma)/2 with
F = 3 Q lambda^3 cos^2(theta)/(4 pi^2 V).

J = 0 to J = 0, opened by the nuclear spin I (the clock lines of fermions): F = F' = I.  The pi line m to m has
<F m, 1 0|F m> = m/sqrt(F(F+1)): 9/11 of mu^2 for m = F = 9/2, and the rest of gamma is decay to m - 1.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.coupling import merit
from atomcavity.coupling.averages import emitter_positions, mean_field, mode_tuple
from atomcavity.errors import InputError, require
from atomcavity.numerics.wigner import clebsch_gordan
from atomcavity.species.model import HyperfineInducedLine
from atomcavity.species.operators import local_axes
from atomcavity.species.polarizability import unit_axis
from atomcavity.units import axis as axis_of

if TYPE_CHECKING:
    from atomcavity.coupling.averages import Mode
    from atomcavity.species import Transition
    from atomcavity.traps import TrapStates

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

POLARIZATIONS = (-1, 0, 1)
"""q of the sigma-, pi and sigma+ transitions, m to m + q."""


@dataclass(frozen=True, eq=False)
class Coupling:
    """Couplings of emitters at `positions` to `modes`, in rad/s.

    transition  the `Transition`, J = 0 to J = 1 or a `HyperfineInducedLine`
    modes       the modes, in the order of the second index of g
    positions   (emitter, 3) Cartesian (m)
    zeeman      sublevel of the upper level -> g from the lower sublevel, complex (emitter, mode), at the same field
    m           the upper sublevel that `g` means
    axis        (3,) the quantisation axis, direction of the magnetic field
    """

    transition: Transition
    modes: tuple[Mode, ...]
    positions: Array
    zeeman: Mapping[float, Complex]
    m: float
    axis: Array

    @property
    def lower_m(self) -> float:
        """The sublevel of the lower level: m = 0 of J = 0, or m for the line between two nuclear spins."""
        return self.m if self.transition.momenta[0] else 0

    @property
    def g_factors(self) -> tuple[float, float]:
        """g (lower, upper) of the linear Zeeman shifts of the sublevels, in Bohr magnetons."""
        return self.transition.g_factors

    @property
    def g(self) -> Complex:
        """g of sublevel m, complex (emitter, mode), rad/s: H/hbar = g a sigma^+ + h.c."""
        return self.zeeman[self.m]

    @property
    def gamma(self) -> float:
        """Population decay rate of the transition (rad/s)."""
        return self.transition.gamma

    @property
    def frequency(self) -> float:
        """Angular frequency of the transition (rad/s)."""
        return self.transition.frequency

    @property
    def detunings(self) -> Array:
        """Mode frequency minus transition frequency (rad/s), shape (mode,)."""
        return np.array([mode.frequency for mode in self.modes]) - self.frequency

    @property
    def saturation_photons(self) -> Array:
        """gamma^2/(4 |g|^2), (emitter, mode): the microlaser paper's N_p^s."""
        return merit.saturation_photons(self.g, self.gamma)

    def cooperativity(self, kappa: float) -> Array:
        """4 |g|^2/(kappa gamma), (emitter, mode), for the photon-number decay rate kappa (rad/s).

        The microlaser paper's script C = 1/(2 N_a^c) is half of it, its Purcell factor F is the same number.
        """
        return merit.cooperativity(self.g, kappa, self.gamma)

    def purcell(self, kappa: float) -> Array:
        """Emission into the mode over natural decay, on resonance and for g << kappa: equals `cooperativity`."""
        return self.cooperativity(kappa)

    def critical_atoms(self, kappa: float) -> Array:
        """kappa gamma/(4 |g|^2), (emitter, mode): the microlaser paper's N_a^c."""
        with np.errstate(divide="ignore"):
            return 1 / self.cooperativity(kappa)

    def zeeman_shift(self, m: float, field: float) -> float:
        r"""Linear Zeeman shift (rad/s) of the line from the lower sublevel to the upper sublevel m at the field B (T).

        $(g'm - g\,m_l)\mu_BB/\hbar$ with the g-factors g' of the upper and g of the lower level (zero for J = 0
        without nuclear spin). `InputError` for a line whose g-factors the data file does not have.
        """
        if field == 0:
            return 0.0
        lower, upper = self.g_factors
        shift = (upper * m - lower * self.lower_m) * const.value("Bohr magneton") * field / const.hbar
        require(
            np.isfinite(shift),
            f"the g-factors of {self.transition.name} are not known: give no magnetic field",
        )
        return shift

    def close_sublevels(self, field: float, width: float) -> dict[float, float]:
        """Shifts (rad/s), relative to sublevel m, of the other coupled sublevels closer than `width` (rad/s).

        With `width` the larger one of |g| and kappa they take part in the dynamics: two levels are not enough.
        """
        found = {}
        for other, g in self.zeeman.items():
            shift = self.zeeman_shift(other, field) - self.zeeman_shift(self.m, field)
            if other != self.m and abs(shift) < width and np.any(np.abs(g) > 1e-6 * np.abs(self.g).max()):
                found[other] = shift
        return found

    def close_lower_sublevels(self, field: float, width: float) -> dict[float, float]:  # noqa: ARG002  (for quadrupole lines)
        """Other lower sublevels to which the upper one may go through the modes; of a dipole line from J = 0: none."""
        return {}

    def with_phases(self, phases: str | ArrayLike) -> Coupling:
        """The same moduli with other phases: an array (emitter, mode) in rad, or "printed".

        "printed" is the microlaser paper's exp(+-i k_0 rho phi) with the vacuum wave number k_0 of the transition,
        the emitter's radius rho and azimuth phi (-pi to pi), + for modes with m > 0 and - for those with m < 0.
        The modes' own phase is m phi: `couple` gives that.
        """
        if isinstance(phases, str):
            require(
                phases == "printed", f"phases = {phases!r}; the only named phases are 'printed', others are an array"
            )  # fmt: skip
            x, y, _ = self.positions.T
            orders = [getattr(mode, "m", None) for mode in self.modes]
            require(None not in orders, "phases = 'printed' is for modes that run around a sphere")
            signs = np.sign(np.array(orders, dtype=float))
            path = 2 * np.pi / self.transition.wavelength * np.linalg.norm(self.positions, axis=1)
            angles = (path * np.arctan2(y, x))[:, None] * signs
        else:
            angles = np.asarray(phases, dtype=float)
        if angles.shape != self.g.shape:
            raise InputError(
                f"phases of shape {angles.shape}; they must have one value an emitter and mode, {self.g.shape}"
            )
        turn = np.exp(1j * (angles - np.angle(self.g)))  # the sublevels keep their phases relative to m
        return self._times(turn)

    def with_strength(self, g: float) -> Coupling:
        """The same pattern scaled so that the largest |g| of sublevel m is `g` (rad/s), for example a printed value."""
        require(g > 0, f"g = {g!r} must be positive (rad/s)")
        strongest = max(float(np.abs(each).max()) for each in self.zeeman.values())
        largest = float(np.abs(self.g).max())
        require(
            largest > 1e-9 * strongest,
            f"sublevel m = {self.m} does not couple to these modes here: nothing to scale to {g:g} rad/s",
        )
        return self._times(g / largest)

    def _times(self, factor: complex | Complex) -> Coupling:
        return dataclasses.replace(self, zeeman={m: factor * g for m, g in self.zeeman.items()})

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        lines = [f"{self._line_name()}, {len(self.positions)} emitter(s), {len(self.modes)} mode(s)"]
        largest = max(float(np.abs(g).max()) for g in self.zeeman.values())
        scale, unit = axis_of(largest, "angular")
        for m, g in self.zeeman.items():
            low, high = np.abs(g).min() * scale, np.abs(g).max() * scale
            text = f"{high:.4g}" if high - low <= 5e-4 * high else f"{low:.4g} ... {high:.4g}"
            sign = "+" if m > 0 else "" if m else " "
            lines.append(
                f"  m = {sign}{Fraction(m)}: |g|/2π = {text} {unit}" + ("  <- g" if m == self.m else "")
            )
        return "\n".join(lines)

    def _line_name(self) -> str:
        return self.transition.name


def couple_dipole(
    transition: Transition,
    modes: Iterable[Mode],
    *,
    at: ArrayLike,
    axis: ArrayLike = (0.0, 0.0, 1.0),
    m: float = 0,
    wave_function: ArrayLike | TrapStates | None = None,
    micromotion: ArrayLike | None = None,
) -> Coupling:
    """The `Coupling` of an electric-dipole line: `coupling.couple` says the rest."""
    lower, upper = _sublevels(transition, m)
    positions, modes = emitter_positions(at), mode_tuple(modes)
    field = np.stack([mean_field(mode, positions, wave_function, micromotion) for mode in modes], axis=1)
    mu, (F, F_upper) = dipole_moment(transition), transition.momenta
    zeeman = {
        lower + q: mu
        * clebsch_gordan(F, lower, 1, q, F_upper, lower + q)
        / const.hbar
        * np.einsum("umi,i->um", field, vector.conj())
        for q, vector in zip(POLARIZATIONS, spherical_vectors(axis), strict=True)
        if lower + q in upper
    }
    return Coupling(transition, modes, positions, zeeman, m, unit_axis(axis))


def _sublevels(transition: Transition, m: float) -> tuple[float, list[float]]:
    """The lower sublevel from which g of the upper sublevel m starts, and all upper sublevels."""
    name, spin, momenta = transition.name, transition.nuclear_spin, transition.momenta
    induced = isinstance(transition, HyperfineInducedLine)
    require(
        induced or spin == 0,
        f"{name} of an isotope with nuclear spin {Fraction(spin)} has hyperfine structure, which couple() does not know; "
        "it knows the clock line that the nuclear spin induces",
    )
    require(
        induced or momenta == (0, 1),
        f"{name} is J = {momenta[0]:g} to J = {momenta[1]:g}; couple() knows J = 0 to J = 1 and the clock lines only",
    )
    twice = round(2 * momenta[1])
    lowest = -momenta[1] if twice % 2 else -twice // 2  # halves are floats, whole sublevels integers
    upper = [lowest + k for k in range(twice + 1)]
    letter = "F" if induced else "J"
    require(
        m in upper,
        f"m = {m!r} is not a sublevel of {letter} = {Fraction(momenta[1])} "
        f"({', '.join(str(Fraction(each)) for each in upper)})",
    )
    return (m if induced else 0), upper


def dipole_moment(transition: Transition) -> float:
    """mu (C m), the reduced matrix element over sqrt(2 F_upper + 1): mu^2 = 3 pi eps_0 hbar c^3 gamma/omega^3.

    It is the dipole moment of each of the three transitions of J = 0 to J = 1, and what the Clebsch-Gordan
    coefficients multiply in general.
    """
    return transition.dipole / math.sqrt(2 * transition.momenta[1] + 1)


def spherical_vectors(axis: ArrayLike) -> Complex:
    """e_-1, e_0, e_+1 (rows, Cartesian) about `axis`, in the frame `species.operators.local_axes`."""
    x, y, z = local_axes(axis).T
    vectors: Complex = np.array([(x - 1j * y) / np.sqrt(2), z, -(x + 1j * y) / np.sqrt(2)])
    return vectors
