"""Axes of a sweep: lists and ranges of the values of keys, as they would stand in the file."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atomcavity.errors import InputError, require, unknown

LARGEST = 10_000_000
"""Most points of a sweep."""
BYTES = 2500
"""Estimated size on disk of a point with about twenty answers that has its file in `points/` to itself, and of its share of the netCDF file."""

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S.*?)?\s*")
_RANGE = ("from", "to", "points", "scale")


@dataclass(frozen=True)
class Axis:
    """One axis: the keys that change along it, and at each place their values as TOML gives them (place, key)."""

    keys: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def name(self) -> str:
        """The first key: the name of the dimension in the result."""
        return self.keys[0]


def read_axes(table: Mapping[str, Any], zipped: Sequence[Sequence[str]], place: str) -> tuple[Axis, ...]:
    """The axes of `sweep.axes`, in the order of the file; the keys of a list in `zipped` share one axis.

    Raises `InputError` with one sentence a mistake.
    """
    mistakes: list[str] = []
    values: dict[str, list[Any]] = {}
    for key, given in _flat(table):
        try:
            values[key] = _values(given)
        except InputError as problem:
            mistakes.append(f"{place}: sweep.axes.{key}: {problem}")
    groups: dict[str, tuple[str, ...]] = {}
    for keys in zipped:
        wrong = _zip_problem(keys, values, groups)
        if wrong and not mistakes:
            mistakes.append(f"{place}: sweep.zip: {wrong}")
        groups |= dict.fromkeys(keys, tuple(keys))
    require(not mistakes, "\n".join(mistakes))
    axes: list[Axis] = []
    for key in values:
        keys = groups.get(key, (key,))
        if key == keys[0]:
            axes.append(Axis(keys, tuple(zip(*(values[k] for k in keys), strict=True))))
    return tuple(axes)


def check_size(sizes: Sequence[int], place: str) -> None:
    """Raises `InputError`, with the estimated size in the message, for more points than a sweep may have."""
    total = math.prod(sizes)
    if total > LARGEST:
        shape = " × ".join(map(str, sizes))
        raise InputError(
            f"{place}: the sweep has {total:.3g} points ({shape}), about {total * BYTES / 1e9:.3g} GB of answers; "
            f"it may have at most {LARGEST:,}"
        )


def substitute(data: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """A copy of `data` with another value at the dotted key; tables that are not on the way are shared, not copied.

    A whole number is the place in a list.

    >>> substitute({"trap": {"red": 1, "blue": 2}}, "trap.red", 5)
    {'trap': {'red': 5, 'blue': 2}}
    >>> substitute({"lasers": [{"rate": 1}, {"rate": 2}]}, "lasers.1.rate", 7)
    {'lasers': [{'rate': 1}, {'rate': 7}]}
    """
    copy: Any = dict(data)
    here, parts = copy, key.split(".")
    for depth, part in enumerate(parts):
        slot: Any = part
        if isinstance(here, list):
            require(
                part.isdigit() and int(part) < len(here),
                f"{key}: {'.'.join(parts[:depth])} is a list with the places 0 to {len(here) - 1}, not {part!r}",
            )
            slot = int(part)
        if depth == len(parts) - 1:
            here[slot] = value
            break
        inner = here[slot] if isinstance(here, list) else here.get(slot, {})
        require(
            isinstance(inner, dict | list), f"{key}: {'.'.join(parts[: depth + 1])} is a value, not a table"
        )
        here[slot] = inner.copy()
        here = here[slot]
    return dict(copy)


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and what is given for each; a table without `from` or `to` is a table of keys."""
    for name, given in table.items():
        key = f"{before}{name}"
        if isinstance(given, dict) and given and not {"from", "to"} & given.keys():
            yield from _flat(given, f"{key}.")
        else:
            yield key, given


def _values(given: Any) -> list[Any]:
    if isinstance(given, list):
        require(bool(given), "the list of values is empty")
        check_size([len(given)], "this axis")
        seen = [json.dumps(value, sort_keys=True, default=str) for value in given]
        twice = next((value for value in seen if seen.count(value) > 1), None) if len(seen) < 1000 else None
        require(twice is None, f"the value {twice} is there twice")
        return list(given)
    if isinstance(given, dict):
        return _range(given)
    raise InputError(
        f"{given!r} is neither a list of values nor a range such as "
        '{ from = "1 mW", to = "9 mW", points = 5, scale = "log" }'
    )


def _range(given: Mapping[str, Any]) -> list[Any]:
    for name in given:
        if name not in _RANGE:
            raise unknown("key of a range", name, _RANGE)
    for name in _RANGE[:3]:
        require(name in given, f"the range has no {name!r}")
    points, scale = given["points"], given.get("scale", "linear")
    require(
        isinstance(points, int) and not isinstance(points, bool) and points >= 2,
        f"points = {points!r}: a whole number of at least 2",
    )
    check_size([points], "this axis")
    if scale not in ("linear", "log"):
        raise unknown("scale", scale, ("linear", "log"))
    (first, unit), (last, unit_of_last) = _quantity(given["from"], "from"), _quantity(given["to"], "to")
    require(
        unit == unit_of_last,
        f"from = {given['from']!r} and to = {given['to']!r} have different units: use one for both",
    )
    require(first != last, f"from and to are the same, {given['from']!r}")
    return [_text(number, unit, given) for number in _steps(first, last, points, scale)]


def _steps(first: float, last: float, points: int, scale: str) -> list[float]:
    fractions = [k / (points - 1) for k in range(points)]
    if scale == "linear":
        return [first + (last - first) * x for x in fractions[:-1]] + [last]
    require(first * last > 0, "a log range needs from and to of the same sign, and not zero")
    ratio = math.log(last / first)
    return [first] + [first * math.exp(ratio * x) for x in fractions[1:-1]] + [last]


def _quantity(value: Any, name: str) -> tuple[float, str | None]:
    """Number and unit of one end of a range; without a unit a plain number."""
    number, unit = value, None
    if isinstance(value, str):
        match = _QUANTITY.fullmatch(value)
        require(match is not None and match[2] is not None, f"{name} = {value!r} is not a number with a unit")
        number, unit = float(match[1]), match[2]  # type: ignore[index]
    require(
        isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number),
        f"{name} = {value!r} is not a number, with its unit if it has one",
    )
    return number, unit


def _text(number: float, unit: str | None, given: Mapping[str, Any]) -> Any:
    """A value of a range as it would stand in the file: whole numbers stay whole if both ends are."""
    short = float(f"{number:.15g}")
    if unit is not None:
        return f"{short:.15g} {unit}"
    whole = isinstance(given["from"], int) and isinstance(given["to"], int) and short == round(short)
    return int(short) if whole else short


def _zip_problem(keys: Sequence[str], values: Mapping[str, list[Any]], taken: Mapping[str, Any]) -> str:
    for key in keys:
        if key not in values:
            return str(unknown("axis", key, values))
        if key in taken:
            return f"{key!r} stands in two lists"
    lengths = {key: len(values[key]) for key in keys}
    if len(lengths) < 2 or len(set(lengths.values())) > 1:
        shown = ", ".join(f"{key} has {count}" for key, count in lengths.items())
        return f"the keys of a list are different ones with equally many values, but {shown}"
    return ""
