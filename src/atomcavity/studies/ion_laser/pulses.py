"""The powers of two modes in time, and the spectrum of their beat note."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Trace:
    """Power of each mode (W), (mode, time), and alpha_+ alpha_-^*, whose phase is that of the beat note less its splitting."""

    time: Real
    power: Real
    beat: NDArray[np.complex128]

    def after(self, time: float) -> Trace:
        """The part later than `time` (s)."""
        late = self.time >= time
        return Trace(self.time[late], self.power[:, late], self.beat[late])

    @property
    def mean(self) -> Real:
        """Mean power of each mode (W)."""
        return self.power.mean(axis=1)

    @property
    def pulsing(self) -> Real:
        """Standard deviation of each mode's power over its mean."""
        return self.power.std(axis=1) / self.mean

    @property
    def correlation(self) -> float:
        """Correlation of the two powers, -1 for exact antiphase."""
        return float(np.atleast_2d(np.corrcoef(self.power))[0, 1])

    @property
    def cross(self) -> float:
        """Mean of the product of the two powers over the product of their means."""
        return float((self.power[0] * self.power[1]).mean() / self.mean.prod())

    @property
    def frequency(self) -> float:
        """Pulses a second (Hz) of one mode: the mean rate of upward crossings of the mean power."""
        above = self.power[0] > self.mean[0]
        ups = np.flatnonzero(~above[:-1] & above[1:])
        return float((len(ups) - 1) / (self.time[ups[-1]] - self.time[ups[0]])) if len(ups) > 1 else math.nan

    def spectrum(self) -> tuple[Real, Real]:
        """Offset (Hz) from the beat's undisturbed place and spectral power of the beat note, largest 1."""
        step = self.time[1] - self.time[0]
        power = np.abs(np.fft.fft(self.beat * np.hanning(len(self.beat)))) ** 2
        order = np.fft.fftshift
        return order(np.fft.fftfreq(len(self.beat), step)), order(power) / power.max()
