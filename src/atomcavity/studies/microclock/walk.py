"""The free cavity walks out of resonance: when the clock fades, and what a lock of the cavity costs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.clocks.cycles import ClockSeries
from atomcavity.clocks.deviation import deviation
from atomcavity.clocks.lock import CavityLock
from atomcavity.clocks.pulsed import PulsedClock

Real = NDArray[np.float64]

MEAN_OF = (
    60  # pulses whose shares are averaged, so that the scatter of the atom number does not hide the walk
)
GAINS = (0.1, 0.5, 1.0)
COST_CYCLES = 4000


@dataclass(frozen=True)
class Walk:
    """A clock whose cavity runs free, and the same with a lock.

    lock    the lock that is shown; its sensor noise and the gain are varied for the cost
    cycles  of each run that is shown in time
    runs    free runs, with the seeds 0, 1, ...
    """

    clock: PulsedClock
    lock: CavityLock
    cycles: int = 12_000
    runs: int = 4

    @property
    def times(self) -> Real:
        """Start of each cycle (s)."""
        return np.arange(self.cycles, dtype=float) * self.clock.period

    def run(self, lock: CavityLock | None, cycles: int, seed: int = 0) -> ClockSeries:
        """Cycles in which cavity, atom number and the lock's sensor fluctuate, nothing else."""
        clock = replace(self.clock, lock=lock)
        parts = [part for part in ("number", "cavity", "lock") if part in clock.parts]
        return clock.run(cycles, seed=seed, parts=parts)

    @cached_property
    def free(self) -> list[ClockSeries]:
        """Runs without a lock."""
        return [self.run(None, self.cycles, seed) for seed in range(self.runs)]

    @cached_property
    def locked(self) -> ClockSeries:
        """A run with the lock."""
        return self.run(self.lock, self.cycles)

    @property
    def rate(self) -> float:
        """rms detuning after one second of the random walk, omega sqrt(2 pi^2 h_-2 s) (rad/s); it grows as sqrt(T)."""
        noise = self.clock.cavity_noise
        walk = 0.0 if noise is None else noise.random_walk_fm
        return self.clock.frequency * math.sqrt(2 * math.pi**2 * walk)

    def fades(self, series: ClockSeries) -> float:
        """Time (s) at which the mean share of `MEAN_OF` pulses falls below one half; inf if it never does."""
        below = np.flatnonzero(smooth(series.share) < 0.5)
        return float(below[0] * self.clock.period) if len(below) else math.inf

    def cost(self, gain: float, sensor_noise: float) -> float:
        """sigma_y(1 period) of the locked clock without shifts of the transition and without readout."""
        series = self.run(CavityLock(gain, sensor_noise), COST_CYCLES)
        return float(deviation(series, taus=[1]).value[0])

    def costs(self, sensor_noise: Real) -> dict[float, Real]:
        """`cost` against the sensor noise (rad/s), by gain."""
        return {gain: np.array([self.cost(gain, noise) for noise in sensor_noise]) for gain in GAINS}


def smooth(values: Real) -> Real:
    """Means of `MEAN_OF` successive values."""
    return np.convolve(values, np.full(MEAN_OF, 1 / MEAN_OF), mode="valid")
