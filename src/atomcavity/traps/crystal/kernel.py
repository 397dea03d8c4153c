"""Compiled direct sums of the Coulomb forces between the ions, row by row, so that rows can be shared out.

Every row is summed in the same order by whichever thread does it: the numbers do not depend on the threads.
"""

from __future__ import annotations

import numba as nb
import numpy as np

_FAST = {"reassoc", "contract", "arcp", "nsz"}  # lets a row's sum run in vector registers


@nb.njit(cache=True, error_model="numpy", nogil=True, fastmath=_FAST)
def forces(x, y, z, first, last, gradient, potential):
    """Sum over j of 1/r_ij and its gradient for the rows i = first ... last - 1.

    x, y, z (ion,); writes gradient (3, ion) = -sum (r_i - r_j)/r_ij^3 and potential (ion,) = sum 1/r_ij.
    """
    count = x.size
    for i in range(first, last):
        xi, yi, zi = x[i], y[i], z[i]
        gx = gy = gz = sum_ = 0.0
        for j in range(i):
            dx, dy, dz = xi - x[j], yi - y[j], zi - z[j]
            inverse = 1.0 / np.sqrt(dx * dx + dy * dy + dz * dz)
            cube = inverse * inverse * inverse
            sum_ += inverse
            gx -= dx * cube
            gy -= dy * cube
            gz -= dz * cube
        for j in range(i + 1, count):
            dx, dy, dz = xi - x[j], yi - y[j], zi - z[j]
            inverse = 1.0 / np.sqrt(dx * dx + dy * dy + dz * dz)
            cube = inverse * inverse * inverse
            sum_ += inverse
            gx -= dx * cube
            gy -= dy * cube
            gz -= dz * cube
        gradient[0, i], gradient[1, i], gradient[2, i] = gx, gy, gz
        potential[i] = sum_


@nb.njit(cache=True, error_model="numpy", nogil=True, fastmath=_FAST)
def curvatures(x, y, z, first, last, tensor):
    """Second derivatives of sum over j of 1/r_ij: writes tensor (6, ion), rows xx, yy, zz, xy, xz, yz."""
    count = x.size
    for i in range(first, last):
        xi, yi, zi = x[i], y[i], z[i]
        xx = yy = zz = xy = xz = yz = 0.0
        for j in range(count):
            dx, dy, dz = xi - x[j], yi - y[j], zi - z[j]
            square = dx * dx + dy * dy + dz * dz
            inverse = 1.0 / np.sqrt(square) if j != i else 0.0
            cube = inverse * inverse * inverse
            fifth = 3.0 * cube * inverse * inverse
            xx += fifth * dx * dx - cube
            yy += fifth * dy * dy - cube
            zz += fifth * dz * dz - cube
            xy += fifth * dx * dy
            xz += fifth * dx * dz
            yz += fifth * dy * dz
        tensor[0, i], tensor[1, i], tensor[2, i] = xx, yy, zz
        tensor[3, i], tensor[4, i], tensor[5, i] = xy, xz, yz


@nb.njit(cache=True, error_model="numpy", nogil=True, fastmath=_FAST)
def _dot(a, b):
    total = 0.0
    for k in range(a.size):
        total += a[k] * b[k]
    return total


@nb.njit(cache=True, error_model="numpy", nogil=True, fastmath=_FAST)
def descent(step, change, product, order, gradient):
    """-H gradient by the two-loop recursion of L-BFGS (Nocedal and Wright, algorithm 7.4).

    step, change (pair, size) with product (pair,) = step.change; order: the pairs in use, oldest first.
    """
    q = gradient.copy()
    weight = np.empty(product.size)
    for k in order[::-1]:
        weight[k] = _dot(step[k], q) / product[k]
        for i in range(q.size):
            q[i] -= weight[k] * change[k, i]
    if order.size:
        last = order[-1]
        q *= product[last] / _dot(change[last], change[last])
    for k in order:
        factor = weight[k] - _dot(change[k], q) / product[k]
        for i in range(q.size):
            q[i] += factor * step[k, i]
    return -q
