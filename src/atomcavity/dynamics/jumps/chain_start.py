"""States (J, M) of one group of two-level emitters in which trajectories start.

Observables of the trajectories are diagonal in the excitation number, so that a product of superpositions is the
symmetric ladder J = N/2 with binomial probabilities of M.  Emitters in a mixture of their two levels are a
mixture of ladders: of the states with e excited emitters, a ladder J >= N/2 - k has the part C(N, k)/C(N, e).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.chain_merge import Merged
from atomcavity.dynamics.preparation import Preparation
from atomcavity.errors import InputError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]
Seeds = NDArray[np.uint64]

CERTAIN = 1e-12  # probabilities and coherences below this are rounding errors


@dataclass(frozen=True, eq=False)
class Start:
    """How emitters start.

    number       of emitters
    probability  of 0, 1, ... N excited ones
    coherence    <m - 1| rho |m> of the symmetric ladder, m excited emitters
    mixed        whether the emitters are a mixture of levels: then J is drawn, too
    """

    number: int
    probability: Real
    coherence: Complex
    mixed: bool

    @property
    def superposed(self) -> bool:
        """Whether the emitters have a phase."""
        return bool(np.any(self.coherence))

    def states(self, seeds: Seeds, *, coherences: bool = False) -> tuple[Real, Seeds]:
        """(J, M) for each run, drawn with the first numbers of its stream, and the streams behind them.

        coherences  draw from the moduli of the coherences instead of the probabilities
        """
        from atomcavity.dynamics.jumps.kernel import uniform

        streams = np.array(seeds)
        total = np.cumsum(np.abs(self.coherence) if coherences else self.probability)
        excited = np.searchsorted(total, np.array([uniform(s) for s in streams]) * total[-1])
        j = np.full(len(streams), self.number / 2)
        if self.mixed:
            j -= [_lower(self.number, int(e), uniform(s)) for e, s in zip(excited, streams, strict=True)]
        return np.stack([j, excited - self.number / 2], axis=1), streams


def _lower(number: int, excited: int, mark: float) -> int:
    """The smallest k with C(N, k) >= mark C(N, excited): J = N/2 - k."""
    from scipy.special import gammaln

    k = np.arange(min(excited, number - excited) + 1)
    size = -gammaln(k + 1) - gammaln(number - k + 1)
    return int(np.searchsorted(size - size[-1], np.log(mark) - 1e-12))


def _pure(matrix: Complex) -> bool:
    return bool(np.linalg.eigvalsh(matrix)[0] < CERTAIN)


def mixed(matrix: Complex) -> bool:
    """Whether the density matrix of one emitter is a mixture of superpositions."""
    return not _pure(matrix) and bool(abs(matrix[0, 1]) > CERTAIN)


def start_of(merged: Merged, initial: Preparation) -> Start:
    """The state in which the emitters start.

    Raises `InputError` for mixtures of superpositions, or if groups start in different states.
    """
    from scipy.stats import binom

    number, matrix = merged.single.number, merged.matrix(initial)
    if mixed(matrix):
        raise InputError(
            f"the group of {number} emitters starts in a mixture of superpositions: give levels, superpositions or a "
            "mixture of the levels, or use Exact() or Cumulants()"
        )
    probability = binom.pmf(np.arange(number + 1), number, min(max(matrix[1, 1].real, 0.0), 1.0))
    coherence = np.zeros(number + 1, complex)
    pure = _pure(matrix)
    if pure and abs(matrix[0, 1]) > CERTAIN:
        phase = matrix[0, 1] / abs(matrix[0, 1])
        coherence[1:] = phase * np.sqrt(probability[:-1] * probability[1:])
    return Start(number, probability, coherence, not pure)
