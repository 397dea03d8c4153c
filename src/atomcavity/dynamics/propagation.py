"""exp(L t) y at many times, to rounding accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

DENSE_SIZE = 700  # a dense exponential is tried up to here


def propagate(
    matrix: Any, start: NDArray[Any], times: NDArray[np.float64], rows: NDArray[Any]
) -> NDArray[Any]:
    """rows @ exp(matrix t) @ start for ascending times t >= 0, shape (row, time).

    A dense exponential of each different time step where that is cheaper, else the action of the
    exponential by Taylor polynomials of the norm's own degree (Al-Mohy and Higham).
    """
    from scipy.linalg import expm
    from scipy.sparse.linalg import expm_multiply

    steps = np.diff(times, prepend=0.0)
    longest = float(steps.max(initial=0.0))
    values = np.empty((len(rows), len(times)), dtype=np.result_type(rows, start, matrix.dtype))
    if longest == 0:
        values[:] = (rows @ start)[:, None]
        return values
    different = np.unique(np.round(steps[steps > 0] / longest, 12))
    size = len(start)
    dense_work = 25.0 * len(different) * size**3
    norm = float(abs(matrix).sum(axis=0).max())
    sparse_work = 20.0 * matrix.nnz * (norm * times[-1] + 50.0 * len(steps))
    exponentials: dict[float, NDArray[Any]] = {}
    y = start
    for k, step in enumerate(steps):
        if step > 0 and size <= DENSE_SIZE and dense_work < sparse_work:
            key = float(np.round(step / longest, 12))
            if key not in exponentials:
                exponentials[key] = expm(matrix.toarray() * step)
            y = exponentials[key] @ y
        elif step > 0:
            y = expm_multiply(matrix * step, y, traceA=float(matrix.diagonal().sum().real) * step)
        values[:, k] = rows @ y
    return values
