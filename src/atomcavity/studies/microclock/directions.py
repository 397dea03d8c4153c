"""Both directions of the ring: what an ensemble of atoms at the lattice sites emits clockwise and counter-clockwise.

At the site j of S equally spaced ones the two modes have the phases e^{+-i m phi_j}, phi_j = 2 pi j/S.  A fully inverted
ensemble holds no phase and emits into both; a preparation pulse through the clockwise mode whose area misses pi leaves
polarisation with the clockwise pattern behind, the "timed Dicke state" by which the paper drops the other mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import pi, sqrt, tau

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics import (
    CavitySystem,
    Emitters,
    Evolution,
    Preparation,
    TruncatedWigner,
    correlation,
    evolve,
)
from atomcavity.studies.microclock.pulse import Pulse

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Photons:
    """Photons emitted clockwise and counter-clockwise up to 40/(N Gamma), (case, direction), and standard errors."""

    mean: Real
    error: Real


@dataclass(frozen=True)
class Directions:
    """The atoms of `pulse` at random ones of `sites` sites, coupled to the modes of azimuthal number +-m.

    trajectories  of truncated Wigner in each of `batches`; every batch has other sites and another seed
    phases        phases to which those of the sites are rounded: 48 cost (pi/48)^2/3 = 0.14 % of the collective rate
    """

    pulse: Pulse
    sites: int
    m: int
    trajectories: int = 32
    batches: int = 4
    phases: int = 48
    points: int = 161

    @cached_property
    def time(self) -> Real:
        """Times of the curves (s); photons are counted up to the last one."""
        return self.pulse.long_times(self.points)

    def placed(self, batch: int, backscattering: float = 0.0) -> tuple[CavitySystem, list[float]]:
        """The atoms at the sites of a batch, and the phase of the clockwise mode at each group of them (rad).

        `backscattering` (rad/s) is the coupling J of the two modes.  Sites of the same rounded phase form one group.
        """
        taken = np.random.default_rng(batch).choice(self.sites, self.pulse.atoms, replace=False)
        turns = np.rint(self.phases * self.m * taken / self.sites) % self.phases
        values, counts = np.unique(turns, return_counts=True)
        phases = tau * values / self.phases
        groups = [
            Emitters(int(n), g=(self.pulse.g * np.exp(1j * p), self.pulse.g * np.exp(-1j * p)))
            for n, p in zip(counts, phases, strict=True)
        ]
        single = self.pulse.system()
        matrix = [[0.0, backscattering], [backscattering, 0.0]] if backscattering else None
        both = replace(single, emitters=groups, modes=[*single.modes, *single.modes], mode_coupling=matrix)
        return both, phases.tolist()

    def run(self, batch: int, tilt: float, backscattering: float = 0.0) -> Evolution:
        """One batch after a preparation pulse of area pi - `tilt` (rad) through the clockwise mode."""
        system, phases = self.placed(batch, backscattering)
        return evolve(
            system,
            self.time,
            initial=Preparation.pulse(pi - tilt, phases),
            method=TruncatedWigner(self.trajectories, seed=batch, cavity="eliminated"),
        )

    @cached_property
    def _known(self) -> dict[tuple[float, float], Real]:
        return {}

    def rates(self, tilt: float, backscattering: float = 0.0) -> Real:
        """Emitted photons (1/s) in time, (batch, direction, time); half of them are detected at critical coupling."""
        case = tilt, backscattering
        if case not in self._known:
            runs = [self.run(batch, *case) for batch in range(self.batches)]
            self._known[case] = np.array([self.pulse.kappa * run.photon_number for run in runs])
        return self._known[case]

    def photons(self, cases: Sequence[tuple[float, float]]) -> Photons:
        """Photons in each direction for pairs (tilt, back-scattering).

        Inverted atoms emit equally in both directions (exactly without back-scattering, in the mean over the sites
        with it): for a tilt of 0 both numbers are the mean of both directions, whose statistical error is much smaller.
        """
        found = np.array([np.trapezoid(self.rates(*case), self.time) for case in cases])
        for k, (tilt, _) in enumerate(cases):
            if tilt == 0:
                found[k] = found[k].mean(axis=1, keepdims=True)
        return Photons(found.mean(axis=1), found.std(axis=1, ddof=1) / sqrt(self.batches))

    @cached_property
    def scatter(self) -> float:
        """Standard deviation from pulse to pulse of the photons n that inverted atoms emit into one direction.

        <n (n - 1)> = 2 kappa^2 int int <a^+(t) a^+(t + tau) a(t + tau) a(t)> dt d tau, on the sites of the first batch.
        """
        system, _ = self.placed(0)
        method = TruncatedWigner(self.batches * self.trajectories, cavity="eliminated")
        first, second = (
            correlation(system, self.time, order=order, initial="inverted", method=method).value.real
            for order in (1, 2)
        )
        mean = self.pulse.kappa * float(first[0])
        return sqrt(2 * self.pulse.kappa**2 * float(np.trapezoid(second, self.time)) + mean - mean**2)

    def peak(self) -> tuple[float, float]:
        """Highest rate in one direction, mean of both, of inverted atoms, in N^2 Gamma, and its standard error."""
        curves = self.rates(0.0).mean(axis=1) / (self.pulse.atoms**2 * self.pulse.rate())
        at = int(np.argmax(curves.mean(axis=0)))
        return float(curves[:, at].mean()), float(curves[:, at].std(ddof=1) / sqrt(self.batches))

    @cached_property
    def one_way(self) -> Real:
        """Emitted photons (1/s) of the paper's single direction, by the exact ladder."""
        return self.pulse.kappa * self.pulse.evolution(times=self.time).photon_number[0]
