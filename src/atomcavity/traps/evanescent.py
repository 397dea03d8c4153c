"""The two-colour trap of evanescent fields around a microsphere.

Red-detuned light attracts, blue-detuned light with its shorter evanescent tail repels, the surface
attracts (Yu and Vollmer 2021, Eqs. 11-16): U = U_red + U_blue + U_surface with U = -alpha |E|^2/4 for each
colour, E the peak amplitude at the place, alpha that of the level's sublevel m along the magnetic field in light
of the polarization at the place (scalar, vector and tensor part). The field of a standing wave is the coherent sum
of its two running waves; potentials of different colours add. First order in the light: the Zeeman splitting is
taken as large against the light's mixing of the sublevels, U/hbar.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import InputError, require, unknown
from atomcavity.species.polarizability import geometric_factors, unit_axis
from atomcavity.traps.beam import Beam
from atomcavity.traps.minimum import TrapMinimum, equator
from atomcavity.traps.surface import SurfacePotential

if TYPE_CHECKING:
    from atomcavity.species import Species
    from atomcavity.traps.light import AroundRing, Lifetime
    from atomcavity.traps.sensitivity import ShiftSensitivity
    from atomcavity.traps.states import TrapStates

Array = NDArray[np.float64]

COLOURS = ("red", "blue")


@dataclass(frozen=True, eq=False)
class TwoColorTrap:
    """Atoms held by a red- and a blue-detuned beam outside a microsphere.

    species           a `Species`
    level             the level whose atoms are trapped ("1S0")
    red, blue         the two `Beam`s, in modes of one sphere
    surface           a `SurfacePotential`, or None to leave the surface out
    axis              direction of the magnetic field: the quantisation axis
    m                 sublevel of `level`
    polarizabilities  level -> (red, blue) in C^2 m^2/J: given numbers, scalar, in place of the species' own
    polarization      a direction that the light is taken to have everywhere (the microlaser paper: z);
                      None: the actual one at each place
    variant           the named line selection of the polarizability

    The trap's answers are `minimum()`, `sites`, `states()`, `lifetime()`, `shift(level)`, `around_ring(level)`.

    >>> from scipy.constants import h, k
    >>> from atomcavity.resonators import Microsphere
    >>> from atomcavity.species import Species
    >>> sphere = Microsphere(5.03e-6, 1.4555)
    >>> red = Beam(sphere.mode("TE", n=1, l=49, m=47), power=0.01, standing=True)
    >>> blue = Beam(sphere.mode("TE", n=1, l=109), power=0.02)
    >>> surface = SurfacePotential.from_c3(sphere.radius, 722.87e-18 * h)
    >>> trap = TwoColorTrap(Species("88Sr"), "1S0", red, blue, surface).with_minimum(depth=32e-6 * k, distance=137e-9)
    >>> print(trap.minimum())                                      # doctest: +ELLIPSIS
    minimum
      137.0 nm from the surface, depth 32 µK
    ...
    >>> trap.sites.shape
    (94, 3)
    """

    species: Species
    level: str
    red: Beam
    blue: Beam
    surface: SurfacePotential | None = None
    axis: ArrayLike = (0.0, 0.0, 1.0)
    m: float = 0
    polarizabilities: Mapping[str, tuple[float, float]] | None = None
    polarization: ArrayLike | None = None
    variant: str = "full"

    def __post_init__(self) -> None:
        radii = {self.red.mode.sphere.radius, self.blue.mode.sphere.radius}
        if self.surface is not None:
            radii.add(self.surface.radius)
        require(
            max(radii) - min(radii) <= 1e-12 * max(radii),
            f"the beams and the surface belong to different spheres, of radii {sorted(radii)} m",
        )
        object.__setattr__(self, "axis", unit_axis(self.axis))
        self.species.level(self.level)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for the record of results: species, beams, C_3 (J m^3) of the level, and the choices made."""
        given = self.polarizabilities
        return {
            "species": self.species.name,
            "level": self.level,
            "m": self.m,
            "red": self.red.to_dict(),
            "blue": self.blue.to_dict(),
            "c3": None if self.surface is None else self.surface.van_der_waals(self.level).scalar,
            "axis": np.asarray(self.axis).tolist(),
            "polarizabilities": None if given is None else {name: list(pair) for name, pair in given.items()},
            "polarization": None if self.polarization is None else np.asarray(self.polarization).tolist(),
            "variant": self.variant,
        }

    def __repr__(self) -> str:
        beams = ", ".join(
            f"{name} {beam.power * 1e3:g} mW in {beam.mode}"
            for name, beam in (("red", self.red), ("blue", self.blue))
        )
        return f"TwoColorTrap({self.species.name} {self.level}: {beams})"

    @property
    def radius(self) -> float:
        """Radius of the sphere (m)."""
        return self.red.mode.sphere.radius

    def light_potential(
        self, r: ArrayLike, level: str | None = None, *, m: float | None = None, beam: str | None = None
    ) -> Array:
        """U (J) of both beams, or of one (`beam` = "red" or "blue"), at Cartesian positions (..., 3) (m)."""
        if beam is not None and beam not in COLOURS:
            raise unknown("beam", beam, COLOURS)
        parts = [self._light(r, name, level, m) for name in COLOURS if beam in (None, name)]
        return np.asarray(sum(parts))

    def surface_potential(self, r: ArrayLike, level: str | None = None, *, m: float | None = None) -> Array:
        """U (J) of the surface's attraction at Cartesian positions (..., 3) (m); 0 without a surface."""
        position = np.asarray(r, dtype=float)
        if self.surface is None:
            return np.zeros(position.shape[:-1])
        name, sublevel = self._state(level, m)
        return self.surface.potential(position, name, m=sublevel, axis=self.axis)

    def potential(self, r: ArrayLike, level: str | None = None, *, m: float | None = None) -> Array:
        """U (J), shape (...), of an atom in `level` (default: the trapped one) at positions r (..., 3) (m).

        `m` defaults to the trap's m for the trapped level and to 0 for every other one.
        """
        return self.light_potential(r, level, m=m) + self.surface_potential(r, level, m=m)

    def _state(self, level: str | None, m: float | None) -> tuple[str, float]:
        name = self.level if level is None else level
        default = self.m if self.species.level(name) == self.species.level(self.level) else 0.0
        return name, default if m is None else m

    def _light(self, r: ArrayLike, beam: str, level: str | None, m: float | None) -> Array:
        light: Beam = getattr(self, beam)
        field = light.field(r)
        name, sublevel = self._state(level, m)
        if self.polarizabilities is not None:
            if name not in self.polarizabilities:
                raise unknown("level with given polarizabilities", name, self.polarizabilities)
            alpha = self.polarizabilities[name][COLOURS.index(beam)]
            return -alpha * np.sum(np.abs(field) ** 2, axis=-1) / 4
        if self.polarization is not None:
            amplitude = np.sqrt(np.sum(np.abs(field) ** 2, axis=-1))
            field = amplitude[..., None] * unit_axis(self.polarization).astype(complex)
        operator = self.species.light_shift_operator(
            name, light.wavelength, field, axis=self.axis, variant=self.variant
        )
        J = self.species.level(name).J
        geometric_factors(J, sublevel, self.axis, self.axis)  # refuses what is no sublevel
        k = round(sublevel + J)
        return np.real(operator[..., k, k])

    @cached_property
    def azimuth(self) -> float:
        """Azimuth (rad) of the first antinode of the red standing wave; 0 if the red beam is a running wave."""
        return self.red.antinode(self.red.wavelength / 6)

    def minimum(self) -> TrapMinimum:
        """The minimum on the equator at the red light's first antinode, or the reason why there is none."""
        return self._minimum

    @cached_property
    def _minimum(self) -> TrapMinimum:
        from atomcavity.traps.search import find_minimum

        return find_minimum(self)

    def require_minimum(self) -> TrapMinimum:
        """The minimum; `InputError` with the reason if the beams make no trap."""
        found = self.minimum()
        if not found:
            raise InputError(f"there is no trap: {found.reason}")
        return found

    def passages(self) -> dict[str, float]:
        """Energies above the bottom (J) at which the well opens: to the "surface", to "infinity" and to the
        neighbouring sites ("along phi", NaN if the red light is a running wave).

        The first two are the lowest passes in the section rho-theta through the minimum, at any theta, the
        third is that in the section rho-phi. The smallest is the depth to the lowest saddle.
        """
        from atomcavity.traps.search import find_passages

        return find_passages(self)

    @property
    def sites(self) -> Array:
        """Cartesian positions (m) of all 2 |m| sites of the red standing wave, shape (2 |m|, 3), by azimuth.

        Raises `InputError` if there is no trap, or if the red beam is a running wave (then it is a ring).
        """
        from atomcavity.traps.search import find_sites

        return find_sites(self)

    def states(self, count: int = 8) -> TrapStates:
        """Vibrational states along rho, theta and phi in the actual potential, and the harmonic frequencies."""
        from atomcavity.traps.states import trap_states

        return trap_states(self, count)

    def lifetime(self) -> Lifetime:
        """Photon scattering of the two beams at the minimum, the time to heat out of the trap, and tunnelling."""
        from atomcavity.traps.light import lifetime

        return lifetime(self)

    def around_ring(self, level: str, *, m: float = 0) -> AroundRing:
        """Shifts of the transition from the trapped level to `level` at every site of the ring."""
        from atomcavity.traps.light import around_ring

        return around_ring(self, level, m, self.sites)

    def shift(self, level: str, *, m: float = 0, averaged: bool = False) -> AroundRing:
        """The same at the minimum alone: red, blue and surface part of the transition's shift (rad/s).

        `averaged`: over the vibrational ground state instead of at the minimum.
        """
        from atomcavity.traps.light import around_ring, over_ground_state

        if averaged:
            return over_ground_state(self, level, m)
        return around_ring(self, level, m, self.require_minimum().position[None, :])

    def shift_sensitivity(self, level: str, *, m: float = 0) -> ShiftSensitivity:
        """How that shift follows each beam's power, with the atom held in place and with the trap's motion."""
        from atomcavity.traps.sensitivity import shift_sensitivity

        return shift_sensitivity(self, level, m)

    def with_powers(self, red: float, blue: float) -> TwoColorTrap:
        """The same trap with other powers (W)."""
        return dataclasses.replace(self, red=self.red.with_power(red), blue=self.blue.with_power(blue))

    def with_minimum(self, depth: float, distance: float) -> TwoColorTrap:
        """The trap with the two powers that put its minimum at `distance` (m) with U = -`depth` (J).

        U and dU/drho are linear in the powers: two equations with one solution. Raises `InputError` if a
        power would be negative, that is if no powers give this minimum with these modes and this surface.
        """
        require(depth > 0 and distance > 0, "depth (J) and distance (m) of the minimum must be positive")
        step = 1e-9
        r = equator(distance + step * np.arange(-2, 3), self.radius, self.azimuth)
        slope = np.array([1, -8, 0, 8, -1]) / (12 * step)
        unit = self.with_powers(1.0, 1.0)
        columns = [unit.light_potential(r, beam=name) for name in COLOURS]
        surface = self.surface_potential(r)
        matrix = np.array([[u[2] for u in columns], [slope @ u for u in columns]])
        red, blue = np.linalg.solve(matrix, [-depth - surface[2], -slope @ surface])
        require(
            red > 0 and blue > 0,
            f"no powers give a minimum of depth {depth:.3g} J at {distance:.3g} m: "
            f"they would be {red:.3g} W (red) and {blue:.3g} W (blue)",
        )
        total = red * columns[0] + blue * columns[1] + surface
        require(
            float(np.array([-1, 16, -30, 16, -1]) @ total) > 0,
            f"the powers {red:.3g} W (red) and {blue:.3g} W (blue) make a maximum, the top of the barrier, "
            f"at {distance:.3g} m, not a minimum",
        )
        return self.with_powers(float(red), float(blue))

    def plot(self, level: str | None = None) -> Any:
        """A figure of the potential: section rho-theta, section of the equatorial plane, and along rho."""
        from atomcavity.traps.plots import plot_trap

        return plot_trap(self, level)
