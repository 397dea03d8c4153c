"""Heterodyne records and what is read from them: periodograms, single-shot frequencies, their scatter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.readout import amplitudes, highest
from atomcavity.errors import InputError, require
from atomcavity.results import Result, axes_or_new, quantity
from atomcavity.units import axis

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Weight = str | ArrayLike | None


@dataclass(frozen=True, eq=False, repr=False)
class HeterodyneRecord(Result):
    """Complex photocurrents of single pulses, in the frame of the system's reference (exp(-i omega t)).

    `current` is the mean over each bin: signal, of which |.|^2 is a flux of photons (1/s), plus shot noise of the
    variance 1/width.  `share` of the photons that the emitters send into the cavity are detected.  A weight, where a
    method takes one, multiplies the current in each bin: None (all bins alike), "pulse" (square root of the mean flux, one at its
    largest), or one number a bin, for example to leave out the bins behind the pulse, which hold nothing but noise.
    """

    time: Real = quantity("time", unit="s", label="centre of the bin")
    width: Real = quantity("time", unit="s", label="width of the bin")
    current: Complex = quantity("trajectory", "time", unit="sqrt(1/s)", label="heterodyne current")
    flux: Real = quantity("time", unit="1/s", label="photons detected per second, mean of all pulses")
    share: float = quantity(label="share of the emitted photons that is detected")
    duration: float = quantity(unit="s", label="2/(N Gamma), time constant of the pulse")
    chirp: float = quantity(label="2 chi/Gamma (one mode: 2 (cavity - emitters)/kappa)")

    @property
    def trajectories(self) -> int:
        """Number of pulses."""
        return len(self.current)

    def frequencies(self, weight: Weight = None, band: tuple[float, float] | None = None) -> Real:
        """What each pulse says about its frequency: the highest maximum of its periodogram, (trajectory,).

        In rad/s from the system's reference, looked for between the two detunings of `band` (None: all that the bins
        resolve).  Of a signal of known envelope in white noise, the weight that follows the envelope gives the
        estimate of maximum likelihood; `weight="pulse"` knows the mean envelope, not this pulse's delay, which `matched`
        finds as well.  Raises `InputError` for bins of unequal width.
        """
        return highest(self._weighted(weight), self._equal_times(), _band(band))

    def scatter(self, weight: Weight = None, band: tuple[float, float] | None = None) -> tuple[float, float]:
        """Standard deviation of `frequencies` from pulse to pulse and its standard error (rad/s).

        It depends on the window and the weight, not on the width of the mean spectrum alone.  A few pulses come so late
        that a weight which all share meets noise only: without a `band` these outliers rule the result.
        """
        return spread(self.frequencies(weight, band))

    def matched(
        self, band: tuple[float, float] | None = None, *, chirp: float | None = None
    ) -> tuple[Real, Real]:
        """Frequency (rad/s from the reference) and delay (s) of each pulse by its matched filter, both (trajectory,).

        Fits the mean-field pulse sech(x) exp(-i omega t + i chirp ln cosh x), x = (t - delay)/duration, to each record, in
        which the pulse must lie as a whole (equations in `detection.matched`).  The delay scatters from pulse to pulse by
        pi/sqrt(6)/(N Gamma), as a weight that all pulses share cannot know.  Beside a detuned cavity the
        frequency is that of the emitters, without the pulse's sweep over N chi to both sides.

        chirp  None: 2 chi/Gamma of the system; another value, for example 0, if the cavity's detuning is not known

        NaN where no maximum is found in the record.  Raises `InputError` for bins of unequal width.
        """
        from atomcavity.detection.matched import matched

        sweep = self.chirp if chirp is None else float(chirp)
        return matched(self._weighted(None), self._equal_times(), self.duration, sweep, _band(band))

    def periodogram(self, detuning: ArrayLike, weight: Weight = None) -> Real:
        """|int w(t) I(t) exp(i omega t) dt|^2 at detunings from the reference (rad/s), (trajectory, detuning), in s.

        For w = 1 over the whole pulse its mean is efficiency kappa_ext S(omega) + length of the record, S the `spectrum` of the pulse; the
        second term is the shot noise, `shot_noise`.  Bins multiply S by sin(x)^2/x^2 or so, x = (omega x width)/2.
        """
        omega = np.atleast_1d(np.asarray(detuning, dtype=float))
        require(omega.ndim == 1 and bool(np.isfinite(omega).all()), "detuning must be finite numbers (rad/s)")
        return np.abs(amplitudes(self._weighted(weight), self.time, omega)) ** 2

    def shot_noise(self, weight: Weight = None) -> float:
        """Flat part of the mean periodogram, int w^2 dt (s)."""
        return float(self._weight(weight) ** 2 @ self.width)

    def _weighted(self, weight: Weight) -> Complex:
        return self.current * (self._weight(weight) * self.width)

    def _weight(self, weight: Weight) -> Real:
        if weight is None:
            return np.ones(len(self.time))
        if isinstance(weight, str):
            require(
                weight == "pulse",
                f"weight = {weight!r}; the only name is 'pulse', others are one number a bin",
            )
            return np.sqrt(self.flux / self.flux.max())
        values = np.asarray(weight, dtype=float)
        require(
            values.shape == self.time.shape and bool(np.isfinite(values).all()) and bool(np.any(values)),
            f"weight of shape {values.shape} must be one finite number a bin, {self.time.shape}, not all 0",
        )
        return values

    def _equal_times(self) -> Real:
        equal = len(self.time) > 1 and np.ptp(self.width) < 1e-6 * self.width[0]
        require(bool(equal), "the frequency of a pulse is read from two or more bins of equal width")
        return self.time

    def _summary(self) -> list[str]:
        photons = float(self.flux @ self.width)
        return [
            f"{self.trajectories} pulse(s) in {len(self.time)} bins from {self.time[0] - self.width[0] / 2:.4g} s to "
            f"{self.time[-1] + self.width[-1] / 2:.4g} s",
            f"photons detected in a pulse = {photons:.4g} ({self.share:.3g} of those emitted)",
            f"signal changes by {self.record.residual:.1e} when the steps are halved",
        ]

    def plot(self, ax: Any = None) -> Any:
        """Both quadratures of the first pulse, and the mean amplitude of all pulses."""
        ax = axes_or_new(ax)
        factor, unit = axis(float(self.time[-1]), "time")
        ax.plot(self.time * factor, self.current[0].real, label="in phase")
        ax.plot(self.time * factor, self.current[0].imag, label="in quadrature")
        ax.plot(self.time * factor, np.sqrt(self.flux), "k--", label="root of the mean flux")
        ax.set(xlabel=f"time ({unit})", ylabel="current (s$^{-1/2}$)")
        ax.legend()
        return ax


def spread(values: Real) -> tuple[float, float]:
    """Standard deviation of values of any distribution and its standard error; NaN from fewer than two."""
    n = len(values)
    if n < 2:
        return float("nan"), float("nan")
    deviation, fourth = values.std(ddof=1), np.mean((values - values.mean()) ** 4)
    if deviation == 0:
        return 0.0, 0.0
    return float(deviation), float(deviation / 2 * np.sqrt(max(fourth / deviation**4 - 1, 0.0) / n))


def _band(band: tuple[float, float] | None) -> tuple[float, float] | None:
    if band is None:
        return None
    low, high = float(band[0]), float(band[1])
    if not (np.isfinite([low, high]).all() and low < high):
        raise InputError(f"band = {band} must be two finite ascending detunings (rad/s)")
    return low, high
