"""Spectra of the light that leaves: the `TruncatedWigner` answer to `spectrum`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.methods import TruncatedWigner
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Spectrum
from atomcavity.dynamics.system import CavitySystem
from atomcavity.dynamics.wigner.density import BLOCKS, Density, Diffusion, diffusion
from atomcavity.dynamics.wigner.light import Light, lagged, light
from atomcavity.dynamics.wigner.run import standard_error

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

AVERAGES = (
    60.0,
    240.0,
    960.0,
)
"""Default lengths in units of 1/`slowest_rate`, a third of them for delays: the first that resolves the lines."""
BATCHES = 10  # parts of the trajectories, for errors


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
    the remaining correlations.  Other light, and pulses: the maxima of the density, with the resolution in the record; the error of
    their full width is not known (NaN).
    A line narrower than the resolution is a warning.

    Raises `InputError` for a mode without kappa or a pulse without end (give the method a duration).
    """
    for average in AVERAGES:
        found, warnings = light(system, method, (mode, mode), initial, 0.0, average)
        batches, coherent, line = _collect(found)
        density = Density(batches, found.width, line, found.stationary)
        if method.duration is not None or initial is not None or line is not None or not density.unresolved:
            break
    photons = batches[:, 0].real + coherent
    if photons.mean() <= 4 * standard_error(photons):
        peaks, widths, errors, note = np.zeros(0), np.zeros(0), np.zeros(0), ""
        warnings += (
            "the light does not stand out from the vacuum noise: its lines are not known; take more trajectories",
        )
    elif line is None:
        peaks, widths = density.peaks()
        errors = np.full(len(widths), np.nan)
        note = f"; resolution {density.resolution:.3g} rad/s"
        if density.unresolved:
            warnings += (
                f"the light is coherent for longer than the trajectories last: its lines are broadened by the resolution "
                f"{density.resolution:.2g} rad/s; give a longer duration",
            )
    else:
        peaks, widths, errors = (np.array([x]) for x in (line.frequency, line.width, line.error))
        note = "; width from the diffusion of the phase"
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
        full_width_error=errors,
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
