"""The q = 1 block, where the first-order coherence of the light lives: d x/dt = matrix x for rho a^+.

<a_i^+(0) a_j(tau)> = tr[a_j exp(L tau)(rho a_i^+)]  (quantum regression).  Where a drive fixes the phase of
the light the block is the whole density matrix; the part <a_i>^* rho of the start, which stays, is split off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.balance import rescaled
from atomcavity.dynamics.exact.observables import Observables
from atomcavity.dynamics.exact.sector import Map, Sector, Term
from atomcavity.dynamics.exact.stationary import Stationary

Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Coherence:
    """The block's generator (CSR), the start vector rho a_i^+ and the functional of a_j on it, in the scales of `balance`.

    null  the stationary state and the trace on this block, where it contains them (driven systems)
    """

    matrix: Any
    level: NDArray[np.int64]
    start: Complex
    functional: Complex
    null: tuple[Complex, Complex] | None = None

    @cached_property
    def scale(self) -> float:
        """The largest rate on the diagonal."""
        return float(np.abs(self.matrix.diagonal()).max())

    def fluctuations(self) -> Coherence:
        """The block without the part of the correlation that stays for ever."""
        if self.null is None:
            return self
        state, trace = self.null
        return replace(
            self,
            start=self.start - state * (trace @ self.start),
            functional=self.functional - trace * (self.functional @ state),
        )

    def apply(self, x: NDArray[Any]) -> NDArray[Any]:
        """matrix x, the eigenvalue 0 of the stationary state moved to -scale; x may hold columns."""
        image = self.matrix @ x
        if self.null is None:
            return image
        state, trace = self.null
        return image - self.scale * np.multiply.outer(state, trace @ x)

    def without_null(self, x: NDArray[Any], transposed: bool = False) -> NDArray[Any]:
        """x without its part along the stationary state (transposed: along the trace)."""
        if self.null is None:
            return x
        state, trace = self.null if not transposed else self.null[::-1]
        return x - state * (trace @ x)


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
    conserved = source.reduced.conserved
    target = Sector(source.reduced, 1, source.cutoff, source.max_charge) if conserved else source
    amplitudes = source.reduced.rotation[i]
    x = state.block.unpack(state.y)
    start = _mapped(state, target, amplitudes, source.fock.lower, x)
    observe = Observables(state.system, target)
    functional = observe.photons(observe.annihilators[j])
    rows, columns, values = target.generator
    matrix = coo_array((values, (rows, columns)), shape=(target.size, target.size)).tocsr()
    _, label = connected_components(abs(matrix), directed=False)
    keep = np.flatnonzero(np.isin(label, np.unique(label[np.flatnonzero(functional)])))
    scale = state.balance(target)[keep]
    null = None
    if not conserved:
        trace = observe.photons(np.eye(target.fock.size, dtype=complex))[keep]
        null = (x[keep] / scale, trace * scale) if np.any(trace) else None
    matrix = rescaled(matrix[keep][:, keep].tocsr(), scale)
    return Coherence(matrix, target.level[keep], start[keep] / scale, functional[keep] * scale, null)
