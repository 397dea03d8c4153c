"""The frequency of a short complex signal: the maximum of its periodogram, found between the grid's points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError, InputError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

PADDED = 8  # points of the transform for each bin
CHUNK = 200_000  # bins of all trajectories that are transformed at once
MISSED = 0.97  # the transform's highest points reach at least this share of a maximum between them
STEPS = 60
TOLERANCE = 1e-9  # of the frequency, relative to one over the length of the record


def amplitudes(signal: Complex, time: Real, detuning: Real) -> Complex:
    """sum_j signal_j exp(i omega t_j), (trajectory, detuning)."""
    return signal @ np.exp(1j * np.outer(time, detuning))


def highest(signal: Complex, time: Real, band: tuple[float, float] | None) -> Real:
    """Frequency of the highest maximum of |sum_j signal_j exp(i omega t_j)|^2 in a band, (trajectory,).

    The times are equally spaced.  A Fourier transform padded with zeros (`PADDED`) finds the maximum, Newton's method
    refines it; a second peak that is as high up to what the transform misses between its points is refined as well.
    """
    step = float(time[1] - time[0])
    low, high = (-np.pi / step, np.pi / step) if band is None else band
    rows = max(1, CHUNK // len(time))
    parts = [_highest(signal[k : k + rows], time, step, low, high) for k in range(0, len(signal), rows)]
    return np.concatenate(parts)


def transform(
    signal: Complex, step: float, band: tuple[float, float] | None, padded: int = 1
) -> tuple[Real, Real]:
    """The frequencies of a band that a Fourier transform knows, ascending, and |sum_j signal_j exp(i omega t_j)|^2 there.

    Raises `InputError` where there is none.
    """
    from scipy.fft import fftfreq, fftshift, ifft, next_fast_len

    size = next_fast_len(padded * signal.shape[1])
    grid = 2 * np.pi * fftshift(fftfreq(size, step))
    power = np.abs(size * fftshift(ifft(signal, size, axis=1), axes=1)) ** 2
    if band is None:
        return grid, power
    inside = (grid >= band[0]) & (grid <= band[1])
    if not inside.any():
        raise InputError(f"band = {band} rad/s holds no frequency of records with bins of {step:g} s")
    return grid[inside], power[:, inside]


def _highest(signal: Complex, time: Real, step: float, low: float, high: float) -> Real:
    grid, power = transform(signal, step, (low, high), PADDED)
    spacing = 2 * np.pi / (PADDED * signal.shape[1] * step)
    every = np.arange(len(signal))
    first = power.argmax(axis=1)
    top = power[every, first]
    place, height = _refined(signal, time, grid[first], spacing, low, high)
    near = np.abs(np.arange(len(grid)) - first[:, None]) < PADDED
    second = np.where(near, 0.0, power).argmax(axis=1)
    rivals = np.flatnonzero(power[every, second] > MISSED * top)
    if len(rivals):
        other, value = _refined(signal[rivals], time, grid[second[rivals]], spacing, low, high)
        place[rivals] = np.where(value > height[rivals], other, place[rivals])
    return place


def _refined(
    signal: Complex, time: Real, place: Real, spacing: float, low: float, high: float
) -> tuple[Real, Real]:
    """Maxima of the periodogram within `spacing` of `place` (or the band's end), and their heights.

    Newton's method on the slope between two ends that close in, halved where it leads out.
    """
    lower, upper = np.maximum(place - spacing, low), np.minimum(place + spacing, high)
    centred, length = time - time.mean(), float(np.ptp(time))
    for _ in range(STEPS):
        turned = signal * np.exp(1j * np.outer(place, centred))
        f, f1, f2 = turned.sum(axis=1), 1j * turned @ centred, -turned @ centred**2
        slope, bend = (f.conj() * f1).real, np.abs(f1) ** 2 + (f.conj() * f2).real
        lower, upper = np.where(slope > 0, place, lower), np.where(slope > 0, upper, place)
        new = place - slope / np.where(bend < 0, bend, -np.inf)
        new = np.where((bend < 0) & (new >= lower) & (new <= upper), new, (lower + upper) / 2)
        moved, place = np.abs(new - place).max(), new
        if moved * length < TOLERANCE:
            return place, np.abs(f) ** 2
    raise ConvergenceError(f"the maximum of a periodogram still moves by {moved:.2g} rad/s")
