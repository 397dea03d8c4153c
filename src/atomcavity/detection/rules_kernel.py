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
def _score(log_rates, grid, time, place, hypothesis):
    """ln of a hypothesis' rate at a time of the grid's step `place`, linear in the rate's logarithm."""
    part = (time - grid[place]) / (grid[place + 1] - grid[place])
    return log_rates[hypothesis, place] * (1 - part) + log_rates[hypothesis, place + 1] * part


@nb.njit(cache=True, error_model="numpy")
def log_posteriors(time, first, last, starts, grid, log_rates, expected, log_prior, out):
    """Unnormalised ln P(n | clicks until grid[t]) into out (run, time, n); the templates begin at starts[run]."""
    hypotheses = len(log_prior)
    for k in range(len(first)):
        j = first[k]
        while j < last[k] and time[j] - starts[k] < grid[0]:
            j += 1
        total = log_prior.copy()
        for t in range(len(grid)):
            while t > 0 and j < last[k] and time[j] - starts[k] <= grid[t]:
                for n in range(hypotheses):
                    total[n] += _score(log_rates, grid, time[j] - starts[k], t - 1, n)
                j += 1
            for n in range(hypotheses):
                out[k, t, n] = total[n] - expected[n, t]
