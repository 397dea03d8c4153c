"""A true crystal in the laser: every ion with its own coupling and shifts, beside the continuous crystal and groups."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics import Linearised, MeanField
from atomcavity.dynamics.api import spectrum, steady_state
from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.ensemble import Ensemble
from atomcavity.traps.crystal import Crystal
from atomcavity.traps.ion_shifts import IonShifts, ion_shifts

Real = NDArray[np.float64]

_PLACES = 16  # of the crystal along the standing wave


@dataclass(frozen=True, eq=False)
class TrueCrystal:
    """The crystal in the device's trap and mode; the device has as many ions as the crystal (see `of`)."""

    device: Device
    crystal: Crystal

    @classmethod
    def of(cls, device: Device, crystal: Crystal) -> TrueCrystal:
        """The device with the ions of a crystal of the scaled problem, or of the same trap at any confinement."""
        trap = device.experiment.trap.model_copy(update={"ions": crystal.ions})
        other = dataclasses.replace(device, experiment=device.experiment.model_copy(update={"trap": trap}))
        placed = dataclasses.replace(crystal, length=other.trap.length, charge=other.trap.charge)
        return cls(other, placed)

    @cached_property
    def shifts(self) -> IonShifts:
        """The shifts of every ion."""
        device = self.device
        return ion_shifts(self.crystal, device.trap, device.species, device.lower, device.upper)

    @property
    def spread(self) -> Real:
        """The total shift of every ion less their mean (rad/s): the cavity is tuned to the rest."""
        return self.shifts.total - self.shifts.total.mean()

    @cached_property
    def offsets(self) -> Real:
        """Displacements of the crystal along the standing wave (m), over the half wavelength in which g^2 repeats."""
        return np.arange(_PLACES) / _PLACES * self.device.line.wavelength / 2

    def ions(self, offset: float = 0.0, *, shifted: bool = True) -> Ensemble:
        """One group for each ion, the crystal moved along the standing wave by `offset` (m)."""
        device = self.device
        g = np.abs(device.coupling(self.crystal.positions + np.array([0.0, 0.0, offset])).g[:, 0])
        shift = self.spread if shifted else np.zeros(len(g))
        rest = device.mode.kappa, device.line.gamma, device.experiment.pump.xi, device.line.frequency
        return Ensemble(np.ones(len(g)), g, shift, *rest)

    @cached_property
    def powers(self) -> Real:
        """Power (W) at each of `offsets`, with shifts, at the pump rate of the continuous crystal's largest power."""
        return np.array([float(self.ions(each).power(self.device.pump_rate)) for each in self.offsets])

    @cached_property
    def still(self) -> Real:
        """The same without shifts."""
        w = self.device.pump_rate
        return np.array([float(self.ions(each, shifted=False).power(w)) for each in self.offsets])

    @cached_property
    def continuous(self) -> float:
        """Power (W) of the continuous crystal of as many ions at that pump rate, without shifts."""
        return float(self.device.continuum.power(self.device.pump_rate, self.device.zeta))

    @property
    def deviation(self) -> tuple[float, float]:
        """Smallest and largest relative difference of `still` from the continuous crystal."""
        relative = self.still / self.continuous - 1
        return float(relative.min()), float(relative.max())

    @property
    def lost(self) -> float:
        """Part of the power that the shifts take, mean over `offsets`."""
        return 1 - float(self.powers.mean() / self.still.mean())

    @cached_property
    def grouped(self) -> tuple[float, float]:
        """Power (W) and full width of the line (rad/s) by the file's number of groups of (g, shift), at offset 0."""
        from scipy.constants import hbar

        device = self.device
        system = device.crystal_system(self.crystal, groups=device.experiment.groups, shifts=self.spread)
        photons = steady_state(system, method=MeanField()).photon_number[0]
        width = -2 * spectrum(system, method=Linearised()).poles[0].real
        return float(hbar * device.line.frequency * device.mode.kappa * photons), float(width)
