"""(L - shift)^-1 of a block, by elimination or by sweeps, whichever is cheaper."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.blocks import BlockTridiagonal
from atomcavity.dynamics.exact.stationary import MOST_WORK, SWEEP_WORK
from atomcavity.dynamics.exact.sweeps import ACCEPTED, Sweeps
from atomcavity.errors import ConvergenceError

ROUGH = 1e-7  # relative correction at which a rough solution ends
NEAREST = (
    1e-9  # of the largest rate: how close to a drive's frequency, where L is singular, equations are solved
)


class Resolvent:
    """Solves (matrix - shift) x = right for one shift after another."""

    def __init__(self, matrix: Any, level: NDArray[np.int64]) -> None:
        self._blocks = BlockTridiagonal(matrix, level)
        self._sweeps: Sweeps | None = None
        if self._blocks.work > SWEEP_WORK:
            try:
                self._sweeps = Sweeps(matrix, level)
            except ConvergenceError:  # a singular level: elimination can treat it
                self._affordable()

    def _affordable(self) -> None:
        if self._blocks.work > MOST_WORK:
            raise ConvergenceError(
                "the equations of the spectrum are too large to be eliminated, and singular"
            )

    def at(self, shift: complex) -> Shifted:
        """The equations at one shift."""
        return Shifted(self, shift)


class Shifted:
    """matrix - shift."""

    def __init__(self, resolvent: Resolvent, shift: complex) -> None:
        self._resolvent, self._shift = resolvent, shift
        self._factor = resolvent._blocks.factor(shift) if resolvent._sweeps is None else None

    def solve(
        self, right: NDArray[Any], transposed: bool = False, rough: bool = False
    ) -> NDArray[np.complex128]:
        """(matrix - shift)^-1 right, or the same with the transposed matrix; `rough`: to 1e-7 where it is iterated."""
        if self._factor is None and self._resolvent._sweeps is not None:
            try:
                accepted = ROUGH if rough else ACCEPTED
                return self._resolvent._sweeps.solve(right, transposed, self._shift, accepted) + 0j
            except ConvergenceError:
                self._resolvent._affordable()
        if self._factor is None:
            self._factor = self._resolvent._blocks.factor(self._shift)
        return self._factor.solve(right, transposed)
