"""Data of an experiment file back to TOML (the standard library only reads it)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from atomcavity.errors import InputError

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(data: Mapping[str, Any]) -> str:
    """TOML text of tables, lists, strings, numbers and booleans; what reads it gets the same data.

    >>> print(to_toml({"kind": "trap", "sphere": {"radius": "5 um"}}), end="")
    kind = "trap"
    <BLANKLINE>
    [sphere]
    radius = "5 um"

    Raises `InputError` for a value of another type.
    """
    return "\n".join(_table(data, ())).strip("\n") + "\n"


def _table(table: Mapping[str, Any], place: tuple[str, ...]) -> list[str]:
    plain = {key: value for key, value in table.items() if not _is_section(value)}
    lines = [f"{quoted_key(key)} = {value_text(value)}" for key, value in plain.items()]
    for key, value in table.items():
        path = (*place, key)
        name = ".".join(map(quoted_key, path))
        if isinstance(value, Mapping):
            lines += ["", f"[{name}]", *_table(value, path)]
        elif key not in plain:
            for row in value:
                lines += ["", f"[[{name}]]", *_table(row, path)]
    return lines


def _is_section(value: object) -> bool:
    rows = isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value)
    return isinstance(value, Mapping) or bool(rows)


def quoted_key(key: str) -> str:
    """A key as TOML wants it."""
    return key if _BARE.fullmatch(key) else _string(key)


def value_text(value: object) -> str:
    """A value on one line of TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and abs(value) >= 1e5 and float(f"{value:g}") == value:
        return f"{value:g}"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(value_text, value)) + "]"
    if isinstance(value, Mapping):
        inside = (f"{quoted_key(key)} = {value_text(item)}" for key, item in value.items())
        return "{ " + ", ".join(inside) + " }" if value else "{}"
    raise InputError(f"{value!r} cannot stand in an experiment file: it is no string, number, list or table")


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
