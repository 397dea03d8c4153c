"""How often the truth lies within the error of the laboratory's fits: the same simulated experiment many times."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection import PhotonCounter
from atomcavity.detection.analysis import (
    align_sites,
    fit_antibunching,
    fit_histogram,
    fit_lifetime,
    fit_occupation,
)
from atomcavity.detection.analysis.correlations import atoms_g2
from atomcavity.detection.analysis.fit import Fit
from atomcavity.dynamics.probe.ring import ring_transmission
from atomcavity.studies.chip_loading.device import Device
from atomcavity.studies.chip_loading.published import printed, printed_row

Array = NDArray[np.float64]

TRAPS = 400  # of a histogram
SHARES = (0.15, 0.65, 0.2)  # of 0, 1, 2 atoms
SITES = 4000  # whose transmission is averaged
DECAY = (200.0, 0.162, 20.0)  # clicks a bin at first, lifetime (s), background
PAIRS = 30.0  # mean of a bin of g2
ALIGNED = 30  # runs of an alignment
WATCHED = 30  # sites of each
BRIGHTER = 10  # than the paper's probe, so that ten sites align
PASSAGE = 20e-6  # s, of a site
STEPS = 400  # of its light
BINS = 50  # of a passing site's light
OF_THESE = "occupation, number of sites untold"
OWN = "antibunching, errors of each bin's own pairs"


@dataclass(frozen=True)
class Covered:
    """Of one parameter of one fit: (value - truth)/error in each repetition."""

    fit: str
    parameter: str
    truth: float
    value: Array
    error: Array

    @property
    def pull(self) -> Array:
        """(value - truth)/error."""
        return np.asarray((self.value - self.truth) / self.error)

    def within(self, errors: float) -> float:
        """Share of the repetitions in which the truth lies within so many errors."""
        return float((np.abs(self.pull) < errors).mean())

    @property
    def uncertain(self) -> float:
        """Standard error of `within(1)` if 68.3 % are expected."""
        return math.sqrt(0.683 * 0.317 / len(self.value))


@dataclass(frozen=True)
class Coverage:
    """Fits of `detection.analysis` to simulated data with the paper's numbers as the truth."""

    device: Device
    quick: bool = False

    @property
    def repeats(self) -> int:
        """Of each simulated experiment."""
        return 12 if self.quick else 100

    @cached_property
    def rows(self) -> tuple[Covered, ...]:
        """Every parameter of every fit."""
        occupation = {"occupation": self.device.occupation}
        of_these = partial(self._occupation, whole=False)
        width = {"width": printed("width"), "scale": printed("scale")}
        published = (*printed_row("shares"), 1 - sum(printed_row("shares")))
        return (
            *self._covered("histogram", partial(_histogram, SHARES), _shares(SHARES) | width, 1),
            *self._covered(
                "histogram, no empty trap", partial(_histogram, published), _shares(published[1:], 1), 6
            ),
            *self._covered("occupation", self._occupation, occupation, 2),
            *self._covered(OF_THESE, of_these, occupation, 2),
            *self._covered("lifetime", _lifetime, {"lifetime": DECAY[1]}, 3),
            *self._covered("antibunching", _antibunching, _pair_truth(), 4),
            *self._covered(OWN, _own_errors, _pair_truth(), 4),
            self.alignment,
        )

    def row(self, fit: str, parameter: str) -> Covered:
        """One of them."""
        return next(row for row in self.rows if (row.fit, row.parameter) == (fit, parameter))

    def _covered(
        self, name: str, work: Callable[[np.random.Generator], Fit], truths: Mapping[str, float], seed: int
    ) -> tuple[Covered, ...]:
        fits = [work(np.random.default_rng([seed, k])) for k in range(self.repeats)]
        return tuple(
            Covered(name, parameter, truth, *np.array([fit[parameter] for fit in fits]).T)
            for parameter, truth in truths.items()
        )

    def _occupation(self, rng: np.random.Generator, whole: bool = True) -> Fit:
        """Counts of sites with Poisson numbers of atoms, summed over the sites, in bins of 0.4 us.

        whole: the scatter of the numbers is a part of the error
        """
        time = np.linspace(0, PASSAGE, BINS)
        curves = self._curves(time)
        each = self.device.counter.flux * (time[1] - time[0])
        number = np.minimum(rng.poisson(self.device.occupation, SITES), len(curves) - 1)
        sites = np.bincount(number, minlength=len(curves))
        counts = rng.poisson(each * (sites @ curves))
        error = np.full(len(counts), math.sqrt(counts.mean())) / (each * SITES)
        first = fit_occupation(time, counts / (each * SITES), error, curves)
        error = np.sqrt(first.model / (each * SITES))
        return fit_occupation(time, counts / (each * SITES), error, curves, sites=SITES if whole else None)

    def _curves(self, time: Array) -> Array:
        """T_n of n = 0 ... 11 atoms that come as near as 150 nm above the middle and leave again, without light shift."""
        height = 150e-9 + 100e-9 * ((time - 9e-6) / 3e-6) ** 2
        g = self.device.coupling(np.stack([0 * height, 0 * height, height], axis=-1))
        given = self.device.experiment.ring
        ring = {"kappa": given.kappa, "kappa_ext": given.kappa_ext, "backscattering": given.backscattering}
        return np.array(
            [
                ring_transmission(g=np.repeat(g[:, None], n, axis=1), gamma=self.device.gamma, **ring)
                for n in range(12)
            ]
        )

    @cached_property
    def alignment(self) -> Covered:
        """Scatter of the arrivals against that of all repetitions together."""
        period = math.tau / self.device.experiment.belt.frequency
        shape = self._curves(np.linspace(0, PASSAGE, STEPS, endpoint=False))[1]
        shape = np.roll(shape, -int(shape.argmax()))
        offset = np.random.default_rng(5).integers(STEPS, size=ALIGNED * self.repeats)
        step = np.arange(WATCHED * 60 + 1)  # 60 of each site
        phase = (step * STEPS // 60) - offset[:, None]
        light = PhotonCounter(BRIGHTER * self.device.counter.flux)
        clicks = light.clicks(step * period / 60, shape[phase % STEPS], seed=5)
        found = align_sites(clicks, period, template=shape)
        spread = found.difference.reshape(self.repeats, ALIGNED).std(axis=1, ddof=1)
        error = spread / math.sqrt(2 * (ALIGNED - 1))
        return Covered("alignment", "scatter", found.scatter, spread, error)


def _shares(values: Sequence[float], first: int = 0) -> dict[str, float]:
    return {f"P{n}": value for n, value in enumerate(values, start=first)}


def _histogram(shares: Sequence[float], rng: np.random.Generator) -> Fit:
    """Counts of traps with 0, 1 or 2 atoms by Eq. (7)."""
    background = (printed("background"), printed("background_width"))
    ratios = printed_row("ratios")
    n = rng.choice(len(shares), TRAPS, p=shares)
    mean = background[0] * np.array([1.0, *(printed("scale") * r for r in ratios)])
    spread = np.array([background[1], *(printed("width") * np.sqrt(mean[1:]))]) / math.sqrt(2)
    counts = rng.normal(mean[n], spread[n])
    return fit_histogram(counts, background=background, ratios=(ratios[0], ratios[1]))


def _lifetime(rng: np.random.Generator) -> Fit:
    """Poisson counts of a decay on a background, both unknown."""
    amplitude, life, background = DECAY
    time = np.linspace(0, 0.6, 25)
    return fit_lifetime(time, rng.poisson(amplitude * np.exp(-time / life) + background), background=None)


def _pair_truth() -> dict[str, float]:
    return {"atoms": printed_row("fitted_atoms")[0], "gamma": printed_row("fitted_decay", "angular")[0]}


def _pairs(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Delays, g2 and its errors of bins of Poisson numbers of pairs with the published number and decay."""
    delay = np.linspace(-30e-9, 30e-9, 61)
    truth = _pair_truth()
    counts = rng.poisson(PAIRS * atoms_g2(delay, truth["atoms"], truth["gamma"]))
    return delay, np.asarray(counts / PAIRS), np.asarray(np.sqrt(np.maximum(counts, 1)) / PAIRS)


def _antibunching(rng: np.random.Generator) -> Fit:
    """With the errors that a first fit in equal weights expects."""
    delay, g2, error = _pairs(rng)
    first = fit_antibunching(delay, g2, np.full(len(delay), math.sqrt(np.mean(error**2))))
    return fit_antibunching(delay, g2, np.sqrt(first.model / PAIRS))


def _own_errors(rng: np.random.Generator) -> Fit:
    """With the errors that each bin's own pairs give."""
    return fit_antibunching(*_pairs(rng))
