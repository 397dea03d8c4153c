"""Expectation values of the given system as functionals on a block of the reduced one."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.sector import Sector
from atomcavity.dynamics.reduction import Reduced
from atomcavity.dynamics.system import CavitySystem

Complex = NDArray[np.complex128]


class Observables:
    """Functionals f with <O> = f . x, for the modes and groups that the user gave."""

    def __init__(self, system: CavitySystem, sector: Sector) -> None:
        self.system = system
        self.sector = sector
        self.reduced: Reduced = sector.reduced

    @cached_property
    def annihilators(self) -> list[Complex]:
        """a_i of each given mode as a matrix on the bright photon numbers."""
        return [self.sector.fock.annihilator(row) for row in self.reduced.rotation]

    def photons(self, matrix: Complex) -> Complex:
        """Functional of an operator on the modes."""
        return self.sector.functional([None] * len(self.sector.spaces), matrix)

    def mode_correlation(self, i: int, j: int) -> Complex:
        """<a_i^+ a_j>."""
        return self.photons(self.annihilators[i].conj().T @ self.annihilators[j])

    def pairs(self, i: int, j: int) -> Complex:
        """<a_i^+ a_j^+ a_j a_i>."""
        both = self.annihilators[j] @ self.annihilators[i]
        return self.photons(both.conj().T @ both)

    def population(self, k: int, level: int) -> Complex:
        """Population of a level, one emitter of the given group k."""
        m = self.reduced.member[k]
        return self._emitters({m: self.sector.spaces[m].population(level)})

    def emitter_correlation(self, k: int, other: int) -> Complex | None:
        """<sigma_u^+ sigma_v>, u in group k and v in `other`, u != v; None: there is no such pair."""
        m, n = self.reduced.member[k], self.reduced.member[other]
        if k == other and self.system.emitters[k].number == 1:
            return None
        first, second = self.reduced.groups[m].sigma, self.reduced.groups[n].sigma
        if first is None or second is None:
            return None
        phase = np.exp(1j * (self.reduced.phase[other] - self.reduced.phase[k]))
        space = self.sector.spaces[m]
        if m != n:
            low, up = second
            lowered = self.sector.spaces[n].left(self.sector.spaces[n].trace, low, up)
            low, up = first
            factors = {m: space.left(space.trace, up, low) / space.number}
            return phase * self._emitters({**factors, n: lowered / self.sector.spaces[n].number})
        low, up = first
        both = space.left(space.left(space.trace, up, low), low, up)
        single = space.number * space.population(up)
        return phase * self._emitters({m: (both - single) / (space.number * (space.number - 1))})

    def transition(self, m: int, to: int, source: int) -> Complex:
        """<|to><source|> of one emitter of the reduced group m, in the reduced frame."""
        space = self.sector.spaces[m]
        return self._emitters({m: space.left(space.trace, to, source) / space.number})

    def _emitters(self, factors: dict[int, NDArray[np.float64]]) -> Complex:
        groups = [factors.get(m) for m in range(len(self.sector.spaces))]
        return self.sector.functional(groups, np.eye(self.sector.fock.size))

    def total_photons(self) -> list[Complex]:
        """Probability of each total number of bright photons."""
        total = self.sector.fock.total
        return [self.photons(np.diag((total == n).astype(complex))) for n in range(self.sector.cutoff + 1)]
