"""One look for all figures: column width, told apart without colour (line style and marker, not hue alone)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

COLUMN = 3.4
"""Width of one column of a journal (inch)."""
PAGE = 7.0
"""Width of two columns (inch)."""

_STYLE: Any = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "legend.fontsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "legend.frameon": False,
    "figure.dpi": 150,
    "savefig.dpi": 200,
    "axes.unicode_minus": True,
    "figure.constrained_layout.use": True,
}

OURS = {"color": "#0b3c6f", "linestyle": "-"}
OURS_2 = {"color": "#b5541c", "linestyle": "--"}
OURS_3 = {"color": "#3d7a3a", "linestyle": "-."}
LAW = {"color": "k", "linestyle": (0, (5, 1.5, 1, 1.5)), "linewidth": 0.8}
"""A simple law or a fit drawn beside ours."""
PUBLISHED = {"color": "0.35", "linestyle": (0, (1, 1.5)), "linewidth": 1.6}


@contextmanager
def figure(width: float, height: float, rows: int = 1, columns: int = 1, **keywords: Any) -> Iterator[Any]:
    """A figure in the house's style, drawn without a display: yields (figure, axes array)."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        drawing = Figure(figsize=(width, height))
        FigureCanvasAgg(drawing)
        yield drawing, drawing.subplots(rows, columns, squeeze=False, **keywords)


def panel(ax: Any, letter: str) -> None:
    """Label a panel (a), (b), ... above its upper left corner."""
    ax.set_title(f"({letter})", loc="left", fontweight="bold")
