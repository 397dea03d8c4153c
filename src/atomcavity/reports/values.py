"""Published beside computed: one row for each number of a paper."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from atomcavity.errors import InputError, require


@dataclass(frozen=True)
class Target:
    """A number of a paper: `published` is None where the paper shows only a curve or a statement.

    tolerance  relative deviation up to which a computed number agrees with it
    rounding   half a unit of the last printed digit, where that is coarser than the tolerance
    remark     the sentence that explains a deviation
    """

    id: str
    quantity: str
    unit: str = ""
    published: float | None = None
    tolerance: float = 0.02
    rounding: float = 0.0
    remark: str = ""


@dataclass(frozen=True)
class Value:
    """A target with the number that we compute."""

    target: Target
    computed: float

    @property
    def deviation(self) -> float:
        """(computed - published)/|published|; NaN where nothing is published."""
        published = self.target.published
        if published is None:
            return math.nan
        if published == 0:
            return 0.0 if self.computed == 0 else math.inf
        return (self.computed - published) / abs(published)

    @property
    def verdict(self) -> str:
        """'agrees' (within the target's tolerance), 'within rounding', 'deviates', 'not published', 'not computed'."""
        if not math.isfinite(self.computed):
            return "not computed"
        if self.target.published is None:
            return "not published"
        if abs(self.deviation) <= self.target.tolerance:
            return "agrees"
        near = abs(self.computed - self.target.published) <= self.target.rounding
        return "within rounding" if near else "deviates"

    def to_dict(self) -> dict[str, object]:
        """The row of `values.json`."""
        return {
            "id": self.target.id,
            "quantity": self.target.quantity,
            "published": self.target.published,
            "computed": self.computed if math.isfinite(self.computed) else None,
            "unit": self.target.unit,
            "verdict": self.verdict,
            "remark": self.target.remark,
        }


def read_targets(path: Path) -> list[Target]:
    """The targets of a study, from its TOML file (an array of tables `[[target]]`)."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["target"]
    targets = [Target(**row) for row in rows]
    require(len({t.id for t in targets}) == len(targets), f"{path.name}: an id appears twice")
    return targets


def compare(targets: Iterable[Target], computed: Mapping[str, float]) -> list[Value]:
    """One `Value` for each target, in the targets' order.

    Raises `InputError` if a computed id is no target, or a target was not computed: nothing is
    dropped in silence.
    """
    known = {target.id: target for target in targets}
    stray = sorted(set(computed) - set(known))
    absent = [key for key in known if key not in computed]
    if stray or absent:
        raise InputError(
            f"values without a target: {stray or 'none'}; targets without a value: {absent or 'none'}"
        )
    return [Value(target, float(computed[key])) for key, target in known.items()]
