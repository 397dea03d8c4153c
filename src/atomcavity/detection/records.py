"""Records of clicks: when, in which channel, in which run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.coincidences import Coincidences
from atomcavity.errors import unknown
from atomcavity.results import Result, axes_or_new, quantity

Real = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class ClickRecords(Result):
    """All clicks of one or several runs, or of a sequence of pulses.

    `time` is counted from the start of the run (of the sequence, if there is a `period`) and
    increases within a run; `channel` points into `labels`: "mode i" for photons that leave mode i,
    "decay k", "pump k", "transfer k", "dephasing k" for the emitters of group k (the last are phase
    flips of the unravelling, which no detector sees).  With a `period` run r is the
    pulse from r period to (r + 1) period; without one it is NaN and the runs are independent.

    >>> from atomcavity.results import Record
    >>> records = ClickRecords(Record("given"), time=np.array([1.0, 2.5, 6.0]), channel=np.array([0, 1, 0]),
    ...     run=np.array([0, 0, 0]), labels=np.array(["mode 0", "mode 1"]), duration=10.0, runs=1, period=float("nan"))
    >>> records.rate("mode 0"), records.coincidences([0.0, 1.0, 2.0], "mode 0", "mode 1").counts.tolist()
    (0.2, [0, 1])
    """

    time: Real = quantity("click", unit="s", label="time of the click")
    channel: Whole = quantity("click", label="channel, a place in labels")
    run: Whole = quantity("click", label="run or pulse")
    labels: NDArray[np.str_] = quantity("label", label="names of the channels")
    duration: float = quantity(unit="s", label="length of a run, or of the sequence of pulses")
    runs: int = quantity(label="number of runs or pulses")
    period: float = quantity(unit="s", label="distance of the pulses (NaN: not pulsed)")

    @property
    def pulsed(self) -> bool:
        """Whether the emitters were prepared anew every `period`."""
        return bool(np.isfinite(self.period))

    @property
    def exposure(self) -> float:
        """The recorded time in all runs (s)."""
        return self.duration if self.pulsed else self.duration * self.runs

    def place(self, channel: str) -> int:
        """The place of a channel in `labels`; `InputError` if there is none of that name."""
        names = [str(name) for name in self.labels]
        if channel not in names:
            raise unknown("channel", channel, names)
        return names.index(channel)

    def times(self, channel: str) -> Real:
        """Times of the clicks of one channel (s)."""
        return np.asarray(self.time[self.channel == self.place(channel)])

    def counts(self, channel: str) -> Whole:
        """Clicks of one channel in each run or pulse, shape (runs,)."""
        return np.bincount(self.run[self.channel == self.place(channel)], minlength=self.runs)

    def rate(self, channel: str) -> float:
        """Mean rate of the clicks of one channel (1/s)."""
        return len(self.times(channel)) / self.exposure

    def coincidences(self, bins: ArrayLike, first: str = "mode 0", second: str | None = None) -> Coincidences:
        """Histogram of the delays t_second - t_first of all pairs of clicks (Hanbury Brown and Twiss).

        `bins`: edges of the delays (s, increasing, may be negative); `second` None: the same channel,
        where a click forms no pair with itself.  In a sequence of pulses the pairs of different pulses
        count as well (the side peaks); independent runs never form pairs.
        """
        from atomcavity.detection.correlator import correlate, delay_edges

        edges = delay_edges(bins)
        second = first if second is None else second
        gap = 0.0 if self.pulsed else self.duration + 2 * float(np.abs(edges).max())
        a, b = self.place(first), self.place(second)
        order = np.lexsort((self.time, self.run))
        shifted, channel = (self.time + self.run * gap)[order], self.channel[order]
        counts = correlate(shifted[channel == a], None if a == b else shifted[channel == b], edges)
        width = np.diff(edges)
        return Coincidences(
            record=self.record,
            delay=edges[:-1] + width / 2,
            width=width,
            counts=counts,
            expected=self.rate(first) * self.rate(second) * self._overlap(edges),
            first=first,
            second=second,
        )

    def g2(self, bins: ArrayLike, first: str = "mode 0", second: str | None = None) -> Real:
        """Normalised second-order correlation in bins of the delay; see `coincidences` for errors."""
        return self.coincidences(bins, first, second).g2

    def pulse_ratio(self, first: str = "mode 0", second: str | None = None) -> tuple[float, float]:
        """Zero-delay over side peak: <n (n - 1)>/<n>^2, or <n_a n_b>/(<n_a> <n_b>), of the clicks in a run.

        Returns the value and one standard error; in a sequence of pulses that are independent of each
        other this is the area of the peak at zero delay over that of a side peak.  NaN without clicks.
        """
        second = first if second is None else second
        a, b = self.counts(first).astype(float), self.counts(second).astype(float)
        pairs = a * (a - 1) if first == second else a * b
        if not a.any() or not b.any():
            return float("nan"), float("nan")
        value = pairs.mean() / (a.mean() * b.mean())
        part = pairs / (a.mean() * b.mean()) - value * (a / a.mean() + b / b.mean() - 1)
        return float(value), float(part.std(ddof=1) / np.sqrt(self.runs)) if self.runs > 1 else float("nan")

    def _overlap(self, edges: Real) -> Real:
        """Integral of (T - |tau|)+ over each bin, times the number of independent records of length T."""
        whole, records = (self.duration, 1) if self.pulsed else (self.duration, self.runs)
        tau = np.clip(edges, -whole, whole)
        return records * np.diff(whole * tau - np.sign(tau) * tau**2 / 2)

    def _summary(self) -> list[str]:
        kind = f"pulses of {self.period:.4g} s" if self.pulsed else f"runs of {self.duration:.4g} s"
        lines = [f"{len(self.time)} clicks in {self.runs} {kind}"]
        counts = np.bincount(self.channel, minlength=len(self.labels))
        lines += [f"{label}: {n} clicks" for label, n in zip(self.labels, counts, strict=True)]
        return lines

    def plot(self, ax: Any = None) -> Any:
        """Every click as a mark: time in the run against the channel."""
        ax = axes_or_new(ax)
        time = self.time - self.run * self.period if self.pulsed else self.time
        ax.plot(time * 1e6, self.channel, "|")
        ax.set(xlabel="time (µs)", yticks=range(len(self.labels)), yticklabels=list(self.labels))
        return ax
