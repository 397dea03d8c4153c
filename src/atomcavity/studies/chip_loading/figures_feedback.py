"""Figures of the feedback: choice of the threshold, triggers (Figs. 4b, 4c)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection import CountThreshold, running_counts
from atomcavity.detection.analysis.occupation import poisson_weights
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.feedback import Loop
from atomcavity.studies.chip_loading.feedback_part import Feedback
from atomcavity.studies.chip_loading.published import printed

Array = NDArray[np.float64]

LOOKS: tuple[Any, ...] = (style.OURS, style.OURS_2)
PRINTED: Any = {"color": "k", "markerfacecolor": "white", "linestyle": "none"}
COUNTS = range(3, 14)


def field(loop: Loop) -> str:
    """The blue field's strength."""
    device = loop.device
    return f"{device.blue_energy / MEGA:g} MHz"


def draw_threshold(found: Feedback) -> Figure:
    """Fig. 4b: counts in the window with and without atoms, and what each threshold would do."""
    given = found.devices[0].experiment.feedback
    with style.figure(style.PAGE, 2.6, 1, 2) as (drawing, axes):
        counts, choice = axes[0]
        for loop, look in zip(found.loops, LOOKS, strict=False):
            share = binned(loop, given.window)
            counts.stairs(share, np.arange(len(share) + 1) - 0.5, **look, label=f"belt, blue {field(loop)}")
            probability = [thresholded(loop, CountThreshold(k, given.window)) for k in COUNTS]
            choice.plot(
                COUNTS, probability, **look, marker="o", label=f"a site of the belt, blue {field(loop)}"
            )
        rate = float(found.weak.device.counter.rate(found.weak.device.probe.empty()))
        few = np.arange(15)
        counts.plot(
            few, poisson_weights(rate * given.window, 30)[few], "o", color="0.5", label="no atoms (Poisson)"
        )
        run = given.sites / given.frequency
        alarms = [-np.expm1(-CountThreshold(k, given.window).false_alarm_rate(rate) * run) for k in COUNTS]
        choice.plot(COUNTS, alarms, **style.LAW, marker="s", label=f"an empty run of {1e3 * run:g} ms")
        full = float(found.weak.device.counter.rate(1.0)) * given.window
        counts.axvline(full, **style.LAW, label="mean at full transmission")
        for ax in (counts, choice):
            edge = given.count - 0.5 * (ax is counts)
            ax.axvline(edge, **style.PUBLISHED, label="published threshold" if ax is counts else None)
            ax.set(yscale="log")
            ax.legend(loc="upper right" if ax is counts else "lower left", fontsize=6)
        counts.set(
            xlabel=f"counts in {given.window * 1e6:g} µs",
            ylabel="probability",
            ylim=(1e-6, 3),
            xlim=(-0.6, 20),
        )
        choice.set(xlabel="threshold (counts)", ylabel="probability of an alarm", ylim=(1e-7, 2))
        for ax, letter in zip(axes[0], "ab", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-4b",
            "Figure 4b: counts in the window, and the threshold",
            f"(a) Counts in {given.window * 1e6:g} µs of a belt with {found.devices[0].occupation:g} atoms in a site that nothing stops, at {given.frequency / 1e3:g} kHz, "
            "and without atoms. (b) Probability that a site of that belt triggers, and that a whole empty run does, against the threshold. Dotted: the paper's threshold; "
            "it lies above the mean count of a fully transparent ring, as our counts follow from the printed background.",
            drawing,
        )


def binned(loop: Loop, window: float) -> Array:
    """Shares of 0, 1, 2, ... counts in successive windows of the belt that nothing stops."""
    clicks = loop.delivered
    edges = np.arange(window, clicks.duration, window)
    number = np.bincount(running_counts(clicks, window, edges).ravel())
    return np.asarray(number / number.sum())


def thresholded(loop: Loop, rule: CountThreshold) -> float:
    """Probability that a site of the printed occupation fires."""
    seen = [0.0, *(loop.per_site(rule, n) for n in loop.sites)]
    return float(poisson_weights(loop.device.occupation, len(seen) - 1) @ np.array(seen))


def draw_triggers(found: Feedback) -> Figure:
    """Fig. 4c: probability of a trigger against the distance."""
    with style.figure(0.75 * style.PAGE, 2.7) as (drawing, axes):
        ax = axes[0, 0]
        for loop, look in zip(found.loops, LOOKS, strict=False):
            _cumulative(ax, loop.loaded, look, f"n̄ = {loop.occupation:.3f}, blue {field(loop)}")
            _cumulative(
                ax,
                loop.crowded,
                {**look, "linewidth": 0.6},
                f"n̄ = {loop.device.occupation:g}, blue {field(loop)}",
            )
        weak = found.weak
        sites = np.arange(1, weak.loaded.sites + 1)
        law = 1 - (1 - weak.triggers(weak.occupation).sum()) ** sites
        ax.plot(sites * weak.device.spacing * 1e6, law, **style.LAW, label="$1-(1-p)^N$")
        last = printed("triggered_sites") * weak.device.spacing * 1e6
        ax.plot([last], [printed("triggered")], "*", **{**PRINTED, "markersize": 9}, label="published")
        ax.set(
            xlabel="distance $\\Delta z$ (µm)",
            ylabel="probability of a trigger",
            xlim=(0, 29),
            ylim=(0, 1.03),
        )
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        runs = len(weak.loaded.site)
        return Figure(
            "figure-4c",
            "Figure 4c: triggers on the way",
            f"Share of the runs that have triggered when the belt has moved by Δz ({runs} runs with the weak, {len(found.strong.loaded.site)} with the strong blue field; bands: two standard errors). "
            "Thick: with the occupation that gives the printed share at the printed distance (star), found from the response of single sites; thin: with the printed occupation, "
            f"over {found.weak.crowded.sites} sites. Dash-dotted: sites that trigger independently of each other.",
            drawing,
        )


def _cumulative(ax: Any, result: LoadingResult, look: Any, label: str) -> None:
    probability, error = result.trigger_probability()
    distance = np.arange(result.sites + 1) * result.spacing * 1e6
    share, band = np.concatenate([[0], probability]), np.concatenate([[0], 2 * error])
    ax.fill_between(distance, share - band, share + band, color=look["color"], alpha=0.2, linewidth=0)
    ax.plot(distance, share, **look, label=label)
