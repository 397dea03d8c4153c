"""The studies: one paper each, every figure and number from one command."""

from __future__ import annotations

from pathlib import Path

from atomcavity.errors import InputError
from atomcavity.reports import output_folder

MARKER = ".atomcavity-study"
"""Marks an output folder as ours: it holds the study's name, so that the study may update it later."""


def run_study(name: str, *, out: Path, quick: bool = False, figure: str | None = None) -> Path:
    """Run a study and write figures, data, `values.json` and `index.html` into `out`; returns the page.

    With `figure` only that figure's files are written, and the first of them is returned. An interrupted
    run leaves nothing half-written (`output_folder`).  `out` may be new, empty, or hold an earlier output of the same study
    (its files are replaced, other files are left alone).

    Raises `InputError` if `out` holds something else or cannot be made, or if the study has no such figure.
    """
    from atomcavity.studies import microlaser

    run = {"microlaser": microlaser.run}[name]
    _check_folder(out, name)
    with output_folder(out) as part:
        result = run(part, quick=quick, figure=figure)
        (part / MARKER).write_text(name + "\n", encoding="utf-8")
    return out / result.name


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
