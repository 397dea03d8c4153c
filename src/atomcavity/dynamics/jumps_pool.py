"""Trajectories in batches: shared by processes, until an error or a time is reached, added to earlier ones.

Trajectory k depends on the seed and on k only, so that neither the processes nor the batches change it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.methods import Jumps
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require
from atomcavity.parallel import spawn_seeds
from atomcavity.results import Result

Arrays = tuple[NDArray[Any], ...]
Task = Callable[[NDArray[np.uint64]], Arrays]
R = TypeVar("R", bound=Result)

FIRST = 16  # trajectories before the error or the time is looked at
AXES = ("time", "delay", "detuning")  # fields that pooled results have in common


def gather(task: Task, method: Jumps, accuracy: Callable[[Arrays], float], *, first: int = 0) -> Arrays:
    """Arrays (run, ...) of the trajectories `first`, `first` + 1, ... of a task.

    task      seeds (run, 4) -> arrays whose first axis is the run; it is sent to other processes
    accuracy  relative standard error that the arrays so far give, compared with `method.target_error`

    The number of trajectories is `method.trajectories`, or less if the target or the time budget is reached.
    """
    pieces: list[Arrays] = []
    done, began = 0, time.perf_counter()
    with _shared(method.workers) as share:
        while done < method.trajectories:
            size = _next(method, done, pieces, accuracy, time.perf_counter() - began)
            if size == 0:
                break
            seeds = spawn_seeds(method.seed, size, first=first + done)
            pieces += share(task, np.array_split(seeds, min(size, 4 * method.workers)))
            done += size
    return _joined(pieces)


def _next(
    method: Jumps, done: int, pieces: list[Arrays], accuracy: Callable[[Arrays], float], spent: float
) -> int:
    """The size of the next batch; 0: enough."""
    left = method.trajectories - done
    if method.target_error is None and method.time_budget is None:
        return left
    if done == 0:
        return min(FIRST, left)
    size = left
    if method.target_error is not None:
        error = accuracy(_joined(pieces))
        if error <= method.target_error:
            return 0
        wanted = done * (error / method.target_error) ** 2 if np.isfinite(error) else np.inf
        size = min(size, done, max(int(wanted) + 1 - done, done // 4))
    if method.time_budget is not None:
        affordable = int(done * (method.time_budget - spent) / spent)
        size = min(size, done, max(affordable, 0))
    return size


@contextmanager
def _shared(workers: int) -> Iterator[Callable[[Task, list[Any]], list[Arrays]]]:
    if workers == 1:
        yield lambda task, parts: [task(part) for part in parts]
        return
    with ProcessPoolExecutor(workers) as pool:
        yield lambda task, parts: list(pool.map(task, parts))


def _joined(pieces: list[Arrays]) -> Arrays:
    return tuple(np.concatenate(part) for part in zip(*pieces, strict=True))


def earlier(more: Result | None, system: CavitySystem, method: Jumps, **axes: NDArray[Any]) -> int:
    """The number of trajectories of an earlier result that is to be added to (0 without one).

    Raises `InputError` if it belongs to another system, method, seed or question (`axes`: its times or delays).
    """
    if more is None:
        return 0
    parameters = more.record.parameters
    require(parameters.get("system") == system.to_dict(), "more= is the result of another system")
    old, new = parameters["method"], asdict(method)
    for name in ("seed", "cavity", "duration"):
        require(
            old.get(name) == new[name] or (name == "duration" and new[name] is None),
            f"more= was computed with {name} = {old.get(name)!r}, not {new[name]!r}: give the same",
        )
    for name, values in axes.items():
        require(
            np.array_equal(getattr(more, name), values), f"more= has other values of {name}: give the same"
        )
    return int(old["trajectories"])


def pooled(more: R | None, result: R) -> R:
    """The result of the trajectories of both: means weighted by their numbers, errors accordingly."""
    if more is None:
        return result
    counts = [r.record.parameters["method"]["trajectories"] for r in (more, result)]
    old, new = (count / sum(counts) for count in counts)
    values: dict[str, Any] = {}
    for entry in fields(result):
        a, b = getattr(more, entry.name), getattr(result, entry.name)
        if entry.name in AXES or entry.name == "record" or isinstance(b, int):
            continue
        a, b = _padded(np.asarray(a), np.asarray(b))
        mean = np.hypot(old * a, new * b) if entry.name.endswith("error") else old * a + new * b
        mean = np.where(np.isnan(a), b, np.where(np.isnan(b), a, mean))
        values[entry.name] = float(mean) if mean.ndim == 0 else mean
    record = result.record
    parameters = {
        **record.parameters,
        "method": {**record.parameters["method"], "trajectories": int(sum(counts))},
    }
    warnings = tuple(dict.fromkeys((*more.record.warnings, *record.warnings)))
    reason = f"{record.reason}; added to {counts[0]} earlier trajectories"
    return replace(
        result, record=replace(record, parameters=parameters, warnings=warnings, reason=reason), **values
    )


def _padded(a: NDArray[Any], b: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both with the longer last axis (photon distributions), zeros behind the shorter one."""
    if a.shape == b.shape:
        return a, b
    size = max(a.shape[-1], b.shape[-1])
    return tuple(
        np.concatenate([x, np.zeros((*x.shape[:-1], size - x.shape[-1]), x.dtype)], axis=-1) for x in (a, b)
    )  # type: ignore[return-value]
