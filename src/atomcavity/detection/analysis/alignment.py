"""Where the sites of a moving lattice are, from the first of them (Zhou et al. 2026, Fig. 3b, c)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.records import ClickRecords
from atomcavity.errors import number, require
from atomcavity.results import Record, Result, axes_or_new, quantity

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Alignment(Result):
    """Times at which sites arrive in each run, modulo the period: from its first sites, and from all the others.

    `scatter` is the standard deviation of their difference: the error with which the first sites foretell the others,
    with the error of the latter's own estimate in it; times the lattice's speed it is sigma_z.
    """

    offset: Real = quantity("run", unit="s", label="arrival of a site from the first sites, in [0, period)")
    later: Real = quantity("run", unit="s", label="the same from the other sites (NaN: none)")
    period: float = quantity(unit="s", label="time between sites")
    sites: int = quantity(label="number of first sites")

    @property
    def difference(self) -> Real:
        """later - offset in [-period/2, period/2) (s), (run,)."""
        turn = (self.later - self.offset) / self.period
        return (turn - np.round(turn)) * self.period

    @property
    def scatter(self) -> float:
        """Standard deviation of `difference` over the runs (s)."""
        return float(np.nanstd(self.difference, ddof=1))

    @property
    def scatter_error(self) -> float:
        """Standard error of `scatter` if the differences are Gaussian (s)."""
        return self.scatter / float(np.sqrt(2 * (np.isfinite(self.difference).sum() - 1)))

    def folded(
        self, clicks: ClickRecords, bins: int = 100, *, first: int | None = None
    ) -> tuple[Real, Real, Real]:
        """Phase about the arrival (s, -period/2 to period/2), mean rate and its standard error (1/s) of aligned sites.

        first  the first site that counts; None: that after those that aligned the runs
        """
        begin = (self.sites if first is None else first) * self.period
        whole = int((clicks.duration - begin) / self.period * (1 + 1e-12)) * self.period
        require(whole > 0, "no whole period is left after the first sites")
        chosen = (clicks.time >= begin) & (clicks.time < begin + whole)
        turn = (clicks.time[chosen] - self.offset[clicks.run[chosen]]) / self.period
        edges = np.linspace(-0.5, 0.5, bins + 1)
        counts = np.histogram(turn - np.round(turn), edges)[0]
        exposure = whole * clicks.runs / bins
        middle = (edges[1:] + edges[:-1]) / 2 * self.period
        return middle, counts / exposure, np.sqrt(np.maximum(counts, 1)) / exposure

    def _summary(self) -> list[str]:
        return [
            f"{len(self.offset)} runs aligned by {self.sites} sites",
            f"scatter {self.scatter * 1e9:.4g} ns = {self.scatter / self.period:.3g} of a period",
        ]

    def plot(self, ax: Any = None) -> Any:
        """Histogram of the differences."""
        ax = axes_or_new(ax)
        ax.hist(self.difference * 1e6, bins=max(10, len(self.offset) // 8))
        ax.set(xlabel="later minus first sites (µs)", ylabel="runs")
        return ax


def align_sites(
    clicks: ClickRecords,
    period: float,
    *,
    sites: int = 10,
    window: float | None = None,
    template: ArrayLike | None = None,
    bins: int = 400,
) -> Alignment:
    """Arrival of the sites in each run, modulo `period` (s), from the first `sites` and from all others.

    window    the arrival is where the counts, folded into one period, are largest in a running window (s), as
              published (0.6 µs of 20 µs)
    template  expected rate through one period in equal steps from the arrival on, (step,), positive: then by
              maximum likelihood, which uses every click
    bins      of the folded period; the maximum is refined by a parabola

    Give one of window and template.  Raises `InputError` for runs shorter than the first sites.
    """
    require(number(period, "period") > 0, f"period = {period!r} must be positive (s)")
    require((window is None) != (template is None), "give either window or template")
    require(sites >= 1 and sites * period <= clicks.duration, f"{sites} sites do not fit into a run")
    weight = _window(float(window), period, bins) if window is not None else _template(template, bins)
    early = clicks.time < sites * period
    whole = int(clicks.duration / period * (1 + 1e-12))
    late = ~early & (clicks.time < whole * period)
    offset = _arrivals(clicks, early, period, weight)
    later = _arrivals(clicks, late, period, weight) if whole > sites else np.full(clicks.runs, np.nan)
    method = "largest count in a running window" if template is None else "maximum likelihood"
    return Alignment(Record(method), offset=offset, later=later, period=float(period), sites=sites)


def _window(window: float, period: float, bins: int) -> Real:
    """Weight of a click at each phase after the arrival: a window about it."""
    require(0 < window < period, f"window = {window:g} must lie between 0 and the period, {period:g} s")
    phase = (np.arange(bins) + 0.5) / bins
    distance = np.minimum(phase, 1 - phase)
    return np.where(distance <= max(window / period, 1 / bins) / 2, 1.0, 0.0)


def _template(template: Any, bins: int) -> Real:
    """The same by the logarithm of the expected rate."""
    rate = np.asarray(template, dtype=float)
    good = rate.ndim == 1 and len(rate) >= 4 and bool(np.all(np.isfinite(rate) & (rate > 0)))
    require(good, "template must be four or more positive, finite rates through one period")
    phase = (np.arange(bins) + 0.5) / bins * len(rate)
    return np.interp(phase, np.arange(len(rate)), np.log(rate), period=len(rate))


def _arrivals(clicks: ClickRecords, chosen: NDArray[np.bool_], period: float, weight: Real) -> Real:
    """Phase (s) of the largest circular correlation of each run's folded clicks with the weight; NaN without clicks."""
    bins = len(weight)
    place = np.minimum((clicks.time[chosen] / period % 1.0 * bins).astype(np.int64), bins - 1)
    folded = np.bincount(clicks.run[chosen] * bins + place, minlength=clicks.runs * bins).reshape(-1, bins)
    spectrum = np.fft.rfft(folded, axis=1) * np.conj(np.fft.rfft(weight))
    score = np.fft.irfft(spectrum, bins, axis=1)
    top = score.argmax(axis=1)
    row = np.arange(len(score))
    before, here, after = (score[row, (top + k) % bins] for k in (-1, 0, 1))
    bend = before - 2 * here + after
    shift = np.where(bend < 0, (before - after) / (2 * np.where(bend < 0, bend, -1.0)), 0.0)
    return np.where(folded.any(axis=1), (top + np.clip(shift, -0.5, 0.5)) / bins % 1.0 * period, np.nan)
