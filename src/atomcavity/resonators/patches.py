"""Piecewise polynomials on a tensor mesh whose rectangles are cut into two triangles: values and exact derivatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Int = NDArray[np.int64]

_POWERS = np.array([(i, j) for i in range(4) for j in range(4 - i)])  # of u and v: cubic polynomials


@dataclass(frozen=True, eq=False)
class Patches:
    """Three functions of (y, z), a cubic polynomial each in every triangle.

    y, z          lines of the mesh
    rising        (y, z) cells: whether the diagonal runs from the lower left to the upper right corner
    coefficients  (y cell, z cell, side of the diagonal, function, power) in the cell's own coordinates u, v from 0 to 1
    """

    y: Array
    z: Array
    rising: NDArray[np.bool_]
    coefficients: Array

    @classmethod
    def through(cls, y: Array, z: Array, corners: Array, nodes: Array, values: Array) -> Patches:
        """The polynomials through values (3, triangle, node) at nodes (2, triangle, node); corners (2, corner, triangle)."""
        centres = corners.mean(axis=1)
        i, j = np.searchsorted(y, centres[0]) - 1, np.searchsorted(z, centres[1]) - 1
        rising = np.zeros((len(y) - 1, len(z) - 1), dtype=bool)
        for a, b in ((0, 1), (1, 2), (2, 0)):
            across, up = corners[:, a] - corners[:, b]
            slanted = (across != 0) & (up != 0)
            rising[i[slanted], j[slanted]] = (across * up > 0)[slanted]
        empty = np.zeros((*rising.shape, 2, 3, len(_POWERS)))
        found = cls(y, z, rising, empty)
        u, v = found._local(nodes, i[:, None], j[:, None])
        matrix = _monomials(u, v)
        solved = np.linalg.solve(matrix, np.moveaxis(values, 0, -1))
        found.coefficients[i, j, found._side(*found._local(centres, i, j), i, j)] = np.moveaxis(solved, -1, 1)
        return found

    def _local(self, places: Array, i: Int, j: Int) -> tuple[Array, Array]:
        u = (places[0] - self.y[i]) / (self.y[i + 1] - self.y[i])
        v = (places[1] - self.z[j]) / (self.z[j + 1] - self.z[j])
        return u, v

    def _side(self, u: Array, v: Array, i: Int, j: Int) -> Int:
        return np.where(self.rising[i, j], v > u, u + v > 1).astype(np.int64)

    def values(self, places: Array, below: bool = True) -> tuple[Array, Array]:
        """The functions (3, place) and their slopes along y and z (3, 2, place) at places (2, place) inside the mesh.

        On a horizontal line of the mesh the cell `below` it counts, or that above.
        """
        i = np.clip(np.searchsorted(self.y, places[0], side="right") - 1, 0, len(self.y) - 2)
        j = np.searchsorted(self.z, places[1], side="left" if below else "right") - 1
        j = np.clip(j, 0, len(self.z) - 2)
        u, v = self._local(places, i, j)
        own = self.coefficients[i, j, self._side(u, v, i, j)]
        slope = np.empty((3, 2, len(u)))
        for axis, cell in enumerate(((self.y[i + 1] - self.y[i]), (self.z[j + 1] - self.z[j]))):
            slope[:, axis] = np.einsum("pfk,pk->fp", own, _monomials(u, v, axis)) / cell
        return np.einsum("pfk,pk->fp", own, _monomials(u, v)), slope


def _monomials(u: Array, v: Array, derivative: int | None = None) -> Array:
    """u^i v^j (..., power), or its derivative with respect to u (0) or v (1)."""
    powers, factor = _POWERS.copy(), np.ones(len(_POWERS))
    if derivative is not None:
        factor = powers[:, derivative].astype(float)
        powers[:, derivative] = np.maximum(powers[:, derivative] - 1, 0)
    tables = [np.stack([w**k for k in range(4)], axis=-1) for w in (u, v)]
    return np.asarray(factor * tables[0][..., powers[:, 0]] * tables[1][..., powers[:, 1]])
