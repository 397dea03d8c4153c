"""Figures of the fluorescence of held atoms: its decay, photon correlations, bright windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from atomcavity.detection.analysis.correlations import PhotonCorrelation, atoms_g2
from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.fluorescence import Fluorescence
from atomcavity.studies.chip_loading.published import printed, printed_row
from atomcavity.studies.paper import Step

MICRO, NANO = 1e6, 1e9
LOOKS: tuple[tuple[str, str, Any], ...] = (
    ("one direction", "o", style.OURS),
    ("both directions", "s", style.OURS_2),
)
OCCUPATIONS = np.linspace(0.05, 2.0, 27)
FEW = 0.4
"""Mean number of atoms in a site with which the printed g2(0) comes out."""


def steps(found: Fluorescence) -> list[Step]:
    """The figures, with the numbers by which they are asked for."""
    return [
        Step("fluorescence", ("S3", "S3a"), 3 if found.quick else 14, lambda: draw_decay(found)),
        Step("photon correlations", ("S4", "S4a", "S4b"), 0.5, lambda: draw_correlations(found)),
    ]


def draw_decay(found: Fluorescence) -> Figure:
    """Fig. S3a: clicks against time."""
    printed_time = printed("fluorescence_time", "time")
    with style.figure(style.COLUMN, 2.6) as (drawing, axes):
        ax = axes[0, 0]
        for (name, marker, look), light in zip(LOOKS, found.lights, strict=True):
            time, counts = light.counts
            life, error = light.lifetime
            scale = 1 / light.clicks.runs
            label = f"{name}: {life * MICRO:.0f} ± {error * MICRO:.0f} µs"
            ax.errorbar(
                time * MICRO, counts * scale, np.sqrt(counts) * scale,
                fmt=marker, color=look["color"], fillstyle="none", linewidth=0.7, label=label,
            )  # fmt: skip
            ax.plot(time * MICRO, light.fit.model * scale, **look)
        fit = found.lights[0].fit
        law = fit["amplitude"][0] / found.lights[0].clicks.runs * np.exp(-time / printed_time)
        ax.plot(time * MICRO, law, **style.PUBLISHED, label=f"published: about {printed_time * MICRO:.0f} µs")
        top = 1.6 * fit["amplitude"][0] / found.lights[0].clicks.runs
        ax.set(xlabel="time in the light (µs)", ylabel="clicks per run in 10 µs", ylim=(0, top))
        ax.set_xlim(0, found.held.duration * MICRO)
        ax.legend(loc="upper right")
        return Figure(
            "figure-S3a",
            "Figure S3a: fluorescence of held atoms",
            "Clicks of both detectors behind the ring, simulated: atoms in the site next to the surface, the lattice at rest at a phase that differs from run to run, in resonant "
            "light from the side. Lines: exponential fits with their lifetimes. The recoil of the scattered photons heats the atoms out. Dotted: the paper’s lifetime, "
            "with the amplitude of our fit. Atoms couple to the detected direction of circulation only, or to both.",
            drawing,
        )


def draw_correlations(found: Fluorescence) -> Figure:
    """Fig. S4: xi of whole runs, g2 of bright windows, single atoms, and what other occupations would give."""
    with style.figure(style.PAGE, 4.8, 2, 2) as (drawing, axes):
        _whole(axes[0, 0], found)
        _bright(axes[0, 1], found, found.device.occupation)
        _bright(axes[1, 0], found, FEW)
        _occupations(axes[1, 1], found)
        for ax, letter in zip(axes.ravel(), "abcd", strict=True):
            style.panel(ax, letter)
        one = found.lights[0]
        return Figure(
            "figure-S4",
            "Figure S4: photon correlations of held atoms",
            f"Simulated. (a) Correlation of whole runs, each normalised by its own counts (Eq. 1); lines: from the motion alone, the atoms’ rates added; large markers: within 10 ns of zero "
            f"delay. (b) The same in windows of {printed('bright_window', 'time') * MICRO:g} µs chosen as in the paper, with the paper’s model fitted, and the model with the published numbers. "
            f"(c) The same if {FEW:g} atoms were in a site on average: the runs weighted with the probability of their number. (d) For other means (one direction): g² at zero delay, the number of "
            f"atoms that the fit gives, and the true numbers in bright windows and in all. {one.clicks.runs} runs, half as many with both directions; bars: standard errors.",
            drawing,
        )


def _whole(ax: Any, found: Fluorescence) -> None:
    for (name, marker, look), light in zip(LOOKS, found.lights, strict=True):
        delay, value, error = _folded(light.xi)
        ax.errorbar(
            delay * MICRO, value, error,
            fmt=marker, color=look["color"], fillstyle="none", markersize=2.5, linewidth=0.6, label=name,
        )  # fmt: skip
        motion = np.nanmean(light.lit.motion, axis=0)
        ax.plot(np.arange(len(motion)) * found.held.tick * MICRO, motion, **look)
        zero, deviation = light.xi_zero
        ax.errorbar([0], [zero], [deviation], fmt=marker, color=look["color"], linewidth=1.0, markersize=5)
    time = printed("bunching_time", "time") * MICRO
    ax.axvline(time, **style.PUBLISHED, label=f"published: bunching below {time:g} µs")
    ax.axhline(1, color="0.8", linewidth=0.6, zorder=0)
    ax.set(xlabel="delay |τ| (µs)", ylabel="ξ(τ)", ylim=(0.4, 3.0))
    ax.legend(loc="upper right")


def _folded(found: PhotonCorrelation) -> tuple[Any, Any, Any]:
    """Both signs of the delay together, without the bin about 0."""
    middle = len(found.delay) // 2
    ahead, behind = slice(middle + 1, None), slice(middle - 1, None, -1)
    error = np.hypot(found.error[ahead], found.error[behind]) / 2
    return found.delay[ahead], (found.value[ahead] + found.value[behind]) / 2, error


def _bright(ax: Any, found: Fluorescence, occupation: float) -> None:
    fine = np.linspace(-150e-9, 150e-9, 601)
    for (name, marker, look), light in zip(LOOKS, found.lights, strict=True):
        g2 = light.g2_at(found.device.occupation, occupation)
        fit = light.fitted(found.device.occupation, occupation)
        (atoms, a), (rate, b) = fit["atoms"], fit["gamma"]
        label = (
            f"{name}: {atoms:.1f} ± {a:.1f} atoms, {rate / MEGA:.0f} ± {b / MEGA:.0f} MHz" if a > 0 else name
        )
        ax.errorbar(
            g2.delay * NANO, g2.value, g2.error,
            fmt=marker, color=look["color"], fillstyle="none", markersize=2.5, linewidth=0.6,
        )  # fmt: skip
        ax.plot(
            fine * NANO,
            atoms_g2(fine, atoms, rate) if a > 0 else np.full(len(fine), np.nan),
            **look,
            label=label,
        )
    (atoms, a), (rate, b) = printed_row("fitted_atoms"), printed_row("fitted_decay", "angular")
    label = f"published: {atoms:g} ± {a:g} atoms, {rate / MEGA:.0f} ± {b / MEGA:.0f} MHz"
    ax.plot(fine * NANO, atoms_g2(fine, atoms, rate), **style.PUBLISHED, label=label)
    ax.set(xlabel="delay τ (ns)", ylabel="$g^{(2)}(\\tau)$", ylim=(0, 3.8))
    ax.set_title(f"bright windows, {occupation:g} atoms in a site", fontsize=7, loc="right")
    ax.legend(loc="upper right")


def _occupations(ax: Any, found: Fluorescence) -> None:
    true, light = found.device.occupation, found.lights[0]
    occupations = OCCUPATIONS[:: 5 if found.quick else 1]
    fits = [light.fitted(true, n) for n in occupations]
    (dips, errors), (atoms, spread) = (np.array([fit[name] for fit in fits]).T for name in ("g2", "atoms"))
    chosen, every = light.numbers(true, occupations)
    for value, error, look, label in (
        (dips, errors, style.OURS, "$g^{(2)}(0)$"),
        (atoms, spread, style.OURS_2, "fitted number of atoms"),
    ):
        ax.fill_between(
            occupations, value - error, value + error, color=look["color"], alpha=0.2, linewidth=0
        )
        ax.plot(occupations, value, **look, label=label)
    ax.plot(occupations, chosen, **style.OURS_3, label="atoms in bright windows")
    ax.plot(occupations, every, **style.LAW, label="atoms in all windows with light")
    limit, number = printed("largest_g2"), printed_row("fitted_atoms")[0]
    for value in (limit, number):
        ax.axhline(value, **style.PUBLISHED)
    ax.text(1.97, limit - 0.05, f"published $g^{{(2)}}(0)$ below {limit:g}", fontsize=6, ha="right", va="top")
    ax.text(1.97, number - 0.05, f"published fit: {number:g} atoms", fontsize=6, ha="right", va="top")
    ax.set(
        xlabel="mean number of atoms in a site",
        ylabel="number of atoms, $g^{(2)}(0)$",
        ylim=(0, 4.4),
        xlim=(0, 2),
    )
    ax.legend(loc="upper left")
