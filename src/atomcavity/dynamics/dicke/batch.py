"""Centres of very many pulses of inverted emitters, each with its own number and its own cavity detuning.

In units of Gamma the spectrum depends on N and r = chi/Gamma = Delta/kappa alone (one mode).  Every function
takes arrays (pulse,) and gives frequencies in units of Gamma from the emitters' frequency, densities in 1/Gamma^2:
multiply by the Gamma of each pulse, g^2 kappa/(kappa^2/4 + Delta^2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.dynamics.dicke.model import Ladder
from atomcavity.errors import InputError

Real = NDArray[np.float64]

CLOSE = 1e-6  # last Newton step in units of N Gamma: the error is its square
MOST_STEPS = 10
FARTHEST = 0.5  # Newton step, in N Gamma, that has left the line


def unit_line(number: int, ratio: float) -> tuple[float, float, float]:
    """The highest maximum of one pulse and the half-maximum points below and above it, found from a grid.

    >>> [round(place, 3) for place in unit_line(400, 1.0)]
    [120.313, -395.206, 378.9]
    """
    from atomcavity.dynamics.dicke.search import search

    found = np.empty(3)
    search(number, ratio, True, found)
    return float(found[0]), float(found[1]), float(found[2])


def peak_centres(numbers: ArrayLike, ratios: ArrayLike, guess: ArrayLike) -> tuple[Real, Real]:
    """The maxima next to `guess` and the density there, by Newton's method.

    guess  a start for each pulse, good to about 0.1 N: interpolate `unit_line` over a table of (N, r).  It decides
           which maximum is found where there are several (|r| > 1).  Pulses from whose guess Newton's method leads
           away are answered by `unit_line`.

    A Newton step takes some 2 us at N = 400; one or two are enough from the guess of a fine table.
    """
    n, r, at = _pulses(numbers, ratios, guess)
    centre, height = _newton(n, r, at, None)
    for i in np.flatnonzero(np.isnan(centre)):
        centre[i] = unit_line(int(n[i]), r[i])[0]
        height[i] = _unit_ladder(int(n[i]), r[i]).density(centre[i : i + 1])[0]
    return centre, height


def half_maximum_centres(
    numbers: ArrayLike, ratios: ArrayLike, peak: ArrayLike, lower: ArrayLike, upper: ArrayLike
) -> tuple[Real, Real]:
    """The middle of the two half-maximum points of each pulse and the density at its maximum, by Newton's method.

    peak, lower, upper  starts of the maximum and of the points below and above it, as of `peak_centres`
    """
    n, r, at = _pulses(numbers, ratios, peak)
    peaks, heights = peak_centres(n, r, at)
    points = [_newton(n, r, _pulses(numbers, ratios, start)[2], heights / 2)[0] for start in (lower, upper)]
    wrong = ~((points[0] < peaks) & (peaks < points[1]))
    centre = (points[0] + points[1]) / 2
    for i in np.flatnonzero(wrong):
        centre[i] = sum(unit_line(int(n[i]), r[i])[1:]) / 2
    return centre, heights


def _newton(n: Real, r: Real, start: Real, level: Real | None) -> tuple[Real, Real]:
    """Zeros of dS/d omega (with S there), or of S - level; NaN where the steps lead away."""
    from atomcavity.dynamics.dicke.kernel import lines

    order = np.lexsort((r, n))  # pulses that share a pass are equally long
    place, height = np.full(len(n), np.nan), np.full(len(n), np.nan)
    at = start.copy()
    for _ in range(MOST_STEPS):
        s = np.empty((3, len(order)))
        lines(n[order], r[order], at[order], s)
        with np.errstate(all="ignore"):
            move = -s[1] / s[2] if level is None else (level[order] - s[0]) / s[1]
        good = np.abs(move) < FARTHEST * n[order]
        if level is None:
            good &= s[2] < 0
        done = good & (np.abs(move) < CLOSE * n[order])
        at[order] += np.where(good, move, 0.0)
        place[order[done]] = at[order[done]]
        height[order[done]] = s[0, done] + s[1, done] * move[done] / 2
        order = order[good & ~done]
        if not len(order):
            break
    return place, height


def _pulses(numbers: ArrayLike, ratios: ArrayLike, guess: ArrayLike) -> tuple[Real, Real, Real]:
    n, r, at = (np.array(part, float) for part in np.broadcast_arrays(numbers, ratios, guess))
    good = n.ndim == 1 and np.isfinite([n, r, at]).all() and np.all(n == np.rint(n)) and np.all(n >= 1)
    if not good:
        raise InputError("numbers must be whole and >= 1, ratios and starts finite, and all of one length")
    return n, r, at


def _unit_ladder(number: int, ratio: float) -> Ladder:
    """The ladder of inverted emitters with Gamma = 1 and chi = ratio."""
    start = np.zeros(number + 1)
    start[0] = 1.0
    one, none = np.ones(1, complex), np.zeros(number, complex)
    return Ladder(number, 1.0, ratio, 0.0, one, one, start, none, ())
