"""Compiled recursions of the Dicke ladder: steps in time, and spectra with their derivatives."""

from __future__ import annotations

import numba as nb
import numpy as np

BLOCK = 8  # frequencies that share one pass over the ladder


@nb.njit(cache=True, fastmath={"contract", "reassoc"})
def step(loss, feed, h, poles, weights, x, out):
    """out = sum_j weights_j (h A - poles_j)^-1 x for the chain dx_k/dt = -loss_k x_k + feed_k x_(k-1)."""
    count = len(poles)
    re, im = np.zeros(count), np.zeros(count)
    for k in range(len(x)):
        f, xr, xi = h * feed[k], x[k].real, x[k].imag
        lr, li = h * loss[k].real, h * loss[k].imag
        total_re = total_im = 0.0
        for j in range(count):
            nr, ni = f * re[j] - xr, f * im[j] - xi
            dr, di = lr + poles[j].real, li + poles[j].imag
            scale = 1.0 / (dr * dr + di * di)
            yr, yi = (nr * dr + ni * di) * scale, (ni * dr - nr * di) * scale
            re[j], im[j] = yr, yi
            total_re += weights[j].real * yr - weights[j].imag * yi
            total_im += weights[j].real * yi + weights[j].imag * yr
        out[k] = complex(total_re, total_im)


@nb.njit(cache=True, fastmath={"contract", "reassoc"})
def density(start, rise, width, place, frequencies, out):
    """out = 2 Re sum_k u_k, u_k = (start_k + rise_k u_(k-1)) / (width_k + i (place_k - frequency))."""
    re, im, total = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    y = np.empty(BLOCK)
    for first in range(0, len(frequencies), BLOCK):
        count = min(BLOCK, len(frequencies) - first)
        for j in range(BLOCK):
            y[j] = frequencies[first + min(j, count - 1)]
            re[j] = im[j] = total[j] = 0.0
        for k in range(len(start)):
            s, d, w, p = start[k], rise[k], width[k], place[k]
            for j in range(BLOCK):
                nr, ni, di = s + d * re[j], d * im[j], p - y[j]
                scale = 1.0 / (w * w + di * di)
                re[j] = (nr * w + ni * di) * scale
                im[j] = (ni * w - nr * di) * scale
                total[j] += re[j]
        for j in range(count):
            out[first + j] = 2 * total[j]


@nb.njit(cache=True)
def derivatives(start, rise, width, place, y):
    """The density of `density` at one frequency y, and its first and second derivatives there."""
    u = u1 = u2 = 0j
    s = s1 = s2 = 0.0
    for k in range(len(start)):
        inverse = 1.0 / complex(width[k], place[k] - y)
        u = (start[k] + rise[k] * u) * inverse
        u1 = (rise[k] * u1 + 1j * u) * inverse
        u2 = (rise[k] * u2 + 2j * u1) * inverse
        s += u.real
        s1 += u1.real
        s2 += u2.real
    return 2 * s, 2 * s1, 2 * s2
