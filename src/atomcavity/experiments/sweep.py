"""The schema of the `[sweep]` table that any experiment file may have: which keys take which values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from atomcavity.errors import InputError
from atomcavity.experiments.quantities import Table

_BEST = re.compile(r"(max|min):([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)")
_SEED = Annotated[int, Field(ge=0, lt=2**53)]


class SweepTable(Table):
    """Many experiments in one file.

    axes   for each swept key a list of values, or a range {from = .., to = .., points = .., scale = "linear" or "log"};
           keys of an inner table with dots, "trap.red.power"; all combinations are computed
    zip    lists of keys whose values go together, the first with the first, instead of in all combinations
    seed   of the whole sweep: each point has its own random numbers, which depend on this seed and on the point alone
    seeds  how often each point is repeated with other random numbers, or a list of the seeds that every point takes
    best   "max:KEY" or "min:KEY" of an answer: what the progress line and `atomcavity status` show as the best so far
    """

    axes: dict[str, Any] = Field(default_factory=dict)
    zip: list[list[str]] = Field(default_factory=list)
    seed: _SEED = 0
    seeds: Annotated[int, Field(ge=1)] | list[_SEED] = 1
    best: str = ""

    @field_validator("best")
    @classmethod
    def _wanted(cls, best: str) -> str:
        if best and _BEST.fullmatch(best) is None:
            raise ValueError(
                f'= {best!r}: write "max:KEY" or "min:KEY" with the key of an answer, "max:laser.power"'
            )
        return best

    @field_validator("seeds", mode="before")
    @classmethod
    def _repeated(cls, seeds: Any) -> Any:
        """One sentence for a wrong one, where the two types would give two."""
        each = seeds if isinstance(seeds, list) else [seeds]
        lowest = 0 if isinstance(seeds, list) else 1
        whole = all(isinstance(s, int) and not isinstance(s, bool) and lowest <= s < 2**53 for s in each)
        if not each or not whole or len(set(each)) < len(each):
            text = repr(seeds) if len(repr(seeds)) <= 60 else f"{repr(seeds)[:60]}…"
            raise ValueError(
                f"= {text}: give the number of repetitions, 1 or more, or a list of different seeds, [11, 12, 13]"
            )
        return seeds

    @model_validator(mode="after")
    def _something(self) -> SweepTable:
        if not self.axes and self.seeds == 1:
            raise ValueError("sweeps nothing: give axes, or seeds")
        return self


class _File(BaseModel):
    sweep: SweepTable


def check_sweep(data: Mapping[str, Any], place: str) -> SweepTable:
    """The `[sweep]` table of an experiment's data.

    Raises `InputError` with one sentence a mistake.
    """
    from atomcavity.experiments.files import sentences

    try:
        return _File.model_validate(data).sweep
    except ValidationError as problem:
        raise InputError("\n".join(f"{place}: {line}" for line in sentences(problem, _File))) from None
