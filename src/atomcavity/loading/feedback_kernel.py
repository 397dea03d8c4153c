"""Compiled: the ring's response to the atoms of several sites on their way, summed tick by tick."""

from __future__ import annotations

import numba as nb


@nb.njit(cache=True, error_model="numpy", nogil=True)
def add_up(response, atoms, first, number, begin, start, total):
    """Add to `total` (run, tick, part) what the atoms of all sites respond in the ticks from `begin` on.

    response  (atom, tick, part) of single atoms, from the tick at which their site sets out
    atoms     places in `response` of the atoms of all runs and sites; those of (run, site) are the `number` from `first` on
    start     (site,) tick at which each site sets out
    """
    length, ticks = response.shape[1], total.shape[1]
    for run in range(total.shape[0]):
        for site in range(len(start)):
            low = max(0, begin - start[site])
            high = min(length, begin + ticks - start[site])
            for k in range(first[run, site], first[run, site] + number[run, site]):
                for m in range(low, high):
                    for part in range(response.shape[2]):
                        total[run, start[site] + m - begin, part] += response[atoms[k], m, part]
