"""The `Exact(cavity="eliminated")` answers: identical emitters that emit together, any number up to about 2,000.

The master equation of `elimination` in the basis of `ladder.basis`, without further approximation:
sparse elimination for the stationary state, Krylov spaces for spectra and evolutions.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.response import Response, natural_grid
from atomcavity.dynamics.exact.spectrum import find_peaks
from atomcavity.dynamics.ladder.basis import OTHERS, Block, Collective, collective, reached
from atomcavity.dynamics.ladder.pulse import overlap, pulse
from atomcavity.dynamics.ladder.solve import sparse_evolution, sparse_response
from atomcavity.dynamics.ladder.state import Populations, prepared, stationary
from atomcavity.dynamics.methods import Exact
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Correlation, Evolution, Spectrum, SteadyState
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, require
from atomcavity.results import Record

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
DARK = 1e-13  # <S^+ S> below which the light counts as dark: rounding errors
FADED = 5e-3  # density, relative to its maximum, at the ends of a grid that is not given
UNKNOWN = ("the mode is dark: its normalised correlation is not known",)


def ladder_steady_state(system: CavitySystem, method: Exact) -> SteadyState:
    """The stationary state; the photon distribution is not known without the cavity.

    <a_i^+ a_j> = conj(amplitude_i) amplitude_j <S^+ S>, g2(0) = <S^+ S^+ S S>/<S^+ S>^2.
    """
    emitters = _collective(system, method)
    state = stationary(emitters)
    emission, inside, pairs = (float(v) for v in state.rows @ state.p)
    excited = inside / emitters.number
    number = np.abs(emitters.amplitude) ** 2 * emission
    lit = (emission > DARK) & (emitters.amplitude != 0)
    groups = len(system.emitters)
    g2 = np.full(len(number), np.nan)
    g2[lit] = pairs / emission**2 if lit.any() else np.nan
    warnings: tuple[str, ...] = ("a population is negative",) if state.p.min() < -1e-8 else ()
    if not lit.all():
        dark = ", ".join(map(str, np.flatnonzero(~lit)))
        warnings += (f"mode(s) {dark} are dark: g2(0) is unknown",)
    return SteadyState(
        record=_record(system, method, emitters, state, state.residual, warnings),
        photon_number=number,
        photon_number_error=np.zeros(len(number)),
        excited_population=np.full(groups, excited),
        excited_population_error=np.zeros(groups),
        populations=np.tile([1 - excited, excited], (groups, 1)),
        emitter_correlation=_between(system, emitters, np.array([emission]), np.array([inside]))[..., 0],
        mode_correlation=np.outer(emitters.amplitude.conj(), emitters.amplitude) * emission,
        g2=g2,
        g2_error=np.zeros(len(number)),
        photon_distribution=np.zeros((len(number), 0)),
        amplitude=np.zeros(len(number), complex),
        flow_in=emitters.pump_rate * (emitters.number - inside),
        flow_out=float(system.kappas @ number) + emitters.gamma * inside,
    )


def ladder_evolve(system: CavitySystem, method: Exact, *, times: Real, initial: Preparation) -> Evolution:
    """Expectation values in time from any product state in which all emitters start alike."""
    emitters = _collective(system, method)
    start, beside, x = prepared(emitters, _one(system, emitters, initial))
    keep = reached(start.block.matrix, np.flatnonzero(start.p))
    inner = start.block.restricted(keep)
    rows = np.vstack([start.rows[:, keep], np.ones(len(keep))])
    emission, inside, pairs, trace = sparse_evolution(inner.matrix, start.p[keep], times, rows)
    field = np.zeros(len(times), complex)
    if np.any(x):
        keep = reached(beside.matrix, np.flatnonzero(x))
        turning = np.exp(-1j * emitters.detuning * times)
        field = turning * _field(beside.restricted(keep), x[keep], times)
    modes, groups = len(system.modes), len(system.emitters)
    amplitude = emitters.amplitude
    power = np.abs(amplitude) ** 2
    warnings = ("a population is negative",) if inside.min() < -1e-8 * emitters.number else ()
    return Evolution(
        record=_record(system, method, emitters, start, float(np.abs(trace - 1).max()), warnings),
        time=times,
        photon_number=power[:, None] * emission,
        photon_number_error=np.zeros((modes, len(times))),
        excited_population=np.tile(inside / emitters.number, (groups, 1)),
        excited_population_error=np.zeros((groups, len(times))),
        emitter_correlation=_between(system, emitters, emission, inside),
        mode_correlation=np.outer(amplitude.conj(), amplitude)[:, :, None] * emission,
        pair_number=power[:, None] ** 2 * pairs,
        amplitude=amplitude[:, None] * field,
    )


def ladder_spectrum(
    system: CavitySystem, method: Exact, *, detuning: Real | None, mode: int, initial: Preparation | None
) -> Spectrum:
    """The spectrum on the given grid, or on one that resolves it; peaks and poles do not depend on it."""
    emitters = _collective(system, method)
    state = _light(system, emitters, initial)
    power = float(np.abs(emitters.amplitude[mode]) ** 2)
    warnings: tuple[str, ...] = ()
    if _dark(state, mode):
        warnings += ("the mode is dark: there is no light to analyse",)
        grid = np.linspace(-10, 10, 401) * system.modes[mode].kappa if detuning is None else detuning
        density, peaks, widths = np.zeros(len(grid)), np.zeros(0), np.zeros(0)
        poles, weights, error = np.zeros(0, complex), np.zeros(0, complex), 0.0
    else:
        beside, start = state.first()
        model = sparse_response(beside.matrix, start, beside.lowering)
        fine = _grid(model)
        peaks, widths = find_peaks(fine, model.density(fine), model.density)
        peaks = peaks + emitters.detuning
        grid = fine + emitters.detuning if detuning is None else detuning
        density = power * model.density(grid - emitters.detuning)
        matter = np.abs(model.weights) > 1e-9 * np.abs(model.weights).max(initial=0.0)
        poles, weights = model.poles[matter] - 1j * emitters.detuning, power * model.weights[matter]
        error = model.error
    return Spectrum(
        record=_record(system, method, emitters, state, max(state.residual, error), warnings),
        detuning=grid,
        density=density,
        peak=peaks,
        full_width=widths,
        full_width_error=np.zeros(len(widths)),
        poles=poles,
        weights=weights,
        coherent=0.0,
    )


def ladder_correlation(
    system: CavitySystem,
    method: Exact,
    *,
    delays: Real,
    order: int,
    mode: int,
    other: int,
    initial: Preparation | None,
) -> Correlation:
    """<a_i^+(tau) a_j(0)> (order 1) or <a_i^+ a_j^+(tau) a_j(tau) a_i> (order 2), i = mode, j = other.

    Of a pulse both are integrated over the time t of the first factor; the second order is then
    normalised by int <a_i^+ a_i>(t) <a_j^+ a_j>(t + tau) dt.
    """
    emitters = _collective(system, method)
    state = _light(system, emitters, initial)
    first, second = emitters.amplitude[[mode, other]]
    if order == 1:
        beside, start = state.first()
        field = _field(beside, start, delays) * np.exp(-1j * emitters.detuning * delays)
        value = first.conjugate() * second * np.conj(field)
        scale = abs(first * second) * np.full(len(delays), state.emission)
    else:
        after = state.second()
        keep = reached(state.block.matrix, np.flatnonzero(after))
        inner = state.block.restricted(keep)
        later = sparse_evolution(inner.matrix, after[keep], delays, state.rows[:1, keep])[0]
        power = abs(first * second) ** 2
        value = power * later + 0j
        if initial is None:
            scale = power * np.full(len(delays), state.emission**2)
        else:
            scale = power * overlap(prepared(emitters, _one(system, emitters, initial))[0], delays)
    dark = _dark(state, mode) or _dark(state, other)
    normalised = np.full(len(delays), np.nan + 0j) if dark else value / scale
    return Correlation(
        record=_record(system, method, emitters, state, state.residual, UNKNOWN if dark else ()),
        delay=delays,
        value=value,
        normalised=normalised,
        error=np.zeros(len(delays)),
        order=order,
    )


def _grid(model: Response) -> Real:
    """Frequencies that resolve every pole which matters and reach to where the light has faded."""
    grid = natural_grid(model.modes, model.shares, 60)
    values = model.density(grid)
    for _ in range(40):
        if max(values[0], values[-1]) <= FADED * values.max():
            break
        more = np.ptp(grid) * np.linspace(0.02, 0.5, 25)
        grid = np.concatenate([grid[0] - more[::-1], grid, grid[-1] + more])
        values = model.density(grid)
    return grid


def _collective(system: CavitySystem, method: Exact) -> Collective:
    require(
        method.photons is None,
        "photons= is a cut-off of the cavity kept; leave it out of Exact(cavity='eliminated')",
    )
    return collective(system)


def _light(system: CavitySystem, emitters: Collective, initial: Preparation | None) -> Populations:
    """Where the light comes from: the stationary populations, or those of a pulse integrated over time."""
    if initial is None:
        return stationary(emitters)
    return pulse(prepared(emitters, _one(system, emitters, initial))[0])


def _dark(state: Populations, mode: int) -> bool:
    return not state.emission > DARK * float(state.p.sum()) or state.emitters.amplitude[mode] == 0


def _one(system: CavitySystem, emitters: Collective, initial: Preparation) -> Complex:
    """The density matrix of one emitter in the phase of its coupling.

    Raises `InputError` if groups start in different ones.
    """
    states = []
    for matrix, phase in zip(initial.matrices(system), emitters.phase, strict=True):
        turn = np.diag([1.0, np.exp(1j * phase)])
        states.append(turn @ matrix @ turn.conj().T)
    if not all(np.allclose(state, states[0], rtol=0, atol=1e-12) for state in states):
        raise InputError(
            f"Exact(cavity='eliminated') starts with all emitters in one state, relative to the phase of their coupling; use {OTHERS}"
        )
    return states[0]


def _field(beside: Block, start: Complex | Real, times: Real) -> Complex:
    """tr[S exp(L t) x], without the detuning's phase, for x with one phase."""
    if not np.any(start):
        return np.zeros(len(times), complex)
    largest = start[np.argmax(np.abs(start))]
    phase = complex(largest / abs(largest))
    real = np.asarray(start / phase).real
    return phase * sparse_evolution(beside.matrix, real, times, beside.lowering[None, :])[0]


def _between(system: CavitySystem, emitters: Collective, emission: Real, inside: Real) -> Complex:
    """<sigma_u^+ sigma_v> of different emitters, (group, group, time); NaN inside a group of one."""
    number = emitters.number
    pair = (emission - inside) / (number * (number - 1)) if number > 1 else np.full(len(emission), np.nan)
    turn = np.exp(1j * emitters.phase)
    table = (np.outer(turn, turn.conj())[:, :, None] * pair).astype(complex)
    for k, group in enumerate(system.emitters):
        if group.number == 1:
            table[k, k] = complex(np.nan, np.nan)
    return table


def _record(
    system: CavitySystem,
    method: Exact,
    emitters: Collective,
    state: Populations,
    residual: float,
    warnings: tuple[str, ...],
) -> Record:
    return Record(
        "Exact",
        reason=f"emitters alone on {len(state.p)} states (J, M)",
        residual=residual,
        warnings=emitters.warnings + warnings,
        parameters={"system": system.to_dict(), "method": asdict(method)},
    )
