"""A true crystal: its ions coloured by their shifts, its shells, the distribution of the shifts, its power."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.ion_laser.true_crystal import TrueCrystal
from atomcavity.traps.crystal.plots import projection, radii

HERTZ = 2 * math.pi

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
            f"F = {device.F:g}, ω_z/2π = {device.confinement / HERTZ / 1e6:g} MHz, magic radio frequency. (a) Ions by distance from the trap's axis and by z, "
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
    scale = 10.0 ** (3 * math.ceil(-math.log10(found.continuous) / 3))
    unit = {15: "fW", 18: "aW", 12: "pW"}.get(round(math.log10(scale)), f"{1 / scale:g} W")
    half = found.device.line.wavelength / 2
    place = np.append(found.offsets, half) / half
    for values, look, name in (
        (found.still, style.OURS_2, "without shifts"),
        (found.powers, style.OURS, "every ion shifted"),
    ):
        ax.plot(place, np.append(values, values[0]) * scale, **look, label=name)
    ax.plot(
        [0],
        [found.grouped[0] * scale],
        "D",
        color=style.OURS["color"],
        label="groups",
        clip_on=False,
        zorder=5,
    )
    ax.axhline(found.continuous * scale, **style.LAW, label="continuous crystal")
    ax.set(xlabel=r"place in the standing wave ($\lambda/2$)", ylabel=f"power ({unit})", xlim=(0, 1))
    ax.margins(y=0.4)
    ax.legend(loc="best")
