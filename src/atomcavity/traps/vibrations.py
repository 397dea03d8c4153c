"""Vibrational states of a particle in a one-dimensional well, and tunnelling out of it.

The Schroedinger equation

    -hbar^2/(2 M) psi'' + V(x) psi = E psi,     psi(a) = psi(b) = 0

is solved in the discrete-variable representation of the sine basis on (a, b) (Colbert and Miller,
J. Chem. Phys. 96, 1982 (1992), appendix A): the potential is diagonal, the kinetic energy exact in
the basis, and the energies converge exponentially with the number of points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar

from atomcavity.errors import ConvergenceError, InputError, require
from atomcavity.results import Record, Result, quantity

Potential = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_ENOUGH_TO_SEE_ONE = 216
_POINTS = (64, 96, 144, 216, 324, 486, 729)  # a state converges once the shortest wave has a few points


@dataclass(frozen=True, eq=False, repr=False)
class BoundStates(Result):
    """Bound states of a one-dimensional well.

    energies        (state,) E (J), on the energy scale of the potential
    position        (position,) x (m)
    wave_functions  (state, position) real psi (m^-1/2), integral of psi^2 dx = 1, last lobe positive
    potential       (position,) V (J)
    error           (state,) change of E when the number of points was last raised by half (J)
    ceiling         energy above which the well is open (J)
    """

    energies: NDArray[np.float64] = quantity("state", unit="J", label="energy")
    position: NDArray[np.float64] = quantity("position", unit="m", label="position")
    wave_functions: NDArray[np.float64] = quantity("state", "position", unit="m^-1/2", label="wave function")
    potential: NDArray[np.float64] = quantity("position", unit="J", label="potential")
    error: NDArray[np.float64] = quantity("state", unit="J", label="error of the energy")
    ceiling: float = quantity(unit="J", label="energy above which the well is open")

    @property
    def gaps(self) -> NDArray[np.float64]:
        """Angular frequencies (E_(n+1) - E_n)/hbar (rad/s), shape (state - 1,)."""
        return np.diff(self.energies) / hbar

    def mean(self, function: Potential, state: int = 0) -> float:
        """The expectation value of `function(x)` in a state."""
        density = self.wave_functions[state] ** 2
        step = self.position[1] - self.position[0]
        return float(np.sum(density * function(self.position)) * step)

    def width(self, state: int = 0) -> float:
        """The standard deviation of the position in a state (m)."""
        centre = self.mean(lambda x: x, state)
        return float(np.sqrt(self.mean(lambda x: (x - centre) ** 2, state)))

    def quadrature(self, nodes: int = 7, state: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Gauss nodes x_k (m) and weights w_k: sum w_k f(x_k) = <f(x)> for polynomials f up to degree 2 nodes - 1.

        By the recurrence of the polynomials orthogonal under psi^2 (Golub and Welsch 1969).
        """
        centre, scale = self.mean(lambda x: x, state), self.width(state)
        t = (self.position - centre) / scale
        density = self.wave_functions[state] ** 2 * (self.position[1] - self.position[0])
        diagonal, off = np.zeros(nodes), np.zeros(nodes)
        before, now = np.zeros_like(t), np.sqrt(density)
        for k in range(nodes):
            diagonal[k] = now @ (t * now)
            after = (t - diagonal[k]) * now - (off[k - 1] * before if k else 0.0)
            off[k] = np.linalg.norm(after)
            before, now = now, after / off[k]
        x, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off[:-1], 1) + np.diag(off[:-1], -1))
        return centre + scale * x, vectors[0] ** 2

    def _summary(self) -> list[str]:
        gaps = ", ".join(f"{gap / (2e3 * np.pi):.4g}" for gap in self.gaps[:8])
        return [f"{len(self.energies)} bound states", f"gaps/2π = {gaps} kHz"]


def bound_states(
    potential: Potential,
    mass: float,
    interval: tuple[float, float],
    *,
    count: int | None = None,
    rtol: float = 1e-8,
) -> BoundStates:
    """States of a particle of `mass` (kg) in `potential` (x in m -> J, vectorised) with walls at both ends.

    Only states below the lower one of V(a), V(b) are bound and returned: all of them, or the lowest `count`.
    The number of points is raised until the energies change by less than `rtol` of the well's depth (of the
    height of the highest state asked for, if `count` is given); states that did not get there are named in
    the warnings, and their `error` says how far they are.

    Raises `InputError` if the well holds no state at all or V is not finite, and `ConvergenceError` if
    the ground state does not converge.

    >>> from scipy.constants import hbar
    >>> M, w = 1.5e-25, 6e5
    >>> well = bound_states(lambda x: M * w**2 * x**2 / 2, M, (-3e-7, 3e-7), count=3)
    >>> (well.energies / (hbar * w)).round(6).tolist()
    [0.5, 1.5, 2.5]
    """
    low, high = interval
    require(mass > 0, f"mass = {mass!r} must be positive (kg)")
    require(high > low, f"interval = {interval!r} must be (a, b) with a < b (m)")
    require(count is None or count >= 1, f"count = {count!r} must be a whole number >= 1")
    found = _converge(potential, mass, interval, count, rtol)
    x = found.position
    psi = found.vectors[:, : len(found.energies)].T / np.sqrt(x[1] - x[0])
    for state in psi:
        last_lobe = np.flatnonzero(np.abs(state) > 1e-3 * np.abs(state).max())[-1]
        state *= np.sign(state[last_lobe])
    return BoundStates(
        record=Record(
            method=f"sine discrete-variable representation, {found.points} points",
            warnings=_doubts(found.converged, found.points, count),
        ),
        energies=found.energies,
        position=x,
        wave_functions=psi,
        potential=_finite(potential, x),
        error=found.error,
        ceiling=found.ceiling,
    )


def _sine_dvr(
    potential: Potential, mass: float, interval: tuple[float, float], points: int, ceiling: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Positions (`points` - 1), energies below `ceiling`, eigenvectors (Colbert and Miller, Eq. A6)."""
    from scipy.linalg import eigh

    low, high = interval
    i = np.arange(1, points)
    x = low + (high - low) * i / points
    difference, total = i[:, None] - i[None, :], i[:, None] + i[None, :]
    with np.errstate(divide="ignore"):
        kinetic = 1 / np.sin(np.pi * difference / (2 * points)) ** 2
    kinetic -= 1 / np.sin(np.pi * total / (2 * points)) ** 2
    kinetic *= np.where(difference % 2 == 0, 1.0, -1.0)
    kinetic[np.diag_indices(points - 1)] = (2 * points**2 + 1) / 3 - 1 / np.sin(np.pi * i / points) ** 2
    unit = hbar**2 / (2 * mass) * np.pi**2 / (2 * (high - low) ** 2)
    kinetic[np.diag_indices(points - 1)] += _finite(potential, x) / unit
    energies, vectors = eigh(kinetic, subset_by_value=(-np.inf, ceiling / unit))
    return x, energies * unit, vectors


def _finite(potential: Potential, x: NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.asarray(potential(x), dtype=float)
    require(
        values.shape == x.shape and bool(np.all(np.isfinite(values))),
        f"the potential must give one finite energy (J) a position between {x.min():g} m and {x.max():g} m",
    )
    return values


def _change(energies: NDArray[np.float64], previous: NDArray[np.float64]) -> NDArray[np.float64]:
    error = np.full(len(energies), np.inf)
    shared = min(len(energies), len(previous))
    error[:shared] = np.abs(energies[:shared] - previous[:shared])
    return error


class _Solution(NamedTuple):
    position: NDArray[np.float64]
    energies: NDArray[np.float64]
    vectors: NDArray[np.float64]
    error: NDArray[np.float64]
    ceiling: float
    points: int
    converged: NDArray[np.bool_]


def _converge(
    potential: Potential, mass: float, interval: tuple[float, float], count: int | None, rtol: float
) -> _Solution:
    """Raise the number of points until the energies stay: see `bound_states`."""
    low, high = interval
    ends = _finite(potential, np.array([low, high]))
    ceiling = float(ends.min())
    previous = np.empty(0)
    for points in _POINTS:
        x, energies, vectors = _sine_dvr(potential, mass, interval, points, ceiling)
        energies = energies[:count]
        if len(energies) == 0:
            if points >= _ENOUGH_TO_SEE_ONE:
                break
            continue
        error = _change(energies, previous)
        scale = (ceiling if count is None else energies[-1]) - float(_finite(potential, x).min())
        if np.all(error <= rtol * scale):
            break
        previous = energies
    if len(energies) == 0:
        raise InputError(
            f"the well between {low:g} m and {high:g} m holds no bound state of mass {mass:g} kg"
        )
    if not error[0] <= 1e3 * rtol * scale:
        raise ConvergenceError(
            f"the ground state still changes by {error[0]:.2g} J at {points} points (allowed: {rtol * scale:.2g} J)"
        )
    return _Solution(x, energies, vectors, error, ceiling, points, error <= rtol * scale)


def _doubts(converged: NDArray[np.bool_], points: int, count: int | None) -> tuple[str, ...]:
    warnings = []
    if not converged.all():
        warnings.append(
            f"states {np.flatnonzero(~converged).tolist()} did not converge with {points} points: see `error`"
        )
    if count is not None and len(converged) < count:
        warnings.append(f"the well holds {len(converged)} bound states, not {count}")
    return tuple(warnings)


def lamb_dicke(wavenumber: float, mass: float, frequency: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Lamb-Dicke parameter eta = k sqrt(hbar/(2 M Omega)) for k in rad/m, M in kg, Omega in rad/s; NaN stays NaN."""
    frequencies = np.asarray(frequency, dtype=float)
    require(not np.any(frequencies <= 0), "a Lamb-Dicke parameter needs positive trap frequencies (rad/s)")
    return wavenumber * np.sqrt(hbar / (2 * mass * frequencies))


def tunnelling_rate(
    potential: Potential,
    mass: float,
    energy: float,
    *,
    inside: float,
    outside: float,
    attempts: float,
) -> float:
    """Rate (1/s) of leaving a well through a barrier, by Wentzel, Kramers and Brillouin.

        rate = attempts exp(-2 S),   S = (1/hbar) integral over the barrier of sqrt(2 M (V - E)) dx

    `inside` lies in the well (V < E) and `outside` beyond the barrier (m); `attempts` is the number of
    times a second at which the particle hits it (the well's frequency, 1/s). An estimate: good to a
    factor near one while S is well above one. Above the top of the barrier S = 0: the particle leaves
    at the first attempt. If the barrier never falls below E the rate is zero.
    """
    from scipy.optimize import brentq

    x = np.linspace(inside, outside, 4001)
    height = _finite(potential, x) - energy
    require(height[0] < 0, f"inside = {inside:g} m is not in the well: its potential is above the energy")
    above = np.flatnonzero(height > 0)
    if len(above) == 0:
        return attempts
    after = np.flatnonzero(height[above[0] :] < 0)
    if len(after) == 0:
        return 0.0
    ends = [
        brentq(lambda s: float(potential(np.array([s]))[0]) - energy, x[k - 1], x[k])
        for k in (above[0], above[0] + after[0])
    ]
    node, weight = np.polynomial.legendre.leggauss(64)
    angle = np.pi / 4 * (node + 1)  # x = x1 + (x2 - x1) sin^2: removes the square roots at the turning points
    s = ends[0] + (ends[1] - ends[0]) * np.sin(angle) ** 2
    momentum = np.sqrt(np.maximum(2 * mass * (_finite(potential, s) - energy), 0.0))
    action = abs(np.sum(weight * momentum * np.sin(2 * angle) * np.pi / 4) * (ends[1] - ends[0]))
    return float(attempts * np.exp(-2 * action / hbar))
