"""What pumping through other levels does to the laser: the eliminated level (App. A) and all sublevels of Fig. 3."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar

from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.elimination import Intermediate, Pumped, lasing
from atomcavity.studies.ion_laser.power import PICO
from atomcavity.studies.ion_laser.pumping import Driven, Scheme

Real = NDArray[np.float64]

PUMPS = (15.0, 150.0)
"""Pump rates (1/s) at which the level between is kept: near the paper's optima for the weakest and strongest trap."""
GROUPS = 1
"""Groups of the crystal with the level between: more change the errors by a few per cent of themselves."""


@dataclass(frozen=True)
class Elimination:
    """The level that the pump goes through, kept or eliminated, for a device."""

    device: Device

    @property
    def decay(self) -> float:
        """Gamma (1/s) of the level that is pumped through."""
        return sum(line.gamma for line in self.device.species.decays(self.device.experiment.pump.through))

    def level(self, decay: float, detuning: float = 0.0) -> Intermediate:
        """The level between with a decay (1/s) and a detuning of the pump (rad/s)."""
        return Intermediate(self.device.experiment.pump.xi, decay, detuning)

    def errors(self, pump: float, ratios: Sequence[float], *, groups: int = GROUPS) -> Real:
        """(power with the level eliminated)/(with it kept) - 1 where V/Gamma has the ratios."""
        system = self.device.system(pump, groups=groups)
        two = lasing(system).photons
        decays = [pump * (1 + self.device.experiment.pump.xi) / ratio**2 for ratio in ratios]
        return np.array([two / lasing(self.level(each).kept(system)).photons - 1 for each in decays])

    def error(self, pump: float) -> float:
        """`errors` of the true level."""
        ratio = math.sqrt(pump * (1 + self.device.experiment.pump.xi) / self.decay)
        return float(self.errors(pump, [ratio])[0])

    def shifted(self, pump: float, detunings: Sequence[float]) -> list[Pumped]:
        """The light with the level kept and the pump detuned (rad/s)."""
        system = self.device.system(pump, groups=GROUPS)
        return [lasing(self.level(self.decay, each).kept(system)) for each in detunings]


@dataclass(frozen=True)
class Sublevels:
    """The laser of a device whose ions are pumped through all their sublevels.

    The pump rate w of two-level ions with the branching xi corresponds to the excitation rate w (1 + xi).
    """

    device: Device

    @cached_property
    def scheme(self) -> Scheme:
        """The sublevels, with the file's lasers."""
        experiment = self.device.experiment
        return Scheme(
            self.device.species,
            self.device.lower,
            self.device.upper,
            experiment.pump.through,
            tuple(experiment.lasers),
        )

    def impure(self, impurity: float) -> Scheme:
        """The scheme with selective lasers whose polarization is impure."""
        lasers = tuple(
            laser.model_copy(update={"impurity": impurity}) if laser.selective else laser
            for laser in self.scheme.lasers
        )
        return Scheme(self.scheme.species, self.scheme.lower, self.scheme.upper, self.scheme.through, lasers)

    def driven(self, pump: float, repumping: float = 1.0, scheme: Scheme | None = None) -> Driven:
        """The ion at the pump rate w (1/s), other lasers times `repumping`."""
        excitation = pump * (1 + self.device.experiment.pump.xi)
        return (scheme or self.scheme).at(excitation, repumping=repumping)

    def power(self, pump: float, repumping: float = 1.0, scheme: Scheme | None = None) -> float:
        """Power (pW) of the continuous crystal."""
        ion = self.driven(pump, repumping, scheme)
        found = self.device.continuum.output(ion.inversion, ion.parallel, ion.perpendicular, self.device.zeta)
        return float(found) / PICO

    @cached_property
    def typical(self) -> Driven:
        """The ion at the device's pump rate."""
        return self.driven(self.device.pump_rate)

    @property
    def effective_xi(self) -> float:
        """xi of the two-level ion with the same return of the inversion and decay of the dipole."""
        gamma, ion = self.device.line.gamma, self.typical
        return (2 * ion.perpendicular - ion.parallel) / (ion.parallel - gamma)

    @property
    def photons_per_ion(self) -> float:
        """Photons (1/s) that an ion gives to the light on average."""
        quantum = hbar * self.device.line.frequency * self.device.experiment.trap.ions
        return self.power(self.device.pump_rate) * PICO / quantum

    @property
    def outside(self) -> float:
        """Share of the ions that are in neither lasing state at the device's pump rate."""
        lit = self.typical.dark + self.photons_per_ion * self.typical.response
        found = self.scheme.populations(lit)
        return 1 - found["upper state"] - found["lower state"]

    @property
    def repump_photons(self) -> float:
        """Photons that an ion scatters on the repumping lines for one that it gives to the light."""
        total = 0.0
        for level in {laser.upper for laser in self.scheme.lasers}:
            decay = sum(line.gamma for line in self.device.species.decays(level))
            total += decay * float(self.typical.response[self.scheme.of(level)].sum())
        return total
