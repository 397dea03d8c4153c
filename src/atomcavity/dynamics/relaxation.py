"""Stationary states of blocks too large to eliminate: relaxation with extrapolation.

y -> p(L h) y with the polynomial p of the fourth-order Runge-Kutta method leaves the null vector of
L unchanged and damps everything else; reduced-rank extrapolation (Eddy; Mesina) over a few
snapshots removes the slowest components at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError

STEPS, SNAPSHOTS, CYCLES = 8, 12, 80
STABLE = 2.4  # |L h| that keeps the polynomial damping, with a margin below 2.78


def relax(
    matrix: Any, trace: NDArray[np.float64], start: NDArray[np.float64], tolerance: float = 1e-10
) -> NDArray[np.float64]:
    """The vector y with matrix y = 0 and trace . y = 1, from `start`.

    Converged when a whole cycle changes y by less than `tolerance` (sum of moduli, relative) twice
    and |L y| is below 1e-8 of the slowest diagonal rate.  Raises `ConvergenceError` otherwise.
    """
    h = STABLE / radius(matrix)
    rates = np.abs(matrix.diagonal())
    slowest = float(rates[rates > 0].min(initial=np.inf))
    y = start / (trace @ start)
    quiet, change = 0, np.inf
    for _ in range(CYCLES):
        snapshots = [y]
        for _ in range(SNAPSHOTS):
            snapshots.append(_advance(matrix, h, snapshots[-1]))
        new = _extrapolated(np.array(snapshots))
        new /= trace @ new
        change = float(np.abs(new - y).sum() / np.abs(new).sum())
        y, quiet = new, quiet + 1 if change < tolerance else 0
        if quiet >= 2 and np.abs(matrix @ y).sum() < 1e-8 * slowest * np.abs(y).sum():
            return y
    raise ConvergenceError(f"the stationary state still changes by {change:.1e} a cycle of relaxation")


def _advance(matrix: Any, h: float, y: NDArray[np.float64]) -> NDArray[np.float64]:
    for _ in range(STEPS):
        term, total = y, y
        for k in range(1, 5):
            term = (matrix @ term) * (h / k)
            total = total + term
        y = total
    return y


def _extrapolated(snapshots: NDArray[np.float64]) -> NDArray[np.float64]:
    """sum_j c_j y_j with sum c = 1 and the smallest |sum_j c_j (y_(j+1) - y_j)|."""
    steps = np.diff(snapshots, axis=0)
    second = np.diff(steps, axis=0)
    scale = np.linalg.norm(second, axis=1)
    scale[scale == 0] = 1.0
    shares = np.linalg.lstsq((second / scale[:, None]).T, -steps[0], rcond=1e-13)[0] / scale
    return snapshots[1] + shares @ steps[1:]


def radius(matrix: Any) -> float:
    """The spectral radius by power iteration, with a margin; at most the norm."""
    y = np.random.default_rng(0).normal(size=matrix.shape[0])
    growth = []
    for _ in range(40):
        new = matrix @ y
        growth.append(float(np.linalg.norm(new) / np.linalg.norm(y)))
        y = new / np.linalg.norm(new)
    return min(1.15 * max(growth[-10:]), float(abs(matrix).sum(axis=0).max()))
