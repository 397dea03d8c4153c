"""The stability of the clock of one experiment file (Sec. V, Fig. 4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from atomcavity.clocks.cycles import ClockSeries
from atomcavity.clocks.deviation import Deviation, deviation
from atomcavity.clocks.noise import Noise
from atomcavity.clocks.pulsed import PulsedClock
from atomcavity.clocks.thermorefractive import ThermorefractiveNoise, thermorefractive
from atomcavity.studies.microclock.clock import clock_of
from atomcavity.studies.microclock.device import Device

ROOM = 300.0
"""Temperature of the sphere (K); the paper names none."""


@dataclass(frozen=True)
class Stability:
    """Simulated cycles of the clock of a device, and the cavity's own noise."""

    device: Device
    cycles: int = 100_000
    seed: int = 0

    @cached_property
    def clock(self) -> PulsedClock:
        """The clock of the file."""
        return clock_of(self.device)

    @property
    def noise(self) -> Noise:
        """The noise of the cavity."""
        return self.clock.cavity_noise or Noise()

    @cached_property
    def series(self) -> ClockSeries:
        """The frequencies of the cycles."""
        return self.clock.run(self.cycles, seed=self.seed)

    @cached_property
    def deviation(self) -> Deviation:
        """Overlapping Allan deviation of the clock."""
        return deviation(self.series)

    @cached_property
    def unshifted(self) -> Deviation:
        """The same without the common shifts and the readout: what cavity and atom number do to the clock."""
        shifts = {"readout", *(shift.name for shift in self.clock.shifts)}
        parts = [part for part in self.clock.parts if part not in shifts]
        return deviation(self.clock.run(self.cycles, seed=self.seed, parts=parts))

    @cached_property
    def cavity(self) -> Deviation:
        """Overlapping Allan deviation of the cavity, averaged over whole periods."""
        return deviation(self.noise.series(self.cycles, self.clock.period, seed=self.seed))

    @cached_property
    def thermorefractive(self) -> ThermorefractiveNoise:
        """The thermorefractive noise of the clock mode."""
        return thermorefractive(self.device.clock_mode, temperature=ROOM)

    @property
    def coefficient(self) -> tuple[float, float]:
        """(c, error) of c/sqrt(tau/s) fitted to the clock's deviation."""
        return self.deviation.coefficient(-0.5)

    @property
    def expected(self) -> float:
        """Deviation after one second by the common shifts alone: their rms over omega, sqrt(period/s) (Eq. 8)."""
        rms = math.hypot(*(shift.deviation for shift in self.clock.shifts))
        return rms / self.clock.frequency * math.sqrt(self.clock.period)

    @property
    def fundamental_white(self) -> float:
        """2 kappa/omega_C^2 (s), which the paper takes for h_0 of the cavity."""
        return 2 * self.device.kappa / self.device.line.frequency**2

    def values(self) -> dict[str, float]:
        """The numbers of Secs IV and V by their ids."""
        white, walk = Noise(white_fm=self.noise.white_fm), Noise(random_walk_fm=self.noise.random_walk_fm)
        return {
            "h0": self.fundamental_white,
            "adev_white": float(white.deviation(1.0)),
            "adev_brown": float(walk.deviation(1.0)),
            "adev_clock": self.coefficient[0],
            "adev_1e3": self.coefficient[0] / math.sqrt(1e3),
            "snr": math.sqrt(self.device.experiment.ensemble.atoms / 2),
            "trn": float(np.asarray(self.thermorefractive.deviation(1.0))),
        }
