"""Running a sweep: what is finished is kept, what is left is shared out, and the result is built in the end."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from atomcavity.errors import InputError, require
from atomcavity.results import load
from atomcavity.sweeps.batch import Batch, Best, better
from atomcavity.sweeps.plan import Plan, evaluator, read_plan
from atomcavity.sweeps.progress import Watch, duration, progress_line
from atomcavity.sweeps.shares import Shares
from atomcavity.sweeps.store import DONE, FAILED, LEFT, Finished, Store

if TYPE_CHECKING:
    from atomcavity.sweeps.result import SweepResult

RESULT = "sweep.nc"
"""The result in the folder of a sweep."""


@dataclass(frozen=True)
class SweepEnd:
    """How a sweep ended.

    file      the netCDF file of the result
    points    all points of the plan; of them `done` have answers and `failed` a message, the others are left
    computed  points that this run computed
    stale     finished points in the folder that belong to an earlier version of the file, and were not used
    damaged   damaged files that were set aside
    """

    file: Path
    points: int
    done: int
    failed: int
    computed: int
    stale: int = 0
    damaged: int = 0

    @property
    def left(self) -> int:
        """Points that have not been computed."""
        return self.points - self.done - self.failed

    def load(self) -> SweepResult:
        """The result."""
        return load(self.file)  # type: ignore[return-value]

    def __str__(self) -> str:
        text = f"{self.done} of {self.points} points done ({self.computed} in this run)"
        text += f", {self.failed} failed" if self.failed else ""
        text += f", {self.left} left: the same command continues" if self.left else ""
        lines = [text, f"result: {self.file}"]
        if self.failed:
            lines.append(f"why they failed: 'failure_message' in {self.file}; --retry computes them again")
        if self.stale:
            lines.append(
                f"{self.stale} points in the folder are not of this version of the file and were not used"
            )
        if self.damaged:
            lines.append(
                f"{self.damaged} damaged files in the folder were set aside, and their points computed again"
            )
        return "\n".join(lines)


def run_sweep(
    source: Plan | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    changes: Iterable[str] = (),
    workers: int | None = None,
    scheduler: str | None = None,
    slurm: str | None = None,
    retry: bool = False,
    quiet: bool | None = None,
    write: Callable[[Path, bytes], None] | None = None,
) -> SweepEnd:
    """Compute all points of an experiment file with a `[sweep]` table (or of a `Plan`) that are not finished in `out`.

    out        the folder of the sweep: new, empty, or that of an earlier run, which is continued
    changes    `key=value` texts as on the command line
    workers    processes on this machine; without it one for each core
    scheduler  address of a Dask scheduler whose workers compute instead
    slurm      "partition=...,cores=...": workers are started through Slurm (`slurm_cluster`)
    retry      compute the failed points again
    quiet      no progress line; without it quiet unless standard error is a terminal
    write      replaces `write_whole`, to write a file

    The answers depend on neither the number nor the kind of workers.  Points whose parameters, seed, package version or
    species and material data have changed are computed again.  After Ctrl-C the result has what is there.

    Raises `InputError` for a wrong file, a folder that holds something else or is in use, and a full disk.
    """
    require(workers is None or workers >= 1, f"workers = {workers}: at least 1")
    require(not (scheduler and slurm), "give a scheduler or slurm, not both")
    plan = source if isinstance(source, Plan) else read_plan(source, changes)
    evaluator(plan.function)
    store = Store.create(Path(out), write)
    with store.locked():
        finished = Finished(plan, store.outcomes)
        best = _best(plan, finished)
        left = len(plan) - finished.count(DONE) - (0 if retry else finished.count(FAILED))
        store.check_room(left)
        store.write_plan(plan)
        watch = Watch(
            plan, finished.count(DONE), finished.count(FAILED), best, store.write_status, quiet=quiet
        )
        if retry:
            watch.retried(finished.count(FAILED))
        before, stopped = watch.done + watch.failed, False

        def deliver(batch: Batch) -> None:
            store.add(batch.content)
            watch.delivered(batch)

        try:
            if left:
                indices = finished.left(retry)
                _compute(plan, indices, left, deliver, watch.tick, workers or _cores(), scheduler, slurm)
        except KeyboardInterrupt:
            stopped = True
        except OSError as problem:
            raise _broken(problem, store.folder, watch, len(plan)) from None
        finally:
            watch.end("finished" if watch.done + watch.failed == len(plan) else "stopped")
        computed = watch.done + watch.failed - before
        return _finish(plan, store, computed, stopped)


def _compute(
    plan: Plan,
    indices: Iterable[int],
    left: int,
    deliver: Callable[[Batch], None],
    tick: Callable[[], None],
    workers: int,
    scheduler: str | None,
    slurm: str | None,
) -> None:
    if scheduler or slurm:
        from atomcavity.sweeps.cluster import run_cluster

        run_cluster(plan, Shares(iter(indices), left, 1), deliver, tick, scheduler=scheduler, slurm=slurm)
        return
    from atomcavity.sweeps.local import run_local

    workers = min(workers, left)
    run_local(plan, Shares(iter(indices), left, workers), workers, deliver, tick)


def _finish(plan: Plan, store: Store, computed: int, stopped: bool) -> SweepEnd:
    from atomcavity.sweeps.build import build_result

    finished = Finished(plan, store.outcomes)
    file = store.folder / RESULT
    try:
        build_result(plan, finished, file)
    except (OSError, RuntimeError) as problem:  # HDF5 raises either when the disk is full
        reason = "no space left on the disk" if _is_full(problem) else f"cannot be written ({problem})"
        raise InputError(
            f"{file}: {reason}; all finished points are safe, and the same command writes the result"
        ) from None
    done, failed = finished.count(DONE), finished.count(FAILED)
    end = SweepEnd(file, len(plan), done, failed, computed, finished.stale, len(store.damaged))
    if stopped:
        raise SweepStopped(end)
    return end


class SweepStopped(KeyboardInterrupt):
    """Ctrl-C ended a sweep; `end` says how far it came."""

    def __init__(self, end: SweepEnd) -> None:
        super().__init__(str(end))
        self.end = end


def _broken(problem: OSError, folder: Path, watch: Watch, points: int) -> InputError:
    full = _is_full(problem)
    reason = "no space left on the disk" if full else f"the system refuses to go on ({problem})"
    first = "free some space, and the same command" if full else "the same command"
    return InputError(
        f"{folder}: {reason}; {watch.done + watch.failed} of {points} points are safe: {first} continues"
    )


def _is_full(problem: Exception) -> bool:
    """Whether there was no space to write; HDF5 says so in the message only."""
    codes = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return getattr(problem, "errno", None) in codes or any(
        f"errno = {code}," in str(problem) for code in codes
    )


def _best(plan: Plan, finished: Finished) -> Best | None:
    found: Best | None = None
    if plan.best and finished.count(LEFT) < len(plan):
        for outcome, index in finished.outcomes():
            found = better(plan.best, found, replace(outcome, index=index))
    return found


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def sweep_status(folder: str | os.PathLike[str]) -> str:
    """How far the sweep in a folder is: points done, failed and left, rate, time left, and whether it runs.

    Raises `InputError` if the folder is not that of a sweep.
    """
    import time

    store = Store.existing(Path(folder))
    owner, status = store.owner(), store.read_status()
    if owner and status.get("state") == "running":
        age = max(0.0, time.time() - status["updated"])
        return f"running ({owner}): {progress_line(status)}; told {duration(age)} ago"
    if owner:
        return f"running ({owner}): starting, or writing the result"
    plan = store.read_plan()
    finished = Finished(plan, store.peek)
    done, failed = finished.count(DONE), finished.count(FAILED)
    left = len(plan) - done - failed
    numbers = {"state": "stopped", "points": len(plan), "done": done, "failed": failed, "rate": 0.0}
    line = progress_line({**numbers, "best": status.get("best", "")})
    return (
        f"finished: {line}" if not left else f"not running: {line}; {left} left: the same command continues"
    )
