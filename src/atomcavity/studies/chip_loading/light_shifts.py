"""Shifts of the probed line by the light, and the blue wavelength without one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import h

from atomcavity.resonators.guided import GuidedMode
from atomcavity.species import ATOMIC_POLARIZABILITY
from atomcavity.species.polarizability import Polarizability
from atomcavity.studies.chip_loading.near_fields import REFINEMENT
from atomcavity.studies.chip_loading.static import Static

Array = NDArray[np.float64]

BETWEEN = (785e-9, 800e-9)
"""Where the magic wavelength is looked for (m)."""
Light = tuple[complex, complex, complex]
LIGHTS: dict[str, Light] = {
    "σ⁺": (1, 1j, 0),
    "σ⁻": (1, -1j, 0),
    "linear along the axis": (0, 0, 1),
    "linear across it": (1, 0, 0),
}
"""Polarizations with respect to the axis z of the pumped atom."""
SCALAR: Light = (math.sqrt(2), 0, 1)
"""Linear at the angle at which the tensor part vanishes."""


@dataclass(frozen=True)
class LightShifts:
    """Polarizabilities of both levels of the probed line, and what follows for the blue field in the trap."""

    static: Static

    def polarizabilities(self, wavelength: ArrayLike) -> tuple[Array, Array]:
        """Scalar ones (a.u.) of the lower and the upper level at wavelengths (m)."""
        device = self.static.device
        atom = device.experiment.atom
        lower, upper = (
            device.species.scalar_polarizability(level, wavelength) / ATOMIC_POLARIZABILITY
            for level in (atom.lower, atom.upper)
        )
        return lower, upper

    def ratio(self, wavelength: float) -> float:
        """Shift of the line over the potential of the lower level."""
        lower, upper = self.polarizabilities(wavelength)
        return float(upper / lower) - 1

    @cached_property
    def magic(self) -> tuple[float, ...]:
        """Wavelengths (m) at which both levels have one scalar polarizability, within `BETWEEN`."""
        return self.magic_closed(SCALAR)

    def slope(self, wavelength: float) -> float:
        """d(ratio)/d lambda (1/m)."""
        step = 1e-12
        return (self.ratio(wavelength + step) - self.ratio(wavelength - step)) / (2 * step)

    def mode(self, wavelength: float) -> GuidedMode:
        """The ring's mode at another wavelength (m)."""
        device = self.static.device
        polarization = device.experiment.waveguide.polarization
        return device.waveguide.mode(polarization, wavelength, refinement=REFINEMENT, keep=True)

    def power(self, energy: float, place: ArrayLike, wavelength: float) -> float:
        """Circulating power (W) of a running wave whose scalar potential of the lower level is `energy` (J) at a place (3,) (m)."""
        lower = float(self.polarizabilities(wavelength)[0]) * ATOMIC_POLARIZABILITY
        field = np.linalg.norm(self.mode(wavelength).field(place))
        return -4 * energy / (lower * float(field) ** 2)

    @cached_property
    def powers(self) -> tuple[float, float]:
        """For the device's blue field at the printed place: at the file's wavelength and at the magic one (W)."""
        device, place = self.static.device, self.static.trap
        energy = float(device.blue.energy(place))
        blue, magic = (
            self.power(energy, place, wavelength)
            for wavelength in (device.experiment.blue.wavelength, self.magic[0])
        )
        return blue, magic

    @cached_property
    def ellipticity(self) -> float:
        """|E* x E|/|E|^2 of the blue mode at the printed place: 1 for circular light."""
        field = self.mode(self.static.device.experiment.blue.wavelength).field(self.static.trap)
        return float(np.linalg.norm(np.cross(field.conj(), field)) / np.linalg.norm(field) ** 2)

    def vector(self, wavelength: float) -> float:
        """Vector over scalar polarizability of the pumped state in circular light."""
        total = self.stretched(wavelength, LIGHTS["σ⁺"])[0]
        return float(total.total / total.scalar) - 1

    def stretched(self, wavelength: float, light: Light) -> tuple[Polarizability, Polarizability]:
        """Of the closed transition's two states: |F, m = F> with the largest F of both levels."""
        species, atom = self.static.device.species, self.static.device.experiment.atom
        lower, upper = (
            species.polarizability(level, wavelength, m=F, F=F, polarization=light)
            for level, F in zip((atom.lower, atom.upper), self._largest, strict=True)
        )
        return lower, upper

    @property
    def _largest(self) -> tuple[float, float]:
        """F of both stretched states."""
        species, atom = self.static.device.species, self.static.device.experiment.atom
        lower, upper = (species.level(level).J + species.nuclear_spin for level in (atom.lower, atom.upper))
        return lower, upper

    def closed(self, wavelength: float, light: Light) -> float:
        """Shift of the closed transition over the potential of its lower state."""
        lower, upper = self.stretched(wavelength, light)
        return float(upper.total / lower.total) - 1

    def magic_closed(self, light: Light) -> tuple[float, ...]:
        """Magic wavelengths (m) of the closed transition within `BETWEEN`."""
        species, atom = self.static.device.species, self.static.device.experiment.atom
        lower, upper = self._largest
        found = species.magic_wavelengths(
            atom.lower,
            atom.upper,
            between=BETWEEN,
            m_a=lower,
            F_a=lower,
            m=upper,
            F=upper,
            polarization=light,
        )
        return tuple(point.wavelength for point in found)

    def belt_shift(self) -> float:
        """Scalar shift (Hz) of the line in the tweezer at four times its power, at the printed place, by the belt's light."""
        device = self.static.device
        power = device.experiment.feedback.power
        field = device.beams[0].field(self.static.trap) * math.sqrt(power)
        energy = -device.polarizability / 4 * float(np.sum(np.abs(field) ** 2))
        return self.ratio(device.experiment.belt.wavelength) * energy / h
