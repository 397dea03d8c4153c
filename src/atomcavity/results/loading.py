"""`load`: whatever the package saved, as what it was."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from atomcavity.errors import InputError, require
from atomcavity.results.answers import Answers
from atomcavity.results.base import Result
from atomcavity.results.json_data import read_json
from atomcavity.results.netcdf import read_netcdf
from atomcavity.results.study_values import StudyValues

Loaded = Result | Answers | StudyValues

ANSWERS, VALUES, SWEEP = "answers.json", "values.json", "sweep.nc"
"""Files by which a folder is known."""
_SWEEP_MARKER = ".atomcavity-sweep"
_READERS = {
    ".csv": "tables of text are read by read_time_tags, read_field or read_waveform",
    ".txt": "tables of text are read by read_time_tags, read_field or read_waveform",
    ".ptu": "time tags are read by read_time_tags",
    ".toml": "an experiment is computed by `atomcavity run`",
}


def load(path: str | os.PathLike[str]) -> Loaded:
    """Read what the package saved, as what it was.

    .nc     the `Result` that was saved (spectra, click records, field maps, crystals, sweeps ...)
    .json   `Answers` of an experiment, or the numbers of a study (`StudyValues`)
    folder  of an experiment: its `Answers`, with the results beside them; of a sweep: its `SweepResult`; of a study: its
            numbers

    Nothing in a file is executed, and sizes are checked before memory is taken.  Files of earlier versions are read as
    long as they hold what their kind needs.

    Raises `InputError` in one sentence for a file that does not exist, may not be read, is damaged, holds something else,
    or is written by a newer version.
    """
    try:
        return _load(Path(path))
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror or problem}") from None


def _load(place: Path) -> Loaded:
    if place.is_dir():
        return _load_folder(place)
    require(place.is_file(), f"no such result file: {place}")
    kind = place.suffix.lower()
    if kind == ".json":
        return _load_json(place)
    if kind in _READERS:
        raise InputError(f"{place} is not a result file: {_READERS[kind]}")
    return _load_netcdf(place)


def _load_netcdf(path: Path) -> Result:
    data = read_netcdf(path)
    try:
        return Result.from_xarray(data)
    except InputError as problem:
        raise InputError(f"{path} is not a result that can be read: {problem}") from None


def _load_json(path: Path) -> Answers | StudyValues:
    data = read_json(path)
    try:
        return StudyValues.from_rows(data) if isinstance(data, list) else Answers.from_dict(data)
    except InputError as problem:
        raise InputError(f"{path}: {problem}") from None


def _load_folder(folder: Path) -> Loaded:
    there = [name for name in (ANSWERS, VALUES, SWEEP) if (folder / name).is_file()]
    if not there and (folder / _SWEEP_MARKER).is_file():
        raise InputError(f"the sweep in {folder} has no result yet: continue it with `atomcavity sweep`")
    require(
        len(there) == 1,
        f"{folder} holds {' and '.join(there) or 'none of ' + ', '.join((ANSWERS, VALUES, SWEEP))}: name a file",
    )
    if there[0] == SWEEP:
        return _load_netcdf(folder / SWEEP)
    found = _load_json(folder / there[0])
    if isinstance(found, Answers):
        files = sorted(folder.glob("*.nc"))
        results = {file.stem: _load_netcdf(file) for file in files}
        return replace(found, results=results)
    return found
