r"""The output power of a spherical crystal without shifts, in mean field: Eqs. (33)-(36) and (39) of the paper.

With the paper's convention H = (g/2)(c^+ sigma + h.c.) its g is twice ours, so that its g^2/kappa is 4 g^2/kappa here,
the collective rate Gamma_c of one ion on the axis in an antinode.  An ion that the light does not touch has the inversion D,
it returns there at the rate gamma_par, and its dipole decays at gamma_perp.  With u = g/g_0 averaged over the sphere and
A = |c|^2 kappa Gamma_c/(gamma_par gamma_perp), Eq. (33) reads

    h(A) = 1/G,   G = N Gamma_c D/gamma_perp,
    h(A) = <u^2/(1 + A u^2)>/2 = 3 zeta^2/(4 A) int_0^1 ln[(1 + sqrt(1 + A))/(1 + sqrt(1 + A e(x)))] dx,

with e(x) = exp(2(x^2 - 1)/zeta^2), and the power is hbar omega A gamma_par gamma_perp/Gamma_c.  h falls from h(0), so that
there is one lasing state where h(0) G > 1: between two pump rates.  1/h is concave in A: Newton's method from below the
root rises to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import hbar

from atomcavity.errors import ConvergenceError, require

Real = NDArray[np.float64]

_NODES, _WEIGHTS = (part / 2 for part in np.polynomial.legendre.leggauss(48))
_NODES = _NODES + 0.5
_GOLDEN = (np.sqrt(5) - 1) / 2
_ITERATIONS = 60
_EXACT = 1e-12


def saturable_gain(A: ArrayLike, zeta: ArrayLike) -> tuple[Real, Real]:
    """h(A) and dh/dA of the sphere, for A > 0 (any shape)."""
    a, z = (each[..., None] for each in np.broadcast_arrays(np.asarray(A, float), np.asarray(zeta, float)))
    log_e = 2 * (_NODES**2 - 1) / z**2
    e, one_minus_e = np.exp(log_e), -np.expm1(log_e)
    root, root_e = np.sqrt(1 + a), np.sqrt(1 + a * e)
    logarithm = np.log1p(a * one_minus_e / ((root + root_e) * (1 + root_e)))
    slope = 1 / (2 * root * (1 + root)) - e / (2 * root_e * (1 + root_e))
    scale, a = 0.75 * z[..., 0] ** 2, a[..., 0]
    h = scale * (logarithm @ _WEIGHTS) / a
    return h, scale * (slope @ _WEIGHTS) / a - h / a


def mean_overlap(zeta: ArrayLike, power: int = 1) -> Real:
    """<exp(-2 n r_perp^2/w_0^2)> over the sphere, n = `power`, for zeta = w_0/R."""
    z = np.asarray(zeta, float)
    inner = -np.expm1(2 * power * (_NODES**2 - 1) / z[..., None] ** 2) @ _WEIGHTS
    return np.asarray(0.75 * z**2 / power * inner)


def saturation(gain: ArrayLike, zeta: ArrayLike) -> Real:
    """A of the lasing state at the gain G; 0 where G h(0) <= 1.  `ConvergenceError` if Newton's method fails."""
    G, z = np.broadcast_arrays(np.asarray(gain, float), np.asarray(zeta, float))
    first, second = mean_overlap(z) / 2, 3 / 8 * mean_overlap(z, 2)  # <u^2>, <u^4>
    lases = G * first > 2
    A = np.where(lases, (G - 2 / first) * first**2 / (2 * second), 1.0)
    for _ in range(_ITERATIONS):
        h, slope = saturable_gain(A, z)
        step = np.where(lases, (G - 1 / h) * h**2 / -slope, 0.0)
        A = A + np.maximum(step, -A / 2)
        if np.all(np.abs(step) <= _EXACT * (A + 0.1 * np.abs(G))):
            return np.where(lases, A, 0.0)
    raise ConvergenceError(f"the saturation did not converge: last step {np.abs(step / A).max():.2g} of A")


@dataclass(frozen=True, eq=False)
class ContinuousLaser:
    """N ions without shifts, spread evenly over a sphere of radius R, in a Gaussian standing wave of waist zeta R.

    Numbers, or arrays of one shape for several lasers at once:

    number           N
    collective_rate  Gamma_c = 4 g^2/kappa (rad/s) at the waist R: it falls as zeta^-2
    gamma            natural decay of the lasing line (rad/s)
    xi               decays back per decay into the upper state, of the level that is pumped through
    frequency        of the light (rad/s)
    """

    number: ArrayLike
    collective_rate: ArrayLike
    gamma: float
    xi: float
    frequency: float

    def rate(self, zeta: ArrayLike) -> Real:
        """Gamma_c (rad/s) at the waist zeta R."""
        return np.asarray(self.collective_rate) / np.asarray(zeta, float) ** 2

    def output(
        self, inversion: ArrayLike, parallel: ArrayLike, perpendicular: ArrayLike, zeta: ArrayLike
    ) -> Real:
        """Power (W) through both mirrors, Eq. (39), for D, gamma_par and gamma_perp (1/s) of one ion in the dark."""
        rate, across = self.rate(zeta), np.asarray(perpendicular)
        gain = np.asarray(self.number) * rate * np.asarray(inversion) / across
        return np.asarray(
            hbar * self.frequency * saturation(gain, zeta) * np.asarray(parallel) * across / rate
        )

    def power(self, pump: ArrayLike, zeta: ArrayLike) -> Real:
        """Power (W) of two-level ions at the pump rates w (1/s) and waists zeta R; 0 where they do not lase."""
        w = np.asarray(pump, float)
        parallel = w + self.gamma
        return self.output((w - self.gamma) / parallel, parallel, (parallel + self.xi * w) / 2, zeta)

    def thresholds(self, zeta: ArrayLike) -> tuple[Real, Real]:
        """The pump rates (1/s) between which they lase; NaN where they never do."""
        K = np.asarray(self.number) * self.rate(zeta) * mean_overlap(zeta) / 2
        half = (K - (2 + self.xi) * self.gamma) / 2
        constant = self.gamma * (self.gamma + K)
        with np.errstate(invalid="ignore"):
            root = np.where(half > 0, half + np.sqrt(half**2 - (1 + self.xi) * constant), np.nan)
        return np.asarray(constant / root), np.asarray(root / (1 + self.xi))

    def optimum(self, zeta: ArrayLike) -> tuple[Real, Real]:
        """The pump rate (1/s) of the largest power, and that power (W).  `InputError` where they never lase."""
        low, high = self.thresholds(zeta)
        require(bool(np.all(np.isfinite(low))), "there is no optimum: it lases at no pump rate")
        pump = largest(lambda w: self.power(w, zeta), low, high)
        return pump, self.power(pump, zeta)

    def best(self, low: float = 0.3, high: float = 3.0) -> tuple[Real, Real, Real]:
        """zeta in [low, high], pump rate (1/s) and power (W) of the largest power of all."""
        shape = np.broadcast(self.number, self.collective_rate).shape
        ends = np.full(shape, low), np.full(shape, high)
        zeta = largest(lambda z: self.optimum(z)[1], *ends, steps=36)
        return zeta, *self.optimum(zeta)


def largest(function: Callable[[Real], Real], low: Real, high: Real, *, steps: int = 42) -> Real:
    """Where functions with one maximum each are largest, by golden sections of [low, high] (arrays of one shape)."""
    inner = [high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)]
    value = [function(x) for x in inner]
    for _ in range(steps):
        left = value[0] > value[1]
        low, high = np.where(left, low, inner[0]), np.where(left, inner[1], high)
        kept, kept_value = np.where(left, inner[0], inner[1]), np.where(left, value[0], value[1])
        fresh = np.where(left, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
        found = function(fresh)
        inner = [np.where(left, fresh, kept), np.where(left, kept, fresh)]
        value = [np.where(left, found, kept_value), np.where(left, kept_value, found)]
    return np.asarray((low + high) / 2)
