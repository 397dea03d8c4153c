"""Compiled search of the highest maximum of a pulse's spectrum and its half-maximum points, in units of Gamma.

The same answers as `centre.half_points`, fast enough for tables of thousands of lines.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from atomcavity.dynamics.dicke.kernel import density, derivatives

PER_WIDTH = 4  # samples within N Gamma in the search for maxima
REACH = 4.0  # how far it reaches over the levels' frequencies, in N Gamma
RIVALS = 0.8  # samples above this part of the highest are refined
STEPS = 80
CLOSE = 1e-12  # of N Gamma, where the iterations end


@nb.njit(cache=True)
def recursion(number, ratio):
    """Arguments of the spectral recursion of `number` inverted emitters for ratio = Delta/kappa = chi/Gamma."""
    rise, width, place = np.empty(number), np.empty(number), np.empty(number)
    for k in range(number):
        rise[k] = (number - k) * (k + 1.0)
        width[k] = (rise[k] + (number - k - 1) * (k + 2.0)) / 2
        place[k] = ratio * (number - 2.0 - 2.0 * k)
    return np.ones(number), rise, width, place


@nb.njit(cache=True)
def root(line, level, low, high, falls, close):
    """Where the density is `level` (0: where it is highest) between low and high, and the density there.

    Newton's method inside a shrinking bracket; `falls`: the function changes from positive to negative.
    """
    y, s = (low + high) / 2, 0.0
    for _ in range(STEPS):
        s, s1, s2 = derivatives(line[0], line[1], line[2], line[3], y)
        value, slope = (s1, s2) if level == 0 else (s - level, s1)
        if (value > 0) == falls:
            low = y
        else:
            high = y
        step = -value / slope if slope != 0 else np.inf
        if not low <= y + step <= high:
            step = (low + high) / 2 - y
        y += step
        if abs(step) < close:
            break
    return y, s


@nb.njit(cache=True)
def search(number, ratio, halves, out):
    """out = place of the highest of all maxima, and (if `halves`) of the half-maximum points below and above it."""
    line = recursion(number, ratio)
    side, step, close = int(np.ceil(PER_WIDTH * (abs(ratio) + REACH))), number / PER_WIDTH, CLOSE * number
    grid = (np.arange(2 * side + 1) - side) * step
    values = np.empty(len(grid))
    density(line[0], line[1], line[2], line[3], grid, values)
    top, height, best = values.max(), 0.0, 0
    for k in range(1, len(grid) - 1):
        if values[k] >= values[k - 1] and values[k] >= values[k + 1] and values[k] >= RIVALS * top:
            y, s = root(line, 0.0, grid[k - 1], grid[k + 1], True, close)
            if s > height:
                out[0], height, best = y, s, k
    if not halves:
        return
    for way in (-1, 1):
        k = best
        while 0 < k < len(grid) - 1 and (values[k] > height / 2 or way * (grid[k] - out[0]) < 0):
            k += way
        inner = grid[k - way] if way * (grid[k - way] - out[0]) > 0 else out[0]
        low, high = min(inner, grid[k]), max(inner, grid[k])
        out[(3 + way) // 2] = root(line, height / 2, low, high, way > 0, close)[0]


@nb.njit(cache=True)
def search_all(numbers, ratios, halves, out):
    """`search` of many lines, out (line, 3)."""
    for i in range(len(numbers)):
        search(numbers[i], ratios[i], halves, out[i])
