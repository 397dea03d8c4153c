"""Figures of the decision rules: receiver curves, places of the alarms, purity of single atoms."""

from __future__ import annotations

from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.published import printed_row, published
from atomcavity.studies.chip_loading.receiver import CONFIDENCES, COUNTS, LONG, Receiver, Seen
from atomcavity.studies.paper import Step

FAMILIES: tuple[tuple[str, str, Any], ...] = (
    ("count", "count in {:g} µs", style.OURS),
    ("long count", f"count in {LONG * 1e6:g} µs", style.OURS_3),
    ("CUSUM", "cumulative sum", style.OURS_2),
)


def steps(found: Receiver) -> list[Step]:
    """The figures, with the numbers by which they are asked for."""
    quick = found.quick
    return [
        Step("decision rules", ("receiver",), 1.5 if quick else 11, lambda: draw_receiver(found)),
        Step("purity of single atoms", ("purity",), 1.5 if quick else 9, lambda: draw_purity(found)),
    ]


def draw_receiver(found: Receiver) -> Figure:
    """Receiver curves for one and two atoms and both blue fields, and where the alarms are."""
    with style.figure(style.PAGE, 4.6, 2, 2) as (drawing, axes):
        for seen, row in zip(found.seen, axes, strict=False):
            field = f"blue field {seen.device.blue_energy / MEGA:g} MHz"
            _curves(row[0], seen)
            row[0].set_title(field, fontsize=7, loc="right")
            _places(row[1], seen)
            row[1].set_title(field, fontsize=7, loc="right")
        axes[1, 0].legend(loc="lower right", fontsize=6)
        axes[1, 1].legend(loc="upper left", fontsize=6)
        for ax, letter in zip(axes.ravel(), "abcd", strict=True):
            style.panel(ax, letter)
        rule = found.devices[0].experiment.feedback
        return Figure(
            "figure-receiver",
            "Rules that watch the clicks",
            "(a), (c) Probability that a site with one (filled) or two (open) atoms is seen, against false alarms per second of empty belt, for a count in the "
            f"paper's window of {rule.window * 1e6:g} µs, a count in a longer one, and the cumulative sum at equal false alarms. Diamonds: the paper's threshold of {rule.count}. False "
            "alarms are exact. (b), (d) Height of the site at the alarm (mean and standard deviation) with one atom: what is seen surely is seen late, deeper in the near field.",
            drawing,
        )


def _curves(ax: Any, seen: Seen) -> None:
    window = seen.device.experiment.feedback.window * 1e6
    for name, label, look in FAMILIES:
        for atoms in (1, 2):
            curve = seen.curves[name, atoms]
            ax.errorbar(
                curve.false_alarms, curve.detection, curve.detection_error, **look, marker="o",
                markerfacecolor=look["color"] if atoms == 1 else "white", linewidth=0.9 if atoms == 1 else 0.6,
                label=label.format(window) if atoms == 1 else None,
            )  # fmt: skip
    k = list(COUNTS).index(seen.device.experiment.feedback.count)
    ax.plot(
        [seen.false_alarms[k]] * 2,
        [seen.curves["count", n].detection[k] for n in (1, 2)],
        "D", color="k", markerfacecolor="none", markersize=6, linestyle="none",
    )  # fmt: skip
    ax.set(
        xscale="log",
        xlabel="false alarms (1/s)",
        ylabel="probability to be seen",
        xlim=(1e-6, 3e3),
        ylim=(0, 1.02),
    )


def _places(ax: Any, seen: Seen) -> None:
    for name, rules, look in (
        ("count", seen.counts, style.OURS),
        ("cumulative sum", seen.cusums, style.OURS_2),
    ):
        places = [seen.heights(rule, 1) for rule in rules]
        good = [k for k, place in enumerate(places) if len(place) > 20]
        ax.errorbar(
            seen.false_alarms[good], [places[k].mean() for k in good], [places[k].std() for k in good],
            **look, marker="o", label=name, capsize=2,
        )  # fmt: skip
    ax.set(xscale="log", xlabel="false alarms (1/s)", ylabel="site height at the alarm $z_0/d$", ylim=(0, 1))


def draw_purity(found: Receiver) -> Figure:
    """Purity of single atoms against the share of the sites used, and P_n after the transfer."""
    with style.figure(style.PAGE, 2.5, 1, 2) as (drawing, axes):
        pure, loaded = axes[0]
        for seen, look in zip(found.seen, (style.OURS, style.OURS_2), strict=False):
            field = f"{seen.device.blue_energy / MEGA:g} MHz"
            for (decision, purity), width in zip(seen.purities.items(), (0.7, 1.4), strict=True):
                used = (purity.share > 0.01) & (purity.share < 0.45)
                pure.plot(
                    purity.share[used],
                    purity.single[used],
                    color=look["color"],
                    linestyle=look["linestyle"],
                    linewidth=width,
                    label=f"posterior at {decision:g} $d$, {field}",
                )
            share, single = seen.count_purities
            pure.plot(
                share, single, "s", color=look["color"], markerfacecolor="white", label=f"counts, {field}"
            )
        pure.axhline(published("s4.fb_P1"), **style.PUBLISHED, label="published $P_1$")
        pure.set(
            xlabel="share of the sites used",
            ylabel="share of them with one atom",
            xlim=(0, 0.6),
            ylim=(0, 1.02),
        )
        pure.legend(loc="center", bbox_to_anchor=(0.5, 0.47), ncols=2, fontsize=5.5)
        _loaded(loaded, found)
        for ax, letter in zip(axes[0], "ab", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-purity",
            "One atom and no more",
            f"(a) Sites with Poisson numbers (mean {found.devices[0].occupation:g}) are judged by the posterior over the number of atoms when they come to a height; those that are surest to hold "
            "one are used. The rule learned from one bank of rides and is tested on another. Squares: sites that trigger a count of "
            f"{COUNTS[0]} to {COUNTS[-1]}. (b) The whole experiment with the posterior as its rule: atoms held after the transfer, empty traps counted.",
            drawing,
        )


def _loaded(ax: Any, found: Receiver) -> None:
    for k, (result, confidence) in enumerate(zip(found.pure, CONFIDENCES, strict=True)):
        shares = result.probabilities()[:3]
        error = np.sqrt(shares * (1 - shares) / result.triggered.sum())
        place = np.arange(len(shares)) + 0.25 * (k - (len(CONFIDENCES) - 1) / 2)
        tried = result.triggered.sum() / (np.where(result.triggered, result.site + 1, result.sites)).sum()
        ax.bar(
            place,
            shares,
            0.22,
            yerr=error,
            color=(style.OURS, style.OURS_2)[k % 2]["color"],
            label=f"P(1) ≥ {confidence:g}: {100 * tried:.0f} % of the sites",
        )
    empty, one = printed_row("shares")
    ax.plot(
        [0, 1, 2],
        [empty, one, 1 - empty - one],
        "D",
        color="k",
        markerfacecolor="white",
        linestyle="none",
        label="published, by counts",
    )
    ax.set(xticks=[0, 1, 2], xlabel="atoms held", ylabel="probability", ylim=(0, 1.35), yticks=[0, 0.5, 1])
    ax.legend(loc="upper left", fontsize=6)
