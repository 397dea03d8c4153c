"""The spectral density from the correlations of trajectories, its maxima, and the diffusion of the phase of a laser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.wigner.run import standard_error

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

BLOCKS = 120  # of a trajectory, for its phase
STEADY = 0.35  # spread of the amplitude relative to its mean below which the light has a phase that diffuses
SIGNIFICANT = 10.0  # standard errors by which a maximum stands out from the minima beside it
NOISE = 3.0  # |correlation|^2 in units of its squared standard error where it is no more than noise (1 on average)


@dataclass(frozen=True, eq=False)
class Diffusion:
    """A phase that diffuses: frequency in the frame (rad/s), <(delta phi)^2> = width tau, and the error of the width."""

    frequency: float
    width: float
    error: float


def diffusion(blocks: Complex, length: float, carrier: float) -> Diffusion | None:
    """Frequency and diffusion of the phase of amplitudes (run, block); None where the amplitude is not steady.

    The mean square of the phase's increments is taken at two delays and its slope between them: what
    fluctuates faster (relaxation, the vacuum) adds the same to both.
    """
    if blocks.shape[1] < BLOCKS or not np.any(blocks):
        return None
    size = np.abs(blocks)
    if size.std() > STEADY * size.mean():
        return None
    phase = np.unwrap(np.angle(blocks), axis=1)
    drift = float((phase[:, -1] - phase[:, 0]).mean()) / (BLOCKS - 1)
    phase = phase - drift * np.arange(BLOCKS)
    near, far = BLOCKS // 10, BLOCKS // 4
    square = [np.mean((phase[:, lag:] - phase[:, :-lag]) ** 2, axis=1) for lag in (near, far)]
    slope = (square[1] - square[0]) / ((far - near) * length)
    width = float(slope.mean())
    if width * length > 1 or width <= 0:
        return None
    return Diffusion(carrier - drift / length, width, float(standard_error(slope)))


class Density:
    """S(omega) in the frame from correlations (batch, lag): a line of diffusing phase, if any, plus a transform.

    The correlations count up to the delay at which they have fallen into their noise, and are faded out until twice that delay.
    Where they do not fall (`unresolved`) they are faded out over all delays: a line then shows the window's full width
    at half maximum, `resolution` (rad/s).
    """

    def __init__(self, batches: Complex, width: float, line: Diffusion | None, stationary: bool) -> None:
        from scipy.fft import fft, fftfreq, fftshift, next_fast_len
        from scipy.interpolate import CubicSpline

        lags = batches.shape[1] - 1
        delays = width * np.arange(lags + 1)
        self.line, self.height = line, 0.0
        if line is not None:
            wave = np.exp((1j * line.frequency - line.width / 2) * delays)
            last = slice(3 * lags // 4, None)
            self.height = float((batches[:, last] / wave[last]).mean().real)
            batches = batches - self.height * wave
        heard = _heard(batches)
        self.unresolved = stationary and heard > lags // 2
        reach = lags if self.unresolved else min(2 * heard, lags)
        start = 0 if self.unresolved else heard
        fade = np.clip((np.arange(lags + 1) - start) / max(reach - start, 1), 0, 1)
        window = 0.5 * (1 + np.cos(np.pi * fade)) if stationary or heard <= lags // 2 else np.ones(lags + 1)
        self.resolution = 2 * np.pi / (width * reach)
        size = next_fast_len(max(8 * reach, lags + 1))
        rows = 2 * fft(batches * window, size).real - batches[:, :1].real
        self.axis = fftshift(2 * np.pi * fftfreq(size, width))
        rows = fftshift(rows, axes=1) * width
        self.rows = rows
        self._rest = CubicSpline(self.axis, rows.mean(axis=0), extrapolate=False)

    def __call__(self, omega: Real) -> Real:
        """The density (photons s) at frequencies in the frame; NaN beyond the sampling's reach."""
        density = np.asarray(self._rest(omega))
        if self.line is None:
            return density
        half = self.line.width / 2
        return density + 2 * self.height * half / (half**2 + (omega - self.line.frequency) ** 2)

    def peaks(self) -> tuple[Real, Real]:
        """Maxima that stand out from the noise, and their full widths at half maximum (NaN: a neighbour is above the half)."""
        from scipy.ndimage import uniform_filter1d
        from scipy.signal import find_peaks

        mean = self.rows.mean(axis=0)
        if mean.max() <= 0:
            return np.zeros(0), np.zeros(0)
        spread = max(int(8 * self.resolution / (self.axis[1] - self.axis[0])), 1)
        error = np.sqrt(uniform_filter1d(standard_error(self.rows) ** 2, spread))
        found, _ = find_peaks(mean, prominence=np.maximum(SIGNIFICANT * error, 0.03 * mean.max()))
        if len(found) == 0:
            found = np.array([int(np.argmax(mean[1:-1])) + 1])
        places, widths = [], []
        for k in found:
            bend = mean[k - 1] - 2 * mean[k] + mean[k + 1]
            shift = 0.5 * (mean[k - 1] - mean[k + 1]) / bend
            places.append(self.axis[k] + shift * (self.axis[1] - self.axis[0]))
            widths.append(self._fall(mean, k, 1) - self._fall(mean, k, -1))
        return np.array(places), np.array(widths)

    def _fall(self, mean: Real, k: int, side: int) -> float:
        """Where the density falls to half of its value at k on one side; NaN if it rises above that value before."""
        values = mean[k::side]
        below = np.flatnonzero(values <= mean[k] / 2)
        above = np.flatnonzero(values > mean[k])
        if len(below) == 0 or (len(above) and above[0] < below[0]):
            return float("nan")
        j = int(below[0])
        part = (values[j - 1] - mean[k] / 2) / (values[j - 1] - values[j])
        return float(self.axis[k] + side * (j - 1 + part) * (self.axis[1] - self.axis[0]))

    def grid(self, peaks: Real, widths: Real) -> Real:
        """Frequencies that show every peak."""
        if len(peaks) == 0:
            return np.linspace(-50, 50, 401) * self.resolution
        half = np.where(np.isnan(widths), 2 * self.resolution, widths / 2)
        near = peaks[:, None] + half[:, None] * np.concatenate(
            [-np.logspace(1.5, -1.5, 60), [0], np.logspace(-1.5, 1.5, 60)]
        )
        grid = np.concatenate([near.ravel(), np.linspace(near.min(), near.max(), 401)])
        return np.unique(grid[np.abs(grid) < np.abs(self.axis[0])])


def _heard(batches: Complex) -> int:
    """The last lag at which the correlation (batch, lag) stands out from its noise."""
    from scipy.ndimage import uniform_filter1d

    lags = batches.shape[1] - 1
    signal = np.abs(batches.mean(axis=0)) ** 2
    noise = standard_error(batches) ** 2
    size = max(lags // 50, 1)
    outside = uniform_filter1d(signal, size) > NOISE * uniform_filter1d(noise, size)
    return int(np.flatnonzero(outside)[-1]) + 1 if outside.any() else 1
