"""Spectra of the light that leaves: the `TruncatedWigner` answer to `spectrum`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.methods import TruncatedWigner
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Spectrum
from atomcavity.dynamics.system import CavitySystem
from atomcavity.dynamics.truncated_wigner_light import Light, lagged, light
from atomcavity.dynamics.truncated_wigner_run import standard_error

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

AVERAGES = (
    60.0,
    240.0,
    960.0,
)  # default lengths in units of 1/`slowest_rate` (a third of it are lags), until the lines are resolved
RESOLVED = 6.0  # resolutions in a width that is hardly broadened (2.5 % for a Lorentzian)
BATCHES = 10  # parts of the trajectories, for errors
BLOCKS = 120  # of a trajectory, for its phase
STEADY = 0.35  # spread of the amplitude relative to its mean below which the light has a phase that diffuses
SIGNIFICANT = 5.0  # standard errors by which a maximum stands out


@dataclass(frozen=True, eq=False)
class Diffusion:
    """A phase that diffuses: frequency in the frame (rad/s), <(delta phi)^2> = width tau, and the error of the width."""

    frequency: float
    width: float
    error: float


def wigner_spectrum(
    system: CavitySystem,
    method: TruncatedWigner,
    *,
    detuning: Real | None,
    mode: int,
    initial: Preparation | None,
) -> Spectrum:
    """The spectrum from the correlations of the outgoing light; poles are not known.

    Stationary light whose amplitude hardly fluctuates (a laser above threshold): peak and full width are the frequency and the
    diffusion of the phase, <[phi(t + tau) - phi(t)]^2> = full_width tau, and the density is this line plus the transform of
    the remaining correlations.  Other light, and pulses: the maxima of the density, with the resolution in the record.
    A line narrower than the resolution is a warning.

    Raises `InputError` for a mode without kappa or a pulse without end (give the method a duration).
    """
    for average in AVERAGES:
        found, warnings = light(system, method, (mode, mode), initial, 0.0, average)
        batches, coherent, line = _collect(found)
        density = Density(batches, found.width, line, found.stationary)
        peaks, widths = density.peaks()
        if method.duration is not None or initial is not None or line is not None:
            break
        if np.all(widths > RESOLVED * density.resolution):  # longer trajectories would not change the widths
            break
    photons = batches[:, 0].real + coherent
    if photons.mean() <= 4 * standard_error(photons):
        warnings += ("the light does not stand out from the vacuum noise",)
    if line is None:
        note = f"; resolution {density.resolution:.3g} rad/s"
        if np.any(widths < RESOLVED * density.resolution) and found.stationary:
            warnings += (
                f"a line is hardly wider than the resolution {density.resolution:.2g} rad/s, which broadens it; give a longer duration",
            )
    else:
        peaks, widths = np.array([line.frequency]), np.array([line.width])
        note = f"; width from the diffusion of the phase, with the standard error {line.error:.2g} rad/s"
        if line.width < 4 * line.error:
            warnings += (
                "the linewidth does not stand out from its error; take more trajectories or a longer duration",
            )
    frame = found.run.model.frame
    grid = density.grid(peaks, widths) + frame if detuning is None else detuning
    return Spectrum(
        record=found.record(warnings, note),
        detuning=grid,
        density=density(grid - frame),
        peak=peaks + frame,
        full_width=widths,
        poles=np.zeros(0, complex),
        weights=np.zeros(0, complex),
        coherent=coherent,
    )


def _collect(found: Light) -> tuple[Complex, float, Diffusion | None]:
    """<a^+(tau) a(0)> - |<a>|^2 of batches of trajectories (batch, lag), |<a>|^2, and the phase's diffusion if there is one."""
    lags = found.count // 3 if found.stationary else found.count - 1
    driven = found.run.model.system.driven
    total = found.run.method.trajectories
    count = min(BATCHES, total)
    batches, mean, blocks, carrier, first = np.zeros((count, lags + 1), complex), 0j, [], None, 0
    pairs = found.count - np.arange(lags + 1) if found.stationary else np.ones(lags + 1)
    unit = found.kappa[0] * (found.width if found.stationary else 1.0)
    size = found.count // BLOCKS
    for b in found.bins():
        sums = lagged(b, lags)
        sums[:, 0] -= 0.5 * found.count
        rows = sums / (pairs * unit)
        np.add.at(batches, np.arange(first, first + len(b)) * count // total, rows)
        first += len(b)
        mean += b[:, 0].mean(axis=1).sum() / np.sqrt(found.width * found.kappa[0]) / total
        if carrier is None:
            carrier = _carrier(rows.mean(axis=0), found.width)
        turned = b[:, 0] * np.exp(1j * carrier * found.width * np.arange(found.count))
        blocks.append(turned[:, : size * BLOCKS].reshape(len(b), BLOCKS, size).sum(axis=2))
    filled = np.bincount(np.arange(total) * count // total, minlength=count)
    coherent = float(abs(mean) ** 2) if driven and found.stationary else 0.0
    line = None
    if found.stationary and not driven:
        line = diffusion(np.concatenate(blocks), found.width * size, float(carrier or 0.0))
    return np.asarray(batches / filled[:, None] - coherent, dtype=complex), coherent, line


def _carrier(correlation: Complex, width: float) -> float:
    """The frequency of light with a narrow line, from the phase of <a^+(tau) a(0)> at longer and longer delays."""
    frequency, lag = 0.0, 1
    while lag < len(correlation) and abs(correlation[lag]) > 0.5 * abs(correlation[1]):
        delay = lag * width
        frequency += float(np.angle(correlation[lag] * np.exp(-1j * frequency * delay))) / delay
        lag *= 2
    return frequency


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

    The transform of stationary correlations has a Hann window, whose full width at half maximum is `resolution` (rad/s).
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
        window = 0.5 * (1 + np.cos(np.pi * np.arange(lags + 1) / lags)) if stationary else np.ones(lags + 1)
        self.resolution = 2 * np.pi / (width * lags)
        size = next_fast_len(8 * lags)
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
        from scipy.signal import find_peaks

        mean = self.rows.mean(axis=0)
        if mean.max() <= 0:
            return np.zeros(0), np.zeros(0)
        needed = np.maximum(SIGNIFICANT * standard_error(self.rows), 0.03 * mean.max())
        found, _ = find_peaks(mean, prominence=needed)
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
