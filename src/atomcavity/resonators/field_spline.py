"""Tensor-product B-splines of a complex field on a regular grid, evaluated in compiled code with their slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class FieldSpline:
    """Knots and coefficients (y, z, component); `degree` 3 is twice, 5 four times continuously differentiable."""

    y_knots: Array
    z_knots: Array
    coefficients: Complex
    degree: int

    @classmethod
    def through(cls, y: Array, z: Array, values: Complex, degree: int = 5) -> FieldSpline:
        """The spline through `values` (component, y, z) on the grid (not-a-knot ends)."""
        from scipy.interpolate import make_interp_spline

        along_y = make_interp_spline(y, np.moveaxis(values, 0, -1), k=degree)
        along_z = make_interp_spline(z, np.moveaxis(along_y.c, 1, 0), k=degree)
        coefficients = np.ascontiguousarray(np.moveaxis(along_z.c, 0, 1), dtype=complex)
        return cls(along_y.t, along_z.t, coefficients, degree)

    def at(self, y: Array, z: Array) -> tuple[Complex, Complex, Complex]:
        """Values and slopes along y and z, each (point, component), at points (point,) inside the grid."""
        out = np.empty((3, y.size, self.coefficients.shape[2]), dtype=complex)
        spline_points(self.y_knots, self.z_knots, self.coefficients, self.degree, y, z, out)
        return out[0], out[1], out[2]


@nb.njit(cache=True, error_model="numpy", nogil=True)
def spline_basis(knots, degree, x, value, slope):
    """The degree + 1 B-splines that do not vanish at x and their slopes; returns the number of the first.

    `knots` need not be uniform; x outside them is taken by the polynomial of the last interval.
    """
    low, high = degree, knots.size - degree - 2
    while low < high:
        middle = (low + high + 1) // 2
        if knots[middle] <= x:
            low = middle
        else:
            high = middle - 1
    span = low
    value[0] = 1.0
    for k in range(1, degree + 1):
        saved = 0.0
        for r in range(k):
            right, left = knots[span + r + 1], knots[span + 1 + r - k]
            part = value[r] / (right - left)
            if k == degree:
                slope[r] = (slope[r] if r > 0 else 0.0) - degree * part
                slope[r + 1] = degree * part
            value[r] = saved + (right - x) * part
            saved = (x - left) * part
        value[k] = saved
    return span - degree


@nb.njit(cache=True, error_model="numpy", nogil=True)
def spline_points(y_knots, z_knots, coefficients, degree, y, z, out):
    """Fill out (3, point, component): values, slopes along y, slopes along z."""
    by, dy = np.empty(degree + 1), np.empty(degree + 1)
    bz, dz = np.empty(degree + 1), np.empty(degree + 1)
    components = coefficients.shape[2]
    for point in range(y.size):
        i0 = spline_basis(y_knots, degree, y[point], by, dy)
        j0 = spline_basis(z_knots, degree, z[point], bz, dz)
        for c in range(components):
            total = 0j
            along_y = 0j
            along_z = 0j
            for i in range(degree + 1):
                row = 0j
                row_z = 0j
                for j in range(degree + 1):
                    value = coefficients[i0 + i, j0 + j, c]
                    row += bz[j] * value
                    row_z += dz[j] * value
                total += by[i] * row
                along_y += dy[i] * row
                along_z += by[i] * row_z
            out[0, point, c] = total
            out[1, point, c] = along_y
            out[2, point, c] = along_z
