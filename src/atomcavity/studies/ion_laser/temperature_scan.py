"""The lasers of one upper state at all confinements over the temperature, and a small true crystal beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.studies.ion_laser.phonons import Phonons
from atomcavity.studies.ion_laser.temperature import WarmLaser, doppler_limit
from atomcavity.traps.crystal import Crystal, find_crystal

Real = NDArray[np.float64]

IONS, FEW = 400, 200  # of the small crystal


@dataclass(frozen=True)
class TemperatureScan:
    """`lasers` in the order of their confinement; `lines`: name of a cooling or pump line -> natural decay of its upper level (1/s).

    pump_wavelength  of the light that excites the lower lasing state (m)
    """

    lasers: Sequence[WarmLaser]
    lines: Mapping[str, float]
    pump_wavelength: float
    quick: bool = False

    @cached_property
    def temperatures(self) -> Real:
        """10 uK to 100 mK (K)."""
        return np.geomspace(1e-5, 0.1, 41 if self.quick else 81)

    @cached_property
    def crystal(self) -> Crystal:
        """A small spherical crystal."""
        return find_crystal(1.0, FEW if self.quick else IONS, starts=2)

    @cached_property
    def phonons(self) -> Phonons:
        """Its modes."""
        return Phonons.of(self.crystal)

    @property
    def softness(self) -> Real:
        """<z^2> of each ion of the small crystal in k T/(m omega_z^2) (classical): 1 for an ion that moves alone, (ion,)."""
        modes = self.phonons
        return np.asarray(np.einsum("n,ni->i", modes.frequency**-2.0, modes.vector[:, :, 2] ** 2))

    @property
    def limits(self) -> dict[str, float]:
        """Doppler limits (K) of the lines."""
        return {name: doppler_limit(rate) for name, rate in self.lines.items()}
