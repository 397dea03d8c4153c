"""How an answer was obtained: method, reason, seed, residual, what was neglected, from which input."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from importlib import metadata
from typing import Any

from atomcavity.errors import InputError
from atomcavity.results.json_data import json_data


@cache
def versions() -> dict[str, str]:
    """Versions of Python, the package and the numerical libraries that a result depends on."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in ("atomcavity", "numpy", "scipy", "numba"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # running from a source tree that is not installed
            found[name] = "not installed"
    return found


@dataclass(frozen=True)
class Record:
    """Provenance of a result.

    `residual` is the relative residual of the equations solved (NaN where the method has none),
    `neglected` the population (or weight) outside the truncated space, `warnings` the
    simplifications that the given parameters break, `parameters` the `to_dict()` of the input.
    """

    method: str
    reason: str = ""
    seed: int | None = None
    residual: float = math.nan
    neglected: float = 0.0
    warnings: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=versions)

    def to_json(self) -> str:
        """One JSON string that holds everything (NaN is written as null)."""
        return json.dumps(_without_nan(asdict(self)), sort_keys=True)

    @classmethod
    def from_json(cls, text: object) -> Record:
        """The inverse of `to_json`.

        Raises `InputError` if it is something else.
        """
        values = json_data(text, "the record") if isinstance(text, str) else None
        if not isinstance(values, dict):
            raise InputError("there is no record of how the result was obtained")
        known = {f.name for f in fields(cls)}
        found = {name: value for name, value in values.items() if name in known}
        for name in ("residual", "neglected"):
            found[name] = math.nan if found.get(name, 0.0) is None else found.get(name, 0.0)
        for name, kinds in _KINDS.items():
            if not isinstance(found.get(name, _EMPTY.get(name)), kinds):
                raise InputError(
                    f"the record of the result is damaged: {name} = {str(found.get(name))[:60]!r}"
                )
        found["warnings"] = tuple(map(str, found.get("warnings", ())))
        return cls(**found)


_EMPTY = {"reason": "", "warnings": [], "parameters": {}, "versions": {}}
_KINDS: dict[str, Any] = {
    "method": str,
    "reason": str,
    "seed": int | None,
    "residual": int | float,
    "neglected": int | float,
    "warnings": list,
    "parameters": dict,
    "versions": dict,
}


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
