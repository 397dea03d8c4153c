"""Minima of a potential: where, how deep, how stiff, and over which barrier an atom leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import k as boltzmann

from atomcavity.errors import InputError, number, require
from atomcavity.traps.potential import Potential

Array = NDArray[np.float64]

_HEAVY = 1e-9  # kg: no particle in a trap
_STEPS = 200  # of the descent
_REACH = 100e-6  # m, over which the barriers of a site are looked for, if not told
_RAY = np.concatenate([np.arange(1, 1000) * 0.5e-9, 0.5e-6 * 1.01 ** np.arange(1000)])  # m


@dataclass(frozen=True, eq=False)
class Site:
    """A minimum of a potential.

    position     (3,) (m)
    energy       U there (J)
    depth        lowest of the barriers along the principal axes, above the minimum (J): within `reach` or the region
    barriers     (axis, 2) along each principal axis, ahead and behind: the maximum there above the minimum (J)
    frequencies  (axis,) of small motion along the principal axes, ascending (rad/s); in a potential that does not depend on
                 x two of them
    axes         (axis, 3) unit vectors
    hessian      (3, 3) (J/m^2)
    """

    position: Array
    energy: float
    depth: float
    barriers: Array
    frequencies: Array
    axes: Array
    hessian: Array

    def __str__(self) -> str:
        where = ", ".join(f"{round(1e9 * x, 1) + 0:.1f}" for x in self.position)
        nu = ", ".join(f"{w / (2e3 * math.pi):.4g}" for w in self.frequencies)
        return f"site at ({where}) nm, depth {1e6 * self.depth / boltzmann:.4g} µK, ω/2π = {nu} kHz"


def find_site(
    potential: Potential, mass: float, *, near: ArrayLike, time: float = 0.0, reach: float = _REACH
) -> Site:
    """The minimum of `potential` that a descent from `near` (3,) (m) ends in, for atoms of `mass` (kg).

    Barriers are looked for along the principal axes up to `reach` (m) away: the true barrier of a bent valley is at most
    that.  Raises `InputError` if the descent leaves the region or ends where the potential is not a minimum.
    """
    require(0 < number(mass, "mass") < _HEAVY, f"mass = {mass!r} must be that of an atom in kg")
    start = np.asarray(near, dtype=float)
    require(start.shape == (3,), f"near of shape {start.shape}: (x, y, z) needed")
    axes = [1, 2] if potential.uniform else [0, 1, 2]
    place = _descend(potential, start, axes, time)
    hessian = potential.hessian(place, time)
    values, vectors = np.linalg.eigh(hessian[np.ix_(axes, axes)])
    if values[0] <= 0:
        raise InputError(
            f"no minimum near {start.tolist()} m: the descent ended on a saddle or slope at {place.tolist()} m"
        )
    directions = np.zeros((len(axes), 3))
    directions[:, axes] = vectors.T
    energy = float(potential.energy(place, time))
    barriers = np.array(
        [[_barrier(potential, place, sign * d, reach, time) - energy for sign in (1, -1)] for d in directions]
    )
    return Site(place, energy, float(barriers.min()), barriers, np.sqrt(values / mass), directions, hessian)


def sites_along(
    potential: Potential,
    mass: float,
    start: ArrayLike,
    end: ArrayLike,
    *,
    points: int = 2001,
    time: float = 0.0,
) -> list[Site]:
    """All minima that a descent reaches from the minima along the straight line from `start` to `end` (3,) (m), in its order.

    mass    of the atom (kg), for the frequencies
    points  of the line that are looked at: sites closer than two steps are not told apart
    time    at which the potential is taken (s)

    An empty list if there is none.
    """
    a, b = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    line = a + np.linspace(0, 1, points)[:, None] * (b - a)
    u = potential.energy(line, time)
    found: list[Site] = []
    for k in np.flatnonzero((u[1:-1] < u[:-2]) & (u[1:-1] <= u[2:])) + 1:
        try:
            site = find_site(potential, mass, near=line[k], time=time)
        except InputError:  # a minimum of the line only
            continue
        if all(np.linalg.norm(site.position - other.position) > 1e-9 for other in found):
            found.append(site)
    return found


def sites_in(
    potential: Potential,
    mass: float,
    y: tuple[float, float],
    z: tuple[float, float],
    *,
    x: float = 0.0,
    points: tuple[int, int] = (121, 121),
    time: float = 0.0,
) -> list[Site]:
    """All minima in a rectangle of the y-z plane, deepest first: those of a raster of `points`, refined.

    mass  of the atom (kg), for the frequencies
    y, z  from and to (m); x: of the plane (m)
    time  at which the potential is taken (s)

    An empty list if there is none; a site narrower than the raster may be missed.
    """
    grid = np.stack(
        np.meshgrid([x], np.linspace(*y, points[0]), np.linspace(*z, points[1]), indexing="ij"), -1
    )[0]
    u = potential.energy(grid, time)
    inner = u[1:-1, 1:-1]
    lowest = np.ones_like(inner, dtype=bool)
    for dy in (-1, 0, 1):
        for dz in (-1, 0, 1):
            if dy or dz:
                lowest &= inner <= u[1 + dy : u.shape[0] - 1 + dy, 1 + dz : u.shape[1] - 1 + dz]
    found: list[Site] = []
    for i, j in np.argwhere(lowest) + 1:
        try:
            site = find_site(potential, mass, near=grid[i, j], time=time)
        except InputError:
            continue
        if all(np.linalg.norm(site.position - other.position) > 1e-9 for other in found):
            found.append(site)
    return sorted(found, key=lambda site: site.energy)


def _descend(potential: Potential, start: Array, axes: list[int], time: float) -> Array:
    """Newton's method where the potential is convex, else downhill, never more than 20 nm a step; uphill steps are halved."""
    place, u = start.copy(), float(potential.energy(start, time))
    for _ in range(_STEPS):
        f = potential.force(place, time)[axes]
        values, vectors = np.linalg.eigh(potential.hessian(place, time)[np.ix_(axes, axes)])
        stiff = np.maximum(np.abs(values), 1e-6 * np.abs(values).max() + 1e-300)
        step = vectors @ ((vectors.T @ f) / stiff)
        step *= min(1.0, 20e-9 / max(float(np.linalg.norm(step)), 1e-300))
        while True:
            trial = place.copy()
            trial[axes] += step
            found = float(potential.energy(trial, time))
            if found <= u or np.linalg.norm(step) < 1e-15:
                break
            step /= 2
        if np.linalg.norm(step) < 1e-14:
            break
        place, u = trial, found
    return place


def _barrier(potential: Potential, place: Array, direction: Array, reach: float, time: float) -> float:
    """The first maximum of U along a ray that is followed by a descent, or the highest value on it."""
    box = np.array(potential.region)
    ray = place + np.append(_RAY[reach > _RAY], reach)[:, None] * direction
    ray = ray[np.all((ray >= box[:, 0]) & (ray <= box[:, 1]), axis=-1)]
    if len(ray) == 0:
        return float(potential.energy(place, time))
    u = potential.energy(ray, time)
    down = np.flatnonzero(u[1:] < u[:-1])
    return float(u[down[0]] if len(down) else u[-1])
