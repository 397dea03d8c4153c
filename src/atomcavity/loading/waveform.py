"""Waveforms out: a belt's frequency, phase and power, sampled for a generator, as arrays and as a file."""

from __future__ import annotations

import math
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import InputError, number, require
from atomcavity.results import Record, Result, quantity
from atomcavity.results.files import replacing
from atomcavity.results.netcdf import one_line
from atomcavity.traps.time_law import TimeLaw

Array = NDArray[np.float64]

MOST = 20_000_000  # samples: 1.2 GB of text
RATE = "# sample_rate (Hz) = "
COLUMNS = ("time (s)", "frequency (Hz)", "phase (rad)", "power")


@dataclass(frozen=True, eq=False, repr=False)
class Waveform(Result):
    """Samples of a waveform, equally spaced: NumPy arrays `time`, `frequency`, `phase`, `power`; made by `waveform`.

    phase  not folded: 2 pi times the integral of the frequency, exact at each sample
    power  relative

    `to_csv` writes one line a sample below the names and units; `read_waveform` gives the same numbers back.
    """

    time: Array = quantity("time", unit="s", label="time", coordinate=True)
    frequency: Array = quantity("time", unit="Hz", label="frequency")
    phase: Array = quantity("time", unit="rad", label="phase")
    power: Array = quantity("time", label="relative power")
    sample_rate: float = quantity(unit="Hz", label="sample rate")

    def signal(self, carrier_hz: float = 0.0) -> Array:
        """sqrt(power) cos(2 pi carrier t + phase), (time,): what one channel of a generator plays.

        Raises `InputError` where carrier plus frequency comes to half the sample rate.
        """
        highest = float(np.abs(number(carrier_hz, "carrier_hz") + self.frequency).max())
        require(
            highest < self.sample_rate / 2,
            f"a frequency of {highest:.6g} Hz needs more than {self.sample_rate:.6g} samples a second",
        )
        turn = 2 * math.pi * (carrier_hz * self.time % 1.0) + self.phase
        return np.asarray(np.sqrt(self.power) * np.cos(turn))

    def write_npy(self, path: str | os.PathLike[str]) -> Path:
        """The same columns (sample, 4) as an array that `numpy.load` reads (atomically)."""
        target = Path(path)
        if not target.parent.is_dir():
            raise InputError(f"cannot write {target}: the folder {target.parent} does not exist")
        with replacing(target) as temporary, temporary.open("wb") as file:
            columns = [self.time, self.frequency, self.phase, self.power]
            np.save(file, np.stack(columns, axis=-1), allow_pickle=False)
        return target

    def _summary(self) -> list[str]:
        f = self.frequency
        return [
            f"{len(f)} samples at {self.sample_rate:.6g} Hz: {f[0]:.6g} Hz at the start, {f[-1]:.6g} Hz at the end, "
            f"{self.phase[-1] - self.phase[0]:.6g} rad between"
        ]


def waveform(
    frequency_hz: TimeLaw | float,
    duration: float,
    sample_rate: float,
    *,
    power: TimeLaw | float = 1.0,
    start: float = 0.0,
    phase: float = 0.0,
) -> Waveform:
    """Sample laws of a frequency (Hz) and a relative power from the time `start` on, both ends included.

    duration     (s), made whole samples
    sample_rate  samples per second
    phase        of the frequency's integral at t = 0 (rad)

    Raises `InputError` for a power below zero, or for more samples than 20 million.

    >>> stop = TimeLaw.constant(6e3).ramp_to(0.0, start=10e-6, duration=50e-6, shape="smooth")
    >>> wave = waveform(stop, 80e-6, 1e6)
    >>> len(wave.time), round(float(wave.frequency[35]), 6)
    (81, 3000.0)
    """
    rate, length = number(sample_rate, "sample_rate"), number(duration, "duration")
    require(rate > 0 and length > 0, f"{length!r} s at {rate!r} samples per second: both must be positive")
    count = round(length * rate) + 1
    require(
        2 <= count <= MOST,
        f"{length:g} s at {rate:g} samples per second are {count} samples: 2 to {MOST} are possible",
    )
    time = number(start, "start") + np.arange(count) / rate
    frequency, strength = TimeLaw.of(frequency_hz), TimeLaw.of(power)(time)
    require(bool(np.all(strength >= 0)), "the power must not be negative")
    return Waveform(
        Record("sampled time laws", parameters={"start": start, "phase": phase}),
        time=time,
        frequency=frequency(time),
        phase=frequency.phase(phase)(time),
        power=strength,
        sample_rate=rate,
    )


def read_waveform(path: str | os.PathLike[str]) -> Waveform:
    """The `Waveform` of a file that `Waveform.to_csv` wrote, to the last bit.

    Raises `InputError` for a file that is missing, cut off or something else, and above 2 GB of text.
    """
    source = Path(path)
    size = source.stat().st_size if source.is_file() else 0
    require(
        size <= 100 * MOST, f"{source} has {size / 1e9:.3g} GB of text: at most {MOST / 1e7:g} GB are read"
    )
    try:
        with source.open(encoding="utf-8") as file:
            first, second, names = (file.readline(1000).strip() for _ in range(3))
            rate = float(second.partition(RATE)[2])
            good = first.startswith("#") and names == ",".join(COLUMNS)
            with warnings.catch_warnings(
                action="ignore"
            ):  # of a table without lines, which has its own message
                table = np.loadtxt(file, delimiter=",", ndmin=2) if good else np.zeros((0, 4))
    except (OSError, ValueError) as problem:
        raise InputError(f"{source} cannot be read as a waveform: {one_line(problem)}") from None
    require(0 < rate < math.inf, f"{source} gives no sample rate (found {rate!r} Hz)")
    require(
        table.shape[0] > 1 and table.shape[1] == 4 and bool(np.all(np.isfinite(table))),
        f"{source} is no waveform: after the sample rate the columns {', '.join(COLUMNS)} are needed",
    )
    t, f, p, q = table.T.copy()
    return Waveform(
        Record(f"read from {source.name}"), time=t, frequency=f, phase=p, power=q, sample_rate=rate
    )
