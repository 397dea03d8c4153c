"""The belt that aligns itself: the phase of the lattice from the clicks of its first sites (Zhou et al. 2026, Sec. III)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection import ClickRecords
from atomcavity.detection.analysis.alignment import align_sites

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SelfAlignment:
    """Where the sites of each run are, found from its first `sites`.

    height  z_0/d at t = 0 of the sites, modulo 1, (run,): the site k is at height + k - frequency_hz t; NaN without clicks
    error   standard error (d) expected from the number of clicks alone, see `click_limit`; the numbers of atoms and their motion add to it
    """

    height: Array
    error: float
    sites: int
    frequency_hz: float

    def deviation(self, true: Array) -> Array:
        """Found minus true height (d), in [-1/2, 1/2)."""
        turn = self.height - true
        return np.asarray(turn - np.round(turn))

    def arrival(self, height: float = 0.0) -> Array:
        """First time (s), from t = 0 on, at which a site is at `height` (d), (run,)."""
        return np.asarray((self.height - height) % 1.0 / self.frequency_hz)

    def halt(self, height: float, stop: float) -> Array:
        """When the belt must begin to slow down, linearly within `stop` (s), for a site to come to rest at `height` (d), (run,).

        The first time after the sites that the run is aligned by; while it slows down the belt moves by frequency_hz stop/2 sites.
        """
        begin = self.arrival(height + self.frequency_hz * stop / 2)
        late = self.sites / self.frequency_hz
        return np.asarray(begin + np.ceil((late - begin) * self.frequency_hz) / self.frequency_hz)


def self_align(
    clicks: ClickRecords,
    frequency_hz: float,
    template: Array,
    start: float,
    *,
    sites: int = 10,
    window: float | None = None,
) -> SelfAlignment:
    """Phase of the lattice from the clicks of the first `sites` in the same run, on a belt of `frequency_hz`.

    template  expected counts/s (tick,) through one period in equal steps, from the moment on at which a site is at `start` (d)
    window    None: by maximum likelihood with the template, which uses every click.  A time (s): where the clicks are densest in a
              running window, as published, taken for the moment at which they are so in the template
    """
    period = 1 / frequency_hz
    if window is None:
        found = align_sites(clicks, period, sites=sites, template=template)
        reference = start
    else:
        found = align_sites(clicks, period, sites=sites, window=window)
        reference = start - densest(template, window / period)
    height = (reference + found.offset / period) % 1.0
    return SelfAlignment(height, click_limit(template, period, sites) / period, sites, frequency_hz)


def densest(template: Array, window: float) -> float:
    """Where, in parts of the period after its start, a running window (in parts of it) holds most of the template."""
    size = max(1, round(window * len(template)))
    sums = np.convolve(np.concatenate([template, template[: size - 1]]), np.ones(size), "valid")
    return float((np.argmax(sums) + (size - 1) / 2) / len(template) % 1.0)


def click_limit(template: Array, period: float, sites: int) -> float:
    r"""Cramer-Rao bound (s) of the arrival from the clicks of `sites` with this rate: $[\sum\int\dot r^2/r\,dt]^{-1/2}$."""
    slope = (np.roll(template, -1) - np.roll(template, 1)) / (2 * period / len(template))
    information = sites * float(np.mean(slope**2 / template)) * period
    return 1 / math.sqrt(information)
