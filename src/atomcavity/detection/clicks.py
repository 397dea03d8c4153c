"""Photon clicks of a cavity system, by quantum jumps."""

from __future__ import annotations

import math

import numpy as np

from atomcavity.detection.records import ClickRecords
from atomcavity.dynamics.preparation import Initial, Preparation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require
from atomcavity.results import Record


def clicks(
    system: CavitySystem,
    duration: float,
    *,
    seed: int = 0,
    initial: Initial | None = None,
    period: float | None = None,
    trajectories: int = 1,
    workers: int = 1,
) -> ClickRecords:
    """Every quantum jump of the system in `duration` (s): photons of each mode, decays, pump events.

    Each trajectory of the master equation is one record; waiting times are exact (no time step), and
    trajectory k of a seed is the same whatever the others are.

    duration      length of a record, or of the sequence of pulses (a whole number of periods; s)
    initial       a `Preparation`, or in short "inverted" (all emitters excited, no photon), "ground", one
                  state a group, or "steady" (from the ground state, recorded after the burn-in of `jumps_steady_state`);
                  None: "inverted" with a `period`, else "steady"
    period        the emitters are prepared again every `period` (s) by a pulse short against everything
                  else: the state becomes `initial` with an empty cavity, whatever was left.  What was
                  left is in the record's `neglected` (mean excitations at the end of a pulse divided by
                  those at its start), with a warning above 1 %
    trajectories  number of independent records (not with `period`: the pulses are independent already)
    workers       processes that share the work: the clicks are the same however many there are

    Raises `InputError` for a duration that is not positive or not a whole number of periods, an
    unknown initial state, or a system whose excitation number is not conserved.

    >>> from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
    >>> atom = CavitySystem([Emitters(1, g=1e7)], [CavityMode(kappa=3e7)])
    >>> records = clicks(atom, 1e-3, period=5e-6)
    >>> bool((records.counts("mode 0") == 1).all())
    True
    """
    from atomcavity.dynamics.jumps.answers import BURN_IN, slowest_rate
    from atomcavity.dynamics.jumps.pool import gather_all
    from atomcavity.dynamics.jumps.task import Task, sums_of
    from atomcavity.parallel import spawn_seeds

    length, runs = _runs(duration, period, trajectories)
    start = initial or ("steady" if period is None else "inverted")
    require(
        start != "steady" or period is None,
        "initial = 'steady': emitters that are prepared anew every period are not",
    )
    settle = BURN_IN / slowest_rate(system) if start == "steady" else 0.0
    state = Preparation.of("ground" if start == "steady" else start)
    smaller, prepared = state.applied(system)
    task = Task(smaller, length, runs, settle=settle, initial=prepared, record=True)
    out = sums_of(gather_all(task, spawn_seeds(seed, runs), workers))
    labels, place = np.unique(task.space.labels, return_inverse=True)
    run = np.repeat(np.arange(runs), out.clicks)
    time, left = out.click_time, 0.0
    if period is not None:
        time = time + run * period
        left = float(out.left.mean()) / max(task.source.mean_charge, 1e-300)
    return ClickRecords(
        record=_record(system, duration, seed, start, period, runs, left),
        time=time,
        channel=np.asarray(place[out.click_channel], dtype=np.int64),
        run=run,
        labels=labels,
        duration=float(duration),
        runs=runs,
        period=math.nan if period is None else float(period),
    )


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
    system: CavitySystem,
    duration: float,
    seed: int,
    start: Initial,
    period: float | None,
    runs: int,
    left: float,
) -> Record:
    reason = f"{runs} trajectories" if period is None else f"{runs} pulses, prepared in the state {start!r}"
    warnings = (
        (f"{left:.1%} of the excitations were left when the next pulse came; they are discarded",)
        if left > 0.01
        else ()
    )
    parameters: dict[str, object] = {
        "system": system.to_dict(),
        "duration": duration,
        "initial": start.to_dict() if isinstance(start, Preparation) else start,
        "period": period,
        "runs": runs,
    }
    return Record(
        method="Jumps", reason=reason, seed=seed, neglected=left, warnings=warnings, parameters=parameters
    )
