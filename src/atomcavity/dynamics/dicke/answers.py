"""Light of identical emitters from an eliminated cavity: the spectra and correlations of `DickeLadder`.

The equations are those of `dicke.model`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.dicke.centre import line_grid
from atomcavity.dynamics.dicke.model import Ladder, ladder
from atomcavity.dynamics.dicke.result import ladder_record
from atomcavity.dynamics.methods import DickeLadder
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Correlation, Spectrum
from atomcavity.dynamics.system import CavitySystem

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

POLES = 10


def dicke_spectrum(
    system: CavitySystem,
    method: DickeLadder,
    *,
    detuning: Real | None,
    mode: int,
    initial: Preparation | None,
) -> Spectrum:
    """The spectrum of a whole pulse, all its maxima (found on a grid, then by Newton) and its slowest poles.

    The poles -(Gamma/2)(d_k + d_(k+1)) - i (omega_k) are exact, their weights NaN: they are huge and of
    alternating sign (at Delta = 0 the poles even coincide in pairs), so that no few of them describe the pulse.
    """
    model = ladder(system, initial)
    power = abs(model.light[mode]) ** 2
    fine = line_grid(model)
    grid = fine if detuning is None else detuning
    warnings: tuple[str, ...] = ()
    if model.dark or power == 0:
        warnings = ("the mode is dark: there is no light to analyse",)
        density, peaks, widths, poles = np.zeros(len(grid)), np.zeros(0), np.zeros(0), np.zeros(0, complex)
    else:
        peaks, widths = _peaks(model, fine)
        density, poles = power * model.density(grid), _poles(model)
    return Spectrum(
        record=ladder_record(system, method, model, float("nan"), "one recursion a frequency", warnings),
        detuning=grid,
        density=density,
        peak=peaks,
        full_width=widths,
        full_width_error=np.zeros(len(widths)),
        poles=poles,
        weights=np.full(len(poles), np.nan + 0j),
        coherent=0.0,
    )


def _peaks(model: Ladder, fine: Real) -> tuple[Real, Real]:
    """All maxima and their full widths at half maximum."""
    from atomcavity.dynamics.exact.spectrum import find_peaks

    peaks, widths = find_peaks(fine, model.density(fine), model.density)
    return np.array([_newton(model, peak, fine[1] - fine[0]) for peak in peaks]), widths


def _newton(model: Ladder, peak: float, step: float) -> float:
    """The zero of dS/d omega next to `peak`, which is good to a small part of `step`."""
    place = peak
    for _ in range(8):
        _, slope, bend = model.derivatives(place)
        if not bend < 0 or abs(place - slope / bend - peak) > step:
            return peak
        place -= slope / bend
    return place


def _poles(model: Ladder) -> Complex:
    _, _, width, place = model.recursion
    slowest = np.argsort(width, kind="stable")[:POLES]
    return -model.rate * width[slowest] - 1j * (model.offset + model.rate * place[slowest])


def dicke_correlation(
    system: CavitySystem,
    method: DickeLadder,
    *,
    delays: Real,
    order: int,
    mode: int,
    other: int,
    initial: Preparation | None,
) -> Correlation:
    """Correlations of a pulse, integrated over the time of the first factor.

    Order 1: int <a_i^+(t + tau) a_j(t)> dt, normalised by the square root of int n_i dt int n_j dt.
    Order 2: int <a_i^+(t) a_j^+(t + tau) a_j(t + tau) a_i(t)> dt, normalised by int n_i(t) n_j(t + tau) dt.
    """
    model = ladder(system, initial)
    first, second = model.light[mode], model.light[other]
    dark = model.dark or first == 0 or second == 0
    warnings = ("the mode is dark: its normalised correlation is not known",) if dark else ()
    if order == 1:
        start = (model.begun / (model.rate * np.sqrt(model.d[:-1]))).astype(complex)
        found, error = model.coherence(delays, start)
        found = np.conj(found * np.exp(-1j * model.offset * delays))
        value = first.conjugate() * second * found
        scale: Any = abs(first * second) * model.emitted
    else:
        flux = np.append(0.0, model.begun) / model.rate  # int d_(k-1) P_(k-1) dt, what J^- puts into level k
        later, error = model.emission(delays, flux)
        power = abs(first * second) ** 2
        value, scale = power * later + 0j, power * _overlap(model, delays)
    lit = np.broadcast_to(scale, delays.shape) > 0
    return Correlation(
        record=ladder_record(system, method, model, error, "regression, integrated in the delay", warnings),
        delay=delays,
        value=value,
        normalised=np.where(lit, value / np.where(lit, scale, 1.0), np.nan + 0j),
        error=np.zeros(len(delays)),
        order=order,
    )


def _overlap(model: Ladder, delays: Real) -> Real:
    """int I(t) I(t + tau) dt of I = <J^+ J^->."""
    from scipy.interpolate import CubicSpline

    n = model.number
    end = (2 * np.log(n) + 40) / (n * model.rate)
    times = np.linspace(0, end, 801)
    strength = CubicSpline(times, model.emission(times)[0])
    nodes, weights = np.polynomial.legendre.leggauss(400)
    found = np.zeros(len(delays))
    for k, delay in enumerate(delays):
        left = max(end - delay, 0.0)
        t = left / 2 * (nodes + 1)
        found[k] = left / 2 * weights @ (strength(t) * strength(t + delay))
    return found
