"""Centres of the lines of many pulses, each of its own number of atoms and detuning, by the named estimator.

In units of the collective rate Gamma a pulse's spectrum depends on N and r = Delta/kappa = chi/Gamma only.  A
table over both starts Newton's method on the spectrum of every single pulse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.dicke.batch import half_maximum_centres, peak_centres

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

NUMBERS = 24  # nodes of the table
WIDER = 1.2  # factor to which its ends are rounded, so that many runs share a table
SPACING = 0.04  # of the nodes in arsinh(2 r)
FARTHEST = 128.0  # |r| beyond which no line is looked for
KINK = 0.02  # second difference of neighbouring nodes above which another maximum takes over
SPREAD = 5  # nodes around it where the table is not used


@dataclass(frozen=True, eq=False)
class LineTable:
    """Splines over (log N, arsinh 2r) of the highest maximum and its half-maximum points, in N Gamma sqrt(1 + 4 r^2).

    rough  (number, ratio): cells (each named by its lower corner) where the splines do not help, because another
           of several maxima becomes the highest
    """

    numbers: Real
    places: Real
    splines: tuple[Any, ...]
    rough: NDArray[np.bool_]

    def __call__(self, numbers: Whole, ratios: Real) -> Real:
        """Highest maximum and half-maximum points (NaN if not asked for) of r >= 0, in Gamma, (line, 3)."""
        x, u = np.log(numbers), np.arcsinh(2 * ratios)
        found = np.full((len(numbers), 3), np.nan)
        for k, spline in enumerate(self.splines):
            found[:, k] = numbers * np.cosh(u) * spline.ev(x, u)
        i = np.clip(np.searchsorted(self.numbers, x, side="right") - 1, 0, len(self.numbers) - 2)
        j = np.clip(np.searchsorted(self.places, u, side="right") - 1, 0, len(self.places) - 2)
        found[self.rough[i, j]] = np.nan
        return found


def nodes(numbers: Whole, count: int) -> tuple[int, ...]:
    """Numbers of atoms at which to tabulate: all of a short range, else about `count` in equal ratios.

    >>> nodes(np.array([400, 400]), 24)
    (400, 401)
    >>> nodes(np.array([250, 560]), 4)
    (237, 321, 436, 591)
    """
    lowest, highest = int(numbers.min()), int(numbers.max())
    if lowest == highest:
        return lowest, lowest + 1
    step = np.log(WIDER)
    lowest = int(np.exp(step * np.floor(np.log(lowest) / step)) + 1e-9)
    highest = int(np.ceil(np.exp(step * np.ceil(np.log(highest) / step))))
    if highest - lowest < 2 * count:
        return tuple(range(lowest, highest + 1))
    return tuple(np.unique(np.rint(np.geomspace(lowest, highest, count)).astype(int)).tolist())


@lru_cache(maxsize=8)
def line_table(numbers: tuple[int, ...], reach: float, halves: bool) -> LineTable:
    """The table with these numbers of atoms as nodes and |r| <= `reach`."""
    from scipy.interpolate import RectBivariateSpline

    from atomcavity.dynamics.dicke.search import search_all

    top = np.arcsinh(2 * reach)
    places = np.linspace(0, top, max(8, int(np.ceil(top / SPACING))) + 1)
    points = np.full((len(numbers) * len(places), 3), np.nan)
    every = np.repeat(np.array(numbers), len(places))
    search_all(every, np.tile(np.sinh(places) / 2, len(numbers)), halves, points)
    values = points.reshape(len(numbers), len(places), 3) / np.outer(numbers, np.cosh(places))[..., None]
    mirrored = np.concatenate([-places[:0:-1], places])  # the line of -r is that of r, reversed
    splines = []
    for k in range(3 if halves else 1):
        other = (0, 2, 1)[k]
        whole = np.concatenate([-values[:, :0:-1, other], values[:, :, k]], axis=1)
        splines.append(RectBivariateSpline(np.log(numbers), mirrored, whole, kx=min(3, len(numbers) - 1)))
    return LineTable(np.log(numbers), places, tuple(splines), _rough(values[:, :, : len(splines)]))


def _rough(values: Real) -> NDArray[np.bool_]:
    """Cells near kinks or jumps of the tabulated places."""
    from scipy.ndimage import binary_dilation

    kink = np.zeros(values.shape[:2], bool)
    kink[:, 1:-1] |= (np.abs(np.diff(values, 2, axis=1)) > KINK).any(axis=2)
    kink[1:-1] |= (np.abs(np.diff(values, 2, axis=0)) > KINK).any(axis=2)
    return np.asarray(binary_dilation(kink, np.ones((2 * SPREAD + 1, 2 * SPREAD + 1))))


def centroids(_numbers: Whole, ratios: Real) -> Real:
    """-chi/Gamma = -r: the centre of gravity of the whole line, whatever the number."""
    return -ratios


def peaks(numbers: Whole, ratios: Real) -> Real:
    """The highest maximum, in Gamma from the atoms' transition; NaN beyond |r| = `FARTHEST`."""

    def newton(n: Whole, r: Real, start: Real) -> Real:
        return peak_centres(n, r, start[:, 0])[0]

    return _centres(numbers, ratios, newton, halves=False)


def half_maxima(numbers: Whole, ratios: Real) -> Real:
    """The middle of the two half-maximum points next to the highest maximum; NaN beyond |r| = `FARTHEST`."""

    def newton(n: Whole, r: Real, start: Real) -> Real:
        return half_maximum_centres(n, r, *start.T)[0]

    return _centres(numbers, ratios, newton, halves=True)


def _centres(
    numbers: Whole, ratios: Real, newton: Callable[[Whole, Real, Real], Real], *, halves: bool
) -> Real:
    """Newton's method from the table, a search where the table does not help; the centre is odd in r."""
    from atomcavity.dynamics.dicke.search import search_all

    size = np.abs(ratios)
    found = np.full(len(size), np.nan)
    near = np.flatnonzero(size <= FARTHEST)
    if not len(near):
        return found
    reach = 0.25 * 2.0 ** np.ceil(np.log2(max(4 * float(size[near].max()), 1.0)))
    table = line_table(nodes(numbers[near], NUMBERS), float(reach), halves)
    start = table(numbers[near], size[near])
    known = np.isfinite(start[:, 0])
    easy, hard = near[known], near[~known]
    found[easy] = newton(numbers[easy], size[easy], start[known])
    points = np.full((len(hard), 3), np.nan)
    search_all(numbers[hard], size[hard], halves, points)
    found[hard] = points[:, 1:].mean(axis=1) if halves else points[:, 0]
    return np.where(ratios == 0, 0.0, np.sign(ratios) * found)


ESTIMATORS: dict[str, Callable[[Whole, Real], Real]] = {
    "peak": peaks,
    "centroid": centroids,
    "half-maximum": half_maxima,
}
"""Centre of each line in Gamma from the atoms' own transition, by numbers of atoms and r = Delta/kappa, both (line,)."""
