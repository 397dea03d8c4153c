"""How long a decision rule waits for a false alarm in Poisson clicks of a constant rate."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError, require

Real = NDArray[np.float64]

DEGREE = 30  # of the polynomials in each segment of `cusum_run_length`


def scan_false_alarms(rate: float, count: int, window: float) -> float:
    """First alarms/s of `count` or more clicks of a Poisson process of `rate` (1/s) in a running `window` (s).

    -ln(Q_3/Q_2)/window, where Q_m is the exact probability that no alarm comes in a time of m windows (Naus, JASA 77, 177
    (1982)): the decay of the probability of silence, which after two windows is exponential to some 1e-3 of the rate
    where alarms are rarer than one a window.
    """
    from scipy.special import gammaln, pdtrc

    mean, k = rate * window, count
    if k == 1:
        return rate
    numbers = np.arange(2 * k + 1)
    mass = np.exp(numbers * math.log(mean) - mean - gammaln(numbers + 1.0))
    total = np.cumsum(mass)

    def p(j: int) -> float:
        return float(mass[j]) if j >= 0 else 0.0

    def f(j: int) -> float:
        return float(total[j]) if j >= 0 else 0.0

    # 1 - Q_2 and 1 - Q_3 by way of 1 - F, which loses no digits where alarms are rare
    rest = float(pdtrc(k - 1, mean))  # 1 - F(k - 1)
    lost_2 = 2 * rest - rest**2 + (k - 1) * p(k) * p(k - 2) + (k - 1 - mean) * p(k) * f(k - 3)
    a1 = 2 * p(k) * f(k - 1) * ((k - 1) * f(k - 2) - mean * f(k - 3))
    a2 = p(k) ** 2 / 2 * ((k - 1) * (k - 2) * f(k - 3) - 2 * (k - 2) * mean * f(k - 4) + mean**2 * f(k - 5))
    a3 = sum(p(2 * k - r) * f(r - 1) ** 2 for r in range(1, k))
    a4 = sum(p(2 * k - r) * p(r) * ((r - 1) * f(r - 2) - mean * f(r - 3)) for r in range(2, k))
    lost_3 = 3 * rest - 3 * rest**2 + rest**3 + a1 - a2 - a3 + a4
    if not 0 < lost_2 < lost_3 < 1:
        raise ConvergenceError(
            f"the rate of false alarms of {count} clicks in {window:g} s at {rate:g} clicks/s is beyond double precision"
        )
    return float(np.log1p(-lost_2) - np.log1p(-lost_3)) / window


def alm_false_alarms(rate: float, count: int, window: float) -> float:
    """The same by Alm's formula (1 - mean/count) rate p(count - 1; mean), mean = rate window, p Poisson's law.

    The rate of up-crossings that begin a cluster; good where alarms are rare (Alm, Ann. Appl. Probab. 1983).
    """
    from scipy.special import gammaln

    mean = rate * window
    mass = math.exp((count - 1) * math.log(mean) - mean - gammaln(count))
    return (1 - mean / count) * rate * mass


def cusum_run_length(rate: float, gain: float, drift: float, level: float) -> float:
    """Mean time (s) from 0 to the alarm of a cumulative sum in Poisson clicks of `rate` (1/s).

    The sum s grows by `gain` at each click, falls by `drift` (1/s) between them and rests at 0; alarm at s >= level.
    Its mean time to alarm M(s) obeys

        drift M'(s) = 1 + rate [M(s + gain) - M(s)],   M = 0 from the level on,   M'(0) = 0,

    solved by collocation with polynomials between the places level - j gain, where M is not smooth, for u in
    M(s) = M(0) [1 - u(s) exp(theta (s - level))], where theta > 0 with drift theta = rate [exp(theta gain) - 1] takes out
    the exponential growth (theta = 0 where the sum rises on average): no digits are lost where alarms are rare.
    Raises `ConvergenceError` if a finer solution differs by more than 1e-9.
    """
    require(rate > 0, f"rate = {rate!r} must be positive (1/s)")
    coarse, fine = (_collocated(rate, gain, drift, level, degree) for degree in (DEGREE - 8, DEGREE))
    if not (math.isfinite(fine) and abs(coarse - fine) < 1e-9 * fine):
        raise ConvergenceError(
            f"the mean run length of the cumulative sum with the level {level:g} did not converge: {coarse:g} and {fine:g} s"
        )
    return fine


def _collocated(rate: float, gain: float, drift: float, level: float, degree: int) -> float:
    """M(0) with `degree` in each segment; the last unknown is exp(theta level)/M(0)."""
    theta = _growth(rate, gain, drift)
    segments = max(1, math.ceil(level / gain - 1e-12))
    edges = np.append(np.maximum(level - gain * np.arange(segments, 0, -1), 0.0), level)
    nodes = (1 - np.cos(np.pi * np.arange(degree + 1) / degree)) / 2  # of a segment, from 0 to 1
    slope, size = _differentiation(nodes), degree + 1
    total = segments * size
    matrix, right = np.zeros((total + 1,) * 2), np.zeros(total + 1)
    for k in range(segments):
        low, width = edges[k], edges[k + 1] - edges[k]
        rows = slice(k * size, (k + 1) * size)
        place = low + width * nodes
        matrix[rows, rows] = drift / width * slope + (drift * theta + rate) * np.eye(size)
        matrix[rows, total] = np.exp(-theta * place)
        if k + 1 < segments:
            later = slice((k + 1) * size, (k + 2) * size)
            reached = np.clip((place + gain - edges[k + 1]) / (edges[k + 2] - edges[k + 1]), 0, 1)
            matrix[rows, later] -= rate * math.exp(theta * gain) * _interpolation(nodes, reached)
        else:
            right[rows] = rate * np.exp(theta * (level - place))
        if k > 0:  # continuity in place of the equation at the lower end
            row = k * size
            matrix[row], right[row] = 0.0, 0.0
            matrix[row, row], matrix[row, row - 1] = 1.0, -1.0
        else:
            matrix[0, :size] -= drift / width * slope[0]  # u'(0) = 0
    matrix[total, 0] = 1.0  # u(0) = 0
    return math.exp(theta * level) / float(np.linalg.solve(matrix, right)[total])


def _growth(rate: float, gain: float, drift: float) -> float:
    """theta > 0 with drift theta = rate [exp(theta gain) - 1]; 0 if there is none."""
    from scipy.optimize import brentq

    if rate * gain >= drift:
        return 0.0
    highest = 1 / gain
    while rate * math.expm1(highest * gain) < drift * highest:
        highest *= 2
    lowest = highest
    while rate * math.expm1(lowest * gain) >= drift * lowest:
        lowest /= 2
    return float(brentq(lambda t: rate * math.expm1(t * gain) - drift * t, lowest, highest, rtol=1e-14))


def _weights(nodes: Real) -> Real:
    """Barycentric weights of Chebyshev's extreme points."""
    weights = np.where(np.arange(len(nodes)) % 2 == 0, 1.0, -1.0)
    weights[[0, -1]] /= 2
    return weights


def _differentiation(nodes: Real) -> Real:
    """Matrix that differentiates the polynomial through the nodes."""
    weights = _weights(nodes)
    gap = nodes[:, None] - nodes[None, :] + np.eye(len(nodes))
    matrix = weights[None, :] / weights[:, None] / gap
    np.fill_diagonal(matrix, 0.0)
    np.fill_diagonal(matrix, -matrix.sum(axis=1))
    return np.asarray(matrix)


def _interpolation(nodes: Real, places: Real) -> Real:
    """Matrix that evaluates the polynomial through the nodes at the places."""
    gap = places[:, None] - nodes[None, :]
    exact = np.abs(gap) < 1e-14
    ratio = _weights(nodes) / np.where(exact, 1.0, gap)
    matrix = ratio / ratio.sum(axis=1, keepdims=True)
    hit = exact.any(axis=1)
    matrix[hit] = exact[hit]
    return np.asarray(matrix)
