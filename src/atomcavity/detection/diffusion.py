"""Compiled: one heterodyne record of collective emission by quantum state diffusion down the Dicke ladder.

With |k> the level of k emitted photons, d_k = (N - k)(k + 1) and J^-|k> = sqrt(d_k)|k + 1>, a step h is

    psi -> D exp(sqrt(Gamma) dR^* J^-) D psi / norm,    D = exp[-(Gamma/2 - i chi) J^+ J^- h/2],
    dR = sqrt(Gamma) h (<J^->_before + <J^->_after)/2 + dZ,   E|dZ|^2 = h, E dZ^2 = 0,

where both expectation values are taken between the two D, before and after the exponential.  As E dZ^2 = 0, Ito's
and Stratonovich's rules agree and the product has no correction.  It is a symmetric splitting of strong order 1.
The exponential is a Taylor series of J^- - <J^->, which is small on a state that is narrow on the ladder.
"""

from __future__ import annotations

import numba as nb
import numpy as np

CUT = 1e-20  # part of the largest population below which the outer levels are left out: they never come back
SMALL = 1e-20  # square of the last term of the series, relative to the largest population
REACH = 3.0  # largest |change J^-| of one series
MOST_TERMS = 60


@nb.njit(cache=True, error_model="numpy")
def _lowering(root, psi, low, high):
    """<J^-> of a state on the levels low ... high - 1."""
    total, norm = 0.0 + 0.0j, 0.0
    for k in range(low, high):
        norm += psi[k].real ** 2 + psi[k].imag ** 2
        if k + 1 < high:
            total += root[k] * np.conj(psi[k + 1]) * psi[k]
    return total / norm


@nb.njit(cache=True, error_model="numpy")
def _series(root, psi, term, change, mean, low, high):
    """psi -> exp[change (J^- - mean)] psi in place by its power series, `term` is room; returns the new upper end."""
    top = len(psi)
    largest = 0.0
    for k in range(low, high):
        term[k] = psi[k]
        largest = max(largest, psi[k].real ** 2 + psi[k].imag ** 2)
    shift = -change * mean
    for j in range(1, MOST_TERMS):
        if high < top:
            term[high] = 0.0
            psi[high] = 0.0
            high += 1
        size, step, keep = 0.0, change / j, shift / j
        for k in range(high - 1, low, -1):
            new = keep * term[k] + step * root[k - 1] * term[k - 1]
            term[k] = new
            psi[k] += new
            size = max(size, new.real**2 + new.imag**2)
        term[low] *= keep
        psi[low] += term[low]
        size = max(size, term[low].real ** 2 + term[low].imag ** 2)
        if size < SMALL * largest:
            return high
    return -1


@nb.njit(cache=True, error_model="numpy")
def _applied(root, psi, term, change, mean, low, high):
    """psi -> exp[change (J^- - mean)] psi in place; returns the new ends, (-1, -1) if a series did not end.

    In equal parts, because the terms of one series would grow far above their sum: |change J^-| is some N/80.
    """
    largest = 0.0
    for k in range(low, min(high + 1, len(root))):
        largest = max(largest, root[k])
    parts = 1 + int(abs(change) * largest / REACH)
    for _ in range(parts):
        high = _series(root, psi, term, change / parts, mean, low, high)
        if high < 0:
            return -1, -1
        low, high = _trimmed(psi, low, high)
    return low, high


@nb.njit(cache=True, error_model="numpy")
def _corrected(root, psi, change, mean, low, high):
    """psi -> [1 + change (J^- - mean)] psi in place."""
    for k in range(high - 1, low, -1):
        psi[k] += change * (root[k - 1] * psi[k - 1] - mean * psi[k])
    psi[low] -= change * mean * psi[low]


@nb.njit(cache=True, error_model="numpy")
def _finished(psi, decay, low, high):
    """psi -> D psi / norm in place; returns whether the norm was a number."""
    norm = 0.0
    for k in range(low, high):
        psi[k] *= decay[k]
        norm += psi[k].real ** 2 + psi[k].imag ** 2
    if not (norm > 0.0 and norm < np.inf):
        return False
    scale = 1.0 / np.sqrt(norm)
    for k in range(low, high):
        psi[k] *= scale
    return True


@nb.njit(cache=True, error_model="numpy")
def _trimmed(psi, low, high):
    """The levels without the empty ends."""
    largest = 0.0
    for k in range(low, high):
        largest = max(largest, psi[k].real ** 2 + psi[k].imag ** 2)
    least = CUT * largest
    while high - low > 1 and psi[low].real ** 2 + psi[low].imag ** 2 < least:
        low += 1
    while high - low > 1 and psi[high - 1].real ** 2 + psi[high - 1].imag ** 2 < least:
        high -= 1
    return low, high


@nb.njit(cache=True, error_model="numpy", nogil=True)
def record(root, rate, half, lengths, kinds, counts, start, noise, offset, signal):
    """Integral of dR over each interval into `signal`, (interval,), in the frame of the reference; returns success.

    root    sqrt(d_k), (level,);  rate Gamma;  start psi_k(0)
    half    (kind, level): D of each kind of step, of the given lengths
    kinds, counts  (interval,): the kind and number of its steps
    noise   (steps of all intervals,): complex, E|.|^2 = 1
    offset  frequency of the emitters (rad/s)
    """
    psi, term = start.copy(), np.zeros_like(start)
    low, high = _trimmed(psi, 0, len(psi))
    strength = np.sqrt(rate)
    at, time = 0, 0.0
    for i in range(len(kinds)):
        h = lengths[kinds[i]]
        decay = half[kinds[i]]
        inside = np.sinc(offset * h / (2 * np.pi))
        for _ in range(counts[i]):
            for k in range(low, high):
                psi[k] *= decay[k]
            before = _lowering(root, psi, low, high)
            random = np.sqrt(h) * noise[at]
            drift = strength * h * before
            low, high = _applied(root, psi, term, strength * np.conj(drift + random), before, low, high)
            if high < 0:
                return False
            after = _lowering(root, psi, low, high)
            more = 0.5 * strength * h * (after - before)
            _corrected(root, psi, strength * np.conj(more), after, low, high)
            phase = offset * (time + h / 2)
            signal[i] += complex(np.cos(phase), -np.sin(phase)) * (inside * (drift + more) + random)
            if not _finished(psi, decay, low, high):
                return False
            low, high = _trimmed(psi, low, high)
            at += 1
            time += h
    return True
