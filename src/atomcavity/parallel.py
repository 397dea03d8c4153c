"""Seeds of independent random streams, and lines that tell how far a computation is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import InputError

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def spawn_seeds(seed: int | Sequence[int], count: int, *, first: int = 0) -> NDArray[np.uint64]:
    """Seeds of the random streams `first` ... `first + count - 1`, shape (count, 4).

    Stream k depends on `seed` (a whole number, or several) and k only, so that the same work gives the same numbers however it
    is shared out: the k-th row is the finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA 2014)
    applied to a 256-bit key from `numpy.random.SeedSequence(seed)` plus k steps of its counter.

    >>> bool((spawn_seeds(7, 10)[4:6] == spawn_seeds(7, 2, first=4)).all())
    True
    """
    key = np.random.SeedSequence(seed).generate_state(4, np.uint64)
    steps = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    z = key[None, :] + steps[:, None] * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


class Progress:
    """One line per step on `sys.stderr`, with the elapsed time and, once known, the time left.

    The time left assumes that the remaining steps cost what their `weights` say, relative to those
    already done; without weights all steps count the same.

    >>> progress = Progress(2, write=print, clock=iter([0.0, 0.0, 3.0, 7.0]).__next__)
    >>> progress("modes")
    [1/2] modes (0 s)
    >>> progress("figure 4")
    [2/2] figure 4 (3 s, about 3 s left)
    >>> progress.done()
    done (7 s)
    """

    def __init__(
        self,
        steps: int,
        *,
        weights: list[float] | None = None,
        quiet: bool = False,
        write: Callable[[str], object] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.steps = steps
        self.weights = [1.0] * steps if weights is None else list(weights)
        self.quiet = quiet
        self._write = write or (lambda line: print(line, file=sys.stderr, flush=True))
        self._clock = clock
        self._start = clock()
        self._step = 0

    def __call__(self, text: str) -> None:
        """Announce the next step, before its work starts."""
        elapsed = self._clock() - self._start
        finished = sum(self.weights[: self._step])
        note = f"{elapsed:.0f} s"
        if finished > 0:
            note += f", about {elapsed * sum(self.weights[self._step :]) / finished:.0f} s left"
        self._step += 1
        self._print(f"[{self._step}/{self.steps}] {text} ({note})")

    def done(self, text: str = "done") -> None:
        """The last line: the time that everything took."""
        self._print(f"{text} ({self._clock() - self._start:.0f} s)")

    def _print(self, line: str) -> None:
        if not self.quiet:
            self._write(line)


_function: Callable[[Any], Any] | None = None  # of a process that `shared` started


@contextmanager
def shared(function: Callable[[Any], Any], workers: int) -> Iterator[Callable[[Sequence[Any]], list[Any]]]:
    """Gives run(parts) = [function(part) for part in parts], the parts shared by `workers` processes.

    One worker starts no process.  The function is sent to each process once and may keep there what it
    has built.  An exception, Ctrl-C too, drops the parts that have not begun.

    Raises `InputError` if the processes cannot be started.

    >>> with shared(abs, 1) as run:
    ...     run([-1, 2])
    [1, 2]
    """
    if workers == 1:
        yield lambda parts: [function(part) for part in parts]
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_receive, initargs=(function,))
    try:
        yield lambda parts: list(pool.map(_call, parts))
    except BrokenProcessPool:
        raise InputError(
            f"{workers} workers could not be started: put what a script does under if __name__ == '__main__', "
            "or use workers=1"
        ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _receive(function: Callable[[Any], Any]) -> None:
    import signal

    global _function
    _function = function
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that shares the work answers Ctrl-C


def _call(part: Any) -> Any:
    assert _function is not None
    return _function(part)
