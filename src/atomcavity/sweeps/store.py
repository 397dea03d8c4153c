"""The folder of a sweep: its plan, the finished points, a lock.  Nothing that stands there is ever deleted."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from atomcavity.errors import InputError, require
from atomcavity.results.json_data import json_data
from atomcavity.sweeps.axes import BYTES
from atomcavity.sweeps.batch import Outcome, read_batch
from atomcavity.sweeps.plan import Plan

MARKER = ".atomcavity-sweep"
"""Marks a folder as that of a sweep."""
LEFT, DONE, FAILED = 0, 1, 2
_NAME = re.compile(r"[0-9]{8,18}\.json(\.|$)")  # of a file of points, damaged ones too
_COUNTS = ("updated", "points", "done", "failed", "rate")  # numbers of the status
_HUGE = 10**18  # larger numbers are none of a status
_DIGITS = 15  # of a hash that are searched for: they fit into 64 bits


class Store:
    """The folder of a sweep.

    plan.json    what is computed
    points/      batches of finished points, one file each, written once and whole (`write_whole`)
    status.json  how far the sweep is
    lock         held by the process that computes

    Raises `InputError` if the folder holds something else or cannot be made.
    """

    def __init__(self, folder: Path, write: Callable[[Path, bytes], None] | None = None) -> None:
        self.folder = folder
        self.points = folder / "points"
        self._write = write or write_whole
        self.damaged: list[Path] = []
        self._last: int | None = None  # number of the last file

    @classmethod
    def create(cls, folder: Path, write: Callable[[Path, bytes], None] | None = None) -> Store:
        """The store in a new, empty or earlier folder of a sweep."""
        with writing_in(folder):
            if folder.exists():
                require(folder.is_dir(), f"{folder}: this is a file, not a folder")
                require(
                    (folder / MARKER).is_file() or not any(folder.iterdir()),
                    f"{folder}: the folder is not empty and holds no sweep; choose a new or empty one",
                )
            (folder / "points").mkdir(parents=True, exist_ok=True)
            if not (folder / MARKER).is_file():
                (folder / MARKER).touch()
        return cls(folder, write)

    @classmethod
    def existing(cls, folder: Path) -> Store:
        """The store in the folder of a sweep, to look at."""
        try:
            there = (folder / MARKER).is_file()
        except OSError as problem:
            raise InputError(f"{folder} cannot be read: {problem.strerror}") from None
        require(there, f"{folder} is not the folder of a sweep")
        return cls(folder)

    def check_room(self, left: int) -> None:
        """Raises `InputError` if the disk has less room than the points that are left will take, by estimate."""
        free, needed = shutil.disk_usage(self.folder).free, left * BYTES
        require(
            free > needed,
            f"{self.folder}: {left} points will take about {needed / 1e6:.3g} MB, but the disk has {free / 1e6:.3g} MB left",
        )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder's lock; the system gives it back when the process ends, however it ends.

        Raises `InputError` if another process holds it.
        """
        with writing_in(self.folder):
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                with writing_in(self.folder):
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.ftruncate(descriptor, 0)
                    os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
            except BlockingIOError:
                owner = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
                raise InputError(f"{self.folder} is in use by {owner}; wait for it or stop it") from None
            yield
        finally:
            os.close(descriptor)

    def owner(self) -> str:
        """The process that computes in the folder; empty if there is none."""
        try:
            descriptor = os.open(self.folder / "lock", os.O_RDONLY)
        except FileNotFoundError:
            return ""
        except OSError as problem:
            raise InputError(f"{self.folder / 'lock'} cannot be read: {problem.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "a process"
        finally:
            os.close(descriptor)
        return ""

    def write_plan(self, plan: Plan) -> None:
        """Keep the plan, for the reader of the folder and for `status`."""
        with writing_in(self.folder):
            self._write(self.folder / "plan.json", json.dumps(plan.to_dict(), indent=1, default=str).encode())

    def read_plan(self) -> Plan:
        """The plan that was computed last.

        Raises `InputError` if there is none.
        """
        file = self.folder / "plan.json"
        try:
            return Plan.from_dict(json_data(file.read_bytes(), "the file"))
        except FileNotFoundError:
            raise InputError(f"{file} is missing: the sweep has not begun; give its command again") from None
        except OSError as problem:
            raise InputError(f"{file} cannot be read: {problem.strerror}") from None
        except InputError as problem:
            raise InputError(f"{file}: {problem}") from None

    def write_status(self, status: dict[str, Any]) -> None:
        """Say how far the sweep is; a full disk is no reason to stop here."""
        try:
            write_whole(self.folder / "status.json", json.dumps(status).encode(), durable=False)
        except OSError:
            return

    def read_status(self) -> dict[str, Any]:
        """What `write_status` wrote last; empty if there is nothing, or something else."""
        try:
            found = json_data((self.folder / "status.json").read_bytes(), "the file")
        except (OSError, ValueError):
            return {}
        fits = isinstance(found, dict) and all(
            isinstance(found.get(name), int | float) and abs(found[name]) < _HUGE for name in _COUNTS
        )
        return found if fits else {}

    def add(self, content: bytes) -> None:
        """Write a batch of finished points; after this they are safe."""
        if self._last is None:
            self._last = max((int(path.name.split(".")[0]) for path in self._files()), default=0)
        self._write(self.points / f"{self._last + 1:08d}.json", content)
        self._last += 1

    def _files(self) -> list[Path]:
        try:
            return sorted(path for path in self.points.iterdir() if _NAME.match(path.name))
        except OSError as problem:
            raise InputError(f"{self.points} cannot be read: {problem.strerror}") from None

    def outcomes(self) -> Iterator[Outcome]:
        """All finished points in the order in which they were written, those of earlier plans too.

        A damaged file is renamed to `*.damaged` and listed in `damaged`: its points are computed again.

        Raises `InputError` for a file that a newer version wrote, and for one that cannot be read.
        """
        for path in self._files():
            if path.suffix != ".json":
                continue
            batch = _read(path)
            if batch is None:
                set_aside = path.with_name(f"{path.name}.damaged")
                with writing_in(self.points):
                    os.replace(path, set_aside)
                self.damaged.append(set_aside)
                continue
            yield from batch

    def peek(self) -> Iterator[Outcome]:
        """The same without touching anything, for who does not hold the lock."""
        for path in self._files():
            if path.suffix == ".json":
                yield from _read(path) or ()


def _read(path: Path) -> Iterator[Outcome] | None:
    """The points of a file; None if it is damaged."""
    try:
        require(path.is_file(), f"{path} is not a file: it does not belong there")
        return read_batch(path.read_bytes())
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror}") from None
    except InputError as problem:
        raise InputError(f"{path}: {problem}") from None
    except ValueError:
        return None


@contextmanager
def writing_in(folder: Path) -> Iterator[None]:
    """Failures to write become one sentence; a lock that another process holds is left to the caller."""
    try:
        yield
    except BlockingIOError:
        raise
    except OSError as problem:
        raise InputError(f"{folder}: cannot write there ({problem.strerror})") from None


class Finished:
    """Which points of a plan are finished: one byte a point."""

    def __init__(self, plan: Plan, outcomes: Callable[[], Iterator[Outcome]]) -> None:
        self.plan = plan
        self.state = bytearray(len(plan))
        self._outcomes = outcomes
        self._elsewhere: tuple[Any, Any] | None = None
        self.stale = 0
        for outcome, index in self.outcomes():
            if self.state[index] != DONE:
                self.state[index] = FAILED if outcome.failed else DONE

    def outcomes(self) -> Iterator[tuple[Outcome, int]]:
        """The finished points that are the plan's, with their numbers in it.

        A point may come twice (it failed and was repeated, or a process was stopped between two steps).
        """
        self.stale = 0
        size = len(self.plan)
        for outcome in self._outcomes():
            index = outcome.index
            if index >= size or self.plan.hash(index) != outcome.hash:
                found = self._search(outcome.hash)
                if found is None:
                    self.stale += 1
                    continue
                index = found
            yield outcome, index

    def _search(self, hashed: str) -> int | None:
        """The point with this hash, for points that an earlier plan had at another place; 16 bytes a point."""
        import numpy as np

        if self._elsewhere is None:
            hashes = (int(self.plan.hash(index)[:_DIGITS], 16) for index in range(len(self.plan)))
            keys = np.fromiter(hashes, np.int64, len(self.plan))
            order = np.argsort(keys)
            self._elsewhere = keys[order], order
        keys, order = self._elsewhere
        at = int(np.searchsorted(keys, int(hashed[:_DIGITS], 16)))
        index = int(order[at]) if at < len(order) else 0
        return index if self.plan.hash(index) == hashed else None

    def left(self, retry: bool = False) -> Iterator[int]:
        """The points that are not finished; with `retry` also those that failed."""
        wanted = (LEFT, FAILED) if retry else (LEFT,)
        return (index for index in range(len(self.state)) if self.state[index] in wanted)

    def count(self, state: int) -> int:
        """How many points are LEFT, DONE or FAILED."""
        return self.state.count(state)


def write_whole(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file so that after any failure, a power cut too, it is whole or not there (or the old one)."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
