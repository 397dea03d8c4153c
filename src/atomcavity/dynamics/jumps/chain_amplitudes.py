"""Amplitudes of the local jumps of N identical two-level emitters between the ladders |J, M>, compiled.

Chase and Geremia, Phys. Rev. A 78, 052101 (2008); Shammah et al., Phys. Rev. A 98, 063815 (2018).
"""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True)
def local_square(half, j, m, change, charge):
    """Squared amplitude of |J, M> -> |J + change, M + charge> at unit rate; half = N/2.

    charge -1: sum_u sigma_u^-, +1: sum_u sigma_u^+, 0: sum_u sigma_z,u (each emitter its own jump).
    """
    if charge > 0:
        m = -m
    if change == 0:
        if j == 0.0:
            return 0.0
        if charge == 0:
            return m * m * 2.0 * (1.0 + half) / (j * (j + 1.0))
        return (1.0 + half) * (j + m) * (j - m + 1.0) / (2.0 * j * (j + 1.0))
    if change < 0:
        if j < 1.0:
            return 0.0
        pair = 4.0 * (j + m) * (j - m) if charge == 0 else (j + m) * (j + m - 1.0)
        return max(pair, 0.0) * (j + 1.0 + half) / (2.0 * j * (2.0 * j + 1.0))
    pair = 4.0 * (j + m + 1.0) * (j - m + 1.0) if charge == 0 else (j - m + 1.0) * (j - m + 2.0)
    return pair * (half - j) / (2.0 * (j + 1.0) * (2.0 * j + 1.0))


@nb.njit(cache=True)
def ladder_amplitudes(number, twice_j, change, charge):
    """Amplitudes of a whole ladder, shape (2J + 1,); the sign is that of M for sigma_z and change 0."""
    half, j = 0.5 * number, 0.5 * twice_j
    out = np.empty(twice_j + 1)
    for k in range(twice_j + 1):
        m = k - j
        out[k] = np.sqrt(local_square(half, j, m, change, charge))
        if charge == 0 and change == 0 and m < 0.0:
            out[k] = -out[k]
    return out
