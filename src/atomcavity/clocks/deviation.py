"""`deviation`: Allan and related deviations by allantools, with confidence intervals, as a named object."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import InputError, number, reals, require, unknown
from atomcavity.results import Record, Result, axes_or_new, quantity

from .confidence import KINDS, Kind, degrees_of_freedom, interval_of, noise_types
from .series import FrequencySeries

Real = NDArray[np.float64]

STEPS = {"octave": (1,), "decade": (1, 2, 4)}  # numbers of samples in each octave or decade


@dataclass(frozen=True, eq=False, repr=False)
class Deviation(Result):
    """A deviation against the averaging time, with its confidence interval."""

    tau: Real = quantity("tau", unit="s", label="averaging time")
    value: Real = quantity("tau", label="deviation (tdev: s)")
    lower: Real = quantity("tau", label="lower end of the confidence interval")
    upper: Real = quantity("tau", label="upper end of the confidence interval")
    samples: NDArray[np.int64] = quantity("tau", label="differences that were averaged")
    degrees_of_freedom: Real = quantity("tau", label="equivalent degrees of freedom of the variance")
    noise_type: NDArray[np.int64] = quantity("tau", label="exponent alpha of S_y identified at tau")
    kind: str = quantity(label="kind of deviation")
    confidence: float = quantity(label="probability of the confidence interval")

    def at(self, tau: float) -> float:
        """The deviation at `tau` (s), between computed ones by a power law; `InputError` outside them."""
        wanted = number(tau, "tau")
        low, high = self.tau[0], self.tau[-1]
        require(
            low * (1 - 1e-9) <= wanted <= high * (1 + 1e-9),
            f"tau = {wanted:.6g} s given; the deviation is known from {low:.6g} to {high:.6g} s",
        )
        near = np.isclose(self.tau, wanted, rtol=1e-9, atol=0)
        if near.any():
            return float(self.value[near][0])
        return float(np.exp(np.interp(math.log(wanted), np.log(self.tau), np.log(self.value))))

    def coefficient(
        self, slope: float = -0.5, *, between: tuple[float, float] | None = None
    ) -> tuple[float, float]:
        """(c, error) of the law c tau^slope, by a fit to all tau or to those `between` (s, ends included).

        c² is the mean of (value/tau^slope)² weighted by the degrees of freedom.  All tau share the same
        data, so that the error (one standard deviation) is that of the best determined one alone.

        Raises `InputError` if there is no tau in the range.
        """
        low, high = (0.0, math.inf) if between is None else between
        chosen = (self.tau >= low * (1 - 1e-9)) & (self.tau <= high * (1 + 1e-9))
        require(bool(chosen.any()), f"between = {between!r} s given; no averaging time lies there")
        weight = self.degrees_of_freedom[chosen]
        square = (self.value[chosen] / self.tau[chosen] ** slope) ** 2
        c = math.sqrt(float(np.average(square, weights=weight)))
        return c, c / math.sqrt(2 * float(weight.max()))

    def _summary(self) -> list[str]:
        unit = " s" if self.kind == "tdev" else ""
        rows = range(len(self.tau))
        lines = [
            f"tau = {self.tau[k]:.4g} s: {self.value[k]:.4g}{unit} ({self.lower[k]:.4g} to {self.upper[k]:.4g})"
            for k in rows
        ]
        shown = lines if len(lines) <= 12 else [*lines[:8], "...", *lines[-4:]]
        return [f"{self.kind}, interval of confidence {self.confidence:.4g}", *shown]

    def plot(self, ax: Any = None, **keywords: Any) -> Any:
        """The deviation with its confidence intervals, both axes logarithmic; keywords go to `errorbar`."""
        ax = axes_or_new(ax)
        bars = np.array([self.value - self.lower, self.upper - self.value])
        style = {"fmt": "o", "capsize": 1.5, "elinewidth": 0.8, "label": self.kind} | keywords
        ax.errorbar(self.tau, self.value, bars, **style)
        ax.set_xscale("log")
        ax.set_yscale("log")
        label = (
            r"time deviation $\sigma_x(\tau)$ (s)" if self.kind == "tdev" else r"deviation $\sigma_y(\tau)$"
        )
        ax.set(xlabel=r"averaging time $\tau$ (s)", ylabel=label)
        return ax


def deviation(
    series: FrequencySeries | ArrayLike,
    kind: str = "oadev",
    *,
    taus: str | ArrayLike = "octave",
    interval: float | None = None,
    confidence: float = 0.6827,
) -> Deviation:
    r"""Allan ("adev", overlapping "oadev"), modified, Hadamard ("hdev", "ohdev") or time deviation ("tdev", s).

    series: a `FrequencySeries`, or an array of fractional frequencies with their `interval` (s).
    taus: "octave" (1, 2, 4, 8, ... intervals), "decade" (1, 2, 4, 10, 20, ...), "all", or multiples of
    the interval (s); those too long for two differences are left out.  The values are allantools' (NIST
    SP 1065).  The interval of confidence follows from the $\chi^2$ distribution of the variance with the
    equivalent degrees of freedom of Greenhall and Riley (2004) for the noise identified at each tau by
    the lag-1 autocorrelation (Riley and Greenhall 2004), see `confidence`.

    Raises `InputError` for an unknown kind, a series with a value that is not finite (cycles that were
    lost leave a gap that no deviation here accounts for), or no tau that fits.

    >>> import numpy as np
    >>> y = np.random.default_rng(0).normal(size=1000)
    >>> white = deviation(y, interval=0.5)
    >>> c, error = white.coefficient(-0.5)
    >>> bool(abs(c - 0.5**0.5) < 4 * error)
    True
    """
    y, interval = _data(series, interval)
    if kind not in KINDS:
        raise unknown("kind of deviation", kind, KINDS)
    require(0.5 <= confidence < 1, f"confidence = {confidence!r} given; from 0.5 to below 1")
    m = _averaging(taus, interval, len(y), KINDS[kind])
    import allantools

    tau, value, _, count = getattr(allantools, kind)(
        y, rate=1.0 / interval, data_type="freq", taus=m * interval
    )
    m = np.rint(tau / interval).astype(np.int64)
    alpha = noise_types(y, m, KINDS[kind])
    edf = degrees_of_freedom(alpha, m, len(y) + 1, KINDS[kind])
    lower, upper = interval_of(value, edf, confidence)
    given = {"kind": kind, "interval": interval, "confidence": confidence, "samples": len(y)}
    source = series.record.parameters if isinstance(series, FrequencySeries) else {}
    return Deviation(
        record=Record(method=f"allantools.{kind}", parameters={**given, "series": source}),
        tau=tau,
        value=value,
        lower=lower,
        upper=upper,
        samples=count.astype(np.int64),
        degrees_of_freedom=edf,
        noise_type=alpha,
        kind=kind,
        confidence=float(confidence),
    )


def _data(series: FrequencySeries | ArrayLike, interval: float | None) -> tuple[Real, float]:
    if isinstance(series, FrequencySeries):
        require(interval is None, "interval given with a FrequencySeries, which has its own")
        y, interval = series.y, series.interval
    else:
        y = reals(series, "series")
        if interval is None:
            raise InputError("an array of frequencies needs interval (s), the time from one to the next")
        interval = number(interval, "interval")
    require(interval > 0, f"interval = {interval!r} s given; it must be positive")
    require(y.ndim == 1, f"frequencies of shape {y.shape} given; one row is expected")
    bad = np.flatnonzero(~np.isfinite(y))
    require(
        bad.size == 0,
        f"{bad.size} samples are not finite, the first is number {bad[0] if bad.size else 0}: "
        "a deviation takes no gaps, cut the series before them",
    )
    return y, interval


def _averaging(taus: str | ArrayLike, interval: float, samples: int, kind: Kind) -> NDArray[np.int64]:
    """Numbers of samples in each averaging time, those that leave at least two differences."""
    if isinstance(taus, str):
        if taus == "all":
            m: Iterable[float] = range(1, samples + 1)
        elif taus in STEPS:
            base = 2 if taus == "octave" else 10
            m = [s * base**k for k in range(64) for s in STEPS[taus] if s * base**k <= samples]
        else:
            raise unknown("choice of taus", taus, [*STEPS, "all"])
        numbers = np.array(list(m), dtype=np.int64)
    else:
        ratio = np.atleast_1d(np.asarray(taus, dtype=float)) / interval
        near = np.rint(ratio)
        require(
            bool(np.all((near >= 1) & (np.abs(ratio - near) <= 1e-6 * np.abs(near)))),
            f"taus must be positive multiples of the interval of {interval:.6g} s",
        )
        numbers = np.unique(near.astype(np.int64))
    d = kind.differences
    needed = numbers * d + 1 if kind.overlapping and not kind.modified else numbers * (d + 1)
    numbers = numbers[needed <= samples]
    require(numbers.size > 0, f"{samples} samples given: too few for two differences at any of the taus")
    return numbers
