r"""The weight with which one sample averages the frequency inside its interval.

A weight w(t), 0 <= t <= T, straight between its nodes and zero outside them (T: the interval), is divided
by its integral.  What the noise processes need of it is exact: $\int w^2$, the moments of
$G(t)=\int_t^T w\,dt'$ and the Fourier transform.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import InputError, require

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Weight:
    """Nodes (s) and values (1/s) of a weight of integral 1 inside an interval (s)."""

    times: Real
    values: Real
    interval: float

    @classmethod
    def of(cls, weight: tuple[ArrayLike, ArrayLike] | None, interval: float) -> Weight:
        """The weight of a user's (times, values); None: the average over the whole interval.

        Raises `InputError` unless times rise inside 0 ... interval and the integral is positive.
        """
        if weight is None:
            return cls(np.array([0.0, interval]), np.full(2, 1.0 / interval), interval)
        try:
            times, values = (np.array(part, dtype=float) for part in weight)
        except (TypeError, ValueError):
            raise InputError("weight must be a pair of arrays (times, values)") from None
        require(
            times.ndim == 1 and times.shape == values.shape and len(times) >= 2,
            f"weight of shapes {times.shape} and {values.shape} given: times and values are two equally long rows",
        )
        require(bool(np.all(np.isfinite(times) & np.isfinite(values))), "weight must be finite")
        require(bool(np.all(np.diff(times) > 0)), "the times of the weight must rise")
        slack = 1e-9 * interval
        require(
            times[0] >= -slack and times[-1] <= interval + slack,
            f"the weight reaches from {times[0]:.6g} to {times[-1]:.6g} s; it must lie inside one interval, "
            f"0 to {interval:.6g} s",
        )
        times = np.clip(times, 0.0, interval)
        area = float(np.trapezoid(values, times))
        require(area > 0, f"the integral of the weight is {area:.4g}; it must be positive")
        return cls(times, values / area, interval)

    @property
    def square(self) -> float:
        """Integral of w² (1/s): the inverse of the time that one sample effectively averages over."""
        a, b = self.values[:-1], self.values[1:]
        return float(np.sum(np.diff(self.times) * (a * a + a * b + b * b)) / 3.0)

    def walk(self) -> tuple[float, float]:
        """(int G² dt, int G dt) in s with G(t) = int_t^T w: G(t) is what a step at t adds to the sample."""
        h, a, b = np.diff(self.times), self.values[:-1], self.values[1:]
        after = np.concatenate((np.cumsum((h * (a + b) / 2)[::-1])[::-1], [0.0]))[1:]  # G at each right node
        x, weights = np.polynomial.legendre.leggauss(3)  # exact: G² is of fourth order in t
        u = (1.0 - x[:, None]) / 2.0  # distance from the right node in units of h
        g = after + h * (b * u + (a - b) * u * u / 2.0)
        w = weights[:, None] / 2.0 * h
        return float(self.times[0] + np.sum(w * g * g)), float(self.times[0] + np.sum(w * g))

    def transform(self, frequency_hz: ArrayLike) -> Complex:
        r"""$W(f)=\int w\,e^{-2\pi i f t}dt$, W(0) = 1, at frequencies of any shape (Hz)."""
        f = np.asarray(frequency_hz, dtype=float)
        total = np.zeros(f.shape, dtype=complex)
        for t, h, a, b in zip(self.times, np.diff(self.times), self.values, self.values[1:], strict=False):
            half = math.pi * f * h
            even, odd = np.sinc(f * h), _odd(half)
            total += (
                h * np.exp(-2j * (math.pi * f * t + half / 2)) * ((a + b) / 2 * even - 0.5j * (b - a) * odd)
            )
        return total

    def power(self, base_hz: Real, shift_hz: Real) -> Real:
        """|W(f)|² at every sum f of a frequency of `base_hz` (g,) and one of `shift_hz` (n,), shape (g, n).

        From the jumps of w and of its slope at the nodes, as one matrix product, unless f T < 2.
        """
        f = base_hz[:, None] + shift_hz
        small = np.abs(f) * self.interval < 2
        kinks = np.diff(np.diff(self.values) / np.diff(self.times), prepend=0.0, append=0.0)
        jumps = np.zeros(len(self.times))
        jumps[0], jumps[-1] = self.values[0], -self.values[-1]
        rows = np.exp(-2j * math.pi * base_hz[:, None] * self.times)
        columns = np.exp(-2j * math.pi * self.times[:, None] * shift_hz)
        derivative = 2j * math.pi * np.where(small, 1.0, f)
        total = ((rows * kinks) @ columns / derivative + (rows * jumps) @ columns) / derivative
        total[small] = self.transform(f[small])
        return np.asarray(np.abs(total) ** 2)


def _odd(x: Real) -> Real:
    """(sin x - x cos x)/x², the first spherical Bessel function: the transform of a straight slope."""
    small = np.abs(x) < 1e-2
    safe = np.where(small, 1.0, x)
    return np.where(small, x / 3.0 * (1.0 - x * x / 10.0), (np.sin(safe) - safe * np.cos(safe)) / safe**2)
