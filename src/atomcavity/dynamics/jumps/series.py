"""The state between two jumps as a Taylor series: psi(x h) = sum_k x^k v_k, v_k = (h A)^k psi/k!.

Vectors have `MARGIN` zeros before and behind the state and a length that is a multiple of four, so that four
rows are handled at once.  The generator's elements are stored either four rows at a time, with the column of
the first row (lanes = 4, where neighbouring rows have neighbouring columns), or row by row (lanes = 1).

numba's cache knows of changes in the file of a function only: after an edit here remove the compiled
`jumps.kernel` (`__pycache__/*.nbi`), which contains these functions.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numba as nb
import numpy as np
from numba.core import config

TERMS = 60
REACH = 5.0  # largest ||A|| h of one Taylor step
SMALL = 1e-17  # squared norm of the last Taylor term, relative to the state
CLOSE = 2e-5  # ||A|| times the time over which a state is moved on to first order
MARGIN = 4
FAST = {"contract", "reassoc"}
LANEWISE = {"contract", "nsz"}  # sums must not be taken apart: gathering is slower than four neighbours


@nb.njit(cache=True, fastmath=FAST)
def _rows(dim, diagonal, pointers, columns, values, factor, v, k):
    """v[k] = factor A v[k - 1], row by row."""
    margin = np.uint64(MARGIN)
    for i in range(np.uint64(dim)):
        total = diagonal[i] * v[k - 1, i + margin]
        for p in range(np.uint64(pointers[i]), np.uint64(pointers[i + np.uint64(1)])):
            total += values[p] * v[k - 1, columns[p]]
        v[k, i + margin] = factor * total


@nb.njit(cache=True, fastmath=LANEWISE)
def _lanes(dim, diagonal, pointers, columns, values, factor, v, k):
    """v[k] = factor A v[k - 1], four rows at a time."""
    one, two, three, four = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
    new = np.uint64(k)
    old = new - one
    for r in range(np.uint64(dim) // four):
        i = four * r
        j = i + four
        t0 = diagonal[i] * v[old, j]
        t1 = diagonal[i + one] * v[old, j + one]
        t2 = diagonal[i + two] * v[old, j + two]
        t3 = diagonal[i + three] * v[old, j + three]
        for p in range(np.uint64(pointers[r]), np.uint64(pointers[r + one])):
            c = np.uint64(columns[p])
            q = four * p
            t0 += values[q] * v[old, c]
            t1 += values[q + one] * v[old, c + one]
            t2 += values[q + two] * v[old, c + two]
            t3 += values[q + three] * v[old, c + three]
        v[new, j] = factor * t0
        v[new, j + one] = factor * t1
        v[new, j + two] = factor * t2
        v[new, j + three] = factor * t3


@nb.njit(cache=True, fastmath=LANEWISE)
def _sum(dim, v, terms, x, psi):
    """psi = sum_k x^k v_k, four places at a time."""
    one, two, three, four = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
    last = np.uint64(terms - 1)
    for r in range(np.uint64(dim) // four):
        i = four * r
        j = i + four
        t0, t1, t2, t3 = v[last, j], v[last, j + one], v[last, j + two], v[last, j + three]
        for m in range(last):
            k = last - one - m
            t0 = t0 * x + v[k, j]
            t1 = t1 * x + v[k, j + one]
            t2 = t2 * x + v[k, j + two]
            t3 = t3 * x + v[k, j + three]
        psi[i] = t0
        psi[i + one] = t1
        psi[i + two] = t2
        psi[i + three] = t3


@cache
def prepare(real: bool) -> None:
    """Compile the loops over four neighbours so that equal operations on them become one vector instruction.

    (LLVM's "superword-level parallelism", which numba leaves out unless it is asked for.)  To be called before
    the trajectories are compiled, for real or complex amplitudes.
    """
    kind = nb.float64 if real else nb.complex128
    settings: Any = config
    before = settings.SLP_VECTORIZE
    settings.SLP_VECTORIZE = 1
    try:
        numbers, table = kind[::1], kind[:, ::1]
        _lanes.compile(
            (nb.int64, numbers, nb.int64[::1], nb.uint32[::1], numbers, nb.float64, table, nb.int64)
        )
        _sum.compile((nb.int64, table, nb.int64, nb.float64, numbers))
    finally:
        settings.SLP_VECTORIZE = before


@nb.njit(cache=True)
def apply(dim, generator, factor, v, k):
    """v[k] = factor A v[k - 1]."""
    lanes, diagonal, pointers, columns, values = generator
    if lanes == 4:
        _lanes(dim, diagonal, pointers, columns, values, factor, v, k)
    else:
        _rows(dim, diagonal, pointers, columns, values, factor, v, k)


@nb.njit(cache=True, fastmath=FAST)
def _square(dim, v, k):
    size = 0.0
    for i in range(np.uint64(MARGIN), np.uint64(dim + MARGIN)):
        size += v[k, i].real * v[k, i].real + v[k, i].imag * v[k, i].imag
    return size


@nb.njit(cache=True)
def expand(dim, generator, h, reach, v):
    """Taylor vectors v[1], v[2], ... of exp(A h) v[0], ||A|| h <= reach; returns how many there are."""
    for k in range(1, TERMS):
        apply(dim, generator, h / k, v, k)
        # from here on each term is at most half the one before: the rest is smaller than this one
        if k >= 2 * reach and _square(dim, v, k) < SMALL:
            return k + 1
    return TERMS


@nb.njit(cache=True, fastmath=FAST)
def evaluate(dim, rate, v, terms, x, psi):
    """psi = sum_k x^k v_k; returns its squared norm and the sum of its decay rates."""
    _sum(dim, v, terms, x, psi)
    norm = 0.0
    loss = 0.0
    for i in range(dim):
        p = psi[i].real * psi[i].real + psi[i].imag * psi[i].imag
        norm += p
        loss += rate[i] * p
    return norm, loss


@nb.njit(cache=True)
def _inside(remain, start, drop, end):
    """x at which the cubic through 0 and drop, with slopes `start` and `end`, reaches `remain` (a few Newton steps)."""
    b = 3.0 * drop - 2.0 * start - end
    c = start + end - 2.0 * drop
    x = remain / drop
    for _ in range(4):
        slope = start + x * (2.0 * b + 3.0 * c * x)
        if slope <= 0.0:
            return remain / drop
        x -= (x * (start + x * (b + c * x)) - remain) / slope
    return x if 0.0 < x < 1.0 else remain / drop


@nb.njit(cache=True)
def root(dim, rate, v, terms, step, remain, ends, psi):
    """x at which -ln|psi(x h)|^2 = remain, and psi at a place `move` before it, x - move.

    By Newton's method kept inside a bracket.  step  (h, shift, ||A||); ends  slope at 0, value and slope at 1
    """
    h, shift, reach = step
    low, high = 0.0, 1.0
    x = min(max(_inside(remain, ends[0], ends[1], ends[2]), 1e-6), 1.0 - 1e-6)
    for _ in range(100):
        norm, loss = evaluate(dim, rate, v, terms, x, psi)
        miss = -2.0 * shift * x * h - np.log(norm) - remain
        if miss > 0:
            high = x
        else:
            low = x
        slope = h * loss / norm
        move = -miss / slope if slope > 0 else 2.0
        if low < x + move < high and abs(move) * h * reach <= CLOSE:
            return x + move, move
        if high - low < 1e-15:
            return x, 0.0
        x = x + move if low < x + move < high else 0.5 * (low + high)
    return x, 0.0


@nb.njit(cache=True)
def moved(dim, generator, rate, time, psi, v):
    """psi after a short time, to first order, with its squared norm and decay rates; v is overwritten."""
    for i in range(dim):
        v[0, i + MARGIN] = psi[i]
    if time != 0.0:
        apply(dim, generator, time, v, 1)
        for i in range(MARGIN, dim + MARGIN):
            v[0, i] += v[1, i]
    return evaluate(dim, rate, v, 1, 0.0, psi)
