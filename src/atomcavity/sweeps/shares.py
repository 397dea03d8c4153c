"""Sharing out the points of a sweep: about half a second of work at a time, and what to do when a worker dies."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from itertools import islice

from atomcavity.sweeps.batch import Batch

SECONDS = 0.5
"""Work in one share, and the most that a killed worker loses (or one point, if that takes longer)."""
PER_SECOND = 100
"""Shares that come back in a second from all workers: more of them have longer shares, so that one process keeps up."""
LARGEST_SHARE = 10_000
DEATHS = 3
"""A point that was alone with a worker when it died this often is recorded as failed."""
_PARTS = 16  # pieces into which the share of a dead worker is cut, to find the point that kills


class Shares:
    """Hands out the numbers of the points that are left, in growing shares as their cost gets known."""

    def __init__(self, indices: Iterator[int], left: int, workers: int) -> None:
        self._fresh = indices
        self._waiting = left
        self.workers = workers
        self._back: deque[int] = deque()
        self._suspects: deque[list[int]] = deque()
        self._deaths: Counter[int] = Counter()
        self._cost: float | None = None

    def take(self) -> list[int]:
        """The next share; empty if nothing waits."""
        if self._suspects:
            return self._suspects.popleft()
        size = self._size()
        share = [self._back.popleft() for _ in range(min(size, len(self._back)))]
        share += islice(self._fresh, size - len(share))
        self._waiting -= len(share)
        return share

    def _size(self) -> int:
        if self._cost is None:
            return 1
        fair = -(-self._waiting // (2 * self.workers))  # so that the last ones end together
        return max(1, min(LARGEST_SHARE, fair, round(self.seconds / max(self._cost, 1e-9))))

    @property
    def seconds(self) -> float:
        """Work in one share."""
        return max(SECONDS, self.workers / PER_SECOND)

    def returned(self, share: list[int], batch: Batch) -> None:
        """A worker has computed the first `batch.done` points of a share; the others wait again."""
        cost = batch.seconds / batch.done
        self._cost = cost if self._cost is None else 0.7 * self._cost + 0.3 * cost
        self.back(share[batch.done :])

    def back(self, share: list[int]) -> None:
        """Points that were handed out and not begun wait again."""
        self._back.extend(share)
        self._waiting += len(share)

    def died(self, share: list[int]) -> list[int]:
        """The worker that had this share has died; returns the points that are given up."""
        if len(share) > 1:
            step = -(-len(share) // _PARTS)
            self._suspects.extend(share[k : k + step] for k in range(0, len(share), step))
            return []
        self._deaths[share[0]] += 1
        if self._deaths[share[0]] >= DEATHS:
            return share
        self._suspects.append(share)
        return []
