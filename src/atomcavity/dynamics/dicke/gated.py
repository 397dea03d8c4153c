"""The spectrum of a pulse of which the detector sees only the first part, up to a time T.

S_T(omega) = 2 Re int_0^T C_T(tau) exp(i omega tau) d tau,   C_T(tau) = int_0^(T - tau) <J^+(t) J^-(t + tau)> dt

The regression is linear in the populations at t, and the probability that level k has been left by t is
Gamma d_k int_0^t P_k dt' = F_k(0) - F_k(t), F_k = sum_(j<=k) P_j (`Ladder.passed`).  So C_T needs two chains and no
double integral: with b(tau) the chain of the coherences run backwards (its adjoint) from b_k(0) = sqrt(d_k),

    C_T(tau) = sum_k b_k(tau) [F_k(0) - F_k(T - tau)]/(Gamma sqrt(d_k))

It is kept as Legendre series on equal panels of tau, whose Fourier integrals are spherical Bessel functions,
int_-1^1 P_l(x) exp(i a x) dx = 2 i^l j_l(a), so that any frequency is exact, however fast it turns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.dicke.model import Ladder

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

NODES = 16  # of a panel
TOGETHER = 4096  # frequencies at a time


@dataclass(frozen=True, eq=False)
class Gated:
    """S_T of a ladder, with its derivatives.

    centre, half  the panels' centres and their half width (s)
    series        (derivative, panel, order): 2 half i^l c_l of (i tau)^n C_T(tau), n = 0, 1, 2
    offset        the emitters' detuning (rad/s)
    """

    centre: Real
    half: float
    series: Complex
    offset: float

    def density(self, detuning: Real) -> Real:
        """S_T at detunings from the reference (s^2)."""
        return self._values(np.asarray(detuning, float), 1)[0]

    def derivatives(self, detuning: float) -> tuple[float, float, float]:
        """S_T, dS_T/d omega and d^2S_T/d omega^2 at one detuning (s^2, s^3, s^4)."""
        s, s1, s2 = self._values(np.array([detuning]), 3)[:, 0]
        return float(s), float(s1), float(s2)

    def _values(self, detuning: Real, count: int) -> Real:
        from scipy.special import spherical_jn

        out = np.empty((count, len(detuning)))
        for first in range(0, len(detuning), TOGETHER):
            omega = detuning[first : first + TOGETHER] - self.offset
            turns = np.exp(1j * omega[:, None] * self.centre)
            bessel = spherical_jn(np.arange(NODES)[:, None], np.abs(omega) * self.half)
            bessel[1::2] *= np.sign(omega)
            for n in range(count):
                part = turns @ self.series[n]
                out[n, first : first + TOGETHER] = 2 * np.einsum("fl,lf->f", part, bessel).real
        return out


def gated(model: Ladder, duration: float) -> Gated:
    """The spectrum of the light that a ladder emits within `duration` (s) of its start."""
    n, rate = model.number, model.rate
    end = min(duration, (2 * np.log(n) + 80) / (n * rate))  # the slowest coherence decays with N Gamma/2
    panels = int(np.ceil(end * n * (rate + abs(model.chi)) / 4))
    x, weights = np.polynomial.legendre.leggauss(NODES)
    half = end / panels / 2
    centre = half * (2 * np.arange(panels) + 1)
    delays = (centre[:, None] + half * x).ravel()
    seen = correlation(model, duration, delays).reshape(panels, NODES)
    orders = np.arange(NODES)
    project = weights[:, None] * np.polynomial.legendre.legvander(x, NODES - 1) * (orders + 0.5)
    tau = delays.reshape(panels, NODES)
    series = np.array([((1j * tau) ** n * seen) @ project * 2 * half * 1j**orders for n in range(3)])
    return Gated(centre, half, series, model.offset)


def correlation(model: Ladder, duration: float, delays: Real) -> Complex:
    """C_T(tau) of the emitters, in their frame, at ascending delays <= T."""
    passed = model.passed((duration - delays)[::-1])[::-1] / (model.rate * np.sqrt(model.d[:-1]))
    found, first = np.empty(len(delays), complex), 0
    for b in model.adjoint(delays):
        found[first : first + len(b)] = np.sum(b * passed[first : first + len(b)], axis=1)
        first += len(b)
    return found
