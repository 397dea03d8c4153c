"""Compiled quantum jumps of N identical two-level emitters and one bright mode, on the fly at any N.

Between jumps J and the number of excitations E are conserved, and the state is a vector x over s = J + M with
n = C - s photons, C = E - N/2 + J.  With |psi> = (-i)^n x its generator is tridiagonal,

    dx_s/dt = -[r_s/2 + i offset s] x_s - c_s x_{s-1} + c_{s+1} x_{s+1},   c_s = g sqrt[(C - s + 1) s (2J - s + 1)]
    r_s = kappa n + gamma e + pump (N - e) + N dephasing/2,   e = N/2 - J + s

and nothing of it is stored: only a window of s is followed, in which the state has all but `CUT` of its norm,
with `EDGE` more on either side during a step.  Steps, waiting times and their roots are those of `jumps.kernel`
and `jumps.series`.

A pair of states (`copies` = 2; Breuer, Kappler and Petruccione, Phys. Rev. A 56, 2334 (1997)) shares J and the
jumps; the second one has one photon less.

rates  (N/2, g, kappa, gamma, pump, half the dephasing rate, offset); unit  0.0 for real states, 1j for complex ones
reals  TIME, REMAIN (of -ln norm until the jump), SPIN (J);  whole  CHARGE (C), LOW, HIGH (window), SAMPLE, USED
"""

from __future__ import annotations

import numba as nb
import numpy as np

from atomcavity.dynamics.jumps.chain_amplitudes import local_square
from atomcavity.dynamics.jumps.kernel import uniform
from atomcavity.dynamics.jumps.series import FAST, MARGIN, REACH, SMALL, TERMS, evaluate, root

TIME, REMAIN, SPIN = range(3)
CHARGE, LOW, HIGH, SAMPLE, USED = range(5)
PHOTONS, PAIRS, EXCITED, PRODUCT = range(4)  # places in a sample: n, n (n - 1), excited emitters, <S+ S->
CUT = 1e-15  # part of the norm that is dropped at either end of the window
EDGE = 10
PAUSE = 20_000  # steps after which a trajectory comes back (so that it can be interrupted)


@nb.njit(cache=True)
def _generator(rates, unit, j, c, first, width, copies, matrix):
    """The tridiagonal generator on the window; returns its (padded) length, its shift and the size of the rest.

    matrix  (rate, diagonal, down, up) of copies * width entries; a second copy follows the first
    """
    half, g, kappa, gamma, pump, flips, offset = rates
    rate, diagonal, down, up = matrix
    constant = gamma * (half - j) + pump * (half + j) + flips * 2.0 * half
    middle = first + width // 2
    shift = -0.5 * (kappa * (c - middle) + constant + (gamma - pump) * middle)
    size = 0.0
    for k in range(copies):
        for i in range(width):
            s = float(first + i)
            n, p = max(c - k - s, 0.0), k * width + i
            rate[p] = kappa * n + constant + (gamma - pump) * s
            diagonal[p] = -0.5 * rate[p] - shift - unit * (offset * (s - middle))
            down[p] = -g * np.sqrt(max(c - k - s + 1.0, 0.0) * s * (2.0 * j - s + 1.0)) if i > 0 else 0.0
            up[p] = g * np.sqrt(n * (s + 1.0) * (2.0 * j - s)) if i + 1 < width else 0.0
            turn = abs(0.5 * rate[p] + shift) + abs(offset * (s - middle))
            size = max(size, turn + up[p] - down[p])
    dim = 4 * ((copies * width + 3) // 4)
    for p in range(copies * width, dim):
        rate[p], diagonal[p], down[p], up[p] = 0.0, 0.0 * unit, 0.0, 0.0
    return dim, shift, size


@nb.njit(cache=True, fastmath=FAST)
def _expand(dim, matrix, h, v):
    """Taylor vectors v[1], v[2], ... of exp(A h) v[0]; returns how many there are."""
    _, diagonal, down, up = matrix
    for k in range(1, TERMS):
        factor = h / k
        before, now = v[k - 1], v[k]
        size = 0.0
        for i in range(dim):
            p = i + MARGIN
            z = factor * (diagonal[i] * before[p] + down[i] * before[p - 1] + up[i] * before[p + 1])
            now[p] = z
            size += z.real * z.real + z.imag * z.imag
        if size == 0.0 or (size < SMALL and k >= 2 * REACH):
            return k + 1
    return TERMS


@nb.njit(cache=True)
def _observe(half, j, c, first, width, copies, state, norm, out, weights):
    """Expectation values of one state; of two the real and imaginary part of <first| a^+ |second>/norm."""
    out[:] = 0.0
    for i in range(width):
        s = float(first + i)
        n = c - s
        if copies == 2:
            z = np.conj(state[i]) * np.sqrt(max(n, 0.0)) * state[width + i] / norm
            out[0] += z.real
            out[1] += z.imag
            continue
        p = (state[i].real ** 2 + state[i].imag ** 2) / norm
        out[PHOTONS] += n * p
        out[PAIRS] += n * (n - 1.0) * p
        out[EXCITED] += (half - j + s) * p
        out[PRODUCT] += s * (2.0 * j - s + 1.0) * p
        weights[min(int(max(n, 0.0)), len(weights) - 1)] += p


@nb.njit(cache=True)
def _trim(whole, first, width, copies, state, norm, psi):
    """The normalised state in `psi` [copy, s], and its window without the ends that hold less than `CUT`."""
    low, high = 0, width - 1
    for side in range(2):
        lost = 0.0
        while low < high:
            i = low if side == 0 else high
            for k in range(copies):
                z = state[k * width + i]
                lost += z.real * z.real + z.imag * z.imag
            if lost > CUT * norm:
                break
            if side == 0:
                low += 1
            else:
                high -= 1
    scale = 1.0 / np.sqrt(norm)
    for k in range(copies):
        for i in range(low, high + 1):
            psi[k, first + i] = scale * state[k * width + i]
    whole[LOW], whole[HIGH] = first + low, first + high


@nb.njit(cache=True)
def _rates(rates, j, c, low, high, copies, psi, flow):
    """Rates of photon loss, decay, pump and dephasing of the state, into `flow`."""
    half, _, kappa, gamma, pump, flips, _ = rates
    photons, excited, norm = 0.0, 0.0, 0.0
    for k in range(copies):
        for s in range(low, high + 1):
            p = psi[k, s].real ** 2 + psi[k, s].imag ** 2
            norm += p
            excited += (half - j + s) * p
            photons += max(c - k - s, 0) * p
    flow[0], flow[1] = kappa * photons, gamma * excited
    flow[2], flow[3] = pump * (2.0 * half * norm - excited), flips * 2.0 * half * norm
    return flow[0] + flow[1] + flow[2] + flow[3]


@nb.njit(cache=True)
def _local(half, whole, reals, copies, charge, mark, psi):
    """A local jump of the change of J at which the squared amplitudes pass `mark` of their sum."""
    j, low, high = reals[SPIN], whole[LOW], whole[HIGH]
    change, part, total = -1, np.zeros(3), 0.0
    for k in range(copies):
        for s in range(low, high + 1):
            p = psi[k, s].real ** 2 + psi[k, s].imag ** 2
            for d in range(3):
                part[d] += p * local_square(half, j, s - j, d - 1, charge)
    total = part[0] + part[1] + part[2]
    mark *= total
    while change < 1 and (mark > part[change + 1] or part[change + 1] == 0.0):
        mark -= part[change + 1]
        change += 1
    while part[change + 1] == 0.0:  # rounding: beyond the last possible one
        change -= 1
    step = change + charge
    for k in range(copies):
        for i in range(high - low + 1):
            s = low + i if step <= 0 else high - i  # so that nothing is overwritten before it is read
            f = np.sqrt(local_square(half, j, s - j, change, charge))
            if change == 0 and charge == 0 and s < j:
                f = -f
            if s + step >= 0:
                psi[k, s + step] = f * psi[k, s]
    top = int(2 * (j + change))
    whole[LOW], whole[HIGH] = max(low + step, 0), min(high + step, top)
    reals[SPIN] = j + change
    whole[CHARGE] += step


@nb.njit(cache=True)
def lose_photon(whole, copies, psi):
    """a |psi>, not normalised."""
    c, low, high = whole[CHARGE], whole[LOW], whole[HIGH]
    for k in range(copies):
        for s in range(low, high + 1):
            psi[k, s] *= np.sqrt(float(max(c - k - s, 0)))
    whole[CHARGE] -= 1
    whole[HIGH] = min(high, c - 1)


@nb.njit(cache=True)
def normalise(whole, copies, psi):
    """The squared norm that the state had."""
    norm = 0.0
    for k in range(copies):
        for s in range(whole[LOW], whole[HIGH] + 1):
            norm += psi[k, s].real ** 2 + psi[k, s].imag ** 2
    for k in range(copies):
        for s in range(whole[LOW], whole[HIGH] + 1):
            psi[k, s] /= np.sqrt(norm)
    return norm


@nb.njit(cache=True)
def _jump(rates, shares, copies, reals, whole, psi, stream):
    """One quantum jump; returns its channel: the modes, then decay, pump, dephasing."""
    flow = np.zeros(4)
    total = _rates(rates, reals[SPIN], whole[CHARGE], whole[LOW], whole[HIGH], copies, psi, flow)
    mark, kind = uniform(stream) * total, 0
    while kind < 3 and (mark > flow[kind] or flow[kind] == 0.0):
        mark -= flow[kind]
        kind += 1
    while flow[kind] == 0.0:
        kind -= 1
    channel = len(shares) - 1 + kind
    if kind == 0:
        channel = 0
        u = uniform(stream) * shares[-1] if len(shares) > 1 else 0.0
        while shares[channel] < u:
            channel += 1
        lose_photon(whole, copies, psi)
    else:
        charge = (-1, 1, 0)[kind - 1]
        _local(rates[0], whole, reals, copies, charge, min(max(mark / flow[kind], 0.0), 1.0), psi)
    normalise(whole, copies, psi)
    return channel


@nb.njit(cache=True, nogil=True)
def follow(rates, unit, shares, copies, state, until, times, samples, weights, counts, settle, clicks, work):
    """A trajectory to the time `until`; returns whether it is reached (else: pause, or the clicks are full).

    state    (reals, whole, psi, stream); the last `times` at `until` belong to it
    samples  (time, observable) at `times`; weights  of the photon numbers, added up over the samples (the last
             one: of all from there on)
    counts   jumps of each channel after `settle`; clicks  (times, channels), not written if empty
    work     (rate, diagonal, down, up), Taylor vectors (TERMS, 2 * size), a state
    """
    reals, whole, psi, stream = state
    matrix, v, now = work
    record, half = len(clicks[0]) > 0, rates[0]
    for _ in range(PAUSE):
        if record and whole[USED] >= len(clicks[0]):
            return False
        t, j, c = reals[TIME], reals[SPIN], whole[CHARGE]
        first = max(whole[LOW] - EDGE, 0)
        width = min(whole[HIGH] + EDGE, min(int(2 * j), c)) - first + 1
        dim, shift, size = _generator(rates, unit, j, c, first, width, copies, matrix)
        rate = matrix[0]
        loss = 0.0
        for k in range(copies):
            for i in range(width):
                s, p = first + i, k * width + i
                z = psi[k, s] if whole[LOW] <= s <= whole[HIGH] else 0.0 * unit
                v[0, p + MARGIN] = z
                loss += rate[p] * (z.real**2 + z.imag**2)
        v[0, copies * width + MARGIN : dim + MARGIN] = 0.0
        v[:, dim + MARGIN] = 0.0
        h = until - t
        if loss > 0.0:
            h = min(h, 1.5 * reals[REMAIN] / loss)
        if size > 0.0:
            h = min(h, REACH / size)
        last = h >= until - t
        terms = _expand(dim, matrix, h, v)
        norm, after = evaluate(dim, rate, v, terms, 1.0, now)
        drop, x = -2.0 * shift * h - np.log(norm), 1.0
        jump = drop >= reals[REMAIN]
        if jump:
            x, _ = root(
                dim, rate, v, terms, (h, shift, size), reals[REMAIN], (h * loss, drop, h * after / norm), now
            )
        end = until if last and not jump else t + x * h
        while whole[SAMPLE] < len(times) and (times[whole[SAMPLE]] < end or (last and not jump)):
            y = (times[whole[SAMPLE]] - t) / h if h > 0.0 else 0.0
            norm, _ = evaluate(dim, rate, v, terms, y, now)
            _observe(half, j, c, first, width, copies, now, norm, samples[whole[SAMPLE]], weights)
            whole[SAMPLE] += 1
        norm, _ = evaluate(dim, rate, v, terms, x, now)
        _trim(whole, first, width, copies, now, norm, psi)
        reals[TIME] = end
        if not jump:
            reals[REMAIN] -= drop
            if end >= until:
                return True
            continue
        channel = _jump(rates, shares, copies, reals, whole, psi, stream)
        reals[REMAIN] = -np.log(uniform(stream))
        if end >= settle:
            counts[channel] += 1
            if record:
                clicks[0][whole[USED]], clicks[1][whole[USED]] = end - settle, channel
                whole[USED] += 1
    return False
