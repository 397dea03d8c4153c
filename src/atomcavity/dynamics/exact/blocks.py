"""Block-tridiagonal elimination, ordered by the excitation number and started at the top.

Coherent coupling and dephasing keep the excitation number of the ket, loss lowers it and pump
raises it, so that the generator couples neighbouring levels only:

    D_k x_k + U_k x_(k+1) + B_k x_(k-1) = right-hand side.

Eliminating from the highest level downwards gives D~_k = D_k - U_k D~_(k+1)^-1 B_(k+1); the
stationary state follows upwards from the null vector of D~_0 without any division by small
probabilities (as in the elimination of Grassmann, Taksar and Heyman for Markov chains).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import InputError

NOT_UNIQUE = (
    "the stationary state is not unique (emitters or photons that nothing damps, or dark states); "
    "give every mode kappa > 0 and every emitter a decay"
)


class BlockTridiagonal:
    """A sparse matrix (CSR) cut into the blocks of neighbouring `level` values."""

    def __init__(self, matrix: Any, level: NDArray[np.int64]) -> None:
        entries = matrix.tocoo()
        rows, columns = entries.coords
        step = max(int(np.abs(level[rows] - level[columns]).max(initial=1)), 1)
        block = (level - level.min()) // step
        self.order = np.argsort(block, kind="stable")
        self.count = int(block.max(initial=0)) + 1
        self.sizes = np.bincount(block, minlength=self.count)
        start = np.concatenate([[0], np.cumsum(self.sizes)])
        self.slices = [slice(start[k], start[k + 1]) for k in range(self.count)]
        place = np.empty(len(level), dtype=np.int64)
        place[self.order] = np.arange(len(level)) - start[block[self.order]]
        kind = block[rows] * 3 + (block[columns] - block[rows] + 1)
        sort = np.argsort(kind, kind="stable")
        self._bounds = np.searchsorted(kind[sort], np.arange(3 * self.count + 1))
        self._rows, self._columns = place[rows[sort]], place[columns[sort]]
        self._values = entries.data[sort]

    def dense(self, k: int, side: int) -> NDArray[Any]:
        """Block of row k and column k + side."""
        shape = (self.sizes[k], self.sizes[k + side])
        part = slice(self._bounds[3 * k + side + 1], self._bounds[3 * k + side + 2])
        matrix = np.zeros(shape, dtype=self._values.dtype)
        matrix[self._rows[part], self._columns[part]] = self._values[part]
        return matrix

    def _sparse(self, k: int, side: int) -> Any:
        """Like `dense`, as CSR where that makes products cheaper."""
        if self.sizes[k] < 150:
            return self.dense(k, side)
        from scipy.sparse import csr_array

        part = slice(self._bounds[3 * k + side + 1], self._bounds[3 * k + side + 2])
        entries = (self._values[part], (self._rows[part], self._columns[part]))
        return csr_array(entries, shape=(self.sizes[k], self.sizes[k + side]))

    @property
    def work(self) -> float:
        """Multiplications of an elimination: about five dense products or factorisations a block."""
        return 5.0 * float(np.sum(self.sizes.astype(float) ** 3))

    def null_vector(self) -> NDArray[np.float64]:
        """The vector x with matrix x = 0, not normalised; `InputError` if there is more than one."""
        gains = []
        gain = None
        for k in range(self.count - 1, -1, -1):
            diagonal = self.dense(k, 0)
            if gain is not None:
                diagonal += self._sparse(k, 1) @ gain
            if k == 0:
                break
            gain = -_solve(diagonal, self.dense(k, -1))
            gains.append(gain)
        scale = np.abs(self.dense(0, 0)).max(initial=0.0)  # before the cancellation of the elimination
        _, singular, right = np.linalg.svd(diagonal)
        if len(singular) > 1 and singular[-2] <= 1e-15 * len(singular) * max(scale, singular[0]):
            raise InputError(NOT_UNIQUE)
        parts = [right[-1]]
        for gain in reversed(gains):
            parts.append(gain @ parts[-1])
        x = np.empty(len(self.order), dtype=right.dtype)
        x[self.order] = np.concatenate(parts)
        return x

    def factor(self, shift: complex) -> Factor:
        """The factors of matrix - shift."""
        return Factor(self, shift)


class Factor:
    """The eliminated blocks of matrix - shift, for many right-hand sides."""

    def __init__(self, blocks: BlockTridiagonal, shift: complex) -> None:
        from scipy.linalg import lu_factor, lu_solve

        self._blocks = blocks
        self._lu: list[Any] = [None] * blocks.count
        gain = None
        for k in range(blocks.count - 1, -1, -1):
            diagonal = blocks.dense(k, 0).astype(complex)
            diagonal[np.diag_indices_from(diagonal)] -= shift
            if gain is not None:
                diagonal -= blocks._sparse(k, 1) @ gain
            self._lu[k] = lu_factor(diagonal, overwrite_a=True, check_finite=False)
            if k:
                gain = lu_solve(self._lu[k], blocks.dense(k, -1).astype(complex), check_finite=False)

    def solve(self, right: NDArray[Any], transposed: bool = False) -> NDArray[np.complex128]:
        """(matrix - shift)^-1 right, or the same with the transposed matrix."""
        from scipy.linalg import lu_solve

        blocks, trans = self._blocks, int(transposed)
        parts = [right[blocks.order][s].astype(complex) for s in blocks.slices]
        for k in range(blocks.count - 2, -1, -1):
            above = lu_solve(self._lu[k + 1], parts[k + 1], trans=trans, check_finite=False)
            link = blocks._sparse(k, 1) if not transposed else blocks._sparse(k + 1, -1).T
            parts[k] = parts[k] - link @ above
        solved = [lu_solve(self._lu[0], parts[0], trans=trans, check_finite=False)]
        for k in range(1, blocks.count):
            link = blocks._sparse(k, -1) if not transposed else blocks._sparse(k - 1, 1).T
            solved.append(
                lu_solve(self._lu[k], parts[k] - link @ solved[-1], trans=trans, check_finite=False)
            )
        x = np.empty(len(right), dtype=complex)
        x[blocks.order] = np.concatenate(solved)
        return x


def _solve(matrix: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """matrix^-1 right; `InputError` if the matrix is singular to working precision."""
    from scipy.linalg import lapack

    norm = np.abs(matrix).sum(axis=0).max()
    lu, pivots, failed = lapack.dgetrf(matrix, overwrite_a=1)
    if failed == 0:
        reciprocal, _ = lapack.dgecon(lu, norm)
    if failed or reciprocal < 1e-15:
        raise InputError(NOT_UNIQUE)
    solution, _ = lapack.dgetrs(lu, pivots, right)
    return solution
