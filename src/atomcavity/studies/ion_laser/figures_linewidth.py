"""Past the paper: the width and the frequency of the laser's line."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.ion_laser.linewidth import Lines

MILLI, HERTZ, MEGA = 2e-3 * math.pi, 2 * math.pi, 2e6 * math.pi
LOOKS = (style.OURS, style.OURS_2, style.OURS_3)


def draw_linewidth(lines: Lines) -> Figure:
    """Width against pump rate, width at the optimum in units of Eq. (40), frequency of the light against pump rate."""
    with style.figure(style.PAGE, 2.8, 1, 3) as (drawing, axes):
        _draw_width(axes[0, 0], lines)
        _draw_ratio(axes[0, 1], lines)
        _draw_frequency(axes[0, 2], lines)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-linewidth",
            "Width and frequency of the laser's line",
            f"The crystal as {lines.devices[0].experiment.groups} groups of (g, Δ), finesse {lines.devices[0].experiment.cavity.finesse:.3g}, ζ = "
            f"{lines.devices[0].zeta:.2g}. (a) Full width at half maximum for F = {lines.devices[0].F:g} and three confinements: dots, fluctuations linearised "
            "around the mean field; lines, γ⊥(G + 2γ⊥)/2Φ with G = Σ4Ng²/κ and Φ photons a second; crosses, second-order cumulants; dotted, "
            "Eq. (40). (b) Width at the pump rate of the largest power, in units of Eq. (40): filled, phase diffusion; open, cumulants. "
            "(c) Frequency of the light from that of an ion without micromotion at the strongest confinement; what quadrupole shifts all ions share is not in it.",
            drawing,
        )


def _draw_width(ax: Any, lines: Lines) -> None:
    for each, found, look in zip(lines.first, lines.over_pump, LOOKS, strict=False):
        pump = np.array([line.pump for line in found])
        fine = np.geomspace(pump[0], pump[-1], 100)
        name = f"{each.device.confinement / MEGA:g} MHz"
        ax.loglog(fine, each.law(fine) / MILLI, color=look["color"], label=name)
        ax.loglog(pump, [line.width / MILLI for line in found], "o", color=look["color"])
        ax.loglog(pump, [line.wider / MILLI for line in found], "x", color=look["color"])
        ax.axhline(each.estimate / MILLI, color=look["color"], linestyle=":", linewidth=0.8)
    ax.set(xlabel="pump rate $w$ (s$^{-1}$)", ylabel="full width (mHz)")
    ax.legend(loc="upper left")


def _draw_ratio(ax: Any, lines: Lines) -> None:
    for F, mark in zip(dict.fromkeys(each.device.F for each in lines.all), "osd", strict=False):
        rows = [(each, line) for each, line in zip(lines.all, lines.best, strict=True) if each.device.F == F]
        x = [each.device.confinement / MEGA for each, _ in rows]
        ax.plot(
            x,
            [line.width / each.estimate for each, line in rows],
            mark,
            color=style.OURS["color"],
            label=f"F = {F:g}",
        )
        open_ones = {"color": style.OURS_2["color"], "markerfacecolor": "none"}
        ax.plot(x, [line.wider / each.estimate for each, line in rows], mark, **open_ones)
    ax.axhline(1, color="0.3", linestyle=":", linewidth=0.8)
    ax.set(
        xlabel=r"$\omega_z/2\pi$ (MHz)",
        ylabel=r"full width / $(g_0^2/\kappa)$",
        ylim=(0, 1.6),
        xlim=(0, None),
    )
    ax.legend(loc="lower right")


def _draw_frequency(ax: Any, lines: Lines) -> None:
    for each, look in zip(lines.tight, LOOKS, strict=False):
        low, high = (float(x) for x in each.device.continuum.thresholds(each.device.zeta))
        pump = np.linspace(0.03 * high + low, 0.98 * high, 60)
        ions = each.ensemble(micromotion=True)
        ax.plot(pump, ions.light(pump)[1] / HERTZ, **look, label=f"F = {each.device.F:g}")
    ax.set(xlabel="pump rate $w$ (s$^{-1}$)", ylabel="frequency of the light (Hz)", ylim=(0, None))
    ax.legend(loc="best")
