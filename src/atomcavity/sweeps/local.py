"""Worker processes on this machine: they may be killed at any time, and end when the process that started them does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from atomcavity.errors import InputError
from atomcavity.sweeps.batch import Batch, compute, failure
from atomcavity.sweeps.plan import Plan, evaluator
from atomcavity.sweeps.shares import DEATHS, Shares

Deliver = Callable[[Batch], None]
_TICK = 0.2  # s between two looks at the clock
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def run_local(plan: Plan, shares: Shares, workers: int, deliver: Deliver, tick: Callable[[], None]) -> None:
    """Compute all points with `workers` processes of one thread each; `deliver` gets each batch, `tick` is called now and then.

    Raises `InputError` if processes cannot be started; Ctrl-C and exceptions of `deliver` end the processes.
    """
    from multiprocessing import connection

    members = [_Member(plan) for _ in range(workers)]
    unborn = 0  # deaths in a row before a worker was ready
    try:
        while True:
            for place, member in enumerate(members):
                if not member.share and (share := shares.take()):
                    members[place] = member = member if member.alive else _Member(plan)
                    member.give(share, shares.seconds)
            busy = [member for member in members if member.share]
            if not busy:
                return
            connection.wait([x for member in busy for x in member.ends], timeout=_TICK)
            for member in busy:
                unborn = _listen(member, plan, shares, deliver, unborn)
            if unborn >= 2 * workers + 1:
                raise InputError(
                    f"{workers} workers could not be started: put what a script does under if __name__ == '__main__'"
                )
            tick()
    finally:
        for member in members:
            member.end()


def _listen(member: _Member, plan: Plan, shares: Shares, deliver: Deliver, unborn: int) -> int:
    """Take what a member has sent, or notice that it has died; the number of deaths before birth."""
    for message in member.messages():
        if isinstance(message, Batch):
            share, member.share = member.share, []
            shares.returned(share, message)
            deliver(message)
        elif message:
            raise InputError(message)
        else:
            member.ready, unborn = True, 0
    if member.alive:
        return unborn
    share, member.share = member.share, []
    if not member.ready:
        shares.back(share)
        return unborn + 1
    for index in shares.died(share) if share else ():
        deliver(failure(plan, index, f"the process that computed this point died {DEATHS} times"))
    return unborn


class _Member:
    """One worker process, its end of the pipe, and the share it works on."""

    def __init__(self, plan: Plan) -> None:
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, plan), name="atomcavity-sweep")
        with _one_thread():
            self.process.start()
        theirs.close()
        self.share: list[int] = []
        self.ready = False
        self.alive = True

    @property
    def ends(self) -> tuple[Any, int]:
        return self.pipe, self.process.sentinel

    def give(self, share: list[int], seconds: float) -> None:
        self.share = share
        try:
            self.pipe.send((share, seconds))
        except OSError:
            self.alive = False

    def messages(self) -> Iterator[Any]:
        """What has arrived; a member whose pipe is at its end is not alive."""
        try:
            while self.alive and self.pipe.poll():
                yield self.pipe.recv()
        except (EOFError, OSError):
            self.alive = False
        if not self.process.is_alive() and not self.alive:
            self.pipe.close()

    def end(self) -> None:
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Processes started inside have one thread each for linear algebra: the cores belong to the workers."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _work(pipe: Any, plan: Plan) -> None:
    """A worker process: "" once it is ready (or a sentence why it cannot be), then a batch for each share."""
    import signal
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that shares the work answers Ctrl-C
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        evaluator(plan.function)
    except InputError as problem:
        pipe.send(str(problem))
        return
    try:
        pipe.send("")
        while True:
            pipe.send(compute(plan, *pipe.recv()))
    except (EOFError, OSError):
        return  # the process that shared the work is gone


def _end_with_parent() -> None:
    import multiprocessing
    from multiprocessing import connection

    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
