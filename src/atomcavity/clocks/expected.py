r"""Deviations that a spectrum predicts: $\sigma^2(\tau)=\int_0^\infty S_y(f)\,|H(f)|^2\,df$ with u = pi f tau and

    Allan                   |H|^2 = 2 sin^4 u / u^2
    modified Allan          |H|^2 = 2 sin^6 u / u^4      (limit of many samples in tau)
    Hadamard                |H|^2 = (8/3) sin^6 u / u^2
    time                    tau^2/3 times the modified one

(IEEE Std 1139; Riley, NIST Special Publication 1065, section 5).  For power laws the integrals are
closed: those of phase noise up to the bandwidth $f_h$ for the Allan and the Hadamard deviation, at any
$f_h\tau$; the modified one converges and is taken without it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import reals, require, unknown

if TYPE_CHECKING:
    from .noise import Noise

Real = NDArray[np.float64]

_LN2, _LN3 = math.log(2), math.log(3)

ALLAN, MODIFIED, HADAMARD = "allan", "modified", "hadamard"
KINDS = {
    "adev": ALLAN,
    "oadev": ALLAN,
    "mdev": MODIFIED,
    "tdev": MODIFIED,
    "hdev": HADAMARD,
    "ohdev": HADAMARD,
}

_WITHOUT_CUT = {  # sigma²/h_alpha as (factor, power of tau)
    (ALLAN, 0): (1 / 2, -1),
    (ALLAN, -1): (2 * _LN2, 0),
    (ALLAN, -2): (2 * math.pi**2 / 3, 1),
    (HADAMARD, 0): (1 / 2, -1),
    (HADAMARD, -1): (4 * _LN2 - 1.5 * _LN3, 0),
    (HADAMARD, -2): (math.pi**2 / 3, 1),
    (MODIFIED, 2): (3 / (8 * math.pi**2), -3),
    (MODIFIED, 1): ((24 * _LN2 - 9 * _LN3) / (8 * math.pi**2), -2),
    (MODIFIED, 0): (1 / 4, -1),
    (MODIFIED, -1): ((27 * _LN3 - 32 * _LN2) / 8, 0),
    (MODIFIED, -2): (11 * math.pi**2 / 20, 1),
}
# sin^p u = c_0 + sum_j c_j cos(2 j u)
_SINES = {4: (3 / 8, -1 / 2, 1 / 8), 6: (5 / 16, -15 / 32, 3 / 16, -1 / 32)}
_TRANSFER = {ALLAN: (2.0, 4, 2), MODIFIED: (2.0, 6, 4), HADAMARD: (8 / 3, 6, 2)}  # factor, sine's power, u's


def deviation(noise: Noise, tau: ArrayLike, kind: str) -> Real:
    """See `Noise.deviation`."""
    if kind not in KINDS:
        raise unknown("kind of deviation", kind, KINDS)
    t = reals(tau, "tau")
    require(bool(np.all(t > 0)), "averaging times tau must be positive")
    variance = np.zeros(t.shape)
    for alpha, h in noise.parts.items():
        variance += h * _part(KINDS[kind], alpha, t, noise)
    return np.sqrt(variance) * (t / math.sqrt(3) if kind == "tdev" else 1.0)


def _part(kind: str, alpha: int, tau: Real, noise: Noise) -> Real:
    if (kind, alpha) not in _WITHOUT_CUT:
        return _below_bandwidth(kind, alpha, tau, noise.require_bandwidth())
    factor, power = _WITHOUT_CUT[kind, alpha]
    value = factor * tau ** float(power)
    if alpha == -1 and noise.slowest_hz is not None:
        value -= _below(kind, noise.slowest_hz, tau)
    return value


def _below_bandwidth(kind: str, alpha: int, tau: Real, bandwidth: float) -> Real:
    """Integral of f^alpha |H|² up to the bandwidth for alpha = 2, 1."""
    from scipy.special import sici

    factor, sine, _ = _TRANSFER[kind]
    end = math.pi * bandwidth * tau
    first, *others = _SINES[sine]
    if alpha == 2:  # int sin^p u du
        total = first * end
        for j, c in enumerate(others, 1):
            total = total + c * np.sin(2 * j * end) / (2 * j)
        return factor * total / (math.pi * tau) ** 3
    total = np.zeros(tau.shape)  # int sin^p u / u du, with c_0 = -sum c_j
    for j, c in enumerate(others, 1):
        z = 2 * j * end
        total = total - c * (np.euler_gamma + np.log(z) - sici(z)[1])
    return factor * total / (math.pi * tau) ** 2


def _below(kind: str, cut: float, tau: Real) -> Real:
    """Integral of |H|²/f from 0 to a cut-off: what flicker noise that begins there lacks."""
    return integral(lambda f: 1 / f, kind, tau, (0.0, cut))


def integral(
    density: Callable[[Real], Real], kind: str, tau: ArrayLike, band: tuple[float, float] = (0.0, math.inf)
) -> Real:
    """sigma²(tau) of any one-sided `density` S_y(f in Hz) inside a band (Hz), which may reach from 0 to inf.

    In pieces of pi/2 of u = pi f tau up to 64 pi, then with sin^p u replaced by its mean.  The density has to be
    smooth on the scale 1/tau beyond 32/tau.
    """
    factor, sine, power = _TRANSFER[kind]
    x, w = np.polynomial.legendre.leggauss(12)
    result = np.empty(np.shape(tau))
    for index, t in np.ndenumerate(np.asarray(tau, dtype=float)):
        low, high = (math.pi * t * f for f in band)
        edges = np.concatenate((np.geomspace(1e-8, math.pi / 4, 40), np.arange(2, 257) * math.pi / 4))
        edges = np.unique(np.clip(edges, low, high))
        half = np.diff(edges) / 2
        u = (edges[:-1] + half)[:, None] + half[:, None] * x
        total = np.sum(half[:, None] * w * density(u / (math.pi * t)) * np.sin(u) ** sine / u**power)
        if high > edges[-1]:
            top = np.geomspace(edges[-1], min(high, edges[-1] * 1e9), 120)
            half = np.diff(top) / 2
            u = (top[:-1] + half)[:, None] + half[:, None] * x
            total += _SINES[sine][0] * np.sum(half[:, None] * w * density(u / (math.pi * t)) / u**power)
        result[index] = factor * total / (math.pi * t)
    return result
