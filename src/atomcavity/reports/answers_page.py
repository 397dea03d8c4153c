"""The page of one experiment: its answers as a table, its figures, and the answers as JSON and CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from atomcavity.reports.page import Figure, filled, write_text
from atomcavity.results import Answers


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
    answers.to_csv(folder / "answers.csv")
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for answer in answers:
        group, _, name = answer.key.partition(".")
        groups.setdefault(group, []).append((name, answer.text, answer.label))
    page = folder / "index.html"
    rendered = filled(
        "answers.html",
        title=answers.title,
        kind=kind,
        notes=notes,
        groups=groups,
        figures=figures,
        remarks=answers.remarks,
        warnings=answers.warnings,
        footer=footer,
    )
    write_text(page, rendered)
    return page
