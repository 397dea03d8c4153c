"""Trajectories in batches: shared by processes, until an error or a time is reached, added to earlier ones.

Trajectory k depends on the seed and on k only, so that neither the processes nor the batches change it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.methods import Jumps
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require
from atomcavity.parallel import shared, spawn_seeds
from atomcavity.results import Result

Arrays = tuple[NDArray[Any], ...]
Task = Callable[[NDArray[np.uint64]], Arrays]
R = TypeVar("R", bound=Result)

PART = 8  # trajectories that one call of a task gets
FIRST = 16  # trajectories before the error or the time is looked at
MISSED = "the relative error of the photon number is"
AXES = ("time", "delay", "detuning")  # fields that pooled results have in common


class Watched(NamedTuple):
    """Mean and standard error over `runs` trajectories of the number whose relative error is to reach a target."""

    runs: int = 0
    mean: float = np.nan
    error: float = np.nan

    def added(self, values: NDArray[np.float64]) -> Watched:
        """With the values of more trajectories, one a run."""
        new = Watched(len(values), float(values.mean()), 0.0 if len(values) < 2 else _error_of(values))
        if self.runs == 0:
            return new
        counts = [self.runs, new.runs]
        mean, error = _mean(counts, self.mean, new.mean), _error(counts, self[1:], new[1:])
        return Watched(sum(counts), mean, float(error))

    @property
    def relative(self) -> float:
        """Relative standard error; infinite where it is not known."""
        return self.error / abs(self.mean) if self.mean and self.runs > 1 else np.inf


NOTHING = Watched()


def gather(
    task: Task,
    method: Jumps,
    watch: Callable[[Arrays], NDArray[np.float64]],
    *,
    first: Watched = NOTHING,
) -> Arrays:
    """Arrays (run, ...) of the trajectories behind those of `first`.

    task   seeds (run, 4) of at most `PART` runs -> arrays whose first axis is the run (or the call); it is
           sent to other processes
    watch  arrays -> one number a run; the relative standard error of its mean, with the earlier trajectories, is
           compared with `method.target_error`

    The number of trajectories is `method.trajectories`, or less if the target or the time budget is reached.
    """
    pieces: list[Arrays] = []
    done, began = 0, time.perf_counter()
    with shared(task, method.workers) as run:
        while done < method.trajectories:
            size = _next(method, done, first, partial(_watched, watch, pieces), time.perf_counter() - began)
            if size == 0:
                break
            seeds = spawn_seeds(method.seed, size, first=first.runs + done)
            pieces += run([seeds[k : k + PART] for k in range(0, size, PART)])
            done += size
    return _joined(pieces)


def gather_all(task: Task, seeds: NDArray[np.uint64], workers: int) -> Arrays:
    """Arrays of all the trajectories with these seeds."""
    with shared(task, workers) as run:
        return _joined(run([seeds[k : k + PART] for k in range(0, len(seeds), PART)]))


def _next(
    method: Jumps, done: int, first: Watched, watch: Callable[[], NDArray[np.float64]], spent: float
) -> int:
    """The size of the next batch; 0: enough."""
    left = method.trajectories - done
    if method.target_error is None and method.time_budget is None:
        return left
    if done == 0:
        return min(FIRST, left)
    size = left
    if method.target_error is not None:
        every = first.added(watch())
        if every.relative <= method.target_error:
            return 0
        further = every.runs * ((every.relative / method.target_error) ** 2 - 1)
        size = min(size, done, max(int(min(further, size)) + 1, done // 4))
    if method.time_budget is not None:
        affordable = int(done * (method.time_budget - spent) / spent)
        size = min(size, done, max(affordable, 0))
    return size


def _watched(watch: Callable[[Arrays], NDArray[np.float64]], pieces: list[Arrays]) -> NDArray[np.float64]:
    return watch(_joined(pieces))


def _joined(pieces: list[Arrays]) -> Arrays:
    """Along the first axis; where the last axes differ (photon distributions), zeros behind the shorter ones."""
    return tuple(np.concatenate(_padded(part)) for part in zip(*pieces, strict=True))


def _missed(method: Jumps, error: float) -> tuple[str, ...]:
    """A warning if the relative error of all trajectories did not reach the target."""
    if method.target_error is None or error <= method.target_error:
        return ()
    why = "time budget" if method.time_budget is not None else "number of trajectories"
    return (f"{MISSED} {error:.2g}, not {method.target_error:g}: the {why} was not enough",)


def standard_error(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard error of the mean over the first axis."""
    return values.std(axis=0, ddof=1) / np.sqrt(len(values))


def _error_of(values: NDArray[np.float64]) -> float:
    return float(standard_error(values.ravel()))


def relative(values: NDArray[np.float64]) -> float:
    """Relative standard error of the mean of one value a run; infinite where it is not known."""
    return NOTHING.added(values).relative


def earlier(
    more: Result | None,
    system: CavitySystem,
    method: Jumps,
    question: dict[str, Any] | None = None,
    **axes: NDArray[Any],
) -> Watched:
    """What is known of the trajectories of an earlier result that is to be added to (nothing without one).

    question  what else the record's parameters must hold (mode, initial state, ...); axes  its times or delays

    Raises `InputError` if it belongs to another system, method, seed or question.
    """
    if more is None:
        return NOTHING
    record = more.record
    require(record.method == "Jumps", f"more= is a result of {record.method}, not of Jumps")
    require(_same(record.parameters.get("system"), system.to_dict()), "more= is the result of another system")
    old, new = record.parameters["method"], asdict(method)
    for name in ("seed", "cavity", "duration"):
        require(
            old.get(name) == new[name] or (name == "duration" and new[name] is None),
            f"more= was computed with {name} = {old.get(name)!r}, not {new[name]!r}: give the same",
        )
    for name, value in (question or {}).items():
        require(
            name in record.parameters and _same(record.parameters[name], value),
            f"more= answers a question with {name} = {record.parameters.get(name)!r}, not {value!r}: give the same",
        )
    for name, values in axes.items():
        require(
            np.array_equal(getattr(more, name), values), f"more= has other values of {name}: give the same"
        )
    return Watched(int(old["trajectories"]), *record.parameters["watched"])


def _same(a: Any, b: Any) -> bool:
    """Whether plain data are equal, lists and tuples taken as the same."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def finished(result: R, method: Jumps, watched: NDArray[np.float64], more: R | None, first: Watched) -> R:
    """The result with the trajectories of `more`, of which `first` is known, and a warning if the target is missed.

    watched  the number whose error had the target, run by run of the new trajectories
    """
    every = first.added(watched)
    found = result if more is None else _pooled(more, result)
    record = found.record
    return replace(
        found,
        record=replace(
            record,
            parameters={**record.parameters, "watched": list(every[1:])},
            warnings=(*record.warnings, *_missed(method, every.relative)),
        ),
    )


def _pooled(more: R, result: R) -> R:
    """The result of the trajectories of both: means weighted by their numbers, errors by the pooled variance.

    g2(0) = <n (n - 1)>/<n>^2 and normalised correlations are made of the pooled moments.
    """
    counts = [r.record.parameters["method"]["trajectories"] for r in (more, result)]
    values: dict[str, Any] = {}
    for entry in fields(result):
        a, b = getattr(more, entry.name), getattr(result, entry.name)
        if entry.name in AXES or entry.name == "record" or isinstance(b, int):
            continue
        values[entry.name] = _mean(counts, a, b)
    for name in [name for name in values if name.endswith("_error") and name != "g2_error"]:
        value = name.removesuffix("_error")
        parts = [(getattr(r, value), getattr(r, name)) for r in (more, result)]
        values[name] = _error(counts, *parts)
    if "g2" in values:
        values |= _pooled_g2(counts, more, result, values["photon_number"])
    parameters = {**result.record.parameters}
    if "normalised" in values and "photon_numbers" in parameters:
        numbers = [r.record.parameters["photon_numbers"] for r in (more, result)]
        parameters["photon_numbers"] = _mean(counts, *numbers).tolist()
        values |= _pooled_correlation(counts, more, result, values["value"], parameters["photon_numbers"])
    parameters["method"] = {**result.record.parameters["method"], "trajectories": int(sum(counts))}
    told = (*(text for text in more.record.warnings if not text.startswith(MISSED)), *result.record.warnings)
    warnings = tuple(dict.fromkeys(told))
    reason = f"{result.record.reason}; added to {counts[0]} earlier trajectories"
    record = replace(result.record, parameters=parameters, warnings=warnings, reason=reason)
    return replace(result, record=record, **values)


def _mean(counts: list[int], a: Any, b: Any) -> Any:
    """The weighted mean; where one is unknown, the other."""
    a, b = _padded([np.asarray(a), np.asarray(b)])
    mean = (counts[0] * a + counts[1] * b) / sum(counts)
    mean = np.where(np.isnan(a), b, np.where(np.isnan(b), a, mean))
    return mean.item() if mean.ndim == 0 else mean


def _error(counts: list[int], *parts: tuple[Any, Any]) -> Any:
    """Standard error of the mean of two samples from the (mean, standard error) of each."""
    (a, da), (b, db) = parts
    n, m = counts
    squares = n * (n - 1) * da**2 + m * (m - 1) * db**2 + n * m / (n + m) * np.abs(a - b) ** 2
    error = np.sqrt(squares / ((n + m) * (n + m - 1)))
    return np.where(np.isnan(da), db, np.where(np.isnan(db), da, error))


def _pooled_g2(counts: list[int], more: Any, result: Any, n: NDArray[np.float64]) -> dict[str, Any]:
    """g2(0) from the pooled numbers of pairs, with the error of pairs - 2 g2 n photons."""
    with np.errstate(invalid="ignore", divide="ignore"):
        pairs = [np.nan_to_num(r.g2 * r.photon_number**2) for r in (more, result)]
        g2 = _mean(counts, *pairs) / n**2
        parts = [
            (p - 2 * g2 * n * r.photon_number, np.nan_to_num(r.g2_error * r.photon_number**2))
            for p, r in zip(pairs, (more, result), strict=True)
        ]
        error = _error(counts, *parts) / n**2
    unseen = _mean(counts, *pairs) == 0
    return {"g2": np.where(unseen, np.nan, g2), "g2_error": np.where(unseen, np.nan, error)}


def _pooled_correlation(
    counts: list[int], more: Any, result: Any, value: NDArray[np.complex128], numbers: list[float]
) -> dict[str, Any]:
    scale = np.prod(np.asarray(numbers), axis=0) ** (0.5 if result.order == 1 else 1.0)
    parts = [(r.normalised, r.error) for r in (more, result)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return {"normalised": value / scale, "error": _error(counts, *parts)}


def _padded(arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """All with the longest last axis, zeros behind the shorter ones."""
    if len({array.shape[1:] for array in arrays}) == 1 and arrays[0].ndim < 2:
        return list(arrays)
    size = max(array.shape[-1] for array in arrays) if arrays[0].ndim else 0
    return [
        np.concatenate([x, np.zeros((*x.shape[:-1], size - x.shape[-1]), x.dtype)], axis=-1)
        if x.ndim > 1 and x.shape[-1] < size
        else x
        for x in arrays
    ]
