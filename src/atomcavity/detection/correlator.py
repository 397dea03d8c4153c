"""Exact numbers of pairs of time tags against their delay, for many millions of tags."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import require

Real = NDArray[np.float64]

MERGE = 4.0  # work of one tag at one edge of a merge, in pairs that are looked at


def correlate(first: ArrayLike, second: ArrayLike | None, bins: ArrayLike) -> NDArray[np.int64]:
    """Number of all pairs with second - first in each bin, (bin,); no pair is left out and none is binned twice.

    first, second  ascending times of any unit (integers stay exact to 2^53); None: the pairs within `first`, where a
                   tag forms no pair with itself
    bins           ascending edges of the delay in the same unit, of any sign and any width; bins are half open,
                   the last one is closed

    In narrow bins every pair is looked at; where a tag has many partners in a bin, the tags are merged once for each edge.
    Raises `InputError` for tags that are not finite or do not ascend, or edges that do not.

    >>> correlate([0, 10, 25], [3, 12, 14], [0, 5, 15]).tolist()
    [3, 2]
    """
    from atomcavity.detection.pairs import edge_histogram, pair_histogram

    edges = delay_edges(bins)
    a = _ascending(first, "first")
    b = a if second is None else _ascending(second, "second")
    if not len(a) or not len(b):
        return np.zeros(len(edges) - 1, np.int64)
    span = max(a[-1], b[-1]) - min(a[0], b[0])
    partners = len(b) * (np.diff(edges) / span if span > 0 else np.ones(len(edges) - 1))
    wide = partners > MERGE
    turns = np.flatnonzero(np.diff(wide)) + 1
    counts = []
    for low, high in zip([0, *turns], [*turns, len(wide)], strict=True):
        part = edges[low : high + 1].copy()
        if high < len(wide):
            part[-1] = np.nextafter(
                part[-1], -np.inf
            )  # its last bin is open, since it is not the last of all
        work: Any = edge_histogram if wide[low] else pair_histogram
        counts.append(work(a, b, second is None, part))
    return np.concatenate(counts)


def delay_edges(bins: ArrayLike) -> Real:
    """Edges of the delay as an array; `InputError` unless they are finite and increase."""
    edges = np.asarray(bins, dtype=float)
    good = edges.ndim == 1 and len(edges) >= 2 and bool(np.all(np.isfinite(edges)))
    require(
        good and bool(np.all(np.diff(edges) > 0)), "bins must be two or more finite, increasing delays (s)"
    )
    return edges


def _ascending(tags: ArrayLike, name: str) -> Real:
    array = np.ascontiguousarray(tags, dtype=float)
    require(
        array.ndim == 1
        and bool(np.all(np.diff(array) >= 0))
        and bool(np.all(np.isfinite(array[[0, -1]] if len(array) else array))),
        f"{name} must be a list of finite times in ascending order",
    )
    return array
