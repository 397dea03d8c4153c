"""What a result holds, in one shape for all kinds: parameters and values by name."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity import units
from atomcavity.results.answers import Answers
from atomcavity.results.base import Result
from atomcavity.results.study_values import StudyValues

_SILENT = ("title", "notes", "answers", "remarks")
"""Keys of an experiment that change no number."""
_LONG = 60  # characters of a reason that are shown
_ERRORS = ("_error", ".error", ".input_error")


@dataclass(frozen=True)
class Values:
    """A number or an array with its unit; `error` is the standard error of each (0: none), `reason` why it is NaN."""

    array: NDArray[Any]
    unit: str = ""
    kind: str = ""
    error: NDArray[Any] = field(default_factory=lambda: np.zeros(()))
    reason: str = ""

    def text(self, at: tuple[Any, ...] = ()) -> str:
        """One of the values for people."""
        value = np.atleast_1d(self.array)[at].item() if at else self.array.item()
        if isinstance(value, str | bool):
            return repr(value)
        error = float(np.broadcast_to(np.atleast_1d(self.error), np.atleast_1d(self.array).shape)[at])
        if value != value:
            return f"— ({textwrap.shorten(self.reason, _LONG, placeholder=' …')})" if self.reason else "—"
        if self.kind:
            return units.show(float(value), self.kind, digits=6, error=error)
        shown = units.rounded(value, error) if error else f"{value:.6g}"
        return shown if self.unit in ("", "1") else f"{shown} {self.unit}"


@dataclass(frozen=True)
class Contents:
    """Parameters and values of a result; `labelled` is its data set, if its dimensions are swept keys."""

    kind: str
    name: str
    parameters: dict[str, Any]
    values: dict[str, Values]
    versions: dict[str, str] = field(default_factory=dict)
    labelled: Any = None

    def aligned(self, other: Contents) -> tuple[Contents, Contents]:
        """Both, at the points that both have: of sweeps over different values of the same keys."""
        a, b = self.labelled, other.labelled
        if a is None or b is None or set(a.dims) != set(b.dims):
            return self, other
        import xarray as xr

        dims = [dim for dim in a.dims if dim in a.indexes and dim in b.indexes]
        if any(not each.indexes[dim].is_unique for each in (a, b) for dim in dims):
            return self, other
        beside = [dim for dim in a.dims if dim not in dims]
        x, y = xr.align(a, b, join="inner", exclude=beside)
        if not all(x.sizes[dim] for dim in dims):
            return self, other
        first, second = (dict(_of_dataset(each)) for each in (x, y.transpose(*x.dims, missing_dims="ignore")))
        return replace(self, values=first), replace(other, values=second)


def contents_of(thing: Any, name: str, experiment: Mapping[str, Any] | None = None) -> Contents:
    """The contents of a result, of answers or of the numbers of a study; `experiment`: the parameters of the latter two."""
    found = {key: value for key, value in (experiment or {}).items() if key not in _SILENT}
    if isinstance(thing, Answers):
        return Contents("answers", name, dict(_leaves(found)), dict(_of_answers(thing)))
    if isinstance(thing, StudyValues):
        published = {f"{v.id} (published)": v.published for v in thing if v.published is not None}
        values = {v.id: Values(np.asarray(v.computed, float), v.unit) for v in thing}
        return Contents("numbers of a study", name, {**dict(_leaves(found)), **published}, values)
    return _of_result(thing, name)


def _of_result(result: Result, name: str) -> Contents:
    record = result.record
    own = {"method": record.method, "reason": record.reason, "seed": record.seed}
    data = result.to_xarray()
    swept = "status" in data and not result._quantities()
    return Contents(
        kind=f"a {type(result).__name__}",
        name=name,
        parameters={**own, **dict(_leaves(record.parameters))},
        values=dict(_of_dataset(data)),
        versions=record.versions,
        labelled=data if swept else None,
    )


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Everything that is no table and no list, by its path."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list | tuple) and value:
        for k, item in enumerate(value):
            yield from _leaves(item, f"{place}[{k}]")
    else:
        yield place, value


def _of_answers(found: Answers) -> Iterator[tuple[str, Values]]:
    for answer in found:
        error = np.nan_to_num(np.hypot(answer.error, answer.input_error))
        yield answer.key, Values(np.asarray(answer.value), answer.unit, answer.kind, error, answer.reason)
    for name, result in found.results.items():
        for key, values in _of_dataset(result.to_xarray()):
            yield f"{name}: {key}", values


def _of_dataset(data: Any) -> Iterator[tuple[str, Values]]:
    """The variables of a data set; errors stand with their values, the parts of complex numbers together."""
    names = [str(name) for name in data.variables]
    for name in names:
        if name.endswith("_im") and f"{name[:-3]}_re" in names:
            continue
        key, array = name, data[name].values
        if name.endswith("_re") and f"{name[:-3]}_im" in names:
            key, array = name[:-3], array + 1j * data[f"{name[:-3]}_im"].values
        attributes = data[name].attrs
        error = np.zeros(array.shape)
        for other in (*(key + end for end in _ERRORS), *(("error",) if key == "value" else ())):
            if other in names and data[other].shape == array.shape:
                error = np.hypot(error, np.nan_to_num(data[other].values))
        yield key, Values(array, str(attributes.get("units", "")), str(attributes.get("kind", "")), error)
