"""Compiled: quantum jumps of a few driven atoms that share the modes of a bad cavity, couplings linear between given times.

The state has 2^N amplitudes; bit j of a place is set where atom j is excited.  Between jumps it follows Dormand and Prince's
pair of orders 5 and 4 with a step from their difference; a jump is a root of the norm found inside the step.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from atomcavity.dynamics.jumps.kernel import uniform

COUPLING, SHIFT, DRIVE, DRIVE_PHASE, MODE_PHASE = range(5)  # rows of a law (row, atom, time)
TURN, ENERGY, PUSH = 1, 2, 3  # rows of the coefficients at one time; COUPLING is the first

_NODES = np.array([0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1])
_TABLE = np.array(
    [
        [0, 0, 0, 0, 0, 0],
        [1 / 5, 0, 0, 0, 0, 0],
        [3 / 40, 9 / 40, 0, 0, 0, 0],
        [44 / 45, -56 / 15, 32 / 9, 0, 0, 0],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0, 0],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0],
        [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
    ]
)
_ERROR = np.array(
    [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]
)  # order 5 minus order 4


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _coefficients(law, who, k, part, gamma, both, c):
    """g, exp(i phi), -gamma/2 - i delta and -i Omega exp(i theta)/2 of the atoms `who`, at `part` of the step k."""
    for i in range(len(who)):
        j = who[i]
        c[COUPLING, i] = law[0, j, k] + part * (law[0, j, k + 1] - law[0, j, k])
        shift = law[1, j, k] + part * (law[1, j, k + 1] - law[1, j, k])
        c[ENERGY, i] = complex(-gamma / 2, -shift)
        drive = law[2, j, k] + part * (law[2, j, k + 1] - law[2, j, k])
        angle = law[3, j, k] + part * (law[3, j, k + 1] - law[3, j, k])
        c[PUSH, i] = drive / 2 * complex(math.sin(angle), -math.cos(angle))
        if both:
            turn = law[4, j, k] + part * (law[4, j, k + 1] - law[4, j, k])
            c[TURN, i] = complex(math.cos(turn), math.sin(turn))


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _fields(psi, c, atoms, mix, both, fields):
    """The two modes' fields times i: mix applied to sum_j g_j sigma_j psi and sum_j g_j exp(-i phi_j) sigma_j psi."""
    for s in range(1 << atoms):
        first, second = 0j, 0j
        for j in range(atoms):
            if not s >> j & 1:
                light = c[COUPLING, j] * psi[s | 1 << j]
                first += light
                if both:
                    second += np.conj(c[TURN, j]) * light
        fields[0, s] = mix[0] * first + mix[1] * second
        fields[1, s] = mix[1] * first + mix[0] * second


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _slope(psi, c, atoms, mix, both, fields, out):
    """-i H_eff psi."""
    _fields(psi, c, atoms, mix, both, fields)
    for s in range(1 << atoms):
        total = 0j
        for j in range(atoms):
            other = s ^ 1 << j
            if s >> j & 1:
                light = fields[0, other]
                if both:
                    light += c[TURN, j] * fields[1, other]
                total += c[ENERGY, j] * psi[s] + c[PUSH, j] * psi[other] - c[COUPLING, j] * light
            else:
                total -= np.conj(c[PUSH, j]) * psi[other]
        out[s] = total


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _step(law, who, k, begin, h, length, atomic, psi, slopes, trial, c, fields):
    """From psi with slopes[0] at `begin` to `trial` with slopes[6] h later; returns the estimated error."""
    gamma, mix, both = atomic
    atoms = len(who)
    size = 1 << atoms
    for m in range(1, 7):
        for s in range(size):
            total = 0j
            for p in range(m):
                total += _TABLE[m, p] * slopes[p, s]
            trial[s] = psi[s] + h * total
        if m < 6:  # the last two are at the same time
            _coefficients(law, who, k, (begin + _NODES[m] * h) / length, gamma, both, c)
        _slope(trial, c, atoms, mix, both, fields, slopes[m])
    error = 0.0
    for s in range(size):
        total = 0j
        for m in range(7):
            total += _ERROR[m] * slopes[m, s]
        error += total.real**2 + total.imag**2
    return h * math.sqrt(error)


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _norm(psi, size):
    total = 0.0
    for s in range(size):
        total += psi[s].real ** 2 + psi[s].imag ** 2
    return total


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _root(due, law, who, k, begin, h, length, atomic, psi, slopes, trial, c, fields):
    """The part of h after which -ln |psi|^2 = due, by Newton's steps kept inside a bracket; `trial` is the state there."""
    size = 1 << len(who)
    low, high, at = 0.0, h, h
    for _ in range(60):
        norm, loss = 0.0, 0.0
        for s in range(size):
            norm += trial[s].real ** 2 + trial[s].imag ** 2
            loss -= 2 * (trial[s].real * slopes[6, s].real + trial[s].imag * slopes[6, s].imag)
        gap = -math.log(norm) - due
        if gap > 0:
            high = at
        else:
            low = at
        if abs(gap) < 1e-12 or high - low < 1e-14 * length:
            break
        at -= gap * norm / loss
        if not low < at < high:
            at = (low + high) / 2
        _step(law, who, k, begin, at, length, atomic, psi, slopes, trial, c, fields)
    return at


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _normalise(psi, size):
    factor = 1 / math.sqrt(_norm(psi, size))
    for s in range(size):
        psi[s] *= factor


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _jump(state, psi, after, c, atoms, atomic, kappa, fields):
    """Draw what happened in `psi` and write the state after it; 0 or 1: a photon left through that mode, -1: beside the ring."""
    gamma, mix, both = atomic
    size = 1 << atoms
    _fields(psi, c, atoms, mix, both, fields)
    first, second = kappa * _norm(fields[0], size), kappa * _norm(fields[1], size)
    beside = 0.0
    for s in range(size):
        weight = psi[s].real ** 2 + psi[s].imag ** 2
        for j in range(atoms):
            if s >> j & 1:
                beside += gamma * weight
    mark = uniform(state) * (first + second + beside)
    if mark <= first + second and first + second > 0:
        mode = 0 if mark <= first else 1
        after[:size] = fields[mode, :size]
        _normalise(after, size)
        return mode
    mark -= first + second
    chosen = -1
    for j in range(atoms):
        weight = 0.0
        for s in range(size):
            if s >> j & 1:
                weight += gamma * (psi[s].real ** 2 + psi[s].imag ** 2)
        if weight > 0:
            chosen = j
            if mark <= weight:
                break
            mark -= weight
    for s in range(size):
        after[s] = 0j if s >> chosen & 1 else psi[s | 1 << chosen]
    _normalise(after, size)
    return -1


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _forget(state, psi, atoms, j):
    """An atom that is gone: whether it was excited is drawn, and psi is that of the others (2^(atoms - 1))."""
    size, excited = 1 << atoms, 0.0
    for s in range(size):
        if s >> j & 1:
            excited += psi[s].real ** 2 + psi[s].imag ** 2
    bit = 1 if uniform(state) * _norm(psi, size) <= excited else 0
    low = (1 << j) - 1
    for s in range(size >> 1):  # ascending, and never written before it is read
        psi[s] = psi[(s & ~low) << 1 | bit << j | (s & low)]
    _normalise(psi, size >> 1)


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _dark(state, rate, length, channel, times, channels):
    now = 0.0
    while rate > 0:
        now -= math.log(uniform(state)) / rate
        if now >= length:
            break
        times.append(now)
        channels.append(channel)


@nb.njit(cache=True, error_model="numpy", nogil=True)
def scatter(axis, law, last, gamma, kappa, mix, both, port, share, split, dark, tolerance, state):
    """Times and channels of the clicks of one run.

    law     (row, atom, time), rows as named above; last (atom,): the place in time from which an atom is gone
    mix     the inverse of the two modes' matrix, its diagonal and its other element
    port, share, split  mode that is looked at, probability that its photon is counted and that the first detector does
    """
    times, channels = [0.0 for _ in range(0)], [0 for _ in range(0)]
    who = np.arange(law.shape[1])
    size = 1 << len(who)
    psi, trial = np.zeros(size, np.complex128), np.zeros(size, np.complex128)
    slopes, fields = np.zeros((7, size), np.complex128), np.zeros((2, size), np.complex128)
    c = np.zeros((4, len(who)), np.complex128)
    psi[0] = 1
    atomic = (gamma, mix, both)
    due, h = -math.log(uniform(state)), axis[1] - axis[0]
    fresh = True  # whether slopes[0] is to be computed
    for k in range(len(axis) - 1):
        for i in range(len(who) - 1, -1, -1):
            if last[who[i]] <= k:
                _forget(state, psi, len(who), i)
                who = np.concatenate((who[:i], who[i + 1 :]))
                fresh = True
        atoms = len(who)
        if atoms == 0:
            break
        size = 1 << atoms
        length, now = axis[k + 1] - axis[k], 0.0
        while now < length:
            if fresh:
                _coefficients(law, who, k, now / length, gamma, both, c)
                _slope(psi, c, atoms, mix, both, fields, slopes[0])
                fresh = False
            whole = length - now <= h
            part = length - now if whole else h
            error = _step(law, who, k, now, part, length, atomic, psi, slopes, trial, c, fields)
            change = min(4.0, 0.9 * (tolerance / max(error, 1e-30)) ** 0.2)
            if error > tolerance:
                h = part * max(0.2, change)
                continue
            norm = _norm(trial, size)
            if -math.log(norm) < due:
                due += math.log(norm)
                factor = 1 / math.sqrt(norm)
                for s in range(size):
                    psi[s] = trial[s] * factor
                    slopes[0, s] = slopes[6, s] * factor
                h = max(h, part * change) if whole else part * change
                now = length if whole else now + part
                continue
            now += _root(due, law, who, k, now, part, length, atomic, psi, slopes, trial, c, fields)
            mode = _jump(state, trial, psi, c, atoms, atomic, kappa, fields)
            if mode == port and uniform(state) <= share:
                times.append(axis[k] + now)
                channels.append(0 if uniform(state) <= split else 1)
            due, fresh = -math.log(uniform(state)), True
            fastest = 0.0
            for j in range(atoms):
                fastest += abs(c[ENERGY, j]) + abs(c[PUSH, j]) + abs(c[COUPLING, j] ** 2 * mix[0])
            h = min(h, 0.3 / fastest)
    for channel in range(2):
        _dark(state, dark, axis[-1], channel, times, channels)
    found, labels = np.array(times, dtype=np.float64), np.array(channels, dtype=np.int64)
    order = np.argsort(found, kind="mergesort")
    return found[order], labels[order]
