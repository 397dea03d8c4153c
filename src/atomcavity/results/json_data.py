"""JSON that may be damaged or made to do harm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from atomcavity.errors import InputError, require

_MOST = 100_000_000  # bytes


def json_data(text: str | bytes, place: str) -> Any:
    """The data that a text holds.

    Raises `InputError` if it is not JSON, is nested too deeply, or has numbers of thousands of digits.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise InputError(f"{place} is nested too deeply") from None
    except ValueError as problem:
        raise InputError(f"{place} is not JSON: {problem}") from None


def read_json(path: Path) -> Any:
    """The data of a JSON file; `InputError` as `json_data`, and for a file that is missing or too large."""
    require(path.is_file(), f"no such file: {path}")
    size = path.stat().st_size
    require(size <= _MOST, f"{path} has {size / 1e6:.4g} MB: at most {_MOST / 1e6:g} MB are read")
    return json_data(path.read_bytes(), str(path))
