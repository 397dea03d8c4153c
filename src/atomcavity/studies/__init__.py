"""The studies: one paper each, every figure and number from one command."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from atomcavity.errors import InputError


def run_study(name: str, *, out: Path, quick: bool = False, figure: str | None = None) -> Path:
    """Run a study and write figures, data, `values.json` and `index.html` into `out`; returns the page.

    Everything is written to a temporary folder first and moved into `out` at the end, so that an
    interrupted run leaves nothing half-written.  `out` may be new, empty, or hold an earlier output
    of the same study (its files are replaced, other files are left alone).

    Raises `InputError` if `out` holds something else, or if the study has no such figure.
    """
    from atomcavity.studies import microlaser

    run = {"microlaser": microlaser.run}[name]
    _check_folder(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        page = run(part, quick=quick, figure=figure)
        out.mkdir(exist_ok=True)
        for file in part.iterdir():
            file.replace(out / file.name)
    finally:
        shutil.rmtree(part)
    return out / page.name


def _check_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: this is a file, not a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / "index.html").is_file():
        raise InputError(
            f"--out {out}: the folder is not empty and holds no earlier output; choose a new or empty one"
        )
