"""Compiled recursions of the Dicke ladder: steps in time, and spectra with their derivatives.

Divisions follow IEEE (`error_model`): a check for zero at each of them would keep the loops over BLOCK from being
vectorised, and so would a BLOCK small enough to be unrolled.
"""

from __future__ import annotations

import numba as nb
import numpy as np

BLOCK = 16  # frequencies, or times, that share one pass over the ladder


@nb.njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def step(loss, feed, real, h, poles, weights, x, out):
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
        out[k] = complex(total_re, 0.0 if real else total_im)


@nb.njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def fan(loss, feed, real, half, sizes, poles, weights, x, middle, out):
    """The states at each of many `sizes` after the state x, those later than `half` by a `step` from the `middle` there.

    out  (size, level, part): the real parts, and the imaginary ones unless `real`
    """
    count = len(poles)
    re, im = np.empty((count, BLOCK)), np.empty((count, BLOCK))
    h, total_re, total_im = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    early, late = np.empty(BLOCK), np.empty(BLOCK)
    for first in range(0, len(sizes), BLOCK):
        lanes = min(BLOCK, len(sizes) - first)
        for b in range(BLOCK):
            size = sizes[first + min(b, lanes - 1)]
            late[b] = size > half
            early[b] = 1.0 - late[b]
            h[b] = size - late[b] * half
        re[:], im[:] = 0.0, 0.0
        for k in range(len(x)):
            f, lr, li = feed[k], loss[k].real, loss[k].imag
            xr, xi, mr, mi = x[k].real, x[k].imag, middle[k].real, middle[k].imag
            total_re[:], total_im[:] = 0.0, 0.0
            for j in range(count):
                pr, pi, wr, wi = poles[j].real, poles[j].imag, weights[j].real, weights[j].imag
                for b in range(BLOCK):
                    nr = h[b] * f * re[j, b] - early[b] * xr - late[b] * mr
                    ni = h[b] * f * im[j, b] - early[b] * xi - late[b] * mi
                    dr, di = h[b] * lr + pr, h[b] * li + pi
                    scale = 1.0 / (dr * dr + di * di)
                    yr, yi = (nr * dr + ni * di) * scale, (ni * dr - nr * di) * scale
                    re[j, b], im[j, b] = yr, yi
                    total_re[b] += wr * yr - wi * yi
                    total_im[b] += wr * yi + wi * yr
            for b in range(lanes):
                out[first + b, k, 0] = total_re[b]
                if not real:
                    out[first + b, k, 1] = total_im[b]


@nb.njit(cache=True, error_model="numpy")
def note(x, real, row):
    """The state x in one row (level, part) of `march`."""
    for k in range(len(x)):
        row[k, 0] = x[k].real
        if not real:
            row[k, 1] = x[k].imag


@nb.njit(cache=True, error_model="numpy")
def distance(norm, one, other):
    """sum_k norm_k |one_k - other_k|, with |z| = |Re z| + |Im z|."""
    total = 0.0
    for k in range(len(norm)):
        z = one[k] - other[k]
        total += norm[k] * (abs(z.real) + abs(z.imag))
    return total


@nb.njit(cache=True, error_model="numpy")
def judge(clock, size, last, wrong, tolerance, order, most):
    """Whether a step of `size` with the error `wrong` counts (1), must be repeated smaller (0), or none will do (-1).

    clock holds the time, the size of the next step, the summed error and the number of steps; all but the time
    are brought up to date.
    """
    clock[3] += 1
    if not wrong < np.inf or clock[3] > most:
        return -1
    change = min(4.0, max(0.2, 0.9 * (tolerance / max(wrong, 1e-300)) ** (1 / (order + 1))))
    if wrong > tolerance:
        clock[1] = size * min(change, 0.7)
        return 0
    clock[1] = max(clock[1], size * change) if last else size * change
    clock[2] += wrong
    return 1


@nb.njit(cache=True, error_model="numpy")
def march(loss, feed, real, poles, weights, norm, tolerance, most, x, clock, times, out):
    """The chain from x at clock[0] to the last of the times, with its state at all of them in out (time, level, part), as `fan`.

    Steps of adapted size, each compared with two halves; times inside a step are reached from its start or middle.
    `most` steps are allowed (see `judge`).  Returns whether all times were reached.
    """
    order = 2 * (len(poles) * 2 - 1 if real else len(poles)) - 1
    whole, part, half = np.empty_like(x), np.empty_like(x), np.empty_like(x)
    k = 0
    while k < len(times) and times[k] <= clock[0]:
        note(x, real, out[k])
        k += 1
    while k < len(times):
        left = times[-1] - clock[0]
        last = clock[1] >= left * (1 - 1e-9)
        size = left if last else clock[1]
        step(loss, feed, real, size, poles, weights, x, whole)
        step(loss, feed, real, size / 2, poles, weights, x, part)
        step(loss, feed, real, size / 2, poles, weights, part, half)
        wrong = distance(norm, half, whole) / (2.0**order - 1)
        verdict = judge(clock, size, last, wrong, tolerance, order, most)
        if verdict < 0:
            return False
        if verdict == 0:
            continue
        then = times[-1] if last else clock[0] + size
        inside = k
        while k < len(times) and times[k] < then:
            k += 1
        sizes = times[inside:k] - clock[0]
        fan(loss, feed, real, size / 2, sizes, poles, weights, x, part, out[inside:k])
        x[:] = half
        while k < len(times) and times[k] == then:
            note(x, real, out[k])
            k += 1
        clock[0] = then
    return True


@nb.njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
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


@nb.njit(cache=True, error_model="numpy")
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


@nb.njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def lines(numbers, ratios, y, out):
    """out = the density of inverted emitters and its first two derivatives, (3, pulse), of many pulses.

    Each pulse has its own number N, place of the levels ratio (N - 2 - 2k) and frequency y, as in `derivatives`.
    """
    n, r, at = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    a, b, a1, b1 = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    a2, b2 = np.empty(BLOCK), np.empty(BLOCK)
    s, s1, s2 = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    for first in range(0, len(numbers), BLOCK):
        count = min(BLOCK, len(numbers) - first)
        for j in range(BLOCK):
            i = first + min(j, count - 1)
            n[j], r[j], at[j] = numbers[i], ratios[i], y[i]
            a[j] = b[j] = a1[j] = b1[j] = a2[j] = b2[j] = s[j] = s1[j] = s2[j] = 0.0
        for k in range(int(n.max())):
            for j in range(BLOCK):
                here = 1.0 if k < n[j] else 0.0
                d = here * (n[j] - k) * (k + 1.0)
                w = d + 0.5 * n[j] - k - 1.0 if k < n[j] else 1.0
                p = r[j] * (n[j] - 2.0 - 2.0 * k) - at[j]
                scale = 1.0 / (w * w + p * p)
                x, z = w * scale, -p * scale
                c, e = here + d * a[j], d * b[j]
                a[j], b[j] = c * x - e * z, c * z + e * x
                c, e = d * a1[j] - b[j], d * b1[j] + a[j]
                a1[j], b1[j] = c * x - e * z, c * z + e * x
                c, e = d * a2[j] - 2.0 * b1[j], d * b2[j] + 2.0 * a1[j]
                a2[j], b2[j] = c * x - e * z, c * z + e * x
                s[j] += here * a[j]
                s1[j] += here * a1[j]
                s2[j] += here * a2[j]
        for j in range(count):
            out[0, first + j], out[1, first + j], out[2, first + j] = 2 * s[j], 2 * s1[j], 2 * s2[j]
