"""The laser against the temperature of its ions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.ion_laser.temperature import MOMENT_2
from atomcavity.studies.ion_laser.temperature_scan import TemperatureScan

LOOKS = (style.OURS, style.OURS_2, style.OURS_3)
MILLI = 1e3


def draw_temperature(scan: TemperatureScan) -> Figure:
    """Debye-Waller factor, power, second-order Doppler shift, and how softly each ion is held."""
    with style.figure(style.PAGE, 4.6, 2, 2) as (drawing, axes):
        _draw_factor(axes[0, 0], scan)
        _draw_power(axes[0, 1], scan)
        _draw_shift(axes[1, 0], scan)
        _draw_softness(axes[1, 1], scan)
        for ax, letter in zip(axes.ravel(), "abcd", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-temperature",
            "The laser at a finite temperature",
            "(a) Debye-Waller factor exp(−k²⟨z²⟩) of g² for ω_z/2π as labelled: phonons of the infinite bcc crystal (lines), an ion among fixed "
            f"neighbours (dotted), the mean over a true crystal of {scan.crystal.ions} ions by its own phonons (symbols); ticks above: melting at Γ = 175; grey: "
            "Doppler limits of "
            + ", ".join(scan.lines)
            + ". (b) Power of the crystal of 10⁵ ions at the best pump rate of the cold one (lines) and at the best one for "
            "each temperature (thin). (c) Second-order Doppler shift by the secular motion, the same for all confinements but for its zero point, and thin, by the micromotion that it "
            "causes, which the magic radio frequency takes away. (d) Mean square displacement along the cavity of each ion of the true crystal against its distance from the centre; dashed: "
            "bcc; dotted: an ion that moves alone.",
            drawing,
        )


def _label(laser: Any) -> str:
    return f"{laser.confinement / (2e6 * math.pi):g} MHz"


def _draw_factor(ax: Any, scan: TemperatureScan) -> None:
    t = scan.temperatures
    some = t[:: max(1, len(t) // 14)]
    for laser, look, marker in zip(scan.lasers, LOOKS, "os^", strict=False):
        ax.semilogx(t * MILLI, laser.debye_waller(t), **look, label=_label(laser))
        ax.semilogx(
            t * MILLI,
            np.exp(-(laser.wavenumber**2) * laser.einstein(t)),
            color=look["color"],
            linestyle=":",
            linewidth=0.8,
        )
        mean = [laser.of_ions(scan.phonons, float(x)).mean() for x in some]
        ax.plot(some * MILLI, mean, marker, color=look["color"], markerfacecolor="white")
        ax.plot(laser.melting * MILLI, 1.04, "v", color=look["color"], clip_on=False)
    _draw_limits(ax, scan)
    ax.set(xlabel="temperature (mK)", ylabel=r"factor of $g^2$", xlim=(0.01, 100), ylim=(0, 1.04))
    ax.legend(loc="upper right")


def _draw_limits(ax: Any, scan: TemperatureScan) -> None:
    for limit in scan.limits.values():
        ax.axvline(limit * MILLI, color="0.75", linewidth=0.8, zorder=0)


def _draw_power(ax: Any, scan: TemperatureScan) -> None:
    t = scan.temperatures
    for laser, look in zip(scan.lasers, LOOKS, strict=False):
        ax.semilogx(t * MILLI, laser.power(t, laser.best_pump) * 1e15, **look, label=_label(laser))
        ax.semilogx(t * MILLI, laser.power(t) * 1e15, **{**look, "linewidth": 0.6})
    _draw_limits(ax, scan)
    ax.set(xlabel="temperature (mK)", ylabel="power (fW)", xlim=(0.01, 100), ylim=(0, None))


def _draw_shift(ax: Any, scan: TemperatureScan) -> None:
    t = scan.temperatures
    for laser, look in zip(scan.lasers, LOOKS, strict=False):
        ax.loglog(t * MILLI, -laser.doppler(t) / (2 * math.pi), **look, label=_label(laser))
        micro = -laser.doppler_micromotion(t) / (2 * math.pi)
        ax.loglog(t * MILLI, micro, **{**look, "linewidth": 0.6})
    _draw_limits(ax, scan)
    ax.set(xlabel="temperature (mK)", ylabel="− second-order Doppler shift (Hz)", xlim=(0.01, 100))
    ax.legend(loc="upper left")


def _draw_softness(ax: Any, scan: TemperatureScan) -> None:
    ax.semilogy(scan.crystal.depth, scan.softness, ".", color=style.OURS["color"], markersize=3)
    ax.axhline(MOMENT_2 / 3, color=style.OURS_2["color"], linestyle="--")
    ax.axhline(1.0, color="k", linestyle=":", linewidth=1)
    ax.set(
        xlabel="distance from the centre (Wigner-Seitz radii)",
        ylabel=r"$\langle z^2\rangle$ ($k_BT/m\omega_z^2$)",
    )
