"""Figures of the filled sites: transmission against distance, mean pulse (Figs 1d, 3a)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.analysis.occupation import poisson_average
from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.filling import START
from atomcavity.studies.chip_loading.published import printed, printed_row
from atomcavity.studies.chip_loading.pulses import FIRST, Pulses

Array = NDArray[np.float64]

COLOURS = ("#0b3c6f", "#b5541c")


def draw_filling(found: Pulses) -> Figure:
    """Fig. 1d: filling, and the mean transmission of 180 transports against distance, unaligned and realigned."""
    sites, runs = found.sites, found.transports
    with style.figure(style.PAGE, 4.4, 3, 1, sharex=True, height_ratios=(1, 1, 1.3)) as (drawing, axes):
        number, random, aligned = axes[:, 0]
        filling = sites.filling
        place = filling.height / sites.device.spacing
        number.step(place, filling.caught, where="mid", color="0.6", linewidth=0.8, label="caught")
        number.step(place, filling.number, where="mid", **style.OURS, label="after cooling")
        number.axvline(printed("occupied_sites"), **style.PUBLISHED, label="published: some 70 sites")
        number.set(ylabel="atoms in a site", ylim=(0, 1.45 * filling.caught.max()))
        number.legend(loc="upper left", ncols=3)
        x, light = found.against_distance(None, runs, 10)
        random.plot(x + START, light, color=COLOURS[0], linewidth=0.7)
        x, light = found.against_distance(found.align(runs), runs, 20)
        aligned.plot(x + START, light, color=COLOURS[0], linewidth=0.6)
        empty = float(sites.device.probe.empty())
        for ax in (random, aligned):
            ax.axhline(empty, **style.LAW)
            ax.set(ylabel="transmission", ylim=(0, 0.95))
        aligned.axhline(0.5, **style.PUBLISHED, label="published: most sites above 0.5")
        aligned.legend(loc="upper right")
        period = filling.notch_period
        for ax in axes[:, 0]:
            for notch in np.arange(1, sites.last / period):
                ax.axvline(notch * period, color="0.8", linewidth=0.6, zorder=0)
        aligned.set(xlabel="transport distance $\\Delta z/d$", xlim=(0, sites.last + 4))
        for ax, letter in zip(axes[:, 0], "abc", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-1d",
            "Figure 1d: sites of the belt arrive at the ring",
            f"(a) Mean number of atoms in the sites, before and after the cooling, in which the nodes of the pumping light (grey lines, one in "
            f"{period:.2f} sites) leave notches. (b) Transmission at {sites.bank.frequency_hz / 1e3:g} kHz, mean of {runs.clicks.runs} transports with random phases of the lattice, and (c) of "
            f"the same clicks after each transport is realigned by its first {FIRST} sites (maximum likelihood). Dash-dotted: no atoms. "
            f"Blue field {sites.bank.device.blue_energy / MEGA:g} MHz; the distance is counted at full speed.",
            drawing,
        )


def draw_occupation(found: Pulses) -> Figure:
    """Fig. 3a: mean pulse of one transport with its fit; how the fit does in many."""
    with style.figure(style.PAGE, 2.7, 1, 2) as (drawing, axes):
        _mean_pulse(axes[0][0], found)
        transports = _fitted_means(axes[0][1], found)
        for ax, letter in zip(axes[0], "ab", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-3a",
            "Figure 3a: mean number of atoms in a site",
            "(a) Transmission averaged over the sites of one transport, with the fit of Poisson-weighted T_n and its uncertainty; thin: T_1, T_2, T_3. "
            f"(b) Fitted mean against the mean of the numbers in these sites, {transports} transports each; the error is that of the law's mean, so it contains the scatter of the numbers. Poisson's law alone (squares) is fitted without bias; the empty sites in the notches "
            "make the numbers scatter more than Poisson's law, and the fit comes out too low (circles).",
            drawing,
        )


def _mean_pulse(pulse: Any, found: Pulses) -> None:
    """Of the sites of one transport, with its fit."""
    folded, fit, true = found.single
    value, error = fit["occupation"]
    time = folded.time * 1e6
    pulse.errorbar(
        time,
        folded.transmission,
        folded.error,
        fmt="o",
        color="k",
        markerfacecolor="white",
        linewidth=0.7,
        label=f"{folded.sites} sites of one transport",
    )
    curves, axis = found.sites.curves, found.sites.curve_time
    low, best, high = (
        _shifted(axis, poisson_average(curves, n), fit["offset"][0], folded.time)
        for n in (value - error, value, value + error)
    )
    pulse.fill_between(time, low, high, color=COLOURS[0], alpha=0.3, linewidth=0)
    pulse.plot(
        time, best, **style.OURS, label=f"fit: $\\bar n={value:.2f}\\pm{error:.2f}$ (held: {true:.2f})"
    )
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
    for n in (1, 2, 3):
        pulse.plot(axis * 1e6, curves[n], color="0.6", linewidth=0.6)
        top = int(np.argmax(curves[n]))
        place = {"ha": "center", "va": "bottom", "fontsize": 6, "bbox": box}
        pulse.annotate(f"$T_{n}$", (axis[top] * 1e6, curves[n, top]), **place)
    pulse.set(
        xlabel=f"time after $z_0={START:g}\\,d$ (µs)",
        ylabel="transmission",
        xlim=(0, axis[-1] * 1e6),
        ylim=(0, 1),
    )
    pulse.legend(loc="upper left")


def _fitted_means(truth: Any, found: Pulses) -> int:
    """Of many transports, whose number is returned."""
    sets = (
        (found.coverage(None), "filling with notches", "o", COLOURS[0]),
        (found.coverage(found.sites.device.occupation), "the same mean in all sites", "s", COLOURS[1]),
    )
    for values, name, marker, colour in sets:
        truth.errorbar(
            values[:, 2],
            values[:, 0],
            values[:, 1],
            fmt=marker,
            color=colour,
            fillstyle="none",
            markersize=2.5,
            linewidth=0.5,
            label=name,
        )
    ends = np.array([0.9 * min(v[:, 2].min() for v, *_ in sets), 1.1 * max(v[:, 2].max() for v, *_ in sets)])
    truth.plot(ends, ends, **style.LAW)
    middle, half = printed_row("fitted_occupation")
    truth.axhspan(middle - half, middle + half, color="0.9", zorder=0)
    truth.axhline(middle, **style.PUBLISHED, label=f"published: {middle:g} ± {half:g}")
    truth.set(xlabel="mean number in these sites", ylabel="fitted $\\bar n$", xlim=ends, ylim=(0.55, None))
    truth.legend(loc="lower right")
    return len(sets[0][0])


def _shifted(axis: Array, curve: Array, shift: float, time: Array) -> Array:
    return np.interp(time - shift, axis, curve)
