"""Compiled Markov chains of N identical two-level emitters on the ladders |J, M>, the cavity eliminated.

`walk` follows the populations: between jumps |J, M> is an eigenstate, so that waiting times are
exponential.  `walk_coherence` follows the elements x_JM = <J, M - 1| rho |J, M>,

    dx_JM/dt = [i shift (2 - 2 M) - (R_M + R_{M-1})/2] x_JM + sum_c f_c(M') f_c(M' - 1) x_J'M' ,

(f_c jump amplitudes, R_M = sum_c f_c(M)^2) as a chain with the rates |f_c(M) f_c(M - 1)| and a weight that
decays at sum_c (|f_c(M)| - |f_c(M - 1)|)^2/2 between jumps (Feynman and Kac): one exponential waiting
time, one jump at a cost that does not depend on N.

rates  (N/2, collective decay, gamma, pump, half the dephasing rate, shift) of the emitters
state  (J, M, time) of a chain; a coherence in addition (logarithm of the weight, sign, phase)
"""

from __future__ import annotations

import numba as nb
import numpy as np

from atomcavity.dynamics.jumps.chain_amplitudes import local_square
from atomcavity.dynamics.jumps.kernel import uniform

J, M, TIME, WEIGHT, SIGN, PHASE = range(6)  # places in a state
DWELL, EXCITED, PRODUCT, PAIRS = range(4)  # places in sums: time, excited emitters, <S+ S->, <S+ S+ S- S->
COLLECTIVE, DECAY, PUMP, DEPHASING = range(4)  # channels
CHARGE = (-1, -1, 1, 0)  # of the channels
OBSERVED = 4
PAUSE = 10_000_000  # jumps after which a chain comes back (so that it can be interrupted)


@nb.njit(cache=True, inline="always")
def product(j, m):
    """<J, M| S+ S- |J, M>."""
    return (j + m) * (j - m + 1.0)


@nb.njit(cache=True)
def observe(half, j, m, out):
    """(1, excited emitters, <S+ S->, <S+ S+ S- S->) of |J, M> into `out`."""
    out[DWELL] = 1.0
    out[EXCITED] = half + m
    out[PRODUCT] = product(j, m)
    out[PAIRS] = product(j, m) * product(j, m - 1.0)


@nb.njit(cache=True, inline="always")
def _change(half, j, m, charge, mark):
    """The change of J of a local jump: where the squared amplitudes of -1, 0, 1 pass `mark` of their sum."""
    lower = local_square(half, j, m, -1, charge)
    if mark < lower:
        return -1.0
    if mark < lower + local_square(half, j, m, 0, charge) or j >= half:
        return 0.0
    return 1.0


@nb.njit(cache=True, inline="always")
def total_rate(rates, j, m):
    """The rate of all jumps of |J, M>."""
    half, collective, gamma, pump, flips, _ = rates
    return collective * product(j, m) + gamma * (half + m) + pump * (half - m) + flips * 2.0 * half


@nb.njit(cache=True)
def _leap(rates, j, m, stream):
    """One jump of |J, M>: the channel, and J and M behind it."""
    half, collective, gamma, pump, flips, _ = rates
    first = collective * product(j, m)
    second = first + gamma * (half + m)
    third = second + pump * (half - m)
    mark = uniform(stream) * (third + flips * 2.0 * half)
    if mark <= first:
        return COLLECTIVE, j, m - 1.0
    if mark <= second:
        return DECAY, j + _change(half, j, m, -1, (mark - first) / gamma), m - 1.0
    if mark <= third:
        return PUMP, j + _change(half, j, m, 1, (mark - second) / pump), m + 1.0
    return DEPHASING, j + _change(half, j, m, 0, (mark - third) / flips), m


@nb.njit(cache=True)
def walk(rates, state, until, stream, sums, counts, settle, shares, clicks, used):
    """Populations from `state` to the time `until`; returns whether it is reached (else: pause, or clicks are full).

    sums   expected time in a state times its observables, added up (an unbiased sample of the time integral)
    counts jumps of each channel after `settle`; used[0] of the `clicks` = (times, channels) are written,
    channels numbered (modes by their cumulated `shares`, then decay, pump, dephasing)
    """
    half = rates[0]
    j, m, t = state[J], state[M], state[TIME]
    dwell, excited, light, pairs = 0.0, 0.0, 0.0, 0.0
    record = len(clicks[0]) > 0
    done = False
    for _ in range(PAUSE):
        if record and used[0] >= len(clicks[0]):
            break
        jj, total, left = product(j, m), total_rate(rates, j, m), until - t
        stay = left
        if total > 0.0:
            stay = 1.0 / total if total * left > 40.0 else -np.expm1(-total * left) / total
        dwell += stay
        excited += stay * (half + m)
        light += stay * jj
        pairs += stay * jj * product(j, m - 1.0)
        wait = -np.log(uniform(stream)) / total if total > 0.0 else np.inf
        if wait >= left:
            t = until
            done = True
            break
        t += wait
        channel, j, m = _leap(rates, j, m, stream)
        if t >= settle:
            counts[channel] += 1
            if record:
                place = channel + len(shares) - 1
                if channel == COLLECTIVE:
                    u = uniform(stream) * shares[-1] if len(shares) > 1 else 0.0
                    place = 0
                    while shares[place] < u:
                        place += 1
                clicks[0][used[0]], clicks[1][used[0]] = t - settle, place
                used[0] += 1
    state[J], state[M], state[TIME] = j, m, t
    sums[DWELL] += dwell
    sums[EXCITED] += excited
    sums[PRODUCT] += light
    sums[PAIRS] += pairs
    return done


@nb.njit(cache=True)
def choose_emission(rates, state, until, stream, chosen):
    """Follow the populations to `until` (infinite: to the end of a pulse) and choose a state by the light it emits.

    chosen  (J, M, time) of one state on the way, each with the probability of its part of the expected time integral
    of <S+ S->, which is chosen[3] (the time is that of an infinite `until`).  Returns whether the end is reached
    (else: pause).
    """
    half = rates[0]
    j, m, t, light = state[J], state[M], state[TIME], chosen[3]
    done = False
    for _ in range(PAUSE):
        rate, left = total_rate(rates, j, m), until - t
        if rate == 0.0 or (half + m <= 0.0 and left == np.inf):
            t, done = until, True
            break
        stay = 1.0 / rate if rate * left > 40.0 else -np.expm1(-rate * left) / rate
        wait = -np.log(uniform(stream)) / rate
        part = product(j, m) * stay
        light += part
        if uniform(stream) * light <= part:
            chosen[J], chosen[M], chosen[TIME] = j, m, t + wait
        if wait >= left:
            t, done = until, True
            break
        t += wait
        _, j, m = _leap(rates, j, m, stream)
    state[J], state[M], state[TIME], chosen[3] = j, m, t, light
    return done


@nb.njit(cache=True)
def _overlaps(rates, j, m, jumps):
    """|f(M) f(M - 1)| of the collective and the nine local jumps into `jumps`; returns how fast the weight decays."""
    half, collective, gamma, pump, flips, _ = rates
    a, b = np.sqrt(collective * product(j, m)), np.sqrt(collective * product(j, m - 1.0))
    jumps[0] = a * b
    loss = (a - b) ** 2
    for kind in range(3):
        rate = (gamma, pump, flips)[kind]
        charge = (-1, 1, 0)[kind]
        for change in range(-1, 2):
            place = 3 * kind + change + 2
            jumps[place] = 0.0
            if rate > 0.0:
                a = np.sqrt(rate * local_square(half, j, m, change, charge))
                b = np.sqrt(rate * local_square(half, j, m - 1.0, change, charge))
                jumps[place] = a * b
                loss += (a - b) ** 2
    return 0.5 * loss


@nb.njit(cache=True)
def walk_coherence(rates, state, until, stream, jumps):
    """The element <J, M - 1| rho |J, M> from `state` to the time `until`; returns whether it is reached."""
    shift = rates[5]
    j, m, t = state[J], state[M], state[TIME]
    weight, sign, phase = state[WEIGHT], state[SIGN], state[PHASE]
    done = False
    for _ in range(PAUSE):
        loss = _overlaps(rates, j, m, jumps)
        total = 0.0
        for c in range(10):
            total += jumps[c]
        wait = -np.log(uniform(stream)) / total if total > 0.0 else np.inf
        done = wait >= until - t
        stay = until - t if done else wait
        weight -= loss * stay
        phase += shift * (2.0 - 2.0 * m) * stay
        t = until if done else t + wait
        if done:
            break
        mark = uniform(stream) * total
        c, passed = 0, jumps[0]
        while passed < mark and c < 9:
            c += 1
            passed += jumps[c]
        while jumps[c] == 0.0:  # rounding: beyond the last possible one
            c -= 1
        if c == 0:
            m -= 1.0
        else:
            kind, change = (c - 1) // 3, (c - 1) % 3 - 1
            if kind == 2 and change == 0 and m == 0.5:  # sigma_z has opposite signs at M = 1/2 and -1/2
                sign = -sign
            j += change
            m += (-1.0, 1.0, 0.0)[kind]
    state[J], state[M], state[TIME] = j, m, t
    state[WEIGHT], state[SIGN], state[PHASE] = weight, sign, phase
    return done


@nb.njit(cache=True)
def raised(state):
    """<S+> of a followed element: its weight, sign and phase times <J, M| S+ |J, M - 1>."""
    size = np.sqrt(product(state[J], state[M])) * state[SIGN] * np.exp(state[WEIGHT])
    return size * np.exp(1j * state[PHASE])
