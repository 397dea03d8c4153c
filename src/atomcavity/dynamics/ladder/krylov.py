"""One sparse factorisation, all frequencies and times: the Krylov space of (L - shift)^-1.

On the orthonormal basis Q that grows from a start vector v (Arnoldi), H = Q^+ (L - shift)^-1 Q and

    (L + i omega)^-1 v  ~  Q (B + i omega)^-1 e_1 |v|,     exp(L t) v  ~  Q exp(B t) e_1 |v|,

with B = shift + H^-1 (Moret and Novati, BIT 44, 595 (2004); van den Eshof and Hochbruck, SIAM J. Sci.
Comput. 27, 1438 (2006)).  What lies next to the shift, the slow and narrow, settles first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import InputError

Real = NDArray[np.float64]
EXHAUSTED = 1e-13  # part of a new vector outside the space below which the space is complete


class Factor:
    """The sparse factors of matrix - shift (CSC); `InputError` if it is singular."""

    def __init__(self, matrix: Any, shift: complex) -> None:
        from scipy.sparse import eye_array
        from scipy.sparse.linalg import splu

        identity = eye_array(matrix.shape[0], format="csc")
        moved = matrix - shift * identity if shift else matrix
        # the generators are dominated by their diagonals: no pivoting, and the ordering of a symmetric pattern
        try:
            self._lu = splu(
                moved.tocsc(),
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
        except RuntimeError:
            raise InputError(
                "some states of the emitters stay for ever: give them a coupling to the cavity or a decay"
            ) from None
        self._complex = np.iscomplexobj(moved.data)

    def solve(self, right: NDArray[Any], transposed: bool = False) -> NDArray[Any]:
        """(matrix - shift)^-1 right, or the same with the transposed matrix."""
        trans = "T" if transposed else "N"
        if self._complex:
            return self._lu.solve(right.astype(complex), trans)
        if np.iscomplexobj(right):
            return self._lu.solve(right.real, trans) + 1j * self._lu.solve(right.imag, trans)
        return self._lu.solve(right, trans)


class Krylov:
    """The growing space of one start vector.

    finished  whether it is invariant: nothing is missing
    """

    def __init__(self, matrix: Any, start: NDArray[Any], shift: complex = 0.0) -> None:
        self.shift = shift
        self.factor = Factor(matrix, shift)
        self.norm = float(np.linalg.norm(start))
        kind = np.result_type(matrix.dtype, start.dtype, np.asarray(shift).dtype, float)
        self._basis = np.empty((1, len(start)), dtype=kind)
        self._basis[0] = start / self.norm
        self._projected = np.zeros((1, 0), dtype=kind)
        self.finished = False

    @property
    def steps(self) -> int:
        """Dimension of the space."""
        return self._projected.shape[1]

    @property
    def basis(self) -> NDArray[Any]:
        """Orthonormal vectors as rows, (step, state)."""
        return self._basis[: self.steps]

    def grow(self, steps: int) -> None:
        """Up to `steps` vectors."""
        if self.finished or steps <= self.steps:
            return
        basis = np.empty((steps + 1, self._basis.shape[1]), dtype=self._basis.dtype)
        basis[: self.steps + 1] = self._basis[: self.steps + 1]
        projected = np.zeros((steps + 1, steps), dtype=self._basis.dtype)
        projected[: self._projected.shape[0], : self.steps] = self._projected
        done = steps
        for k in range(self.steps, steps):
            new = self.factor.solve(basis[k])
            size = np.linalg.norm(new)
            for _ in range(2):
                overlap = basis[: k + 1].conj() @ new
                new -= overlap @ basis[: k + 1]
                projected[: k + 1, k] += overlap
            rest = np.linalg.norm(new)
            if rest <= EXHAUSTED * size:
                self.finished, done = True, k + 1
                break
            projected[k + 1, k] = rest
            basis[k + 1] = new / rest
        self._basis, self._projected = basis, projected[: done + 1, :done]

    def generator(self, steps: int | None = None) -> NDArray[Any]:
        """B on the first `steps` vectors."""
        m = self.steps if steps is None else min(steps, self.steps)
        return np.linalg.inv(self._projected[:m, :m]) + self.shift * np.eye(m)

    @property
    def rest(self) -> float:
        """The part of (L - shift)^-1 q of the last vector q that lies outside the space."""
        return 0.0 if self.finished else float(self._projected[-1, -1].real)
