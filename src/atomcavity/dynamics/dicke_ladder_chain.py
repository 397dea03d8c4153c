"""Bidiagonal chains dx_k/dt = -loss_k x_k + feed_k x_(k-1) in time, error-controlled.

One step is the Pade approximant [4/5] of the exponential in partial fractions (order 9, L-stable:
Radau IIA): each of its poles is one forward substitution.  The levels are advected and not slaved,
so that a step needs to resolve the pulse, 1/(N Gamma), and not the fastest rate N^2 Gamma/4.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import factorial

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

STAGES = 5
ORDER = 2 * STAGES - 1
TOLERANCE = 1e-11  # error of one step, relative to the start
MOST_STEPS = 100_000


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


def integrate(
    loss: Real | Complex, feed: Real, start: Complex, times: Real, first: float, norm: Real
) -> Iterator[tuple[Complex, float]]:
    """The chain's state at each of the ascending `times`, and the estimated error up to there.

    first  step to begin with (s); steps adapt afterwards (one step against two halves)
    norm   weights of the error, sum_k norm_k |error_k|, relative to the same sum of the start
    """
    from atomcavity.dynamics.dicke_ladder_kernel import step

    poles, weights = partial_fractions()
    if not np.iscomplexobj(loss):  # real chain: conjugate pairs give twice the real part
        keep = poles.imag > -1e-9
        poles, weights = poles[keep], weights[keep] * np.where(poles[keep].imag > 1e-9, 2, 1)
    real = not np.iscomplexobj(loss)
    decay = loss.astype(complex)

    def advanced(x: Complex, h: float) -> Complex:
        out: Complex = np.empty_like(x)
        step(decay, feed, h, poles, weights, x, out)
        if real:
            out.imag = 0
        return out

    now, h, x, error, used = 0.0, first, start.astype(complex), 0.0, 0
    scale = float(norm @ np.abs(x)) or 1.0
    for target in times:
        while now < target:
            left = target - now
            size = left if h >= left * (1 - 1e-9) else h
            half = advanced(advanced(x, size / 2), size / 2)
            wrong = float(norm @ np.abs(half - advanced(x, size))) / scale / (2**ORDER - 1)
            used += 1
            if not wrong < np.inf or used > MOST_STEPS:
                raise ConvergenceError(f"the Dicke ladder did not reach t = {target:g} s in {used} steps")
            change = min(4.0, max(0.2, 0.9 * (TOLERANCE / max(wrong, 1e-300)) ** (1 / (ORDER + 1))))
            if wrong <= TOLERANCE:
                x, error = half, error + wrong
                now = target if size == left else now + size
                h = max(h, size * change) if size == left else size * change
            else:
                h = size * min(change, 0.7)
        yield x, error
