"""Energies and forces of a sum of c_k(t) f_k(r) in compiled code; see `potential.Potential` for the terms.

A term is a row of integers (kind, law of the power, law of the second power, law of the phase, first row of its table,
points along y, points along z) and a row of numbers.  Weights (term, 4) hold the c_k at one time.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

TABLE, BEAMS, EVANESCENT, SURFACE, SLOPE, HARMONIC = range(6)


@nb.njit(cache=True, error_model="numpy", nogil=True)
def law(starts, coefficients, row, t):
    """Value of a time law."""
    piece = 0
    while piece + 1 < starts.shape[1] and starts[row, piece + 1] <= t:
        piece += 1
    since = t - starts[row, piece]
    value = 0.0
    for j in range(coefficients.shape[2] - 1, -1, -1):
        value = value * since + coefficients[row, piece, j]
    return value


@nb.njit(cache=True, error_model="numpy", nogil=True)
def weigh(terms, starts, coefficients, t, weights):
    """The c_k(t): of two beams P_t, P_b and sqrt(P_t P_b) (cos phi, -sin phi); of others the power."""
    for k in range(terms.shape[0]):
        first = law(starts, coefficients, terms[k, 1], t)
        weights[k, 0] = first
        if terms[k, 0] <= BEAMS:
            second = law(starts, coefficients, terms[k, 2], t)
            phase = law(starts, coefficients, terms[k, 3], t)
            both = math.sqrt(max(first * second, 0.0))
            weights[k, 1] = second
            weights[k, 2] = both * math.cos(phase)
            weights[k, 3] = -both * math.sin(phase)


@nb.njit(cache=True, error_model="numpy", nogil=True)
def quintic(s, value, slope):
    """The six uniform B-splines of degree 5 that do not vanish at the place s in [0, 1] of an interval, and their slopes."""
    r = 1.0 - s
    s2, r2 = s * s, r * r
    s4, r4 = s2 * s2, r2 * r2
    value[0] = r4 * r / 120
    value[5] = s4 * s / 120
    value[1] = (26 - 50 * s + 20 * s2 + 20 * s2 * s - 20 * s4 + 5 * s4 * s) / 120
    value[2] = (66 - 60 * s2 + 30 * s4 - 10 * s4 * s) / 120
    value[3] = (66 - 60 * r2 + 30 * r4 - 10 * r4 * r) / 120
    value[4] = (26 - 50 * r + 20 * r2 + 20 * r2 * r - 20 * r4 + 5 * r4 * r) / 120
    slope[0] = -r4 / 24
    slope[5] = s4 / 24
    slope[1] = (-50 + 40 * s + 60 * s2 - 80 * s2 * s + 25 * s4) / 120
    slope[2] = (-120 * s + 120 * s2 * s - 50 * s4) / 120
    slope[3] = (120 * r - 120 * r2 * r + 50 * r4) / 120
    slope[4] = (50 - 40 * r - 60 * r2 + 80 * r2 * r - 25 * r4) / 120


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _table(term, p, tables, w0, w1, w2, w3, y, z, out):
    """Four tables on one grid: p = (first y, 1/step, first z, 1/step)."""
    by, dy = np.empty(6), np.empty(6)
    bz, dz = np.empty(6), np.empty(6)
    u, v = (y - p[0]) * p[1], (z - p[2]) * p[3]
    i = min(max(int(u), 0), term[5] - 2)
    j = min(max(int(v), 0), term[6] - 2)
    quintic(u - i, by, dy)
    quintic(v - j, bz, dz)
    columns = term[6] + 4
    value, along_y, along_z = 0.0, 0.0, 0.0
    for a in range(6):
        row = term[4] + (i + a) * columns + j
        total, total_z = 0.0, 0.0
        for b in range(6):
            c = (
                w0 * tables[row + b, 0]
                + w1 * tables[row + b, 1]
                + w2 * tables[row + b, 2]
                + w3 * tables[row + b, 3]
            )
            total += bz[b] * c
            total_z += dz[b] * c
        value += by[a] * total
        along_y += dy[a] * total
        along_z += by[a] * total_z
    out[0] += value
    out[2] -= along_y * p[1]
    out[3] -= along_z * p[3]


@nb.njit(cache=True, error_model="numpy", nogil=True)
def gaussian(p, x, y, z):
    """Amplitude and logarithmic slopes of a Gaussian beam along +-z; p = (Re E, Im E, 1/waist^2, k, +-1, focus x, y, z)."""
    x, y, s = x - p[5], y - p[6], (z - p[7]) * p[4]
    bend = 2 * p[2] / p[3]  # 1/Rayleigh length
    q = 1.0 / (1.0 + 1j * s * bend)
    r2 = (x * x + y * y) * p[2]
    field = (p[0] + 1j * p[1]) * q * np.exp(1j * p[3] * s - r2 * q)
    lateral = -2 * p[2] * q
    along = p[4] * (1j * p[3] - 1j * bend * q * (1.0 - r2 * q))
    return field, lateral * x, lateral * y, along


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _beams(p, w0, w1, w2, w3, x, y, z, out):
    """Two Gaussian beams: p = (scale, overlap Re, Im, beam, beam) and U = scale (w0 |t|^2 + w1 |b|^2 + w2 Re X + w3 Im X)."""
    t, tx, ty, tz = gaussian(p[3:11], x, y, z)
    b, bx, by, bz = gaussian(p[11:19], x, y, z)
    top, bottom = p[0] * w0 * abs(t) ** 2, p[0] * w1 * abs(b) ** 2
    cross = (
        2 * p[0] * (w2 - 1j * w3) * (p[1] + 1j * p[2]) * np.conj(t) * b
    )  # its real part is the interference
    out[0] += top + bottom + cross.real
    out[1] -= 2 * top * tx.real + 2 * bottom * bx.real + (cross * (np.conj(tx) + bx)).real
    out[2] -= 2 * top * ty.real + 2 * bottom * by.real + (cross * (np.conj(ty) + by)).real
    out[3] -= 2 * top * tz.real + 2 * bottom * bz.real + (cross * (np.conj(tz) + bz)).real


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _evanescent(p, weight, y, z, out):
    """p = (U_0, decay length of the field, period length of its cosine, width): U_0 [e^{-z/l} cos(y/b) e^{-y^2/w^2}]^2."""
    lobe = math.cos(y * p[2])
    profile = weight * p[0] * math.exp(-2 * z * p[1] - 2 * (y * p[3]) ** 2)
    u = profile * lobe * lobe
    out[0] += u
    out[2] += u * 4 * y * p[3] ** 2 + 2 * profile * lobe * math.sin(y * p[2]) * p[2]
    out[3] += 2 * u * p[1]


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _surface(p, weight, y, z, out):
    """p = (A, a, b, offset, half width, 1/edge): U = -A/[d^3 (a d + b)] times a logistic window in y, d = z - offset."""
    d = z - p[3]
    u = -weight * p[0] / (d * d * d * (p[1] * d + p[2]))
    window, change = 1.0, 0.0
    if p[5] > 0:
        e = math.exp(min((abs(y) - p[4]) * p[5], 600.0))
        window = 1.0 / (1.0 + e)
        change = -p[5] * e * window * window * (1.0 if y > 0 else -1.0)
    out[0] += u * window
    out[2] -= u * change
    out[3] += u * window * (3 / d + p[1] / (p[1] * d + p[2]))


@nb.njit(cache=True, error_model="numpy", nogil=True)
def force(terms, numbers, tables, weights, noise, x, y, z, out):
    """out = (U, F_x, F_y, F_z) in J and N; noise = (relative power, shift along y (m), phase (rad)) of light terms."""
    out[0] = 0.0
    out[1] = 0.0
    out[2] = 0.0
    out[3] = 0.0
    for k in range(terms.shape[0]):
        kind, p, w = terms[k, 0], numbers[k], weights[k]
        if kind <= BEAMS:
            scale = 1.0 + noise[0]
            w2, w3 = w[2], w[3]
            if noise[2] != 0.0:
                c, s = math.cos(noise[2]), math.sin(noise[2])
                w2, w3 = w2 * c + w3 * s, w3 * c - w2 * s
            if kind == TABLE:
                _table(
                    terms[k],
                    p,
                    tables,
                    scale * w[0],
                    scale * w[1],
                    scale * w2,
                    scale * w3,
                    y - noise[1],
                    z,
                    out,
                )
            else:
                _beams(p, scale * w[0], scale * w[1], scale * w2, scale * w3, x, y - noise[1], z, out)
        elif kind == EVANESCENT:
            _evanescent(p, w[0], y, z, out)
        elif kind == SURFACE:
            _surface(p, w[0], y, z, out)
        elif kind == SLOPE:
            out[0] += w[0] * (p[0] * x + p[1] * y + p[2] * z)
            out[1] -= w[0] * p[0]
            out[2] -= w[0] * p[1]
            out[3] -= w[0] * p[2]
        else:
            dx, dy, dz = x - p[3], y - p[4], z - p[5]
            out[0] += w[0] * (p[0] * dx * dx + p[1] * dy * dy + p[2] * dz * dz) / 2
            out[1] -= w[0] * p[0] * dx
            out[2] -= w[0] * p[1] * dy
            out[3] -= w[0] * p[2] * dz


@nb.njit(cache=True, error_model="numpy", nogil=True)
def forces(terms, numbers, tables, starts, coefficients, t, r, out):
    """Fill out (point, 4) at places r (point, 3) at one time."""
    weights = np.zeros((terms.shape[0], 4))
    weigh(terms, starts, coefficients, t, weights)
    noise = np.zeros(3)
    for n in range(r.shape[0]):
        force(terms, numbers, tables, weights, noise, r[n, 0], r[n, 1], r[n, 2], out[n])
