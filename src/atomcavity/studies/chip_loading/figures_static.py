"""Figures 1c and 2a of the paper, and the stationary potential of Fig. 4d."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.cross_section import (
    MILLIKELVIN,
    Trajectory,
    draw_cross_section,
    stationary,
)
from atomcavity.studies.chip_loading.device import MEGA, Device
from atomcavity.studies.chip_loading.near_fields import ABOVE, ACROSS
from atomcavity.studies.chip_loading.published import printed_row, published
from atomcavity.studies.chip_loading.static import HERTZ, NANO, Static
from atomcavity.studies.drawing import PUBLISHED_POINT
from atomcavity.traps.site import sites_in

GIGA = 1e9 * HERTZ
LOOKS: tuple[Any, ...] = (style.OURS, style.OURS_2, style.OURS_3)
PHASES = ((0.0, "0"), (math.pi / 2, "π/2"), (math.pi, "π"))
"""Of a site along the ring, for an atom that couples to both directions."""


def draw_spectrum(static: Static) -> Figure:
    """Fig. 1c and its continuation: the bare ring; with atoms; with atoms that couple to both directions."""
    device = static.device
    with style.figure(style.PAGE, 2.7, 1, 3) as (drawing, axes):
        bare, atoms, both = axes[0]
        _draw_bare(bare, static)
        detuning = np.linspace(-60, 60, 601) * MEGA
        atoms.plot(detuning / MEGA, device.probe.empty(detuning), color="0.6", label="no atom")
        for n, look in ((1, style.OURS), (2, style.OURS_2)):
            r = np.zeros((len(detuning), n, 3))
            curve = static.probe(static.g, static.shift).transmission(r, detuning)
            atoms.plot(detuning / MEGA, curve, **look, label=f"{n} atom{'s' * (n > 1)}")
            free = static.probe(static.g, 0.0).transmission(r, detuning)
            label = "no light shift" if n == 1 else None
            atoms.plot(detuning / MEGA, free, color=look["color"], linewidth=0.7, alpha=0.5, label=label)
        printed = [published(f"s4.T{n}") for n in ("0", "1bar", "2bar")]
        atoms.plot([0] * 3, printed, "D", **PUBLISHED_POINT, label="printed")
        r = np.zeros((len(detuning), 1, 3))
        one = static.probe(static.g, static.shift).transmission(r, detuning)
        both.plot(detuning / MEGA, one, **style.LAW, label="driven only")
        for (phase, name), look in zip(PHASES, LOOKS, strict=True):
            curve = static.probe(static.g, static.shift, phase).transmission(r, detuning)
            both.plot(detuning / MEGA, curve, **look, label=f"both, $\\varphi$ = {name}")
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
            ax.set(xlabel="detuning $\\omega-\\omega_c$ (MHz)", ylim=(0, None))
        for ax in (atoms, both):
            ax.set(xlim=(-60, 60), ylim=(0, 0.75))
            ax.legend(loc="upper left", ncols=2, columnspacing=0.8, handlelength=1.4)
        bare.set(xlabel="detuning $\\omega-\\omega_c$ (GHz)", ylabel="transmission $T$", ylim=(0, 1))
        found = ", ".join(
            f"{static.transmission(static.g, static.shift, 1, phase):.3f}" for phase, _ in PHASES
        )
        return Figure(
            "figure-1c",
            "Figure 1c: transmission of the ring, without and with atoms",
            "(a) The bare ring by the printed rates (the paper shows a measured curve): the pair of modes is not resolved, because β "
            f"is below κ/2 (grey: ±β); without back-scattering it would be coupled almost critically. (b) Atoms with g/2π = {static.g / MEGA:g} MHz "
            f"and a light shift of {static.shift / MEGA:g} MHz (thin: without) that couple to the driven mode only, Eqs. (5), (6); "
            "diamonds: the printed transmissions on resonance. (c) One atom that couples to both directions, at three phases of its "
            f"site: on resonance {found} instead of {static.trapped[1]:.3f}.",
            drawing,
        )


def _draw_bare(ax: Any, static: Static) -> None:
    """The bare ring, with and without back-scattering; the two modes that it consists of."""
    device = static.device
    beta = device.experiment.ring.backscattering
    wide = np.linspace(-6, 6, 481) * GIGA
    ax.plot(wide / GIGA, device.probe.empty(wide), **style.OURS, label="printed rates")
    single = static.without_backscattering.empty(wide)
    ax.plot(wide / GIGA, single, **style.OURS_2, label="$\\beta=0$")
    for sign in (1, -1):
        ax.axvline(sign * beta / GIGA, color="0.7", linewidth=0.7, zorder=0)
    ax.plot([0], [published("s4.T0")], "D", **PUBLISHED_POINT, label="printed $T_0$")
    ax.set(xlim=(-6, 6))
    ax.legend(loc="lower right", handlelength=1.4, fontsize=6)


def draw_belt(device: Device, trajectory: Trajectory | None = None, start: float = 1.5) -> Figure:
    """Fig. 2a: the moving potential with the site at the paper's five heights, over it a trajectory.

    trajectory  times (s), y, z (m); at t = 0 the site is `start` spacings above the chip
    """
    frequency = device.experiment.belt.frequency
    potential = device.belt(frequency_hz=frequency, height=start * device.spacing) + device.rest
    heights = printed_row("site_heights")
    with style.figure(style.PAGE, 1.75, 1, len(heights), sharey=True) as (drawing, axes):
        for ax, height, numeral in zip(axes[0], heights, ("i", "ii", "iii", "iv", "v"), strict=True):
            time = (start - height) / frequency
            image = draw_cross_section(
                ax,
                potential,
                time=time,
                limits=(-1.2, 0.1),
                z=(0.02e-6, 0.9e-6),
                trajectory=trajectory,
                width=device.waveguide.width,
            )
            ax.axhline(height * device.spacing / NANO, color="white", linestyle="--", linewidth=0.6)
            ax.set_title(f"({numeral}) $z_0/d={height:g}$", loc="left")
            ax.set(xlabel="$y$ (nm)", xticks=(-400, 0, 400))
        axes[0, 0].set_ylabel("$z$ (nm)")
        drawing.colorbar(image, ax=list(axes[0]), shrink=0.9).ax.set_title("$U/k_B$ (mK)", fontsize=7)
        what = "White: one atom, up to that time. " if trajectory is not None else ""
        return Figure(
            "figure-2a",
            "Figure 2a: the potential during the transport",
            f"U(y, z) of belt, blue field ({device.blue_energy / MEGA:g} MHz at the surface) and "
            f"surface, for a waveguide of {device.waveguide.height / NANO:g} nm; lines every 0.1 mK below zero. Dashed: where the "
            f"lattice without reflections has its site. {what}Waveguide height, depth and polarization are ours: the paper prints none.",
            drawing,
        )


def draw_stationary(static: Static, height: float = 0.4) -> Figure:
    """Fig. 4d: the stationary potential for both blue fields, the belt stopped with its site `height` spacings up."""
    with style.figure(style.PAGE, 2.1, 1, len(static.devices), sharey=True) as (drawing, axes):
        for ax, device in zip(axes[0], static.devices, strict=True):
            potential = stationary(device, height * device.spacing)
            sites = sites_in(potential, device.mass, (-ACROSS[1], ACROSS[1]), ABOVE, points=(101, 35))
            image = draw_cross_section(
                ax,
                potential,
                z=(0.02e-6, 0.5e-6),
                lines=0.2,
                limits=(-2.0, 0.2),
                sites=sites,
                width=device.waveguide.width,
            )
            for sign in (-1, 1):
                ax.plot(sign * static.trap[1] / NANO, static.trap[2] / NANO, "D", **PUBLISHED_POINT)
            blue = device.blue_energy / MEGA
            depths = ", ".join(f"{site.depth / MILLIKELVIN * 1e3:.0f}" for site in sites) or "none"
            ax.set_title(f"blue {blue:g} MHz; depths (µK): {depths}", fontsize=7)
            ax.set_xlabel("$y$ (nm)")
        axes[0, 0].set_ylabel("$z$ (nm)")
        drawing.colorbar(image, ax=list(axes[0]), shrink=0.9).ax.set_title("$U/k_B$ (mK)", fontsize=7)
        device = static.device
        return Figure(
            "figure-4d-potential",
            "Figure 4d: the stationary potential after the tweezer's rise",
            f"Tweezer at {device.experiment.feedback.power:g} times its power, belt stopped with the site of the lattice at "
            f"{height:g} d. Crosses: minima, with their depths up to the lowest barrier; diamonds: the printed place of the side lobes.",
            drawing,
        )
