"""Real unknowns of a Hermitian density matrix: half the size, and only those that the trace reaches.

Pairs of Hermitian conjugate elements x, x^* become u = sqrt(2) Re x, v = sqrt(2) Im x, elements that
are their own conjugate stay.  Unknowns that are not connected to any population (all v, if the
generator is real; coherences with levels that nothing couples) stay zero and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.sector import Sector

Real = NDArray[np.float64]
HALF = np.sqrt(0.5)


class HermitianBlock:
    """The q = 0 block in real unknowns y: `matrix` (CSR) with dy/dt = matrix y.

    seeds  functionals of x, beside the trace, whose unknowns are kept too
    start  an x: unknowns that it does not lead to are left out in any case
    """

    def __init__(
        self,
        sector: Sector,
        seeds: Sequence[NDArray[np.complex128]] = (),
        start: NDArray[np.complex128] | None = None,
    ) -> None:
        self.sector = sector
        size, partner = sector.size, sector.partner
        index = np.arange(size)
        self._own = partner == index
        self._first = index <= partner
        self._folded = np.minimum(index, partner)
        self._keep = np.arange(2 * size)
        reach = self._reachable([self._trace, *seeds], start)
        keep = np.flatnonzero(reach)
        self._position = np.full(2 * size, -1)
        self._position[keep] = np.arange(len(keep))
        self._keep = keep
        self.level = sector.level[keep % size]

    @cached_property
    def _entries(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Real]:
        """Real generator on (u, v), v offset by the sector's size; rows of one element of each pair only."""
        size = self.sector.size
        rows, columns, values = self.sector.generator
        chosen = self._first[rows]
        rows, columns, values = rows[chosen], columns[chosen], values[chosen]
        own_row, own_column = self._own[rows], self._own[columns]
        scale = np.where(own_row, HALF, 1.0) / np.where(own_column, HALF, 1.0)
        source = self._folded[columns]
        if np.isrealobj(values):
            imaginary = np.flatnonzero(~own_row & ~own_column)
            sign = np.where(self._first[columns], 1.0, -1.0)[imaginary]
            parts = [
                (rows, source, values * scale),
                (rows[imaginary] + size, source[imaginary] + size, values[imaginary] * sign),
            ]
        else:
            sign = np.where(self._first[columns], 1.0, -1.0)
            parts = [
                (rows, source, values.real * scale),
                (rows, source + size, np.where(own_column, 0.0, -sign * values.imag * scale)),
                (rows + size, source, np.where(own_row, 0.0, values.imag * scale)),
                (rows + size, source + size, np.where(own_row | own_column, 0.0, sign * values.real)),
            ]
        r, c, v = (np.concatenate(p) for p in zip(*parts, strict=True))
        return r[v != 0], c[v != 0], v[v != 0]

    def _reachable(
        self, seeds: Sequence[NDArray[Any]], start: NDArray[np.complex128] | None
    ) -> NDArray[np.bool_]:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        size = self.sector.size
        rows, columns, values = self._entries
        graph = coo_array((np.ones(len(values)), (rows, columns)), shape=(2 * size, 2 * size)).tocsr()
        _, label = connected_components(graph, directed=False)
        wanted = np.zeros(label.max() + 1, dtype=bool)
        for seed in seeds:
            wanted[label[np.flatnonzero(self.fold(seed))]] = True
        if start is not None:
            filled = np.zeros(len(wanted), dtype=bool)
            filled[label[np.flatnonzero(self.pack(start))]] = True
            wanted &= filled
        return wanted[label]

    @cached_property
    def _trace(self) -> Real:
        groups: list[NDArray[Any] | None] = [None] * len(self.sector.spaces)
        return self.sector.functional(groups, np.eye(self.sector.fock.size)).real

    @cached_property
    def matrix(self) -> Any:
        """The generator as a CSR array."""
        from scipy.sparse import coo_array

        rows, columns, values = self._entries
        rows, columns = self._position[rows], self._position[columns]
        inside = (rows >= 0) & (columns >= 0)
        size = len(self._keep)
        entries = (values[inside], (rows[inside], columns[inside]))
        return coo_array(entries, shape=(size, size)).tocsr()

    @cached_property
    def trace(self) -> Real:
        """Functional of the trace on y."""
        return self.fold(self._trace.astype(complex)).real

    def fold(self, functional: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """The functional f . x as one on y (complex values allowed: the operator need not be Hermitian).

        Of each pair of conjugate elements only the first has unknowns.
        """
        other = np.where(self._first, functional[self.sector.partner], 0.0)
        one = np.where(self._first, functional, 0.0)
        u = np.where(self._own, functional, HALF * (one + other))
        v = np.where(self._own, 0.0, HALF * 1j * (one - other))
        return np.concatenate([u, v])[self._keep]

    def pack(self, x: NDArray[np.complex128]) -> Real:
        """y of a Hermitian x."""
        u = np.where(self._own, x.real, x.real / HALF)
        y = np.concatenate([u, x.imag / HALF])[self._keep]
        return np.ascontiguousarray(y.real)

    def positive(self, scale: Real) -> Real:
        """Positive scales of x, equal for conjugate elements, as scales of y."""
        return np.concatenate([scale, scale])[self._keep]

    def unpack(self, y: Real) -> NDArray[np.complex128]:
        """x of y."""
        size = self.sector.size
        full = np.zeros(2 * size)
        full[self._keep] = y
        u, v = full[:size][self._folded], full[size:][self._folded]
        sign = np.where(self._first, 1.0, -1.0)
        return np.where(self._own, u, HALF * u) + 1j * HALF * sign * v
