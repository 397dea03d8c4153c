"""Sites of the belt on their way to the chip, and what the surface does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.constants import h as planck

from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.cross_section import MILLIKELVIN
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.published import printed
from atomcavity.studies.chip_loading.sites import Attraction, Sites, on_axis
from atomcavity.studies.chip_loading.static import HERTZ, MEGAHERTZ, NANO, Static

Array = NDArray[np.float64]

KILO = 1e3 * HERTZ
LOOKS: tuple[Any, ...] = (style.OURS, style.OURS_2)


def draw_sites(sites: tuple[Sites, ...], static: Static) -> Figure:
    """Sites along the axis, their depth and their frequencies against the height to which the belt has brought them."""
    with style.figure(style.PAGE, 2.7, 1, 3) as (drawing, axes):
        axis, depth, frequency = axes[0]
        heights = np.linspace(20e-9, 1.65e-6, 900)
        for one, look in zip(sites, LOOKS, strict=False):
            device = one.device
            blue = f"blue {device.blue_energy / MEGA:g} MHz"
            potential = device.belt(height=2 * device.spacing) + device.rest
            axis.plot(heights / NANO, potential.energy(on_axis(heights)) / MILLIKELVIN, **look, label=blue)
            there = [(z, site) for z, site in zip(one.heights, one.found, strict=True) if site is not None]
            z0 = [z for z, _ in there]
            depth.plot(z0, [site.depth / MILLIKELVIN for _, site in there], **look, label=blue)
            over = [one.over(site, z) / MILLIKELVIN for z, site in there]
            depth.plot(z0, over, color=look["color"], linestyle=":", linewidth=0.9)
            for k in range(2):
                values = [site.frequencies[k] / KILO for _, site in there]
                label = f"{'$y$' if k == 0 else '$z$'}, {blue.removeprefix('blue ')}"
                frequency.plot(z0, values, **{**look, "linewidth": 0.8 + 0.7 * k}, label=label)
        frequency.axhline(printed("lattice_frequency", "angular") / KILO, **style.PUBLISHED)
        axis.set(xlabel="$z$ above the middle (nm)", ylabel="$U/k_B$ (mK)", ylim=(-1.1, 0.6), xlim=(0, 1650))
        depth.set(xlabel="$z_0/d$", ylabel="barrier/$k_B$ (mK)", ylim=(0, 2), xlim=(sites[0].heights[0], 0))
        frequency.set(xlabel="$z_0/d$", ylabel="$\\omega/2\\pi$ (kHz)", ylim=(0, 560), xlim=depth.get_xlim())
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        axis.legend(loc="upper right")
        frequency.legend(loc="upper left", fontsize=6, ncols=2, columnspacing=0.8, handlelength=1.6)
        device = static.device
        return Figure(
            "figure-sites",
            "Sites of the lattice, and the one that arrives",
            "(a) Belt, blue field and surface above the middle of the waveguide, one site at 2 d. (b) The lowest barrier around a site on its "
            "way to the chip, and the one towards the surface (dotted); at 0.57 d it splits into two, of which one is followed; curves end where it is no minimum any more. "
            f"(c) Its frequencies; dotted: the printed 300 kHz. A tweezer {device.experiment.belt.depth / MEGA:g} MHz deep and a bottom beam "
            f"with {device.experiment.belt.ratio:g} of its amplitude; the tweezer's reflection modulates depth and frequency from site to site.",
            drawing,
        )


def draw_surface(static: Static) -> Figure:
    """The printed attraction beside the plane's and its limits; the barrier that the blue field puts before it."""
    attraction = Attraction(static.device)
    distances = np.geomspace(20e-9, 1e-6, 200)
    with style.figure(style.PAGE, 2.8, 1, 2) as (drawing, axes):
        pull, barrier = axes[0]
        unretarded, retarded = attraction.limits
        for potential, look, label in (
            (attraction.plane, style.OURS, "plane of Si$_3$N$_4$, Cs data"),
            (unretarded, {**style.OURS_2, "linewidth": 0.8}, "its $-C_3/z^3$"),
            (retarded, {**style.OURS_3, "linewidth": 0.8}, "its $-C_4/z^4$"),
            (attraction.printed, style.PUBLISHED, "printed form"),
        ):
            values = -potential.energy(on_axis(distances)) / MEGAHERTZ
            pull.loglog(distances / NANO, values, **look, label=label)
        pull.set(xlabel="$z$ (nm)", ylabel="$-U_{CP}/h$ (MHz)", ylim=(1e-4, 1e3), xlim=(20, 1000))
        pull.xaxis.set_minor_formatter("")
        pull.legend(loc="lower left")
        heights = np.linspace(10e-9, 0.4e-6, 800)
        for device, look in zip(static.devices, LOOKS, strict=False):
            blue = f"{device.blue_energy / MEGA:g} MHz"
            energy = device.rest.energy(on_axis(heights)) / MEGAHERTZ
            barrier.plot(heights / NANO, energy, **look, label=f"blue {blue} and surface")
            plane = device.blue.energy(on_axis(heights)) + attraction.plane.energy(on_axis(heights))
            label = f"blue {blue} and plane of Si$_3$N$_4$"
            barrier.plot(heights / NANO, plane / MEGAHERTZ, color=look["color"], linewidth=0.6, label=label)
        barrier.axhline(0, color="0.7", linewidth=0.6)
        barrier.set(xlabel="$z$ above the middle (nm)", ylabel="$U/h$ (MHz)", ylim=(-40, 180), xlim=(0, 400))
        barrier.legend(loc="upper right")
        for ax, letter in zip(axes[0], "ab", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-surface",
            "The surface's attraction, and the barrier before it",
            f"(a) The printed form (dotted) has C₄/h = {attraction.printed.c4 / planck * 1e24:.1f} Hz µm⁴ and, near the surface, "
            f"C₃/h = {math.tau * attraction.printed.c4 / attraction.printed.wavelength / planck * 1e18:.0f} Hz µm³; a half-space of silicon nitride "
            f"has {attraction.plane.c4 / planck * 1e24:.0f} Hz µm⁴ and {attraction.c3 / planck * 1e18:.0f} Hz µm³ by the data of cesium and of the "
            "material. (b) Blue field and surface above the middle, for both blue fields; thin: with the half-space.",
            drawing,
        )
