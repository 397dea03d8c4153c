"""A true crystal: its ions coloured by their shifts, its shells, the distribution of the shifts, its power."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.ion_laser.true_crystal import Curves, TrueCrystal
from atomcavity.traps.crystal.plots import projection, radii

HERTZ = 2 * math.pi
LOOKS = (style.OURS, style.OURS_2, style.OURS_3)

FEMTO = 1e-15
"""1 fW (W)."""


def draw_crystal(found: TrueCrystal) -> Figure:
    """Ions by place and shift, shells, distribution of the shifts, power against the place in the standing wave."""
    device, crystal = found.device, found.crystal
    common = found.shifts.total.mean() / HERTZ
    with style.figure(style.PAGE, 5.4, 2, 2) as (drawing, axes):
        projection(crystal, axes[0, 0], found.spread / HERTZ, "shift (Hz)")
        radii(crystal, axes[0, 1])
        axes[0, 1].legend(loc="upper left")
        _draw_shifts(axes[1, 0], found)
        _draw_power(axes[1, 1], found)
        for ax, letter in zip(axes.ravel(), "abcd", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-crystal",
            f"A crystal of {crystal.ions} ions",
            f"F = {device.F:g}, ω_z/2π = {device.confinement / HERTZ / 1e6:g} MHz, magic radio frequency. (a) Ions by distance from the trap's axis (negative where x is) and by z, "
            f"coloured by their total shift less the mean, {common:+.2f} Hz. (b) Number of ions against the scaled radius: shells, and the uniform "
            "fluid. (c) Distribution of the shifts: quadrupole shift by the neighbours, what is left of the micromotion's shifts, "
            "and the total less its mean. (d) Power at the pump rate of the largest power of the continuous crystal (dash-dotted), every ion "
            "with its own coupling and shift, as the crystal is moved along the standing wave; diamond: by "
            f"{device.experiment.groups} groups.",
            drawing,
        )


def _draw_shifts(ax: Any, found: TrueCrystal) -> None:
    shifts = found.shifts
    rows = {
        "neighbours": (shifts.neighbours - shifts.neighbours.mean(), style.OURS),
        "micromotion": (shifts.micromotion, style.OURS_2),
        "total": (found.spread, style.OURS_3),
    }
    reach = max(float(np.abs(values).max()) for values, _ in rows.values()) / HERTZ
    edges = np.linspace(-reach, reach, 61)
    for name, (values, look) in rows.items():
        number = np.histogram(values / HERTZ, edges)[0]
        ax.stairs(number + 0.0, edges, **look, label=f"{name}, {values.std() / HERTZ:.2g} Hz rms")
    ax.set(xlabel="shift (Hz)", ylabel="ions", yscale="log", ylim=(0.7, 20 * len(found.spread)))
    ax.legend(loc="upper left")


def _draw_power(ax: Any, found: TrueCrystal) -> None:
    scale, unit = _unit(found.continuous)
    half = found.device.line.wavelength / 2
    place = np.append(found.offsets, half) / half
    for values, look, name in (
        (found.still, style.OURS_2, "without shifts"),
        (found.powers, style.OURS, "every ion shifted"),
    ):
        ax.plot(place, np.append(values, values[0]) * scale, **look, label=name)
    groups = float(found.groups.power(found.device.pump_rate))
    ax.plot([0], [groups * scale], "D", color=style.OURS["color"], label="groups", clip_on=False, zorder=5)
    ax.axhline(found.continuous * scale, **style.LAW, label="continuous crystal")
    ax.set(xlabel=r"place in the standing wave ($\lambda/2$)", ylabel=f"power ({unit})", xlim=(0, 1))
    ax.margins(y=0.4)
    ax.legend(loc="best")


def _unit(power: float) -> tuple[float, str]:
    """Units of power in which a power is a handy number, a watt, and their name."""
    k = min(6, max(3, math.ceil(-math.log10(power) / 3)))
    return 10.0 ** (3 * k), {3: "nW", 4: "pW", 5: "fW", 6: "aW"}[k]


def draw_crystal_power(crystals: Sequence[TrueCrystal], *, quick: bool = False) -> Figure:
    """Figs. 4 and 5 from one crystal for several F: power over the pump rate and over the waist, beside the continuum."""
    first = crystals[0]
    scale, unit = _unit(first.continuous)
    with style.figure(style.PAGE, 2.8, 1, 3) as (drawing, axes):
        curves = [each.against_pump(12 if quick else 24) for each in crystals]
        zetas, fine = np.linspace(0.4, 1.6, 4 if quick else 7), np.linspace(0.3, 1.7, 57)
        for each, curve, look in zip(crystals, curves, LOOKS, strict=False):
            pumps, waists = axes[0, 0], axes[0, 2]
            dots = {"color": look["color"], "marker": "o", "linestyle": "none", "markersize": 2.5}
            pumps.plot(curve.pump, curve.continuous * scale, **look, label=f"F = {each.device.F:g}")
            pumps.plot(curve.pump, curve.shifted.mean(axis=0) * scale, **dots)
            waists.plot(fine, each.device.continuum.optimum(fine)[1] * scale, **look)
            waists.plot(zetas, each.against_waist(zetas)[1] * scale, **dots)
        _draw_difference(axes[0, 1], curves[-1])
        axes[0, 0].set(xlabel="pump rate $w$ (s$^{-1}$)")
        axes[0, 2].set(xlabel=r"$\zeta=w_0/R_c$")
        for ax in axes[0, ::2]:
            ax.set(ylabel=f"power ({unit})", xlim=(0, None), ylim=(0, None))
        axes[0, 0].legend(loc="upper right")
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-crystal-power",
            f"Figs. 4 and 5 from a crystal of {first.crystal.ions} ions",
            f"ω_z/2π = {first.device.confinement / HERTZ / 1e6:g} MHz. Lines: continuous crystal of as many ions without shifts; dots: every ion with its own coupling and "
            f"shift, mean over places in the standing wave. (a) Power against the pump rate at ζ = {first.device.zeta:.2g}. (b) F = {crystals[-1].device.F:g}: difference from the "
            f"continuous crystal, of the true one without and with shifts (band: places in the standing wave); dash-dotted, {first.device.experiment.groups} groups of (g, Δ) "
            "against every ion. (c) Largest power over the pump rate against the waist.",
            drawing,
        )


def _draw_difference(ax: Any, curve: Curves) -> None:
    on = curve.continuous > 0.3 * curve.continuous.max()
    pump, even = curve.pump[on], curve.continuous[on]
    for values, look, name in (
        (curve.still[:, on], style.OURS_2, "without shifts"),
        (curve.shifted[:, on], style.OURS, "every ion shifted"),
    ):
        relative = 100 * (values / even - 1)
        ax.fill_between(
            pump, relative.min(axis=0), relative.max(axis=0), color=look["color"], alpha=0.15, linewidth=0
        )
        ax.plot(pump, relative.mean(axis=0), **look, label=name)
    ax.plot(pump, 100 * (curve.groups[on] / curve.shifted[0, on] - 1), **style.OURS_3, label="groups")
    ax.axhline(0, color="0.6", linewidth=0.6)
    ax.set(xlabel="pump rate $w$ (s$^{-1}$)", ylabel="difference of power (%)", xlim=(0, None))
    ax.margins(y=0.3)
    ax.legend(loc="best", fontsize=6)
