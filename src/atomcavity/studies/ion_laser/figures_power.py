"""Figures 2, 4 and 5 of the paper: largest shift, power against pump rate, power against waist."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.reports import Figure, style
from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.power import PICO, ZETA, Power
from atomcavity.studies.ion_laser.published import printed
from atomcavity.studies.ion_laser.static import MEGA, Static

Real = NDArray[np.float64]

LOOKS: tuple[Any, ...] = (style.OURS, style.OURS_2, style.OURS_3)
WAISTS: tuple[tuple[float, Any], ...] = (
    (0.4, {"color": "#7fa6cf", "linestyle": (0, (1, 1))}),
    (0.6, {"color": "#3d7a3a", "linestyle": "-."}),
    (0.8, {"color": "#0b3c6f", "linestyle": "-"}),
    (1.2, {"color": "#b5541c", "linestyle": "--"}),
    (2.0, {"color": "#8a4a8a", "linestyle": (0, (5, 1.5, 1, 1.5))}),
)
LETTERS = "abcdefghi"
INSIDE = 0.6
"""How far the outermost ions of a large crystal lie inside the sphere of N^(1/3) Wigner-Seitz radii, in such radii."""
MISPRINTED = 8.0
"""F whose radio frequency is misprinted in the caption of Fig. 2."""


def draw_largest_shift(static: Static) -> Figure:
    """Fig. 2: the largest micromotion shift of a crystal at the magic radio frequency, against the confinement."""
    confinement = np.linspace(0.1, 1.0, 46) * MEGA
    curves = static.largest_shifts(confinement)
    caption = printed("caption_radio_frequency")
    smaller = 1 - (1 - INSIDE / static.devices[0].experiment.trap.ions ** (1 / 3)) ** 2
    with style.figure(style.COLUMN, 2.7) as (drawing, axes):
        ax = axes[0, 0]
        for (F, curve), look in zip(curves.items(), LOOKS, strict=False):
            magic = static.tight[F].trap.radio_frequency / MEGA
            ax.plot(confinement / MEGA, curve, **look, label=f"$F_u={F:g}$, $\\Omega/2\\pi={magic:.1f}$ MHz")
        if MISPRINTED in curves:
            other = [static.largest_shift(MISPRINTED, omega, caption) for omega in confinement]
            label = f"$F_u={MISPRINTED:g}$, {caption / MEGA:.1f} MHz as in the caption"
            ax.plot(confinement / MEGA, other, **style.PUBLISHED, label=label)
        ax.set(
            xlabel="confinement $\\omega_z/2\\pi$ (MHz)",
            ylabel="largest shift $\\Delta_{max}$ (rad/s)",
            xlim=(0.1, 1),
            ylim=(0, None),
        )
        ax.legend(loc="upper left")
        return Figure(
            "figure-2",
            "Figure 2: the largest micromotion shift at the magic radio frequency",
            f"Eq. (23) for {static.devices[0].experiment.trap.ions} ions, an angular frequency: divide by 2π for Hz. The caption's "
            f"{caption / MEGA:g} MHz for F = 8 (dotted) is a misprint of 45.3 MHz, the value of the text and of Eq. (11). The outermost ions "
            f"of a crystal lie some {INSIDE} Wigner-Seitz radii inside the sphere that the equation takes, so that their shift is {100 * smaller:.1f} % smaller.",
            drawing,
        )


def draw_power(power: Power, *, quick: bool = False) -> Figure:
    """Fig. 4: output power against the pump rate for each F, confinement and waist."""
    rows, columns = power.confinements, power.momenta
    first = power.devices[0]
    with style.figure(style.PAGE, 6.2, len(rows), len(columns), sharex="row", sharey="row") as (
        drawing,
        axes,
    ):
        for row, omega in zip(axes, rows, strict=True):
            devices = [power.device(F, omega) for F in columns]
            pumps = np.linspace(0, max(_last_pump(device) for device in devices), 61 if quick else 121)
            for ax, device in zip(row, devices, strict=True):
                _power_panel(ax, power, device, pumps, (0.7,) if quick else (0.25, 0.75))
            tallest = max(float(power.at_zeta[1][power.devices.index(device)]) for device in devices)
            row[0].set(ylabel="output power $P$ (pW)", xlim=(0, pumps[-1]), ylim=(0, 1.08 * tallest / PICO))
        for ax in axes[-1]:
            ax.set_xlabel("pump rate $w$ (1/s)")
        drawing.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=6)
        return Figure(
            "figure-4",
            "Figure 4: output power against the pump rate",
            f"Eqs. (33)-(39) for {first.experiment.trap.ions} ions in a sphere and a finesse of {first.experiment.cavity.finesse:g}, for "
            f"waists ζ times the crystal's radius. Circles: the same at ζ = {first.zeta:g} from {first.experiment.groups} groups of ions by "
            "the mean field of the dynamics room. Every curve starts at a pump rate just above the natural decay, 0.042 1/s, and "
            "returns to zero at the upper threshold, where the pump destroys the coherence faster than the crystal can rebuild it.",
            drawing,
        )


def _last_pump(device: Device) -> float:
    """Pump rate (1/s) just above the last threshold of all waists drawn."""
    return 1.04 * max(float(device.continuum.thresholds(zeta)[1]) for zeta, _ in WAISTS)


def _power_panel(ax: Any, power: Power, device: Device, pumps: Real, parts: tuple[float, ...]) -> None:
    """The curves of all waists, and groups of ions at `parts` of the upper threshold."""
    for zeta, look in WAISTS:
        ax.plot(pumps, power.against_pump(pumps, zeta, device), **look, label=f"$\\zeta={zeta:g}$")
    few = np.array(parts) * float(device.continuum.thresholds(device.zeta)[1])
    found = power.of_groups(device, few.tolist(), device.experiment.groups)
    ax.plot(few, found, "o", color=style.OURS["color"], fillstyle="none", label="groups")
    ax.set_title(f"$F_u={device.F:g}$, $\\omega_z/2\\pi={device.confinement / MEGA:g}$ MHz", loc="left")


def draw_waist(power: Power, *, quick: bool = False) -> Figure:
    """Fig. 5: the largest power against the waist for each F and confinement."""
    zetas = np.linspace(0.2, 2.0, 25 if quick else 46)
    found = power.against_waist(zetas)
    with style.figure(style.PAGE, 2.5, 1, len(power.momenta), sharey=True) as (drawing, axes):
        for ax, F, letter in zip(axes[0], power.momenta, LETTERS, strict=False):
            for omega, look in zip(reversed(power.confinements), LOOKS, strict=False):
                k = power.devices.index(power.device(F, omega))
                ax.plot(zetas, found[k], **look, label=f"{omega / MEGA:g} MHz")
                best = power.best[0][k], power.best[2][k] / PICO
                ax.plot(*best, marker="D", color=look["color"], linestyle="none")
            ax.axvline(ZETA, **style.PUBLISHED)
            ax.set(xlabel="waist over radius $\\zeta=w_0/R_c$", xlim=(0.2, 2.0))
            style.panel(ax, letter)
            ax.set_title(f"$F_u={F:g}$")
        axes[0, 0].set(ylabel="largest power $P_{max}$ (pW)", ylim=(0, 1.08 * float(found.max())))
        axes[0, 0].legend(title="$\\omega_z/2\\pi$", loc="upper right")
        losses = 1 - np.array(power.at_zeta[1]) / np.array(power.best[2])
        return Figure(
            "figure-5",
            "Figure 5: the largest power against the waist",
            f"Optimised over the pump rate. Diamonds: the maxima, at ζ = {np.min(power.best[0]):.3f} to {np.max(power.best[0]):.3f}; dotted: the "
            f"paper's ζ = {ZETA:g}, at which the power is {100 * np.min(losses):.1f} % lower.",
            drawing,
        )
