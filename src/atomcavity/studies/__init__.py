"""The studies: one paper each, every figure and number from one command."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from atomcavity.errors import InputError, require, unknown

STUDIES = ("microlaser", "microclock", "ion-laser", "chip-loading")
"""The papers, by the names of their studies and of the kind of their experiment files."""

KINDS = ("trap", "microlaser", "microclock", "ion-laser", "chip-loading")
"""The kinds of experiment files (`experiments.files.KINDS`, which is not imported here: the command line is to answer fast)."""

CRYSTAL = "ion-laser"
"""The study with a true crystal of ions."""

MARKER = ".atomcavity-study"
"""Marks an output folder as ours: it holds the study's name, so that the study may update it later."""


def run_study(
    name: str, *, out: Path, quick: bool = False, figure: str | None = None, ions: int | None = None
) -> Path:
    """Run a study and write figures, data, `values.json` and `index.html` into `out`; returns the page.

    With `figure` only that figure's files are written, and the first of them is returned. An interrupted
    run leaves nothing half-written (`output_folder`).  `out` may be new, empty, or hold an earlier output of the same study
    (its files are replaced, other files are left alone).

    `ions` is the number of ions of the true crystal, for the study that has one (`CRYSTAL`).

    Raises `InputError` if `out` holds something else or cannot be made, or if the study has no such figure.
    """
    from atomcavity.reports import output_folder

    run = _study(name).run
    require(
        ions is None or name == CRYSTAL, f"--ions {ions}: {name} has no crystal of ions; only {CRYSTAL} does"
    )
    more = {} if ions is None else {"ions": ions}
    _check_folder(out, name)
    with output_folder(out) as part:
        result: Path = run(part, quick=quick, figure=figure, **more)
        (part / MARKER).write_text(name + "\n", encoding="utf-8")
    return out / result.name


def _study(name: str) -> Any:
    """The package of a study, with its `run`."""
    if name not in STUDIES:
        raise unknown("study", name, STUDIES)
    return importlib.import_module(f"atomcavity.studies.{name.replace('-', '_')}")


def _check_folder(out: Path, name: str) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: this is a file, not a folder")
    if not out.is_dir() or not any(out.iterdir()):
        return
    marker = out / MARKER
    if not marker.is_file() or marker.read_text(encoding="utf-8").strip() != name:
        raise InputError(
            f"--out {out}: the folder is not empty and holds no earlier output of {name}; choose a new or empty one"
        )
