"""Frequency and delay of a superradiant pulse by its matched filter.

In mean field the amplitude of a pulse with the delay t_0 is, with x = (t - t_0)/tau and tau = 2/(N Gamma),

    <J^-> ~ sech(x) exp[-i omega_e t + i c ln cosh(x)],   c = 2 chi/Gamma,

because <J_z> = -(N/2) tanh(x) shifts the light by 2 chi <J_z>.  In white noise the estimate of maximum likelihood is
where |F|^2 is largest,

    F(omega, t_0) = int I(t) exp[-(1 + i c) ln cosh(x)] exp(i omega t) dt .
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.readout import CHUNK, transform

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

FINE = 0.5  # delays that are tried first, in tau sqrt(1 + c^2)^-1
STEPS = 60  # of Newton's method
TOLERANCE = 1e-8  # of delay/tau and frequency x tau


def matched(
    signal: Complex, time: Real, duration: float, chirp: float, band: tuple[float, float] | None
) -> tuple[Real, Real]:
    """Frequencies (rad/s) and delays (s) where |F|^2 of each row is largest; signal (trajectory, bin) is I dt.

    From the highest point of a grid to the maximum next to it by Newton's method, (NaN, NaN) where there is none.
    """
    rows = max(1, CHUNK // len(time))
    parts = [_grid(signal[k : k + rows], time, duration, chirp, band) for k in range(0, len(signal), rows)]
    found = np.concatenate(parts)
    climb(signal, time, duration, chirp, found)
    return found[:, 0], found[:, 1]


def _grid(
    signal: Complex, time: Real, duration: float, chirp: float, band: tuple[float, float] | None
) -> Real:
    """Frequency and delay of the highest point of a grid, (trajectory, 2)."""
    step = FINE * duration / np.hypot(1, chirp)
    best, found = np.full(len(signal), -1.0), np.zeros((len(signal), 2))
    for delay in np.arange(time[0], time[-1] + step, step):
        x = np.abs(time - delay) / duration
        cosh = x + np.log1p(np.exp(-2 * x)) - np.log(2)  # its logarithm
        grid, power = transform(signal * np.exp(-(1 + 1j * chirp) * cosh), time[1] - time[0], band)
        top = power.argmax(axis=1)
        height = power[np.arange(len(signal)), top]
        better = height > best
        best[better], found[better, 0], found[better, 1] = height[better], grid[top[better]], delay
    return found


@nb.njit(cache=True, error_model="numpy")
def _filtered(signal, time, duration, chirp, frequency, delay, out):
    """F and its derivatives by a = omega tau, by b = t_0/tau, aa, ab, bb into out."""
    power = complex(1.0, chirp)
    out[:] = 0.0
    for j in range(len(time)):
        x = (time[j] - delay) / duration
        e = np.exp(-2.0 * abs(x))
        cosh = abs(x) + np.log1p(e) - 0.6931471805599453
        size = np.exp(-cosh)
        if size < 1e-12:
            continue
        angle = frequency * (time[j] - delay) - chirp * cosh
        f = signal[j] * size * complex(np.cos(angle), np.sin(angle))
        tanh = (1.0 - e) / (1.0 + e) * np.sign(x)
        along, across = 1j * x, power * tanh - 1j * frequency * duration
        out[0] += f
        out[1] += along * f
        out[2] += across * f
        out[3] += along * along * f
        out[4] += (along * across - 1j) * f
        out[5] += (across * across - power * (1.0 - tanh * tanh)) * f


@nb.njit(cache=True, error_model="numpy")
def _newton(out):
    """Step (a, b) towards the maximum of ln |F|^2: Newton's, with a lowered curvature where it is not concave."""
    f = out[0]
    a, b = (out[1] / f), (out[2] / f)
    da, db = 2 * a.real, 2 * b.real
    aa = 2 * (out[3] / f - a * a).real
    ab = 2 * (out[4] / f - a * b).real
    bb = 2 * (out[5] / f - b * b).real
    half, root = (aa + bb) / 2, np.sqrt((aa - bb) ** 2 / 4 + ab * ab)
    if half + root >= 0:  # the larger eigenvalue is not negative: both are made so
        lower = half + 1.2 * root + 0.01
        aa, bb = aa - lower, bb - lower
    det = aa * bb - ab * ab
    return -(bb * da - ab * db) / det, -(aa * db - ab * da) / det


@nb.njit(cache=True, error_model="numpy", nogil=True)
def climb(signal, time, duration, chirp, found):
    """From (frequency, delay) in the rows of `found` to the maxima next to them, in place; NaN where none is found."""
    out = np.zeros(6, np.complex128)
    limit = 0.3 / np.sqrt(1 + chirp * chirp)
    for r in range(len(signal)):
        frequency, delay = found[r]
        _filtered(signal[r], time, duration, chirp, frequency, delay, out)
        height = abs(out[0])
        found[r] = np.nan
        for _ in range(STEPS):
            a, b = _newton(out)
            if max(abs(a), abs(b)) < TOLERANCE:
                found[r] = frequency, delay
                break
            scale = min(1.0, limit / max(abs(a), abs(b), 1e-300))
            for _ in range(30):
                new_frequency, new_delay = frequency + scale * a / duration, delay + scale * b * duration
                _filtered(signal[r], time, duration, chirp, new_frequency, new_delay, out)
                if abs(out[0]) >= height * (1 - 1e-14):
                    break
                scale *= 0.5
            frequency, delay, height = new_frequency, new_delay, abs(out[0])
