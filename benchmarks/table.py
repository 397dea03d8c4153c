"""The table of a benchmark: ours and a peer in one process, equal answers first."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One line of the table; `disagreement` is relative."""

    id: str
    workload: str
    ours_s: float
    peer: str
    peer_s: float
    ratio: float
    disagreement: float


Benchmark = Callable[[bool], Iterator[Row]]


def best_of(repeats: int, work: Callable[[], object]) -> tuple[float, object]:
    """Shortest wall time of `repeats` runs, and the answer; a first, untimed run compiles (not for one run)."""
    answer = work() if repeats > 1 else None
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - start)
    return min(times), answer


def main(
    description: str | None,
    benchmarks: dict[str, Benchmark],
    tolerance: dict[str, float],
    plot: Callable[[list[Row], Path], None] | None = None,
) -> list[Row]:
    """Run the benchmarks, print the table, write and draw it, and fail if answers disagree by more than the tolerance."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="smaller workloads")
    parser.add_argument("--only", choices=benchmarks, help="run one of them")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    if plot:
        parser.add_argument("--plot", type=Path, help="draw a figure of the rows into this file")
    options = parser.parse_args()
    rows = []
    for name, benchmark in benchmarks.items():
        if options.only not in (None, name):
            continue
        print(f"{name} ...", flush=True)
        for row in benchmark(options.quick):
            rows.append(row)
            print(
                f"{row.id:<20}{row.workload:<44}{row.ours_s * 1e3:10.3f} ms{row.peer_s * 1e3:13.2f} ms"
                f"{row.ratio:10.1f}x{row.disagreement:10.1e}  {row.peer}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    if plot and options.plot:
        plot(rows, options.plot)
    wrong = [row for row in rows if not row.disagreement < tolerance[row.id]]
    if wrong:
        raise SystemExit(f"answers disagree: {', '.join(row.workload for row in wrong)}")
    return rows
