"""The page of one experiment: its answers as a table, its figures, and the answers as JSON and CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from atomcavity.reports.page import Figure, environment, write_text
from atomcavity.reports.tables import write_csv
from atomcavity.results import Answers

_COLUMNS = ("key", "label", "value", "unit", "error", "input_error", "reason")


def write_answers(
    folder: Path,
    answers: Answers,
    *,
    kind: str,
    notes: Sequence[str] = (),
    figures: Sequence[Figure] = (),
    footer: str = "",
) -> Path:
    """Write `answers.json`, `answers.csv` and `index.html` beside the figures' files; returns the page's path."""
    text = json.dumps(answers.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
    write_text(folder / "answers.json", text + "\n")
    columns = {name: [getattr(answer, name) for answer in answers] for name in _COLUMNS}
    write_csv(
        folder / "answers.csv",
        {f"{name} (SI)" if name == "value" else name: column for name, column in columns.items()},
    )
    template = resources.files("atomcavity.reports").joinpath("answers.html").read_text(encoding="utf-8")
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for answer in answers:
        group, _, name = answer.key.partition(".")
        groups.setdefault(group, []).append((name, answer.text, answer.label))
    page = folder / "index.html"
    rendered = (
        environment()
        .from_string(template)
        .render(
            title=answers.title,
            kind=kind,
            notes=notes,
            groups=groups,
            figures=figures,
            remarks=answers.remarks,
            warnings=answers.warnings,
            footer=footer,
        )
    )
    write_text(page, rendered)
    return page
