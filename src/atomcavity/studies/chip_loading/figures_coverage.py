"""Figure of the coverage: how often the truth lies within the errors of the fits."""

from __future__ import annotations

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.coverage import Coverage
from atomcavity.studies.paper import Step

EXPECTED = (0.683, 0.954)
WORDS = {"gamma": "decay rate", "occupation": "mean"}


def steps(found: Coverage) -> list[Step]:
    """The figure, with the number by which it is asked for."""
    return [
        Step("coverage of the fits", ("coverage",), 1.5 if found.quick else 7, lambda: draw_coverage(found))
    ]


def draw_coverage(found: Coverage) -> Figure:
    """Shares within one and two errors, and the deviations in errors, of every parameter."""
    with style.figure(style.PAGE, 3.6, 1, 2, sharey=True, width_ratios=(1.2, 1)) as (drawing, axes):
        shares, pulls = axes[0]
        place = -np.arange(len(found.rows))
        for errors, expected, look, marker in zip(
            (1, 2), EXPECTED, (style.OURS, style.OURS_2), "os", strict=True
        ):
            values = [row.within(errors) for row in found.rows]
            bar = np.sqrt(expected * (1 - expected) / found.repeats)
            shares.axvspan(expected - bar, min(1.0, expected + bar), color="0.9", zorder=0)
            shares.axvline(expected, color="0.6", linewidth=0.8)
            label = "within 1 error" if errors == 1 else "within 2 errors"
            shares.plot(
                values,
                place,
                marker,
                color=look["color"],
                fillstyle="none" if errors == 2 else "full",
                label=label,
            )
        pulls.axvline(0, color="0.6", linewidth=0.8)
        pulls.errorbar(
            [row.pull.mean() for row in found.rows],
            place,
            xerr=[row.pull.std(ddof=1) for row in found.rows],
            fmt="o",
            color=style.OURS["color"],
            linewidth=0.8,
        )
        for edge in (-1, 1):
            pulls.axvline(edge, color="0.6", linewidth=0.8, linestyle=":")
        names = [f"{row.fit}: {WORDS.get(row.parameter, row.parameter)}" for row in found.rows]
        shares.set_yticks(place, names, fontsize=6)
        shares.set(
            xlabel=f"share of {found.repeats} repetitions", xlim=(0.4, 1.02), ylim=(place[-1] - 0.7, 1.8)
        )
        pulls.set(xlabel="(fit − truth)/error", xlim=(-2.5, 2.5))
        shares.legend(loc="upper left", ncols=2)
        for ax, letter in zip(axes[0], "ab", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-coverage",
            "Errors of the fits against simulated truth",
            f"Each experiment simulated {found.repeats} times with a known truth. (a) Share of the repetitions in which the truth lies within one and two standard errors "
            "of the fit; grey: what a Gaussian gives, with its uncertainty. (b) Deviation in units of the fit's error: mean and standard deviation.",
            drawing,
        )
