"""The numbers of a study as they stand in its `values.json`: published beside computed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from atomcavity.errors import InputError, require, unknown
from atomcavity.results.netcdf import one_line

_TEXTS = ("id", "quantity", "unit", "verdict", "remark")


@dataclass(frozen=True)
class StudyValue:
    """One number of a paper, or several of one kind; None: not published, NaN: not computed."""

    id: str
    quantity: str
    unit: str
    published: float | tuple[float, ...] | None
    computed: float | tuple[float, ...]
    verdict: str
    remark: str = ""


@dataclass(frozen=True)
class StudyValues:
    """All numbers of a study, by their ids."""

    values: tuple[StudyValue, ...]

    def __getitem__(self, key: str) -> StudyValue:
        for value in self.values:
            if value.id == key:
                return value
        raise unknown("number", key, self.keys())

    def __iter__(self) -> Iterator[StudyValue]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    def keys(self) -> tuple[str, ...]:
        """The ids."""
        return tuple(value.id for value in self.values)

    def __str__(self) -> str:
        width = max(map(len, self.keys()), default=0)
        return "\n".join(
            f"{v.id:{width}}  {_text(v.computed)} {v.unit} (published: {_text(v.published)}; {v.verdict})"
            for v in self.values
        )

    @classmethod
    def from_rows(cls, rows: Any) -> StudyValues:
        """The rows of `values.json`.

        Raises `InputError` if they are something else.
        """
        try:
            found = tuple(_value(row) for row in rows)
            require(len({value.id for value in found}) == len(found), "an id appears twice")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as problem:
            raise InputError(f"these are not the numbers of a study: {one_line(problem)}") from None
        return cls(found)


def _value(row: dict[str, Any]) -> StudyValue:
    texts = {name: row[name] for name in _TEXTS}
    require(all(isinstance(text, str) for text in texts.values()), f"one of {', '.join(_TEXTS)} is no text")
    published = row["published"]
    return StudyValue(
        **texts,
        published=None if published is None else _numbers(published),
        computed=_numbers(row["computed"]),
    )


def _numbers(value: Any) -> float | tuple[float, ...]:
    if isinstance(value, list):
        return tuple(math.nan if each is None else float(each) for each in value)
    return math.nan if value is None else float(value)


def _text(value: float | tuple[float, ...] | None) -> str:
    if value is None:
        return "—"
    return ", ".join(f"{each:.6g}" for each in (value if isinstance(value, tuple) else (value,)))
