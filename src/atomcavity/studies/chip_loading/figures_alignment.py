"""Figures of the belt that aligns itself: the phase from the first sites, its error, and a belt halted by it (Fig. 3b, c)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.filling import START
from atomcavity.studies.chip_loading.halting import HOLD, Halting
from atomcavity.studies.chip_loading.published import printed
from atomcavity.studies.chip_loading.pulses import (
    BRIGHTER,
    FIRST,
    REST,
    WINDOW,
    Pulses,
    Scatter,
    gaussian,
    gaussian_fit,
)

Array = NDArray[np.float64]

SHOWN = 4
"""Transports of Fig. 3c."""
COLOURS = ("#0b3c6f", "#b5541c", "#3d7a3a", "0.3")


def draw_alignment(found: Pulses) -> Figure:
    """Fig. 3b, c: the first ten sites of a transport, four aligned transports, and the error against the light."""
    with style.figure(style.PAGE, 2.7, 1, 3) as (drawing, axes):
        _first_sites(axes[0, 0], found)
        _aligned(axes[0, 1], found)
        _scatter(axes[0, 2], found)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        rate = found.sites.device.counter.rate(1.0)
        return Figure(
            "figure-3bc",
            "Figure 3b, c: the belt aligns itself by its first sites",
            f"(a) Clicks of one transport while its first {FIRST} sites arrive, folded into one period: in bins of 10 ns (strokes), their running average over "
            f"{WINDOW * 1e6:g} µs, and what is expected at the true phase. (b) The next {REST} sites of {SHOWN} transports, each aligned by its own first {FIRST}, with Gaussian fits. "
            f"(c) Standard deviation of found minus true position over many transports, with the probe's power: the running average as published, maximum "
            f"likelihood with the expected pulse, and what the number of clicks alone allows; open: scatter of the peaks of Gaussian fits to the following sites, as in (b); at 1 the counter sees {rate / 1e6:.2f} counts/µs at full transmission.",
            drawing,
        )


def _first_sites(ax: Any, found: Pulses) -> None:
    clicks, period = found.one(found.transports, 0), found.sites.period
    first = clicks.time[clicks.time < FIRST * period] % period
    bins = round(period / 10e-9)
    counts = np.histogram(first, bins, range=(0, period))[0]
    size = round(WINDOW / 10e-9)
    kernel = np.ones(size) / size
    smooth = np.convolve(np.concatenate([counts[-size:], counts, counts[:size]]), kernel, "same")[size:-size]
    time = (np.arange(bins) + 0.5) / bins * period * 1e6
    level = np.full(len(first), -0.007)
    ax.plot(first * 1e6, level, "|", color="0.4", markersize=4, label=f"{len(first)} clicks")
    ax.plot(time, smooth, **style.OURS, linewidth=0.9, label=f"average over {WINDOW * 1e6:g} µs")
    alone = found.transports.phases[0]
    true = alone * period
    expected = FIRST * 10e-9 * found.sites.template(found.sites.device.occupation)
    axis = (true + found.sites.curve_time) % period
    order = np.argsort(axis)
    ax.plot(axis[order] * 1e6, expected[order], **style.OURS_2, label="expected at the true phase")
    top = int(np.argmax(smooth))
    ax.plot([time[top]] * 2, [0, smooth[top]], **style.PUBLISHED, label="$t_p$ as published")
    ax.set(xlabel="time in the period (µs)", ylabel="counts in 10 ns", ylim=(-0.014, 2 * smooth.max()))
    ax.legend(loc="upper left", fontsize=6)


def _aligned(ax: Any, found: Pulses) -> None:
    runs = found.transports
    for run in range(SHOWN):
        clicks = found.one(runs, run)
        aligned = found.align(runs).of(run)
        folded = found.folded(clicks, aligned, first=FIRST, sites=REST)
        height = START - folded.time / found.sites.period
        colour = COLOURS[run]
        ax.errorbar(
            height, folded.transmission, folded.error, fmt=".", color=colour, markersize=2.5, linewidth=0.5
        )
        fine = np.linspace(START - 1, START, 200)
        ax.plot(
            fine,
            gaussian(fine, *gaussian_fit(height, folded.transmission, folded.error)),
            color=colour,
            linewidth=0.9,
        )
    ax.set(xlabel="site height $z_0/d$", ylabel="transmission", xlim=(START, START - 1), ylim=(0, None))


def _scatter(ax: Any, found: Pulses) -> None:
    looks = {"published": (style.OURS_2, "running average"), "likelihood": (style.OURS, "likelihood")}
    for name, (look, label) in looks.items():
        each, peaks = found.scatters[name], [Scatter.of(p) for p in found.peaks_of_rest[name]]
        ax.errorbar(
            BRIGHTER, [s.deviation for s in each], [s.error for s in each], **look, marker="o", label=label
        )
        ax.errorbar(
            BRIGHTER,
            [s.deviation for s in peaks],
            [s.error for s in peaks],
            color=look["color"],
            linestyle="none",
            marker="s",
            fillstyle="none",
            label=f"… peaks of {REST} sites",
        )
    ax.loglog(BRIGHTER, [found.limit(b) for b in BRIGHTER], **style.LAW, label="clicks alone")
    published = printed("alignment_scatter")
    ax.axhline(published, **style.PUBLISHED, label=f"published: {published:g} $d$")
    ax.set(xlabel="power of the probe (relative)", ylabel="standard deviation of $z_p$ ($d$)", ylim=(3e-3, 8))
    ax.legend(loc="upper right", fontsize=6)


def draw_halting(best: Halting, window: Halting) -> Figure:
    """Final heights of a belt that is halted by its own first sites; atoms and couplings there."""
    with style.figure(style.PAGE, 2.7, 1, 3) as (drawing, axes):
        _heights(axes[0, 0], best, window)
        _places(axes[0, 1], best)
        _couplings(axes[0, 2], best)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-self-alignment",
            "A belt halted by its own first sites",
            f"{best.runs} runs at {best.frequency_hz / 1e3:g} kHz, each with a random phase of the lattice: the clicks of the first {FIRST} sites give the phase, the belt is stopped within "
            f"{best.stop * 1e6:g} µs so that the next site comes to rest at {best.height:.3f} d. (a) Height of the site at rest minus the wanted one, by maximum likelihood and by a running average over "
            f"{1e6 * (window.window or 0):g} µs; dotted: a Gaussian of the published σ_z. (b) Mean height of each atom in the following {HOLD * 1e6:g} µs against that of its site, and "
            "(c) its mean coupling; grey: belts stopped at a random time. The probe does not heat the atoms here.",
            drawing,
        )


def _heights(ax: Any, best: Halting, window: Halting) -> None:
    edges = np.linspace(-0.3, 0.3, 61)
    for halting, look, label in (
        (window, style.OURS_2, "running average"),
        (best, style.OURS, "likelihood"),
    ):
        off = halting.missed(halting.aligned)
        ax.hist(
            off,
            edges,
            density=True,
            histtype="step",
            **look,
            label=f"{label}: {halting.scatter.deviation:.3f} $d$",
        )
    sigma, fine = printed("alignment_scatter"), np.linspace(-0.3, 0.3, 601)
    law = np.exp(-((fine / sigma) ** 2) / 2) / np.sqrt(2 * np.pi) / sigma
    ax.plot(fine, law, **style.PUBLISHED, label=f"published: {sigma:g} $d$")
    ax.set(
        xlabel="height at rest, minus wanted ($d$)",
        ylabel="probability density (1/$d$)",
        xlim=(-0.3, 0.3),
        ylim=(0, 75),
    )
    ax.legend(loc="upper left", fontsize=6)


def _places(ax: Any, best: Halting) -> None:
    for found, look in ((best.blind, {"color": "0.6"}), (best.aligned, {"color": style.OURS["color"]})):
        site, atom = best.at_rest(found)
        ax.plot(
            site,
            atom * 1e9,
            ".",
            markersize=2.5,
            **look,
            label="aligned" if found is best.aligned else "random stop",
        )
    ax.set(xlabel="height of the site at rest ($d$)", ylabel="mean height of the atom (nm)")
    ax.legend(loc="upper left", fontsize=6)


def _couplings(ax: Any, best: Halting) -> None:
    edges = np.linspace(0, 110, 56)
    for found, look in (
        (best.blind, {"color": "0.6", "label": "random stop"}),
        (best.aligned, {**style.OURS, "label": "aligned"}),
    ):
        ax.hist(found.g[found.atom_kept] / MEGA, edges, density=True, histtype="step", **look)
    ax.set(xlabel="mean coupling $g/2\\pi$ (MHz)", ylabel="probability density (1/MHz)")
    ax.legend(loc="upper left", fontsize=6)
