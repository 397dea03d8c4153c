"""Bidiagonal chains dx_k/dt = -loss_k x_k + feed_k x_(k-1) in time, error-controlled.

One step is the Pade approximant [4/5] of the exponential in partial fractions (order 9, L-stable:
Radau IIA): each of its poles is one forward substitution.  The levels are advected and not slaved,
so that a step needs to resolve the pulse, 1/(N Gamma), and not the fastest rate N^2 Gamma/4.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

STAGES = 5
TOLERANCE = 1e-11  # error of one step, relative to the start
MOST_STEPS = 100_000
CHUNK = 1_000_000  # numbers that are held at a time


@cache
def partial_fractions() -> tuple[Complex, Complex]:
    """Poles p and weights w of R(z) = sum_j w_j/(z - p_j), the [4/5] Pade approximant of exp(z)."""
    s = STAGES

    def row(degree: int, sign: int) -> list[float]:
        scale = factorial(degree) / factorial(2 * s - 1)
        return [
            sign**j * scale * factorial(2 * s - 1 - j) / (factorial(j) * factorial(degree - j))
            for j in range(degree + 1)
        ]

    upper, lower = np.polynomial.Polynomial(row(s - 1, 1)), np.polynomial.Polynomial(row(s, -1))
    poles = lower.roots().astype(np.clongdouble)
    for _ in range(3):
        poles -= lower(poles) / lower.deriv()(poles)
    weights = (upper(poles) / lower.deriv()(poles)).astype(complex)
    found: Complex = poles.astype(complex)
    real = np.argmin(np.abs(found.imag))
    found[real] = found[real].real
    weights[real] = found[real].real * -(1 + np.sum(np.delete(weights / found, real)).real)  # R(0) = 1
    return found, weights


@cache
def half_the_fractions() -> tuple[Complex, Complex]:
    """One pole of each conjugate pair, with twice its weight: for states whose real (Hermitian) part is enough."""
    poles, weights = partial_fractions()
    keep = poles.imag >= 0
    return poles[keep], np.where(poles[keep].imag > 0, 2, 1) * weights[keep]


def integrate(
    loss: Real | Complex, feed: Real, start: Real | Complex, times: Real, first: float, norm: Real
) -> Iterator[tuple[Any, float]]:
    """The chain's states at the ascending `times`, some rows (time, level) after another, and their estimated error.

    first  step to begin with (s); steps adapt afterwards (one step against two halves)
    norm   weights of the error, sum_k norm_k |error_k|, relative to the same sum of the start

    Raises `ConvergenceError` if the steps become too many.
    """
    from atomcavity.dynamics.dicke.kernel import march

    real = not np.iscomplexobj(loss)
    poles, weights = half_the_fractions() if real else partial_fractions()
    x, decay = start.astype(complex), loss.astype(complex)
    scaled = norm / (float(norm @ np.abs(x)) or 1.0)
    clock = np.array([0.0, first, 0.0, 0.0])
    rows = max(1, CHUNK // len(x))
    for begin in range(0, len(times), rows):
        part = times[begin : begin + rows]
        out = np.empty((len(part), len(x), 1 if real else 2))
        if not march(decay, feed, real, poles, weights, scaled, TOLERANCE, MOST_STEPS, x, clock, part, out):
            raise ConvergenceError(f"the Dicke ladder did not reach t = {part[-1]:g} s in {MOST_STEPS} steps")
        yield (out if real else out.view(complex))[..., 0], float(clock[2])
