"""Two results side by side: which parameters and values differ, and by how much."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import InputError, number, require
from atomcavity.results.base import Result
from atomcavity.results.contents import Contents, Values, contents_of
from atomcavity.results.json_data import read_json
from atomcavity.results.loading import Loaded, load
from atomcavity.results.netcdf import one_line

_MOST = 100  # lines of one kind in the table


@dataclass(frozen=True)
class Difference:
    """One parameter or value that differs.

    first, second  what it is, as text; of an array at the place of the largest difference
    relative       (second - first)/|first| there; of complex numbers its modulus; NaN where there is no number
    errors         |second - first| in units of the combined standard error, the largest one of an array; NaN without
                   errors
    note           which part of an array differs
    """

    name: str
    first: str
    second: str
    relative: float = math.nan
    errors: float = math.nan
    note: str = ""

    def __str__(self) -> str:
        parts = [self.note] if self.note else []
        if not math.isnan(self.relative):
            parts.append(f"{100 * self.relative:+.3g} %")
        if not math.isnan(self.errors):
            parts.append(f"{self.errors:.2g} combined errors")
        return f"{self.first} | {self.second}" + (f"  ({', '.join(parts)})" if parts else "")


@dataclass(frozen=True)
class Comparison:
    """What differs between two results; printed as a table.

    compared      how many parameters and values both have
    only_first    names of parameters and values that only the first one has; only_second likewise
    versions      versions of the software that differ; they count for nothing
    """

    first: str
    second: str
    parameters: tuple[Difference, ...]
    values: tuple[Difference, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    compared: tuple[int, int]
    versions: tuple[Difference, ...] = field(default=())

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.parameters or self.values or self.only_first or self.only_second)

    def table(self) -> str:
        """Everything as text."""
        lines = [f"A: {self.first}", f"B: {self.second}"]
        for title, found, count in (
            ("parameters", self.parameters, self.compared[0]),
            ("values", self.values, self.compared[1]),
        ):
            if found:
                lines += ["", f"{title} that differ, {len(found)} of {count} (A | B)", *_lines(found)]
        for place, names in (("A", self.only_first), ("B", self.only_second)):
            if names:
                lines += ["", f"only in {place}", *(f"  {name}" for name in names[:_MOST])]
                lines += [f"  and {len(names) - _MOST} more"] * (len(names) > _MOST)
        if self.equal:
            lines += ["", f"equal: {self.compared[0]} parameters and {self.compared[1]} values"]
        if self.versions:
            lines += ["", "versions of the software (A | B)", *_lines(self.versions)]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.table()


def _lines(found: tuple[Difference, ...]) -> list[str]:
    width = max(len(each.name) for each in found[:_MOST])
    lines = [f"  {each.name:{width}}  {each}" for each in found[:_MOST]]
    return lines + [f"  and {len(found) - _MOST} more"] * (len(found) > _MOST)


def compare(
    first: Loaded | str | os.PathLike[str], second: Loaded | str | os.PathLike[str], *, tolerance: float = 0.0
) -> Comparison:
    """What differs between two results, answers, sweeps or numbers of a study; objects, or files or folders of `load`.

    tolerance  relative difference up to which two numbers are equal; 0: they must be the same to the last bit

    Parameters are those of the record with method, reason and seed, or those of the `experiment.json` beside the answers; title
    and notes are left out.  NaN equals NaN.  The combined error is the root of the sum of squares of all errors that both
    carry (of the method and from uncertain inputs).  Sweeps over different values are compared at the points that both
    have.

    Raises `InputError` for two things of different kinds, and as `load`.
    """
    require(number(tolerance, "tolerance") >= 0, f"tolerance = {tolerance!r} must not be negative")
    a, b = _opened(first), _opened(second)
    if a.kind != b.kind:
        raise InputError(f"{a.kind} and {b.kind} cannot be compared: two of one kind are needed")
    a, b = a.aligned(b)
    shared = [name for name in a.values if name in b.values]
    known = [name for name in a.parameters if name in b.parameters]
    values = (_difference(name, a.values[name], b.values[name], tolerance) for name in shared)
    parameters = (_plain(name, a.parameters[name], b.parameters[name], tolerance) for name in known)
    return Comparison(
        first=a.name,
        second=b.name,
        parameters=tuple(each for each in parameters if each),
        values=tuple(each for each in values if each),
        only_first=_missing(a, b),
        only_second=_missing(b, a),
        compared=(len(known), len(shared)),
        versions=tuple(
            Difference(name, text, b.versions[name])
            for name, text in a.versions.items()
            if b.versions.get(name, text) != text
        ),
    )


def _opened(thing: Loaded | str | os.PathLike[str]) -> Contents:
    if not isinstance(thing, str | os.PathLike):
        return contents_of(thing, f"{type(thing).__name__}")
    path = Path(thing)
    found = load(path)
    beside = (path if path.is_dir() else path.parent) / "experiment.json"
    experiment = {}
    if not isinstance(found, Result) and beside.is_file():
        data = read_json(beside)
        experiment = data if isinstance(data, dict) else {}
    return contents_of(found, str(path), experiment)


def _missing(a: Contents, b: Contents) -> tuple[str, ...]:
    names = [name for name in a.parameters if name not in b.parameters]
    return (*names, *(name for name in a.values if name not in b.values))


def _plain(name: str, a: Any, b: Any, tolerance: float) -> Difference | None:
    """The difference of two parameters."""
    both = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (a, b))
    if both and _close(float(a), float(b), tolerance):
        return None
    if (type(a) is type(b) or both) and a == b:
        return None
    relative = (b - a) / abs(a) if both and a else math.nan
    return Difference(name, _shown(a), _shown(b), relative=float(relative))


def _shown(value: Any) -> str:
    """A parameter for people."""
    return f"{value:.10g}" if isinstance(value, float) else one_line(value)


def _close(a: float, b: float, tolerance: float) -> bool:
    return a == b or (a != a and b != b) or abs(a - b) <= tolerance * max(abs(a), abs(b))


def _difference(name: str, a: Values, b: Values, tolerance: float) -> Difference | None:
    """The difference of two values or arrays."""
    if a.unit != b.unit:
        return Difference(name, f"in {a.unit or '1'}", f"in {b.unit or '1'}", note="another unit")
    if a.array.shape != b.array.shape:
        shapes = [" × ".join(map(str, each.array.shape)) or "a number" for each in (a, b)]
        return Difference(name, shapes[0], shapes[1], note="another shape")
    x, y = np.atleast_1d(a.array), np.atleast_1d(b.array)
    if x.dtype.kind in "OUS" or y.dtype.kind in "OUS":
        unequal = np.asarray(x.astype(str) != y.astype(str))
        size = unequal.astype(float)
    else:
        unequal, size = _unequal(x, y, tolerance)
    if not unequal.any():
        return None
    at = np.unravel_index(int(np.argmax(np.where(unequal, size, -1.0))), size.shape)
    count, place = int(unequal.sum()), ", ".join(str(int(k)) for k in at)
    return Difference(
        name,
        a.text(at),
        b.text(at),
        relative=_relative(x[at], y[at]),
        errors=_in_errors(a, b, size, unequal),
        note=f"{count} of {size.size} differ, most at [{place}]" if a.array.shape else "",
    )


def _unequal(
    x: NDArray[Any], y: NDArray[Any], tolerance: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which numbers differ, and by how much (infinite where only one is known)."""
    x, y = (each.astype(complex if each.dtype.kind == "c" else float) for each in (x, y))
    nan = np.isnan(x), np.isnan(y)
    with np.errstate(invalid="ignore", over="ignore"):
        size = np.where(x == y, 0.0, np.abs(y - x))
        unequal = (x != y) & ~(size <= tolerance * np.maximum(np.abs(x), np.abs(y)))
    one = nan[0] != nan[1]
    unequal = np.where(nan[0] & nan[1], False, unequal | one)
    return unequal, np.where(unequal, np.where(np.isnan(size), np.inf, size), 0.0)


def _relative(x: Any, y: Any) -> float:
    if np.asarray(x).dtype.kind not in "iufbc" or np.asarray(y).dtype.kind not in "iufbc" or x == 0:
        return math.nan
    if np.iscomplexobj(x) or np.iscomplexobj(y):
        return float(abs(y - x) / abs(x))
    return float((float(y) - float(x)) / abs(float(x))) if np.isfinite([x, y]).all() else math.nan


def _in_errors(a: Values, b: Values, size: NDArray[np.float64], unequal: NDArray[np.bool_]) -> float:
    """The largest difference in units of the combined error."""
    combined = np.hypot(np.atleast_1d(a.error), np.atleast_1d(b.error))
    if combined.shape != size.shape:
        return math.nan
    good = unequal & (combined > 0) & np.isfinite(size)
    return float((size[good] / combined[good]).max()) if good.any() else math.nan
