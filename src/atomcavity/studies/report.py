"""The answers to one experiment file as text, and as a folder: table, data, figures, page, and the file itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from atomcavity.errors import require
from atomcavity.experiments import check_data, read_data
from atomcavity.experiments.files import place_of
from atomcavity.experiments.toml import to_toml
from atomcavity.reports import Figure, output_folder, style, write_answers, write_figure
from atomcavity.reports.page import write_text
from atomcavity.results import Answers, versions
from atomcavity.studies.uncertainty import answers_with_errors


def check_new(out: Path) -> None:
    """Raises `InputError` unless the folder is new or empty."""
    require(
        not out.exists() or (out.is_dir() and not any(out.iterdir())),
        f"--out {out}: not a new or empty folder",
    )


def write_report(
    folder: Path, experiment: Any, found: Answers, *, data: Mapping[str, Any] | None = None, text: str = ""
) -> Path:
    """Everything about one experiment, into an existing folder; returns the page's path.

    answers.txt, answers.json, answers.csv, NAME.nc and NAME.png of each result, experiment.json (SI values) and
    experiment.toml: `text`, or else the `data` that were evaluated.
    """
    write_text(folder / "answers.txt", found.table() + "\n")
    dumped = json.dumps(experiment.model_dump(), indent=1, ensure_ascii=False)
    write_text(folder / "experiment.json", dumped + "\n")
    if text or data:
        write_text(folder / "experiment.toml", text or to_toml(data or {}))
    figures = []
    for name, result in found.results.items():
        result.save(folder / f"{name}.nc")
        if hasattr(result, "plot"):
            figures.append(_figure(name, result))
            write_figure(folder, figures[-1])
    used = ", ".join(f"{name} {version}" for name, version in versions().items())
    return write_answers(
        folder, found, kind=experiment.kind, notes=experiment.notes, figures=figures, footer=used
    )


def _figure(name: str, result: Any) -> Figure:
    with style.figure(1.5 * style.COLUMN, 1.1 * style.COLUMN) as (drawing, axes):
        result.plot(axes[0, 0])
    title = (type(result).__doc__ or name).splitlines()[0].rstrip(".")
    return Figure(name, name, f"{title}; by {result.record.method}.", drawing)


def report_file(
    path: Path,
    changes: Sequence[str] = (),
    *,
    out: Path | None = None,
    seed: int = 0,
    samples: int = 0,
    workers: int = 1,
) -> str:
    """The answers to an experiment file, with `changes` (key=value), as a table; with `out` (new or empty) also as files.

    Uncertain inputs give the answers error bars (`answers_with_errors`).

    Raises `InputError` if the experiment cannot be, or if `out` is not empty.
    """
    if out is not None:
        check_new(out)
    data, place = read_data(path, changes), place_of(path, changes)
    found = answers_with_errors(data, seed, samples=samples, workers=workers, place=place)
    if "sweep" in data:
        note = "the [sweep] table is not computed here: `atomcavity sweep` does that"
        found = replace(found, remarks=(*found.remarks, note))
    text = "" if changes else path.read_text(encoding="utf-8")
    return report(check_data(data, place), found, out=out, data=data, text=text)


def report(
    experiment: Any,
    found: Answers,
    *,
    out: Path | None = None,
    data: Mapping[str, Any] | None = None,
    text: str = "",
) -> str:
    """The table; with `out` (a new or empty folder) also everything that `write_report` writes.

    Raises `InputError` if `out` is not empty or cannot be made.
    """
    if out is not None:
        check_new(out)
        with output_folder(out) as part:
            write_report(part, experiment, found, data=data, text=text)
    return found.table()
