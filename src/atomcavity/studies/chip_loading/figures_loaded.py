"""Figures of what was loaded: counts, the decay in the probe's light, rules with a second look, collisions (Figs. 4f, 4g)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.analysis.histogram import histogram_density
from atomcavity.detection.analysis.occupation import poisson_weights
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.feedback import SHORT, Loop
from atomcavity.studies.chip_loading.feedback_part import EFFICIENCY, LONG, MEETING, Feedback
from atomcavity.studies.chip_loading.figures_feedback import PRINTED, field
from atomcavity.studies.chip_loading.published import printed, printed_row, published
from atomcavity.studies.chip_loading.second_look import CONFIDENCE, Choice

Array = NDArray[np.float64]

WIDE = 4
"""Counts in a bin."""
SHADES = ("0.75", "#8fb3d9", "#e0a070", "#9cc29a")


def numbers(result: LoadingResult) -> Array:
    """P_0, P_1, P_2, and P of three or more atoms held after the transfer."""
    share = np.bincount(np.minimum(result.held[result.triggered], 3), minlength=4)
    return np.asarray(share / share.sum())


def printed_numbers() -> Array:
    """The published P_0, P_1, P_2."""
    empty, one = printed_row("shares")
    return np.array([empty, one, 1 - empty - one])


def draw_counts(found: Feedback) -> Figure:
    """Fig. 4f: histogram of the counts after the transfer, the laboratory's fit, and the truth."""
    with style.figure(style.PAGE, 4.4, 2, 2) as (drawing, axes):
        weak, strong = found.weak, found.strong
        hold = weak.device.experiment.feedback.hold * 1e6
        sets = (
            (axes[0, 0], weak, weak.loaded, weak.controller.stop),
            (axes[0, 1], strong, strong.loaded, strong.controller.stop),
            (axes[1, 0], weak, weak.halted, SHORT),
        )
        for ax, loop, result, stop in sets:
            _histogram(ax, loop, result)
            ax.set_title(f"blue {field(loop)}, stop in {stop * 1e6:g} µs", fontsize=7, loc="right")
            ax.set(xlabel=f"clicks in {hold:g} µs", ylabel="probability density", xlim=(0, 150))
        axes[0, 0].legend(loc="upper right", fontsize=6)
        _shares(axes[1, 1], found)
        for ax, letter in zip(axes.ravel(), "abcd", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-4f",
            "Figure 4f: counts after the transfer",
            f"(a)-(c) Clicks in {hold:g} µs after the transfer by the true number of atoms held (shaded, stacked), the fit of Eq. (7) (line) with the transmissions of our own simulation of the "
            f"trap, and empty traps (dotted, {weak.loaded.empty_counts:g} clicks). Every occupation is the one that gives the printed share of triggers. Two groups of single atoms are those that "
            "come to rest close to the ring and far out; Eq. (7) has no place for them. (d) True numbers, fitted ones (open), and the published fit.",
            drawing,
        )


def _histogram(ax: Any, loop: Loop, result: LoadingResult) -> None:
    fired = result.triggered
    counts, held = result.counts[fired], np.minimum(result.held[fired], 3)
    edges = np.arange(0, 161, WIDE) - 0.5
    names = ("0 atoms held", "1", "2", "3 or more")
    parts = [counts[held == n] for n in range(4)]
    weights = [np.full(len(part), 1 / (WIDE * len(counts))) for part in parts]
    ax.hist(parts, edges, weights=weights, stacked=True, color=SHADES, label=names)
    few = np.arange(40)
    law = poisson_weights(result.empty_counts, 60)[few]
    top = ax.get_ylim()[1]
    ax.plot(few, law * 0.5 * top / law.max(), **style.PUBLISHED, label="empty traps (scaled)")
    fit, x = result.fit(loop.ratios), np.linspace(0, 150, 301)
    shares = [fit[f"P{n}"][0] for n in range(3)]
    background = (result.empty_counts, float(np.sqrt(2 * result.empty_counts)))
    density = histogram_density(
        x, shares, fit["width"][0], fit["scale"][0], background=background, ratios=loop.ratios
    )
    ax.plot(x, density, color="k", linewidth=0.9, label="fit of Eq. (7)")
    ax.set_ylim(0, 1.25 * top)


def _shares(ax: Any, found: Feedback) -> None:
    place = np.arange(4)
    rows = (
        (found.weak, found.weak.loaded, style.OURS, f"blue {field(found.weak)}"),
        (found.strong, found.strong.loaded, style.OURS_2, f"blue {field(found.strong)}"),
        (
            found.weak,
            found.weak.halted,
            style.OURS_3,
            f"blue {field(found.weak)}, stop in {SHORT * 1e6:g} µs",
        ),
    )
    for k, (loop, result, look, name) in enumerate(rows):
        at = place + 0.2 * (k - 1)
        _bars(ax, at, result, 0.18, color=look["color"], alpha=0.75, label=name)
        fit = result.fit(loop.ratios)
        value, spread = np.array([fit[f"P{n}"] for n in range(3)]).T
        ax.errorbar(
            at[:3], value, spread, fmt="s", color="k", markerfacecolor="white", markersize=3, linewidth=0.7
        )
    ax.plot(place[:3] + 0.36, printed_numbers(), "D", **PRINTED, label="published")
    _by_number(ax, 1.8)


def _bars(ax: Any, at: ArrayLike, result: LoadingResult, width: float, **look: Any) -> None:
    """Shares of 0, 1, 2, and more atoms held, with their standard errors."""
    share = numbers(result)
    error = np.sqrt(share * (1 - share) / result.triggered.sum())
    ax.bar(at, share, width, yerr=error, **look)


def _by_number(ax: Any, top: float) -> None:
    ax.set(
        xticks=range(4),
        xticklabels=["0", "1", "2", "≥3"],
        xlabel="atoms held",
        ylabel="probability",
        ylim=(0, top),
        yticks=[0, 0.5, 1],
    )
    ax.legend(loc="upper right", fontsize=6)


def draw_decay(found: Feedback) -> Figure:
    """Fig. 4g: transmission after feedback and after random stops."""
    with style.figure(style.COLUMN, 2.7) as (drawing, axes):
        ax, loop = axes[0, 0], found.weak
        begin = loop.controller.settling
        for result, look, name in zip(
            found.probed, (style.OURS, style.OURS_2), ("feedback", "random stops"), strict=True
        ):
            light = result.mean_transmission()
            width = 20
            smooth = light[: len(light) // width * width].reshape(-1, width).mean(axis=1)
            time = result.after[: len(light) // width * width].reshape(-1, width).mean(axis=1)
            ax.plot((time - begin) * 1e3, smooth, **look, label=name)
        empty = float(loop.device.probe.empty())
        time = np.linspace(0, LONG, 200)
        (height, _), (life, _) = found.decay["amplitude"], found.decay["lifetime"]
        fitted = empty + height * np.exp(-time / life)
        ax.plot(time * 1e3, fitted, **style.LAW, label=f"fit, {life * 1e6:.0f} µs")
        start, printed_life = published("s4.T1bar"), printed("probed_lifetime", "time")
        base = published("s4.T0")
        law = base + (start - base) * np.exp(-time / printed_life)
        ax.plot(
            time * 1e3, law, **style.PUBLISHED, label=f"published: {start:.2f}, {printed_life * 1e6:.0f} µs"
        )
        ax.axhline(empty, color="0.7", linewidth=0.7, zorder=0)
        ax.set(
            xlabel="time after the transfer (ms)", ylabel="mean transmission", xlim=(-0.05, 1), ylim=(0, 0.55)
        )
        ax.legend(loc="upper right")
        return Figure(
            "figure-4g",
            "Figure 4g: caught atoms in the probe's light",
            f"Mean transmission of the runs that stop by feedback ({int(found.probed[0].triggered.sum())}), with the occupation of Fig. 4f(a), and at random times ({len(found.probed[1].site)}), with {loop.device.occupation:g} atoms in a site. The probe heats: a photon "
            f"behind the ring makes a click with the probability {100 * EFFICIENCY:g} %, which is not printed and chosen so that the light decays about as fast as the paper's. (Atoms that are triggered "
            "by their height, as in the paper's own simulation, need less than half of it: see the lifetimes.) Grey: no atom.",
            drawing,
        )


def draw_choices(found: Feedback) -> Figure:
    """Rules in the loop, the second look, and collisions."""
    with style.figure(style.PAGE, 2.7, 1, 3) as (drawing, axes):
        rates, look, shares = axes[0]
        for choice, tone in zip(found.choices, (style.OURS, style.OURS_2), strict=True):
            for result, marker, name, above in (
                (choice.plain, "o", "", -12),
                (choice.selected, "s", "\n+ look", 12),
            ):
                one, error, rate = choice.delivered(result)
                rates.errorbar(rate, one, error, fmt=marker, color=tone["color"], markerfacecolor="white")
                label = choice.name + name
                rates.annotate(label, (rate, one), (3, above), textcoords="offset points", fontsize=6)
        rates.axhline(published("s4.fb_P1"), **style.PUBLISHED, label="published $P_1$")
        rates.set(
            xlabel="single atoms per second",
            ylabel="single atoms in the traps, $P_1$",
            ylim=(0, 1.4),
            yticks=[0, 0.5, 1],
            xlim=(0, 2100),
        )
        rates.legend(loc="lower right")
        _look(look, found.choices[1])
        _collisions(shares, found)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        weak = found.weak
        return Figure(
            "figure-second-look",
            "A better rule, a second look, collisions",
            f"All with {weak.device.occupation:g} atoms in a site and the weak blue field. (a) Share of single atoms after the transfer against how many are delivered in a second of the belt and of looking. "
            f"A second look of {weak.device.experiment.feedback.hold * 1e6:g} µs throws away what is not one atom with a probability of {CONFIDENCE:g}; it is tested on rides that it has not seen. (b) Clicks in that time by the number of atoms after the "
            "cumulative sum has fired, and the posterior for one atom. (c) Atoms held by the paper's rule without collisions, and if every pair that shares a minimum collides "
            f"within {MEETING * 1e6:g} µs and both or one of them are lost; diamonds: published.",
            drawing,
        )


def _look(ax: Any, choice: Choice) -> None:
    result = choice.plain
    counts, held = result.counts[result.triggered], np.minimum(result.held[result.triggered], 3)
    edges = np.arange(0, 201, 5) - 0.5
    for n, shade in enumerate(SHADES):
        ax.hist(counts[held == n], edges, color=shade, alpha=0.8, label="≥3" if n == 3 else str(n))
    ax.set(xlabel="clicks in the second look", ylabel="runs", xlim=(0, 200))
    ax.set_ylim(0, 1.35 * ax.get_ylim()[1])
    other = ax.twinx()
    x = np.arange(201)
    other.plot(x, choice.posterior(x), color="k", linewidth=0.9)
    other.axhline(CONFIDENCE, **style.LAW)
    other.set(ylim=(0, 1.35), ylabel="posterior of one atom", yticks=[0, 0.5, 1])
    ax.legend(
        loc="upper right",
        ncols=4,
        columnspacing=0.7,
        handlelength=1,
        fontsize=6,
        title="atoms held",
        title_fontsize=6,
    )


def _collisions(ax: Any, found: Feedback) -> None:
    both, one = (found.collided[q] for q in (0.0, 1.0))
    rows = ((found.choices[0].plain, "none"), (both, "both lost"), (one, "one lost"))
    for k, ((result, name), shade) in enumerate(zip(rows, SHADES[1:], strict=True)):
        at = np.arange(4) + 0.25 * (k - 1)
        _bars(ax, at, result, 0.22, color=shade, label=f"collisions: {name}")
    ax.plot([0, 1, 2], printed_numbers(), "D", **PRINTED, label="published")
    _by_number(ax, 1.4)
