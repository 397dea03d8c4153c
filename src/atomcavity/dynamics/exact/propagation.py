"""exp(L t) y at many times, to rounding accuracy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError

DENSE_SIZE = 700  # a dense exponential is tried up to here
REACH = 5.0  # |matrix h| of one Taylor series
MOST_TERMS = 120


def propagate(
    matrix: Any, start: NDArray[Any], times: NDArray[np.float64], rows: NDArray[Any]
) -> NDArray[Any]:
    """rows @ exp(matrix t) @ start for ascending times t >= 0, shape (row, time).

    A dense exponential of each different time step where that is cheaper, else Taylor series of
    the exponential's action, summed to rounding.
    """
    from scipy.linalg import expm

    steps = np.diff(times, prepend=0.0)
    longest = float(steps.max(initial=0.0))
    values = np.empty((len(rows), len(times)), dtype=np.result_type(rows, start, matrix.dtype))
    if longest == 0 or not len(start):
        values[:] = (rows @ start)[:, None]
        return values
    different = np.unique(np.round(steps[steps > 0] / longest, 12))
    size = len(start)
    dense_work = 25.0 * len(different) * size**3
    norm = float(abs(matrix).sum(axis=0).max())
    sparse_work = 15.0 * matrix.nnz * (norm * times[-1] + 3.0 * len(steps))
    dense = size <= DENSE_SIZE and dense_work < sparse_work
    largest = 0.0 if dense else radius(matrix)
    exponentials: dict[float, NDArray[Any]] = {}
    y = start
    for k, step in enumerate(steps):
        if step > 0 and dense:
            key = float(np.round(step / longest, 12))
            if key not in exponentials:
                exponentials[key] = expm(matrix.toarray() * step)
            y = exponentials[key] @ y
        elif step > 0:
            y = _taylor(matrix, float(step), y, largest)
        values[:, k] = rows @ y
    return values


def _taylor(matrix: Any, step: float, y: NDArray[Any], largest: float) -> NDArray[Any]:
    """exp(matrix step) y by Taylor series over substeps of |matrix h| about REACH."""
    count = max(1, math.ceil(largest * step / REACH))
    for _ in range(count):
        term, total = y, y
        for k in range(1, MOST_TERMS):
            term = (matrix @ term) * (step / count / k)
            total = total + term
            if np.abs(term).max() <= 1e-17 * np.abs(total).max():
                break
        else:
            raise ConvergenceError("the Taylor series of the propagator did not converge")
        y = total
    return y


def radius(matrix: Any) -> float:
    """The spectral radius by power iteration, with a margin; at most the norm."""
    y = np.random.default_rng(0).normal(size=matrix.shape[0])
    growth = []
    for _ in range(40):
        new = matrix @ y
        if not new.any():
            return 0.0
        growth.append(float(np.linalg.norm(new) / np.linalg.norm(y)))
        y = new / np.linalg.norm(new)
    return min(1.15 * max(growth[-10:]), float(abs(matrix).sum(axis=0).max()))
