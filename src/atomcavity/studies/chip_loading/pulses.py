"""Pulses of many sites laid over each other: mean occupation (Fig. 3a), and how well ten sites foretell the rest (Fig. 3b, c)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection import ClickRecords
from atomcavity.detection.analysis import Fit, fit_occupation
from atomcavity.loading.self_alignment import SelfAlignment, click_limit, self_align
from atomcavity.studies.chip_loading.bank import Bank
from atomcavity.studies.chip_loading.filling import START, FilledSites, Runs

Array = NDArray[np.float64]

FIRST = 10
"""Sites that align a run."""
WINDOW = 0.6e-6
"""Of the published running average (s)."""
REST = 60
"""Sites of which the aligned pulse is drawn."""
BRIGHTER = (1.0, 4.0, 16.0, 64.0)
"""Powers of the probe, relative to the experiment file's."""
BINS = 40
"""Of a period."""


@dataclass(frozen=True, eq=False)
class Folded:
    """Transmission over one period from the height START of the sites on: mean of many sites, with the standard error of its counts.

    sites  averaged in each run
    runs   averaged
    """

    time: Array
    transmission: Array
    error: Array
    sites: int
    runs: int


@dataclass(frozen=True)
class Scatter:
    """Found minus true height of the sites (d) over many transports: mean, standard deviation, its error, half-width of the middle 68 %."""

    mean: float
    deviation: float
    error: float
    middle: float

    @classmethod
    def of(cls, values: Array) -> Scatter:
        """Of deviations (run,); those that are not known are left out."""
        values = values[np.isfinite(values)]
        about = values - values.mean()
        fourth = float(np.mean(about**4))
        variance = float(np.mean(about**2))
        error = np.sqrt(max(fourth - variance**2, 0.0) / len(values)) / (2 * np.sqrt(variance))
        low, high = np.quantile(values, [0.16, 0.84])
        return cls(float(values.mean()), float(np.sqrt(variance)), float(error), float(high - low) / 2)


@dataclass(frozen=True)
class Pulses:
    """What the clicks of simulated transports say, where the truth is known."""

    sites: FilledSites

    @property
    def quick(self) -> bool:
        """Fewer transports."""
        return self.sites.transport.quick

    @cached_property
    def transports(self) -> Runs:
        """As many as the paper averages, through all filled sites."""
        return self.sites.runs(180, self.sites.last, seed=1)

    def align(
        self, runs: Runs, *, sites: int = FIRST, window: float | None = None, brighter: float = 1.0
    ) -> SelfAlignment:
        """By the first sites: maximum likelihood, or with a running window as published."""
        template = brighter * self.sites.template(self.sites.device.occupation)
        frequency = self.sites.bank.frequency_hz
        return self_align(runs.clicks, frequency, template, START, sites=sites, window=window)

    def folded(self, clicks: ClickRecords, found: SelfAlignment, *, first: int, sites: int) -> Folded:
        """Mean pulse of `sites` after the `first`, of all runs of the clicks together."""
        period = self.sites.period
        since = clicks.time - found.arrival(START)[clicks.run] - first * period
        phase = since[(since >= 0) & (since < sites * period)] % period
        counts = np.histogram(phase, BINS, range=(0, period))[0]
        exposure = clicks.runs * sites * period / BINS
        middle = (np.arange(BINS) + 0.5) / BINS * period
        error = self.sites.transmission((counts + np.sqrt(np.maximum(counts, 1))) / exposure)
        light = self.sites.transmission(counts / exposure)
        return Folded(middle, light, error - light, sites, clicks.runs)

    def occupation(self, folded: Folded, curves: Array | None = None) -> Fit:
        """Mean number of atoms in a site: twice fitted, then with the errors that the first fit expects.

        The scatter of the sites' numbers is part of the error, which is that of the mean of their Poisson law.
        """
        shapes, sites = self.sites.curves if curves is None else curves, folded.sites * folded.runs
        data, axis = (folded.time, folded.transmission), self.sites.curve_time
        fit = fit_occupation(*data, folded.error, shapes, axis, offset=True, sites=sites)
        scale = folded.error**2 / np.maximum(folded.transmission, folded.error**2)  # variance over mean
        error = np.sqrt(np.maximum(fit.model, 1e-3) * np.median(scale))
        return fit_occupation(*data, error, shapes, axis, offset=True, sites=sites)

    def one(self, runs: Runs, run: int) -> ClickRecords:
        """The clicks of one run."""
        clicks = runs.clicks
        chosen = clicks.run == run
        return replace(
            clicks,
            time=clicks.time[chosen],
            run=np.zeros(int(chosen.sum()), np.int64),
            channel=clicks.channel[chosen],
            runs=1,
        )

    def one_fit(self, runs: Runs, run: int) -> tuple[Folded, Fit, float]:
        """Mean pulse of one transport aligned by its own clicks, its fit, and the mean number of atoms that were in its sites."""
        clicks, sites = self.one(runs, run), runs.numbers.shape[1]
        alone = Runs(clicks, runs.phases[run : run + 1], runs.numbers[run : run + 1])
        folded = self.folded(clicks, self.align(alone, sites=sites), first=0, sites=sites)
        return folded, self.occupation(folded), float(alone.numbers.mean())

    @cached_property
    def single(self) -> tuple[Folded, Fit, float]:
        """The first of the transports."""
        return self.one_fit(self.transports, 0)

    def coverage(self, occupation: float | None) -> Array:
        """Of many transports with the filling (None) or the same mean in all sites: (transport, 4).

        Fitted, its error, the mean of the numbers that were in the sites, the mean of their law (None: of all transports).
        """
        runs = (
            self.transports
            if occupation is None
            else self.sites.runs(100, self.sites.last, occupation=occupation, seed=2)
        )
        law = float(runs.numbers.mean()) if occupation is None else occupation
        found = []
        for run in range(8 if self.quick else 100):
            _, fit, true = self.one_fit(runs, run)
            found.append([*fit["occupation"], true, law])
        return np.array(found)

    @cached_property
    def scatters(self) -> dict[str, tuple[Scatter, ...]]:
        """Alignment by ten sites, "published" window and "likelihood", at the powers BRIGHTER."""
        found: dict[str, list[Scatter]] = {"published": [], "likelihood": []}
        for factor in BRIGHTER:
            runs = self.sites.runs(100 if self.quick else 600, FIRST + 1, brighter=factor, seed=3)
            for name, window in (("published", WINDOW), ("likelihood", None)):
                aligned = self.align(runs, window=window, brighter=factor)
                found[name].append(Scatter.of(aligned.deviation(START + runs.phases)))
        return {name: tuple(each) for name, each in found.items()}

    def centres(self, runs: Runs, found: SelfAlignment) -> Array:
        """Heights (d) of the peaks of Gaussian fits to all sites behind the first ten of each aligned run, as published, (run,).

        NaN where the fit finds none within the period.
        """
        rest, peaks = runs.numbers.shape[1] - FIRST, []
        for run in range(runs.clicks.runs):
            folded = self.folded(self.one(runs, run), found.of(run), first=FIRST, sites=rest)
            height = START - folded.time / self.sites.period
            peaks.append(gaussian_fit(height, folded.transmission, folded.error)[2])
        centre = np.array(peaks)
        return np.where((centre > START - 1) & (centre < START), centre, np.nan)

    @cached_property
    def peaks_of_rest(self) -> dict[str, tuple[Array, ...]]:
        """These peaks of transports of FIRST + REST sites, aligned in either way, at the powers BRIGHTER: (run,) each."""
        found: dict[str, list[Array]] = {"published": [], "likelihood": []}
        for factor in BRIGHTER:
            runs = self.sites.runs(20 if self.quick else 100, FIRST + REST, brighter=factor, seed=8)
            for name, window in (("published", WINDOW), ("likelihood", None)):
                aligned = self.align(runs, window=window, brighter=factor)
                found[name].append(self.centres(runs, aligned))
        return {name: tuple(each) for name, each in found.items()}

    @cached_property
    def slow(self) -> Pulses:
        """The same at the speed of the feedback, with as many or fewer rides."""
        sites = self.sites
        frequency = sites.device.experiment.feedback.frequency
        bank = Bank(sites.device, frequency, 80 if self.quick else 400, seed=5, tick=2 * sites.bank.tick)
        return Pulses(replace(sites, rides=bank))

    def limit(self, brighter: float = 1.0) -> float:
        """Error (d) that the number of clicks alone would leave, at the mean number of atoms of the first ten sites."""
        sites = self.sites
        template = brighter * sites.template(sites.mean_occupation(1, FIRST))
        return click_limit(template, sites.period, FIRST) / sites.period

    @cached_property
    def peaks(self) -> Array:
        """Largest transmission of each site in the mean of the realigned transports (site,), running over a tenth of a period."""
        runs = self.transports
        light = self.against_distance(self.align(runs), runs, 40)[1]
        smooth = np.convolve(light, np.ones(4) / 4, "same")
        count = runs.numbers.shape[1] - 1
        return smooth[: (count + 1) * 40].reshape(-1, 40).max(axis=1)[:count]

    def against_distance(self, found: SelfAlignment | None, runs: Runs, bins: int) -> tuple[Array, Array]:
        """Distance (d) and mean transmission, from t = 0 or (aligned) from the arrival of a site at START on; `bins` a spacing."""
        clicks, period = runs.clicks, self.sites.period
        begin = np.zeros(clicks.runs) if found is None else found.arrival(START)
        length = runs.numbers.shape[1]
        distance = (clicks.time - begin[clicks.run]) / period
        counts = np.histogram(distance, length * bins, range=(0, length))[0]
        rate = counts / (clicks.runs * period / bins)
        return (np.arange(length * bins) + 0.5) / bins, self.sites.transmission(rate)


def sets_within(values: Array, deviation: float, size: int, seed: int = 0) -> float:
    """Share of sets of `size` values, drawn from `values`, whose sample standard deviation is not above `deviation`."""
    known = values[np.isfinite(values)]
    sets = np.random.default_rng(seed).choice(known, (20_000, size))
    return float(np.mean(sets.std(axis=1, ddof=1) <= deviation))


def gaussian(x: Array, base: float, top: float, centre: float, width: float) -> Array:
    """A pulse on a background."""
    return np.asarray(base + top * np.exp(-(((x - centre) / width) ** 2) / 2))


def gaussian_fit(x: Array, y: Array, error: Array) -> Array:
    """Base, height, centre, width of a pulse; NaN where no Gaussian can be fitted."""
    from scipy.optimize import curve_fit

    start = [float(np.quantile(y, 0.2)), float(np.ptp(y)), float(x[np.argmax(y)]), 0.12]
    try:
        return np.asarray(curve_fit(gaussian, x, y, p0=start, sigma=error, maxfev=5000)[0])
    except RuntimeError:
        return np.full(4, np.nan)
