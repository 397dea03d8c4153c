"""Numbers that the paper prints: those compared one by one (`targets.toml`), and others (`published.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from atomcavity.errors import InputError
from atomcavity.reports import read_targets
from atomcavity.units import parse

HERE = Path(__file__).parent


@cache
def published(key: str) -> float:
    """The printed number of a target, in the target's unit."""
    found = {target.id: target.published for target in read_targets(HERE / "targets.toml")}[key]
    if found is None or isinstance(found, tuple):
        raise InputError(f"the paper prints no single number for {key}")
    return float(found)


@cache
def printed(key: str) -> float:
    """Another printed number, an angular frequency (rad/s)."""
    return parse(
        tomllib.loads((HERE / "published.toml").read_text(encoding="utf-8"))[key], "angular", key=key
    )
