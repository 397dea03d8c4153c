"""What the values along an axis are in SI, with their units: read off the experiment that the schema made of them."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from atomcavity import units
from atomcavity.errors import InputError


@dataclass(frozen=True)
class Coordinate:
    """The values of one swept key: SI numbers with their unit, or texts; `kind` is one of `units.KINDS` or ""."""

    key: str
    values: tuple[float, ...] | tuple[str, ...]
    unit: str
    kind: str


def coordinate(key: str, given: Sequence[Any], experiments: Sequence[Any]) -> Coordinate:
    """The coordinate of `key` with the values `given` in the file; `experiments` are what the schema made of them."""
    found = [_value(experiment, key, value) for experiment, value in zip(experiments, given, strict=True)]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in found):
        return Coordinate(key, tuple(map(_label, given)), "", "")
    kind = _kind(experiments[0], key, given[0], found[0]) if isinstance(given[0], str) else ""
    unit = units.si_unit(kind) if kind else "" if isinstance(given[0], str) else "1"
    return Coordinate(key, tuple(map(float, found)), unit, kind)


def _label(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _value(experiment: Any, key: str, given: Any) -> Any:
    """The SI value that the experiment has at the dotted key; what was given, if it is not of a schema."""
    for part in key.split("."):
        if isinstance(experiment, list | tuple) and part.isdigit() and int(part) < len(experiment):
            experiment = experiment[int(part)]
        elif hasattr(experiment, part):
            experiment = getattr(experiment, part)
        else:
            return given
    one = isinstance(experiment, tuple) and len(experiment) == 1 and not isinstance(given, list)
    return experiment[0] if one else experiment  # a key that takes one value or several keeps a tuple


def _kind(experiment: Any, key: str, given: str, value: float) -> str:
    """The kind of the quantity at the key: the schema's, or the one that reads this text as this value."""
    fits = [kind for kind in units.KINDS if _reads(given, kind, value)]
    marked = _marked(experiment, key)
    found = sorted(marked & set(fits)) or fits or sorted(marked)  # a value with an error reads as no kind
    return found[0] if found else ""


def _reads(text: str, kind: str, value: float) -> bool:
    try:
        return units.parse(text, kind) == value
    except InputError:
        return False


def _marked(experiment: Any, key: str) -> set[str]:
    """Kinds of the quantities that the field at the key may be."""
    *tables, last = key.split(".")
    for part in tables:
        listed = isinstance(experiment, list | tuple) and part.isdigit()
        experiment = experiment[int(part)] if listed else getattr(experiment, part, None)
    field = getattr(type(experiment), "model_fields", {}).get(last)
    if field is None:
        return set()
    return {mark.kind for mark in (*field.metadata, *_marks(field.annotation)) if hasattr(mark, "kind")}


def _marks(annotation: Any) -> list[Any]:
    found = list(getattr(annotation, "__metadata__", ()))
    for inner in typing.get_args(annotation):
        found += _marks(inner)
    return found
