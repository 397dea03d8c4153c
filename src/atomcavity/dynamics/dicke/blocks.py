"""A chain of small matrices, dy_L/dt = -i (A_L y_L - y_L B_L^+) + C_L y_(L-1) D_L^+, in time: compiled.

A_L and B_L are upper triangular (Schur form), so that a step of the rational approximant (`dicke.chain`) is one
forward substitution through the blocks, each solved from its last row and column on.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from atomcavity.dynamics.dicke.kernel import distance, judge


@nb.njit(cache=True)
def solve(left, right, factor, pole, r):
    """y in place of r, with -factor (left y - y right^+) - pole y = r for upper triangular left and right."""
    size = len(r)
    for a in range(size - 1, -1, -1):
        for c in range(a + 1, size):
            part = factor * left[a, c]
            for b in range(size):
                r[a, b] += part * r[c, b]
        for b in range(size - 1, -1, -1):
            total = r[a, b]
            for c in range(b + 1, size):
                total -= factor * r[a, c] * right[b, c].conjugate()
            r[a, b] = total / (factor * (right[b, b].conjugate() - left[a, a]) - pole)


@nb.njit(cache=True)
def block_step(left, right, into, onto, hermitian, h, poles, weights, x, out):
    """out = sum_j weights_j (h L - poles_j)^-1 x of the chain's generator L; the Hermitian part for half the poles.

    left, right  A_L and B_L, (block, row, column)
    into, onto   C_L and D_L^+, which lead from block L - 1 to block L
    """
    size = x.shape[1]
    y = np.zeros((len(poles), size, size), np.complex128)
    r, total = np.empty((size, size), np.complex128), np.empty((size, size), np.complex128)
    for k in range(len(x)):
        total[:] = 0
        for j in range(len(poles)):
            for a in range(size):
                for b in range(size):
                    r[a, b] = x[k, a, b]
            if k > 0:
                subtract(into[k], onto[k], h, y[j], r)
            solve(left[k], right[k], 1j * h, poles[j], r)
            for a in range(size):
                for b in range(size):
                    y[j, a, b] = r[a, b]
                    total[a, b] += weights[j] * r[a, b]
        for a in range(size):
            for b in range(size):
                mirror = total[b, a].conjugate() if hermitian else total[a, b]
                out[k, a, b] = 0.5 * (total[a, b] + mirror)


@nb.njit(cache=True)
def subtract(into, onto, h, y, r):
    """r -= h into y onto."""
    size = len(r)
    row = np.empty(size, np.complex128)
    for a in range(size):
        row[:] = 0
        for c in range(size):
            for b in range(size):
                row[b] += into[a, c] * y[c, b]
        for c in range(size):
            part = h * row[c]
            for b in range(size):
                r[a, b] -= part * onto[c, b]


@nb.njit(cache=True)
def share(rows, x):
    """sum_L rows_L x_L rows_L^+: what the state x holds in one state of each block."""
    total = 0.0
    for k in range(len(x)):
        for a in range(x.shape[1]):
            for b in range(x.shape[1]):
                total += (rows[k, a] * x[k, a, b] * rows[k, b].conjugate()).real
    return total


@nb.njit(cache=True)
def copy(one, other):
    """other = one (the assignment of arrays takes seconds to compile)."""
    for k in range(one.shape[0]):
        for a in range(one.shape[1]):
            for b in range(one.shape[2]):
                other[k, a, b] = one[k, a, b]


@nb.njit(cache=True)
def march_blocks(
    left, right, into, onto, hermitian, rows, poles, weights, tolerance, most, x, clock, times, out
):
    """The chain from x at clock[0] to the last of the times, its state at all of them in out (time, block, row, column).

    Steps as in `kernel.march`, all elements of equal weight; clock[4] becomes the largest `share` of the rows after
    any of them.  Returns whether all times were reached.
    """
    order = 2 * (len(poles) * 2 - 1 if hermitian else len(poles)) - 1
    chain = (left, right, into, onto, hermitian)
    whole, part, half = np.empty_like(x), np.empty_like(x), np.empty_like(x)
    same = np.ones(x.size)
    k = 0
    while k < len(times) and times[k] <= clock[0]:
        copy(x, out[k])
        k += 1
    while k < len(times):
        rest = times[-1] - clock[0]
        last = clock[1] >= rest * (1 - 1e-9)
        size = rest if last else clock[1]
        block_step(*chain, size, poles, weights, x, whole)
        block_step(*chain, size / 2, poles, weights, x, part)
        block_step(*chain, size / 2, poles, weights, part, half)
        wrong = distance(same, half.reshape(-1), whole.reshape(-1)) / (2.0**order - 1)
        verdict = judge(clock, size, last, wrong, tolerance, order, most)
        if verdict < 0:
            return False
        if verdict == 0:
            continue
        then = times[-1] if last else clock[0] + size
        while k < len(times) and times[k] < then:
            block_step(*chain, times[k] - clock[0], poles, weights, x, out[k])
            k += 1
        copy(half, x)
        clock[4] = max(clock[4], share(rows, x))
        while k < len(times) and times[k] == then:
            copy(x, out[k])
            k += 1
        clock[0] = then
    return True
