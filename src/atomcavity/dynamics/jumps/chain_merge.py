"""Groups that differ in the phase of their coupling only, as one group of identical emitters.

sigma_u^+ = exp(-i theta_u) sigma'_u^+ (theta the phase of the coupling): the emitters at opposite antinodes of a
standing wave, say, are identical in the primed operators.  The phases come back in correlations between emitters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.reduction import reduce
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
SAME = 1e-9  # elements of density matrices that differ by less are equal


@dataclass(frozen=True, eq=False)
class Merged:
    """A system as it was given, and as one group; phase  theta of each given group, relative to the first (rad)."""

    given: CavitySystem
    single: CavitySystem
    phase: Real

    def each(self, values: float | Real) -> Real:
        """The same values for every given group, (group, ...)."""
        return np.repeat(np.asarray(values, dtype=float)[None], len(self.phase), axis=0)

    def between(self, light: float | Real, excited: float | Real) -> Complex:
        """<sigma_u^+ sigma_v> of two emitters (group, group, ...) from <S^+ S> and the excited emitters."""
        number = self.single.number
        numbers = np.array([group.number for group in self.given.emitters])
        turn = np.exp(1j * (self.phase[None, :] - self.phase[:, None]))
        known = np.where(np.outer(numbers, numbers) - np.diag(numbers) > 0, 1.0, np.nan)
        pair = (np.asarray(light) - np.asarray(excited)) / max(number * (number - 1), 1)
        return np.multiply.outer(turn * known, pair)

    def _matrices(self, initial: Preparation) -> Complex:
        """Density matrices of one emitter of each group in the primed levels."""
        matrices = np.array(initial.matrices(self.given))
        matrices[:, 0, 1] *= np.exp(1j * self.phase)
        matrices[:, 1, 0] *= np.exp(-1j * self.phase)
        return matrices

    def alike(self, initial: Preparation) -> bool:
        """Whether all groups start in the same state."""
        matrices = self._matrices(initial)
        return bool(np.abs(matrices - matrices[0]).max() <= SAME)

    def matrix(self, initial: Preparation) -> Complex:
        """The density matrix of one emitter; raises `InputError` if the groups start differently."""
        require(
            self.alike(initial),
            "groups that couple alike start in different states, which these ladders do not tell apart: use Jumps() "
            "with the cavity kept, or Cumulants()",
        )
        return self._matrices(initial)[0]


def merged(system: CavitySystem) -> Merged | None:
    """The system as one group of two-level emitters; None if it is not."""
    if system.driven or any(group.levels is not None for group in system.emitters):
        return None
    reduced = reduce(system)
    if len(reduced.groups) > 1:
        return None
    single = replace(system, emitters=[replace(system.emitters[0], number=system.number)])
    return Merged(system, single, reduced.phase - reduced.phase[0])
