"""Compiled: first alarms of decision rules in the clicks of many runs."""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True)
def count_alarms(time, first, last, count, window):
    """Time at which `count` clicks lie within (t - window, t] for the first time; NaN: never."""
    out = np.full(len(first), np.nan)
    for k in range(len(first)):
        for j in range(first[k] + count - 1, last[k]):
            if time[j] - time[j - count + 1] < window:
                out[k] = time[j]
                break
    return out


@nb.njit(cache=True)
def cusum_alarms(time, first, last, gain, drift, level):
    """Time at which the cumulative sum, from 0 at time 0 and held at 0 from below, reaches the level; NaN: never."""
    out = np.full(len(first), np.nan)
    for k in range(len(first)):
        total, before = 0.0, 0.0
        for j in range(first[k], last[k]):
            total = max(0.0, total - drift * (time[j] - before)) + gain
            before = time[j]
            if total >= level:
                out[k] = before
                break
    return out


@nb.njit(cache=True, error_model="numpy")
def posteriors(time, first, last, starts, grid, log_rates, expected, log_prior, atoms, shown, out):
    """P(n | clicks until grid[t]) for t from `shown` on into out (run, t - shown, n); the templates begin at starts[run].

    atoms  the n of each hypothesis; log_rates (hypothesis, time) linear between times, expected: integrals of the rates
    """
    hypotheses = len(log_prior)
    for k in range(len(first)):
        j = first[k]
        while j < last[k] and time[j] - starts[k] < grid[0]:
            j += 1
        total = log_prior.copy()
        for t in range(len(grid)):
            while t > 0 and j < last[k] and time[j] - starts[k] <= grid[t]:
                part = (time[j] - starts[k] - grid[t - 1]) / (grid[t] - grid[t - 1])
                for h in range(hypotheses):
                    total[h] += log_rates[h, t - 1] * (1 - part) + log_rates[h, t] * part
                j += 1
            if t < shown:
                continue
            highest = -np.inf
            for h in range(hypotheses):
                highest = max(highest, total[h] - expected[h, t])
            whole = 0.0
            out[k, t - shown] = 0.0
            for h in range(hypotheses):
                weight = np.exp(total[h] - expected[h, t] - highest)
                out[k, t - shown, atoms[h]] += weight
                whole += weight
            out[k, t - shown] /= whole
