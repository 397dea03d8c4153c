"""Compiled: the histogram of the delays between all pairs of clicks."""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True)
def pair_histogram(first, second, same, edges):
    """Numbers of pairs with delay second - first in each bin; both arrays sorted, `same`: no click with itself.

    Bins are half open, [edges[k], edges[k + 1]), the last one closed.
    """
    counts = np.zeros(len(edges) - 1, dtype=np.int64)
    low, high = edges[0], edges[-1]
    uniform = True
    width = (high - low) / len(counts)
    for k in range(len(edges)):
        if abs(edges[k] - low - k * width) > 1e-9 * width:
            uniform = False
    begin = 0
    for i in range(len(first)):
        while begin < len(second) and second[begin] - first[i] < low:
            begin += 1
        k = 0
        for j in range(begin, len(second)):
            delay = second[j] - first[i]
            if delay > high:
                break
            if same and i == j:
                continue
            if uniform:
                k = min(int((delay - low) / width), len(counts) - 1)
                if delay < edges[k]:
                    k -= 1
                elif k + 1 < len(counts) and delay >= edges[k + 1]:
                    k += 1
            else:
                while k + 1 < len(counts) and delay >= edges[k + 1]:
                    k += 1
            counts[k] += 1
    return counts


@nb.njit(cache=True)
def edge_histogram(first, second, same, edges):
    """The same numbers from one merge of the tags for each edge: the work does not grow with the number of pairs."""
    limits = edges.copy()
    limits[-1] = np.nextafter(edges[-1], np.inf)  # the last bin is closed
    place = np.zeros(len(edges), dtype=np.int64)
    below = np.zeros(len(edges), dtype=np.int64)  # pairs with a delay below each limit
    size = len(second)
    for i in range(len(first)):
        tag = first[i]
        for k in range(len(limits)):
            j, limit = place[k], limits[k]
            while j < size and second[j] - tag < limit:
                j += 1
            place[k] = j
            below[k] += j
    counts = np.diff(below)
    if same:
        for k in range(len(counts)):
            if limits[k] <= 0.0 < limits[k + 1]:
                counts[k] -= len(first)
    return counts
