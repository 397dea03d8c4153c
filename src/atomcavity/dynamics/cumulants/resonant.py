"""Stationary moments of resonant emitters of equal linewidth in one bright mode: two nested scalar roots.

With A_k = i g_k x_k (x real: 2 |g|^2 x photons a second from each emitter), U = sum_k N_k |g_k|^2 S_k and
q = |g|^2/perp, the equations of `cumulants.moments` for given photon number n and U are, for each class alone,

    x [kappa/2 + perp - U/(2 perp) + q S] = p + S m,   m = n [1 + kappa/(4 perp)],   2 |g|^2 x = pump - (pump + gamma) p

a quadratic for p; then U = sum N |g|^2 S (the inner root) and kappa n = sum_k 2 N_k |g_k|^2 x_k (the outer one).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.cumulants.moments import Moments

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
SAME = 1e-12  # relative difference below which frequencies and couplings count as equal
TINY = 1e-300  # smallest bracket
DECADES = 30  # photon numbers that are searched, downwards from all that the pump could make


@dataclass(frozen=True, eq=False)
class Bright:
    """The one mode b = sum_i v_i a_i that the emitters see, g_ki = strength_k v_i."""

    strength: Complex
    vector: Complex
    kappa: float
    detuning: float


def bright(m: Moments) -> Bright | None:
    """That mode if there is one which the others neither feed nor are fed by."""
    u, sizes, rows = np.linalg.svd(m.g, full_matrices=False)
    if len(sizes) > 1 and sizes[1] > SAME * sizes[0]:
        return None
    vector = rows[0]
    response = np.diag(m.kappa / 2) + 1j * m.matrix
    value = vector @ response @ vector.conj()
    stray = [vector @ response - value * vector, response @ vector.conj() - value * vector.conj()]
    if np.abs(stray).max() > SAME * np.abs(response).max(initial=0.0):
        return None
    return Bright(u[:, 0] * sizes[0], vector, 2 * value.real, value.imag)


def resonant(m: Moments) -> list[tuple[Real, Complex, Complex]] | None:
    """All stationary (S, A, C) that the nested search finds, darkest first; None where it does not apply."""
    mode = bright(m) if m.kept else None
    if mode is None or mode.kappa == 0 or not m.perp.all():
        return None
    width = float(m.perp[0])
    if np.ptp(m.perp) > SAME * width:
        return None
    if np.abs(m.detuning - mode.detuning).max() > SAME * (width + mode.kappa):
        return None
    equations = _Equations(m, np.abs(mode.strength) ** 2, mode.kappa, width)
    return [_state(m, mode, equations, n) for n in equations.roots()]


@dataclass(frozen=True, eq=False)
class _Equations:
    m: Moments
    rate: Real  # |g|^2
    kappa: float
    width: float

    def population(self, n: float, u: float) -> Real:
        """p of each class: the root of a concave parabola in [0, 1]."""
        m, q = self.m, self.rate / self.width
        total = m.pump + m.gamma
        seen = n * (1 + self.kappa / (4 * self.width))
        d = self.kappa / 2 + self.width - u / (2 * self.width)
        square = 2 * q * total
        linear = 2 * q * m.pump - total * (d - q) - 2 * self.rate * (1 + 2 * seen)
        constant = m.pump * (d - q) + 2 * self.rate * seen
        root = np.sqrt(np.maximum(linear**2 + 4 * square * constant, 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            p = np.where(linear < 0, 2 * constant / (root - linear), (linear + root) / (2 * square))
        return np.clip(p, 0, 1)

    def solved(self, n: float) -> Real:
        """p of each class at a photon number: the inner root."""
        weight = self.m.number * self.rate
        total = float(weight.sum())

        def gap(u: float) -> float:
            return float(weight @ (2 * self.population(n, u) - 1)) - u

        top = min(total, 2 * self.width * (self.kappa / 2 + self.width))
        return self.population(n, _root(gap, -total, top))

    def balance(self, n: float) -> float:
        """Photons made minus photons lost."""
        p = self.solved(n)
        return float(self.m.number @ (self.m.pump - (self.m.pump + self.m.gamma) * p)) - self.kappa * n

    def roots(self) -> list[float]:
        """Photon numbers at which gain equals loss; several only where some emitters absorb."""
        most = float(self.m.number @ self.m.pump) / self.kappa
        if most == 0:
            return [0.0]
        inversion = self.m.uncoupled
        absorbing = inversion.max() > 0 and inversion.min() < 0
        steps = 2 if absorbing else 1
        grid = [most * (1 + 1e-9) * 10 ** (-k / steps) for k in range(DECADES * steps)]
        high, found = grid[0], []
        for low in grid[1:]:
            if self.balance(low) > 0 > self.balance(high) or self.balance(low) < 0 < self.balance(high):
                found.append(
                    math.exp(_root(lambda y: self.balance(math.exp(y)), math.log(low), math.log(high)))
                )
                if not absorbing:
                    break
            high = low
        return found[::-1] or [0.0]


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    first, last = function(low), function(high)
    if first == 0 or first < 0 < last:
        return low
    if last >= 0:
        return high
    if first < 0:
        return low
    return float(brentq(function, low, high, xtol=max(1e-15 * max(abs(low), abs(high)), TINY), rtol=1e-14))


def _state(m: Moments, mode: Bright, equations: _Equations, n: float) -> tuple[Real, Complex, Complex]:
    p = equations.solved(n)
    s = 2 * p - 1
    u = float((m.number * equations.rate) @ s)
    seen = n * (1 + mode.kappa / (4 * equations.width))
    d = mode.kappa / 2 + equations.width - u / (2 * equations.width) + equations.rate / equations.width * s
    a = np.outer(mode.vector, 1j * mode.strength * (p + s * seen) / d)
    return s, a, n * np.outer(mode.vector, mode.vector.conj())
