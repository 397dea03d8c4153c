"""A pulse with itself: sum over time of the state weighted by the light, w = int_0^inf n(t) y(t) dt.

The overlap of two photon numbers of independent pulses is int n(t) m(t + tau) dt = m . exp(L tau) w.  With
Y(T) = int_0^T y y^+ dt, w = Y(inf) n; small systems double the time, Y(2 T) = Y(T) + exp(L T) Y(T) exp(L T)^+,
which is quick however slow the light ends; large ones go step by step with the Taylor series of y.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.propagation import REACH, radius
from atomcavity.dynamics.exact.pulse import ROUNDING
from atomcavity.dynamics.exact.stationary import Stationary
from atomcavity.errors import ConvergenceError, InputError

Real = NDArray[np.float64]
TERMS = 80  # of the Taylor series of one step
ROUNDED = 1e-17
SETTLED = 1e-10  # last change of w, relative: what follows is far less
COUNTED = 1e-6  # part of the light that may be missing when w no longer changes
FINISHED = 1e-9  # part of the light that may be missing from a sum of steps
DOUBLINGS = 60
DENSE = 1500  # size up to which time is doubled
MOST_WORK = 1e11  # multiplications: some ten seconds


def weighted(state: Stationary, mode: int) -> Real:
    """w (in s) for a pulse's integral `state`, n the photon number of `mode`, in the unknowns of its block.

    Raises `InputError` where a large system's light ends too slowly, `ConvergenceError` if it does not end.
    """
    block = state.block
    lit = np.flatnonzero(block.level > 0)  # the ground level holds no light
    matrix = block.matrix[lit][:, lit]
    light = block.fold(state.observables.mode_correlation(mode, mode)).real[lit]
    start = block.pack(state.sector.product_state(state.sector.reduced.states))[lit]
    found = np.zeros(len(state.y))
    photons = float(light @ state.y[lit])
    if photons > 0 and matrix.nnz:
        solve = _doubled if len(lit) <= DENSE else _stepped
        found[lit] = solve(matrix, start, light, photons)
    return found


def _terms(matrix: Any, start: Real, step: float) -> Real:
    """The terms (L step)^k y/k! of exp(L step) y, (term, unknown)."""
    terms = [start]
    while np.abs(terms[-1]).max() > ROUNDED * np.abs(terms[0]).max():
        if len(terms) == TERMS:
            raise ConvergenceError("the Taylor series of a pulse did not converge")
        terms.append((matrix @ terms[-1]) * (step / len(terms)))
    return np.array(terms)


def _moments(count: int) -> Real:
    """int_0^1 s^k s^l ds."""
    k = np.arange(count)
    return 1.0 / (k[:, None] + k + 1)


def _doubled(matrix: Any, start: Real, light: Real, photons: float) -> Real:
    from scipy.linalg import expm

    dense = _without_dark(matrix.toarray())
    step = REACH / float(np.abs(dense).sum(axis=0).max())
    terms = _terms(dense, start, step)
    whole = step * terms.T @ _moments(len(terms)) @ terms  # int y y^+ dt
    once = step * terms.T @ (1.0 / np.arange(1, len(terms) + 1))  # int y dt
    propagator = expm(dense * step)
    found = whole @ light
    for _ in range(DOUBLINGS):
        whole = whole + propagator @ whole @ propagator.T
        once = once + propagator @ once
        propagator = propagator @ propagator
        new = whole @ light
        settled = np.abs(new - found).max() <= SETTLED * np.abs(new).max()
        found = new
        if settled and abs(light @ once - photons) <= COUNTED * photons:
            return found
    raise ConvergenceError(
        "the rates differ so much that the light of the pulse is not followed to its end; use "
        "Exact(cavity='eliminated') or Jumps() for its g2"
    )


def _without_dark(matrix: Real) -> Real:
    """The generator with a decay for what stays in dark states, which no light tells."""
    from scipy.linalg import svd

    u, singular, v = svd(matrix)
    null = singular <= ROUNDING * len(matrix) * singular[0]
    left, dark = u[:, null], v[null].T
    return matrix - singular[0] * dark @ np.linalg.solve(left.T @ dark, left.T) if null.any() else matrix


def _stepped(matrix: Any, start: Real, light: Real, photons: float) -> Real:
    step, y = REACH / radius(matrix), start
    most = math.ceil(MOST_WORK / (30 * matrix.nnz))
    found, left = np.zeros_like(start), photons
    for _ in range(most):
        terms = _terms(matrix, y, step)
        n = terms @ light
        found += step * (n @ _moments(len(terms))) @ terms
        left -= step * float(n @ (1.0 / np.arange(1, len(terms) + 1)))
        y = terms.sum(axis=0)
        if abs(left) <= FINISHED * photons:
            return found
    raise InputError(
        "Exact would need too many steps until the light of this pulse has ended; use Jumps() for its g2"
    )
