"""Functions that the sweeps of these tests evaluate: plain sums, and points that fail, kill their process or take long."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from atomcavity.errors import InputError
from atomcavity.results.answers import Answer, Answers
from atomcavity.sweeps.plan import Plan, make_plan


def answers(value: float, **more: float) -> Answers:
    rows = [Answer("sum.value", "weighted sum", value, "m", "length")]
    rows += [Answer(f"sum.{name}", name, number) for name, number in more.items()]
    return Answers("sum", tuple(rows))


def add(data: dict[str, Any], seed: int) -> Answers:
    """x + 10 y, and a number drawn from the seed."""
    drawn = float(np.random.default_rng(seed).normal())
    return answers(data["x"] + 10 * data.get("y", 0), drawn=drawn)


def cheap(data: dict[str, Any], seed: int) -> Answers:
    """Next to no work."""
    return answers(data["x"] + 1e3 * data["y"])


def slow(data: dict[str, Any], seed: int) -> Answers:
    """The same after 30 ms; from x = 20 on not before there is a file that $SWEEP_GATE names, if it names one."""
    time.sleep(0.03)
    gate = os.environ.get("SWEEP_GATE")
    while gate and data["x"] >= 20 and not Path(gate).exists():
        time.sleep(0.01)
    return add(data, seed)


def fails(data: dict[str, Any], seed: int) -> Answers:
    """x = 2 cannot be, x = 3 is a mistake of ours, x = 4 is not known."""
    if data["x"] == 2:
        raise InputError("x = 2 cannot be")
    if data["x"] == 3:
        raise ZeroDivisionError("oh")
    if data["x"] == 4:
        row = Answer("sum.value", "weighted sum", float("nan"), "m", "length", reason="x is 4")
        return Answers("sum", (row,), warnings=("x is large",))
    return add(data, seed)


def varied(data: dict[str, Any], seed: int) -> Answers:
    """Answers, reasons and warnings that change from point to point; every fifth fails."""
    x = data["x"]
    if x % 5 == 2:
        raise InputError(f"x = {x} cannot be")
    more = Answer(
        f"more.{x % 3}", "more", float("nan") if x % 2 else 1.0, "1", reason=f"x is {x}" if x % 2 else ""
    )
    first = answers(x).answers
    rows = (more, *first) if x % 4 else (*first, more)
    return Answers("sum", rows, warnings=(f"at {x} um it is dark", "x is large"))


def kills(data: dict[str, Any], seed: int) -> Answers:
    """x = 3 kills the process that computes it."""
    if data["x"] == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return add(data, seed)


def kills_once(data: dict[str, Any], seed: int) -> Answers:
    """x = 3 kills its process the first time."""
    mark = Path(data["mark"])
    if data["x"] == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return add(data, seed)


def plan(function: str, x: Any, sweep: dict[str, Any] | None = None, /, **data: Any) -> Plan:
    """A plan of one of these functions over x, and what else `sweep` says; the data need not fit a schema."""
    table = {"axes": {"x": x, **(sweep or {}).pop("axes", {})}, **(sweep or {})}
    return make_plan(
        {"sweep": table, **data}, "test", "file", check=lambda *_: None, function=f"sweep_points:{function}"
    )
