"""What one process does for a set of trajectories: a task with the sectors that it has built so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.pool import Arrays
from atomcavity.dynamics.jumps.run import Packed, packed_space, run_trajectories
from atomcavity.dynamics.jumps.sectors import Space
from atomcavity.dynamics.jumps.start import Source
from atomcavity.dynamics.jumps.values import values_of
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.system import CavitySystem

Real = NDArray[np.float64]
Whole = NDArray[np.int64]


class Averages(NamedTuple):
    """Sums as in `jumps.run.Outcome`, those over trajectories with the call as first axis; clicks in each run."""

    by_run: Real
    by_time: Real
    by_time_squares: Real
    weights: Real
    counts: Whole
    left: Whole
    clicks: Whole
    click_time: Real
    click_channel: Whole
    largest: Whole


def sums_of(arrays: Arrays) -> Averages:
    """The gathered arrays by name."""
    return Averages(*arrays)


@dataclass(eq=False)
class Task:
    """The trajectories of one question; called with the seeds of some of them, in any process.

    total  how many there will be at most; see `run_trajectories` for the others
    """

    system: CavitySystem
    duration: float
    total: int
    settle: float = 0.0
    samples: Real = field(default_factory=lambda: np.zeros(0))
    initial: Preparation = field(default_factory=lambda: Preparation("ground"))
    record: bool = False

    def __getstate__(self) -> dict[str, Any]:
        kept = dict(self.__dict__)
        for name in ("packed", "source", "space"):  # each process builds its own
            kept.pop(name, None)
        return kept

    @cached_property
    def source(self) -> Source:
        """Where the trajectories start."""
        return Source(Space(self.system, turn=not self.record), self.initial)

    @cached_property
    def packed(self) -> Packed:
        """The sectors built so far."""
        return packed_space(self.system, photons_of_modes=self.record, real=self.source.real)

    @property
    def space(self) -> Space:
        """All sectors and observables."""
        return self.packed.space

    def __call__(self, seeds: NDArray[np.uint64]) -> Arrays:
        """The `Averages` of the trajectories with these seeds."""
        packed = self.packed
        out = run_trajectories(
            packed, seeds, self.duration, starts=self.source.starts(seeds), settle=self.settle,
            samples=self.samples, record=self.record, share=len(seeds) / self.total,
        )  # fmt: skip
        time, channel, run = out.clicks
        return Averages(
            out.by_run, out.by_time, out.by_time_squares, out.weights[None], out.counts, out.left,
            np.bincount(run, minlength=len(seeds)), time, channel, np.array([packed.largest]),
        )  # fmt: skip

    def watched(self, arrays: Arrays) -> Real:
        """The photon number of the brightest mode in each run, over all samples."""
        photons = values_of(self.space, sums_of(arrays).by_run.sum(axis=1)).photon_number
        return photons[:, int(np.argmax(photons.mean(axis=0)))]
