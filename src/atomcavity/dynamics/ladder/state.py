"""Populations p(J, M) of identical emitters without a cavity: stationary, and prepared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.ladder.basis import Block, Collective, block, irreps, reached
from atomcavity.dynamics.ladder.krylov import Factor
from atomcavity.errors import ConvergenceError, InputError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
ROUNDING = 1e-15  # shift of the inverse iteration, in units of the largest rate
NEGLIGIBLE = -90.0  # logarithm of a population that is left out
NOT_UNIQUE = (
    "the stationary state of the emitters alone is not unique (nothing leads out of some states); "
    "give the emitters a decay, a pump or dephasing, or ask for an evolution from an initial state"
)


@dataclass(frozen=True, eq=False)
class Populations:
    """p(J, M) on a block of order 0; of a pulse its time integral (s)."""

    emitters: Collective
    block: Block
    p: Real
    residual: float

    @property
    def rows(self) -> Real:
        """Functionals of p: <S^+ S>, the number of excited emitters, <S^+ S^+ S S>."""
        strength = self.block.lowering**2
        return np.array([strength, self.block.excited, strength * _below(strength)])

    @cached_property
    def emission(self) -> float:
        """<S^+ S>."""
        return float(self.rows[0] @ self.p)

    def first(self) -> tuple[Block, Real]:
        """The coherence block that rho S^+ reaches, and rho S^+ on it."""
        bright = self.block.lowering > 0
        start = (self.p * self.block.lowering)[bright]
        whole = block(self.emitters, 1, np.unique(self.block.twice_j))
        keep = reached(whole.matrix, np.flatnonzero(start))
        return whole.restricted(keep), start[keep]

    def second(self) -> Real:
        """S rho S^+ on the block."""
        after = np.zeros_like(self.p)
        after[:-1] = (self.block.lowering**2 * self.p)[1:]
        return after


def _below(values: Real) -> Real:
    """The value of |J, M-1> at |J, M>; that of the lowest state does not matter."""
    return np.concatenate([[0.0], values[:-1]])


def final_classes(matrix: Any) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """The label of each state's class of mutually reachable states, and the labels of those that nothing leaves."""
    from scipy.sparse.csgraph import connected_components

    count, label = connected_components(matrix.T, directed=True, connection="strong")
    rows, columns = matrix.tocoo().coords
    left = np.zeros(count, dtype=bool)
    left[label[columns[label[rows] != label[columns]]]] = True
    return label, np.flatnonzero(~left)


def stationary(emitters: Collective) -> Populations:
    """The stationary populations, by inverse iteration on the class of states in which everything ends.

    Raises `InputError` if there are several, `ConvergenceError` if the equations are not solved.
    """
    if emitters.number > 1 and not emitters.local:
        raise InputError(NOT_UNIQUE)
    whole = block(emitters, 0, irreps(emitters.number))
    label, final = final_classes(whole.matrix)
    if len(final) > 1:
        raise InputError(NOT_UNIQUE)
    keep = np.flatnonzero(label == final[0])
    p = np.zeros(len(label))
    p[keep] = _null_vector(whole.matrix[keep][:, keep])
    fastest = float(np.abs(whole.matrix.diagonal()) @ p)
    residual = float(np.abs(whole.matrix @ p).sum() / fastest) if fastest else 0.0
    if not residual < 1e-9:
        raise ConvergenceError(f"the stationary state has the relative residual {residual:.1e}")
    return Populations(emitters, whole, p, residual)


def _null_vector(matrix: Any) -> Real:
    size = matrix.shape[0]
    if size == 1:
        return np.ones(1)
    factor = Factor(matrix, ROUNDING * float(np.abs(matrix.diagonal()).max()))
    p = np.full(size, 1.0 / size)
    for _ in range(50):
        new = factor.solve(p)
        new = new / new.sum()
        change = float(np.abs(new - p).sum())
        p = new
        if change < 1e-13:
            return p
    raise ConvergenceError(f"the inverse iteration of the stationary state still changes by {change:.1e}")


def prepared(emitters: Collective, state: Complex) -> tuple[Populations, Block, Complex]:
    """All emitters in the same state: the density matrix `state` of one, on (ground, excited).

    Returns the populations, and the coherence block with its elements <J, M|rho|J, M-1>, in which
    the amplitude <S> lives.
    """
    number = emitters.number
    weights, axis = _irreps_of_product(number, state)
    every = irreps(number)
    labels = every if emitters.local else every[[len(w) > 0 for w in weights]]
    whole, beside = block(emitters, 0, labels), block(emitters, 1, labels)
    p, x = np.zeros(len(whole.twice_j)), np.zeros(len(beside.twice_j), dtype=complex)
    for label, weight in zip(every.tolist(), weights, strict=True):
        if len(weight):
            diagonal, next_to = _turned(label, weight, axis)
            p[whole.twice_j == label] = diagonal
            x[beside.twice_j == label] = next_to
    return Populations(emitters, whole, p / p.sum(), 0.0), beside, x / p.sum()


def _irreps_of_product(number: int, state: Complex) -> tuple[list[Real], Complex]:
    """Weights of |J, m>, m = J, J - 1, ... along the axis of the state, for each 2J; and the state's likelier eigenvector.

    The state's eigenvalues l1 > l2 give d_J l1^(N/2 + m) l2^(N/2 - m) with the multiplicity
    d_J = C(N, N/2 - J) (2J + 1)/(N/2 + J + 1); weights below rounding are left out.
    """
    from scipy.special import gammaln, xlogy

    shares, vectors = np.linalg.eigh(state)
    less, more = np.clip(shares, 0.0, 1.0)
    less = 0.0 if less < 1e-14 else float(less)
    found = []
    for label in irreps(number).tolist():
        below = (number - label) // 2
        copies = gammaln(number + 1) - gammaln(below + 1) - gammaln(number - below + 1)
        copies += np.log(label + 1) - np.log(number - below + 1)
        step = np.arange(label + 1)  # J - m
        logs = copies + xlogy(number - below - step, more) + xlogy(below + step, less)
        found.append(np.exp(logs[logs > NEGLIGIBLE]))
    return found, vectors[:, -1]


def _turned(label: int, weight: Real, axis: Complex) -> tuple[Real, Complex]:
    """<J, M|rho_J|J, M> and <J, M|rho_J|J, M-1>, M ascending, of sum_m weight_m |J, m><J, m| along the axis.

    |J, m> along the axis are the eigenvectors of J . axis, tridiagonal in |J, M> and real but for a phase.
    """
    from scipy.linalg import eigh_tridiagonal

    size = label + 1
    tilt = axis[1] * np.conj(axis[0])
    if abs(tilt) < 1e-15:
        diagonal = np.zeros(size)
        diagonal[: len(weight)] = weight
        return (diagonal[::-1] if abs(axis[1]) > 0.5 else diagonal), np.zeros(label, complex)
    step = np.arange(size)
    along = (abs(axis[1]) ** 2 - abs(axis[0]) ** 2) * (step - label / 2)
    across = abs(tilt) * np.sqrt(step[1:] * (size - step[1:]))
    _, vectors = eigh_tridiagonal(along, across, select="i", select_range=(size - len(weight), label))
    vectors = vectors[:, ::-1]
    phase = tilt / abs(tilt)
    return vectors**2 @ weight, phase * ((vectors[1:] * vectors[:-1]) @ weight)
