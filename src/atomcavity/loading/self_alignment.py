"""The belt that aligns itself: the phase of the lattice from the clicks of its first sites steers it (Zhou et al. 2026, Sec. III)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection import ClickRecords
from atomcavity.detection.analysis.alignment import align_sites
from atomcavity.errors import number, require

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

    def of(self, run: int) -> SelfAlignment:
        """That of one run."""
        return replace(self, height=self.height[run : run + 1])

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


@dataclass(frozen=True, eq=False)
class AlignedStop:
    """A rule for a `Controller`: the alarm at which the belt must begin to stop for a site to come to rest at a wanted height.

    The phase of the lattice is taken from the clicks of the first `sites` of the same run, see `self_align`; the belt is stopped for
    the next site after them.  A `Controller` with a latency acts later: the site then rests frequency_hz latency lower, so raise
    `height` by that.

    frequency_hz, template, start, sites, window   as in `self_align`
    height  wanted, of the site at rest (d), of the lattice continued to the chip
    stop    time (s) within which the controller stops the belt, linearly
    begin   from this time of the record on the sites are counted (s)
    random  None: from `begin`; a seed: later by a random part of a period in each run, as if the phase of the lattice were random

    >>> import numpy as np
    >>> from atomcavity.detection import PhotonCounter
    >>> pulse = 1e5 + 4e6 * np.exp(-(((np.arange(100) - 60) / 10) ** 2))   # counts/s through a period of 20 us, from z_0 = 0.9 d on
    >>> light = np.tile(pulse / 5e6, 12)
    >>> clicks = PhotonCounter(flux=5e6).clicks(np.arange(1200) * 0.2e-6, light[None], seed=1)
    >>> rule = AlignedStop(50e3, pulse, start=0.9, height=0.3, stop=10e-6)
    >>> time = float(rule.first_alarm(clicks)[0])                       # after ten sites; the site rests 5 us x 50 kHz = 0.25 d lower
    >>> abs((0.9 - 50e3 * time - 0.25) % 1.0 - 0.3) < 0.02
    True
    """

    frequency_hz: float
    template: Array
    start: float
    height: float
    stop: float
    sites: int = 10
    window: float | None = None
    begin: float = 0.0
    random: int | None = None

    def __post_init__(self) -> None:
        for name in ("frequency_hz", "stop"):
            require(number(getattr(self, name), name) > 0, f"{name} must be positive")
        require(self.sites >= 1, f"sites = {self.sites!r} must be at least 1")
        require(self.begin >= 0, f"begin = {self.begin!r} must not be negative (s)")

    def first_alarm(self, clicks: ClickRecords) -> Array:
        """When the belt must begin to stop in each run (s), NaN while its first sites are not yet over, shape (run,)."""
        period = 1 / self.frequency_hz
        begin = np.full(clicks.runs, self.begin)
        if self.random is not None:
            rng = np.random.default_rng([self.random, clicks.record.seed or 0])
            begin += period * rng.random(clicks.runs)
        length = self.sites * period
        if clicks.duration < float(begin.max()) + length:
            return np.full(clicks.runs, np.nan)
        since = clicks.time - begin[clicks.run]
        seen = (since >= 0) & (since < length)
        first = replace(
            clicks, time=since[seen], run=clicks.run[seen], channel=clicks.channel[seen], duration=length
        )
        found = self_align(
            first, self.frequency_hz, self.template, self.start, sites=self.sites, window=self.window
        )
        return begin + found.halt(self.height, self.stop)


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
