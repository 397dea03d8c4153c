"""The answers to one experiment: numbers by stable keys, with SI units, errors and reasons."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from atomcavity import units
from atomcavity.errors import InputError, require, unknown
from atomcavity.results.base import Result
from atomcavity.results.kinds import check_format, stamp
from atomcavity.results.netcdf import one_line
from atomcavity.results.table import write_csv

_KEY = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


@dataclass(frozen=True)
class Answer:
    """One number that an experiment answers.

    key          stable and dotted, "trap.depth"
    label        what it is, for people
    value        in SI; NaN if it cannot be known, with the `reason`
    unit         the SI unit, "1" for plain numbers
    kind         how it is shown: one of `units.KINDS`, "" for plain numbers and other units
    error        standard error of the method itself (simulated trajectories, fits)
    reason       why there is no number
    input_error  standard deviation that the uncertain inputs give it

    >>> print(Answer("trap.distance", "distance from the surface", 1.37e-7, "m", "length", error=2e-9).text)
    137.0 ± 2.0 nm

    Raises `InputError` for a value that is infinite, or NaN without a reason, and for a unit that is not that of the kind.
    """

    key: str
    label: str
    value: float
    unit: str = "1"
    kind: str = ""
    error: float = 0.0
    reason: str = ""
    input_error: float = 0.0

    def __post_init__(self) -> None:
        require(
            _KEY.fullmatch(self.key) is not None, f"{self.key!r} is not a key of an answer: write group.name"
        )
        if self.kind:
            require(self.kind in units.KINDS, f"{self.key}: unknown kind {self.kind!r}")
            unit = units.si_unit(self.kind)
            require(self.unit == unit, f"{self.key}: a {self.kind} is in {unit}, not in {self.unit}")
        known = math.isfinite(self.value) or (math.isnan(self.value) and bool(self.reason))
        require(known, f"{self.key} = {self.value}: an answer is a finite number, or NaN with a reason")

    @property
    def text(self) -> str:
        """Value with its error and unit for people, or the reason why there is none."""
        if math.isnan(self.value):
            return f"— ({self.reason})"
        total = math.hypot(self.error, self.input_error)
        if self.kind:
            return units.show(self.value, self.kind, digits=6, error=total)
        number = units.rounded(self.value, total) if total else f"{self.value:.6g}"
        return number if self.unit == "1" else f"{number} {self.unit}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data; a number that is not known is None."""
        row = asdict(self)
        return {name: None if item != item else item for name, item in row.items()}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Answer:
        """The inverse of `to_dict`."""
        numbers = {
            name: math.nan if row[name] is None else float(row[name]) for name in _NUMBERS if name in row
        }
        for name in _TEXTS:
            require(isinstance(row.get(name, ""), str), f"{name} of an answer is no text")
        return cls(**{**row, **numbers})


_TEXTS = ("key", "label", "unit", "kind", "reason")
_NUMBERS = ("value", "error", "input_error")


@dataclass(frozen=True)
class Answers:
    """All answers to one experiment, the results that stand behind them by name, and what the parameters break.

    remarks   what was computed and by which method, one sentence each
    warnings  what the parameters break

    >>> found = Answers("a sphere", (Answer("sphere.radius", "radius", 5e-6, "m", "length"),))
    >>> found["sphere.radius"].value
    5e-06
    >>> print(found.table())
    a sphere
    <BLANKLINE>
    sphere
      radius  5 µm  radius
    """

    title: str
    answers: tuple[Answer, ...]
    results: Mapping[str, Result] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        keys = [answer.key for answer in self.answers]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        require(not twice, f"answers with the same key: {', '.join(twice)}")

    def __getitem__(self, key: str) -> Answer:
        for answer in self.answers:
            if answer.key == key:
                return answer
        raise unknown("answer", key, self.keys())

    def __contains__(self, key: object) -> bool:
        return any(answer.key == key for answer in self.answers)

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)

    def keys(self) -> tuple[str, ...]:
        """The keys, in the order of the answers."""
        return tuple(answer.key for answer in self.answers)

    def with_input_errors(self, errors: Mapping[str, float]) -> Answers:
        """The same answers with the standard deviations that uncertain inputs give them, by key."""
        found = (
            replace(answer, input_error=errors[answer.key]) if answer.key in errors else answer
            for answer in self.answers
        )
        return replace(self, answers=tuple(found))

    def table(self) -> str:
        """Everything as text: one line an answer, after the remarks, grouped by the first part of the keys, then the warnings."""
        shown = [(*_split(answer.key), answer.text, answer.label) for answer in self.answers]
        names = max((len(name) for _, name, _, _ in shown), default=0)
        short = [len(text) for _, _, text, _ in shown if len(text) <= _COLUMN]
        width = max(short, default=0)
        lines, before = [self.title, *(f"  {remark}" for remark in self.remarks)], None
        for group, name, text, label in shown:
            if group != before:
                lines += ["", group] if group else [""]
                before = group
            lines.append(f"  {name:{names}}  {text:{width}}  {label}")
        lines += [""] * bool(self.warnings) + [f"warning: {warning}" for warning in self.warnings]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.table()

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON: title, answers, remarks and warnings (the results are saved as files of their own)."""
        rows = [answer.to_dict() for answer in self.answers]
        texts = {"remarks": list(self.remarks), "warnings": list(self.warnings)}
        return {**stamp(), "title": self.title, "answers": rows, **texts}

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Write one line an answer (atomically): key, label, value in SI, unit, errors, and why there is no number."""
        names = {"value": "value (SI)"}
        columns = {
            names.get(name, name): [getattr(answer, name) for answer in self.answers] for name in _COLUMNS
        }
        return write_csv(Path(path), columns)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Answers:
        """The inverse of `to_dict`, without the results.

        Raises `InputError` if it is something else, or of a newer version.
        """
        check_format(data if isinstance(data, Mapping) else {}, "the file of answers")
        try:
            rows = tuple(Answer.from_dict(row) for row in data["answers"])
            warnings, remarks = (tuple(map(str, data.get(name, ()))) for name in ("warnings", "remarks"))
            return cls(str(data["title"]), rows, warnings=warnings, remarks=remarks)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as problem:
            raise InputError(f"these are not the answers of an experiment: {one_line(problem)}") from None


_COLUMNS = ("key", "label", "value", "unit", "error", "input_error", "reason")
"""Of the table that `to_csv` writes."""


_COLUMN = 36
"""Widest text that widens the column of values in a table."""


def _split(key: str) -> tuple[str, str]:
    """Group and name of a key."""
    group, _, name = key.partition(".")
    return (group, name) if name else ("", group)
