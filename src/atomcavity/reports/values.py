"""Published beside computed: one row for each number of a paper."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atomcavity.errors import InputError, require


@dataclass(frozen=True)
class Target:
    """A number of a paper, or several of one kind: `published` is None where it shows only a curve or a statement.

    tolerance  relative deviation up to which a computed number agrees with it
    rounding   half a unit of the last printed digit, where that is coarser than the tolerance
    remark     the sentence that explains a deviation
    """

    id: str
    quantity: str
    unit: str = ""
    published: float | tuple[float, ...] | None = None
    tolerance: float = 0.02
    rounding: float = 0.0
    remark: str = ""


@dataclass(frozen=True)
class Value:
    """A target with what we compute: a number, or as many as are published."""

    target: Target
    computed: float | tuple[float, ...]

    @property
    def _pairs(self) -> list[tuple[float, float]]:
        """(computed, published), one after another; none where nothing is published."""
        published = self.target.published
        return [] if published is None else list(zip(_row(self.computed), _row(published), strict=True))

    @property
    def deviation(self) -> float:
        """(computed - published)/|published|, of several the largest; NaN where nothing is published."""
        return max((_relative(*pair) for pair in self._pairs), key=abs, default=math.nan)

    @property
    def verdict(self) -> str:
        """'agrees' (within the target's tolerance), 'within rounding', 'deviates', 'not published', 'not computed'."""
        if not all(map(math.isfinite, _row(self.computed))):
            return "not computed"
        if self.target.published is None:
            return "not published"
        tolerance, rounding = self.target.tolerance, self.target.rounding
        beyond = [(ours, theirs) for ours, theirs in self._pairs if abs(_relative(ours, theirs)) > tolerance]
        if not beyond:
            return "agrees"
        return (
            "within rounding"
            if all(abs(ours - theirs) <= rounding for ours, theirs in beyond)
            else "deviates"
        )

    def to_dict(self) -> dict[str, object]:
        """The row of `values.json`."""
        return {
            "id": self.target.id,
            "quantity": self.target.quantity,
            "published": _plain(self.target.published),
            "computed": _plain(self.computed),
            "unit": self.target.unit,
            "verdict": self.verdict,
            "remark": self.target.remark,
        }


def _row(value: float | tuple[float, ...]) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,)


def _relative(computed: float, published: float) -> float:
    if published == 0:
        return 0.0 if computed == 0 else math.inf
    return (computed - published) / abs(published)


def _plain(value: float | tuple[float, ...] | None) -> float | list[float | None] | None:
    """The value for JSON: None in place of what is not finite."""
    if value is None:
        return None
    row = [each if math.isfinite(each) else None for each in _row(value)]
    return row if isinstance(value, tuple) else row[0]


def read_targets(path: Path) -> list[Target]:
    """The targets of a study, from its TOML file (an array of tables `[[target]]`)."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["target"]
    targets = [_target(row) for row in rows]
    require(len({t.id for t in targets}) == len(targets), f"{path.name}: an id appears twice")
    return targets


def _target(row: dict[str, Any]) -> Target:
    published = row.get("published")
    return Target(**row | {"published": tuple(published) if isinstance(published, list) else published})


def compare(targets: Iterable[Target], computed: Mapping[str, float | Sequence[float]]) -> list[Value]:
    """One `Value` for each target, in the targets' order.

    Raises `InputError` if a computed id is no target, a target was not computed, or has another count of
    numbers: nothing is dropped in silence.
    """
    known = {target.id: target for target in targets}
    stray = sorted(set(computed) - set(known))
    absent = [key for key in known if key not in computed]
    if stray or absent:
        raise InputError(
            f"values without a target: {stray or 'none'}; targets without a value: {absent or 'none'}"
        )
    return [Value(target, _computed(target, computed[key])) for key, target in known.items()]


def _computed(target: Target, value: float | Sequence[float]) -> float | tuple[float, ...]:
    if not isinstance(target.published, tuple):
        return tuple(map(float, value)) if isinstance(value, Sequence) else float(value)
    row = tuple(map(float, value)) if isinstance(value, Sequence) else (float(value),)
    require(
        len(row) == len(target.published),
        f"{target.id}: {len(row)} numbers computed, {len(target.published)} published",
    )
    return row
