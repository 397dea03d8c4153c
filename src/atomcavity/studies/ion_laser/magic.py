"""Where micromotion and magnetic field do not move the line: shifts against radio frequency and field."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.static import HERTZ, edge_shifts
from atomcavity.traps.crystal import Crystal
from atomcavity.traps.ion_shifts import pair_shifts
from atomcavity.traps.magic_radio import StatePair
from atomcavity.traps.tuned_radio import TunedRadioFrequency, tuned_radio_frequency

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Magic:
    """The lines of all F of a device's upper level; `ions` make the crystal on which the radio frequency is tuned."""

    device: Device
    ions: int = 300

    @cached_property
    def pairs(self) -> dict[float, StatePair]:
        """The line to |F, 0> for every F of the upper level."""
        device = self.device
        momenta = device.species.hyperfine(device.upper[0]).F
        return {F: dataclasses.replace(device, F=F).pair for F in momenta}

    def at_edge(self, radio_frequency: Real) -> dict[float, Real]:
        """Micromotion shift (Hz), leading order, at the edge of the continuous crystal, by F."""
        traps = [self.device.trap.at(float(omega)) for omega in radio_frequency]
        return {
            F: np.array([sum(edge_shifts(trap, pair, self.device.radius)) for trap in traps]) / HERTZ
            for F, pair in self.pairs.items()
        }

    @cached_property
    def crystal(self) -> Crystal:
        """A small crystal in the device's trap."""
        return self.device.trap.crystal(self.ions, starts=1)

    @cached_property
    def tuned(self) -> TunedRadioFrequency:
        """The radio frequency of the least micromotion shifts of that crystal."""
        return tuned_radio_frequency(self.crystal.scaled, self.device.trap, self.device.pair)

    def spread(self, radio_frequency: Real) -> Real:
        """Root mean square micromotion shift (Hz) of the crystal."""
        rows = [
            pair_shifts(self.crystal.scaled, self.device.trap.at(float(omega)), self.device.pair).micromotion
            for omega in radio_frequency
        ]
        return np.array([math.sqrt(float(np.mean(row**2))) for row in rows]) / HERTZ

    def against_field(self, F: float, field: Real) -> Real:
        """Frequency (Hz) of the line to |F, 0> less that at zero field, at magnetic fields (T)."""
        device = self.device
        (low, F_low, m_low), (up, _, m_up) = device.lower, device.upper
        lower, upper = device.species.hyperfine(low), device.species.hyperfine(up)

        def line(b: Real) -> Real:
            return np.asarray(upper.energy(F, m_up, b) - lower.energy(F_low, m_low, b))

        return (line(field) - line(np.zeros(1))) / HERTZ
