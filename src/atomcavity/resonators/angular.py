r"""Angular functions of a mode: Θ_lm(θ), its derivatives, and the near-equator approximation.

Θ_lm(θ) e^{imφ} is the spherical harmonic without the Condon-Shortley sign and with Θ_{l,-m} = Θ_{l,|m|}:
∫Θ² sinθ dθ = 1/(2π).  With this choice the field of -m is the complex conjugate of that of +m.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]


@njit(cache=True)
def _legendre(l: int, m: int, theta: np.ndarray, log_start: float, out: np.ndarray) -> None:
    """Θ/sinθ (m >= 1) or Θ (m = 0) of degrees l and l - 1, by upward recurrence from l = m, scaled."""
    power = max(m - 1, 0)
    for i in range(theta.size):
        x = math.cos(theta[i])
        sine = math.sin(theta[i])
        if power > 0 and sine <= 0.0:
            out[0, i] = 0.0
            out[1, i] = 0.0
            continue
        log = log_start + (power * math.log(sine) if power > 0 else 0.0)
        below = 0.0
        value = 1.0
        for k in range(m + 1, l + 1):
            a = math.sqrt((4.0 * k * k - 1.0) / (k * k - m * m))
            b = math.sqrt(((k - 1.0) ** 2 - m * m) / (4.0 * (k - 1.0) ** 2 - 1.0))
            below, value = value, a * (x * value - b * below)
            if abs(value) > 1e100:
                value *= 1e-100
                below *= 1e-100
                log += 230.25850929940458
        scale = math.exp(log)
        out[0, i] = value * scale
        out[1, i] = below * scale


def _log_norm(m: int) -> float:
    """ln of Θ_mm/sin^m θ = sqrt((2m+1)!!/(4π (2m)!!))."""
    double = math.lgamma(m + 1.5) - math.lgamma(m + 1.0) - 0.5 * math.log(math.pi) + math.log(2.0)
    return 0.5 * (double - math.log(4.0 * math.pi))


def _reduced(l: int, m: int, theta: Array) -> tuple[Array, Array]:
    out = np.zeros((2, theta.size))
    _legendre(l, m, theta, _log_norm(m), out)
    return out[0], out[1]


def legendre(l: int, m: int, theta: Array) -> tuple[Array, Array, Array]:
    """(Θ, |m|Θ/sinθ, dΘ/dθ) at polar angles θ (any shape), for any |m| <= l, without overflow.

    >>> value, _, _ = legendre(1, 1, np.array([np.pi / 2]))
    >>> round(float(value[0]), 6)              # sqrt(3/8π)
    0.345494
    """
    order = abs(m)
    flat = np.ascontiguousarray(np.ravel(theta))
    sine, cosine = np.sin(flat), np.cos(flat)
    top, below = _reduced(l, order, flat)
    if order == 0:
        value, over = top, np.zeros_like(top)
        first, _ = _reduced(l, 1, flat)
        slope = -math.sqrt(l * (l + 1.0)) * first * sine
    else:
        value, over = top * sine, order * top
        lower = math.sqrt((2.0 * l + 1.0) * (l * l - order * order) / (2.0 * l - 1.0))
        slope = l * cosine * top - lower * below
    shape = np.shape(theta)
    return value.reshape(shape), over.reshape(shape), slope.reshape(shape)


def hermite(q: int, m: int, theta: Array, printed: bool) -> tuple[Array, Array]:
    r"""Near-equator Θ of Eq. (10) of Yu and Vollmer and dΘ/dθ, with q = l - |m|.

    $\Theta=(|m|/\pi)^{1/4}(2^q q!)^{-1/2}H_q(\sqrt{|m|}\delta)e^{-|m|\delta^2/2}$, δ = θ - π/2.  With the
    physicists' H_q this is normalised, ∫Θ² dδ = 1; `printed` takes the probabilists' He_q that the
    paper's Eqs (34) and (35) imply.
    """
    y = math.sqrt(m) * (theta - 0.5 * math.pi)
    below, value = np.zeros_like(y), np.ones_like(y)
    two = 1.0 if printed else 2.0
    for k in range(q):
        below, value = value, two * y * value - two * k * below
    norm = (m / math.pi) ** 0.25 * math.exp(-0.5 * (q * math.log(2.0) + math.lgamma(q + 1.0)))
    envelope = norm * np.exp(-0.5 * y * y)
    return value * envelope, math.sqrt(m) * (two * q * below - y * value) * envelope
