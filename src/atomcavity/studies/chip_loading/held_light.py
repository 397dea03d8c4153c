"""The record of the light of held atoms: its decay, its correlations, bright windows and what a simulation knows of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection import ClickRecords
from atomcavity.detection.analysis import fit_antibunching, fit_lifetime, photon_correlation
from atomcavity.detection.analysis.correlations import PhotonCorrelation, bright_windows
from atomcavity.detection.analysis.fit import Fit
from atomcavity.detection.analysis.occupation import poisson_weights
from atomcavity.detection.fluorescence import LABELS
from atomcavity.errors import InputError
from atomcavity.studies.chip_loading.held import MOST
from atomcavity.studies.chip_loading.published import printed

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

KNOWN = ("number", "atoms", "decay", "motion")
SHORT = 1.5e-7  # s: delays of the fit
LONG = 4e-6  # s: delays of xi
LEAST = 10  # clicks of each detector in a run of xi
BLOCKS = 10  # of runs, for standard errors


@dataclass(frozen=True, eq=False)
class Light:
    """Clicks of all runs, and what the simulation knows of the atoms in each window of each run.

    number  atoms in the site at the start, (run,)
    atoms   number of atoms that the light comes from, (sum w)^2/sum w^2 of their rates w, (run, window)
    decay   total decay rate of the atoms, weighted with their light (rad/s), (run, window)
    motion  correlation of the atoms' rates, added, over their squared mean, at delays of one tick each, (run, lag)
    """

    clicks: ClickRecords
    number: Whole
    atoms: Array
    decay: Array
    motion: Array

    @classmethod
    def joined(cls, parts: Sequence[Light]) -> Light:
        """All runs of several batches."""
        first = np.cumsum([0, *(part.clicks.runs for part in parts)])
        records = [part.clicks for part in parts]
        clicks = replace(
            records[0],
            time=np.concatenate([record.time for record in records]),
            channel=np.concatenate([record.channel for record in records]),
            run=np.concatenate([record.run + k for record, k in zip(records, first[:-1], strict=True)]),
            runs=int(first[-1]),
        )
        rest = (np.concatenate([getattr(part, name) for part in parts]) for name in KNOWN)
        return cls(clicks, *rest)

    def of(self, chosen: Array) -> Light:
        """Those runs for which `chosen` (run,) is true."""
        runs = np.flatnonzero(chosen)
        kept = np.isin(self.clicks.run, runs)
        clicks = replace(
            self.clicks,
            time=self.clicks.time[kept],
            channel=self.clicks.channel[kept],
            run=np.searchsorted(runs, self.clicks.run[kept]),
            runs=len(runs),
        )
        return Light(clicks, *(getattr(self, name)[runs] for name in KNOWN))

    @cached_property
    def counts(self) -> tuple[Array, Array]:
        """Middles (s) of bins of 10 us and the clicks of all runs and both detectors in them."""
        edges = np.linspace(0, self.clicks.duration, round(self.clicks.duration / 1e-5) + 1)
        found, _ = np.histogram(self.clicks.time, edges)
        return (edges[1:] + edges[:-1]) / 2, found.astype(float)

    @cached_property
    def fit(self) -> Fit:
        """An exponential through them."""
        return fit_lifetime(*self.counts, background=0.0)

    @cached_property
    def lifetime(self) -> tuple[float, float]:
        """Its lifetime (s) and the standard error over runs; NaN if some of the runs do not determine it."""

        def life(light: Light) -> float:
            try:
                return light.fit["lifetime"][0]
            except InputError:
                return math.nan

        return self.fit["lifetime"][0], float(self.error(life))

    @cached_property
    def _without(self) -> tuple[Light, ...]:
        """All runs but one block of them, for each block."""
        block = np.arange(self.clicks.runs) % BLOCKS
        return tuple(self.of(block != k) for k in range(BLOCKS))

    def error(self, statistic: Callable[[Light], ArrayLike]) -> Array:
        """Standard error of numbers computed from all runs, by the jackknife over blocks of runs.

        The runs differ by the lattice's phase and the number of atoms: the clicks of one run are not independent of each other,
        and the errors of fits, which take them so, are too small.
        """
        found = np.array([statistic(light) for light in self._without])
        return np.asarray(np.sqrt((BLOCKS - 1) * found.var(axis=0)))

    @cached_property
    def lit(self) -> Light:
        """The runs with a few clicks: those of one or two make no mean of ratios."""
        return self.of(np.min([self.clicks.counts(label) for label in LABELS], axis=0) >= LEAST)

    @cached_property
    def xi(self) -> PhotonCorrelation:
        """xi(tau) of whole runs (Eq. 1)."""
        return photon_correlation(self.lit.clicks, delays(LONG, 8e-8), *LABELS)

    @cached_property
    def xi_zero(self) -> tuple[float, float]:
        """xi within 10 ns of zero delay, and its error."""
        found = photon_correlation(self.lit.clicks, [-1e-8, 1e-8], *LABELS)
        return float(found.value[0]), float(found.error[0])

    @cached_property
    def bright(self) -> ClickRecords:
        """Windows chosen as the paper does."""
        return bright_windows(self.clicks, *rule())

    @cached_property
    def chosen(self) -> Whole:
        """Their places run x windows + window: the same rule, counted here to know which they are."""
        window, minimum, within = rule()
        each = self.atoms.shape[1]
        place = np.floor(self.clicks.time / window).astype(np.int64)
        early = (self.clicks.time - place * window < within) & (place < each)
        index = (self.clicks.run * each + place)[early]
        return np.flatnonzero(np.bincount(index, minlength=self.clicks.runs * each) >= minimum)

    @cached_property
    def g2(self) -> PhotonCorrelation:
        """Their correlation (Eq. 1)."""
        return photon_correlation(self.bright, delays(SHORT, 1e-8), *LABELS)

    def true(self, name: str, *, chosen: bool = True) -> float:
        """Mean of "atoms" or "decay" over the chosen windows, or over all in which an atom sends light."""
        values = getattr(self, name).ravel()
        places = self.chosen if chosen else np.flatnonzero(self.atoms.ravel() > 0)
        return float(np.nanmean(values[places]))

    def g2_at(self, occupation: float, other: float) -> PhotonCorrelation:
        """`g2` if the mean number of atoms in a site were not `occupation` but `other`.

        The runs with the same number of atoms are weighted with the probability of that number.
        """
        parts = [part.g2 for part in self.sets.values()]
        share = self._ratios(occupation, np.array([other]))[0] * [part.runs for part in parts]
        share /= share.sum()
        value = share @ np.array([part.value for part in parts])
        error = np.sqrt(share**2 @ np.array([part.error for part in parts]) ** 2)
        return replace(self.g2, value=value, error=error)

    def fitted(
        self, occupation: float, other: float, weights: str = "conditional"
    ) -> dict[str, tuple[float, float]]:
        """ "g2" about zero delay, "atoms" and "gamma" of `fit_g2`, of `g2_at`; each with its standard error over runs, NaN if not determined."""

        def numbers(light: Light) -> list[float]:
            curve = light.g2_at(occupation, other)
            try:
                fit = fit_g2(curve, weights)
            except InputError:  # too few pairs
                return [dip(curve), math.nan, math.nan]
            return [dip(curve), fit["atoms"][0], fit["gamma"][0]]

        values = (float(value) for value in numbers(self))
        return dict(
            zip(("g2", "atoms", "gamma"), zip(values, self.error(numbers).tolist(), strict=True), strict=True)
        )

    def numbers(self, occupation: float, others: Array) -> tuple[Array, Array]:
        """Mean numbers of atoms in chosen windows and in all with light, at each of `others` likewise."""
        ratio = self._ratios(occupation, others)
        found = []
        for chosen in (True, False):
            windows = [
                len(part.chosen) if chosen else int((part.atoms > 0).sum()) for part in self.sets.values()
            ]
            weight = ratio * windows
            means = np.array([part.true("atoms", chosen=chosen) for part in self.sets.values()])
            found.append(weight @ means / weight.sum(axis=1))
        return found[0], found[1]

    @cached_property
    def sets(self) -> dict[int, Light]:
        """The runs with 1, 2, ... atoms, as far as they have bright windows."""
        parts = {n: self.of(self.number == n) for n in range(1, MOST + 1)}
        return {n: part for n, part in parts.items() if len(part.chosen) > 1}

    def _ratios(self, occupation: float, others: Array) -> Array:
        """Probability of each set's number at other occupations over that at this one, (other, set)."""
        numbers = list(self.sets)
        given = poisson_weights(occupation, MOST)[numbers]
        return np.array([poisson_weights(float(n), MOST)[numbers] / given for n in others])


def dip(found: PhotonCorrelation) -> float:
    """The correlation in the bin about zero delay."""
    return float(found.value[len(found.value) // 2])


def fit_g2(found: PhotonCorrelation, weights: str = "conditional") -> Fit:
    """The paper's fit to it: mean number of atoms and decay rate.

    All bins weigh the same: their errors come from a few pairs each, follow the values and would pull the fit down.
    """
    return fit_antibunching(found.delay, found.value, np.ones(len(found.delay)), weights=weights)


def rule() -> tuple[float, int, float]:
    """The paper's bright windows: length (s), least number of counts, and the time (s) in which they must come."""
    above = printed("bright_counts")
    return printed("bright_window", "time"), int(above) + 1, printed("bright_within", "time")


def delays(longest: float, width: float) -> Array:
    """Edges of bins about 0."""
    count = round(longest / width)
    return np.linspace(-count + 0.5, count - 0.5, 2 * count) * width
