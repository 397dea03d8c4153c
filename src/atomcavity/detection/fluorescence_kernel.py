"""Compiled: quantum jumps of a few driven atoms that share the modes of a bad cavity, in steps of constant couplings.

The state has 2^N amplitudes; bit j of a place is set where atom j is excited.  Within a step exp(A T/2^m) is known for all m
from a Taylor series and squares of it: a jump is looked for from large to small pieces and then as a root of the series.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from atomcavity.dynamics.jumps.kernel import uniform

COUPLING, TURN, ENERGY, PUSH = range(4)  # rows of the coefficients of a step

SMALL = 1 / 16  # ||A|| times the smallest piece
ORDER = 6  # of its series: an error of SMALL^7/7! = 7e-13


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _coefficients(law, who, k, gamma, both, c):
    """g, exp(i phi), -gamma/2 - i delta and -i Omega exp(i theta)/2 of the atoms `who`, in the middle of step k."""
    for i in range(len(who)):
        j = who[i]
        shift, drive = (law[1, j, k] + law[1, j, k + 1]) / 2, (law[2, j, k] + law[2, j, k + 1]) / 2
        angle, turn = (law[3, j, k] + law[3, j, k + 1]) / 2, (law[4, j, k] + law[4, j, k + 1]) / 2
        c[COUPLING, i] = (law[0, j, k] + law[0, j, k + 1]) / 2
        c[ENERGY, i] = complex(-gamma / 2, -shift)
        c[PUSH, i] = drive / 2 * complex(math.sin(angle), -math.cos(angle))
        if both:
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
def _norm(psi, size):
    total = 0.0
    for s in range(size):
        total += psi[s].real ** 2 + psi[s].imag ** 2
    return total


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _generator(c, atoms, mix, both, fields, work, out):
    """A = -i H_eff, column by column; returns a bound of its norm."""
    size = 1 << atoms
    for column in range(size):
        work[0, :size] = 0
        work[0, column] = 1
        _slope(work[0], c, atoms, mix, both, fields, work[1])
        out[:size, column] = work[1, :size]
    rows, columns = 0.0, 0.0
    for i in range(size):
        rows = max(rows, np.abs(out[i, :size]).sum())
        columns = max(columns, np.abs(out[:size, i]).sum())
    return math.sqrt(rows * columns)


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _times(a, b, size, out):
    for i in range(size):
        for j in range(size):
            out[i, j] = 0
        for k in range(size):
            factor = a[i, k]
            for j in range(size):
                out[i, j] += factor * b[k, j]


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _apply(a, psi, size, out):
    for i in range(size):
        total = 0j
        for j in range(size):
            total += a[i, j] * psi[j]
        out[i] = total


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _powers(a, size, piece, levels, powers):
    """powers[m] = exp(A 2^(levels - m) piece): the last from Horner's form of its series, the others as squares."""
    last, spare = powers[levels], np.empty((size, size), np.complex128)
    for i in range(size):
        for j in range(size):
            last[i, j] = a[i, j] * (piece / ORDER)
        last[i, i] += 1
    for order in range(ORDER - 1, 0, -1):
        _times(a, last, size, spare)
        for i in range(size):
            for j in range(size):
                last[i, j] = spare[i, j] * (piece / order)
            last[i, i] += 1
    for m in range(levels - 1, -1, -1):
        _times(powers[m + 1], powers[m + 1], size, powers[m])


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _root(a, psi, size, longest, level, terms, found):
    """The time up to `longest` at which |exp(A t) psi|^2 falls to `level`, by Newton's steps inside a bracket; -1: later.

    `found` is the state there, or after `longest`.
    """
    terms[0, :size] = psi[:size]
    for n in range(ORDER):
        _apply(a, terms[n], size, terms[n + 1])
        for i in range(size):
            terms[n + 1, i] /= n + 1
    low, high, at = 0.0, longest, longest
    for _ in range(60):
        norm, slope = 0.0, 0.0
        for i in range(size):
            value, rise = terms[ORDER, i], 0j
            for n in range(ORDER - 1, -1, -1):
                rise = rise * at + value
                value = value * at + terms[n, i]
            found[i] = value
            norm += value.real**2 + value.imag**2
            slope += 2 * (value.real * rise.real + value.imag * rise.imag)
        if at == longest and norm > level:
            return -1.0
        if norm > level:
            low = at
        else:
            high = at
        if abs(norm - level) < 1e-13 * level or high - low < 1e-15 * longest:
            break
        at += (level - norm) / slope
        if not low < at < high:
            at = (low + high) / 2
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
    """An atom that is gone: whether it was excited is drawn, and psi is that of the others; returns the norm that was."""
    size, excited = 1 << atoms, 0.0
    norm = _norm(psi, size)
    for s in range(size):
        if s >> j & 1:
            excited += psi[s].real ** 2 + psi[s].imag ** 2
    bit = 1 if uniform(state) * norm <= excited else 0
    low = (1 << j) - 1
    for s in range(size >> 1):  # ascending, and never written before it is read
        psi[s] = psi[(s & ~low) << 1 | bit << j | (s & low)]
    _normalise(psi, size >> 1)
    return norm


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
def _search(a, powers, levels, length, left, level, size, psi, trial, terms):
    """Follow `psi` until |psi|^2 = `level` or for the time `left`; returns what is left then, -1 for nothing: no jump.

    `trial` is the state at the jump.
    """
    piece = length
    for m in range(levels + 1):
        while piece <= left:
            _apply(powers[m], psi, size, trial)
            if _norm(trial, size) <= level:
                break
            psi[:size] = trial[:size]
            left -= piece
        if m < levels:
            piece /= 2
    reach = min(piece, left)
    if reach <= 0:
        return -1.0
    taken = _root(a, psi, size, reach, level, terms, trial)
    if taken < 0:
        psi[:size] = trial[:size]
        return -1.0
    return left - taken


@nb.njit(cache=True, error_model="numpy", nogil=True)
def scatter(axis, law, last, gamma, kappa, mix, both, port, share, split, dark, state):
    """Times and channels of the clicks of one run.

    law     (row, atom, time): g, atom minus drive, Rabi frequency, its phase, that of the second mode
    last    (atom,): the place in time from which an atom is gone
    mix     the inverse of the two modes' matrix, its diagonal and its other element
    port, share, split  mode that is looked at, probability that its photon is counted and that the first detector does
    """
    times, channels = [0.0 for _ in range(0)], [0 for _ in range(0)]
    who = np.arange(law.shape[1])
    size = 1 << len(who)
    psi, work = np.zeros(size, np.complex128), np.zeros((2, size), np.complex128)
    terms, fields = np.zeros((ORDER + 1, size), np.complex128), np.zeros((2, size), np.complex128)
    a, powers = np.zeros((size, size), np.complex128), np.zeros((1, size, size), np.complex128)
    c = np.zeros((4, len(who)), np.complex128)
    psi[0] = 1
    level = uniform(state)  # of the norm at the next jump
    for k in range(len(axis) - 1):
        for i in range(len(who) - 1, -1, -1):
            if last[who[i]] <= k:
                level /= _forget(state, psi, len(who), i)
                who = np.concatenate((who[:i], who[i + 1 :]))
        atoms = len(who)
        if atoms == 0:
            break
        size = 1 << atoms
        length = axis[k + 1] - axis[k]
        _coefficients(law, who, k, gamma, both, c)
        bound = _generator(c, atoms, mix, both, fields, work, a)
        levels = max(0, math.ceil(math.log2(bound * length / SMALL)))
        if levels >= len(powers):
            powers = np.zeros((levels + 1, len(psi), len(psi)), np.complex128)
        _powers(a, size, length / 2.0**levels, levels, powers)
        left = length
        while left > 0:
            left = _search(a, powers, levels, length, left, level, size, psi, work[0], terms)
            if left < 0:
                break
            mode = _jump(state, work[0], psi, c, atoms, (gamma, mix, both), kappa, fields)
            if mode == port and uniform(state) <= share:
                times.append(axis[k + 1] - left)
                channels.append(0 if uniform(state) <= split else 1)
            level = uniform(state)
    for channel in range(2):
        _dark(state, dark, axis[-1], channel, times, channels)
    found, labels = np.array(times, dtype=np.float64), np.array(channels, dtype=np.int64)
    order = np.argsort(found, kind="mergesort")
    return found[order], labels[order]
