"""Photon correlations of a fluctuating number of moving atoms (Zhou et al. 2026, Eqs. 1-4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.analysis.fit import Fit, checked, fit_result, least_squares
from atomcavity.detection.correlator import correlate, delay_edges
from atomcavity.detection.records import ClickRecords
from atomcavity.errors import number, require, unknown
from atomcavity.results import Record, Result, axes_or_new, quantity

Real = NDArray[np.float64]

WEIGHTS = ("conditional", "unconditional")
LARGEST = 40  # atoms in the Poisson average


@dataclass(frozen=True, eq=False, repr=False)
class PhotonCorrelation(Result):
    """xi(tau): the correlation of each run, normalised by that run's own rates, averaged over the runs (Eq. 1)."""

    delay: Real = quantity("delay", unit="s", label="delay at the middle of the bin")
    value: Real = quantity("delay", label="mean of the runs' normalised correlations")
    error: Real = quantity("delay", label="standard error from the scatter of the runs")
    runs: int = quantity(label="runs with clicks in both channels")

    def plot(self, ax: Any = None) -> Any:
        """The correlation with its error."""
        ax = axes_or_new(ax)
        ax.errorbar(self.delay * 1e6, self.value, self.error, fmt=".")
        ax.set(xlabel="delay τ (µs)", ylabel="correlation")
        return ax


def photon_correlation(
    clicks: ClickRecords, bins: ArrayLike, first: str, second: str | None = None
) -> PhotonCorrelation:
    """xi(tau) = < mean I_1(t) I_2(t + tau) / (mean I_1 mean I_2) > over the runs (Zhou et al. 2026, Eq. 1).

    bins    edges of the delay (s), any sign
    first   channel of I_1, a name of `clicks.labels`
    second  that of I_2; None: the same channel, without a click's pair with itself

    Means over time are taken in the time T - |tau| in which both lie in the run; runs without a click in one of the
    channels are left out.  Atom numbers that differ between runs do not bunch here, unlike in `ClickRecords.g2`, the ratio of
    the sums over all runs; the mean of ratios needs many clicks in each run.
    """
    edges = delay_edges(bins)
    require(not clicks.pulsed, "photon_correlation takes separate runs, not a sequence of pulses")
    a, b = clicks.place(first), clicks.place(second or first)
    overlap = np.diff(_overlap(edges, clicks.duration))
    order = np.lexsort((clicks.time, clicks.run))
    time, run, channel = clicks.time[order], clicks.run[order], clicks.channel[order]
    limits = np.searchsorted(run, np.arange(clicks.runs + 1))
    found = []
    for k in range(clicks.runs):
        here = slice(limits[k], limits[k + 1])
        one = time[here][channel[here] == a]
        other = one if a == b else time[here][channel[here] == b]
        if len(one) and len(other):
            pairs = correlate(one, None if a == b else other, edges)
            found.append(pairs * clicks.duration**2 / (len(one) * len(other)))
    require(bool(found), "no run has clicks in both channels")
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.array(found) / overlap
    error = (
        values.std(axis=0, ddof=1) / math.sqrt(len(values))
        if len(values) > 1
        else np.full(len(overlap), np.nan)
    )
    return PhotonCorrelation(
        Record("pairs of every run", parameters={"first": first, "second": second or first}),
        delay=(edges[1:] + edges[:-1]) / 2,
        value=values.mean(axis=0),
        error=error,
        runs=len(values),
    )


def bright_windows(
    clicks: ClickRecords, window: float, minimum: int, within: float | None = None
) -> ClickRecords:
    """Windows (s) with at least `minimum` clicks of all channels within their first `within` seconds, as runs of their own.

    Windows follow each other without overlap from the start of each run (published: 2 µs, more than 2 clicks in 1.6 µs).
    Clicks that choose the window are kept and favour bunches: what that does to a correlation shows a simulated record.
    """
    require(number(window, "window") > 0, f"window = {window!r} must be positive (s)")
    decide = window if within is None else number(within, "within")
    require(0 < decide <= window, f"within = {decide:g} must lie between 0 and window = {window:g} (s)")
    each = int(clicks.duration / window * (1 + 1e-12))
    require(each >= 1, f"window = {window:g} s is longer than a run, {clicks.duration:g} s")
    order = np.lexsort((clicks.time, clicks.run))
    time, run, channel = clicks.time[order], clicks.run[order], clicks.channel[order]
    place = np.floor(time / window).astype(np.int64)
    inside = place < each
    time, run, channel, place = time[inside], run[inside], channel[inside], place[inside]
    index = run * each + place
    phase = time - place * window
    number_of = np.bincount(index[phase < decide], minlength=clicks.runs * each)
    chosen = np.flatnonzero(number_of >= minimum)
    require(len(chosen) > 0, f"no window of {window:g} s has {minimum} clicks")
    kept = np.isin(index, chosen)
    return ClickRecords(
        record=clicks.record,
        time=phase[kept],
        channel=channel[kept],
        run=np.searchsorted(chosen, index[kept]),
        labels=clicks.labels,
        duration=float(window),
        runs=len(chosen),
        period=math.nan,
    )


def atoms_g2(
    delay: ArrayLike, atoms: float, gamma: float, *, background: float = 0.0, coherence_rate: float = 0.0,
    weights: str = "conditional",
) -> Real:  # fmt: skip
    """g2(tau) of N independent weakly driven atoms, averaged over Poisson's law of N (Zhou et al. 2026, Eqs. 2-4).

    With I = 1 for one atom, G2 = [1 - exp(-gamma |tau|/2)]^2, G1 = exp(-coherence_rate |tau|) and the background e,

        g_N = {N G2 + N (N - 1)(1 + G1^2) + e^2 + 2 N e (1 + G1)}/(N + e)^2

    gamma           decay of the excited population (rad/s), Purcell enhancement included
    coherence_rate  loss of the phase between the atoms' light by their motion (1/s): 0 leaves g2 = 2 - 1/N at long delays
    weights         "conditional": of runs with N >= 1; "unconditional": of all, an empty one counting g2 = 0 (1 with
                    background)
    """
    tau = np.abs(np.asarray(delay, dtype=float))
    if weights not in WEIGHTS:
        raise unknown("weights", weights, WEIGHTS)
    from scipy.special import gammaln

    n = np.arange(1, LARGEST + 1).reshape(-1, *[1] * tau.ndim)
    law = np.exp(n * np.log(max(atoms, 1e-300)) - atoms - gammaln(n + 1.0))
    pair, phase = (1 - np.exp(-gamma * tau / 2)) ** 2, np.exp(-coherence_rate * tau)
    e = background
    each = (n * pair + n * (n - 1) * (1 + phase**2) + e**2 + 2 * n * e * (1 + phase)) / (n + e) ** 2
    total = (law * each).sum(axis=0)
    if weights == "conditional":
        return np.asarray(total / -np.expm1(-atoms))
    return np.asarray(total + (np.exp(-atoms) if e > 0 else 0.0))


def fit_antibunching(
    delay: ArrayLike,
    g2: ArrayLike,
    error: ArrayLike,
    *,
    background: float = 0.0,
    coherence_rate: float = 0.0,
    weights: str = "conditional",
) -> Fit:
    """Mean number of atoms "atoms" and decay rate "gamma" (rad/s) from a measured g2(tau), by `atoms_g2`.

    delay, g2  middle of each bin (s) and its value, (bin,); `background`, `coherence_rate` (1/s), `weights` as in `atoms_g2`
    error  of each bin: what is expected there, not what its own few pairs say (bins that are low by chance would weigh most
           and pull the fit down): the same for all, or after a first fit sqrt(model/pairs of g2 = 1)

    Raises `InputError` for data that do not fit together.
    """
    tau = checked("delay", delay)
    y, spread = checked("g2", g2, tau.shape), checked("error", error, tau.shape)
    longest = float(np.abs(tau).max())
    require(longest > 0, "delay must hold delays other than 0")

    def model(p: Real) -> Real:
        return atoms_g2(
            tau, float(p[0]), float(p[1]) / longest, background=background, coherence_rate=coherence_rate,
            weights=weights,
        )  # fmt: skip

    starts = [[n, g] for n in (0.3, 1.0, 3.0) for g in np.geomspace(1, 100, 7)]
    best = min(starts, key=lambda p: float((((y - model(np.array(p))) / spread) ** 2).sum()))
    value, covariance, deviation = least_squares(model, y, spread, best, [1e-4, 1e-3], [LARGEST / 3, np.inf])
    unit = np.array([1.0, 1 / longest])
    return fit_result(
        "weighted least squares",
        ["atoms", "gamma"],
        (value * unit, covariance * np.outer(unit, unit), deviation * unit),
        x=tau,
        data=y,
        data_error=spread,
        model=model(value),
        x_label="delay τ (s)",
        y_label="g2(τ)",
    )


def _overlap(edges: Real, length: float) -> Real:
    """Integral of (T - |tau|)+ up to each edge."""
    tau = np.clip(edges, -length, length)
    return np.asarray(length * tau - np.sign(tau) * tau**2 / 2)
