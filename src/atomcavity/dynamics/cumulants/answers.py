"""Second-order moments of groups of emitters: the `Cumulants` answers.

Phase symmetric: <a> = <sigma> = 0, and third-order moments are products of a population and a second-order one
(`cumulants.moments`).  The self terms are kept, so that one weakly excited emitter is right; for N emitters
the powers err by O(1/N), with the largest errors (5 to 10 %) near N = 20 to 50, and less with the cavity
eliminated before the truncation if it is a bad cavity.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from atomcavity.dynamics.cumulants.evolve import cumulants_evolve
from atomcavity.dynamics.cumulants.moments import Complex, Moments, Real, emitter_pairs, moments
from atomcavity.dynamics.cumulants.regression import growth, regression
from atomcavity.dynamics.cumulants.stationary import Stationary, stationary
from atomcavity.dynamics.exact.response import dense_response, natural_grid
from atomcavity.dynamics.exact.spectrum import find_peaks
from atomcavity.dynamics.methods import Cumulants
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Correlation, Spectrum, SteadyState
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError
from atomcavity.results import Record

__all__ = [
    "cumulants_correlation",
    "cumulants_evolve",
    "cumulants_spectrum",
    "cumulants_steady_state",
]

MATTERS = 1e-9  # weight of a pole, relative to the largest, below which it is left out
PAIRS = 3000  # groups up to which the matrix of pair correlations is given
GAUSSIAN = (
    "above threshold: second-order moments take the field as Gaussian and the gain as unsaturated, so that the "
    "width is about twice the one of phase diffusion; Linearised() keeps the response of the inversion"
)


def cumulants_steady_state(system: CavitySystem, method: Cumulants) -> SteadyState:
    """The stationary moments (see the module); g2 and the photon distribution are not known to second order.

    Raises `InputError` for a driven system, level schemes, or where no unique stationary state exists.

    >>> from atomcavity.dynamics import CavityMode, CavitySystem, Cumulants, Emitters, steady_state
    >>> clock = [Emitters(10_000, g=20.0, gamma=0.01, pump_rate=20.0, detuning=d) for d in (-5.0, 0.0, 5.0)]
    >>> state = steady_state(CavitySystem(clock, [CavityMode(kappa=1e6)]), method=Cumulants())
    >>> bool(abs(state.flow_in / state.flow_out - 1) < 1e-9)
    True
    """
    m = moments(system, method.cavity == "kept")
    state = stationary(m)
    s = state.s[m.member]
    numbers = np.array([e.number for e in system.emitters])
    excited = (1 + s) / 2
    flow_in = sum(e.number * e.pump_rate * (1 - p) for e, p in zip(system.emitters, excited, strict=True))
    lost = sum(e.number * e.gamma * p for e, p in zip(system.emitters, excited, strict=True))
    photons = state.c.diagonal().real.copy()
    modes = len(photons)
    warnings = state.warnings
    if len(numbers) > PAIRS:
        pairs: Complex = np.broadcast_to(np.array(np.nan + 0j), (len(numbers), len(numbers)))
        warnings += (f"the pair correlations of more than {PAIRS} groups are not given (NaN)",)
    else:
        pairs = emitter_pairs(m, m.pairs(state.s, state.a), numbers)
    return SteadyState(
        record=_record(system, method, state, warnings),
        photon_number=photons,
        photon_number_error=np.zeros(modes),
        excited_population=excited,
        excited_population_error=np.zeros(len(numbers)),
        populations=np.stack([1 - excited, excited], axis=1),
        emitter_correlation=pairs,
        mode_correlation=state.c,
        g2=np.full(modes, np.nan),
        g2_error=np.zeros(modes),
        photon_distribution=np.zeros((modes, 0)),
        amplitude=np.zeros(modes, complex),
        flow_in=float(flow_in),
        flow_out=float(system.kappas @ photons + lost),
    )


def cumulants_spectrum(
    system: CavitySystem, method: Cumulants, detuning: Real | None, mode: int, initial: Preparation | None
) -> Spectrum:
    """The stationary spectrum as a sum over the eigenvalues of the regression matrix (`cumulants.regression`).

    Above threshold its width is that of a Gaussian field, about twice too large: a warning says so.
    """
    _stationary_only(initial, "the spectrum")
    m = moments(system, method.cavity == "kept")
    state = stationary(m)
    warnings = state.warnings + _above_threshold(m)
    matrix, starts, readouts = regression(m, state.s, state.a, state.c)
    if state.c[mode, mode].real <= 0:
        grid = np.linspace(-10, 10, 401) * system.modes[mode].kappa if detuning is None else detuning
        warnings += ("the mode is dark: there is no light to analyse",)
        none, nothing = np.zeros(0), np.zeros(0, complex)
        values, peaks, widths, poles, weights = np.zeros(len(grid)), none, none, nothing, nothing
    else:
        model = dense_response(matrix, starts[mode], readouts[mode])

        def density(omega: Real) -> Real:
            return model.density((omega - m.frame) / m.unit) / m.unit

        fine = natural_grid(model.modes, model.shares, 60) * m.unit + m.frame
        peaks, widths = find_peaks(fine, density(fine), density)
        grid = fine if detuning is None else detuning
        values = density(grid)
        matter = np.abs(model.weights) > MATTERS * np.abs(model.weights).max()
        poles, weights = model.poles[matter] * m.unit - 1j * m.frame, model.weights[matter]
    return Spectrum(
        record=_record(system, method, state, warnings),
        detuning=grid,
        density=values,
        peak=peaks,
        full_width=widths,
        full_width_error=np.zeros(len(widths)),
        poles=poles,
        weights=weights,
        coherent=0.0,
    )


def cumulants_correlation(
    system: CavitySystem,
    method: Cumulants,
    delays: Real,
    order: int,
    mode: int,
    other: int,
    initial: Preparation | None,
) -> Correlation:
    """<a_i^+(tau) a_j(0)>, i = mode, j = other, by the regression theorem; second order is refused."""
    if order == 2:
        raise InputError(
            "second-order moments do not know g2; use method=Exact(), Jumps() or TruncatedWigner()"
        )
    _stationary_only(initial, "the correlation")
    m = moments(system, method.cavity == "kept")
    state = stationary(m)
    matrix, starts, readouts = regression(m, state.s, state.a, state.c)
    value = np.conj(_propagated(matrix, starts[other], readouts[mode], delays * m.unit))
    value = value * np.exp(1j * m.frame * delays)
    scale = float(np.sqrt(state.c[mode, mode].real * state.c[other, other].real))
    remark = () if scale > 0 else ("the mode is dark: its normalised correlation is not known",)
    return Correlation(
        record=_record(system, method, state, state.warnings + _above_threshold(m) + remark),
        delay=delays,
        value=value,
        normalised=value / scale if scale > 0 else np.full(len(delays), np.nan + 0j),
        error=np.zeros(len(delays)),
        order=order,
    )


def _propagated(matrix: Complex, start: Complex, readout: Complex, delays: Real) -> Complex:
    """readout exp(matrix t) start at ascending delays."""
    from scipy.linalg import expm

    values, vectors = np.linalg.eig(matrix)
    if np.linalg.cond(vectors) < 1e8:
        shares = (readout @ vectors) * np.linalg.solve(vectors, start)
        return np.exp(np.outer(delays, values)) @ shares
    found, state, last = [], start, 0.0
    for t in delays:
        state = expm(matrix * (t - last)) @ state
        found.append(readout @ state)
        last = t
    return np.array(found)


def _above_threshold(m: Moments) -> tuple[str, ...]:
    return (GAUSSIAN,) if m.pump.any() and growth(m, m.uncoupled) > 0 else ()


def _stationary_only(initial: Preparation | None, what: str) -> None:
    if initial is not None:
        raise InputError(
            f"Cumulants() give {what} of stationary light only: second order is far off in a pulse; "
            'use TruncatedWigner(), DickeLadder() or Exact(cavity="eliminated")'
        )


def _record(system: CavitySystem, method: Cumulants, state: Stationary, warnings: tuple[str, ...]) -> Record:
    return Record(
        "Cumulants",
        reason=state.reason,
        residual=state.residual,
        warnings=warnings,
        parameters={"system": system.to_dict(), "method": asdict(method)},
    )
