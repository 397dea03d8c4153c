"""Decision rules: when do the clicks say that an atom has arrived, and how many?

A rule is a value that sees clicks only.  `first_alarm` gives the time at which it fires in each run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.counting import run_bounds
from atomcavity.detection.records import ClickRecords
from atomcavity.errors import number, require

Real = NDArray[np.float64]


class Rule(Protocol):
    """What fires at most once in a run of clicks."""

    def first_alarm(self, clicks: ClickRecords) -> Real:
        """Time of the alarm in each run (s), NaN where there is none, shape (run,)."""


def _channel(clicks: ClickRecords) -> None:
    require(
        len(clicks.labels) == 1 and not clicks.pulsed,
        f"a decision rule takes the clicks of one channel in separate runs, not of {len(clicks.labels)}",
    )


def _positive(owner: Any, *names: str) -> None:
    for name in names:
        value = number(getattr(owner, name), name)
        require(value > 0, f"{name} = {value:g} must be positive")
        object.__setattr__(owner, name, value)


@dataclass(frozen=True)
class CountThreshold:
    """An alarm at the click that makes `count` clicks within the last `window` seconds (Zhou et al. 2026: 10 in 10 µs).

    >>> round(CountThreshold(7, 10e-6).false_alarm_rate(75e3), 2)  # per second; 0.078 in 10 ms
    7.82
    """

    count: int
    window: float

    def __post_init__(self) -> None:
        whole = isinstance(self.count, (int, np.integer)) and not isinstance(self.count, bool)
        require(whole and self.count >= 1, f"count = {self.count!r} must be a whole number >= 1")
        object.__setattr__(self, "count", int(self.count))
        _positive(self, "window")

    def first_alarm(self, clicks: ClickRecords) -> Real:
        """Time of the alarm in each run (s), NaN where there is none, shape (run,)."""
        from atomcavity.detection.rules_kernel import count_alarms

        _channel(clicks)
        return np.asarray(count_alarms(clicks.time, *run_bounds(clicks), self.count, self.window))

    def false_alarm_rate(self, rate: float) -> float:
        """Alarms per second in Poisson clicks of the constant `rate` (1/s), no dead time; `run_lengths.scan_false_alarms`."""
        from atomcavity.detection.run_lengths import scan_false_alarms

        require(number(rate, "rate") > 0, f"rate = {rate!r} must be positive (1/s)")
        return scan_false_alarms(rate, self.count, self.window)


@dataclass(frozen=True)
class Cusum:
    """Page's cumulative sum for a Poisson rate that rises from `rate_off` to `rate_on` (1/s) at an unknown time.

    The sum grows by ln(rate_on/rate_off) at a click, falls by (rate_on - rate_off) a second, rests at 0, and fires at
    `level`: no other rule with as few false alarms finds a lasting step sooner (Moustakides 1986, Lorden 1971).

    >>> rule = Cusum(75e3, 372e3, level=9.5)
    >>> round(rule.false_alarm_rate(75e3), 1)  # per second
    7.8
    """

    rate_off: float
    rate_on: float
    level: float

    def __post_init__(self) -> None:
        _positive(self, "rate_off", "rate_on", "level")
        require(
            self.rate_on > self.rate_off,
            f"rate_on = {self.rate_on:g} must exceed rate_off = {self.rate_off:g} (1/s)",
        )

    @property
    def gain(self) -> float:
        """Growth of the sum at a click, ln(rate_on/rate_off)."""
        return math.log(self.rate_on / self.rate_off)

    @property
    def drift(self) -> float:
        """Fall of the sum between clicks, rate_on - rate_off (1/s)."""
        return self.rate_on - self.rate_off

    def first_alarm(self, clicks: ClickRecords) -> Real:
        """Time of the alarm in each run (s), NaN where there is none, shape (run,)."""
        from atomcavity.detection.rules_kernel import cusum_alarms

        _channel(clicks)
        bounds = run_bounds(clicks)
        return np.asarray(cusum_alarms(clicks.time, *bounds, self.gain, self.drift, self.level))

    def mean_run_length(self, rate: float) -> float:
        """Mean time (s) from the start to the alarm in Poisson clicks of the constant `rate` (1/s)."""
        from atomcavity.detection.run_lengths import cusum_run_length

        return cusum_run_length(number(rate, "rate"), self.gain, self.drift, self.level)

    def false_alarm_rate(self, rate: float) -> float:
        """Alarms per second in Poisson clicks of the constant `rate` (1/s), no dead time: 1/mean_run_length."""
        return 1 / self.mean_run_length(rate)

    @classmethod
    def at_false_alarms(cls, rate_off: float, rate_on: float, alarms: float) -> Cusum:
        """The rule whose level gives `alarms` false alarms a second at `rate_off`; `InputError` if there is none."""
        from scipy.optimize import brentq

        require(
            0 < number(alarms, "alarms") < rate_off,
            f"alarms = {alarms!r} must lie between 0 and the rate of the clicks, {rate_off:g} 1/s",
        )

        def excess(level: float) -> float:
            return math.log(cls(rate_off, rate_on, level).false_alarm_rate(rate_off) / alarms)

        lowest = cls(rate_off, rate_on, 1.0).gain * 1e-6
        highest = 1.0
        while excess(highest) > 0:
            highest *= 1.5
        return cls(rate_off, rate_on, float(brentq(excess, lowest, highest, xtol=1e-9)))


@dataclass(frozen=True, eq=False)
class LikelihoodRatio:
    """Posterior over the number of atoms n = 0, 1, 2, ... of a site whose time of arrival is known.

    time        ascending times (s) from the start of the template
    rates       expected count rate of each hypothesis, (hypothesis, time), positive (1/s); linear in its logarithm
    prior       probability of each hypothesis, (hypothesis,)
    atoms       n of each hypothesis; None: 0, 1, 2, ...  Several of one n stand for what else is unknown: sample
                trajectories of atoms that move at random (then the mean rate alone makes the posterior too sure), or times
                of arrival
    wanted      the n that fires; 1: sites with two atoms are rejected
    confidence  posterior probability of `wanted` at which it fires
    earliest    no alarm before this time of the template (s): more has then been seen

    With the clicks t_i until t, P(n | clicks) is the sum over the hypotheses of n of prior prod_i r(t_i) exp(-int_0^t r dt),
    divided by that of all.  Raises `InputError` for rates or probabilities that cannot be.

    >>> from atomcavity.detection.counting import PhotonCounter
    >>> time = np.linspace(0, 100e-6, 101)
    >>> rates = np.array([75e3, 200e3, 320e3])[:, None] * np.ones(101)
    >>> rule = LikelihoodRatio(time, rates, prior=[0.3, 0.4, 0.3], confidence=0.95)
    >>> runs = PhotonCounter(1.0).clicks(time, rates, seed=1)  # a run with 0, 1 and 2 atoms
    >>> rule.number(runs).tolist()
    [0, 1, 2]
    """

    time: ArrayLike
    rates: ArrayLike
    prior: ArrayLike
    atoms: ArrayLike | None = None
    wanted: int = 1
    confidence: float = 0.9
    earliest: float = 0.0

    def __post_init__(self) -> None:
        time, rates, prior = (np.asarray(x, dtype=float) for x in (self.time, self.rates, self.prior))
        axis = time.ndim == 1 and len(time) > 1 and bool(np.all(np.diff(time) > 0))
        require(
            axis and bool(np.all(np.isfinite(time))), "time must be two or more finite, ascending times (s)"
        )
        require(
            rates.ndim == 2
            and rates.shape[1] == len(time)
            and bool(np.all(np.isfinite(rates) & (rates > 0))),
            f"rates must be positive and finite, (hypothesis, time) with {len(time)} times; their shape is {rates.shape}",
        )
        good = prior.shape == (len(rates),) and bool(np.all(prior > 0)) and abs(prior.sum() - 1) < 1e-9
        require(good, f"prior must be {len(rates)} positive probabilities with the sum 1")
        atoms = np.arange(len(rates)) if self.atoms is None else np.asarray(self.atoms)
        whole = atoms.shape == (len(rates),) and bool(np.all((atoms >= 0) & (atoms == np.round(atoms))))
        require(whole, f"atoms must be {len(rates)} whole numbers >= 0, one for each hypothesis")
        require(self.wanted in atoms, f"wanted = {self.wanted!r} must be one of {np.unique(atoms).tolist()}")
        require(0 < self.confidence < 1, f"confidence = {self.confidence!r} must lie between 0 and 1")
        for name, value in (
            ("time", time),
            ("rates", rates),
            ("prior", prior),
            ("atoms", atoms.astype(np.int64)),
        ):
            object.__setattr__(self, name, value)

    def posterior(self, clicks: ClickRecords, starts: ArrayLike = 0.0) -> Real:
        """P(n | clicks until t) at the template's times, (run, time, n); the template begins at `starts` (s, run by run)."""
        return self._posterior(clicks, starts, 0)

    def final(self, clicks: ClickRecords, starts: ArrayLike = 0.0) -> Real:
        """P(n | clicks) at the template's end, (run, n)."""
        return self._posterior(clicks, starts, len(np.asarray(self.time)) - 1)[:, 0]

    def number(self, clicks: ClickRecords, starts: ArrayLike = 0.0) -> NDArray[np.int64]:
        """The most probable n at the template's end, (run,)."""
        return self.final(clicks, starts).argmax(axis=1)

    def first_alarm(self, clicks: ClickRecords, starts: ArrayLike = 0.0) -> Real:
        """First of the template's times at which P(wanted) reaches the confidence, from the run's start (s); NaN: never."""
        time = np.asarray(self.time)
        first = int(np.searchsorted(time, self.earliest))
        if first == len(time):
            return np.full(clicks.runs, np.nan)
        sure = self._posterior(clicks, starts, first)[:, :, self.wanted] >= self.confidence
        found = time[first + sure.argmax(axis=1)] + np.asarray(starts, dtype=float)
        return np.where(sure.any(axis=1), found, np.nan)

    def _posterior(self, clicks: ClickRecords, starts: ArrayLike, shown: int) -> Real:
        """P(n | clicks) from the template's time number `shown` on."""
        from atomcavity.detection.rules_kernel import posteriors

        _channel(clicks)
        time, rates, atoms = np.asarray(self.time), np.asarray(self.rates), np.asarray(self.atoms)
        begin = np.ascontiguousarray(np.broadcast_to(np.asarray(starts, dtype=float), (clicks.runs,)))
        out = np.empty((clicks.runs, len(time) - shown, int(atoms.max()) + 1))
        prior = np.log(np.asarray(self.prior))
        logs, bounds = np.log(rates), run_bounds(clicks)
        posteriors(clicks.time, *bounds, begin, time, logs, _integrals(time, rates), prior, atoms, shown, out)
        return out


def _integrals(time: Real, rates: Real) -> Real:
    """int_0^t of rates whose logarithm is linear between the times, (hypothesis, time)."""
    logs = np.diff(np.log(rates), axis=1)
    flat = np.abs(logs) < 1e-6
    even = (rates[:, 1:] + rates[:, :-1]) / 2
    mean = np.where(flat, even, np.diff(rates, axis=1) / np.where(flat, 1.0, logs))
    return np.pad(np.cumsum(mean * np.diff(time), axis=1), ((0, 0), (1, 0)))
