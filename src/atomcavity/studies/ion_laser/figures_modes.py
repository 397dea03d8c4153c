"""Both circular modes at once: power, division, antiphase pulses, beat note."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.ion_laser.modes_scan import ModesScan

LOOKS = (style.OURS, style.OURS_2, style.OURS_3)
FEMTO = 1e15


def draw_modes(scan: ModesScan) -> Figure:
    """Power against pump, division against asymmetry, pulses in time, beat note."""
    laser = scan.laser
    with style.figure(style.PAGE, 4.6, 2, 2) as (drawing, axes):
        _draw_power(axes[0, 0], scan)
        _draw_division(axes[0, 1], scan)
        _draw_pulses(axes[1, 0], scan)
        _draw_beat(axes[1, 1], scan)
        for ax, letter in zip(axes.ravel(), "abcd", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-modes",
            "Both circular modes at once",
            "Mean field of the three states |u⟩, |l₊⟩ and |l₋⟩ and two modes, either lower state pumped by itself; identical ions (a crystal with "
            f"its distribution of couplings gives {scan.crystal_part:.2f} of these powers), 4Ng²/κ = {laser.gain:.0f} s⁻¹, ξ = {laser.xi:g}. (a) Power of the light against the pump rate, points, and with one mode alone; lines: 4(1 + ξ)/(4 + 3ξ) times that, and half of it; grey: no "
            "stationary state is stable, and bars are means over time with their standard deviation. (b) Part of the power in the mode with the lower loss "
            "against the relative difference of g²/κ; ticks above: where a weak field in the other mode stops to grow. (c) Powers in time at "
            f"w = {max(scan.traces):.1f} s⁻¹. (d) Spectrum of the beat note around the splitting, {laser.splitting / (2 * math.pi):.0f} Hz (without "
            "the diffusion of the phases, a few mHz): one line, or, with pulses that go through zero, two.",
            drawing,
        )


def _draw_power(ax: Any, scan: ModesScan) -> None:
    laser, edge = scan.laser, scan.laser.pulsing_below
    each = scan.powers * FEMTO
    fine = np.linspace(0.02, 0.995, 15) * laser.last_pump
    single = np.array([laser.single(w) for w in fine]) * FEMTO
    stable = fine > edge
    ax.plot(scan.pumps, each.sum(axis=1), "o", color=style.OURS["color"], label="both modes")
    ax.plot(scan.pumps, each[:, 0], "s", color=style.OURS_3["color"], label="each of them")
    ax.plot(fine[stable], laser.gained * single[stable], **style.LAW)
    ax.plot(fine[stable], laser.gained * single[stable] / 2, **style.LAW)
    ax.plot(fine, single, **style.OURS_2, label="one mode alone")
    ax.axvspan(0, edge, color="0.93", zorder=0)
    for pump, trace in scan.traces.items():
        power = trace.power * FEMTO
        for values, look in ((power.sum(axis=0), style.OURS), (power[0], style.OURS_3)):
            ax.errorbar(
                pump, values.mean(), values.std(), color=look["color"], marker="o", linewidth=0.9, capsize=2
            )
    top = 1.55 * float(laser.gained * single.max())
    ax.set(
        xlabel="pump rate $w$ (s$^{-1}$)",
        ylabel="power (fW)",
        xlim=(0, 1.02 * laser.last_pump),
        ylim=(0, top),
    )
    ax.legend(loc="upper right", handlelength=1.6)


def _draw_division(ax: Any, scan: ModesScan) -> None:
    for (pump, share), look in zip(scan.shares.items(), LOOKS, strict=False):
        ax.plot(100 * scan.asymmetries, share, **look, marker="o", label=f"$w$ = {pump:.0f} s$^{{-1}}$")
        if _selected(scan, pump) <= scan.asymmetries[-1]:
            ax.plot(100 * _selected(scan, pump), 1.03, marker="v", color=look["color"], clip_on=False)
    ax.set(xlabel=r"difference of $g^2/\kappa$ (%)", ylabel="part in the stronger mode", ylim=(0.48, 1.03))
    ax.set_xlim(0, 100 * scan.asymmetries[-1])
    ax.legend(loc="lower right")


def _selected(scan: ModesScan, pump: float) -> float:
    """The difference of kappa above which one mode is left: the strong mode's own is smaller by half of it."""
    x = 0.1
    for _ in range(50):
        ratio = scan.laser.selection(pump * (1 - x / 2))
        x = 2 * (1 - ratio) / (1 + ratio)
    return x


def _draw_pulses(ax: Any, scan: ModesScan) -> None:
    trace = scan.traces[max(scan.traces)]
    time = trace.time - trace.time[0]
    shown = time < 5.5 / trace.frequency
    for power, look, name in zip(trace.power, (style.OURS, style.OURS_2), ("σ⁺", "σ⁻"), strict=True):
        ax.plot(time[shown], power[shown] * FEMTO, **look, label=name)
    ax.set(xlabel="time (s)", ylabel="power (fW)", xlim=(0, time[shown][-1]))
    ax.set_ylim(0, 1.3 * trace.power.max() * FEMTO)
    ax.legend(loc="upper right", ncols=2)


def _draw_beat(ax: Any, scan: ModesScan) -> None:
    for (pump, trace), look in zip(scan.traces.items(), LOOKS, strict=False):
        offset, power = trace.spectrum()
        ax.semilogy(offset, power, **look, label=f"$w$ = {pump:.1f} s$^{{-1}}$", linewidth=0.9)
    pump = scan.split_pumps[len(scan.split_pumps) // 2]
    pull = (scan.laser.beat(pump) - scan.laser.splitting) / (2 * math.pi)
    ax.axvline(pull, color="k", linewidth=0.8, label=f"$w$ = {pump:.0f} s$^{{-1}}$, steady")
    reach = 6 * max(trace.frequency for trace in scan.traces.values())
    ax.set(xlabel="beat note less the splitting (Hz)", ylabel="spectral power", xlim=(-reach, reach))
    ax.set_ylim(1e-7, 1e5)
    ax.legend(
        loc="upper left",
        fontsize=6.5,
        ncols=2,
        frameon=True,
        facecolor="white",
        edgecolor="none",
        framealpha=1,
    )
