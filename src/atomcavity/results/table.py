"""Results as text: tables with units in their heads."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from atomcavity.errors import InputError, require, unknown
from atomcavity.results.files import replacing
from atomcavity.results.netcdf import one_line

if TYPE_CHECKING:
    import xarray as xr

COLUMNS = 1000  # more are not a table for people
_SHOWN = 20  # values of an array that stand in a line above the head
_BLOCK = 10_000  # lines made together


def write_csv(path: Path, columns: Mapping[str, ArrayLike], above: Sequence[str] = ()) -> Path:
    """Write columns of equal length (atomically); the names carry the units, as in "time (s)"; lines `above` get a #."""
    if not path.parent.is_dir():
        raise InputError(f"cannot write {path}: the folder {path.parent} does not exist")
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    lengths = {len(values) for values in arrays.values()}
    require(len(lengths) == 1, f"the columns of {path.name} have different lengths: {sorted(lengths)}")
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        file.writelines(f"# {' '.join(line.split())}\n" for line in above)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(arrays)
        for first in range(0, lengths.pop(), _BLOCK):
            block = (values[first : first + _BLOCK].tolist() for values in arrays.values())
            writer.writerows(zip(*block, strict=True))
    return path


def write_table(path: Path, data: xr.Dataset, rows: Sequence[str] | None, head: str) -> Path:
    """Write the table of a result (`Result.to_csv`)."""
    chosen = tuple(rows) if rows is not None else _rows(data)
    for name in chosen:
        if name not in data.dims:
            raise unknown("dimension", name, data.dims)
    require(len(set(chosen)) == len(chosen), f"rows = {list(chosen)}: a dimension appears twice")
    above, columns = [head], dict[str, Any]()
    names = [name for name in chosen if name in data.variables]
    names += [str(name) for name in data.variables if name not in names]
    for name in names:
        values = data[name]
        if set(chosen) & set(values.dims):
            columns |= _columns(data, values, chosen, path)
        elif values.size <= _SHOWN:
            shown = ", ".join(one_line(value) for value in values.values.ravel().tolist())
            above.append(f"{_head(values)} = {shown}")
        else:
            above.append(f"not in this table: {name}, over {', '.join(map(str, values.dims))}")
    if not columns:  # numbers only: a table of one line
        return write_csv(path, {_head(data[name]): [data[name].item()] for name in names}, [head])
    return write_csv(path, columns, above)


def _rows(data: xr.Dataset) -> tuple[str, ...]:
    """The dimension along which most values lie, those with a coordinate first."""
    if not data.sizes:
        return ()

    def weight(dim: Any) -> tuple[bool, int]:
        return dim in data.coords and data[dim].dtype.kind in "iuf", sum(
            values.size for values in data.variables.values() if dim in values.dims
        )

    return (str(max(data.sizes, key=weight)),)


def _columns(data: xr.Dataset, values: xr.DataArray, rows: tuple[str, ...], path: Path) -> dict[str, Any]:
    """The columns of one variable: further dimensions stand side by side."""
    others = [dim for dim in values.dims if dim not in rows]
    count = math.prod(values.sizes[dim] for dim in others)
    shape = tuple(data.sizes[dim] for dim in rows)
    require(
        count <= COLUMNS,
        f"{path.name}: {values.name} has {count} values for each line over {', '.join(rows)}, at most {COLUMNS} are "
        f"possible; name more dimensions, rows={[*rows, *map(str, others)]}, or save it as netCDF",
    )
    inside = [dim for dim in rows if dim in values.dims]
    array = np.asarray(values.transpose(*inside, *others).values)
    places = tuple(slice(None) if dim in inside else None for dim in rows)
    array = np.broadcast_to(array[places], shape + tuple(values.sizes[dim] for dim in others))
    flat = array.reshape(math.prod(shape), count)
    return {_head(values, place): flat[:, k] for k, place in enumerate(_places(data, values, others))}


def _places(data: xr.Dataset, values: xr.DataArray, dims: Sequence[Any]) -> Iterator[str]:
    """Names of the columns of a variable: numbers, or the texts of a dimension's labels."""
    for place in np.ndindex(*(values.sizes[dim] for dim in dims)):
        labels = (
            str(data[dim].values[k]) if dim in data.coords and data[dim].dtype.kind in "OUT" else str(k)
            for dim, k in zip(dims, place, strict=True)
        )
        yield f"[{', '.join(labels)}]" if place else ""


def _head(values: xr.DataArray, place: str = "") -> str:
    unit = values.attrs.get("units", "")
    return f"{values.name}{place} ({unit})" if unit not in ("", "1") else f"{values.name}{place}"
