r"""Rate equations: stationary populations of many levels among which population is only transferred.

    dp_j/dt = sum_i p_i rate_ij - p_j sum_i rate_ji

Coherences are left out.  Where a transfer between two levels depends on the populations themselves, such as the light of
a laser, the populations are linear in the flow J that it carries: p = p_0 + J dp/dJ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import InputError, require

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RateBalance:
    """Stationary populations (level,) of sum one, and how they change with the flows (flow, level), of sum zero (s)."""

    populations: Real
    response: Real


def rate_balance(rates: ArrayLike, flows: ArrayLike = ()) -> RateBalance:
    """The stationary populations of rate equations.

    rates  (level, level): rates[i, j] from level i to j (1/s), the diagonal is ignored
    flows  (source, sink) of additional flows, pairs of indices: the response is that to one per second

    Raises `InputError` for rates that are not finite and >= 0, and where several sets of levels trap population.

    >>> found = rate_balance([[0, 3.0], [1.0, 0]], flows=[(1, 0)])
    >>> found.populations.round(12).tolist(), found.response.round(12).tolist()
    ([0.25, 0.75], [[0.25, -0.25]])
    """
    table = np.array(rates, dtype=float)
    square = table.ndim == 2 and table.shape[0] == table.shape[1] > 1
    require(square, f"rates of shape {table.shape}; they must be (level, level) for two levels or more")
    np.fill_diagonal(table, 0.0)
    require(bool(np.all(np.isfinite(table) & (table >= 0))), "rates must be finite and >= 0 (1/s)")
    _one_end(table)
    count = len(table)
    pairs = np.asarray(flows, dtype=int).reshape(-1, 2)
    matrix = table.T - np.diag(table.sum(axis=1))
    scale = np.abs(matrix).max(axis=1)
    sources = np.zeros((count, 1 + len(pairs)))
    for k, (source, sink) in enumerate(pairs, start=1):
        sources[source, k] += 1.0
        sources[sink, k] -= 1.0
    matrix, sources = matrix / scale[:, None], sources / scale[:, None]
    matrix[-1], sources[-1] = 1.0, 0.0  # the sum of all others is the last equation: the norm takes its place
    sources[-1, 0] = 1.0
    solution = np.linalg.solve(matrix, sources)
    return RateBalance(solution[:, 0], solution[:, 1:].T.copy())


def _one_end(table: Real) -> None:
    """InputError unless exactly one set of levels is never left."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    number, label = connected_components(csr_array(table > 0), connection="strong")
    leaves = np.unique(label[np.nonzero(table * (label[:, None] != label))[0]])
    ends = np.setdiff1d(np.arange(number), leaves)
    if len(ends) > 1:
        named = "; ".join(", ".join(map(str, np.flatnonzero(label == end)[:8])) for end in ends[:8])
        raise InputError(
            f"the populations are not unique: {len(ends)} sets of levels are never left, those of levels {named}"
        )
