"""Figures of the filled sites: transmission against distance, mean pulse, alignment by the first sites."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.analysis.occupation import poisson_average
from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.filling import START
from atomcavity.studies.chip_loading.pulses import BRIGHTER, FIRST, REST, WINDOW, Pulses
from atomcavity.studies.chip_loading.self_alignment import SelfAlignment

Array = NDArray[np.float64]

SHOWN = 4
"""Transports of Fig. 3c."""
PUBLISHED_SCATTER = 0.008
COLOURS = ("#0b3c6f", "#b5541c", "#3d7a3a", "0.3")


def draw_filling(found: Pulses) -> Figure:
    """Fig. 1d: filling, and the mean transmission of 180 transports against distance, unaligned and realigned."""
    sites, runs = found.sites, found.transports
    with style.figure(style.PAGE, 4.4, 3, 1, sharex=True, height_ratios=(1, 1, 1.3)) as (drawing, axes):
        number, random, aligned = axes[:, 0]
        filling = sites.filling
        place = filling.height / sites.device.spacing
        number.step(place, filling.caught, where="mid", color="0.6", linewidth=0.8, label="caught")
        number.step(place, filling.number, where="mid", **style.OURS, label="after cooling")
        number.set(ylabel="atoms in a site", ylim=(0, None))
        number.legend(loc="upper left", ncols=2)
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
            "Sites of the belt arrive at the ring",
            f"(a) Mean number of atoms in the sites, before and after the cooling, in which the nodes of the pumping light (grey lines, one in "
            f"{period:.2f} sites) leave notches. (b) Transmission at {sites.bank.frequency_hz / 1e3:g} kHz, mean of {runs.clicks.runs} transports with random phases of the lattice, and (c) of "
            f"the same clicks after each transport is realigned by its first {FIRST} sites (maximum likelihood). Dash-dotted: no atoms. "
            f"Blue field {sites.device.experiment.blue.energy[sites.bank.device.blue_field] / (2e6 * np.pi):g} MHz; the distance is counted at full speed.",
            drawing,
        )


def draw_occupation(found: Pulses) -> Figure:
    """Fig. 3a: mean pulse of one transport with its fit; how the fit does in many."""
    with style.figure(style.PAGE, 2.7, 1, 2) as (drawing, axes):
        pulse, truth = axes[0]
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
            time, best, **style.OURS, label=f"fit: $\\bar n={value:.2f}\\pm{error:.2f}$ (true {true:.2f})"
        )
        for n in (1, 2, 3):
            pulse.plot(axis * 1e6, curves[n], color="0.6", linewidth=0.6)
            top = int(np.argmax(curves[n]))
            below = n == 1
            place = {"ha": "center", "va": "top" if below else "bottom", "fontsize": 6}
            pulse.annotate(f"$T_{n}$", (axis[top] * 1e6, curves[n, top] - 0.01 * below), **place)
        pulse.set(
            xlabel=f"time after $z_0={START:g}\\,d$ (µs)",
            ylabel="transmission",
            xlim=(0, axis[-1] * 1e6),
            ylim=(0, 1),
        )
        pulse.legend(loc="upper left")
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
        ends = np.array(
            [0.9 * min(v[:, 2].min() for v, *_ in sets), 1.1 * max(v[:, 2].max() for v, *_ in sets)]
        )
        truth.plot(ends, ends, **style.LAW)
        truth.axhspan(1.0, 2.0, color="0.9", zorder=0)
        truth.axhline(1.5, **style.PUBLISHED, label="published 1.5 ± 0.5")
        truth.set(xlabel="true mean number of atoms", ylabel="fitted $\\bar n$", xlim=ends)
        truth.legend(loc="lower right")
        for ax, letter in zip(axes[0], "ab", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-3a",
            "Mean number of atoms in a site",
            "(a) Transmission averaged over the sites of one transport, with the fit of Poisson-weighted T_n and its uncertainty; thin: T_1, T_2, T_3. "
            f"(b) Fitted against true mean in {len(sets[0][0])} transports each. Poisson's law alone (squares) is fitted without bias; the empty sites in the notches "
            "make the numbers scatter more than Poisson's law, and the fit comes out too low (circles).",
            drawing,
        )


def _shifted(axis: Array, curve: Array, shift: float, time: Array) -> Array:
    return np.interp(time - shift, axis, curve)


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
            "The belt aligns itself by its first sites",
            f"(a) Clicks of one transport while its first {FIRST} sites arrive, folded into one period: in bins of 10 ns (strokes), their running average over "
            f"{WINDOW * 1e6:g} µs, and what is expected at the true phase. (b) The next {REST} sites of {SHOWN} transports, each aligned by its own first {FIRST}, with Gaussian fits. "
            f"(c) Standard deviation of found minus true position over many transports, with the probe's power: the running average as published, maximum "
            f"likelihood with the expected pulse, and what the number of clicks alone allows; at 1 the counter sees {rate / 1e6:.2f} counts/µs at full transmission.",
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
        aligned = _single(found.align(runs), run)
        folded = found.folded(clicks, aligned, first=FIRST, sites=REST)
        height = START - folded.time / found.sites.period
        colour = COLOURS[run]
        ax.errorbar(
            height, folded.transmission, folded.error, fmt=".", color=colour, markersize=2.5, linewidth=0.5
        )
        fine = np.linspace(START - 1, START, 200)
        ax.plot(
            fine,
            _gaussian(fine, *gaussian_fit(height, folded.transmission, folded.error)),
            color=colour,
            linewidth=0.9,
        )
    ax.set(xlabel="site height $z_0/d$", ylabel="transmission", xlim=(START, START - 1), ylim=(0, None))


def _single(found: SelfAlignment, run: int) -> SelfAlignment:
    return SelfAlignment(found.height[run : run + 1], found.error, found.sites, found.frequency_hz)


def _gaussian(x: Array, base: float, top: float, centre: float, width: float) -> Array:
    return np.asarray(base + top * np.exp(-(((x - centre) / width) ** 2) / 2))


def gaussian_fit(x: Array, y: Array, error: Array) -> Array:
    """Base, height, centre, width of a pulse."""
    from scipy.optimize import curve_fit

    start = [float(np.quantile(y, 0.2)), float(np.ptp(y)), float(x[np.argmax(y)]), 0.12]
    return np.asarray(curve_fit(_gaussian, x, y, p0=start, sigma=error, maxfev=5000)[0])


def _scatter(ax: Any, found: Pulses) -> None:
    looks = {"published": (style.OURS_2, "running average"), "likelihood": (style.OURS, "maximum likelihood")}
    for name, (look, label) in looks.items():
        each = found.scatters[name]
        ax.errorbar(
            BRIGHTER, [s.deviation for s in each], [s.error for s in each], **look, marker="o", label=label
        )
    ax.loglog(BRIGHTER, [found.limit(b) for b in BRIGHTER], **style.LAW, label="clicks alone")
    ax.axhline(PUBLISHED_SCATTER, **style.PUBLISHED, label="published: 0.008 $d$")
    ax.set(xlabel="power of the probe (relative)", ylabel="standard deviation of $z_p$ ($d$)", ylim=(3e-3, 2))
    ax.legend(loc="upper right", fontsize=6)
