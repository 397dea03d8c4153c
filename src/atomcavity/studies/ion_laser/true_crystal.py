"""A true crystal in the laser: every ion with its own coupling and shifts, beside the continuous crystal and groups."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics import Linearised
from atomcavity.dynamics.api import spectrum
from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.ensemble import Ensemble
from atomcavity.traps.crystal import Crystal
from atomcavity.traps.ion_shifts import IonShifts, ion_shifts

Real = NDArray[np.float64]

_PLACES = 16  # of the crystal along the standing wave
_FEW = 4  # of them, where there is much to do


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

    def ions(self, offset: float = 0.0, *, shifted: bool = True, waist: float | None = None) -> Ensemble:
        """One group for each ion, the crystal moved along the standing wave by `offset` (m); another waist (m) if given."""
        device = self.device
        mode = device.mode if waist is None else device.mode_with(waist)
        coupling = device.coupling(self.crystal.positions + np.array([0.0, 0.0, offset]), mode)
        g = np.abs(coupling.g[:, 0])
        return Ensemble.with_rates(device, np.ones(len(g)), g, self.spread * shifted)

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
    def groups(self) -> Ensemble:
        """The ions at offset 0 in the file's number of groups of (g, shift)."""
        device = self.device
        system = device.crystal_system(self.crystal, groups=device.experiment.groups, shifts=self.spread)
        return Ensemble.of(system, device.experiment.pump.xi)

    @cached_property
    def width(self) -> float:
        """Full width (rad/s) of the line by phase diffusion, by those groups at the pump rate of `powers`."""
        found = spectrum(self.groups.system(self.device.pump_rate), method=Linearised())
        return float(-2 * found.poles[0].real)

    def against_pump(self, points: int) -> Curves:
        """Powers at so many pump rates up to beyond the upper threshold."""
        device = self.device
        pump = np.linspace(0.02, 1.1, points) * float(device.continuum.thresholds(device.zeta)[1])
        offsets = self.offsets[:: _PLACES // _FEW]
        still = np.array([self.ions(each, shifted=False).power(pump) for each in offsets])
        shifted = np.array([self.ions(each).power(pump) for each in offsets])
        even = device.continuum.power(pump, np.full(points, device.zeta))
        return Curves(pump, even, still, shifted, self.groups.power(pump))

    def against_waist(self, zetas: Real) -> tuple[Real, Real]:
        """Largest powers (W) over the pump rate without and with shifts, mean over places."""
        found = []
        for zeta in zetas:
            waist = float(zeta) * self.device.radius
            rows = [
                [float(self.ions(each, shifted=on, waist=waist).optimum()[1]) for on in (False, True)]
                for each in self.offsets[:: _PLACES // _FEW]
            ]
            found.append(np.mean(rows, axis=0))
        still, shifted = np.array(found).T
        return still, shifted


class Curves(NamedTuple):
    """Powers (W) over the pump rate (1/s): of the continuous crystal, and (place, pump) of the true one without and with
    its shifts; with shifts by groups at the first place.
    """

    pump: Real
    continuous: Real
    still: Real
    shifted: Real
    groups: Real
