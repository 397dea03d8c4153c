"""A figure of what is magic: the radio frequency, its fine tuning, the magnetic field."""

from __future__ import annotations

from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.ion_laser.magic import Magic
from atomcavity.studies.ion_laser.static import GAUSS, HERTZ, KILO, MEGA, Static

LOOKS: tuple[Any, ...] = (style.OURS, style.OURS_2, style.OURS_3)
NEVER: tuple[Any, ...] = ({"color": "0.55", "linestyle": "-"}, {"color": "0.55", "linestyle": "--"})


def draw_magic(found: Magic, static: Static, *, quick: bool = False) -> Figure:
    """Three panels: edge shift against the radio frequency, its fine tuning, the line against the magnetic field."""
    device, tuned = found.device, found.tuned
    with style.figure(style.PAGE, 2.7, 1, 3) as (drawing, axes):
        radio, fine, field = axes[0]
        _radio(radio, found, static)
        _fine(fine, found, 9 if quick else 25)
        _field(field, found, static)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-magic",
            "Magic radio frequencies and magnetic fields",
            f"(a) Micromotion shift at the edge of the crystal of {device.experiment.trap.ions} ions, leading order, "
            f"ω_z/2π = {device.confinement / MEGA:g} MHz: the Stark shift grows with the radio frequency, the time dilation does not. Dots: printed "
            "magic frequencies; F = 6 and 7 have none. (b) Beyond leading order: shift of a true crystal of "
            f"{found.ions} ions for F = {device.F:g}. Lowering the frequency by {(tuned.magic - tuned.value) / KILO:.1f} kHz takes it from "
            f"{tuned.before / HERTZ:.2g} to {tuned.after / HERTZ:.1g} Hz rms within the expansion, whose next order is ε⁶. (c) The line against the magnetic field, less that at zero field; dotted: printed magic "
            "fields.",
            drawing,
        )


def _radio(ax: Any, found: Magic, static: Static) -> None:
    frequency = np.linspace(5, 60, 56) * MEGA
    magic, never = iter(LOOKS), iter(NEVER)
    for F, curve in found.at_edge(frequency).items():
        look = next(magic if F in static.tight else never)
        ax.plot(frequency / MEGA, curve / 1e3, **look, label=f"$F={F:g}$")
        if F in static.tight:
            ax.plot([static.printed_magic(F)], [0], "o", color=look["color"])
    ax.axhline(0, color="k", linewidth=0.5)
    ax.set(
        xlabel="radio frequency $\\Omega/2\\pi$ (MHz)",
        ylabel="shift at the edge (kHz)",
        xlim=(5, 60),
        ylim=(-4, 6),
    )
    ax.legend(loc="upper left", ncols=2, columnspacing=1)


def _fine(ax: Any, found: Magic, points: int) -> None:
    tuned = found.tuned
    offset = tuned.magic - tuned.value
    frequency = np.union1d(tuned.value, tuned.value + np.linspace(-1.5, 2.0, points) * offset)
    ax.plot((frequency - tuned.magic) / KILO, found.spread(frequency), **style.OURS)
    ax.plot(
        [0], [tuned.before / HERTZ], "D", color="k", markerfacecolor="white", label="$\\Omega_0$, Eq. (11)"
    )
    ax.plot([-offset / KILO], [tuned.after / HERTZ], "o", color=style.OURS_2["color"], label="tuned")
    ax.set(
        xlabel="$(\\Omega-\\Omega_0)/2\\pi$ (kHz)",
        ylabel="micromotion shift, rms (Hz)",
        ylim=(0, 3 * tuned.before / HERTZ),
    )
    ax.legend(loc="upper right")


def _field(ax: Any, found: Magic, static: Static) -> None:
    field = np.linspace(-2, 2, 121) * GAUSS
    for (F, magic), look in zip(static.magic_fields.items(), LOOKS, strict=False):
        ax.plot(field / GAUSS, found.against_field(F, field), **look, label=f"$F={F:g}$")
        ax.plot(
            [magic.field / GAUSS], found.against_field(F, np.array([magic.field])), "o", color=look["color"]
        )
        ax.axvline(static.printed_field(F), color=look["color"], linestyle=":", linewidth=0.8)
    ax.set(xlabel="magnetic field (G)", ylabel="shift of the line (Hz)", xlim=(-2, 2), ylim=(-600, 900))
    ax.legend(loc="upper left")
