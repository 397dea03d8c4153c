r"""The conveyor belt: two interfering beams of one wavelength, the one's phase and power functions of time.

$U=-\frac\alpha4\left(P_t|E_t|^2+P_b|E_b|^2+2\sqrt{P_tP_b}\,\mathrm{Re}[E_t^*\cdot E_be^{i\phi(t)}]\right)$: four static
tables (or analytic beams) and three time laws.  With $\phi=2\pi\int\Delta\nu\,dt$ and $E_t\sim e^{-ikz}$, $E_b\sim e^{ikz}$ the
antinodes lie where $2kz+\phi$ is a multiple of $2\pi$: they move down, by $d=\lambda/2$ a cycle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import number, require
from atomcavity.traps.potential import EVERYWHERE, Box, Grid, Potential, Term
from atomcavity.traps.time_law import TimeLaw

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GaussianBeam:
    r"""A beam along z in free space: $E=E_0\,\mathbf e\,q\,e^{\pm ik(z-z_f)-q r^2/w_0^2}$, $q=1/[1\pm i(z-z_f)/z_R]$.

    amplitude     peak amplitude E_0 (V/m) in the focus, complex
    wavelength    in vacuum (m)
    waist         1/e radius of the field in the focus, w_0 (m); infinite: a plane wave
    upwards       along +z or, False, along -z
    focus         (x, y, z) (m)
    polarization  a vector (3,), complex allowed

    Paraxial: good for waists of some wavelengths and more.
    """

    amplitude: complex
    wavelength: float
    waist: float = math.inf
    upwards: bool = True
    focus: tuple[float, float, float] = (0.0, 0.0, 0.0)
    polarization: tuple[complex, complex, complex] = (1.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        require(self.wavelength > 0, f"wavelength = {self.wavelength!r} must be positive (m)")
        require(self.waist > 0, f"waist = {self.waist!r} must be positive (m)")
        require(bool(np.linalg.norm(self.polarization) > 0), "polarization must not be zero")

    @property
    def unit_polarization(self) -> NDArray[np.complex128]:
        """The polarization at unit length (3,)."""
        vector = np.asarray(self.polarization, dtype=complex)
        return np.asarray(vector / np.linalg.norm(vector))

    @property
    def numbers(self) -> tuple[float, ...]:
        """As the kernel takes them."""
        e, k = complex(self.amplitude), 2 * math.pi / self.wavelength
        return (e.real, e.imag, self.waist**-2, k, 1.0 if self.upwards else -1.0, *map(float, self.focus))

    def field(self, r: ArrayLike) -> NDArray[np.complex128]:
        """Complex E (..., 3) in V/m at r (..., 3) in m."""
        from atomcavity.traps.potential_kernel import gaussian

        places = np.asarray(r, dtype=float)
        p = np.array([self.numbers])
        scalar = np.array([gaussian(p, 0, 0, *place)[0] for place in places.reshape(-1, 3)])
        return np.asarray(scalar.reshape(*places.shape[:-1], 1) * self.unit_polarization)


@runtime_checkable
class FieldTable(Protocol):
    """What the belt needs of a `FieldMap`."""

    @property
    def y(self) -> Any:
        """Evenly spaced coordinates across the waveguide (m)."""

    @property
    def z(self) -> Any:
        """Evenly spaced heights (m)."""

    @property
    def E(self) -> Any:
        """Complex field (component, y, z) in V/m."""


@dataclass(frozen=True, eq=False)
class ConveyorBelt(Potential):
    """Atoms held at the antinodes of a beam from the top and one from the bottom.

    top, bottom     two `GaussianBeam`s, or two `FieldMap`s on one grid
    polarizability  alpha (C^2 m^2/J), scalar
    phase           of the bottom beam against the top one (rad): a number or a `TimeLaw`; for a detuning of the bottom
                    beam of nu Hz `TimeLaw.constant(nu).phase()`, which moves the sites down, towards the chip
    power           of the top beam, relative to the fields given: a number or a `TimeLaw`
    bottom_power    of the bottom beam

    >>> beam = dict(amplitude=1e5, wavelength=935e-9)
    >>> belt = ConveyorBelt(GaussianBeam(**beam, upwards=False), GaussianBeam(**beam), polarizability=5e-38,
    ...                     phase=TimeLaw.constant(50e3).phase())
    >>> round(float(belt.velocity()) * 1e3, 2)                     # nm/us
    -23.38
    """

    top: GaussianBeam | FieldTable
    bottom: GaussianBeam | FieldTable
    polarizability: float
    phase: TimeLaw | float = 0.0
    power: TimeLaw | float = 1.0
    bottom_power: TimeLaw | float = 1.0

    def __post_init__(self) -> None:
        number(self.polarizability, "polarizability")
        kinds = {isinstance(beam, GaussianBeam) for beam in (self.top, self.bottom)}
        require(len(kinds) == 1, "the belt's beams are two GaussianBeams or two field maps")
        if True not in kinds:
            same = all(np.array_equal(getattr(self.top, c), getattr(self.bottom, c)) for c in ("y", "z"))
            require(
                same,
                "the two field maps of a belt must lie on one grid: one region and one spacing for both in scatter, or the "
                "same points in both files",
            )
        waves = [getattr(beam, "wavelength", None) for beam in (self.top, self.bottom)]
        require(
            waves[0] == waves[1],
            f"the beams of a belt have one wavelength, not {waves[0]!r} and {waves[1]!r} m",
        )

    @property
    def uniform(self) -> bool:  # type: ignore[override]
        """Whether the light does not depend on x: field maps and plane waves."""
        return self._grid is not None or all(
            math.isinf(beam.waist) for beam in (self.top, self.bottom) if isinstance(beam, GaussianBeam)
        )

    @property
    def region(self) -> Box:  # type: ignore[override]
        """Where the fields are known."""
        return EVERYWHERE if self._grid is None else self._grid.region

    @property
    def spacing(self) -> float:
        """Distance of the sites in free space, half a wavelength (m)."""
        return float(self.top.wavelength) / 2  # type: ignore[union-attr]

    def velocity(self, time: float = 0.0) -> float:
        """Speed of the sites in free space along z (m/s): minus the rate of the phase over 2 k."""
        eps = 1e-9
        law = TimeLaw.of(self.phase)
        return -float(law(time + eps) - law(time)) / eps / (2 * math.pi) * self.spacing

    @cached_property
    def _grid(self) -> Grid | None:
        if isinstance(self.top, GaussianBeam) or isinstance(self.bottom, GaussianBeam):
            return None
        top, bottom = np.asarray(self.top.E), np.asarray(self.bottom.E)
        cross = 2 * np.sum(top.conj() * bottom, axis=0)
        intensities = [np.sum(np.abs(e) ** 2, axis=0) for e in (top, bottom)]
        values = np.stack([*intensities, cross.real, cross.imag], axis=-1)
        return Grid.through(np.asarray(self.top.y), np.asarray(self.top.z), -self.polarizability / 4 * values)

    @property
    def terms(self) -> tuple[Term, ...]:
        """One term with three laws."""
        from atomcavity.traps.potential_kernel import BEAMS, TABLE

        laws = tuple(TimeLaw.of(law) for law in (self.power, self.bottom_power, self.phase))
        if isinstance(self.top, GaussianBeam) and isinstance(self.bottom, GaussianBeam):
            overlap = complex(np.vdot(self.top.unit_polarization, self.bottom.unit_polarization))
            scale = -self.polarizability / 4
            numbers = (scale, overlap.real, overlap.imag, *self.top.numbers, *self.bottom.numbers)
            return (Term(BEAMS, numbers, laws),)
        grid = self._grid
        assert grid is not None
        numbers = (grid.origin[0], 1 / grid.steps[0], grid.origin[1], 1 / grid.steps[1])
        return (Term(TABLE, numbers, laws, grid),)
