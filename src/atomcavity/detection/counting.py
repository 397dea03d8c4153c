"""Clicks of a photon counter behind light whose transmission follows a trace."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.records import ClickRecords
from atomcavity.errors import number, require
from atomcavity.parallel import spawn_seeds
from atomcavity.results import Record

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

CHANNEL = "detector"


@dataclass(frozen=True)
class PhotonCounter:
    """A counter of single photons behind a probe.

    flux        photons/s that reach the counter at transmission 1
    efficiency  probability that a photon is counted
    stray       photons/s of stray light, whatever the transmission
    dark_rate   counts/s without light
    dead_time   time (s) after a count in which nothing is counted, not prolonged by what falls into it

    >>> counter = PhotonCounter(flux=2e6, efficiency=0.44, dark_rate=300.0)
    >>> round(counter.rate(0.085))
    75100
    """

    flux: float
    efficiency: float = 1.0
    stray: float = 0.0
    dark_rate: float = 0.0
    dead_time: float = 0.0

    def __post_init__(self) -> None:
        for name in ("flux", "efficiency", "stray", "dark_rate", "dead_time"):
            value = number(getattr(self, name), name)
            require(value >= 0, f"{name} = {value:g} must not be negative")
            object.__setattr__(self, name, value)
        require(
            self.efficiency <= 1, f"efficiency = {self.efficiency:g} is a probability and cannot exceed 1"
        )

    def rate(self, transmission: ArrayLike) -> Any:
        """Counts/s while no dead time is running: efficiency (flux T + stray) + dark_rate."""
        light = self.flux * np.asarray(transmission, dtype=float) + self.stray
        return self.efficiency * light + self.dark_rate

    def counted_rate(self, transmission: ArrayLike) -> Any:
        """Mean counts/s in steady light, r/(1 + r dead_time)."""
        rate = self.rate(transmission)
        return rate / (1 + rate * self.dead_time)

    def clicks(
        self, times: ArrayLike, transmission: ArrayLike, *, runs: int | None = None, seed: int = 0
    ) -> ClickRecords:
        """Clicks in light of the transmission given at `times` (s, ascending, from 0) and linear between them.

        transmission  (time,) for `runs` equal runs (default 1), or (run, time)

        An inhomogeneous Poisson process without time step, thinned by the dead time; run k of a seed is the same
        whatever the other runs are.  The one channel is "detector".  Raises `InputError` for times that do not
        ascend from 0 or a transmission that is negative, not finite or of another shape.
        """
        axis = np.asarray(times, dtype=float)
        good = axis.ndim == 1 and len(axis) > 1 and axis[0] == 0 and bool(np.all(np.diff(axis) > 0))
        require(
            good and bool(np.isfinite(axis[-1])),
            "times must be two or more finite times (s) ascending from 0",
        )
        trace = np.asarray(transmission, dtype=float)
        require(
            trace.ndim in (1, 2) and trace.shape[-1] == len(axis),
            f"transmission has shape {trace.shape}; it must be (time,) or (run, time) with {len(axis)} times",
        )
        require(
            bool(np.all(np.isfinite(trace)) and np.all(trace >= 0)),
            "transmission must be finite and not negative",
        )
        require(
            runs is None or (trace.ndim == 1 and runs >= 1),
            f"runs = {runs!r} must be a number >= 1 and is given by the shape of a transmission (run, time)",
        )
        count = trace.shape[0] if trace.ndim == 2 else (runs or 1)
        rates = np.atleast_2d(self.rate(trace))
        time, run = self._drawn(axis, rates, count, seed)
        return ClickRecords(
            record=Record("inhomogeneous Poisson process", seed=seed, parameters={"counter": asdict(self)}),
            time=time,
            channel=np.zeros(len(time), np.int64),
            run=run,
            labels=np.array([CHANNEL]),
            duration=float(axis[-1]),
            runs=count,
            period=math.nan,
        )

    def _drawn(self, axis: Real, rates: Real, count: int, seed: int) -> tuple[Real, Whole]:
        """Times and runs of all clicks; `rates` (1 or run, time)."""
        from atomcavity.detection.counting_kernel import draw

        most = (np.diff(axis) * (rates[:, 1:] + rates[:, :-1]) / 2).sum(axis=1).max()
        room = int(most + 10 * math.sqrt(most) + 40)  # a Poisson number exceeds it with a chance below 1e-15
        times, numbers = np.empty(count * room), np.empty(count, np.int64)
        state = spawn_seeds(seed, count)
        used = draw(axis, rates, self.dead_time, state, times, numbers, room)
        return times[:used].copy(), np.repeat(np.arange(count), numbers)


def running_counts(clicks: ClickRecords, window: float, times: ArrayLike) -> Whole:
    """Clicks in (t - window, t] of each run at each of the ascending `times` (s), shape (run, time).

    Raises `InputError` for a window (s) that is not positive and for times that are not finite.
    """
    require(number(window, "window") > 0, f"window = {window!r} must be a positive time (s)")
    axis = np.asarray(times, dtype=float)
    require(axis.ndim == 1 and bool(np.all(np.isfinite(axis))), "times must be a list of finite times (s)")
    out = np.empty((clicks.runs, len(axis)), np.int64)
    for k, (first, last) in enumerate(zip(*run_bounds(clicks), strict=True)):
        part = clicks.time[first:last]
        out[k] = np.searchsorted(part, axis, side="right") - np.searchsorted(
            part, axis - window, side="right"
        )
    return out


def run_bounds(clicks: ClickRecords) -> tuple[Whole, Whole]:
    """First click of each run and the one after its last; `InputError` if the clicks are not in order of run and time."""
    ordered = bool(np.all(np.diff(clicks.run) >= 0))
    steps = np.diff(clicks.time)
    ordered = ordered and bool(np.all((steps >= 0) | (np.diff(clicks.run) > 0)))
    require(ordered, "the clicks must be in order of their run and, within a run, of their time")
    runs = np.arange(clicks.runs)
    return np.searchsorted(clicks.run, runs), np.searchsorted(clicks.run, runs, side="right")
