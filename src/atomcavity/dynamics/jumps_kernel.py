"""Compiled quantum-jump trajectories on packed sectors (see `jumps_run` for the arrays).

Between two jumps psi(t) = exp(A t) psi(0) is a Taylor series, psi(x h) = sum_k x^k v_k with
v_k = (h A)^k psi / k!; the norm's decrease L(t) = -ln |psi(t)|^2 reaches the drawn value
-ln(random number) at a root found inside the step, so that there is no time step error.
"""

from __future__ import annotations

import numba as nb
import numpy as np

FINISHED, NEED_SECTOR, CLICKS_FULL = 0, 1, 2
TERMS = 60
REACH = 5.0  # largest ||A|| h of one Taylor step
SMALL = 1e-26  # squared norm of the last Taylor term, relative to the state


@nb.njit(cache=True, inline="always")
def _rotate(x, k):
    return (x << np.uint64(k)) | (x >> np.uint64(64 - k))


@nb.njit(cache=True)
def uniform(s):
    """A number in (0, 1] from the xoshiro256++ generator (Blackman and Vigna, 2021) of state s (4 x uint64)."""
    result = _rotate(s[0] + s[3], 23) + s[0]
    t = s[1] << np.uint64(17)
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = _rotate(s[3], 45)
    return ((result >> np.uint64(11)) + np.uint64(1)) * (1.0 / 9007199254740992.0)


@nb.njit(cache=True, fastmath={"contract", "reassoc"})
def _expand(dim, diagonal, indptr, columns, values, h, v):
    """Taylor vectors v[1], v[2], ... of exp(A h) v[0]; returns how many there are."""
    for k in range(1, TERMS):
        factor = h / k
        size = 0.0
        before, now = v[k - 1], v[k]
        for i in range(dim):
            total = diagonal[i] * before[i]
            for p in range(indptr[i], indptr[i + 1]):
                total += values[p] * before[columns[p]]
            total *= factor
            now[i] = total
            size += total.real * total.real + total.imag * total.imag
        # from here on each term is at most half the one before: the rest is smaller than this one
        if size == 0.0 or (size < SMALL and k >= 2 * REACH):
            return k + 1
    return TERMS


@nb.njit(cache=True, fastmath={"contract", "reassoc"})
def _evaluate(dim, rate, v, terms, x, psi):
    """psi = sum_k x^k v_k; returns its squared norm and the sum of its decay rates."""
    last = v[terms - 1]
    for i in range(dim):
        psi[i] = last[i]
    for k in range(terms - 2, -1, -1):
        row = v[k]
        for i in range(dim):
            psi[i] = psi[i] * x + row[i]
    norm = 0.0
    loss = 0.0
    for i in range(dim):
        p = psi[i].real * psi[i].real + psi[i].imag * psi[i].imag
        norm += p
        loss += rate[i] * p
    return norm, loss


@nb.njit(cache=True)
def _root(dim, rate, v, terms, h, shift, remain, guess, psi):
    """x in (0, 1] at which -ln|psi(x h)|^2 = remain, by Newton's method kept inside a bracket."""
    low, high = 0.0, 1.0
    x = min(max(guess, 1e-6), 1.0 - 1e-6)
    for _ in range(100):
        norm, loss = _evaluate(dim, rate, v, terms, x, psi)
        miss = -2.0 * shift * x * h - np.log(norm) - remain
        if miss > 0:
            high = x
        else:
            low = x
        slope = h * loss / norm
        step = miss / slope if slope > 0 else 2.0
        x -= step
        if not low < x < high:
            x = 0.5 * (low + high)
        elif abs(step) <= 1e-8 * x:  # Newton's next step would be of order 1e-16
            break
        if high - low < 1e-15:
            break
    return x


@nb.njit(cache=True)
def _guess(remain, start, drop, end):
    """x at which the cubic through 0 and drop, with slopes `start` and `end`, reaches `remain` (a few Newton steps)."""
    b = 3.0 * drop - 2.0 * start - end
    c = start + end - 2.0 * drop
    x = remain / drop
    for _ in range(4):
        slope = start + x * (2.0 * b + 3.0 * c * x)
        if slope <= 0.0:
            return remain / drop
        x -= (x * (start + x * (b + c * x)) - remain) / slope
    return x if 0.0 < x < 1.0 else remain / drop


@nb.njit(cache=True)
def _observe(dim, psi, norm, diagonals, photons, o_op, o_row, o_col, o_val, out, weights):
    """Expectation values of the normalised state into `out` (diagonal, then re and im of the products)."""
    count = diagonals.shape[0]
    out[:] = 0.0
    for i in range(dim):
        p = (psi[i].real * psi[i].real + psi[i].imag * psi[i].imag) / norm
        for o in range(count):
            out[o] += diagonals[o, i] * p
        for b in range(photons.shape[1]):
            weights[b, photons[i, b]] += p
    for k in range(len(o_op)):
        z = np.conj(psi[o_row[k]]) * o_val[k] * psi[o_col[k]] / norm
        out[count + 2 * o_op[k]] += z.real
        out[count + 2 * o_op[k] + 1] += z.imag


@nb.njit(cache=True)
def _choose(dim, psi, amplitudes, mark):
    """The channel at which the cumulated jump rates pass `mark`."""
    passed = 0.0
    chosen = -1
    for c in range(amplitudes.shape[0]):
        part = 0.0
        for i in range(dim):
            a = amplitudes[c, i]
            part += a * a * (psi[i].real * psi[i].real + psi[i].imag * psi[i].imag)
        if part > 0.0:
            chosen = c
            passed += part
            if passed >= mark:
                break
    return chosen


@nb.njit(cache=True)
def _land(dim, size, places, factors, psi, work):
    """psi after a jump, normalised, in the basis of its new sector."""
    work[:size] = 0.0
    norm = 0.0
    for i in range(dim):
        if places[i] >= 0:
            z = factors[i] * psi[i]
            work[places[i]] = z
            norm += z.real * z.real + z.imag * z.imag
    psi[:size] = work[:size] / np.sqrt(norm)


@nb.njit(cache=True, nogil=True)
def run(
    table,
    floats,
    channels,
    rate,
    diagonal,
    indptr,
    columns,
    values,
    targets,
    maps,
    amplitudes,
    photons,
    diagonals,
    o_op,
    o_row,
    o_col,
    o_val,
    start_sector,
    start_place,
    seeds,
    duration,
    settle,
    sample_times,
    integers,
    reals,
    stream,
    psi,
    v,
    by_run,
    by_time,
    by_time_squares,
    weights,
    counts,
    left,
    click_time,
    click_channel,
    click_run,
):
    """Trajectories integers[0] ... len(seeds) - 1, until finished, a sector is missing or the click buffer is full.

    integers = [trajectory, running?, sector, waiting channel, next sample, clicks in the buffer,
    number of off-diagonal observables, record clicks?];
    reals = [time, what is left of -ln(random number)].
    """
    observed = np.empty(by_run.shape[1])
    kinds = by_run.shape[1] - 2 * integers[6]  # diagonal observables
    work = np.empty_like(psi)
    while integers[0] < len(seeds):
        run_index = integers[0]
        if integers[1] == 0:
            stream[:] = seeds[run_index]
            psi[:] = 0.0
            psi[start_place] = 1.0
            integers[1], integers[2], integers[3], integers[4] = 1, start_sector, -1, 0
            reals[0], reals[1] = 0.0, -np.log(uniform(stream))
        while True:
            s = integers[2]
            dim, b0, p0, o0, o1 = table[s, 0], table[s, 1], table[s, 2], table[s, 3], table[s, 4]
            if integers[3] >= 0:  # a jump waits for its sector
                c = integers[3]
                goal = targets[s, c]
                if goal < 0:
                    return NEED_SECTOR
                if integers[7] and integers[5] >= len(click_time):
                    return CLICKS_FULL
                m0 = b0 * channels + c * dim
                places, factors = maps[m0 : m0 + dim], amplitudes[m0 : m0 + dim]
                _land(dim, table[goal, 0], places, factors, psi, work)
                if reals[0] >= settle:
                    counts[run_index, c] += 1
                    if integers[7]:
                        k = integers[5]
                        click_time[k] = reals[0] - settle
                        click_channel[k] = c
                        click_run[k] = run_index
                        integers[5] += 1
                integers[2], integers[3] = goal, -1
                reals[1] = -np.log(uniform(stream))
                continue
            rates = rate[b0 : b0 + dim]
            t = reals[0]
            now = 0.0
            for i in range(dim):
                v[0, i] = psi[i]
                now += rates[i] * (psi[i].real ** 2 + psi[i].imag ** 2)
            h = duration - t
            if now > 0.0:
                h = min(h, 1.5 * reals[1] / now)
            if floats[s, 1] > 0.0:
                h = min(h, REACH / floats[s, 1])
            whole = h >= duration - t
            terms = _expand(
                dim,
                diagonal[b0 : b0 + dim],
                indptr[b0 + s : b0 + s + dim + 1],
                columns[p0:],
                values[p0:],
                h,
                v,
            )
            shift = floats[s, 0]
            norm, loss = _evaluate(dim, rates, v, terms, 1.0, psi)
            drop = -2.0 * shift * h - np.log(norm)
            x = 1.0
            jump = drop >= reals[1]
            if jump:
                guess = _guess(reals[1], h * now, drop, h * loss / norm)
                x = _root(dim, rates, v, terms, h, shift, reals[1], guess, psi)
            end = duration if whole and not jump else t + x * h
            while integers[4] < len(sample_times) and (sample_times[integers[4]] < end or end == duration):
                k = integers[4]
                y = (sample_times[k] - t) / h if h > 0.0 else 0.0
                norm, loss = _evaluate(dim, rates, v, terms, y, work)
                _observe(
                    dim,
                    work,
                    norm,
                    diagonals[b0 * kinds : (b0 + dim) * kinds].reshape(kinds, dim),
                    photons[b0 : b0 + dim],
                    o_op[o0:o1],
                    o_row[o0:o1],
                    o_col[o0:o1],
                    o_val[o0:o1],
                    observed,
                    weights,
                )
                for o in range(len(observed)):
                    by_run[run_index, o] += observed[o]
                    by_time[k, o] += observed[o]
                    by_time_squares[k, o] += observed[o] * observed[o]
                integers[4] += 1
            reals[0] = end
            norm, loss = _evaluate(dim, rates, v, terms, x, psi)
            for i in range(dim):
                psi[i] /= np.sqrt(norm)
            if jump:
                m0 = b0 * channels
                every = amplitudes[m0 : m0 + channels * dim].reshape(channels, dim)
                integers[3] = _choose(dim, psi, every, uniform(stream) * loss / norm)
                continue
            if end >= duration:
                break
            reals[1] -= drop
        left[run_index] = table[integers[2], 5]
        integers[0] += 1
        integers[1] = 0
    return FINISHED
