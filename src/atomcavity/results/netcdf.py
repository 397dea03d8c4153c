"""Reading netCDF files that may be damaged or made to do harm: nothing is read before its size and type are known.

The HDF5 library may crash or loop for ever on a damaged file.  A file of this package ends in a checksum (`seal`); one
without it is first read by a process of its own, which may fail.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atomcavity.errors import InputError, require
from atomcavity.results.seal import is_sealed

if TYPE_CHECKING:
    import xarray as xr

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_UNWRITTEN = 1 << 30  # bytes that a file may declare without holding them (points of a sweep that are left)
_VARIABLES = 10_000
_ATTRIBUTES = 100
_DIMENSIONS = 32
_FILTERS = (1, 2, 3)  # deflate, shuffle, fletcher32
_STRING = 16  # bytes that a string takes at least
_TEXT = 10_000_000  # characters
_PATIENCE = 30.0  # s, for a file of some megabytes
_INNER = (
    "CLASS",
    "NAME",
    "DIMENSION_LIST",
    "REFERENCE_LIST",
    "_FillValue",
    "_NCProperties",
    "coordinates",
    "dtype",
)
trial_code = "import sys; from atomcavity.results.netcdf import trial; sys.exit(trial(sys.argv[1]))"
_NO_VARIABLE = b"This is a netCDF dimension but not a netCDF variable"


def read_netcdf(path: Path) -> xr.Dataset:
    """The variables and attributes of a netCDF file, all of it in memory.

    Raises `InputError` in one sentence for a file that is damaged, is something else, points to other files, or
    declares more data than it holds or than the memory takes.
    """
    with path.open("rb") as file:
        require(file.read(8) == _SIGNATURE, f"{path} is not a result of this package: it is no netCDF file")
    if not is_sealed(path):
        _try(path)
    import xarray as xr

    variables, attributes, coordinates = _contents(path)
    try:
        return xr.Dataset(variables, attrs=attributes).set_coords(coordinates)
    except ValueError as problem:
        raise InputError(f"{path} is no table of arrays over named dimensions: {one_line(problem)}") from None


def _try(path: Path) -> None:
    """Read the file in a process of its own."""
    if not sys.executable:
        return
    limit = _PATIENCE + path.stat().st_size / 20e6
    try:
        child = subprocess.run(
            [sys.executable, "-c", trial_code, os.fspath(path)],
            capture_output=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{path} is damaged: reading it does not come to an end") from None
    if child.returncode == 2:
        raise InputError(child.stdout.decode("utf-8", "replace").strip())
    require(child.returncode == 0, f"{path} is damaged: the HDF5 library fails on it")


def trial(path: str) -> int:
    """What the process of its own does: 0 if the file can be read, 2 and a sentence if not."""
    try:
        _contents(Path(path))
    except InputError as problem:
        sys.stdout.buffer.write(str(problem).encode("utf-8", "replace"))
        return 2
    return 0


def _contents(path: Path) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Variables, attributes, and the names of the variables that are coordinates beside those of the dimensions."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            _check(file, path)
            variables = {name: _variable(file[name]) for name in file if not _is_bare(file[name])}
            beside = str(file.attrs.get("coordinates", "")).split()
            return variables, _attributes(file), [name for name in beside if name in variables]
    except InputError:
        raise
    except Exception as problem:  # whatever a damaged file makes of the library
        raise InputError(f"{path} is damaged or no netCDF file: {one_line(problem)}") from None


def _check(file: Any, path: Path) -> None:
    """Raises `InputError` unless everything can be read without surprise."""
    require(len(file) <= _VARIABLES, f"{path} holds {len(file)} variables: at most {_VARIABLES}")
    held, declared = path.stat().st_size, _attribute_bytes(file, path)
    import h5py

    for name in file:
        plain = isinstance(file.get(name, getlink=True), h5py.HardLink) and isinstance(
            file[name], h5py.Dataset
        )
        require(plain, f"{path}: {one_line(name)!r} is not a variable of this file, but a group or a link")
        data = file[name]
        own = not data.is_virtual and not data.external
        require(own, f"{path}: {one_line(name)!r} keeps its data in another file, which is not read")
        settings = data.id.get_create_plist()
        filters = {settings.get_filter(k)[0] for k in range(settings.get_nfilters())}
        require(filters <= set(_FILTERS), f"{path}: {one_line(name)!r} is compressed in an unknown way")
        require(
            data.shape is not None and len(data.shape) <= _DIMENSIONS,
            f"{path}: {one_line(name)!r} has no shape",
        )
        string = h5py.check_string_dtype(data.dtype)
        known = string is not None or data.dtype.kind in "iufb"
        require(known, f"{path}: {one_line(name)!r} holds neither numbers nor text, but {data.dtype}")
        size = data.dtype.itemsize if string is None or string.length else _STRING
        declared += 0 if _is_bare(data) else math.prod(data.shape) * size
        declared += _attribute_bytes(data, path)
    _check_size(path, declared, held)


def _check_size(path: Path, declared: int, held: int) -> None:
    require(
        declared - held <= _UNWRITTEN,
        f"{path} ({size_text(held)}) declares {size_text(declared)} of data, which it does not hold: it is damaged or not from this package",
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    require(
        2 * declared <= memory,
        f"{path}: reading it takes about {size_text(2 * declared)} of memory, but this machine has {size_text(memory)}; "
        "open it piece by piece with xarray.open_dataset",
    )


def _attribute_bytes(thing: Any, path: Path) -> int:
    """Size of the attributes of a file or variable, before they are read."""
    import h5py

    names = list(thing.attrs)
    require(
        len(names) <= _ATTRIBUTES, f"{path} holds {len(names)} attributes at one place: at most {_ATTRIBUTES}"
    )
    size = 0
    for name in names:
        found = h5py.h5a.open(thing.id, name.encode("utf-8", "surrogateescape"))
        size += math.prod(found.shape or ()) * max(found.dtype.itemsize, _STRING)
    return size


def _is_bare(data: Any) -> bool:
    """Whether a dataset only stands for a dimension that has no variable."""
    name = data.attrs.get("NAME", b"")
    return bytes(name).startswith(_NO_VARIABLE) if isinstance(name, bytes) else False


def _attributes(thing: Any) -> dict[str, Any]:
    """The attributes that the user gave."""
    found = {}
    for name in thing.attrs:
        if name not in _INNER and not name.startswith("_Netcdf4"):
            value = thing.attrs[name]
            if getattr(value, "size", 0) == 1:  # how netCDF keeps a single number
                value = value.item()
            found[name] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return found


def _variable(data: Any) -> tuple[tuple[str, ...], Any, dict[str, Any]]:
    """Dimensions, values and attributes."""
    import h5py
    import numpy as np

    attributes = _attributes(data)
    require(not {"scale_factor", "add_offset"} & set(attributes), f"{data.name} is scaled: that is not read")
    if data.is_scale:
        dims: tuple[str, ...] = (data.name.lstrip("/"),)
    else:
        dims = tuple(axis[0].name.lstrip("/") for axis in data.dims)
    if h5py.check_string_dtype(data.dtype):
        return dims, _strings(np.asarray(data.asstr(errors="replace")[()], dtype=object)), attributes
    values = np.asarray(data[()])
    values = values.astype(bool if data.attrs.get("dtype") == "bool" else values.dtype.newbyteorder("="))
    return dims, values, attributes


def _strings(values: Any) -> Any:
    """Text as an array of equal length, unless one long text makes it huge."""
    longest = max(map(len, values.flat), default=0)
    return values.astype(str) if values.size * longest <= _TEXT else values


def size_text(size: float) -> str:
    """Bytes for people.

    >>> size_text(8e12)
    '8 TB'
    """
    power = min(int(math.log10(max(size, 1)) // 3), 6)
    return f"{size / 1000**power:.3g} {('B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB')[power]}"


def one_line(problem: object) -> str:
    """Text of an exception or a name from a file, on one line and not long.

    >>> one_line("a\\nb")
    'a b'
    """
    text = " ".join(str(problem).encode("utf-8", "replace").decode().split())
    return text if len(text) <= 160 else f"{text[:160]}…"
