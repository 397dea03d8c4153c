"""A study's page: figures with captions, and the table of published and computed numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atomcavity.reports.values import Value
from atomcavity.results.files import replacing


@dataclass(frozen=True)
class Figure:
    """A drawn figure: `name` is the file's stem, `drawing` the matplotlib figure."""

    name: str
    title: str
    caption: str
    drawing: Any = field(repr=False)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_figure(folder: Path, figure: Figure) -> None:
    """Save a figure as PNG and SVG (without a date, so that the same input gives the same file)."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "atomcavity", "svg.fonttype": "none"}):
        figure.drawing.savefig(folder / f"{figure.name}.png", dpi=200)
        figure.drawing.set_layout_engine(None)  # keep the places that the PNG found
        figure.drawing.savefig(folder / f"{figure.name}.svg", metadata={"Date": None})


def write_page(
    folder: Path,
    *,
    title: str,
    source: str,
    notes: Sequence[str],
    figures: Sequence[Figure],
    values: Sequence[Value],
    remarks: Sequence[str] = (),
    footer: str = "",
) -> Path:
    """Write `values.json` and `index.html` beside the figures' files (`write_figure`); returns the page's path."""
    rows = [value.to_dict() for value in values]
    write_text(folder / "values.json", json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    counts = {
        verdict: sum(v.verdict == verdict for v in values)
        for verdict in ("agrees", "within rounding", "deviates", "not published")
    }
    text = filled(
        "page.html",
        title=title,
        source=source,
        notes=notes,
        figures=figures,
        values=values,
        counts=counts,
        remarks=remarks,
        footer=footer,
    )
    page = folder / "index.html"
    write_text(page, text)
    return page


def filled(template: str, **values: Any) -> str:
    """A page from a template of this folder: what is put in is escaped, what is missing is an error."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["number"] = number
    return made.get_template(template).render(**values)


def number(value: float | tuple[float, ...] | None) -> str:
    """A number, or several, for the table: five significant digits, powers of ten written out."""
    if isinstance(value, tuple):
        return ", ".join(map(number, value))
    if value is None or value != value:
        return "—"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.5g}"
    mantissa, exponent = f"{value:.3e}".split("e")
    superscript = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{float(mantissa):g} × 10{superscript}"
