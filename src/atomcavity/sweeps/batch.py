"""A batch: points that were computed together and stand in one file, with a checksum."""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

from atomcavity.errors import AtomcavityError, InputError
from atomcavity.results.answers import Answer
from atomcavity.sweeps.plan import Plan, Point, evaluator, wanted

FORMAT = 1
"""Version of the files of points."""
_HEAD = b"atomcavity points %d sha256 " % FORMAT
_ANY_HEAD = re.compile(rb"atomcavity points (\d{1,9}) ")
_HASH = re.compile(r"[0-9a-f]{32}")
_LARGEST_SEED = 2**63 - 1
_LONG = 600  # characters of a message that is kept
NUMBERS = ("value", "error", "input_error")


@dataclass(frozen=True)
class Column:
    """What the answers of one key are."""

    key: str
    label: str
    unit: str
    kind: str


@dataclass(frozen=True)
class Outcome:
    """One finished point; `numbers` are (value, error, input_error) of each column, `message` says why it failed."""

    index: int
    hash: str
    seed: int
    message: str = ""
    columns: tuple[Column, ...] = ()
    numbers: tuple[tuple[float, ...], ...] = ()
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the point has a message instead of answers."""
        return bool(self.message)


@dataclass(frozen=True)
class Best:
    """The best point so far: its number, its answer, and the same for people."""

    index: int
    value: float
    shown: str


@dataclass(frozen=True)
class Batch:
    """What came of a share of points: the content of the file, and what the progress line needs of it.

    done     how many of the share's points were computed (the first ones)
    failed   how many of these failed
    seconds  that it took
    best     the best point, if the plan wants one and there is one
    """

    content: bytes
    done: int
    failed: int
    seconds: float
    best: Best | None = None


@dataclass
class _Writer:
    """Collects outcomes; equal columns are written once."""

    layouts: dict[tuple[Column, ...], int] = field(default_factory=dict)
    rows: list[list[Any]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        layout = self.layouts.setdefault(outcome.columns, len(self.layouts))
        parts = [[_plain(row[k]) for row in outcome.numbers] for k in range(len(NUMBERS))]
        errors = [part if any(part) else 0 for part in parts[1:]]
        reasons = {str(k): text for k, text in enumerate(outcome.reasons) if text}
        point = [outcome.index, outcome.hash, outcome.seed, outcome.message]
        self.rows.append([*point, layout, parts[0], *errors, reasons, list(outcome.warnings)])

    def content(self) -> bytes:
        layouts = [[[c.key, c.label, c.unit, c.kind] for c in layout] for layout in self.layouts]
        text = json.dumps({"layouts": layouts, "rows": self.rows}, separators=(",", ":"), allow_nan=False)
        body = text.encode()
        return _HEAD + hashlib.sha256(body).hexdigest().encode() + b"\n" + body + b"\n"


def compute(plan: Plan, indices: Sequence[int], seconds: float = math.inf) -> Batch:
    """Evaluate the points one after the other, at least one, and no further one once `seconds` have passed.

    An exception of a point becomes its message; the others go on.
    """
    function = evaluator(plan.function)
    writer, start, failed, done = _Writer(), time.perf_counter(), 0, 0
    best: Best | None = None
    for index in indices:
        outcome = _outcome(function, plan.point(index))
        writer.add(outcome)
        failed += outcome.failed
        done += 1
        best = better(plan.best, best, outcome)
        if time.perf_counter() - start > seconds:
            break
    return Batch(writer.content(), done, failed, time.perf_counter() - start, best)


def failure(plan: Plan, index: int, message: str) -> Batch:
    """The batch of one point that could not be computed."""
    point, writer = plan.point(index), _Writer()
    writer.add(Outcome(index, point.hash, point.seed, message[:_LONG]))
    return Batch(writer.content(), 1, 1, 0.0)


def _outcome(function: Any, point: Point) -> Outcome:
    try:
        answers = function(point.data, point.seed)
        return Outcome(
            point.index,
            point.hash,
            point.seed,
            columns=tuple(Column(a.key, a.label, a.unit, a.kind) for a in answers.answers),
            numbers=tuple((a.value, a.error, a.input_error) for a in answers.answers),
            reasons=tuple(a.reason for a in answers.answers),
            warnings=tuple(answers.warnings),
        )
    except AtomcavityError as problem:
        message = str(problem)
    except Exception as problem:
        message = f"{type(problem).__name__}: {problem}"
    return Outcome(point.index, point.hash, point.seed, (message or "failed without a message")[:_LONG])


def better(best: str, found: Best | None, outcome: Outcome) -> Best | None:
    """The better one of the best so far and an outcome, by the plan's `best`; the first of equal ones."""
    if not best or outcome.failed:
        return found
    keys = [column.key for column in outcome.columns]
    if best.partition(":")[2] not in keys:
        return found
    sign, key = wanted(best, keys)
    at = keys.index(key)
    value, column = outcome.numbers[at][0], outcome.columns[at]
    if math.isfinite(value) and (found is None or sign * (value - found.value) > 0):
        shown = Answer(key, column.label, value, column.unit, column.kind).text
        return Best(outcome.index, value, shown)
    return found


def read_batch(content: bytes) -> Iterator[Outcome]:
    """The points of a file.

    Raises (in the call, not later) `InputError` if a newer version wrote it, and another ValueError if the file is torn,
    was changed or holds something else.
    """
    head, _, body = content.partition(b"\n")
    found = _ANY_HEAD.match(head)
    if found and int(found[1]) > FORMAT:
        raise InputError(
            f"written by a newer version of atomcavity (points in format {int(found[1])}, this one reads {FORMAT}): upgrade it"
        )
    body = body.removesuffix(b"\n")
    if head != _HEAD + hashlib.sha256(body).hexdigest().encode():
        raise ValueError("the checksum does not fit")
    try:
        data = json.loads(body)
        layouts = [tuple(Column(*column) for column in layout) for layout in data["layouts"]]
        for column in {column for layout in layouts for column in layout}:
            if not all(isinstance(text, str) for text in astuple(column)):
                raise ValueError("a key, label, unit or kind is no text")
            Answer(column.key, column.label, 0.0, column.unit, column.kind)  # refuses what is no answer
        return iter([_read_row(row, layouts) for row in data["rows"]])
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as problem:
        raise ValueError(f"these are no points: {problem!r}") from None


def _read_row(row: list[Any], layouts: list[tuple[Column, ...]]) -> Outcome:
    """One point; anything but a point raises an exception of some kind."""
    index, hashed, seed, message, layout, values, errors, input_errors, reasons, warnings = row
    if not (index >= 0 and _HASH.fullmatch(hashed) and abs(seed) <= _LARGEST_SEED and layout >= 0):
        raise ValueError("no number, hash or seed of a point")
    zeros = [0.0] * len(values)
    numbers = tuple(
        (_number(value), _number(error), _number(input_error))
        for value, error, input_error in zip(values, errors or zeros, input_errors or zeros, strict=True)
    )
    texts = tuple(reasons.get(str(k), "") for k in range(len(values)))
    if len(numbers) != len(layouts[layout]) or not all(
        isinstance(text, str) for text in (message, *texts, *warnings)
    ):
        raise ValueError("other answers than the file says")
    return Outcome(index, hashed, seed, message, layouts[layout], numbers, texts, tuple(warnings))


def _number(stored: float | None) -> float:
    """The inverse of `_plain`; what is no number raises a TypeError."""
    return math.nan if stored is None else stored * 1.0


def _plain(number: float) -> float | None:
    """A float that JSON can hold: None is not a number."""
    number = float(number)
    return number if math.isfinite(number) else None
