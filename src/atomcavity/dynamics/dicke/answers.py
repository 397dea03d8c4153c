"""Collective emission of identical emitters into an eliminated cavity: the answers of `DickeLadder`.

The equations are those of `dicke.model`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.dicke.centre import line_grid
from atomcavity.dynamics.dicke.model import Ladder, ladder
from atomcavity.dynamics.dicke.result import LadderEvolution
from atomcavity.dynamics.methods import DickeLadder
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Correlation, Spectrum
from atomcavity.dynamics.system import CavitySystem
from atomcavity.results import Record

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

MOST_POPULATIONS = 4_000_000  # (level, time) up to which the ladder's populations are kept in the result
POLES = 10


def dicke_evolve(
    system: CavitySystem, method: DickeLadder, *, times: Real, initial: Preparation
) -> LadderEvolution:
    """Photons, populations and the collective spin at ascending times (s).

    The populations are integrated to an estimated error of some 1e-10 (the record's residual).
    """
    model = ladder(system, initial)
    n, spin = model.number, model.number / 2
    kept = (n + 1) * len(times) <= MOST_POPULATIONS
    parts = [(_moments(model, p), p if kept else p[:, :0], error) for p, error in model.populations(times)]
    emission, pairs, mean, square = np.concatenate([moments for moments, _, _ in parts], axis=1)
    error = parts[-1][2]
    moment = np.zeros(len(times), complex)
    if np.any(model.coherent):
        moment, wrong = model.coherence(times, model.coherent)
        error = max(error, wrong)
    transverse = (spin * (spin + 1) - square - np.abs(moment) ** 2) / 2
    light, excited = model.light, mean / n + 0.5
    return LadderEvolution(
        record=_record(system, method, model, error, "populations integrated in time"),
        time=times,
        photon_number=np.abs(light[:, None]) ** 2 * emission,
        photon_number_error=np.zeros((len(light), len(times))),
        excited_population=np.tile(excited, (len(model.turns), 1)),
        excited_population_error=np.zeros((len(model.turns), len(times))),
        emitter_correlation=_pairs_of_emitters(system, model, emission, excited),
        mode_correlation=(light.conj()[:, None] * light)[..., None] * emission,
        pair_number=np.abs(light[:, None]) ** 4 * pairs,
        amplitude=light[:, None] * (moment * np.exp(-1j * model.offset * times)),
        j_z=mean / spin,
        j_z_uncertainty=np.sqrt(np.maximum(square - mean**2, 0)) / spin,
        j_transverse_uncertainty=np.sqrt(np.maximum(transverse, 0)) / spin,
        populations=np.concatenate([p for _, p, _ in parts]).T,
    )


def _moments(model: Ladder, p: Real) -> Real:
    """<J^+ J^->, <J^+ J^+ J^- J^->, <J_z> and <J_z^2> of populations (time, level), (4, time)."""
    m = model.number / 2 - np.arange(model.number + 1.0)
    pairs = np.append(model.d[:-1] * model.d[1:], 0.0)
    return (p @ np.array([model.d, pairs, m, m**2]).T).T


def _pairs_of_emitters(system: CavitySystem, model: Ladder, emission: Real, excited: Real) -> Complex:
    """<sigma_u^+ sigma_v> of two emitters, (group, group, time); NaN for a group of one with itself."""
    n = model.number
    turns = model.turns
    pair = (emission - n * excited) / (n * (n - 1)) if n > 1 else np.full(len(emission), np.nan)
    found = (turns[:, None] * turns.conj())[..., None].conj() * pair + 0j
    for k, group in enumerate(system.emitters):
        if group.number == 1:
            found[k, k] = np.nan
    return found


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
        record=_record(system, method, model, float("nan"), "one recursion a frequency", warnings),
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
        record=_record(system, method, model, error, "regression, integrated in the delay", warnings),
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


def _record(
    system: CavitySystem,
    method: DickeLadder,
    model: Ladder,
    error: float,
    reason: str,
    warnings: tuple[str, ...] = (),
) -> Record:
    return Record(
        "DickeLadder",
        reason=reason,
        residual=error,
        warnings=model.warnings + warnings,
        parameters={"system": system.to_dict(), "method": asdict(method)},
    )
