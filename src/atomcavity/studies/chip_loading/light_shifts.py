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
from atomcavity.studies.chip_loading.near_fields import REFINEMENT
from atomcavity.studies.chip_loading.static import Static

Array = NDArray[np.float64]

BETWEEN = (785e-9, 800e-9)
"""Where the magic wavelength is looked for (m)."""


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
        from scipy.optimize import brentq

        def difference(x: ArrayLike) -> Array:
            lower, upper = self.polarizabilities(x)
            return lower - upper

        grid = np.linspace(*BETWEEN, 3001)
        values = difference(grid)
        roots = []
        for k in np.flatnonzero(np.diff(np.sign(values))):
            root = float(brentq(difference, grid[k], grid[k + 1], xtol=1e-18))
            if abs(difference(root)) < np.min(np.abs(values[k : k + 2])):  # otherwise a resonance
                roots.append(root)
        return tuple(roots)

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

    def vector(self, wavelength: float, F: float = 4.0) -> float:
        """Vector over scalar polarizability of |F, m = F> of the lower level in circular light."""
        device = self.static.device
        level = device.experiment.atom.lower
        total = device.species.polarizability(level, wavelength, m=F, F=F, polarization=(1.0, 1.0j, 0.0))
        return float(total.total / total.scalar) - 1

    def belt_shift(self) -> float:
        """Scalar shift (Hz) of the line in the tweezer at four times its power, at the printed place, by the belt's light."""
        device = self.static.device
        power = device.experiment.feedback.power
        field = device.beams[0].field(self.static.trap) * math.sqrt(power)
        energy = -device.polarizability / 4 * float(np.sum(np.abs(field) ** 2))
        return self.ratio(device.experiment.belt.wavelength) * energy / h
