"""Fig. 4 of the paper, for both experiment files, and the budget of the clock's instability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.reports.page import number
from atomcavity.studies.microclock.published import published
from atomcavity.studies.microclock.stability import Stability


def draw_stability(stabilities: Mapping[str, Stability]) -> Figure:
    """Fig. 4: Allan deviations of the cavity and of the clock, one panel for each experiment file by its name."""
    with style.figure(style.PAGE, 3.4, 1, len(stabilities), sharey=True) as (drawing, axes):
        for ax, (name, stability), letter in zip(axes[0], stabilities.items(), "ab", strict=False):
            _draw_cavity(ax, stability)
            _draw_clock(ax, stability)
            ax.set(xlabel=r"averaging time $\tau$ (s)", ylabel="", title=name)
            style.panel(ax, letter)
        axes[0, 0].set(ylabel=r"Allan deviation $\sigma_y(\tau)$", ylim=(5e-18, 1e-5))
        axes[0, 0].legend(loc="upper left", ncols=2, fontsize=5.8, columnspacing=1.0)
        fits = ", ".join(
            f"{number(float(f'{stability.coefficient[0]:.3g}'))}/√τ ({name})"
            for name, stability in stabilities.items()
        )
        return Figure(
            "figure-4",
            "Fig. 4: fractional frequency stability",
            f"Circles: the free cavity under white and random-walk noise of its frequency, averages over τ; dashed: √(h₀/2τ) "
            "and √(2π²h₋₂τ/3). Dash-dotted: thermorefractive noise of the clock mode (in (b) under the fit). Squares: the clock, "
            f"{next(iter(stabilities.values())).cycles} cycles, overlapping, with bars of 68 % confidence; solid: its fit, {fits}. Triangles: the "
            "clock without the lattice's shifts. Grey: the paper's 1.7 × 10⁻¹²/√τ and 5 × 10⁻¹⁴ at 10³ s.",
            drawing,
        )


def _draw_cavity(ax: Any, stability: Stability) -> None:
    cavity, noise = stability.cavity, stability.noise
    tau = np.array([0.7, 6e4])
    ax.loglog(cavity.tau, cavity.value, "o", color="0.3", markerfacecolor="white", label="cavity")
    ax.loglog(
        tau,
        np.sqrt(noise.white_fm / (2 * tau)),
        color="0.3",
        linestyle="--",
        linewidth=0.9,
        label="white, walk",
    )
    ax.loglog(
        tau,
        np.sqrt(2 * np.pi**2 * noise.random_walk_fm * tau / 3),
        color="0.3",
        linestyle="--",
        linewidth=0.9,
    )
    thermal = stability.thermorefractive.deviation(tau)
    ax.loglog(tau, thermal, **style.OURS_3, zorder=5, label="thermorefractive")


def _draw_clock(ax: Any, stability: Stability) -> None:
    clock, alone = stability.deviation, stability.unshifted
    law = published("adev_clock")
    tau = np.array([0.7, 6e4])
    ax.loglog(tau, law / np.sqrt(tau), **style.PUBLISHED, label="paper, Eq. (8)")
    ax.loglog(1e3, published("adev_1e3"), "*", color="0.35", markersize=7, label=r"paper at $10^3$ s")
    ax.loglog(tau, stability.coefficient[0] / np.sqrt(tau), **style.OURS, label="fit")
    clock.plot(ax, fmt="s", color=style.OURS["color"], markerfacecolor="white", label="clock")
    ax.loglog(alone.tau, alone.value, "^", color=style.OURS_2["color"], label="without light shifts")
