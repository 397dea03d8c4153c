"""Times of the events in a PicoQuant PTU file, decoded in 64 bits."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import InputError, require
from atomcavity.results.netcdf import one_line

Whole = NDArray[np.int64]

# overflow of the time tag in ticks (T2) or of the sync counter in pulses (T3)
_WRAP_T2 = {"PicoHarpT2": 210698240, "HydraHarpT2": 33552000}
_WRAP_T3 = {"PicoHarpT3": 65536}
NEW_T2, NEW_T3 = 33554432, 1024


def read_ptu(path: Path) -> tuple[Whole, Whole, NDArray[np.float64] | None, float, int]:
    """Ticks, channels (markers: -1, -2, ...), delays (s, None for T2), seconds a tick, and the last tick known.

    The package `ptufile` reads the header; the records are decoded here, because a product of overflows in 32 bits is
    wrong beyond 127 of them in one record.  Raises `InputError` if the file is damaged or holds an image.
    """
    try:
        import ptufile
    except ImportError:
        raise InputError(
            f"to read {path.name}, install the package ptufile: pip install atomcavity[timetags]"
        ) from None
    log = logging.getLogger("ptufile")  # it tells of every odd tag; what matters is checked here
    told, log.disabled = log.disabled, True
    try:
        with path.open("rb") as raw, ptufile.PtuFile(raw) as file:
            kind, tick, expected = file.record_type.name, file.global_resolution, file.number_records
            fine = file.tcspc_resolution
            start = file.record_offset
    except Exception as problem:  # whatever a damaged header makes of the reader
        raise InputError(f"{path} is not a readable PTU file: {one_line(problem)}") from None
    finally:
        log.disabled = told
    present = (path.stat().st_size - start) // 4
    require(
        present >= expected,
        f"{path} is cut off: its header promises {expected} records, but only {max(0, present)} are there",
    )
    require(expected >= 0, f"{path} is damaged: its header promises {expected} records")
    require(0 < tick < 1, f"{path} gives no duration of a tick (found {tick!r} s)")
    require(
        kind.endswith("T2") or 0 < fine < 1, f"{path} gives no resolution of the delays (found {fine!r} s)"
    )
    words = np.fromfile(path, dtype="<u4", count=expected, offset=start)
    ticks, channels, delays, end = decode(words, kind)
    return ticks, channels, None if delays is None else np.asarray(delays * fine, dtype=float), tick, end


def decode(words: NDArray[np.uint32], kind: str) -> tuple[Whole, Whole, Whole | None, int]:
    """Ticks since the start, channels and (T3) delays of the events in 32-bit records, and the tick of the last record.

    kind  the records' type, such as "HydraHarp2T2"

    Overflows are counted and left out; a marker m has the channel -m; the sync input of a T2 file is channel 0 and
    its detectors count from 1.
    """
    fields = _picoharp if kind.startswith("PicoHarp") else _hydraharp
    tag, channel, delay, marker, wraps = fields(words.astype(np.int64), kind)
    wrap = (_WRAP_T2 if kind.endswith("T2") else _WRAP_T3).get(
        kind, NEW_T2 if kind.endswith("T2") else NEW_T3
    )
    ticks = np.cumsum(wraps) * wrap + np.where(wraps > 0, 0, tag)
    longest = float(wraps.sum(dtype=float)) * wrap
    require(longest < 2**62, f"the file counts {longest:.3g} ticks, longer than 64 bits hold: it is damaged")
    event = wraps == 0
    place = np.where(marker > 0, -marker, channel)
    end = int(ticks.max()) if len(ticks) else 0
    fine = None if kind.endswith("T2") else np.where(marker > 0, 0, delay)[event]
    return ticks[event], place[event], fine, end


def _picoharp(words: Whole, kind: str) -> tuple[Any, ...]:
    """Tag, channel, delay, marker, number of overflows; channel 15 is special."""
    channel = words >> 28
    special = channel == 15
    if kind == "PicoHarpT2":
        tag, low = words & 0x0FFFFFFF, words & 0xF
        marker = np.where(special, low, 0)
        return np.where(special, tag & ~0xF, tag), channel, 0 * tag, marker, (special & (low == 0)) * 1
    tag, delay = words & 0xFFFF, (words >> 16) & 0xFFF
    marker = np.where(special, delay & 0xF, 0)
    return tag, channel, delay, marker, (special & (delay == 0)) * 1


def _hydraharp(words: Whole, kind: str) -> tuple[Any, ...]:
    """The same of HydraHarp, MultiHarp, TimeHarp 260 and the generic types; bit 31 is special, channel 63 an overflow."""
    special, channel = words >> 31 == 1, (words >> 25) & 0x3F
    require(
        not bool(np.any(special & (channel > 15) & (channel < 63))),
        f"the file holds special records that {kind} does not know: it is damaged or of another type",
    )
    pairs = kind.endswith("T2")
    tag = words & 0x1FFFFFF if pairs else words & 0x3FF
    delay = (words >> 10) & 0x7FFF
    overflow = special & (channel == 63)
    count = np.ones_like(tag) if kind in ("HydraHarpT2", "HydraHarpT3") else np.maximum(tag, 1)
    marker = np.where(special & (channel >= 1) & (channel <= 15), channel, 0)
    place = np.where(special, 0, channel + 1) if pairs else channel
    return tag, place, delay, marker, np.where(overflow, count, 0)
