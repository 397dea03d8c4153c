"""Benchmarks of chip loading, ours beside a peer in one process.

OPENBLAS_NUM_THREADS=1 python benchmarks/chip_loading.py [--quick] [--only ID] [--json FILE]
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from table import Row, best_of, main

from atomcavity.detection.correlator import correlate


def pairs_by_numpy(first: np.ndarray, second: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """All pairs of two sorted lists within the edges: the partners of each tag from searchsorted, one after the other."""
    begin, end = (np.searchsorted(second, first + edge) for edge in (edges[0], edges[-1]))
    counts = np.zeros(len(edges) - 1, np.int64)
    while True:
        more = begin < end
        if not more.any():
            return counts
        first, begin, end = first[more], begin[more], end[more]
        counts += np.histogram(second[begin] - first, edges)[0]
        begin = begin + 1


def clicks_g2(quick: bool) -> Iterator[Row]:
    """Coincidences of two detectors with 10^7 tags at 10^6 counts/s each, 200 bins of 10 ns."""
    tags = 10**6 if quick else 10**7
    rng = np.random.default_rng(7)
    first, second = (np.cumsum(rng.exponential(1e-6, tags // 2)) for _ in range(2))
    edges = np.linspace(-1e-6, 1e-6, 201)
    ours_s, mine = best_of(3, lambda: correlate(first, second, edges))
    peer_s, theirs = best_of(1, lambda: pairs_by_numpy(first, second, edges))
    yield Row(
        "clicks-g2-1e7",
        f"{tags:.0e} tags, 200 bins of 10 ns",
        ours_s,
        f"NumPy {np.__version__} searchsorted + histogram",
        peer_s,
        peer_s / ours_s,
        float(np.abs(mine - theirs).max() / theirs.max()),  # type: ignore[operator,attr-defined]
    )


BENCHMARKS = {"clicks-g2-1e7": clicks_g2}
TOLERANCE = {"clicks-g2-1e7": 1e-5}  # rounding of delays at the edges of bins

if __name__ == "__main__":
    main(__doc__, BENCHMARKS, TOLERANCE)
