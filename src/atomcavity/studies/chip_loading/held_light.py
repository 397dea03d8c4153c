"""The record of the light of held atoms: its decay, its correlations, bright windows and what a simulation knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection import ClickRecords
from atomcavity.detection.analysis import fit_antibunching, fit_lifetime, photon_correlation
from atomcavity.detection.analysis.correlations import PhotonCorrelation, bright_windows
from atomcavity.detection.analysis.fit import Fit
from atomcavity.detection.analysis.occupation import poisson_weights
from atomcavity.detection.fluorescence import LABELS
from atomcavity.studies.chip_loading.published import printed

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

SHORT = 1.5e-7  # s: delays of the fit
LEAST = 5  # clicks of each detector in a run of xi


@dataclass(frozen=True, eq=False)
class Light:
    """Clicks of all runs, and what the simulation knows of the atoms in each window of each run.

    number  atoms in the site at the start, (run,)
    atoms   number of atoms that the light comes from, (sum w)^2/sum w^2 of their rates w, (run, window)
    decay   total decay rate of the atoms, weighted with their light (rad/s), (run, window)
    """

    clicks: ClickRecords
    number: Whole
    atoms: Array
    decay: Array

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
        rest = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("number", "atoms", "decay")
        )
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
        return Light(clicks, self.number[runs], self.atoms[runs], self.decay[runs])

    @cached_property
    def counts(self) -> tuple[Array, Array]:
        """Middles (s) of bins of 10 us and the clicks of all runs and both detectors in them."""
        edges = np.linspace(0, self.clicks.duration, round(self.clicks.duration / 1e-5) + 1)
        found, _ = np.histogram(self.clicks.time, edges)
        return (edges[1:] + edges[:-1]) / 2, found.astype(float)

    @cached_property
    def lifetime(self) -> Fit:
        """An exponential through them."""
        return fit_lifetime(*self.counts, background=0.0)

    @cached_property
    def correlation(self) -> PhotonCorrelation:
        """xi(tau) of whole runs (Eq. 1), of those with a few clicks."""
        least = np.min([self.clicks.counts(label) for label in LABELS], axis=0)
        return photon_correlation(self.of(least >= LEAST).clicks, delays(2e-6, 4e-8), *LABELS)

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

    @property
    def dip(self) -> tuple[float, float]:
        """g2 in the bin about zero delay, and its error."""
        middle = len(self.g2.value) // 2
        return float(self.g2.value[middle]), float(self.g2.error[middle])

    def fit(self, weights: str = "conditional") -> Fit:
        """The paper's fit to it: mean number of atoms and decay rate."""
        found = self.g2
        return fit_antibunching(found.delay, found.value, np.maximum(found.error, 1e-3), weights=weights)

    def true(self, name: str, *, chosen: bool = True) -> float:
        """Mean of "atoms" or "decay" over the chosen windows, or over all in which an atom sends light."""
        values = getattr(self, name).ravel()
        places = self.chosen if chosen else np.flatnonzero(self.atoms.ravel() > 0)
        return float(np.nanmean(values[places]))

    def at_occupations(self, occupation: float, others: Array) -> tuple[Array, Array]:
        """`dip` and its error if the mean number in a site were not `occupation` but each of `others`.

        The runs with the same number of atoms are weighted with the probability of that number.
        """
        most = int(self.number.max())
        sets = [self.of(self.number == n) for n in range(1, most + 1)]
        dips = np.array([part.dip for part in sets])
        windows = np.array([part.g2.runs for part in sets])
        ratio = np.array(
            [(poisson_weights(float(n), most) / poisson_weights(occupation, most))[1:] for n in others]
        )
        share = ratio * windows / (ratio * windows).sum(axis=1, keepdims=True)
        return share @ dips[:, 0], np.sqrt(share**2 @ dips[:, 1] ** 2)


def rule() -> tuple[float, int, float]:
    """The paper's bright windows: length (s), least number of counts, and the time (s) in which they must come."""
    above = printed("bright_counts")
    return printed("bright_window", "time"), int(above) + 1, printed("bright_within", "time")


def delays(longest: float, width: float) -> Array:
    """Edges of bins about 0."""
    count = round(longest / width)
    return width * (np.arange(-count, count) + 0.5)
