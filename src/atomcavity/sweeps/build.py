"""The result of a sweep as one netCDF file, written piece by piece: memory does not grow with the number of points."""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.results import Record
from atomcavity.results.files import replacing
from atomcavity.results.kinds import stamp
from atomcavity.results.seal import seal
from atomcavity.sweeps.batch import NUMBERS, Column, Outcome
from atomcavity.sweeps.plan import EDITION, Plan, data_version
from atomcavity.sweeps.store import DONE, FAILED, LEFT, Finished

KIND = "atomcavity.sweeps.result:SweepResult"
REPEAT = "repeat"
"""The dimension of repetitions."""
_PIECE = 5_000  # points that are written together
_FAILURES = 10_000  # messages of failed points that are kept in the file
_TEXTS = 20  # different warnings that are kept
_PATTERNS = 1000  # different warnings that are counted
_STATUS_BYTES = 9  # status and seed of a point
_SLACK = 65_536  # bytes that the library may need between the variables
_DIGITS = re.compile(r"\d+(\.\d+)?(e[+-]?\d+)?")


@dataclass
class _Warning:
    """Warnings that differ in their numbers only: how many, and the text at the first of the points."""

    count: int
    index: int
    text: str


@dataclass
class _Survey:
    """What a first look at all points tells: which answers there are, what they need, what went wrong.

    It does not depend on the order in which the points were finished.
    """

    columns: dict[str, Column] = field(default_factory=dict)
    firsts: dict[str, tuple[int, int]] = field(default_factory=dict)
    numbers: dict[str, set[int]] = field(default_factory=dict)
    warnings: dict[str, _Warning] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)

    def see(self, outcome: Outcome, index: int) -> None:
        """Take a finished point into account."""
        if outcome.failed:
            self.failures[index] = outcome.message
            if len(self.failures) >= 2 * _FAILURES:
                self.failures = self.first_failures()
            return
        rows = zip(outcome.columns, outcome.numbers, outcome.reasons, strict=True)
        for place, (column, numbers, reason) in enumerate(rows):
            first = self.firsts.get(column.key)
            if first is None or (index, place) < first:
                self.firsts[column.key], self.columns[column.key] = (index, place), column
            needed = self.numbers.setdefault(column.key, {0})
            if len(needed) < len(NUMBERS):
                needed.update(k for k in range(1, len(NUMBERS)) if numbers[k] != 0)
            if reason:
                self._note(reason, index, before=f"{column.key} is not known: ")
        for text in outcome.warnings:
            self._note(text, index)

    def _note(self, text: str, index: int, before: str = "") -> None:
        pattern = before + _DIGITS.sub("#", text)
        found = self.warnings.setdefault(pattern, _Warning(0, index, before + text))
        found.count += 1
        if index < found.index:
            found.index, found.text = index, before + text
        if len(self.warnings) > _PATTERNS:
            del self.warnings[max(self.warnings)]  # which ones are kept does not depend on the order

    def first_failures(self) -> dict[int, str]:
        """The failures that are kept, in the order of the points."""
        return {index: self.failures[index] for index in sorted(self.failures)[:_FAILURES]}

    def ordered(self) -> dict[str, Column]:
        """The answers, in the order of the first point that has them."""
        return {key: self.columns[key] for key in sorted(self.columns, key=self.firsts.__getitem__)}

    def told(self) -> list[str]:
        """The warnings, the most frequent first."""
        found = sorted(self.warnings.items(), key=lambda item: (-item[1].count, item[0]))
        lines = [
            f"at {each.count} point{'s' if each.count > 1 else ''}{'' if pattern == each.text else ', such as'}: {each.text}"
            for pattern, each in found[:_TEXTS]
        ]
        return lines + ([f"and {len(found) - _TEXTS} more warnings"] if len(found) > _TEXTS else [])


def build_result(plan: Plan, finished: Finished, file: Path) -> None:
    """Write the netCDF file (whole or not at all) from the finished points.

    Each answer is an array over the swept parameters in SI with its unit, `KEY.error` and `KEY.input_error` beside
    it where they are not all zero; `status`, `seed`, and the messages of failed points.
    """
    survey = _look(finished)
    for torn in file.parent.glob(f".{file.name}.*.part"):  # of a process that was killed while it wrote
        torn.unlink(missing_ok=True)
    with replacing(file) as temporary:
        sizes, frame = _create(plan, survey)
        temporary.write_bytes(frame)
        _reserve(temporary, math.prod(sizes.values()), survey)
        _fill(temporary, tuple(sizes.values()), survey, finished)
        seal(temporary)


def _reserve(path: Path, points: int, survey: _Survey) -> None:
    """Take the room on the disk that the values need, and fail here if there is none: the HDF5 library crashes on a full disk."""
    columns = sum(map(len, survey.numbers.values()))
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END) + points * (_STATUS_BYTES + 8 * columns) + _SLACK
        os.posix_fallocate(file.fileno(), 0, size)


def _current(finished: Finished) -> Iterator[tuple[Outcome, int]]:
    """The finished points, without failures of points that succeeded at another time."""
    for outcome, index in finished.outcomes():
        if not (outcome.failed and finished.state[index] == DONE):
            yield outcome, index


def _look(finished: Finished) -> _Survey:
    survey = _Survey()
    for outcome, index in _current(finished):
        survey.see(outcome, index)
    survey.columns, survey.failures = survey.ordered(), survey.first_failures()
    return survey


def names(
    columns: dict[str, Column], numbers: dict[str, set[int]], taken: set[str]
) -> dict[str, tuple[str, int]]:
    """Names of the variables, and for each the key and place of its number; a swept key is not overwritten."""
    found = {}
    for key in columns:
        name = f"answer.{key}" if key in taken else key
        for k in sorted(numbers[key]):
            found[name if k == 0 else f"{name}.{NUMBERS[k]}"] = (key, k)
    return found


def _create(plan: Plan, survey: _Survey) -> tuple[dict[str, int], bytes]:
    """The dimensions, and the content of the file with them, coordinates, and variables that are still empty."""
    import h5netcdf
    import h5py

    sizes = {axis.name: len(axis) for axis in plan.axes}
    if plan.shape[-1] > 1 or not isinstance(plan.seeds, int) or not sizes:
        sizes[REPEAT] = plan.shape[-1]
    dims = tuple(sizes)
    text = h5py.string_dtype()
    frame = io.BytesIO()
    with h5netcdf.File(frame, "w") as out:
        out.dimensions = {**sizes, "failure": len(survey.failures)}
        beside = []
        for axis in plan.axes:
            for found in (c for c in plan.coordinates if c.key in axis.keys):
                kind: Any = text if found.values and isinstance(found.values[0], str) else float
                variable = out.create_variable(
                    found.key, (axis.name,), kind, data=np.array(found.values, kind)
                )
                _describe(variable, found.unit, found.key, found.kind)
                if found.key != axis.name:
                    beside.append(found.key)
        if REPEAT in sizes:
            seeds = range(plan.seeds) if isinstance(plan.seeds, int) else plan.seeds
            given = "repetition" if isinstance(plan.seeds, int) else "seed"
            _describe(out.create_variable(REPEAT, (REPEAT,), data=np.array(seeds, np.int64)), "1", given, "")
        status = out.create_variable("status", dims, np.int8)  # empty: 0, LEFT
        _describe(status, "", "status of the point", "")
        status.attrs["flag_values"] = np.array([LEFT, DONE, FAILED], np.int8)
        status.attrs["flag_meanings"] = "left done failed"
        _describe(out.create_variable("seed", dims, np.int64), "", "seed of the point", "")
        for name, (key, k) in names(survey.columns, survey.numbers, _taken(plan)).items():
            column = survey.columns[key]
            label = column.label if k == 0 else f"{column.label}: {NUMBERS[k].replace('_', ' ')}"
            _describe(
                out.create_variable(name, dims, float, fillvalue=np.nan), column.unit, label, column.kind
            )
        failed = list(survey.failures)
        out.create_variable("failure_point", ("failure",), data=np.array(failed, np.int64))
        messages = np.array([_writable(survey.failures[index]) for index in failed], dtype=object)
        out.create_variable("failure_message", ("failure",), text, data=messages if failed else None)
        out.attrs["coordinates"] = " ".join(beside)
        for name, value in stamp().items():
            out.attrs[name] = value
        out.attrs["result"] = KIND
        out.attrs["best"] = plan.best
        out.attrs["record"] = _record(plan, survey).to_json()
    return sizes, frame.getvalue()


def _taken(plan: Plan) -> set[str]:
    keys = {key for axis in plan.axes for key in axis.keys}
    return keys | {REPEAT, "status", "seed", "failure", "failure_point", "failure_message"}


def _describe(variable: Any, unit: str, label: str, kind: str) -> None:
    variable.attrs["units"] = _writable(unit)
    variable.attrs["long_name"] = _writable(label)
    variable.attrs["kind"] = kind


def _writable(text: str) -> str:
    """A text without what HDF5 cannot hold: zeros and halves of surrogate pairs."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _record(plan: Plan, survey: _Survey) -> Record:
    seeds = plan.seeds if isinstance(plan.seeds, int) else list(plan.seeds)
    zipped = [list(axis.keys) for axis in plan.axes if len(axis.keys) > 1]
    return Record(
        method=f"sweep of {' × '.join(map(str, plan.shape))} points by {plan.function}",
        seed=plan.seed,
        warnings=tuple(survey.told()),
        parameters={
            "experiment": plan.data,
            "sweep": {"axes": [list(axis.keys) for axis in plan.axes], "zip": zipped, "seeds": seeds},
            "data": data_version(),
            "edition": EDITION,
        },
    )


def _fill(path: Path, shape: tuple[int, ...], survey: _Survey, finished: Finished) -> None:
    """Write status, seeds and answers, a piece of the points at a time."""
    import h5py

    wanted = names(survey.columns, survey.numbers, _taken(finished.plan))
    with h5py.File(path, "r+") as out:
        piece: dict[int, Outcome] = {}

        def flush() -> None:
            if not piece:
                return
            order = np.array(sorted(piece), np.int64)
            rows = [piece[index] for index in order.tolist()]
            places = np.stack(np.unravel_index(order, shape), axis=-1)
            state = np.array([FAILED if row.failed else DONE for row in rows], np.int8)
            _put(out["status"], places, state)
            _put(out["seed"], places, np.array([row.seed for row in rows], np.int64))
            for name, values in _columns(rows, wanted).items():
                _put(out[name], places, values)
            piece.clear()

        for outcome, index in _current(finished):
            piece[index] = outcome
            if len(piece) >= _PIECE:
                flush()
        flush()


def _columns(rows: list[Outcome], wanted: dict[str, tuple[str, int]]) -> dict[str, NDArray[np.float64]]:
    """The numbers of these points for each variable; NaN where a point has no such answer."""
    found = {name: np.full(len(rows), math.nan) for name in wanted}
    places: dict[tuple[Column, ...], dict[str, int]] = {}
    for row, outcome in enumerate(rows):
        at = places.get(outcome.columns)
        if at is None:
            at = places[outcome.columns] = {column.key: k for k, column in enumerate(outcome.columns)}
        for name, (key, k) in wanted.items():
            if key in at:
                found[name][row] = outcome.numbers[at[key]][k]
    return found


def _put(dataset: Any, places: NDArray[np.int64], values: NDArray[Any]) -> None:
    """Write single elements of a dataset."""
    from h5py import h5s

    space = dataset.id.get_space()
    space.select_elements(places)
    dataset.id.write(h5s.create_simple(values.shape), space, np.ascontiguousarray(values))
