"""The result of a sweep: one labelled data set over the swept parameters."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atomcavity import units
from atomcavity.errors import require, unknown
from atomcavity.results import Record, Result
from atomcavity.results.files import replacing
from atomcavity.sweeps.store import DONE, FAILED, LEFT

if TYPE_CHECKING:
    import xarray as xr

_BESIDE = ("status", "seed", "failure_point", "failure_message")
_BLOCK = 10_000  # rows of CSV made together


@dataclass(frozen=True, eq=False, repr=False)
class SweepResult(Result):
    """The answers at all points of a sweep, as `dataset`: its dimensions are the swept keys, in SI with units.

    Beside each answer KEY stand `KEY.error` (standard error of the method) and `KEY.input_error` where they are not
    zero; `status` (0 left, 1 done, 2 failed), `seed`, and for the failed points their number in C order
    (`failure_point`) and why (`failure_message`).
    """

    dataset: xr.Dataset

    def to_xarray(self) -> xr.Dataset:
        """The data set."""
        return self.dataset

    @classmethod
    def _of(cls, dataset: xr.Dataset, record: Record) -> SweepResult:
        missing = [name for name in _BESIDE if name not in dataset]
        require(not missing, f"the result of a sweep lacks {', '.join(missing)}: the file is damaged")
        return cls(record=record, dataset=dataset)

    @property
    def answers(self) -> tuple[str, ...]:
        """Keys of the answers."""
        found = (str(name) for name in self.dataset.data_vars if name not in _BESIDE)
        return tuple(name for name in found if not name.endswith((".error", ".input_error")))

    def __getitem__(self, key: str) -> xr.DataArray:
        if key not in self.dataset:
            raise unknown("answer", key, self.answers)
        return self.dataset[key]

    @property
    def failures(self) -> dict[int, str]:
        """Why points failed, by their number in C order."""
        points, messages = self.dataset["failure_point"].values, self.dataset["failure_message"].values
        return {int(point): str(text) for point, text in zip(points, messages, strict=True)}

    def best(self, which: str | None = None) -> dict[str, Any]:
        """The point with the largest ("max:KEY") or smallest ("min:KEY") answer: that answer and the swept values (SI).

        Without `which` what the file's `[sweep]` table calls best.
        """
        which = which or str(self.dataset.attrs.get("best", ""))
        largest, _, key = which.partition(":")
        require(largest in ("max", "min") and bool(key), f'best = {which!r}: write "max:KEY" or "min:KEY"')
        values = self[key]
        require(bool(np.isfinite(values).any()), f"{key} is not known at any point")
        place = values.argmax(...) if largest == "max" else values.argmin(...)
        found = values.isel(place)
        return {key: found.item(), **{str(name): value.item() for name, value in found.coords.items()}}

    def _summary(self) -> list[str]:
        sizes = " × ".join(f"{name} ({size})" for name, size in self.dataset["status"].sizes.items())
        counts = [int((self.dataset["status"] == state).sum()) for state in (DONE, FAILED, LEFT)]
        lines = [f"{sizes}: {counts[0]} done, {counts[1]} failed, {counts[2]} left"]
        for key in self.answers:
            values = self.dataset[key]
            kind, unit = values.attrs.get("kind", ""), values.attrs.get("units", "")
            known = values.values[np.isfinite(values.values)]
            if not known.size:
                lines.append(f"{key}: not known at any point")
                continue
            ends = sorted({known.min(), known.max()})
            shown = [
                units.show(x, kind) if kind else f"{x:.5g} {unit if unit != '1' else ''}".rstrip()
                for x in ends
            ]
            lines.append(f"{key}: {' to '.join(shown)}")
        return lines

    def to_csv(self, path: str | os.PathLike[str]) -> Path:  # type: ignore[override]  # one table: no choice of rows
        """Write one line a point: swept values, status, seed, answers; units in the head (atomically)."""
        target = Path(path)
        data = self.dataset
        dims, shape = data["status"].dims, data["status"].shape
        keys = [n for n in data.coords if data[n].dims and data[n].dims[0] in dims]
        answers = [n for n in data.data_vars if data[n].dims == dims and n not in _BESIDE]
        names = {0: "left", 1: "done", 2: "failed"}
        failures = self.failures
        with replacing(target) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([*map(self._head, keys), "status", "seed", *map(self._head, answers), "message"])
            for first in range(0, data["status"].size, _BLOCK):
                numbers = np.arange(first, min(first + _BLOCK, data["status"].size))
                at = dict(zip(dims, np.unravel_index(numbers, shape), strict=True))
                columns: list[Any] = [data[n].values[at[data[n].dims[0]]] for n in keys]
                columns.append([names[int(s)] for s in data["status"].values.flat[numbers]])
                columns += [data[n].values.flat[numbers] for n in ("seed", *answers)]
                columns.append([failures.get(int(n), "") for n in numbers])
                writer.writerows(zip(*columns, strict=True))
        return target

    def _head(self, name: Any) -> str:
        unit = self.dataset[name].attrs.get("units", "")
        return f"{name} ({unit})" if unit not in ("", "1") else str(name)

    def plot(self, ax: Any = None, key: str | None = None, **at: Any) -> Any:
        """One answer over the swept parameters: a line, a family of lines, or a heat map, as the axes ask for.

        key  of the answer; without it the one of `best`, else the first
        at   values (SI) of swept parameters, for a cut: the nearest point is taken; write dots as two underscores,
             or give `**{"trap.red.power": 0.02}`

        Repetitions are averaged, with their standard error as bars.  Raises `InputError` if more than two axes are left.
        """
        from atomcavity.sweeps.plots import draw

        key = key or str(self.dataset.attrs.get("best", "")).partition(":")[2] or self.answers[0]
        return draw(self, key, {name.replace("__", "."): value for name, value in at.items()}, ax)
