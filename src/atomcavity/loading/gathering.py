"""Runs of a feedback experiment collected: batch by batch, round by round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.loading.held import HeldAtoms
from atomcavity.loading.watching import Alarms

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

NUMBERS = 4  # 0, 1, 2, and 3 or more atoms held have a mean transmission each
_MEASURED = ("alarm", "action", "height", "light")
_COUNTED = ("at_trigger", "caught", "held", "kept", "counts", "rejected")
_ATOMS = ("atom_run", "atom_kept", "place", "scatter", "g")


@dataclass(eq=False)
class Batch:
    """Columns (run,) by name, a table of columns (atom,) for each round, and sums of the transmission (number, sample)."""

    columns: dict[str, NDArray[Any]]
    traces: Array
    traced: Whole
    atoms: list[dict[str, NDArray[Any]]] = field(default_factory=list)
    warnings: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, runs: int, samples: int) -> Batch:
        """Nothing yet."""
        columns: dict[str, NDArray[Any]] = {"site": np.full(runs, -1)}
        columns |= {name: np.full(runs, np.nan) for name in _MEASURED}
        columns |= {name: np.zeros(runs, np.int64) for name in _COUNTED}
        return cls(columns, np.zeros((NUMBERS, samples)), np.zeros(NUMBERS, np.int64))

    def keep(
        self, runs: Whole, taken: NDArray[np.bool_], site: Whole, later: Array, found: Alarms, held: HeldAtoms
    ) -> None:
        """What was found in `runs`, of those that are `taken`; the belt's schedule began `later` (s) before the record."""
        caught = np.bincount(found.owner, minlength=len(runs))
        rows = {
            "site": site,
            "alarm": found.alarm + later,
            "action": found.action + later,
            "height": found.height,
            "at_trigger": found.at_trigger,
            "caught": caught,
            "held": held.held,
            "kept": held.kept,
            "counts": held.counts,
            "light": held.light,
        }
        for name, values in rows.items():
            self.columns[name][runs[taken]] = values[taken]
        number = np.minimum(held.held[taken], NUMBERS - 1)
        np.add.at(self.traces, number, held.transmission[taken])
        self.traced += np.bincount(number, minlength=NUMBERS)
        chosen = taken[found.owner]
        atoms = (runs[found.owner], held.staying, held.place, held.scatter, held.g)
        self.atoms.append({name: values[chosen] for name, values in zip(_ATOMS, atoms, strict=True)})
        self.warnings |= set(held.warnings)


def gathered(batches: Sequence[Batch]) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """All fields of a `LoadingResult` that are counted run by run or atom by atom, and the warnings."""
    names = batches[0].columns
    fields = {name: np.concatenate([batch.columns[name] for batch in batches]) for name in names}
    first = np.cumsum([0, *(len(batch.columns["site"]) for batch in batches[:-1])])
    tables = [
        table | {"atom_run": table["atom_run"] + begin}
        for begin, batch in zip(first, batches, strict=True)
        for table in batch.atoms
    ]
    fields |= {name: np.concatenate([table[name] for table in tables]) for name in _ATOMS}
    traced = np.sum([batch.traced for batch in batches], axis=0)
    traces = np.sum([batch.traces for batch in batches], axis=0)
    known = np.where(traced > 0, traced, np.nan)
    fields |= {"transmission": traces / known[:, None], "traced": traced}
    return fields, tuple(sorted(set().union(*(batch.warnings for batch in batches))))
