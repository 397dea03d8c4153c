"""Two-time correlations of stationary light or of a pulse: the `Exact` answer to `correlation`."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.coherence import coherence
from atomcavity.dynamics.exact.hermitian import HermitianBlock
from atomcavity.dynamics.exact.overlap import weighted
from atomcavity.dynamics.exact.propagation import propagate
from atomcavity.dynamics.exact.pulse import pulse
from atomcavity.dynamics.exact.sector import Term
from atomcavity.dynamics.exact.stationary import Stationary, stationary
from atomcavity.dynamics.exact.steady import dark
from atomcavity.dynamics.methods import Exact
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Correlation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.results import Record

Real = NDArray[np.float64]


def exact_correlation(
    system: CavitySystem,
    method: Exact,
    delays: Real,
    order: int,
    mode: int,
    other: int,
    initial: Preparation | None,
) -> Correlation:
    """<a_i^+(tau) a_j(0)> (order 1) or <a_i^+ a_j^+(tau) a_j(tau) a_i> (order 2), i = mode, j = other.

    Of a pulse they are integrated over the earlier time t, order 1 normalised by the square root of
    int n_i dt int n_j dt and order 2 by int n_i(t) n_j(t + tau) dt.
    """
    state = stationary(system, method) if initial is None else pulse(system, method, initial)
    numbers = [state.mean(state.observables.mode_correlation(k, k)).real for k in (mode, other)]
    value = _first(state, delays, mode, other) if order == 1 else _second(state, delays, mode, other)
    unlit = any(dark(system, number, initial) for number in numbers)
    if order == 1 or initial is None:
        scale = (numbers[0] * numbers[1]) ** (1 / 2 if order == 1 else 1)
    else:
        scale = np.nan if unlit else _overlap(state, delays, mode, other)
    remark = ("the mode is dark: its normalised correlation is not known",) if unlit else ()
    return Correlation(
        record=Record(
            "Exact",
            residual=state.residual,
            neglected=state.neglected,
            warnings=state.warnings + remark,
            parameters={"system": system.to_dict(), "method": asdict(method)},
        ),
        delay=delays,
        value=value,
        normalised=np.full(len(delays), np.nan + 0j) if unlit else value / scale,
        error=np.zeros(len(delays)),
        order=order,
    )


def _first(state: Stationary, delays: Real, mode: int, other: int) -> NDArray[np.complex128]:
    block = coherence(state, other, mode)
    return np.conj(propagate(block.matrix, block.start, delays, block.functional[None, :])[0])


def _second(state: Stationary, delays: Real, mode: int, other: int) -> NDArray[np.complex128]:
    sector, x = state.sector, state.block.unpack(state.y)
    rotation, lower = sector.reduced.rotation[mode], sector.fock.lower
    after = np.zeros(sector.size, dtype=complex)
    for k in np.flatnonzero(rotation):
        for m in np.flatnonzero(rotation):
            term = Term(rotation[k] * np.conj(rotation[m]), ket=lower[k], bra=lower[m])
            rows, columns, values = sector.apply(term)
            np.add.at(after, rows, values * x[columns])
    number = state.observables.mode_correlation(other, other)
    block = HermitianBlock(sector, [number], after)
    return propagate(block.matrix, block.pack(after), delays, block.fold(number)[None, :])[0].astype(complex)


def _overlap(state: Stationary, delays: Real, mode: int, other: int) -> Real:
    """int n_i(t) n_j(t + tau) dt of a pulse."""
    later = state.block.fold(state.observables.mode_correlation(other, other)).real
    return propagate(state.block.matrix, weighted(state, mode), delays, later[None, :])[0]
