"""Time tags of a laboratory: PTU, CSV and our own files become `ClickRecords`."""

from __future__ import annotations

import math
import os
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.records import ClickRecords
from atomcavity.errors import InputError, number, require
from atomcavity.results import Record, load
from atomcavity.results.netcdf import one_line

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

_MOST = 4_000_000_000  # bytes of text
_LINE = 10_000  # characters
UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "ps": 1e-12}


def read_time_tags(path: str | os.PathLike[str], *, duration: float | None = None) -> ClickRecords:
    """Clicks of a file as one run, sorted by time; use `split_runs` to cut it at a marker.

    .ptu  PicoQuant, T2 or T3 (with the package ptufile: `pip install atomcavity[timetags]`); channels "channel k" (T2: 0 is
          the sync input, detectors count from 1) and "marker m" (m the bits of the marker inputs). T3 times are sync pulses
          times their period plus the delay
    .csv  a line of headings, then numbers: a column "time (s)" (or ms, us, ns, ps) and, if there are several, "channel"
          (whole numbers); other columns are ignored, and so are lines above that begin with #
    .nc   a `ClickRecords` that was saved

    duration  recorded time (s); None: until the last record of the file

    Raises `InputError` in one sentence for a file that is missing, cut off, empty, of another kind, or unsorted nonsense.
    """
    file = Path(path)
    require(file.is_file(), f"no such file of time tags: {file}")
    require(file.stat().st_size > 0, f"{file} is empty")
    kind = file.suffix.lower()
    if kind == ".nc":
        found = load(file)
        require(isinstance(found, ClickRecords), f"{file} holds a {type(found).__name__}, not ClickRecords")
        require(duration is None, "duration cannot be given for a file that holds it (.nc)")
        return found  # type: ignore[return-value]
    if kind == ".ptu":
        time, channel, end = _ptu(file)
    elif kind in (".csv", ".txt"):
        time, channel = _csv(file)
        end = float(time.max(initial=0.0))
    else:
        raise InputError(f"{file} ends in {kind!r}; time tags are read from .ptu, .csv, .txt and .nc files")
    return _records(file, time, channel, end, duration)


def split_runs(clicks: ClickRecords, marker: str, duration: float, *, delay: float = 0.0) -> ClickRecords:
    """The same clicks in runs that begin `delay` (s) after each click of the channel `marker` and last `duration` (s).

    The marker's own channel is left out.  Raises `InputError` if runs overlap; a last run that the record does not
    cover is left out.
    """
    require(number(duration, "duration") > 0, f"duration = {duration!r} must be positive (s)")
    require(clicks.runs == 1, f"only one run can be split; these are {clicks.runs}")
    own = clicks.place(marker)
    starts = np.sort(clicks.times(marker)) + number(delay, "delay")
    starts = starts[(starts >= 0) & (starts + duration <= clicks.duration)]
    require(len(starts) > 0, f"no run of {duration:g} s after a click of {marker!r} fits into the record")
    require(
        len(starts) == 1 or float(np.diff(starts).min()) >= duration * (1 - 1e-9),
        f"runs of {duration:g} s overlap: the marker {marker!r} comes again after {np.diff(starts).min() if len(starts) > 1 else 0:.4g} s",
    )
    order = np.argsort(clicks.time, kind="stable")
    time, channel = clicks.time[order], clicks.channel[order]
    run = np.searchsorted(starts, time, side="right") - 1
    inside = (run >= 0) & (channel != own)
    inside[inside] &= (time - starts[run])[inside] < duration
    names = [k for k in range(len(clicks.labels)) if k != own]
    place = np.full(len(clicks.labels), -1)
    place[names] = np.arange(len(names))
    return ClickRecords(
        record=clicks.record,
        time=(time - starts[run])[inside],
        channel=place[channel[inside]],
        run=run[inside],
        labels=np.asarray(clicks.labels)[names],
        duration=float(duration),
        runs=len(starts),
        period=math.nan,
    )


def _records(file: Path, time: Real, channel: Whole, end: float, duration: float | None) -> ClickRecords:
    require(len(time) > 0, f"{file} holds no clicks")
    require(float(time.min()) >= 0, f"{file} holds negative times (down to {time.min():.4g} s)")
    length = end if duration is None else number(duration, "duration")
    require(
        length >= float(time.max()),
        f"duration = {length:g} s is shorter than the last click, {time.max():.9g} s",
    )
    order = np.argsort(time, kind="stable")
    channels = np.unique(channel)
    labels = [f"channel {c}" if c >= 0 else f"marker {-c}" for c in channels]
    return ClickRecords(
        record=Record(f"time tags of {file.name}", parameters={"file": file.name}),
        time=time[order],
        channel=np.searchsorted(channels, channel)[order],
        run=np.zeros(len(time), np.int64),
        labels=np.array(labels),
        duration=length,
        runs=1,
        period=math.nan,
    )


def _ptu(file: Path) -> tuple[Real, Whole, float]:
    from atomcavity.detection.ptu import read_ptu

    ticks, channel, delay, tick, end = read_ptu(file)
    time = ticks * tick if delay is None else ticks * tick + delay
    return np.asarray(time, dtype=float), channel, max(end * tick, float(time.max(initial=0.0)))


def _csv(file: Path) -> tuple[Real, Whole]:
    """Times (s) and channels of a table with headings."""
    size = file.stat().st_size
    require(
        size <= _MOST,
        f"{file} has {size / 1e9:.3g} GB of text: at most {_MOST / 1e9:g} GB are read; split it",
    )
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        above, heading = 0, lines.readline(_LINE).strip()
        while heading.startswith("#"):
            above, heading = above + 1, lines.readline(_LINE).strip()
    require(
        len(heading) < _LINE - 2, f"{file} is not a table: its first line is longer than {_LINE} characters"
    )
    separator: Any = next((s for s in (",", ";", "\t") if s in heading), None)
    names = [
        name.strip().strip('"').lower() for name in (heading.split(separator) if separator else [heading])
    ]
    column, unit = _time_column(file, names)
    columns = [column, names.index("channel")] if "channel" in names else [column]
    try:
        with warnings.catch_warnings(action="ignore"):  # of a table without lines, which has its own message
            table = np.loadtxt(
                file, delimiter=separator, skiprows=above + 1, usecols=columns, ndmin=2, encoding="utf-8-sig"
            )
    except (ValueError, IndexError, UnicodeDecodeError) as problem:
        raise InputError(
            f"{file} is not a table of numbers under {heading[:60]!r}: {one_line(problem)}"
        ) from None
    if table.size == 0:
        return np.zeros(0), np.zeros(0, np.int64)
    require(bool(np.all(np.isfinite(table))), f"{file} holds numbers that are not finite")
    channel = table[:, 1] if len(columns) == 2 else np.zeros(len(table))
    whole = bool(np.all((channel == np.round(channel)) & (channel >= 0) & (channel < 2**31)))
    require(whole, f"{file}: channels must be whole numbers from 0 to 2^31")
    return table[:, 0] * UNITS[unit], channel.astype(np.int64)


def _time_column(file: Path, names: list[str]) -> tuple[int, str]:
    for k, name in enumerate(names):
        found = re.fullmatch(r"time\s*[\(\[_ ]\s*(s|ms|us|µs|ns|ps)\s*[\)\]]?", name)
        if found:
            return k, found[1]
    raise InputError(
        f'{file} needs a first line of headings with "time (s)" (or ms, us, ns, ps) and "channel"; it begins with '
        f"{', '.join(repr(name[:40]) for name in names[:4])}"
    )
