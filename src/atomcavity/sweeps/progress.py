"""How far a sweep is: a line on a terminal, and a file that `atomcavity status` reads."""

from __future__ import annotations

import math
import os
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from atomcavity.sweeps.batch import Batch, Best
from atomcavity.sweeps.plan import Plan

_EVERY = 1.0  # s between two lines
_WINDOW = 30  # lines over which the rate is measured


class Watch:
    """Counts what is delivered, tells it once a second to `write` (the status file) and to the terminal."""

    def __init__(
        self,
        plan: Plan,
        done: int,
        failed: int,
        best: Best | None,
        write: Callable[[dict[str, Any]], None],
        *,
        quiet: bool | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.plan, self.done, self.failed, self.best = plan, done, failed, best
        self._write, self._clock = write, clock
        self._quiet = not sys.stderr.isatty() if quiet is None else quiet
        self._started = clock()
        self._seen: deque[tuple[float, int]] = deque([(self._started, done + failed)], _WINDOW)
        self._told = -math.inf
        self._width = 0

    def delivered(self, batch: Batch) -> None:
        """A batch is on disk."""
        self.done += batch.done - batch.failed
        self.failed += batch.failed
        if batch.best is not None:
            sign = -1 if self.plan.best.startswith("min") else 1
            if self.best is None or sign * (batch.best.value - self.best.value) > 0:
                self.best = batch.best
        self.tick()

    def retried(self, count: int) -> None:
        """So many failed points are computed again."""
        self.failed -= count
        self._seen[0] = (self._started, self.done + self.failed)

    def tick(self) -> None:
        """Tell how far it is, if a second has passed."""
        if self._clock() - self._told >= _EVERY:
            self._tell("running")

    def end(self, state: str) -> None:
        """Tell the last numbers: `state` is "finished" or "stopped"."""
        self._tell(state)
        if not self._quiet:
            print(file=sys.stderr)

    def _tell(self, state: str) -> None:
        now, finished = self._clock(), self.done + self.failed
        self._seen.append((now, finished))
        before, count = self._seen[0]
        rate = (finished - count) / (now - before) if now > before else 0.0
        self._told = now
        status = {
            "state": state,
            "process": f"process {os.getpid()} on {socket.gethostname()}",
            "points": len(self.plan),
            "done": self.done,
            "failed": self.failed,
            "rate": rate,
            "started": self._started,
            "updated": now,
            "best": self._best(),
        }
        self._write(status)
        if not self._quiet:
            line = progress_line(status)
            self._width = max(self._width, len(line))
            print(f"\r{line:{self._width}}", end="", file=sys.stderr, flush=True)

    def _best(self) -> str:
        if self.best is None:
            return ""
        place = ", ".join(f"{key} = {given}" for key, given in self.plan.values(self.best.index).items())
        return f"{self.plan.best} = {self.best.shown} at {place}"


def progress_line(status: Mapping[str, Any]) -> str:
    """One line of a status: how many points, how fast, how long still, the best so far.

    >>> progress_line({"points": 200, "done": 48, "failed": 2, "rate": 2.5, "state": "running"})
    '50/200 points, 2 failed, 2.5 points/s, about 1 min left'
    """
    points, finished = status["points"], status["done"] + status["failed"]
    parts = [f"{finished}/{points} points"]
    if status["failed"]:
        parts.append(f"{status['failed']} failed")
    if status["rate"] > 0 and status["state"] == "running":
        parts.append(f"{status['rate']:.3g} points/s")
        if finished < points:
            parts.append(f"about {duration((points - finished) / status['rate'])} left")
    if status.get("best"):
        parts.append(f"best so far {status['best']}")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """A time for people.

    >>> duration(7.2), duration(100), duration(8000), duration(400000)
    ('7 s', '2 min', '2.2 h', '4.6 days')
    """
    if seconds < 55:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.1f} days"
