"""The frequency of a short complex signal: the maximum of its periodogram, found between the grid's points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError, InputError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

PADDED = 8  # points of the transform for each bin
CHUNK = 200_000  # bins of all trajectories that are transformed at once
TOLERANCE = 1e-9  # of the frequency, relative to one over the length of the record


def amplitudes(signal: Complex, time: Real, detuning: Real) -> Complex:
    """sum_j signal_j exp(i omega t_j), (trajectory, detuning)."""
    return signal @ np.exp(1j * np.outer(time, detuning))


def highest(
    signal: Complex,
    time: Real,
    band: tuple[float, float] | None,
    *,
    padded: int = PADDED,
    refine: bool = True,
) -> tuple[Real, Real]:
    """Frequency and height of the highest maximum of |sum_j signal_j exp(i omega t_j)|^2 in a band, (trajectory,).

    The times are equally spaced.  A Fourier transform `padded` with zeros finds the maximum, Newton's method with
    both derivatives refines it, if wanted.
    """
    step = float(time[1] - time[0])
    low, high = (-np.pi / step, np.pi / step) if band is None else band
    rows = max(1, CHUNK // len(time))
    parts = []
    for k in range(0, len(signal), rows):
        place, height, spacing = _highest(signal[k : k + rows], step, low, high, padded)
        if refine:
            ends = np.maximum(place - spacing, low), np.minimum(place + spacing, high)
            place, height = _newton(signal[k : k + rows], time, place, *ends)
        parts.append((place, height))
    return np.concatenate([f for f, _ in parts]), np.concatenate([p for _, p in parts])


def _highest(signal: Complex, step: float, low: float, high: float, padded: int) -> tuple[Real, Real, float]:
    """Place and height of the highest point of the padded transform, and its spacing."""
    from scipy.fft import fftfreq, ifft, next_fast_len

    size = next_fast_len(padded * signal.shape[1])
    grid = 2 * np.pi * fftfreq(size, step)
    inside = np.flatnonzero((grid >= low) & (grid <= high))
    if not len(inside):
        raise InputError(
            f"band = ({low:g}, {high:g}) rad/s holds no frequency of records with bins of {step:g} s"
        )
    power = np.abs(size * ifft(signal, size, axis=1)[:, inside]) ** 2
    return grid[inside[np.argmax(power, axis=1)]], power.max(axis=1), 2 * np.pi / (size * step)


def _newton(signal: Complex, time: Real, place: Real, low: Real, high: Real) -> tuple[Real, Real]:
    """Maxima of the periodogram between low and high next to `place`, and their heights."""
    centred = time - time.mean()
    length = float(np.ptp(time))
    for _ in range(30):
        turned = signal * np.exp(1j * np.outer(place, centred))
        f, f1, f2 = turned.sum(axis=1), 1j * turned @ centred, -turned @ centred**2
        slope, bend = (f.conj() * f1).real, np.abs(f1) ** 2 + (f.conj() * f2).real
        downhill = np.where(slope > 0, high, low)  # where the curve is not concave: to that end
        new = np.clip(np.where(bend < 0, place - slope / np.where(bend < 0, bend, -1), downhill), low, high)
        moved, place = np.abs(new - place).max(), new
        if moved * length < TOLERANCE:
            return place, np.abs(f) ** 2
    raise ConvergenceError(f"the maximum of a periodogram still moves by {moved:.2g} rad/s")
