"""`read_field`: field maps that another program wrote as columns of text."""

from __future__ import annotations

import cmath
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import InputError, number, require, unknown
from atomcavity.results import Record

from .field_map import FieldMap

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

SOURCES: dict[str, tuple[tuple[str, ...], str]] = {
    "comsol": (("y", "z", "Ey", "Ez", "Ex"), "exp(+i omega t)"),
    "lumerical": (("y", "z", "Ey.re", "Ey.im", "Ez.re", "Ez.im", "Ex.re", "Ex.im"), "exp(-i omega t)"),
}
"""Columns and time dependence of the programs named."""
TIMES = ("exp(-i omega t)", "exp(+i omega t)")
_MOST = 1_000_000_000  # bytes of text
_LENGTHS = {"m": 1.0, "mm": 1e-3, "um": 1e-6, "µm": 1e-6, "μm": 1e-6, "nm": 1e-9}
_NAMES = ("y", "z", *(f"E{c}{part}" for c in "xyz" for part in ("", ".re", ".im")), "-")
_UNIT = re.compile(r"[%#]\s*Length unit:\s*(\S+)", re.IGNORECASE)


def read_field(
    path: str | os.PathLike[str],
    *,
    wavelength: float,
    source: str | None = None,
    columns: Sequence[str] | None = None,
    time: str | None = None,
    length_unit: str | None = None,
    amplitude: float = 1.0,
) -> FieldMap:
    """A `FieldMap` from a text file with one grid point a line.

    wavelength   in vacuum (m)
    source       "comsol" or "lumerical": their columns and time dependence as below; None: `columns` and `time` say it
    columns      what each column holds: "y", "z"; "Ex", "Ey", "Ez" for a complex number in one column (1.2-3.4i),
                 "Ex.re", "Ex.im" and so on for two; "-" is skipped.  Components that are missing are zero
    time         "exp(-i omega t)" (ours) or "exp(+i omega t)" (fields are conjugated)
    length_unit  "m", "mm", "um" or "nm" of the coordinates; default: that of a line "% Length unit: ..." of the file,
                 else m.  Fields are in V/m
    amplitude    peak amplitude of the incident beam in V/m; divide by it what shall be compared with `scatter`

    Columns are separated by blanks, tabs, commas or semicolons; lines that begin with % or #, and one line of names
    at the top, are skipped.  The points must fill a regular grid, in any order, each once.

    A two-dimensional model of COMSOL or Lumerical lies in a plane that these programs call x-y, with z along the
    waveguide; here that plane is y-z and the waveguide runs along x.  So, in COMSOL, export the expressions
    ewfd.Ex ewfd.Ey ewfd.Ez (text, regular grid), which become Ey, Ez, Ex; its time dependence is exp(+i omega t).
    In Lumerical write x, y, Re Ex, Im Ex, Re Ey, Im Ey, Re Ez, Im Ez; its time dependence is exp(-i omega t).
    Move z so that 0 is at the top of the waveguide, if laws of distance are to be added to the field.

    `InputError` for a file that is not there or not such a table.
    """
    file = Path(path)
    require(file.is_file(), f"no such file: {file}")
    if source is not None and source not in SOURCES:
        raise unknown("source", source, SOURCES)
    usual = SOURCES[source] if source else (None, None)
    names, law = columns or usual[0], time or usual[1]
    if names is None or law is None:
        raise InputError('name the source ("comsol", "lumerical"), or give columns and time')
    for name in names:
        if name not in _NAMES:
            raise unknown("column", name, _NAMES)
    if law not in TIMES:
        raise unknown("time dependence", law, TIMES)
    size = file.stat().st_size
    require(
        size <= _MOST,
        f"{file} has {size / 1e9:.3g} GB of text: at most {_MOST / 1e9:g} GB are read (some {30 * _MOST / 1e9:g} GB of memory)",
    )
    text = file.read_text(encoding="utf-8", errors="replace")
    table = _numbers(text, list(names), file)
    unit = _length(text, length_unit)
    y, z, order = _grid(table[:, names.index("y")].real * unit, table[:, names.index("z")].real * unit, file)
    E = np.zeros((3, len(y) * len(z)), dtype=complex)
    for k, name in enumerate(names):
        if name[0] == "E":
            factor = 1j if name.endswith(".im") else 1.0
            E["xyz".index(name[1])] += factor * table[order, k]
    if law == TIMES[1]:
        E = E.conj()
    field: Complex = E.reshape(3, len(y), len(z))
    parameters: dict[str, Any] = {"file": file.name, "columns": list(names), "time": law}
    record = Record("read from a file", reason=file.name, parameters=parameters)
    return FieldMap(
        record,
        y,
        z,
        field,
        number(wavelength, "wavelength"),
        _polarization(field),
        number(amplitude, "amplitude"),
    )


def _numbers(text: str, names: list[str], file: Path) -> Complex:
    """The table (line, column); two columns named y and z are needed."""
    require(names.count("y") == 1 and names.count("z") == 1, f"columns {names} must hold y and z once each")
    rows: list[list[complex]] = []
    for number_of_line, line in enumerate(text.splitlines(), 1):
        words = line.replace(",", " ").replace(";", " ").split()
        if not words or words[0][0] in "%#":
            continue
        try:
            row = [complex(word.replace("i", "j")) for word in words]
        except ValueError:
            if not rows:  # names of the columns
                continue
            raise InputError(
                f"{file}, line {number_of_line}: {line[:60]!r} holds something that is no number"
            ) from None
        require(
            len(row) == len(names),
            f"{file}, line {number_of_line}: {len(row)} columns found, {len(names)} named: {', '.join(names)}",
        )
        require(all(map(cmath.isfinite, row)), f"{file}, line {number_of_line}: {line[:60]!r} is not finite")
        rows.append(row)
    require(bool(rows), f"{file} holds no numbers")
    return np.array(rows, dtype=complex)


def _length(text: str, given: str | None) -> float:
    """Metres in a unit of length."""
    found = _UNIT.search(text)
    unit = given or (found.group(1) if found else "m")
    if unit not in _LENGTHS:
        raise unknown("unit of length", unit, _LENGTHS)
    return _LENGTHS[unit]


def _grid(y: Array, z: Array, file: Path) -> tuple[Array, Array, NDArray[np.intp]]:
    """The lines of the grid and the order of the rows that fills it (z runs fastest)."""
    lines = []
    span = max(float(np.abs(values).max()) for values in (y, z))
    require(span < 1e6, f"{file}: coordinates up to {span:.3g} m are no places near a waveguide")
    for values in (y, z):
        line = np.unique(values)
        step = np.median(np.diff(line)) if line.size > 1 else 0.0
        groups = np.cumsum(np.concatenate([[0], np.diff(line) > 1e-3 * step]))
        count = int(groups[-1]) + 1
        lines.append(np.linspace(line[0], line[-1], count))
    require(
        lines[0].size * lines[1].size == y.size,
        f"{file}: {y.size} points do not fill a regular grid ({lines[0].size} values of y, {lines[1].size} of z) once each",
    )
    i, j = (
        np.rint((v - line[0]) / (line[-1] - line[0]) * (line.size - 1)).astype(int)
        if line.size > 1
        else 0 * v.astype(int)
        for v, line in zip((y, z), lines, strict=True)
    )
    there = np.zeros((lines[0].size, lines[1].size), dtype=int)
    np.add.at(there, (i, j), 1)
    even = all(
        line.size > 1 and np.max(np.abs(line[k] - v)) < 0.01 * (line[1] - line[0])
        for v, line, k in ((y, lines[0], i), (z, lines[1], j))
    )
    require(
        even and bool(np.all(there == 1)),
        f"{file}: {y.size} points do not fill a regular grid ({lines[0].size} values of y, {lines[1].size} of z) once each",
    )
    return lines[0], lines[1], np.lexsort((j, i))


def _polarization(E: Complex) -> str:
    along, across = np.abs(E[0]).max(), np.abs(E[1:]).max()
    return "s" if across < 1e-9 * along else "p" if along < 1e-9 * across else "mixed"
