"""Workers of a Dask cluster: an existing one by the address of its scheduler, or one that Slurm starts."""

from __future__ import annotations

import gc
import json
import math
import shutil
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from atomcavity.errors import InputError, require, unknown
from atomcavity.sweeps.batch import Batch, compute, failure
from atomcavity.sweeps.plan import Plan
from atomcavity.sweeps.shares import Shares

CONNECT = 10.0
"""Seconds in which a scheduler must answer."""
_TICK = 0.2  # s between two looks at the clock
_ASK = 2.0  # s between two questions how large the cluster is
_PATIENCE = 10.0  # s for the result of a share that is finished
_AHEAD = 2  # shares in flight for each thread of the cluster, so that none waits
_SLURM = {
    "partition": "queue", "account": "account", "cores": "cores", "memory": "memory", "walltime": "walltime",
    "processes": "processes", "jobs": "", "constraint": "", "qos": "", "python": "python",
}  # fmt: skip
"""Options of `slurm_cluster` and what dask-jobqueue calls them."""


def run_cluster(
    plan: Plan,
    shares: Shares,
    deliver: Callable[[Batch], None],
    tick: Callable[[], None],
    *,
    scheduler: str | None = None,
    slurm: str | None = None,
) -> None:
    """Compute all points on the workers of a Dask cluster, which import this package themselves; nothing but this
    process writes files.

    Raises `InputError` if there is no such scheduler, or once it is gone.
    """
    distributed = _distributed()
    with _silent(), _cluster(slurm) if slurm else _address(str(scheduler)) as (address, name):
        client, reason = None, ""
        try:
            client = distributed.Client(address, timeout=CONNECT, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as problem:
            reason = str(problem)
        if client is None:
            gc.collect()  # the client that was half made hangs if it is collected in one of Dask's own threads
            raise InputError(f"no Dask scheduler answers at {name}: {reason}")
        try:
            _share_out(client, plan, shares, deliver, tick, name)
        finally:
            client.close(timeout=2)


def _share_out(
    client: Any,
    plan: Plan,
    shares: Shares,
    deliver: Callable[[Batch], None],
    tick: Callable[[], None],
    name: str,
) -> None:
    flight = _Flight(client, plan, shares, name)
    asked = -math.inf
    while True:
        if time.monotonic() - asked > _ASK:
            flight.threads, asked = _threads(client, name), time.monotonic()
            shares.workers = max(1, flight.threads)
        flight.submit()
        if flight.threads and not flight.shares_of:
            return
        flight.arrived.wait(_TICK)
        flight.arrived.clear()
        for batch in flight.collect():
            deliver(batch)
        tick()


class _Flight:
    """The shares that are on the cluster.

    When a worker dies, Dask gives up all tasks that waited there, guilty or not.  A single point that was given up is
    therefore tried again with nothing else on the cluster; if its workers die then, it is the one that kills them.
    """

    def __init__(self, client: Any, plan: Plan, shares: Shares, name: str) -> None:
        self._client, self._plan, self._shares, self._name = client, plan, shares, name
        # a task, not scattered data: Dask computes it again when the worker that holds it dies
        self._there = client.submit(_plan, json.dumps(plan.to_dict(), default=str), pure=False)
        self._suspects: deque[list[int]] = deque()
        self._alone = False
        self.shares_of: dict[Any, list[int]] = {}
        self.arrived = threading.Event()
        self.threads = 0

    def submit(self) -> None:
        """Send out as many shares as the cluster takes.

        Raises `InputError` once the scheduler is gone.
        """
        if self._client.status != "running":
            raise _gone(self._name)
        self._alone = self._alone and bool(self.shares_of)
        while not self._alone and not self._suspects and len(self.shares_of) < _AHEAD * self.threads:
            share = self._shares.take()
            if not share:
                break
            self._send(share)
        if self._suspects and not self.shares_of and self.threads:
            self._send(self._suspects.popleft())
            self._alone = True

    def _send(self, share: list[int]) -> None:
        future = self._client.submit(_compute, self._there, share, self._shares.seconds, pure=False)
        future.add_done_callback(lambda _: self.arrived.set())
        self.shares_of[future] = share

    def collect(self) -> Iterator[Batch]:
        """What has been computed, or given up.

        Raises `InputError` once the scheduler is gone.
        """
        for future, share in list(self.shares_of.items()):
            status = future.status
            if status == "finished":
                batch = self._result(future)
                if batch is None:
                    continue  # its worker died before it handed out the result: Dask computes it again
                self._shares.returned(share, batch)
                yield batch
            elif status == "error":
                yield from self._given_up(share, future.exception())
            elif self._client.status != "running":
                raise _gone(self._name)
            elif status == "cancelled":
                self._shares.back(share)
            else:
                continue
            del self.shares_of[future]

    def _result(self, future: Any) -> Batch | None:
        try:
            return future.result(timeout=_PATIENCE)
        except TimeoutError:
            return None
        except (OSError, _distributed().client.FutureCancelledError) as problem:
            raise _gone(self._name) from problem

    def _given_up(self, share: list[int], problem: Any) -> Iterator[Batch]:
        if not isinstance(problem, _distributed().scheduler.KilledWorker):
            raise InputError(f"the workers of {self._name} cannot compute points: {problem}")
        if len(share) > 1:
            self._shares.died(share)
        elif self._alone:
            yield failure(self._plan, share[0], "the workers of the cluster that computed this point died")
        else:
            self._suspects.append(share)


def _threads(client: Any, name: str) -> int:
    try:
        if client.status != "running":
            raise _gone(name)
        return sum(client.nthreads().values())
    except (OSError, TimeoutError, RuntimeError) as problem:
        raise _gone(name) from problem


def _gone(name: str) -> InputError:
    return InputError(
        f"the Dask scheduler at {name} is gone; all finished points are safe, the same command continues with a new one"
    )


def _compute(plan: Plan, indices: list[int], seconds: float) -> Batch:
    return compute(plan, indices, seconds)


def _plan(text: str) -> Plan:
    return Plan.from_dict(json.loads(text))


@contextmanager
def _silent() -> Iterator[None]:
    """Dask tells a lost connection in pages of its log; here it is one sentence."""
    import logging

    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


@contextmanager
def _address(address: str) -> Iterator[tuple[str, str]]:
    yield address, address


@contextmanager
def _cluster(options: str) -> Iterator[tuple[str, str]]:
    slurm_options(options)
    require(
        shutil.which("sbatch") is not None,
        "--slurm: there is no sbatch here; is this a node that submits jobs?",
    )
    cluster = slurm_cluster(options)
    try:
        _ask_slurm(cluster.job_script())
        cluster.scale(jobs=int(slurm_options(options).get("jobs", "1")))
        yield cluster.scheduler_address, "the cluster that Slurm started"
    finally:
        cluster.close()


def _ask_slurm(script: str) -> None:
    """Raises `InputError` with what Slurm says if it would not take the script; Dask would wait for ever."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "job.sh"
        file.write_text(script, encoding="utf-8")
        asked = subprocess.run(
            ["sbatch", "--test-only", str(file)], capture_output=True, text=True, check=False
        )
    said = " ".join((asked.stderr or asked.stdout).split())
    require(asked.returncode == 0, f"--slurm: sbatch refuses the job: {said}")


def slurm_options(text: str) -> dict[str, str]:
    """The options in "partition=long,cores=16,memory=32GB,walltime=12:00:00,jobs=10".

    Raises `InputError` for an option that is unknown, twice or not a positive number where there must be one.

    >>> slurm_options("partition=long,cores=16,memory=32GB")
    {'partition': 'long', 'cores': '16', 'memory': '32GB'}
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        require(bool(equals and value), f"--slurm {text!r}: write it as name=value,name=value")
        if name not in _SLURM:
            raise unknown("option of --slurm", name, _SLURM)
        require(name not in found, f"--slurm {text!r}: {name} is there twice")
        require(
            name not in ("cores", "processes", "jobs") or (value.isdigit() and int(value) > 0),
            f"--slurm: {name} = {value!r} is not a positive whole number",
        )
        require(value.isprintable(), f"--slurm: {name} = {value!r} has characters that cannot be printed")
        found[name] = value
    for name in ("cores", "memory"):
        require(name in found, f"--slurm {text!r}: {name} is missing")
    return found


def slurm_cluster(options: str) -> Any:
    """A Dask cluster (`dask_jobqueue.SLURMCluster`, not scaled yet) whose workers are processes of one thread.

    partition, account, qos, constraint, walltime, cores, memory  of one job, as Slurm knows them
    processes  in one job; without it one for each core
    jobs       how many jobs are submitted (1)
    python     the interpreter on the nodes; without it the one that runs now

    Its `job_script()` is the script that is submitted.
    """
    _distributed()
    from dask_jobqueue import SLURMCluster

    given = slurm_options(options)
    keywords: dict[str, Any] = {_SLURM[name]: value for name, value in given.items() if _SLURM[name]}
    keywords["cores"] = int(keywords["cores"])
    keywords["processes"] = int(keywords.get("processes", keywords["cores"]))
    keywords["job_extra_directives"] = [
        f"--{name}={given[name]}" for name in ("constraint", "qos") if name in given
    ]
    keywords["job_script_prologue"] = [
        f"export {name}=1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
    ]
    return SLURMCluster(**keywords, job_name="atomcavity", scheduler_options={"dashboard": False})


def _distributed() -> Any:
    try:
        import distributed
        import distributed.client
        import distributed.scheduler
    except ImportError:
        raise InputError('a cluster needs the extra `cluster`: pip install "atomcavity[cluster]"') from None
    return distributed
