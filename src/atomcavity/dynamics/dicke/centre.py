"""Where the line of a collective pulse lies: estimators of its centre, seen in a band and for a time.

The estimators disagree, because the line is not symmetric: the levels' frequencies chirp from
omega_e + chi (N - 2) to omega_e - chi N during the pulse (`dicke.model`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.dicke.gated import Gated, gated
from atomcavity.dynamics.dicke.model import Ladder, ladder
from atomcavity.dynamics.preparation import Initial, Preparation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import ConvergenceError, InputError, number, reals, require, unknown

Real = NDArray[np.float64]
Window = tuple[float, float]

ESTIMATORS = ("peak", "centroid", "half-maximum")
FINE = 20  # points of the grid within N Gamma, the narrowest structure
REACH = 15  # how far the grid reaches over the levels' frequencies, in N Gamma
MOST_POINTS = 20_000  # of half a grid
RIVALS = 0.98  # samples above this part of the highest are refined: one of them is the highest maximum
NODES = 16  # of a Gauss-Legendre panel
MOST_PANELS = 50_000


def line_centre(
    system: CavitySystem,
    estimator: str = "peak",
    *,
    window: Window | None = None,
    duration: float | None = None,
    initial: Initial = "inverted",
) -> float:
    """The centre of a pulse's spectrum S(omega), in rad/s from the system's reference.

    estimator  "peak": the highest maximum; "half-maximum": the middle between the two points next to it where
               S has fallen to its half; "centroid": int omega S d omega/int S d omega
    window     (lowest, highest) detuning that the detector takes (rad/s): the maximum and its half-maximum
               points are looked for inside, the integrals end there.  None: the whole axis, for the centroid as
               the limit of symmetric windows
    duration   time from the start of the pulse during which the detector is open (s); None: the whole pulse

    The centroid without a window is omega_e - chi for inverted emitters of any number, chi = g^2 Delta/(kappa^2/4 +
    Delta^2).  But S falls as 1/omega^2 only: a finite window gives another value (N = 400: 1.21 chi for +-3 N Gamma)
    and an asymmetric one even another sign; and beyond kappa the eliminated cavity does not describe the light.
    The shifts of the other two depend on N (Yu, Vollmer et al. 2023 write them all as proportional to chi).

    Raises `InputError` if the pulse has no light, or if the window ends before the maximum or a half-maximum point.

    >>> from math import tau
    >>> from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
    >>> atoms = Emitters(400, g=tau * 300)
    >>> system = CavitySystem([atoms], [CavityMode(tau * 1.2e6, detuning=tau * 0.1e6)])
    >>> [round(line_centre(system, name) / tau, 4) for name in ESTIMATORS]
    [-1.6208, -0.0243, -0.4658]
    """
    if estimator not in ESTIMATORS:
        raise unknown("estimator", estimator, ESTIMATORS)
    system, prepared = Preparation.of(initial).applied(system)
    model = ladder(system, prepared)
    require(not model.dark, "a pulse without light has no centre")
    if duration is not None:
        duration = number(duration, "duration")
        require(duration > 0, f"duration = {duration:g} s must be > 0, or None")
    if window is not None:
        edges = reals(window, "window")
        good = edges.shape == (2,) and bool(np.isfinite(edges).all()) and bool(edges[0] < edges[1])
        require(good, f"window = {window!r} must be two finite ascending detunings (rad/s)")
        window = (float(edges[0]), float(edges[1]))
    if estimator == "centroid":
        return _centroid(model, window, duration)
    peak, lower, upper = half_points(model, window, duration, halves=estimator != "peak")
    return peak if estimator == "peak" else (lower + upper) / 2


def line_grid(model: Ladder, duration: float | None = None) -> Real:
    """Detunings that resolve N Gamma (or 1/duration), the narrowest structure, and reach over all levels' frequencies."""
    width = model.number * model.rate
    if duration is not None:
        width = max(width, np.pi / duration)
    reach = model.number * abs(model.chi) + REACH * width
    points = 2 * min(MOST_POINTS, int(np.ceil(FINE * reach / width))) + 1
    return model.offset + np.linspace(-reach, reach, points)


def half_points(
    model: Ladder, window: Window | None = None, duration: float | None = None, *, halves: bool = True
) -> tuple[float, float, float]:
    """The highest maximum and the half-maximum points below and above it (NaN if they are not asked for)."""
    farthest = MOST_POINTS / FINE - REACH
    require(
        abs(model.chi) <= farthest * model.rate,
        f"the cavity is detuned by chi/Gamma = {model.chi / model.rate:.3g} kappa: a maximum is looked for up to {farthest:g}",
    )
    line: Ladder | Gated = model if duration is None else gated(model, duration)
    grid = line_grid(model, duration)
    if window is not None:
        step = grid[1] - grid[0]
        low, high = max(window[0], grid[0]), min(window[1], grid[-1])
        require(
            low < high,
            f"window = {window} holds no maximum of the spectrum, which lies in {grid[[0, -1]]} rad/s",
        )
        grid = np.linspace(low, high, max(2 * FINE, int(np.ceil((high - low) / step))) + 1)
    values = line.density(grid)
    peak, height = _highest(line, grid, values, window)
    if not halves:
        return peak, np.nan, np.nan
    sides = (slice(None, None, -1), grid < peak), (slice(None), grid > peak)
    lower, upper = (
        _half(line, peak, height, grid[there][way], values[there][way], window) for way, there in sides
    )
    return peak, lower, upper


def _highest(line: Ladder | Gated, grid: Real, values: Real, window: Window | None) -> tuple[float, float]:
    """Place and height of the highest maximum: of the slope's zeros next to the samples that rival for it."""
    top = values.max()
    inner = np.flatnonzero((values[1:-1] >= values[:-2]) & (values[1:-1] > values[2:])) + 1
    inner = inner[values[inner] >= RIVALS * top]
    found = [_root(lambda at: line.derivatives(at)[1], grid[k - 1], grid[k + 1]) for k in inner]
    heights = [line.derivatives(at)[0] for at in found]
    if not found or max(heights) < max(values[0], values[-1]):
        raise InputError(f"window = {window} ends before the maximum of the spectrum: S rises up to its edge")
    best = int(np.argmax(heights))
    return found[best], heights[best]


def _half(
    line: Ladder | Gated, peak: float, height: float, grid: Real, values: Real, window: Window | None
) -> float:
    """Where the density first falls to half of `height` along the samples on one side of the peak."""
    below = np.flatnonzero(values <= height / 2)
    if not len(below):
        raise InputError(f"window = {window} ends before the spectrum has fallen to half of its maximum")
    k = below[0]
    return _root(lambda at: line.derivatives(at)[0] - height / 2, grid[k - 1] if k else peak, grid[k])


def _root(function: Callable[[float], float], one: float, other: float) -> float:
    from scipy.optimize import brentq

    try:
        return float(brentq(function, one, other, xtol=1e-12 * abs(one - other) + 1e-300, rtol=1e-14))
    except ValueError:
        raise ConvergenceError(
            f"no turning point of the spectrum between {one:g} and {other:g} rad/s"
        ) from None


def _centroid(model: Ladder, window: Window | None, duration: float | None) -> float:
    if window is None:
        weights = model.begun if duration is None else model.passed(np.array([duration]))[0]
        return model.offset + model.rate * float(weights @ model.place / weights.sum())
    line: Ladder | Gated = model if duration is None else gated(model, duration)
    omega, weights = _quadrature(model, window[0] - model.offset, window[1] - model.offset, duration or 0.0)
    weights = weights * line.density(model.offset + omega)
    return model.offset + float(weights @ omega / weights.sum())


def _quadrature(model: Ladder, low: float, high: float, duration: float) -> tuple[Real, Real]:
    """Gauss-Legendre panels over omega = s sinh(u): as fine as N Gamma where the levels' frequencies lie.

    A detector open for a time T makes ripples of period 2 pi/T, which the panels resolve too.
    """
    width = model.number * model.rate
    scale = width + model.number * abs(model.chi)
    ends = np.arcsinh(low / scale), np.arcsinh(high / scale)
    finest = max(3 * scale / width, duration * np.hypot(max(abs(low), abs(high)), scale) / NODES)
    panels = int(np.ceil((ends[1] - ends[0]) * finest))
    require(
        panels <= MOST_PANELS, "the window is too wide for this duration: its ripples cannot all be resolved"
    )
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    edges = np.linspace(*ends, panels + 1)
    half = np.diff(edges)[:, None] / 2
    u = (edges[:-1, None] + half * (1 + nodes)).ravel()
    return scale * np.sinh(u), (half * weights).ravel() * scale * np.cosh(u)
