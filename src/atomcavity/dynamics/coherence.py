"""The q = 1 block, where the first-order coherence of the light lives: d x/dt = matrix x for rho a^+.

<a_i^+(0) a_j(tau)> = tr[a_j exp(L tau)(rho a_i^+)]  (quantum regression).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact import Stationary
from atomcavity.dynamics.observables import Observables
from atomcavity.dynamics.sector import Map, Sector, Term

Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Coherence:
    """The block's generator (CSR), the start vector rho a_i^+ and the functional of a_j on it."""

    matrix: Any
    level: NDArray[np.int64]
    start: Complex
    functional: Complex


def _mapped(state: Stationary, target: Sector, amplitudes: Complex, maps: list[Map], x: Complex) -> Complex:
    """sum_k conj(amplitudes_k) rho b_k^+ on the target sector."""
    result = np.zeros(target.size, dtype=complex)
    for amplitude, lower in zip(amplitudes, maps, strict=True):
        if amplitude:
            rows, columns, values = state.sector.apply(Term(np.conj(amplitude), bra=lower, photons=1), target)
            np.add.at(result, rows, values * x[columns])
    return result


def coherence(state: Stationary, i: int, j: int) -> Coherence:
    """The coherence block for <a_i^+(0) a_j(tau)>, restricted to what start and functional reach."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    source = state.sector
    target = Sector(source.reduced, 1, source.cutoff)
    amplitudes = source.reduced.rotation[i]
    start = _mapped(state, target, amplitudes, source.fock.lower, state.block.unpack(state.y))
    observe = Observables(state.system, target)
    functional = observe.photons(observe.annihilators[j])
    rows, columns, values = target.generator
    matrix = coo_array((values, (rows, columns)), shape=(target.size, target.size)).tocsr()
    _, label = connected_components(abs(matrix), directed=False)
    keep = np.flatnonzero(np.isin(label, np.unique(label[np.flatnonzero(functional)])))
    return Coherence(matrix[keep][:, keep], target.level[keep], start[keep], functional[keep])
