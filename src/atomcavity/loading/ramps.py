r"""Ramps of a belt's speed that heat little.

An atom in a harmonic trap of frequency omega whose centre moves with the velocity $v(t) = v_0 + \Delta v\,f(t/T)$ is left with

    E = m/2 |int dv/dt e^{i omega t} dt|^2 = m/2 (Delta v)^2 X,   X = |int_0^1 f'(s) e^{i omega T s} ds|^2,

if it was at rest in the trap before; a thermal one gains that on average.  With $f' = \sum_n c_nP_n(2s-1)$ and
theta = omega T/2, $X = |\sum_n c_n i^n j_n(\theta)|^2$ with the spherical Bessel functions j_n: (sin theta/theta)^2 of a linear ramp.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Legendre, Polynomial
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import number, require
from atomcavity.traps.time_law import ORDER, SHAPES, TimeLaw, ramp_shape

Array = NDArray[np.float64]

_FREQUENCIES = 24  # of the quadrature over the band


def ramp_excitation(shape: str | Sequence[float], frequency_hz: ArrayLike, duration: float) -> Array:
    """X of a ramp's shape (a name or coefficients, as in `TimeLaw.ramp_to`) at trap frequencies (Hz), same shape.

    >>> round(float(ramp_excitation("linear", 5e3, 50e-6)), 4)         # (sin(pi/4)/(pi/4))^2
    0.8106
    """
    slope = Polynomial(ramp_shape(shape), domain=[0, 1], window=[0, 1]).deriv()
    c = np.asarray(slope.convert(domain=[0, 1], kind=Legendre).coef, dtype=float)
    found = _harmonics(len(c), frequency_hz, duration) @ c
    return np.asarray(np.abs(found) ** 2)


@dataclass(frozen=True)
class Ramp:
    """A ramp's shape for a `duration` (s), made to heat little over the trap frequencies `band_hz` (low, high).

    shape       coefficients for `TimeLaw.ramp_to`
    excitation  mean of X over the band
    steepest    largest slope df/ds: 1 for the linear ramp
    """

    shape: tuple[float, ...]
    duration: float
    band_hz: tuple[float, float]
    excitation: float
    steepest: float

    def law(self, first: float, last: float, *, start: float = 0.0) -> TimeLaw:
        """From `first` to `last`, beginning at the time `start` (s)."""
        return TimeLaw.constant(first).ramp_to(last, start=start, duration=self.duration, shape=self.shape)

    def energy(self, mass: float, speed: float, frequency_hz: ArrayLike) -> Array:
        """Energy gained (J) where the trap's speed changes by `speed` (m/s)."""
        return mass / 2 * speed**2 * ramp_excitation(self.shape, frequency_hz, self.duration)


def least_heating_ramp(duration: float, band_hz: tuple[float, float], *, degree: int = 9) -> Ramp:
    """The ramp of the speed that leaves the least energy on average over a band of trap frequencies (Hz), within `duration` (s).

    Among the polynomials of an odd `degree` that rise all the time and alike from both ends; so it is never worse over the band
    than "linear", "smooth" and "smoothest", whatever its degree from 5 on.  A belt whose band is that of one
    frequency has a zero there; thermal atoms and sites on their way to a surface need a wide one.

    Raises `InputError` for numbers that cannot be.
    """
    from scipy.optimize import minimize

    low, high = (number(value, "band_hz") for value in band_hz)
    require(0 < low <= high, f"band_hz = {band_hz!r} must be two frequencies (Hz), the lower one first")
    require(number(duration, "duration") > 0, f"duration = {duration!r} must be positive (s)")
    require(
        degree % 2 == 1 and 5 <= degree < ORDER - 1, f"degree = {degree!r} must be odd, 5 to {ORDER - 2 | 1}"
    )
    nodes, weights = np.polynomial.legendre.leggauss(_FREQUENCIES if high > low else 1)
    band = (low + high) / 2 + nodes * (high - low) / 2
    count = (degree + 1) // 2
    # i^n j_n of even n is real: X = |r . c|^2
    response = _harmonics(degree, band, duration)[:, ::2].real * np.sqrt(weights / 2)[:, None]
    x = np.linspace(0, 1, 101)
    slopes = np.asarray(np.polynomial.legendre.legvander(x, degree - 1)[:, ::2], dtype=float)

    def cost(c: Array) -> float:
        return float(np.sum((response @ np.concatenate([[1.0], c])) ** 2))

    def steepest(c: Array) -> Array:
        return 2 * response[:, 1:].T @ (response @ np.concatenate([[1.0], c]))

    named = [_even(shape, count) for shape in SHAPES.values()]
    best = min(named, key=cost)
    unit = max(cost(best), 1e-300)
    found = minimize(
        lambda c: cost(c) / unit,
        best,
        jac=lambda c: steepest(c) / unit,
        constraints={
            "type": "ineq",
            "fun": lambda c: slopes[:, 0] + slopes[:, 1:] @ c,
            "jac": lambda _: slopes[:, 1:],
        },
        method="SLSQP",
        options={"maxiter": 300, "ftol": 1e-12},
    )
    if np.all(np.isfinite(found.x)):
        named.append(_rising(np.asarray(found.x, dtype=float), slopes))
    best = min(named, key=cost)
    return _ramp(best, duration, (low, high), cost(best))


def _harmonics(count: int, frequency_hz: ArrayLike, duration: float) -> NDArray[np.complex128]:
    """i^n j_n(pi nu T) for n = 0 ... count - 1, (..., n)."""
    from scipy.special import spherical_jn

    theta = math.pi * np.asarray(frequency_hz, dtype=float)[..., None] * duration
    n = np.arange(count)
    return np.asarray(1j**n * spherical_jn(n, theta))


def _even(shape: tuple[float, ...], count: int) -> Array:
    """c_2, c_4, ... of a named shape."""
    slope = Polynomial(shape, domain=[0, 1], window=[0, 1]).deriv().convert(domain=[0, 1], kind=Legendre)
    c = np.zeros(2 * count)
    c[: len(slope.coef)] = slope.coef
    return c[2::2]


def _rising(c: Array, slopes: Array) -> Array:
    """Where the solver left f' a little below zero, the rest is taken off: c shrunk until f' >= 0."""
    least = float((slopes[:, 1:] @ c).min())
    return c / max(1.0, -least)


def _ramp(c: Array, duration: float, band: tuple[float, float], excitation: float) -> Ramp:
    full = np.zeros(2 * len(c) + 1)
    full[0], full[2::2] = 1.0, c
    slope = Legendre(full, domain=[0, 1])
    rise = slope.integ(lbnd=0).convert(domain=[0, 1], window=[0, 1], kind=Polynomial)
    shape = np.asarray(rise.coef, dtype=float)
    shape[0] = 0.0
    shape[1:] /= shape[1:].sum()
    steepest = float(slope(np.linspace(0, 1, 401)).max())
    return Ramp(tuple(shape.tolist()), float(duration), band, excitation, steepest)
