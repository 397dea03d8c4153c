"""The parts of the clock's instability, one by one, for both experiment files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from atomcavity.clocks.budget import SHOT, Budget
from atomcavity.reports import Figure, style
from atomcavity.studies.microclock.published import published

_NAMES = {
    "number": "number of atoms",
    "lattice": "lattice shift",
    "cavity": "cavity's own noise",
    "lock": "sensor of the lock",
    "readout": "readout of one pulse",
    SHOT: "FWHM/(2.355 SNR)",
}


Parts = Mapping[str, Mapping[str, float]]


def draw_budget(budgets: Mapping[str, Budget], *, inside: Mapping[str, Parts]) -> Figure:
    """Allan deviation at one cycle by each part alone.

    budgets  by the name of the experiment file
    inside   by the same name: name of a part -> what it consists of, as Allan deviations
    """
    with style.figure(style.PAGE, 3.2, 1, len(budgets), sharex=True) as (drawing, axes):
        for column, (name, budget) in enumerate(budgets.items()):
            ax = axes[0, column]
            _draw_bars(ax, budget, inside[name])
            ax.set_title(name)
            style.panel(ax, "ab"[column])
        return Figure(
            "figure-budget",
            "Error budget of the clock",
            "Allan deviation at τ = 1 s (one cycle) with one part switched on at a time, on a logarithmic axis; open bars: of what "
            "a part consists. (a) The paper's inputs: it adds the three parts of the lattice shift linearly. (b) The right ones: 10 % independent "
            "power noise in each beam by the total derivative of the shift, because the trap moves with the power and the atom "
            "with it; the cavity is locked. Hatched: the estimate of the shot noise that does not count. Dotted: Eq. (8) of the paper.",
            drawing,
        )


def _rows(budget: Budget, inside: Parts) -> list[tuple[str, float, str]]:
    """Name, Allan deviation and look of each bar, from above."""
    rows = []
    for name in budget.names:
        rows.append((_NAMES.get(name, name), budget.of(name), "naive" if name == SHOT else "ours"))
        rows += [(f"– {part}", value, "part") for part, value in inside.get(name, {}).items()]
    return [row for row in [*rows, ("whole clock", budget.whole, "whole")] if row[1] > 0]


def _draw_bars(ax: Any, budget: Budget, inside: Parts) -> None:
    rows = _rows(budget, inside)
    looks: dict[str, dict[str, Any]] = {
        "ours": {"color": style.OURS["color"]},
        "whole": {"color": style.OURS_2["color"]},
        "part": {"facecolor": "white", "edgecolor": "0.4"},
        "naive": {"facecolor": "white", "edgecolor": style.OURS["color"], "hatch": "////"},
    }
    places = np.arange(len(rows))[::-1]
    for place, (_, value, kind) in zip(places, rows, strict=True):
        ax.barh(place, value, height=0.7, linewidth=0.7, **looks[kind])
        ax.annotate(
            f"{value:.1e}",
            (value, place),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=6,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )
    ax.axvline(published("adev_clock"), **style.PUBLISHED)
    ax.set_yticks(places, [name for name, _, _ in rows], fontsize=6.5)
    ax.set(xscale="log", xlabel=r"$\sigma_y$(1 s)", xlim=(1e-19, 1e-9))
    ax.tick_params(axis="y", length=0)
