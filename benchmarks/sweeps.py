"""Benchmarks of sweeps: what keeping every point costs, and what a second worker brings.

OPENBLAS_NUM_THREADS=1 python benchmarks/sweeps.py [--quick] [--only ID] [--json FILE]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from table import Row, main

from atomcavity.results.answers import Answer, Answers
from atomcavity.sweeps import Plan, make_plan, read_plan, run_sweep

TRAPS = Path(__file__).parents[1] / "examples" / "trap_sweep.toml"


def cheap(data: dict[str, Any], _: int) -> Answers:
    """An answer that costs next to nothing."""
    return Answers("product", (Answer("product", "x times y", data["x"] * data["y"]),))


def cheap_plan(points: int) -> Plan:
    axes = {
        "x": {"from": 0, "to": 1, "points": 100},
        "y": {"from": 1, "to": 2, "points": points // 100},
    }
    return make_plan(
        {"sweep": {"axes": axes}}, "cheap", "cheap", check=lambda *_: None, function="sweeps:cheap"
    )


def trap_plan(points: int) -> Plan:
    red = f'sweep.axes.trap.red.power={{from="24 mW", to="30 mW", points={points // 2}}}'
    return read_plan(TRAPS, [red, 'sweep.axes.trap.blue.power=["85 mW", "90 mW"]'])


def measured(code: str) -> dict[str, float]:
    """What `code` prints as JSON in a fresh process: wall time, largest memory of it and of its workers."""
    run = subprocess.run(
        [sys.executable, __file__, "--measure", code], stdout=subprocess.PIPE, check=True, text=True
    )
    return json.loads(run.stdout)


def measure(kind: str, points: int, workers: int, folder: str) -> dict[str, float]:
    """One sweep in this process: seconds, CPU seconds of the workers, and peaks of memory (MB)."""
    import resource

    plan = cheap_plan(points) if kind == "cheap" else trap_plan(points)
    start = time.perf_counter()
    end = run_sweep(plan, folder, workers=workers)
    seconds = time.perf_counter() - start
    assert end.done == points, end
    here, below = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "seconds": seconds,
        "cpu": below.ru_utime + below.ru_stime,
        "main_mb": here.ru_maxrss / 1024,
        "worker_mb": below.ru_maxrss / 1024,
    }


def overhead(quick: bool) -> Iterator[Row]:
    """Cheap points: all the time beyond a plain loop that keeps nothing is overhead of the sweep."""
    few, many = 10**4, 3 * 10**4 if quick else 10**5
    with tempfile.TemporaryDirectory() as folder:
        small = measured(f"cheap,{few},1,{folder}/few")
        large = measured(f"cheap,{many},1,{folder}/many")
        from atomcavity.results import load

        found = load(Path(folder) / "many" / "sweep.nc")["product"]  # type: ignore[index]
    rows = [{"x": float(x), "y": float(y)} for x in found.x.values for y in found.y.values]
    start = time.perf_counter()
    loop = [cheap(row, 0).answers[0].value for row in rows]
    loop_s = time.perf_counter() - start
    each = (large["seconds"] - loop_s) / many
    print(
        f"  overhead per point {each * 1e3:.3f} ms; peak memory at {few:.0e} points {small['main_mb']:.0f} MB "
        f"(worker {small['worker_mb']:.0f} MB), at {many:.0e} points {large['main_mb']:.0f} MB ({large['worker_mb']:.0f} MB)"
    )
    yield Row(
        "sweep-overhead-1e5",
        f"{many:.0e} points kept, one worker",
        large["seconds"],
        "the function alone in a plain loop, nothing kept",
        loop_s,
        loop_s / large["seconds"],
        float(np.abs(found.values.ravel() - loop).max()),
    )


def two_workers(quick: bool) -> Iterator[Row]:
    """Traps of `examples/trap_sweep.toml` by one worker and by two."""
    points = 24 if quick else 80
    with tempfile.TemporaryDirectory() as folder:
        one = measured(f"traps,{points},1,{folder}/one")
        two = measured(f"traps,{points},2,{folder}/two")
        files = [(Path(folder) / name / "sweep.nc").read_bytes() for name in ("one", "two")]
    print(
        f"  CPU time of the workers: {one['cpu']:.1f} s by one, {two['cpu']:.1f} s by two; "
        f"two cores of their own could give {2 * one['cpu'] / two['cpu']:.2f}x; "
        f"load of the machine {os.getloadavg()[0]:.1f}"
    )
    yield Row(
        "sweep-2-workers",
        f"{points} traps, two workers",
        two["seconds"],
        "the same sweep, one worker",
        one["seconds"],
        one["seconds"] / two["seconds"],
        float(files[0] != files[1]),
    )


BENCHMARKS = {"sweep-overhead-1e5": overhead, "sweep-2-workers": two_workers}
TOLERANCE = {"sweep-overhead-1e5": 1e-12, "sweep-2-workers": 0.5}  # the files must be the same, bit by bit

if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        kind, points, workers, folder = sys.argv[2].split(",")
        print(json.dumps(measure(kind, int(points), int(workers), folder)))
    else:
        main(__doc__, BENCHMARKS, TOLERANCE)
