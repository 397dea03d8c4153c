"""Groups of answers whose keys are the same whether there is an answer or not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from atomcavity import units
from atomcavity.dynamics.choice import choose
from atomcavity.dynamics.methods import Method
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError
from atomcavity.results import Answer, Result

Row = tuple[str, str, str]
"""Name, label, kind of `units` ("" for a plain number)."""


@dataclass(frozen=True)
class Asked:
    """What a part of an experiment answers: the first part of its keys, and one row for each number.

    >>> trap = Asked("trap", (("depth", "depth", "temperature"),))
    >>> trap.told({"depth": 3.2e-5})[0].text
    '32 µK'
    >>> trap.told({}, why="the red light is too weak")[0].text
    '— (the red light is too weak)'
    """

    group: str
    rows: tuple[Row, ...]

    def told(
        self,
        values: Mapping[str, float],
        *,
        errors: Mapping[str, float] | None = None,
        why: str = "it is not known",
        reasons: Mapping[str, str] | None = None,
        prefix: str = "",
    ) -> tuple[Answer, ...]:
        """One answer a row: a number that is missing or not finite is NaN, because of `why`, or of its own among the `reasons`.

        errors  standard errors of the method, by name;  prefix  stands before all keys, "F9-1000kHz."
        """
        stray = set(values) - {name for name, _, _ in self.rows}
        if stray:
            raise InputError(f"{self.group}: answers that nobody asked for: {', '.join(sorted(stray))}")
        own = reasons or {}
        return tuple(
            self._answer(row, values, errors or {}, own.get(row[0], why), prefix) for row in self.rows
        )

    def _answer(
        self, row: Row, values: Mapping[str, float], errors: Mapping[str, float], why: str, prefix: str
    ) -> Answer:
        name, label, kind = row
        value = float(values.get(name, math.nan))
        known = math.isfinite(value)
        error = float(errors.get(name, 0.0)) if known else 0.0
        return Answer(
            f"{prefix}{self.group}.{name}",
            label,
            value if known else math.nan,
            units.si_unit(kind) if kind else "1",
            kind,
            error=error if math.isfinite(error) else 0.0,
            reason="" if known else why,
        )


def seeded(question: str, system: CavitySystem, seed: int) -> Method | None:
    """The method for a question with its trajectories from `seed`; None (the solver's own choice) where nothing is by chance."""
    method, _ = choose(question, system)
    return replace(method, seed=seed) if seed and hasattr(method, "seed") else None


def methods_of(results: Mapping[str, Result]) -> tuple[str, ...]:
    """One sentence for each result: by which method, and why by that one."""
    rows = ((name, result.record.method, result.record.reason) for name, result in results.items())
    return tuple(f"{name}: {method}{f' ({why})' if why else ''}" for name, method, why in rows)


def along_axes(name: str, values: object) -> dict[str, float]:
    """Three numbers along (rho, theta, phi) under the names "name.rho", "name.theta", "name.phi"."""
    return {f"{name}.{axis}": float(value) for axis, value in zip(AXES, values, strict=True)}  # type: ignore[call-overload]


AXES = ("rho", "theta", "phi")
