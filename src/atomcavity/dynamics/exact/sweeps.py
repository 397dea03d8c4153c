"""Large blocks by Krylov iteration, preconditioned by sweeps over the excitation number.

Coherent coupling and all losses of amplitude stay inside a level of the excitation number (`blocks`): one
sparse factorisation each.  Quantum jumps lead one level down, pump events one up.  A sweep from the top
takes all losses exactly, one from the bottom all pump events; both together, as a block Gauss-Seidel
preconditioner, leave a generator close to the identity however different the rates are, so that a few tens
of GMRES steps solve it.  Where nothing pumps, one sweep from the top is the solution.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError

Vector = NDArray[Any]
RESTART, RESTARTS = 60, 5  # Krylov vectors that are kept, how often they start afresh
PASSES = 12  # refinements with the true residual
GAIN = 1e-7  # factor by which one refinement lowers the residual
SETTLED, ACCEPTED = 1e-13, 1e-10  # relative correction that a further sweep would make


class Sweeps:
    """The matrix with its factored diagonal blocks; shifts of it are solved with the same factors.

    Raises `ConvergenceError` if a diagonal block is singular.
    """

    def __init__(self, matrix: Any, level: NDArray[np.int64]) -> None:
        from scipy.sparse import csr_array
        from scipy.sparse.linalg import splu

        self._shift: complex = 0.0
        self.order = np.argsort(level, kind="stable")
        sorted_level = level[self.order]
        self.matrix = csr_array(matrix)[self.order][:, self.order]
        rows, columns = self.matrix.tocoo().coords
        width = max(int(np.abs(sorted_level[rows] - sorted_level[columns]).max(initial=1)), 1)
        block = (sorted_level - sorted_level.min(initial=0)) // width
        edges = np.searchsorted(block, np.arange(int(block.max(initial=0)) + 2))
        self.slices = [slice(a, b) for a, b in pairwise(edges) if b > a]
        self._factors = []
        for part in self.slices:
            try:
                factor = splu(
                    self.matrix[part, part].tocsc(),
                    permc_spec="MMD_AT_PLUS_A",
                    diag_pivot_thresh=0.01,
                    options={"SymmetricMode": True},
                )
            except RuntimeError:
                raise ConvergenceError("a level of the excitation number is singular") from None
            self._factors.append(factor)
        pairs = list(pairwise(self.slices))
        self._loss = [self.matrix[low, high] for low, high in pairs]
        self._gain = [self.matrix[high, low] for low, high in pairs]
        self._transposed = self.matrix.T.tocsr()
        self._loss_transposed = [gain.T.tocsr() for gain in self._gain]
        self._gain_transposed = [loss.T.tocsr() for loss in self._loss]

    def down(self, right: Vector, transposed: bool = False) -> Vector:
        """The solution without the couplings that lead up, in the sweeps' order."""
        links = self._loss_transposed if transposed else self._loss
        last = len(self.slices) - 1
        x = np.empty_like(right)
        for k in range(last, -1, -1):
            part = right[self.slices[k]]
            if k < last:
                part = part - links[k] @ x[self.slices[k + 1]]
            x[self.slices[k]] = self._solved(k, part, transposed)
        return x

    def up(self, right: Vector, transposed: bool = False) -> Vector:
        """The solution without the couplings that lead down, in the sweeps' order."""
        links = self._gain_transposed if transposed else self._gain
        x = np.empty_like(right)
        for k, here in enumerate(self.slices):
            part = right[here]
            if k:
                part = part - links[k - 1] @ x[self.slices[k - 1]]
            x[here] = self._solved(k, part, transposed)
        return x

    def both(self, right: Vector, transposed: bool = False) -> Vector:
        """One sweep from the top, one from the bottom with what is left."""
        x = self.down(right, transposed)
        return x + self.up(right - self._product(x, transposed), transposed)

    def _solved(self, k: int, right: Vector, transposed: bool) -> Vector:
        factor, side = self._factors[k], "T" if transposed else "N"
        if np.iscomplexobj(right) and not np.iscomplexobj(self.matrix.data):
            both = factor.solve(np.column_stack([right.real, right.imag]), side)
            return both[:, 0] + 1j * both[:, 1]
        return factor.solve(right, side)

    def _product(self, x: Vector, transposed: bool) -> Vector:
        image = (self._transposed if transposed else self.matrix) @ x
        return image - self._shift * x if self._shift else image

    def _krylov(self, right: Vector, transposed: bool) -> Vector:
        """The solution for a swept right-hand side, to `GAIN` of it."""
        from scipy.sparse.linalg import LinearOperator, gmres

        def swept(v: Vector) -> Vector:
            return self.both(self._product(v, transposed), transposed)

        operator = LinearOperator(self.matrix.shape, matvec=swept, dtype=right.dtype)
        x, _ = gmres(operator, right, rtol=GAIN, atol=0.0, restart=RESTART, maxiter=RESTARTS)
        return x

    def solve(
        self, right: Vector, transposed: bool = False, shift: complex = 0.0, accepted: float = ACCEPTED
    ) -> Vector:
        """(matrix - shift)^-1 right; `ConvergenceError` if the iteration does not settle to `accepted` or better."""
        self._shift = shift
        real = np.isrealobj(self.matrix.data) and np.isrealobj(shift)
        if real and np.iscomplexobj(right):
            parts = (self.solve(part, transposed, shift, accepted) for part in (right.real, right.imag))
            return next(parts) + 1j * next(parts)
        b = np.asarray(right, dtype=np.result_type(right, self.matrix.dtype, shift))[self.order]
        x = np.zeros_like(b)
        if not np.any(b):
            return x
        before = np.inf
        for _ in range(PASSES):
            rest = self.both(b - self._product(x, transposed), transposed)
            change = float(np.linalg.norm(rest)) / max(float(np.linalg.norm(x + rest)), 1e-300)
            goal = SETTLED if accepted == ACCEPTED else accepted
            if change < goal or (change > 0.3 * before and change < accepted):
                break
            before = change
            x = x + self._krylov(rest, transposed)
        return self._accepted(x, change, accepted)

    def null_vector(self, trace: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64]:
        """The vector y with matrix y = 0 and trace . y = 1, from `start`; `ConvergenceError` if it does not settle."""
        self._shift = 0.0
        weight, y = (
            trace[self.order],
            self.both(start[self.order]),
        )  # swept: what the iteration keeps is its trace
        y = y / (weight @ y)
        before = np.inf
        for _ in range(PASSES):
            rest = self.both(self._product(y, False))
            change = float(np.abs(rest).sum() / np.abs(y).sum())
            if change < SETTLED or (change > 0.3 * before and change < ACCEPTED):
                break
            before = change
            y = y - self._krylov(rest, False)
            y = y / (weight @ y)
        return self._accepted(y, change, ACCEPTED)

    def _accepted(self, x: Vector, change: float, accepted: float) -> Vector:
        if not (change < accepted and np.all(np.isfinite(x))):
            raise ConvergenceError(f"the Krylov iteration still changes the solution by {change:.1e}")
        result = np.empty_like(x)
        result[self.order] = x
        return result
