"""Fig. 3: spontaneous emission of inverted atoms into the two modes, and the pulsed Hanbury Brown-Twiss experiment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import simpson
from scipy.interpolate import CubicSpline

from atomcavity.detection import ClickRecords, clicks
from atomcavity.dynamics import Evolution, evolve
from atomcavity.studies.microlaser.laser import Rates
from atomcavity.studies.microlaser.published import PUBLISHED

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Emission:
    """Decay of N inverted atoms, and the coincidences of many such pulses."""

    rates: Rates
    pulses: int = 100_000
    points: int = 1501
    seed: int = 2021

    def duration(self, quality: float, atoms: int) -> float:
        """Length of one pulse (s): the period of the paper's pulse sequence."""
        return PUBLISHED.pulse_period[quality, atoms] / self.rates.gamma

    @cached_property
    def evolutions(self) -> dict[tuple[float, int], Evolution]:
        """<n>, <sigma^+ sigma>, correlations in time, by quality factor and atom number (Fig. 3a, b)."""
        found = {}
        for quality, atoms in PUBLISHED.pulse_period:
            times = np.linspace(0.0, self.duration(quality, atoms), self.points)
            found[quality, atoms] = evolve(
                self.rates.system(atoms, quality=quality), times, initial="inverted"
            )
        return found

    @cached_property
    def records(self) -> dict[tuple[float, int], ClickRecords]:
        """Click records of the pulsed source (Fig. 3c, d), re-inverted every period."""
        return {
            (quality, atoms): clicks(
                self.rates.system(atoms, quality=quality),
                self.pulses * self.duration(quality, atoms),
                seed=self.seed,
                initial="inverted",
                period=self.duration(quality, atoms),
            )
            for quality, atoms in PUBLISHED.pulse_period
        }

    def decay_constant(self, quality: float, atoms: int) -> float:
        """Reciprocal of the time at which N_a has fallen to N/e (1/s)."""
        run = self.evolutions[quality, atoms]
        population = CubicSpline(run.time, run.excited_population[0] - np.exp(-1))
        return float(1 / population.roots(extrapolate=False)[0])

    def envelope(self) -> float:
        """Decay rate of the maxima (revivals) of N_a for one atom at Q = 1e8 (1/s)."""
        run = self.evolutions[1e8, 1]
        curve = CubicSpline(run.time, run.excited_population[0])
        turning = curve.derivative().roots(extrapolate=False)
        revivals = np.array([t for t in turning if curve(t, 2) < 0 and t > 0])[:3]
        slope, _ = np.polyfit(revivals, np.log(curve(revivals)), 1)
        return float(-slope)

    def efficiency(self, quality: float, atoms: int) -> float:
        """Share of the excitations that leaves through the two modes: kappa sum_i int N_p,i dt / N."""
        run = self.evolutions[quality, atoms]
        photons = simpson(run.photon_number.sum(axis=0), x=run.time)
        return float(self.rates.kappa(quality) * photons / atoms)

    def equal_time_ratio(self, quality: float, atoms: int) -> float:
        """int <a^+ a^+ a a> dt / int <a^+ a>^2 dt of one mode."""
        run = self.evolutions[quality, atoms]
        return float(simpson(run.pair_number[0], x=run.time) / simpson(run.photon_number[0] ** 2, x=run.time))

    def values(self) -> dict[str, float]:
        """The numbers of Fig. 3 by their ids."""
        return {
            "s1.decay_1e7_N1": self.decay_constant(1e7, 1) / self.rates.purcell_decay(1e7),
            "s1.envelope_1e8": self.envelope() / self.rates.kappa(1e8),
            "s1.eta_1e7": self.efficiency(1e7, 1),
            "s1.hbt_N5_1e7": self.equal_time_ratio(1e7, 5),
        }
