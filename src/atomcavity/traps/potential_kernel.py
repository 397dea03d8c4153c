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


@nb.njit(cache=True, error_model="numpy", nogil=True, inline="always")
def quintic(s, basis, at):
    """The six uniform B-splines of degree 5 that do not vanish at the place s in [0, 1] of an interval, times 120.

    They fill basis[at : at + 6], their slopes times 24 the next six.
    """
    r = 1.0 - s
    s2, r2 = s * s, r * r
    s4, r4 = s2 * s2, r2 * r2
    basis[at] = r4 * r
    basis[at + 1] = 26 - 50 * s + 20 * s2 + 20 * s2 * s - 20 * s4 + 5 * s4 * s
    basis[at + 2] = 66 - 60 * s2 + 30 * s4 - 10 * s4 * s
    basis[at + 3] = 66 - 60 * r2 + 30 * r4 - 10 * r4 * r
    basis[at + 4] = 26 - 50 * r + 20 * r2 + 20 * r2 * r - 20 * r4 + 5 * r4 * r
    basis[at + 5] = s4 * s
    basis[at + 6] = -r4
    basis[at + 7] = -10 + 8 * s + 12 * s2 - 16 * s2 * s + 5 * s4
    basis[at + 8] = -24 * s + 24 * s2 * s - 10 * s4
    basis[at + 9] = 24 * r - 24 * r2 * r + 10 * r4
    basis[at + 10] = 10 - 8 * r - 12 * r2 + 16 * r2 * r - 5 * r4
    basis[at + 11] = s4


@nb.njit(cache=True, error_model="numpy", nogil=True, inline="always")
def _noisy(weights, k, noise, a, w):
    """The weights of a light term with the noise of atom a: (relative power, shift along y (m), phase (rad))."""
    scale = 1.0 + noise[a, 0]
    w[0], w[1], w[2], w[3] = (
        scale * weights[k, 0],
        scale * weights[k, 1],
        scale * weights[k, 2],
        scale * weights[k, 3],
    )
    if noise[a, 2] != 0.0:
        cosine, sine = math.cos(noise[a, 2]), math.sin(noise[a, 2])
        w[2], w[3] = w[2] * cosine + w[3] * sine, w[3] * cosine - w[2] * sine


@nb.njit(cache=True, error_model="numpy", nogil=True, fastmath={"contract", "reassoc", "nsz"})
def _table(terms, numbers, k, tables, weights, noise, r, gone, f):
    """Four tables on one grid: numbers = (first y, 1/step, first z, 1/step)."""
    basis, w = np.empty(24), np.empty(4)
    y0, per_y, z0, per_z = numbers[k, 0], numbers[k, 1], numbers[k, 2], numbers[k, 3]
    columns, last_y, last_z = terms[k, 6] + 4, terms[k, 5] - 2, terms[k, 6] - 2
    for a in range(r.shape[0]):
        if gone[a] != 0:
            continue
        _noisy(weights, k, noise, a, w)
        w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
        u, v = (r[a, 1] - noise[a, 1] - y0) * per_y, (r[a, 2] - z0) * per_z
        i, j = min(max(int(u), 0), last_y), min(max(int(v), 0), last_z)
        quintic(u - i, basis, 0)
        quintic(v - j, basis, 12)
        first = terms[k, 4] + i * columns + j
        value, along_y, along_z = 0.0, 0.0, 0.0
        for m in range(6):
            row = first + m * columns
            total, total_z = 0.0, 0.0
            for n in range(6):
                c = (
                    w0 * tables[row + n, 0]
                    + w1 * tables[row + n, 1]
                    + w2 * tables[row + n, 2]
                    + w3 * tables[row + n, 3]
                )
                total += basis[12 + n] * c
                total_z += basis[18 + n] * c
            value += basis[m] * total
            along_y += basis[6 + m] * total
            along_z += basis[m] * total_z
        f[a, 0] += value / 14400
        f[a, 2] -= along_y * per_y / 2880
        f[a, 3] -= along_z * per_z / 2880


@nb.njit(cache=True, error_model="numpy", nogil=True, inline="always")
def gaussian(numbers, k, at, x, y, z):
    """Amplitude and logarithmic slopes of a Gaussian beam along +-z.

    numbers[k, at:] = (Re E, Im E, 1/waist^2, wavenumber, +-1, focus x, y, z)
    """
    narrow, wavenumber, sign = numbers[k, at + 2], numbers[k, at + 3], numbers[k, at + 4]
    x, y, s = x - numbers[k, at + 5], y - numbers[k, at + 6], (z - numbers[k, at + 7]) * sign
    bend = 2 * narrow / wavenumber  # 1/Rayleigh length
    inverse = 1.0 / (1.0 + (s * bend) ** 2)
    q = complex(inverse, -s * bend * inverse)
    r2 = (x * x + y * y) * narrow
    size, angle = math.exp(-r2 * q.real), wavenumber * s - r2 * q.imag
    turn = complex(size * math.cos(angle), size * math.sin(angle))
    field = complex(numbers[k, at], numbers[k, at + 1]) * q * turn
    lateral = -2 * narrow * q
    along = sign * (1j * wavenumber - 1j * bend * q * (1.0 - r2 * q))
    return field, lateral * x, lateral * y, along


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _beams(numbers, k, weights, noise, r, gone, f):
    """Two Gaussian beams t, b: numbers = (scale, overlap Re, Im, t, b).

    U = scale (w0 |t|^2 + w1 |b|^2 + 2 Re[(w2 - i w3) overlap t* b]).
    """
    w, scale = np.empty(4), numbers[k, 0]
    overlap = complex(numbers[k, 1], numbers[k, 2])
    for a in range(r.shape[0]):
        if gone[a] != 0:
            continue
        _noisy(weights, k, noise, a, w)
        x, y, z = r[a, 0], r[a, 1] - noise[a, 1], r[a, 2]
        t, tx, ty, tz = gaussian(numbers, k, 3, x, y, z)
        b, bx, by, bz = gaussian(numbers, k, 11, x, y, z)
        top = scale * w[0] * (t.real**2 + t.imag**2)
        bottom = scale * w[1] * (b.real**2 + b.imag**2)
        cross = 2 * scale * complex(w[2], -w[3]) * overlap * t.conjugate() * b
        f[a, 0] += top + bottom + cross.real
        f[a, 1] -= 2 * top * tx.real + 2 * bottom * bx.real + (cross * (tx.conjugate() + bx)).real
        f[a, 2] -= 2 * top * ty.real + 2 * bottom * by.real + (cross * (ty.conjugate() + by)).real
        f[a, 3] -= 2 * top * tz.real + 2 * bottom * bz.real + (cross * (tz.conjugate() + bz)).real


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _evanescent(numbers, k, weight, r, gone, f):
    """numbers = (U_0, 1/l, 1/b, 1/w): U_0 [e^{-z/l} cos(y/b) e^{-y^2/w^2}]^2."""
    size, decay, period, narrow = weight * numbers[k, 0], numbers[k, 1], numbers[k, 2], numbers[k, 3] ** 2
    for a in range(r.shape[0]):
        if gone[a] == 0:
            y, z = r[a, 1], r[a, 2]
            lobe = math.cos(y * period)
            profile = size * math.exp(-2 * z * decay - 2 * y * y * narrow)
            u = profile * lobe * lobe
            f[a, 0] += u
            f[a, 2] += u * 4 * y * narrow + 2 * profile * lobe * math.sin(y * period) * period
            f[a, 3] += 2 * u * decay


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _surface(numbers, k, weight, r, gone, f):
    """numbers = (A, a, b, offset, half width, 1/edge): -A/[d^3 (a d + b)] times a logistic window, d = z - offset."""
    sharp = numbers[k, 5]
    for a in range(r.shape[0]):
        if gone[a] == 0:
            y, d = r[a, 1], r[a, 2] - numbers[k, 3]
            rest = numbers[k, 1] * d + numbers[k, 2]
            u = -weight * numbers[k, 0] / (d * d * d * rest)
            window, change = 1.0, 0.0
            if sharp > 0:
                e = math.exp(min((abs(y) - numbers[k, 4]) * sharp, 300.0))
                window = 1.0 / (1.0 + e)
                change = -sharp * e * window * window * (1.0 if y > 0 else -1.0)
            f[a, 0] += u * window
            f[a, 2] -= u * change
            f[a, 3] += u * window * (3 / d + numbers[k, 1] / rest)


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _polynomial(numbers, k, weight, kind, r, gone, f):
    """SLOPE: numbers . r.  HARMONIC: the sum of numbers_i (r_i - numbers_{3+i})^2/2."""
    for a in range(r.shape[0]):
        if gone[a] == 0:
            for j in range(3):
                push = -weight * numbers[k, j]
                if kind == SLOPE:
                    f[a, 0] -= push * r[a, j]
                else:
                    push *= r[a, j] - numbers[k, 3 + j]
                    f[a, 0] -= push * (r[a, j] - numbers[k, 3 + j]) / 2
                f[a, 1 + j] += push


@nb.njit(cache=True, error_model="numpy", nogil=True)
def act(terms, numbers, tables, weights, noise, r, gone, f):
    """f (atom, 4) = (U, F_x, F_y, F_z) in J and N of atoms at r (atom, 3), but for those gone; one term after the other."""
    f[:] = 0.0
    for k in range(terms.shape[0]):
        kind = terms[k, 0]
        if kind == TABLE:
            _table(terms, numbers, k, tables, weights, noise, r, gone, f)
        elif kind == BEAMS:
            _beams(numbers, k, weights, noise, r, gone, f)
        elif kind == EVANESCENT:
            _evanescent(numbers, k, weights[k, 0], r, gone, f)
        elif kind == SURFACE:
            _surface(numbers, k, weights[k, 0], r, gone, f)
        else:
            _polynomial(numbers, k, weights[k, 0], kind, r, gone, f)


@nb.njit(cache=True, error_model="numpy", nogil=True)
def steepness(terms, numbers, weights, y, z):
    """Bound of |d^2U/dz^2| (J/m^2) of the terms that rise towards a surface, at least 2 nm off it."""
    total = 0.0
    for k in range(terms.shape[0]):
        if terms[k, 0] == EVANESCENT:
            decay, narrow = numbers[k, 1], numbers[k, 3]
            size = math.exp(-2 * z * decay - 2 * (y * narrow) ** 2)
            total += abs(weights[k, 0] * numbers[k, 0]) * size * 4 * decay**2
        elif terms[k, 0] == SURFACE:
            d = max(z - numbers[k, 3], 2e-9)
            window = 1.0
            if numbers[k, 5] > 0:
                window = 1.0 / (1.0 + math.exp(min((abs(y) - numbers[k, 4]) * numbers[k, 5], 300.0)))
            part = abs(weights[k, 0] * numbers[k, 0]) / (d**5 * (numbers[k, 1] * d + numbers[k, 2]))
            total += 20 * part * window
    return total


@nb.njit(cache=True, error_model="numpy", nogil=True)
def forces(terms, numbers, tables, starts, coefficients, t, r, f):
    """Fill f (point, 4) at places r (point, 3) at one time."""
    weights = np.zeros((terms.shape[0], 4))
    weigh(terms, starts, coefficients, t, weights)
    gone = np.zeros(r.shape[0], np.int8)
    act(terms, numbers, tables, weights, np.zeros((r.shape[0], 3)), r, gone, f)
