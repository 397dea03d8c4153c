"""Compiled quantum-jump trajectories on packed sectors (see `jumps.run` for the arrays).

Between two jumps psi(t) = exp(A t) psi(0) is a Taylor series (`jumps.series`); the norm's decrease
L(t) = -ln |psi(t)|^2 reaches the drawn value
-ln(random number) at a root found inside the step, so that there is no time step error.

The state is real (and everything four times cheaper) where the generator is; see `jumps.sectors`.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from atomcavity.dynamics.jumps.series import FAST, MARGIN, REACH, evaluate, expand, moved, root

FINISHED, NEED_SECTOR, CLICKS_FULL, PAUSED = 0, 1, 2, 3
(TRAJECTORY, RUNNING, SECTOR, WAITING, SAMPLE, CLICK, RECORD, STEPS, WORK, DIAGONALS, TURNED, KEEP, LANES) = (
    range(13)
)  # in `integers`
TIME, REMAIN = 0, 1  # places in `reals`


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


@nb.njit(cache=True)
def _turned(dim, row, indptr, columns, values, turned, state, seen):
    """The state in the given modes, complex; a copy unless it is computed in `turned` ones."""
    if not turned:
        for i in range(dim):
            seen[i] = state[i]
        return
    for i in range(dim):
        total = 0.0j
        for p in range(indptr[row + i], indptr[row + i + 1]):
            total += values[p] * state[columns[p]]
        seen[i] = total


@nb.njit(cache=True)
def _observe(psi, norm, diagonals, photons, o_op, o_row, o_col, o_val, out, weights):
    """Expectation values of the normalised state into `out` (diagonal, then re and im of the products)."""
    count, dim = diagonals.shape
    for o in range(len(out)):
        out[o] = 0.0
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


@nb.njit(cache=True, fastmath=FAST)
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


@nb.njit(cache=True, fastmath=FAST)
def _land(dim, size, places, factors, psi, work):
    """psi after a jump, normalised, in the basis of its new sector."""
    for i in range(size):
        work[i] = 0.0
    norm = 0.0
    for i in range(dim):
        if places[i] >= 0:
            z = factors[i] * psi[i]
            work[places[i]] = z
            norm += z.real * z.real + z.imag * z.imag
    scale = 1.0 / np.sqrt(norm)
    for i in range(size):
        psi[i] = work[i] * scale


@nb.njit(cache=True)
def _jump(table, jumps, settle, integers, reals, stream, psi, work, counts, clicks):
    """The jump that waits, if its sector is there and the click buffer has room; returns a status."""
    targets, maps, amplitudes = jumps
    s, c, channels = integers[SECTOR], integers[WAITING], targets.shape[1]
    goal = targets[s, c]
    if goal < 0:
        return NEED_SECTOR
    times, kinds, runs = clicks
    if integers[RECORD] and integers[CLICK] >= len(times):
        return CLICKS_FULL
    dim, b0 = table[s, 0], table[s, 1]
    m0 = b0 * channels + c * dim
    _land(dim, table[goal, 0], maps[m0 : m0 + dim], amplitudes[m0 : m0 + dim], psi, work)
    if reals[TIME] >= settle:
        counts[integers[TRAJECTORY], c] += 1
        if integers[RECORD]:
            k = integers[CLICK]
            times[k], kinds[k], runs[k] = reals[TIME] - settle, c, integers[TRAJECTORY]
            integers[CLICK] += 1
    integers[SECTOR], integers[WAITING] = goal, -1
    reals[REMAIN] = -np.log(uniform(stream))
    return FINISHED


@nb.njit(cache=True)
def _sample(table, rates, watch, integers, times, step, v, work, seen, observed, sums):
    """All samples that lie in the step (start, length, Taylor terms, end, last?) into the sums."""
    t, h, terms, end, last = step
    turn_start, turn_columns, turn_values, photons, diagonals, o_op, o_row, o_col, o_val = watch
    by_run, by_time, by_time_squares, weights = sums
    s, row = integers[SECTOR], min(integers[TRAJECTORY], len(by_time) - 1)
    dim, b0, o0, o1 = table[s, 0], table[s, 1], table[s, 3], table[s, 4]
    kinds = integers[DIAGONALS]
    rows = diagonals[b0 * kinds : (b0 + dim) * kinds].reshape(kinds, dim)
    while integers[SAMPLE] < len(times) and (times[integers[SAMPLE]] < end or last):
        k = integers[SAMPLE]
        y = (times[k] - t) / h if h > 0.0 else 0.0
        norm, _ = evaluate(dim, rates, v, terms, y, work)
        first = table[s, 6]
        _turned(
            dim, b0 + s, turn_start, turn_columns[first:], turn_values[first:], integers[TURNED], work, seen
        )  # fmt: skip
        _observe(
            seen, norm, rows, photons[b0 : b0 + dim], o_op[o0:o1], o_row[o0:o1], o_col[o0:o1], o_val[o0:o1],
            observed, weights,
        )  # fmt: skip
        half = 2 * k // len(times)
        for o in range(len(observed)):
            by_run[integers[TRAJECTORY], half, o] += observed[o]
            by_time[row, k, o] += observed[o]
            by_time_squares[row, k, o] += observed[o] * observed[o]
        integers[SAMPLE] += 1


@nb.njit(cache=True, fastmath=FAST)
def _step_length(psi, rates, norm, left, remain, v):
    """How far to step: beyond the expected jump, as far as the series reaches; and the jump rate. Sets v[0]."""
    now = 0.0
    for i in range(len(psi)):
        v[0, i + MARGIN] = psi[i]
        now += rates[i] * (psi[i].real ** 2 + psi[i].imag ** 2)
    h = left
    if now > 0.0:
        h = min(h, 1.5 * remain / now)
    if norm > 0.0:
        h = min(h, REACH / norm)
    return h, now


@nb.njit(cache=True)
def _advance(
    table,
    floats,
    matrix,
    watch,
    times,
    duration,
    integers,
    reals,
    stream,
    buffers,
    sums,
    amplitudes,
    channels,
):
    """One Taylor step, cut off at a jump; True at the end of the trajectory."""
    rate, diagonal, pointers, columns, values = matrix
    psi, work, v, seen, observed = buffers
    s, t, lanes = integers[SECTOR], reals[TIME], integers[LANES]
    dim, b0, p0, q0 = table[s, 0], table[s, 1], table[s, 2], table[s, 7]
    rates, shift = rate[b0 : b0 + dim], floats[s, 0]
    rows = pointers[q0 : q0 + dim // lanes + 1]
    generator = (lanes, diagonal[b0 : b0 + dim], rows, columns[p0:], values[p0 * lanes :])
    h, now = _step_length(psi[:dim], rates, floats[s, 1], duration - t, reals[REMAIN], v)
    whole = h >= duration - t
    terms = expand(dim, generator, h, h * floats[s, 1], v)
    norm, loss = evaluate(dim, rates, v, terms, 1.0, psi)
    drop = -2.0 * shift * h - np.log(norm)
    x, move = 1.0, 0.0
    jump = drop >= reals[REMAIN]
    if jump:
        ends = (h * now, drop, h * loss / norm)
        x, move = root(dim, rates, v, terms, (h, shift, floats[s, 1]), reals[REMAIN], ends, psi)
    end = duration if whole and not jump else t + x * h
    _sample(
        table,
        rates,
        watch,
        integers,
        times,
        (t, h, terms, end, end == duration),
        v,
        work,
        seen,
        observed,
        sums,
    )
    reals[TIME] = end
    if jump:
        norm, loss = moved(dim, generator, rates, move * h, psi, v)
    scale = 1.0 / np.sqrt(norm)
    for i in range(dim):
        psi[i] *= scale
    if jump:
        every = amplitudes[b0 * channels : (b0 + dim) * channels].reshape(channels, dim)
        integers[WAITING] = _choose(dim, psi, every, uniform(stream) * loss / norm)
        return False
    reals[REMAIN] -= drop
    return end >= duration


@nb.njit(cache=True, nogil=True)
def run(sectors, starts, seeds, span, times, state, buffers, sums, counts, ends, clicks):
    """Trajectories until all have finished, a sector is missing, the click buffer is full or it is time for a pause.

    sectors  (table, floats, matrix, jumps, watch) of `jumps.run.Packed`
    starts   (sector, first amplitude) of each trajectory, and the amplitudes of all different ones
    span     (whole lengths of the trajectories, settling time); times  of the samples
    state    (integers, reals, random stream), see the places above; WORK counts down to a pause
    ends     (excitations left, last sector, last state) of each trajectory; states if KEEP
    """
    table, floats, matrix, jumps, watch = sectors
    integers, reals, stream = state
    psi, work, _, _, _ = buffers
    durations, settle = span
    places, amplitudes = starts
    left, end_sector, end_state = ends
    while integers[TRAJECTORY] < len(seeds):
        if integers[RUNNING] == 0:
            for i in range(4):
                stream[i] = seeds[integers[TRAJECTORY], i]
            first, offset = places[integers[TRAJECTORY], 0], places[integers[TRAJECTORY], 1]
            for i in range(table[first, 0]):
                psi[i] = amplitudes[offset + i]
            integers[RUNNING], integers[SECTOR], integers[WAITING], integers[SAMPLE] = 1, first, -1, 0
            reals[TIME], reals[REMAIN] = 0.0, -np.log(uniform(stream))
        ended = False
        while not ended:
            if integers[WAITING] >= 0:
                status = _jump(table, jumps, settle, integers, reals, stream, psi, work, counts, clicks)
                if status != FINISHED:
                    return status
            if integers[WORK] <= 0:
                return PAUSED
            integers[STEPS] += 1
            integers[WORK] -= table[integers[SECTOR], 0]
            ended = _advance(
                table, floats, matrix, watch, times, durations[integers[TRAJECTORY]], integers, reals, stream, buffers, sums,
                jumps[2], jumps[0].shape[1],
            )  # fmt: skip
        s, k = integers[SECTOR], integers[TRAJECTORY]
        left[k], end_sector[k] = table[s, 5], s
        if integers[KEEP]:
            for i in range(table[s, 0]):
                end_state[k, i] = psi[i]
        integers[TRAJECTORY] += 1
        integers[RUNNING] = 0
    return FINISHED
