"""Photon clicks of a cavity system, by quantum jumps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.records import ClickRecords
from atomcavity.dynamics.elimination import eliminate
from atomcavity.dynamics.methods import CAVITY
from atomcavity.dynamics.preparation import Initial, Preparation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require
from atomcavity.results import Record

Real = NDArray[np.float64]
Whole = NDArray[np.int64]
Seeds = NDArray[np.uint64]


def clicks(
    system: CavitySystem,
    duration: float,
    *,
    seed: int = 0,
    initial: Initial | None = None,
    period: float | None = None,
    trajectories: int = 1,
    cavity: str = "kept",
    workers: int = 1,
) -> ClickRecords:
    """Every quantum jump of the system in `duration` (s): photons of each mode, decays, pump events.

    Each trajectory of the master equation is one record; waiting times are exact (no time step), and
    trajectory k of a seed is the same whatever the others are.

    duration      length of a record, or of the sequence of pulses (a whole number of periods; s)
    initial       a `Preparation`, or in short "inverted" (all emitters excited, no photon), "ground", one
                  state a group, or "steady" (recorded after the burn-in of `steady_state` with `Jumps`);
                  None: "inverted" with a `period`, else "steady"
    period        the emitters are prepared again every `period` (s) by a pulse short against everything
                  else: the state becomes `initial` with an empty cavity, whatever was left.  What was
                  left is in the record's `neglected` (mean excitations at the end of a pulse divided by
                  those at its start), with a warning above 1 %
    trajectories  number of independent records (not with `period`: the pulses are independent already)
    cavity        "kept" (one group of two-level emitters and one bright mode: a thousand emitters and more), or
                  "eliminated" (bad cavity, see `dynamics.elimination`; one group of two-level emitters, any number)
    workers       processes that share the work: the clicks are the same however many there are

    Raises `InputError` for a duration that is not positive or not a whole number of periods, an unknown initial
    state, a system whose excitation number is not conserved, or several groups whose cavity is to be eliminated.

    >>> from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
    >>> atom = CavitySystem([Emitters(1, g=1e7)], [CavityMode(kappa=3e7)])
    >>> records = clicks(atom, 1e-3, period=5e-6)
    >>> bool((records.counts("mode 0") == 1).all())
    True
    """
    length, runs = _runs(duration, period, trajectories)
    require(cavity in CAVITY, f"cavity = {cavity!r} must be one of {', '.join(map(repr, CAVITY))}")
    start = initial or ("steady" if period is None else "inverted")
    require(
        start != "steady" or period is None,
        "initial = 'steady': emitters that are prepared anew every period are not",
    )
    smaller, prepared = Preparation.of("ground" if start == "steady" else start).applied(system)
    task = _Task(smaller, length, runs, None if start == "steady" else prepared, cavity == "eliminated")
    time, channel, counts, labels, left = task.gathered(seed, workers)
    run = np.repeat(np.arange(runs), counts)
    return ClickRecords(
        record=_record(task, system, duration, seed, start, period, 0.0 if period is None else left),
        time=time if period is None else time + run * period,
        channel=channel,
        run=run,
        labels=labels,
        duration=float(duration),
        runs=runs,
        period=math.nan if period is None else float(period),
    )


@dataclass(frozen=True)
class _Task:
    """The trajectories of a record; initial  None: the stationary state."""

    system: CavitySystem
    length: float
    runs: int
    initial: Preparation | None
    eliminated: bool

    @property
    def one_ladder(self) -> bool:
        """Whether the emitters are one ladder whose states need not be stored."""
        from atomcavity.dynamics.jumps.ladder import suits

        return self.eliminated or (len(self.system.emitters) == 1 and suits(self.system, self.initial))

    @property
    def settle(self) -> float:
        """How long the trajectories are left alone first (s)."""
        from atomcavity.dynamics.jumps.answers import BURN_IN, slowest_rate

        return BURN_IN / slowest_rate(self.system) if self.initial is None else 0.0

    def gathered(self, seed: int, workers: int) -> tuple[Real, Whole, Whole, NDArray[np.str_], float]:
        """Times from the start of each run, channels, number of clicks of each run, names of the channels; and the
        mean excitations at the end divided by those at the start.
        """
        from atomcavity.parallel import spawn_seeds

        follow = self._on_a_ladder if self.one_ladder else self._on_sectors
        time, channel, counts, names, happens, left = follow(spawn_seeds(seed, self.runs), workers)
        labels = np.unique(np.array(names)[happens])
        place = np.searchsorted(labels, names)  # of channels that never click: nowhere
        return time, place[channel], counts, labels, left

    def _on_sectors(self, seeds: Seeds, workers: int) -> tuple[Any, ...]:
        """Any emitters, on stored excitation sectors; those at rest start in the ground state."""
        from atomcavity.dynamics.jumps.pool import gather_all
        from atomcavity.dynamics.jumps.task import Task, sums_of

        state = Preparation.of("ground") if self.initial is None else self.initial
        task = Task(self.system, self.length, self.runs, settle=self.settle, initial=state, record=True)
        out = sums_of(gather_all(task, seeds, workers))
        names = task.space.labels
        left = float(out.left.mean()) / max(task.source.mean_charge, 1e-300)
        return out.click_time, out.click_channel, out.clicks, names, np.ones(len(names), bool), left

    def _on_a_ladder(self, seeds: Seeds, workers: int) -> tuple[Any, ...]:
        """One group of two-level emitters, however many."""
        from atomcavity.dynamics.jumps.chain import chain_clicks
        from atomcavity.dynamics.jumps.chain_run import chain_of
        from atomcavity.dynamics.jumps.ladder import ladder_clicks
        from atomcavity.dynamics.jumps.ladder_run import ladder_of
        from atomcavity.dynamics.jumps.pool import gather_all

        system, walk = self.system, chain_clicks if self.eliminated else ladder_clicks
        names = (chain_of if self.eliminated else ladder_of)(system).labels
        task = partial(_walked, walk, system, self.length, self.initial, self.settle)
        time, channel, counts, left = gather_all(task, seeds, workers)
        group = system.emitters[0]
        local = [group.gamma > 0, group.pump_rate > 0, group.dephasing_rate / 2 > 0]
        charge = 0.0
        if self.initial is not None:
            charge = group.number * float(self.initial.matrices(system)[0][1, 1].real)
        happens = np.array([True] * len(system.modes) + local)
        return time, channel, counts, names, happens, float(left.mean()) / max(charge, 1e-300)


def _walked(
    walk: Any, system: CavitySystem, length: float, initial: Preparation | None, settle: float, seeds: Seeds
) -> tuple[Real, Whole, Whole, Whole]:
    """Times, channels, number of clicks of each run, and what is left at the end of each."""
    (time, channel, run), _, left = walk(system, seeds, length, initial=initial, settle=settle)
    return time, channel, np.bincount(run, minlength=len(seeds)), left


def _runs(duration: float, period: float | None, trajectories: int) -> tuple[float, int]:
    """Length and number of the independent pieces."""
    require(math.isfinite(duration) and duration > 0, f"duration = {duration!r} must be > 0 s")
    require(trajectories >= 1, f"trajectories = {trajectories!r} must be >= 1")
    if period is None:
        return duration, trajectories
    require(math.isfinite(period) and period > 0, f"period = {period!r} must be > 0 s")
    require(trajectories == 1, "with a period give a longer duration instead of several trajectories")
    pulses = round(duration / period)
    require(
        pulses >= 1 and abs(pulses * period - duration) < 1e-6 * period,
        f"duration = {duration!r} s must be a whole number of periods of {period!r} s",
    )
    return period, pulses


def _record(
    task: _Task,
    system: CavitySystem,
    duration: float,
    seed: int,
    start: Initial,
    period: float | None,
    left: float,
) -> Record:
    runs = task.runs
    reason = f"{runs} trajectories" if period is None else f"{runs} pulses, prepared in the state {start!r}"
    warnings: tuple[str, ...] = (
        (f"{left:.1%} of the excitations were left when the next pulse came; they are discarded",)
        if left > 0.01
        else ()
    )
    if task.eliminated:
        warnings += eliminate(system).warnings
    parameters: dict[str, object] = {
        "system": system.to_dict(),
        "duration": duration,
        "initial": start.to_dict() if isinstance(start, Preparation) else start,
        "period": period,
        "cavity": "eliminated" if task.eliminated else "kept",
        "runs": runs,
    }
    return Record(
        method="Jumps", reason=reason, seed=seed, neglected=left, warnings=warnings, parameters=parameters
    )
