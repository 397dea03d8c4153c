"""Spectra of stationary light or of a pulse: the `Exact` answer to `spectrum`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.coherence import coherence
from atomcavity.dynamics.exact.pulse import pulse
from atomcavity.dynamics.exact.response import natural_grid, response
from atomcavity.dynamics.exact.stationary import stationary
from atomcavity.dynamics.exact.steady import dark
from atomcavity.dynamics.methods import Exact
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Spectrum
from atomcavity.dynamics.system import CavitySystem
from atomcavity.results import Record

Real = NDArray[np.float64]
Density = Callable[[Real], Real]
COHERENT = 1e-10  # part of the photons below which the incoherent ones are rounding errors
FLOOR = 1e-6  # maxima below this part of the largest, or less prominent than it, are rounding errors


def exact_spectrum(
    system: CavitySystem, method: Exact, detuning: Real | None, mode: int, initial: Preparation | None
) -> Spectrum:
    """The spectrum on the given grid, or on one that resolves it; peaks and poles do not depend on it."""
    state = stationary(system, method) if initial is None else pulse(system, method, initial)
    number = state.mean(state.observables.mode_correlation(mode, mode)).real
    coherent = abs(state.amplitude(mode)) ** 2 if initial is None else 0.0
    warnings = state.warnings
    rounding = COHERENT * number + state.sector.cutoff**2 * state.neglected  # and what the cut-off costs
    if dark(system, number, initial) or (coherent and number - coherent <= rounding):
        warnings += (
            "the mode is dark: there is no light to analyse"
            if coherent == 0
            else "the light of the mode is coherent: it is a delta function at the drive's frequency",
        )
        grid = np.linspace(-10, 10, 401) * system.modes[mode].kappa if detuning is None else detuning
        density, peaks, widths = np.zeros(len(grid)), np.zeros(0), np.zeros(0)
        poles, weights, error = np.zeros(0, complex), np.zeros(0, complex), 0.0
    else:
        model = response(coherence(state, mode, mode).fluctuations())
        fine = natural_grid(model.modes, model.shares, 60)
        peaks, widths = find_peaks(fine, model.density(fine), model.density)
        grid = fine if detuning is None else detuning
        density = model.density(grid)
        matter = np.abs(model.weights) > 1e-9 * np.abs(model.weights).max(initial=0.0)
        poles, weights, error = model.poles[matter], model.weights[matter], model.error
    return Spectrum(
        record=Record(
            "Exact",
            residual=max(state.residual, error),
            neglected=state.neglected,
            warnings=warnings,
            parameters={"system": system.to_dict(), "method": asdict(method)},
        ),
        detuning=grid,
        density=density,
        peak=peaks,
        full_width=widths,
        full_width_error=np.zeros(len(widths)),
        poles=poles,
        weights=weights,
        coherent=coherent,
    )


def find_peaks(grid: Real, values: Real, density: Density) -> tuple[Real, Real]:
    """Maxima and their full widths at half maximum, refined by evaluating `density`.

    The width is NaN where the curve rises above the peak before it falls to the half.
    """
    inner = np.flatnonzero((values[1:-1] > values[:-2]) & (values[1:-1] >= values[2:])) + 1
    peaks: list[float] = []
    widths: list[float] = []
    for k in inner:
        if values[k] < FLOOR * values.max() or _prominence(values, int(k)) < FLOOR * values[k]:
            continue
        peak, height = _maximum(density, grid[k - 1], grid[k], grid[k + 1])
        if peaks and peak - peaks[-1] < 1e-6 * (grid[-1] - grid[0]):  # one flat top on two grid points
            continue
        peaks.append(peak)
        left = _half(density, grid[k::-1], values[k::-1], height)
        right = _half(density, grid[k:], values[k:], height)
        widths.append(right - left)
    return np.array(peaks), np.array(widths)


def _prominence(values: Real, k: int) -> float:
    """How far the curve falls from its maximum at k before it rises above it (on the shallower side)."""
    lowest = []
    for side in (values[k::-1], values[k:]):
        higher = np.flatnonzero(side > values[k])
        lowest.append(side[: higher[0] if len(higher) else None].min())
    return float(values[k] - max(lowest))


def _maximum(density: Density, low: float, start: float, high: float) -> tuple[float, float]:
    """Place and height of the maximum between low and high: parabolas on shrinking brackets."""
    width = high - low
    centre = start
    for _ in range(4):
        x = np.linspace(max(low, centre - width / 2), min(high, centre + width / 2), 9)
        y = density(x)
        k = int(np.clip(np.argmax(y), 1, 7))
        bend = y[k - 1] - 2 * y[k] + y[k + 1]
        shift = 0.5 * (y[k - 1] - y[k + 1]) / bend if bend < 0 else 0.0
        centre, width = x[k] + shift * (x[1] - x[0]), width / 8
        centre = float(np.clip(centre, low, high))
    return centre, float(density(np.array([centre]))[0])


def _half(density: Density, grid: Real, values: Real, height: float) -> float:
    """Where the density first falls to half of `height` along the grid; NaN if it rises above before."""
    from scipy.optimize import brentq

    below = np.flatnonzero(values <= height / 2)
    above = np.flatnonzero(values > height * (1 + 1e-9))
    if len(below) == 0 or (len(above) and above[0] < below[0]):
        return float("nan")
    k = below[0]
    ends = sorted((grid[k - 1], grid[k]))
    return float(
        brentq(
            lambda x: density(np.array([x]))[0] - height / 2,
            *ends,
            xtol=1e-12 * abs(ends[1] - ends[0]) + 1e-300,
            rtol=1e-13,
        )
    )
