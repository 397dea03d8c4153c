"""Inputs with an uncertainty: "5.03(1) um", "5.03 +- 0.01 um", and "0.82(1)" for a number without a unit.

The schema sees the nominal value; the standard deviation is kept beside it, by the path of the key in the data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from atomcavity import units
from atomcavity.errors import InputError, require
from atomcavity.experiments.quantities import Quantity, Several, WordOr
from atomcavity.experiments.schema import Key, key_at

Path = tuple[str | int, ...]
"""Names of tables and keys, and numbers of the rows of arrays."""

_DEEPEST = 12
_DIGITS = r"(?:\d++(?:\.\d*+)?|\.\d++)"
_EXPONENT = r"(?:[eE][+-]?\d++)?"
_SHORT = re.compile(rf"\s*+([+-]?{_DIGITS})\(({_DIGITS})\)({_EXPONENT})\s*+(\S.*)?", re.DOTALL)
_LONG = re.compile(
    rf"\s*+(\(\s*+)?([+-]?{_DIGITS}{_EXPONENT})\s*+(?:\+-|\+/-|±)\s*+({_DIGITS}{_EXPONENT})(?(1)\s*+\))\s*+(\S.*)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Input:
    """A continuous input of an experiment's data.

    path   where it stands
    value  its number in the file, in `unit`
    sigma  standard deviation in `unit`; 0 if the file gives none
    unit   as in the file; "" for a plain number
    kind   of `units`; "" for a plain number
    """

    path: Path
    value: float
    sigma: float
    unit: str
    kind: str

    @property
    def name(self) -> str:
        """The path with dots."""
        return ".".join(map(str, self.path))

    @property
    def si(self) -> float:
        """What one unit is in SI."""
        return units.parse(f"1 {self.unit}", self.kind) if self.kind else 1.0

    @property
    def si_unit(self) -> str:
        """The SI unit of the value inside."""
        return units.si_unit(self.kind) if self.kind else "1"

    @property
    def text(self) -> str:
        """Value and standard deviation in the unit of the file."""
        number = units.rounded(self.value, self.sigma) if self.sigma else f"{self.value:g}"
        return f"{number} {self.unit}".rstrip()

    def written(self, value: float) -> float | str:
        """Another value as it would stand in the file."""
        return f"{float(value)!r} {self.unit}" if self.kind else float(value)


def read_uncertain(text: str) -> tuple[str, float, float, str] | None:
    """Nominal number (as text), its value, the standard deviation and the rest of a string; None if it is not of this form.

    >>> read_uncertain("5.03(1) um")
    ('5.03', 5.03, 0.01, 'um')
    >>> read_uncertain("5.03 +- 0.01 um")
    ('5.03', 5.03, 0.01, 'um')
    >>> read_uncertain("1.2(1)e8")
    ('1.2e8', 120000000.0, 10000000.0, '')
    >>> read_uncertain("5.03 um") is None
    True
    """
    short = _SHORT.fullmatch(text)
    if short:
        number, error, exponent, rest = short.groups()
        places = len(number.partition(".")[2]) if "." not in error else 0
        value = number + exponent
        sigma = float(f"{error}e{-places}") * float(f"1{exponent}")
        return value, float(value), sigma, (rest or "").rstrip()
    long = _LONG.fullmatch(text)
    if long:
        _, number, error, rest = long.groups()
        return number, float(number), float(error), (rest or "").rstrip()
    return None


def split_uncertain(
    data: Mapping[str, Any], schema: type[BaseModel], place: str = "experiment"
) -> tuple[dict[str, Any], tuple[Input, ...]]:
    """The data with nominal values only, and the inputs that have an uncertainty, in the order of the data.

    Raises `InputError` for an uncertainty that is not finite, or of a key that does not vary continuously.
    """
    found: list[Input] = []

    def nominal(path: Path, value: Any) -> Any:
        read = read_uncertain(value) if isinstance(value, str) else None
        key = key_at(schema, _names(path)) if read else None
        if read is None or key is None:
            return value
        name = ".".join(map(str, path))
        if not key.continuous:
            if key.allowed.startswith(("whole", "integer")):
                raise InputError(
                    f"{place}: {name} = {value!r} can have no uncertainty; allowed: {key.allowed}"
                )
            return value  # a text that looks like one
        number, mean, sigma, unit = read
        require(
            math.isfinite(sigma) and math.isfinite(mean),
            f"{place}: {name} = {value!r} is not a finite number",
        )
        kind = _kind(key)
        if kind and unit not in units.names(kind):
            return f"{number} {unit}"  # the schema says what is wrong with it
        if not kind and unit:
            return value
        if sigma:
            found.append(Input(path, mean, sigma, unit, kind))
        return f"{number} {unit}" if kind else mean

    return dict(_mapped(data, (), nominal)), tuple(found)


def inputs_of(data: Mapping[str, Any], schema: type[BaseModel]) -> tuple[Input, ...]:
    """All continuous inputs of data (with nominal values) that have a number, in the order of the data; sigma is 0."""
    found = []
    for path, value in _leaves(data):
        key = key_at(schema, _names(path))
        if key is None or not key.continuous:
            continue
        kind = _kind(key)
        if not kind and isinstance(value, (int, float)) and not isinstance(value, bool):
            found.append(Input(path, float(value), 0.0, "", ""))
        elif kind and isinstance(value, str) and value != getattr(key.special, "word", None):
            number, unit = units.split(value, kind, key=".".join(map(str, path)))
            found.append(Input(path, number, 0.0, unit, kind))
    return tuple(found)


def with_values(data: Mapping[str, Any], values: Sequence[tuple[Input, float]]) -> dict[str, Any]:
    """The data with other numbers for some inputs, in the units of the file."""
    changed = {one.path: one.written(value) for one, value in values}
    return dict(_mapped(data, (), lambda path, value: changed.get(path, value)))


def _kind(key: Key) -> str:
    """The kind of `units` in which a key is written; "" for plain numbers."""
    return key.special.kind if isinstance(key.special, Quantity | Several | WordOr) else ""


def _names(path: Path) -> tuple[str, ...]:
    return tuple(part for part in path if isinstance(part, str))


def _mapped(value: Any, path: Path, change: Callable[[Path, Any], Any]) -> Any:
    if len(path) > _DEEPEST:  # no schema has it: left to be refused
        return value
    if isinstance(value, Mapping):
        return {key: _mapped(item, (*path, key), change) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, (*path, k), change) for k, item in enumerate(value)]
    return change(path, value)


def _leaves(value: Any) -> list[tuple[Path, Any]]:
    found: list[tuple[Path, Any]] = []
    _mapped(value, (), lambda path, leaf: found.append((path, leaf)))
    return found
