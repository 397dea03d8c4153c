r"""Series of weighted averages of power-law noise.

With y(t) of one-sided density $S_y$ and a weight w of integral 1 and Fourier transform W in each interval T:

* alpha = 0: independent samples of variance $(h_0/2)\int w^2$ (Parseval: all aliases).
* alpha = -2: y is a Brownian motion of $\langle dy^2\rangle = D\,dt$, $D=2\pi^2 h_{-2}$.  With
  $G(t)=\int_t^T w$ the sample $\int w y$ and the step to the end of the interval are jointly Gaussian of
  variances $D\int G^2$, $D T$ and covariance $D\int G$.
* alpha = 2, 1, -1: Gaussian noise of the density that the samples have, see `folding`, by an inverse
  Fourier transform twice as long as the series.  Flicker noise slower than the series is a sum of
  sinusoids of Gaussian amplitudes, at frequencies spread evenly in log f from `slowest_hz` on.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import number, require
from atomcavity.parallel import spawn_seeds
from atomcavity.results import Record

from .folding import fast_share, folded
from .series import FrequencySeries
from .weight import Weight

if TYPE_CHECKING:
    from .noise import Noise

Real = NDArray[np.float64]

SLOWEST = 0.1
"""Without `slowest_hz` flicker noise begins at this many cycles in the whole series."""
SPLIT = 2.0
"""About so many cycles in the whole series part the sinusoids from the Fourier transform ..."""
STEP = 0.05
"""... and the sinusoids are so far apart in log f."""


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
    given = {"times": shape.times.tolist(), "values": shape.values.tolist()}
    parameters = {"noise": noise.to_dict(), "samples": int(samples), "interval": interval, "weight": given}
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


def _fourier(noise: Noise, alpha: int, samples: int, weight: Weight, rng: np.random.Generator) -> Real:
    """Gaussian noise with the folded density, from a period of twice the series."""
    from scipy.fft import irfft, next_fast_len

    size = 2 * next_fast_len(samples, real=True)
    f = np.arange(size // 2 + 1) / (size * weight.interval)
    z = rng.standard_normal(2 * len(f)).view(complex)
    z *= math.sqrt(0.5)
    z[[0, -1]] = z[[0, -1]].real * math.sqrt(2)
    z *= np.sqrt(folded(noise, alpha, weight, f, _slow(alpha, samples, weight)) * (size / weight.interval))
    return np.asarray(irfft(z, size)[:samples])


def _flicker(noise: Noise, alpha: int, samples: int, weight: Weight, rng: np.random.Generator) -> Real:
    """What the Fourier transform gives, and the slower part as sinusoids."""
    from scipy.interpolate import CubicSpline

    fast = _fourier(noise, alpha, samples, weight, rng)
    duration = samples * weight.interval
    low = SLOWEST / duration if noise.slowest_hz is None else noise.slowest_hz
    high = 1.8 * SPLIT / duration
    if low >= high:
        return fast
    edges = np.geomspace(low, high, 1 + math.ceil(math.log(high / low) / STEP))
    f = np.sqrt(edges[1:] * edges[:-1])
    power = noise.parts[alpha] * np.log(edges[1:] / edges[:-1]) * np.abs(weight.transform(f)) ** 2
    power *= 1 - fast_share(f, SPLIT / duration)
    amplitude = rng.standard_normal((2, len(f))) * np.sqrt(power)
    times = np.linspace(0.0, duration, 257)
    phase = math.tau * np.outer(times, f)
    slow = np.cos(phase) @ amplitude[0] + np.sin(phase) @ amplitude[1]
    return fast + CubicSpline(times, slow)(np.arange(samples) * weight.interval)


def _slow(alpha: int, samples: int, weight: Weight) -> float:
    return SPLIT / (samples * weight.interval) if alpha == -1 else 0.0


_PARTS = {2: _fourier, 1: _fourier, 0: _white, -1: _flicker, -2: _walk}
