"""Numbers that a paper prints: those compared one by one (`targets.toml`), and others (`published.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from atomcavity.errors import InputError
from atomcavity.reports import read_targets
from atomcavity.units import parse


@dataclass(frozen=True)
class Printed:
    """The printed numbers beside a study's files, in `folder`."""

    folder: Path

    @cached_property
    def _targets(self) -> dict[str, float | tuple[float, ...] | None]:
        return {target.id: target.published for target in read_targets(self.folder / "targets.toml")}

    @cached_property
    def _others(self) -> dict[str, str]:
        return tomllib.loads((self.folder / "published.toml").read_text(encoding="utf-8"))

    def published(self, key: str) -> float:
        """The printed number of a target, in the target's unit; `InputError` if the paper prints no single one."""
        found = self._targets[key]
        if found is None or isinstance(found, tuple):
            raise InputError(f"the paper prints no single number for {key}")
        return float(found)

    def printed(self, key: str) -> float:
        """Another printed number, an angular frequency (rad/s)."""
        return parse(self._others[key], "angular", key=key)
