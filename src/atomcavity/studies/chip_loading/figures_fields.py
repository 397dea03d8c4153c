"""Fields near the waveguide: the beams in both polarizations, and what moves with the waveguide's unprinted height."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.near_fields import MODES, POLARIZATIONS, NearFields
from atomcavity.studies.chip_loading.static import HERTZ, NANO
from atomcavity.studies.drawing import PUBLISHED_POINT

Array = NDArray[np.float64]

LIGHT = {"p": "across the waveguide (p)", "s": "along it (s)"}
MODE_LOOKS: dict[str, Any] = {"TE": style.OURS_2, "TM": style.OURS}
MICRO = 1e-6


def draw_near_fields(fields: NearFields) -> Figure:
    """|E|^2 of tweezer and bottom beam alone, over the tweezer's peak in free space, for both polarizations."""
    device, height = fields.device, fields.device.waveguide.height
    half = device.waveguide.width / 2 / NANO
    with style.figure(style.PAGE, 3.9, 2, 2, sharex=True, sharey=True) as (drawing, axes):
        for row, polarization in zip(axes, POLARIZATIONS, strict=True):
            for ax, side in zip(row, ("above", "below"), strict=True):
                map_ = fields.beam(height, polarization, side)
                strength = np.sum(np.abs(map_.E) ** 2, axis=0).T / device.beams[0].amplitude ** 2
                extent = (map_.y[0] / NANO, map_.y[-1] / NANO, map_.z[0] / NANO, map_.z[-1] / NANO)
                image = ax.imshow(
                    strength, origin="lower", extent=extent, cmap="magma", vmin=0, interpolation="bilinear"
                )
                ax.contour(map_.y / NANO, map_.z / NANO, strength, 10, colors="white", linewidths=0.3)
                for sign in (-1, 1):
                    ax.plot(sign * fields.place[0] / NANO, fields.place[1] / NANO, "D", **PUBLISHED_POINT)
                ax.plot([-half, half], [0, 0], color="0.6", linewidth=4)
                name = "tweezer" if side == "above" else "bottom beam"
                ax.set_title(f"{name}, E {LIGHT[polarization]}", fontsize=7)
                drawing.colorbar(image, ax=ax)
        for ax in axes[:, 0]:
            ax.set_ylabel("$z$ (nm)")
        for ax in axes[-1]:
            ax.set_xlabel("$y$ (nm)")
        return Figure(
            "figure-near-fields",
            "Both beams at the waveguide, in both polarizations",
            f"|E|² over the tweezer's peak in free space (the bottom beam has {device.experiment.belt.ratio:g} of its amplitude), for a waveguide of {height / NANO:g} nm (bar: its upper face) on silica, by "
            "two-dimensional finite elements. Diamonds: the printed side lobes. They come from the finite width of the waveguide: a "
            "plane film has none. Light polarized across the waveguide gives them; light along it has its maxima in the middle and over the edges.",
            drawing,
        )


def draw_heights(fields: NearFields) -> Figure:
    """Side lobes, g_0, decay length, widths, indices and ring length against the waveguide's height."""
    with style.figure(style.PAGE, 4.4, 2, 3, sharex=True) as (drawing, axes):
        (places, distance, coupling), (decay, width, ring) = axes
        _draw_lobes(places, distance, fields)
        _draw_couplings(coupling, fields)
        _draw_shapes(decay, width, fields)
        _draw_ring(ring, fields)
        for ax, letter in zip(axes.ravel(), "abcdef", strict=True):
            style.panel(ax, letter)
            ax.axvline(fields.device.waveguide.height / NANO, color="0.85", linewidth=3, zorder=0)
        for ax in axes[-1]:
            ax.set_xlabel("height of the waveguide (nm)")
        length = fields.device.experiment.ring.length / MICRO
        return Figure(
            "figure-heights",
            "What moves with the waveguide's height",
            "The paper prints none of: height, polarization, ring length. (a), (b) The minimum nearest to the printed side lobe: of the "
            "tweezer alone, and after the tweezer's rise, for the best of the phases in which the belt may stop; light across the waveguide (p) or along it (s). (c) g₀ of the fit to |E|, "
            f"dipole along it, ring of {length:g} µm; a standing wave (open) is √2 stronger in its antinodes. (d) Decay length of the fit. "
            "(e) Half width at half maximum along y of the fit, instead of its two strongly correlated lengths. (f) Effective and group "
            "index; the ring's length in which 850 nm is one free spectral range from the probed line. Dotted: printed. Grey: this study.",
            drawing,
        )


def _draw_lobes(places: Any, distance: Any, fields: NearFields) -> None:
    """Where the nearest minima are, and how far from the printed place."""
    heights = np.array(fields.heights) / NANO
    looks = {"alone": ("o", "--"), "stationary": ("s", "-")}
    for (polarization, name), lobes in fields.lobes.items():
        marker, line = looks[name]
        colour = (style.OURS if polarization == "p" else style.OURS_2)["color"]
        look = {"marker": marker, "linestyle": line, "color": colour, "markersize": 3}
        away = [math.nan if site is None else fields.distance(site) / NANO for site in lobes]
        distance.plot(
            heights, away, **look, label=f"{polarization}, {'tweezer' if name == 'alone' else 'stopped'}"
        )
        if polarization == "p" and name == "stationary":
            for k, letter, fill in ((1, "y", colour), (2, "z", "white")):
                values = [math.nan if site is None else site.position[k] / NANO for site in lobes]
                places.plot(heights, values, **look, markerfacecolor=fill, label=f"${letter}$, p, stopped")
    for value in fields.place:
        places.axhline(value / NANO, **style.PUBLISHED)
    places.set(ylabel="place of the side lobe (nm)", ylim=(100, 300))
    distance.set(ylabel="distance to the printed place (nm)", ylim=(0, 420))
    places.legend(loc="lower left")
    distance.legend(loc="upper left", fontsize=6, ncols=2)


def _draw_couplings(ax: Any, fields: NearFields) -> None:
    """g_0 of running and standing waves."""
    heights = np.array(fields.heights) / NANO
    for name in MODES:
        running = fields.couplings(name) / MEGA
        ax.plot(heights, running, **MODE_LOOKS[name], marker="o", label=f"{name}, running")
        standing = {**MODE_LOOKS[name], "linewidth": 0.8}
        ax.plot(heights, math.sqrt(2) * running, **standing, marker="o", fillstyle="none", label="standing")
    ax.axhline(fields.device.profile.g0 / MEGA, **style.PUBLISHED)
    ax.set(ylabel="$g_0/2\\pi$ (MHz)", ylim=(0, 800))
    ax.legend(loc="upper right", ncols=2, fontsize=6, columnspacing=0.8, handlelength=1.6)


def half_width(cosine: float, envelope: float) -> float:
    """The y (m) at which cos(y/l_y) exp(-y^2/L_y^2) is one half."""
    from scipy.optimize import brentq

    def above(y: float) -> float:
        return math.cos(y / cosine) * math.exp(-((y / envelope) ** 2)) - 0.5

    return float(brentq(above, 0.0, min(cosine * math.pi / 2, 3 * envelope)))


def _draw_shapes(decay: Any, width: Any, fields: NearFields) -> None:
    """Decay length and width of the fit."""
    heights = np.array(fields.heights) / NANO
    printed = fields.device.profile
    for name in MODES:
        fits = fields.fits[name]
        decay.plot(heights, [fit.decay / NANO for fit in fits], **MODE_LOOKS[name], marker="o", label=name)
        widths = [half_width(fit.cosine, fit.envelope) / NANO for fit in fits]
        width.plot(heights, widths, **MODE_LOOKS[name], marker="o", label=name)
    decay.axhline(printed.decay / NANO, **style.PUBLISHED)
    width.axhline(half_width(printed.cosine, printed.envelope) / NANO, **style.PUBLISHED)
    decay.set(ylabel="$\\lambda_z$ (nm)", ylim=(80, 102))
    width.set(ylabel="half width along $y$ (nm)", ylim=(300, 520))
    decay.legend(loc="upper right")


def _draw_ring(ax: Any, fields: NearFields) -> None:
    """Indices, and the length that puts the blue light one free spectral range away."""
    heights = np.array(fields.heights) / NANO
    lengths = ax.twinx()
    for name in MODES:
        modes = fields.modes[name]
        look = {**MODE_LOOKS[name], "marker": "o"}
        ax.plot(heights, [mode.effective_index for mode in modes], **look, fillstyle="none")
        ax.plot(heights, [mode.group_index for mode in modes], **look)
        lengths.plot(heights, [fields.length_of(mode) / MICRO for mode in modes], **{**look, "marker": "^"})
    look = {"fontsize": 7, "xycoords": ("axes fraction", "data")}
    ax.annotate("$n_g$", (0.04, 2.27), **look)
    ax.annotate("$n_{eff}$", (0.04, 1.84), **look)
    ax.annotate("length $\\to$", (0.62, 2.5), **look)
    ax.set(ylabel="index", ylim=(1.6, 2.7))
    lengths.set(ylabel="length of the ring (µm)", ylim=(0, 150))


def best_height(fields: NearFields, name: str = "TM", factor: float = math.sqrt(2)) -> tuple[float, float]:
    """Height (m) at which the mode decays as printed, and the ring's length (m) that then gives the printed g_0.

    factor  of a running wave's coupling: sqrt 2 for the antinode of a standing wave
    """
    printed = fields.device.profile
    decays = np.array([fit.decay for fit in fields.fits[name]])
    order = np.argsort(decays)
    heights = np.array(fields.heights)
    height = float(np.interp(printed.decay, decays[order], heights[order]))
    strength = factor * float(np.interp(height, heights, fields.couplings(name)))
    return height, fields.device.experiment.ring.length * (strength / printed.g0) ** 2


def range_in_gigahertz(fields: NearFields, height: float, length: float, name: str = "TM") -> float:
    """Free spectral range (GHz) of a ring of another length (m), its guide of another height (m)."""
    speeds = [mode.group_velocity for mode in fields.modes[name]]
    return float(np.interp(height, fields.heights, speeds)) / length / 1e9 * (HERTZ / math.tau)
