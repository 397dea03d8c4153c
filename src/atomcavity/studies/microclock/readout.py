"""How well one pulse tells its frequency: heterodyne records of single pulses, and what they add to the instability."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.clocks.pulsed import PulsedClock
from atomcavity.detection.heterodyne import heterodyne
from atomcavity.detection.traces import HeterodyneRecord, spread
from atomcavity.dynamics import DickeLadder, Spectrum, spectrum
from atomcavity.dynamics.elimination import eliminate
from atomcavity.dynamics.system import CavitySystem

Real = NDArray[np.float64]

BINS = 10  # of the record, in 2/(N Gamma), the time constant of the pulse
FEWEST, MOST = 64, 4000


@dataclass(frozen=True)
class Readout:
    """Single pulses of a clock, read by a heterodyne detector that takes what leaves through the port.

    The pulses have the mean number of atoms and the cavity on resonance.
    """

    clock: PulsedClock
    trajectories: int = 400
    seed: int = 0

    @cached_property
    def system(self) -> CavitySystem:
        """The clock's atoms and its cavity, tuned to them."""
        (atoms,), (mode,) = self.clock.system.emitters, self.clock.system.modes
        return replace(self.clock.system, modes=(replace(mode, detuning=atoms.detuning),))

    @cached_property
    def record(self) -> HeterodyneRecord:
        """The photocurrents in the clock's window; of a very long one the first 800/(N Gamma), when the pulse is long over."""
        time_constant = 2 / (self.system.number * float(eliminate(self.system).decay[0, 0].real))
        end = min(self.clock.window, MOST * time_constant / BINS)
        bins = min(MOST, max(FEWEST, math.ceil(BINS * end / time_constant)))
        edges = np.linspace(0.0, end, bins + 1)
        return heterodyne(self.system, edges, trajectories=self.trajectories, seed=self.seed)

    @cached_property
    def light(self) -> Spectrum:
        """The spectrum of the mean pulse by quantum regression."""
        return spectrum(self.system, initial="inverted", method=DickeLadder())

    @cached_property
    def plain(self) -> Real:
        """Frequencies (rad/s) at the maximum of each pulse's periodogram over the whole window."""
        return self.record.frequencies()

    @cached_property
    def matched(self) -> Real:
        """Frequencies (rad/s) by the filter that also finds each pulse's delay."""
        return self.record.matched()[0]

    @property
    def scatter(self) -> tuple[float, float]:
        """Standard deviation of `matched` and its error (rad/s); NaN if some pulse cannot be told from the noise."""
        return spread(self.matched)

    @property
    def plain_scatter(self) -> tuple[float, float]:
        """Standard deviation of `plain` and its error (rad/s)."""
        return spread(self.plain)

    @property
    def naive(self) -> float:
        """FWHM/(2.355 SNR) (rad/s) with the width of the mean pulse's spectrum and SNR = sqrt(photons in the window)."""
        photons = float(self.record.flux @ self.record.width)
        return float(self.light.full_width[0]) / (2 * math.sqrt(2 * math.log(2)) * math.sqrt(photons))

    def deviation(self, scatter: float) -> float:
        """sigma_y(1 s) of pulses, one a period, whose frequencies scatter independently by `scatter` (rad/s)."""
        return scatter / self.clock.frequency * math.sqrt(self.clock.period)

    @property
    def applied(self) -> PulsedClock:
        """The clock with the scatter of its readout, if that is known."""
        scatter = self.scatter[0]
        return replace(self.clock, readout=scatter if math.isfinite(scatter) else None)
