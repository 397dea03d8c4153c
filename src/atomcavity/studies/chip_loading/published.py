"""What the paper prints: `published` numbers are compared one by one, `printed` ones are started from or drawn beside ours."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from atomcavity.studies.printed import Printed
from atomcavity.units import parse

_HERE = Path(__file__).parent
published = Printed(_HERE).published


@cache
def _others() -> dict[str, str | float | list[float] | list[str]]:
    return tomllib.loads((_HERE / "published.toml").read_text(encoding="utf-8"))


def printed(key: str, kind: str = "") -> float:
    """A number of `published.toml`: of a kind of units in SI units, or (kind "") a plain one."""
    found = _others()[key]
    if not kind:
        assert isinstance(found, float | int)
        return float(found)
    return parse(found, kind, key=key)


def printed_row(key: str, kind: str = "") -> tuple[float, ...]:
    """Several numbers of one kind, like `printed`."""
    found = _others()[key]
    assert isinstance(found, list)
    return tuple(parse(each, kind, key=key) if kind else float(each) for each in found)
