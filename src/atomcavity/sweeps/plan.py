"""The plan of a sweep: a small description from which every point follows by its number."""

from __future__ import annotations

import hashlib
import importlib
import json
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from atomcavity import __version__
from atomcavity.errors import InputError, require, unknown
from atomcavity.parallel import spawn_seeds
from atomcavity.sweeps.axes import Axis, check_size, read_axes, substitute
from atomcavity.sweeps.coordinates import Coordinate, coordinate

EVALUATE = "atomcavity.studies.points:evaluate_data"
"""The function that answers a point, unless another is given: (data, seed) -> Answers."""

EDITION = 1
"""Raised when points of an earlier version of the package must be computed again."""

_FORMAT = 1  # of the file that keeps the plan
_SILENT = ("title", "notes")
"""Keys of the file that change no number."""
_SHOWN = 20  # mistakes in one message


@dataclass(frozen=True)
class Point:
    """One point: its number, the experiment's data, its seed, and a hash of all that its answers depend on."""

    index: int
    data: dict[str, Any]
    seed: int
    hash: str


@dataclass(frozen=True)
class Plan:
    """All points of a sweep, in the order of the axes, the last one fastest; the repetitions are the innermost.

    data         the experiment, as in the file, without its `[sweep]` table
    axes         the swept keys and their values
    coordinates  the same in SI, with units
    seed, seeds  seed of the sweep, and how many repetitions or which seeds (`SweepTable`)
    function     "module:function" that gives the answers of a point from (data, seed)
    """

    name: str
    data: dict[str, Any]
    axes: tuple[Axis, ...]
    coordinates: tuple[Coordinate, ...]
    seed: int = 0
    seeds: int | tuple[int, ...] = 1
    best: str = ""
    function: str = EVALUATE

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Number of values along each axis; the last is the number of repetitions."""
        repeats = self.seeds if isinstance(self.seeds, int) else len(self.seeds)
        return (*(len(axis) for axis in self.axes), repeats)

    def __len__(self) -> int:
        return math.prod(self.shape)

    def point(self, index: int) -> Point:
        """The point with this number."""
        *places, repeat = self._places(index)
        data = self.data
        for axis, at in zip(self.axes, places, strict=True):
            for key, value in zip(axis.keys, axis.rows[at], strict=True):
                data = substitute(data, key, value)
        return Point(index, data, self._seed(places, repeat), self.hash(index))

    def values(self, index: int) -> dict[str, Any]:
        """The swept keys of a point with their values, as in the file."""
        return dict(pair for axis, at in zip(self.axes, self._places(index), strict=False)
                    for pair in zip(axis.keys, axis.rows[at], strict=True))  # fmt: skip

    def hash(self, index: int) -> str:
        """32 hexadecimal digits that change with the parameters of the point, its seed and the data of the package."""
        *places, repeat = self._places(index)
        seed = [self.seed, repeat] if isinstance(self.seeds, int) else [self.seeds[repeat]]
        text = f"{self._base} {self._text(places)} {seed}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def _places(self, index: int) -> list[int]:
        places = []
        for size in reversed(self.shape):
            index, place = divmod(index, size)
            places.append(place)
        return places[::-1]

    def _text(self, places: list[int]) -> str:
        """The values at these places, whatever the order of the axes: the same text for the same experiment."""
        return " ".join(sorted(texts[at] for texts, at in zip(self._texts, places, strict=True)))

    @cached_property
    def _texts(self) -> list[list[str]]:
        return [[_json(dict(zip(axis.keys, row, strict=True))) for row in axis.rows] for axis in self.axes]

    @cached_property
    def _base(self) -> str:
        """Hash of what all points share."""
        data = {key: value for key, value in self.data.items() if key not in _SILENT}
        for axis in self.axes:
            for key in axis.keys:
                data = substitute(data, key, None)
        shared = [data, self.function, __version__, EDITION, data_version()]
        return hashlib.sha256(_json(shared).encode()).hexdigest()

    def _seed(self, places: list[int], repeat: int) -> int:
        """Given in the file, or from the sweep's seed, the values and the number of the repetition alone."""
        if not isinstance(self.seeds, int):
            return self.seeds[repeat]
        own = int(hashlib.sha256(self._text(places).encode()).hexdigest()[:15], 16)
        return int(spawn_seeds([self.seed, repeat], 1, first=own)[0, 0] >> 11)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {"format": _FORMAT, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Plan:
        """The inverse of `to_dict`.

        Raises `InputError` if it is something else, or of a newer version.
        """
        found = data.get("format") if isinstance(data, Mapping) else None
        require(
            not (isinstance(found, int) and found > _FORMAT),
            f"written by a newer version of atomcavity (a plan in format {found}, this one reads {_FORMAT}): upgrade it",
        )
        try:
            values = {key: data[key] for key in cls.__dataclass_fields__}
            axes = [Axis(tuple(a["keys"]), tuple(map(tuple, a["rows"]))) for a in values["axes"]]
            coordinates = [Coordinate(**{**c, "values": tuple(c["values"])}) for c in values["coordinates"]]
            seeds = values["seeds"] if isinstance(values["seeds"], int) else tuple(values["seeds"])
            plan = cls(**{**values, "axes": tuple(axes), "coordinates": tuple(coordinates), "seeds": seeds})
            plan._check()
            return plan
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as problem:
            raise InputError(f"this is not the plan of a sweep: {problem!r}") from None

    def _check(self) -> None:
        """An exception of some kind, unless the points can be counted and told apart."""
        texts = (self.name, self.best, self.function, *(key for axis in self.axes for key in axis.keys))
        seeds = self.seeds if isinstance(self.seeds, tuple) else (self.seeds,)
        require(all(isinstance(text, str) for text in texts), "a name is no text")
        require(all(type(seed) is int for seed in (self.seed, *seeds)), "a seed is no whole number")
        require(isinstance(self.data, dict), "the experiment is no table")
        check_size(self.shape, "the plan")
        require(len(self) > 0, "there are no points")
        rows = all(len(row) == len(axis.keys) > 0 for axis in self.axes for row in axis.rows)
        require(rows, "the values are not as many as the keys")
        self.hash(0)


def read_plan(path: str | os.PathLike[str], changes: Iterable[str] = ()) -> Plan:
    """The plan of an experiment file with a `[sweep]` table; `changes` are `key=value` texts as on the command line.

    Every value of every axis is put into the experiment and checked.

    Raises `InputError` with all mistakes, one sentence each, and for a sweep with too many points.
    """
    from atomcavity.experiments.files import check_data, place_of, read_data

    changed = list(changes)
    return make_plan(read_data(path, changed), Path(path).stem, place_of(path, changed), check=check_data)


def make_plan(
    data: Mapping[str, Any],
    name: str,
    place: str,
    *,
    check: Callable[[Any, str], Any],
    function: str = EVALUATE,
) -> Plan:
    """The plan of an experiment's data, whose `[sweep]` table is in `data["sweep"]`.

    `check(data, place)` gives the experiment that the data describe, or raises `InputError`; `function` is the
    text "module:function" of what answers a point.
    """
    from atomcavity.experiments.sweep import check_sweep

    table = check_sweep(data, place)
    base = {key: value for key, value in data.items() if key != "sweep"}
    axes = read_axes(table.axes, table.zip, place)
    seeds = table.seeds if isinstance(table.seeds, int) else tuple(table.seeds)
    check_size([*map(len, axes), seeds if isinstance(seeds, int) else len(seeds)], place)
    found = _coordinates(base, axes, place, check)
    return Plan(name, base, axes, found, table.seed, seeds, table.best, function)


def _coordinates(
    base: dict[str, Any], axes: tuple[Axis, ...], place: str, check: Callable[[Any, str], Any]
) -> tuple[Coordinate, ...]:
    """Every value of every axis in SI, the other axes at their first one."""
    for axis in axes:
        base = _at(base, axis, 0)
    mistakes: dict[str, None] = {}
    found = []
    for axis in axes:
        experiments = []
        for at in range(len(axis)):
            try:
                experiments.append(check(_at(base, axis, at), place))
            except InputError as problem:
                mistakes |= dict.fromkeys(str(problem).splitlines())
        if not mistakes:
            columns = zip(axis.keys, zip(*axis.rows, strict=True), strict=True)
            found += [coordinate(key, values, experiments) for key, values in columns]
    if not axes:
        check(base, place)
    lines = [*mistakes]
    rest = [f"and {len(lines) - _SHOWN} more mistakes"] if len(lines) > _SHOWN else []
    require(not lines, "\n".join(lines[:_SHOWN] + rest))
    return tuple(found)


def _at(data: dict[str, Any], axis: Axis, at: int) -> dict[str, Any]:
    for key, value in zip(axis.keys, axis.rows[at], strict=True):
        data = substitute(data, key, value)
    return data


def evaluator(text: str) -> Callable[[dict[str, Any], int], Any]:
    """The function that `text`, "module:function", names.

    Raises `InputError` if there is none.
    """
    module, _, name = text.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as problem:
        raise InputError(f"the function {text!r} of a sweep cannot be imported: {problem}") from None


@cache
def data_version() -> str:
    """Hash of the species and material files of the package."""
    digest = hashlib.sha256()
    for room in ("species", "materials"):
        folder = resources.files(f"atomcavity.{room}") / "data"
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def wanted(best: str, keys: Iterable[str]) -> tuple[int, str]:
    """Sign (+1 for the largest) and key of what a sweep calls best.

    Raises `InputError` if no answer has that key.
    """
    which, _, key = best.partition(":")
    known = list(keys)
    if key not in known:
        raise unknown("answer", key, known)
    return (1 if which == "max" else -1), key


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
