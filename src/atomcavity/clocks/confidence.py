r"""Confidence intervals of deviations: noise type, equivalent degrees of freedom, quantiles of $\chi^2$.

The degrees of freedom are those of C. A. Greenhall and W. J. Riley, "Uncertainty of stability variances
based on finite differences" (35th PTTI, 2003), as allantools computes them.  Where its formulas do not
hold (white phase noise with few differences) they are the number of separate differences in the data,
floor(N/m) - d, at least 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

LONGEST = 2**13  # phases that are looked at to tell the noise type
STEEPEST = -3  # the degrees of freedom of allantools are complete from here on
SHORTEST = 30  # fewer do not tell it


@dataclass(frozen=True)
class Kind:
    """What a deviation is made of: differences of phase, overlapping or not, averaged (modified) or not."""

    differences: int
    overlapping: bool
    modified: bool = False


KINDS = {
    "adev": Kind(2, False),
    "oadev": Kind(2, True),
    "mdev": Kind(2, True, True),
    "tdev": Kind(2, True, True),
    "hdev": Kind(3, False),
    "ohdev": Kind(3, True),
}


def noise_types(y: Real, m: Whole, kind: Kind) -> Whole:
    """Exponent alpha of S_y at each averaging factor (ascending), of every m-th phase of the fractional frequencies y.

    With fewer than `SHORTEST` of them it is that of the factor before; without any that can be told it is
    0, white noise of frequency.
    """
    found, last, mean = np.zeros(len(m), dtype=np.int64), 0, float(y.mean())
    sums = {1: y}  # of successive samples, by their number
    for k, factor in enumerate(m.tolist()):
        parts = max(known for known in sums if factor % known == 0)
        steps = sums[factor] = _summed(sums[parts], factor // parts)
        x = np.cumsum(steps[: LONGEST - 1] - factor * mean)
        if len(x) >= SHORTEST:
            last = int(np.clip(_identify(x, kind.differences), max(2 - 2 * kind.differences, STEEPEST), 2))
        found[k] = last
    return found


def _summed(values: Real, count: int) -> Real:
    """Sums of each `count` successive values."""
    whole = len(values) // count * count
    if count > 8:
        return np.asarray(values[:whole].reshape(-1, count).sum(axis=1))
    total = values[:whole:count]
    for k in range(1, count):
        total = total + values[k:whole:count]
    return total


def _identify(x: Real, most: int) -> int:
    """W. J. Riley and C. A. Greenhall, "Power law noise identification using the lag 1 autocorrelation" (2004)."""
    t = np.linspace(-1, 1, len(x))
    square = t * t
    z = x - x.mean()
    for trend in (t, square - square.mean()):
        z = z - trend * ((trend @ z) / (trend @ trend))
    for differenced in range(most + 1):
        z = z - z.mean()
        power = float(z @ z)
        r = float(z[:-1] @ z[1:]) / power if power > 0 else 0.0
        rho = r / (1 + r)
        if rho < 0.25 or differenced == most:
            return 2 - round(2 * rho) - 2 * differenced
        z = np.diff(z)
    raise AssertionError


def degrees_of_freedom(alpha: Whole, m: Whole, phases: int, kind: Kind) -> Real:
    """Equivalent degrees of freedom of the variance at each averaging factor, at least 1."""
    return np.array([_degrees(int(a), int(factor), phases, kind) for a, factor in zip(alpha, m, strict=True)])


@lru_cache(maxsize=4096)
def _degrees(alpha: int, m: int, phases: int, kind: Kind) -> float:
    from allantools import edf_greenhall

    d = kind.differences
    try:
        value = edf_greenhall(
            alpha=alpha, d=d, m=m, N=phases, overlapping=kind.overlapping, modified=kind.modified
        )
    except NotImplementedError:
        value = math.nan
    return max(float(value) if math.isfinite(value) and value > 0 else phases // m - d, 1.0)


def interval_of(value: Real, edf: Real, confidence: float) -> tuple[Real, Real]:
    """(lower, upper) of deviations: edf value²/sigma² follows chi² with edf degrees of freedom."""
    from scipy.special import chdtri

    tail = (1 - confidence) / 2
    return value * np.sqrt(edf / chdtri(edf, tail)), value * np.sqrt(edf / chdtri(edf, 1 - tail))
