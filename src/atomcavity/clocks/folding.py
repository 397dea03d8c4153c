r"""The spectrum of samples: aliases folded into 0 ... 1/(2T).

Samples $\int w(t)\,y(kT+t)\,dt$ have the two-sided density
$S_d(f)=\sum_n \frac12 S_y(|f+n/T|)\,|W(f+n/T)|^2$.  Phase noise is folded up to its bandwidth, flicker noise
of frequency up to `ALIASES` times the inverse of the effective averaging time $1/\int w^2$ (what is left
out is below $10^{-3}$ of the variance of the samples).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import require

from .weight import Weight

if TYPE_CHECKING:
    from .noise import Noise

Real = NDArray[np.float64]

ALIASES = 16
GRID = 33  # frequencies from 0 to 1/(2T) between which |W|² and sums over aliases are interpolated
CHUNK = 2000  # aliases at a time
MOST = 10**8  # aliases times nodes of the weight


def fast_share(frequency_hz: Real, split_hz: float) -> Real:
    """A smooth step from 0 below `split_hz` to 1 above it (split_hz = 0: 1 everywhere)."""
    if split_hz == 0:
        return np.ones(frequency_hz.shape)
    return -np.expm1(-((frequency_hz / split_hz) ** 4))


def folded(noise: Noise, alpha: int, weight: Weight, frequency_hz: Real, split_hz: float = 0.0) -> Real:
    """S_d (1/Hz) at 0 <= f <= 1/(2T); the term n = 0 without what is slower than about `split_hz`."""
    rate = 1.0 / weight.interval
    top = ALIASES * weight.square if alpha < 0 else noise.require_bandwidth()
    last = math.floor(top / rate) + 1
    require(
        last * len(weight.times) <= MOST,
        f"the band of the noise, {top:.4g} Hz, folds {last} times into that of the samples: with a weight of "
        f"{len(weight.times)} nodes at most {MOST // len(weight.times)} times",
    )
    n = np.arange(-last, last + 1)
    nearest, farthest = np.where(n >= 0, n, -n - 0.5) * rate, np.where(n >= 0, n + 0.5, -n) * rate
    partly = (n == 0) | ((nearest <= top) & (farthest > top))
    grid = np.linspace(0.0, rate / 2, GRID)
    total = _between(grid, _sum(noise, alpha, weight, grid, n[(farthest <= top) & ~partly]), frequency_hz)
    for k in n[partly]:  # the term that diverges or ends inside
        term = _between(grid, weight.power(grid, np.array([k * rate]))[:, 0], frequency_hz)
        f = np.abs(frequency_hz + k * rate)
        positive = f > 0
        term[positive] *= noise.part_density(alpha, f[positive]) * (f[positive] <= top) / 2
        term[~positive] = 0.0
        total += term * fast_share(f, split_hz) if k == 0 else term
    return np.maximum(total, 0.0)


def _sum(noise: Noise, alpha: int, weight: Weight, grid: Real, n: NDArray[np.int64]) -> Real:
    total = np.zeros(len(grid))
    for part in np.array_split(n, 1 + len(n) // CHUNK):
        shift = part / weight.interval
        density = noise.part_density(alpha, grid[:, None] + shift)
        total += np.sum(density * weight.power(grid, shift) / 2, axis=1)
    return total


def _between(grid: Real, values: Real, frequency_hz: Real) -> Real:
    from scipy.interpolate import CubicSpline

    return np.asarray(CubicSpline(grid, values)(frequency_hz))
