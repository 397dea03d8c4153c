"""What a simulated experiment with feedback gives, run by run and atom by atom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.analysis.fit import Fit
from atomcavity.errors import require
from atomcavity.results import Result, axes_or_new, quantity

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class LoadingResult(Result):
    """Runs of a belt with feedback; what a run without an alarm cannot have is NaN or 0, and its `site` -1.

    The truth: at_trigger, caught, held, kept, light.  What a laboratory sees: site, alarm, action, counts, rejected.
    """

    site: Whole = quantity("run", label="site at the chip at the alarm, from 0; -1: no alarm")
    alarm: Array = quantity("run", unit="s", label="time of the alarm from the first site's start")
    action: Array = quantity("run", unit="s", label="time at which the commands begin")
    height: Array = quantity(
        "run", unit="m", label="height of the site at the alarm, as it were without the chip"
    )
    at_trigger: Whole = quantity("run", label="atoms in that site at the alarm")
    caught: Whole = quantity("run", label="atoms there when the commands begin")
    held: Whole = quantity("run", label="atoms there when the commands are carried out")
    kept: Whole = quantity("run", label="atoms there at the end of the counting")
    counts: Whole = quantity("run", label="clicks counted after the transfer")
    light: Array = quantity("run", label="mean transmission while they are counted")
    rejected: Whole = quantity("run", label="sites that the second stage threw away")
    atom_run: Whole = quantity("atom", label="run of each caught atom")
    atom_kept: NDArray[np.bool_] = quantity("atom", label="whether it is there at the end")
    place: Array = quantity("atom", "axis", unit="m", label="mean place after the transfer")
    scatter: Array = quantity("atom", "axis", unit="m", label="rms deviation from it")
    g: Array = quantity("atom", unit="rad/s", label="mean coupling after the transfer")
    after: Array = quantity("sample", unit="s", label="time from the action")
    transmission: Array = quantity(
        "number", "sample", label="mean transmission of runs with 0, 1, 2 ... held"
    )
    traced: Whole = quantity("number", label="runs in that mean")
    sites: int = quantity(label="sites of a run")
    spacing: float = quantity(unit="m", label="distance of the sites")
    hold: float = quantity(unit="s", label="time of the counting")
    empty_counts: float = quantity(label="clicks expected in it without atoms")

    @property
    def triggered(self) -> NDArray[np.bool_]:
        """Runs that end with an alarm that was not thrown away."""
        return self.site >= 0

    @property
    def false_alarms(self) -> NDArray[np.bool_]:
        """Runs with an alarm and no atom in the site."""
        return self.triggered & (self.at_trigger == 0)

    def trigger_probability(self) -> tuple[Array, Array]:
        """Probability of an alarm within 1, 2, ... `sites` sites and its standard error, (sites,) each."""
        found = np.cumsum(np.bincount(self.site[self.triggered], minlength=self.sites)) / len(self.site)
        return found, np.sqrt(found * (1 - found) / len(self.site))

    @property
    def transfer(self) -> float:
        """Share of the alarms with an atom in the site after which at least one is held; NaN without such alarms."""
        real = self.triggered & (self.at_trigger > 0)
        return float((self.held[real] > 0).mean()) if real.any() else float("nan")

    def probabilities(self, when: str = "held") -> Array:
        """Truth: shares of the alarms after which 0, 1, 2, ... atoms are there; when: "at_trigger", "caught", "held" or "kept"."""
        require(when in ("at_trigger", "caught", "held", "kept"), f"when = {when!r} is not known")
        numbers = getattr(self, when)[self.triggered]
        require(len(numbers) > 0, "no run has an alarm: there are no probabilities")
        return np.bincount(numbers, minlength=3) / len(numbers)

    def mean_transmission(self) -> Array:
        """Mean over all runs with an alarm at the times `after`."""
        weight = self.traced / max(1, self.traced.sum())
        return np.asarray(weight @ np.nan_to_num(self.transmission))

    def fit(self, ratios: tuple[float, float], **options: Any) -> Fit:
        """The laboratory's own P0, P1, P2: `fit_histogram` of the counts, with Poisson counts of empty traps.

        ratios  transmission with one and with two atoms over that without
        """
        from atomcavity.detection.analysis.histogram import fit_histogram

        empty = (self.empty_counts, float(np.sqrt(2 * self.empty_counts)))
        return fit_histogram(self.counts[self.triggered], background=empty, ratios=ratios, **options)

    def plot(self, ax: Any = None) -> Any:
        """Histogram of the counts after the transfer; returns the axes."""
        ax = axes_or_new(ax, figsize=(4.5, 3.2))
        chosen = self.counts[self.triggered]
        ax.hist(chosen, bins=np.arange(chosen.max(initial=0) + 2) - 0.5)
        ax.set(xlabel=f"clicks in {self.hold * 1e6:.4g} µs", ylabel="runs")
        return ax

    def _summary(self) -> list[str]:
        runs, fired = len(self.site), int(self.triggered.sum())
        lines = [f"{fired} of {runs} runs with an alarm within {self.sites} sites"]
        if fired:
            shares = ", ".join(f"P{n} = {p:.3f}" for n, p in enumerate(self.probabilities()))
            lines += [
                f"{int(self.false_alarms.sum())} false alarms; transfer {self.transfer:.3f}; held: {shares}",
                f"{self.counts[self.triggered].mean():.4g} clicks in {self.hold * 1e6:.4g} µs ({self.empty_counts:.4g} without atoms)",
            ]
        return lines
