"""Published clocks (`clocks.toml`) to stand beside ours."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from atomcavity.units import parse


@dataclass(frozen=True)
class OtherClock:
    """A published clock: its Allan deviation at 1 s, which falls as 1/sqrt(tau) between two times (s)."""

    name: str
    place: str
    sigma_1s: float
    earliest: float
    latest: float
    source: str


def read_clocks(path: Path) -> list[OtherClock]:
    """The clocks of a file, in its order; an unknown or absent key is a TypeError or KeyError."""
    clocks = []
    for row in tomllib.loads(path.read_text(encoding="utf-8"))["clock"]:
        earliest, latest = (parse(row.pop(key), "time", key=key) for key in ("from", "until"))
        clocks.append(OtherClock(**row, earliest=earliest, latest=latest))
    return clocks


OTHERS = read_clocks(Path(__file__).parent / "clocks.toml")
