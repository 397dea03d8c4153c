"""Atoms whose frequencies differ: what is left of the pulse (truncated Wigner), and the exact answer for few atoms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics import CavitySystem, Evolution, Exact, TruncatedWigner, evolve
from atomcavity.dynamics.methods import Method
from atomcavity.studies.microclock.pulse import Pulse

Real = NDArray[np.float64]

FEW = 6  # atoms of the exact check
BAD = 40  # kappa/(g sqrt(N)) of the exact check, in which the cavity is kept
PHOTONS = 2  # cut-off of the exact check: at that kappa there are at most some 1e-3 photons in the cavity


@dataclass(frozen=True)
class Remnant:
    """A pulse: emitted photons (1/s) in time, its peak in N^2 Gamma, the emitted part of the excitations; standard errors."""

    rate: Real
    peak: float
    emitted: float
    peak_error: float = 0.0
    emitted_error: float = 0.0


def spread(atoms: int, sigma: float, groups: int) -> list[tuple[int, float]]:
    """Numbers and detunings (rad/s) of groups that stand for a Gaussian spread of standard deviation `sigma`."""
    from scipy.special import ndtri

    parts = np.array_split(ndtri((np.arange(atoms) + 0.5) / atoms), groups)
    values, numbers = np.array([part.mean() for part in parts]), np.array([len(part) for part in parts])
    values *= sigma / sqrt(float(numbers @ values**2) / atoms)
    return list(zip(numbers.tolist(), values.tolist(), strict=True))


@dataclass(frozen=True)
class Broadening:
    """The pulse of atoms with a Gaussian spread of frequencies: `trajectories` in each of `batches`, `groups` frequencies."""

    pulse: Pulse
    trajectories: int = 20
    batches: int = 4
    groups: int = 40
    points: int = 161

    @property
    def time(self) -> Real:
        """The times of all curves (s)."""
        return self.pulse.long_times(self.points)

    @property
    def width(self) -> float:
        """N Gamma (rad/s), with which the spread competes."""
        return self.pulse.atoms * self.pulse.rate()

    def system(self, sigma: float) -> CavitySystem:
        """The ensemble with a spread of standard deviation `sigma` (rad/s)."""
        return _with(self.pulse.system(), spread(self.pulse.atoms, sigma, self.groups))

    @cached_property
    def _known(self) -> dict[float, Remnant]:
        return {}

    def remnant(self, sigma: float) -> Remnant:
        """The pulse by truncated Wigner, with the vacuum noise that enters while it lasts."""
        if sigma not in self._known:
            self._known[sigma] = self._remnant_of(sigma)
        return self._known[sigma]

    def _remnant_of(self, sigma: float) -> Remnant:
        system = self.system(sigma)
        methods = [
            TruncatedWigner(self.trajectories, seed=k, cavity="eliminated") for k in range(self.batches)
        ]
        return _remnant(self.pulse, system, self.time, methods)

    @cached_property
    def ladder(self) -> Remnant:
        """The exact pulse of identical atoms."""
        run = self.pulse.evolution(times=self.time)
        return _measured(self.pulse, [run], self.pulse.system())

    @property
    def few(self) -> Pulse:
        """The few atoms of the exact check, with the same g in a cavity whose kappa is BAD g sqrt(N)."""
        return Pulse(self.pulse.g, BAD * sqrt(FEW) * self.pulse.g, FEW)

    def check(self, ratio: float) -> tuple[Remnant, Remnant]:
        """Exact (cavity kept) and truncated Wigner for the few atoms with sigma = `ratio` N Gamma.

        One atom lies at each of +-sigma sqrt(N/2), the others between them.
        """
        few = self.few
        far = ratio * few.atoms * few.rate() * sqrt(few.atoms / 2)
        system = _with(few.system(), [(1, -far), (few.atoms - 2, 0.0), (1, far)])
        times = few.long_times(self.points)
        wigner = [
            TruncatedWigner(10 * self.trajectories, seed=k, cavity="eliminated") for k in range(self.batches)
        ]
        exact = _remnant(few, system, times, [Exact(photons=PHOTONS)])
        return exact, _remnant(few, system, times, wigner)

    @cached_property
    def checks(self) -> dict[float, tuple[Remnant, Remnant]]:
        """`check` for the spreads of the report, in units of N Gamma."""
        return {ratio: self.check(ratio) for ratio in (0.0, 0.5, 1.0)}


def _with(system: CavitySystem, groups: Sequence[tuple[int, float]]) -> CavitySystem:
    """The system with its one group of emitters cut into groups of these numbers and detunings."""
    (identical,) = system.emitters
    return replace(system, emitters=[replace(identical, number=n, detuning=d) for n, d in groups])


def _remnant(pulse: Pulse, system: CavitySystem, times: Real, methods: Sequence[Method]) -> Remnant:
    return _measured(pulse, [evolve(system, times, method=method) for method in methods], system)


def _measured(pulse: Pulse, runs: list[Evolution], system: CavitySystem) -> Remnant:
    """Mean and scatter of several runs; the peak of each is read where the others have theirs, so that noise does not raise it."""
    rates = pulse.kappa * np.array([run.photon_number[0] for run in runs])
    number = np.array([group.number for group in system.emitters])
    emitted = np.array([1 - number @ run.excited_population[:, -1] / number.sum() for run in runs])
    total = rates.sum(axis=0)
    others = total - rates if len(runs) > 1 else rates
    peaks = rates[np.arange(len(runs)), others.argmax(axis=1)] / (pulse.atoms**2 * pulse.rate())
    errors = (
        [float(x.std(ddof=1)) / sqrt(len(runs)) for x in (peaks, emitted)] if len(runs) > 1 else [0.0, 0.0]
    )
    return Remnant(total / len(runs), float(peaks.mean()), float(emitted.mean()), *errors)
