r"""Series of weighted averages of power-law noise.

With y(t) of one-sided density $S_y$ and a weight w of integral 1 in each interval T:

* alpha = 0: independent samples of variance $(h_0/2)\int w^2$ (Parseval: all aliases).
* alpha = -2: y is a Brownian motion of $\langle dy^2\rangle = D\,dt$, $D=2\pi^2 h_{-2}$.  With
  $G(t)=\int_t^T w$ the sample $\int w y$ and the step to the end of the interval are jointly Gaussian of
  variances $D\int G^2$, $D T$ and covariance $D\int G$.
* alpha = 2, 1, -1: Gaussian noise of the two-sided density of the samples
  $S_d(f)=\sum_n \frac12 S_y(|f+n/T|)\,|W(f+n/T)|^2$ by an inverse Fourier transform twice as long as the
  series.  Aliases of phase noise are added up to `bandwidth_hz`, of flicker noise up to `ALIASES`/T.
  Flicker noise slower than the series is a sum of sinusoids of Gaussian amplitudes at frequencies spread
  evenly in log f from `slowest_hz` on.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import number, require
from atomcavity.parallel import spawn_seeds
from atomcavity.results import Record

from .series import FrequencySeries
from .weight import Weight

if TYPE_CHECKING:
    from .noise import Noise

Real = NDArray[np.float64]


def series(
    noise: Noise,
    samples: int,
    interval: float,
    seed: int,
    weight: tuple[ArrayLike, ArrayLike] | None,
) -> FrequencySeries:
    """The sum of the parts of `noise`, each from its own stream."""
    require(
        isinstance(samples, int | np.integer) and samples >= 1, f"samples = {samples!r} given; at least 1"
    )
    interval = number(interval, "interval")
    require(interval > 0, f"interval = {interval!r} s given; it must be positive")
    noise.require_bandwidth()
    shape = Weight.of(weight, interval)
    y = np.zeros(samples)
    for alpha in noise.parts:
        rng = np.random.default_rng([int(part) for part in spawn_seeds(seed, 1, first=alpha + 2)[0]])
        y += _PARTS[alpha](noise, alpha, samples, shape, rng)
    parameters = {"noise": noise.to_dict(), "samples": int(samples), "interval": interval}
    return FrequencySeries(
        record=Record(method="power-law noise", seed=seed, parameters=parameters), y=y, interval=interval
    )


def _white(noise: Noise, alpha: int, samples: int, weight: Weight, rng: np.random.Generator) -> Real:
    return rng.standard_normal(samples) * math.sqrt(noise.parts[alpha] / 2 * weight.square)


def _walk(noise: Noise, alpha: int, samples: int, weight: Weight, rng: np.random.Generator) -> Real:
    rate = 2 * math.pi**2 * noise.parts[alpha]
    square, mean = weight.walk()
    step = rng.standard_normal(samples)
    inside = rng.standard_normal(samples)
    inside *= math.sqrt(rate * max(square - mean**2 / weight.interval, 0.0))
    inside += step * (math.sqrt(rate / weight.interval) * mean)
    step *= math.sqrt(rate * weight.interval)
    inside[1:] += np.cumsum(step[:-1])
    return inside


_PARTS = {0: _white, -2: _walk}
