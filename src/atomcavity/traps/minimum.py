"""The stationary point of a potential outside a sphere: where it is, how deep, how stiff, and how it opens."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import k as boltzmann

from atomcavity.errors import ConvergenceError

Array = NDArray[np.float64]
Potential = Callable[[Array], Array]

DIRECTIONS = ("rho", "theta", "phi")
_STEP = 1e-9  # m, of the finite differences: fourth order over structures of some 100 nm
_OFFSETS = np.array([-2, -1, 1, 2])
_FIRST = np.array([1, -8, 8, -1]) / 12
_SECOND = np.array([-1, 16, 16, -1]) / 12
_NEAREST = 1e-9  # m, from the surface: where the search along the radius begins


@dataclass(frozen=True)
class TrapMinimum:
    """A minimum of the trap's potential, or the reason why there is none.

    exists        whether there is a three-dimensional minimum; false: `reason` says why, and numbers are those of
                  the stationary point on the equator, NaN where there is none
    position      (3,) Cartesian (m)
    distance      from the surface (m)
    energy        U at the minimum (J), zero at infinity
    depth         from the bottom to infinity, -U (J), as the microlaser paper counts it
    barrier       height of the maximum towards the surface above the bottom, along the radius (J)
    barrier_distance   where that is, from the surface (m)
    hessian       (3, 3) second derivatives along (rho, theta, phi) (J/m^2)
    frequencies   (3,) sqrt(H_ii/M) along rho, theta, phi (rad/s); NaN for a direction without restoring force
    principal     (3,) frequencies along the principal axes, ascending (rad/s); NaN as above
    others        number of further minima on the same radius
    """

    exists: bool
    reason: str = ""
    position: Array = field(default_factory=lambda: np.full(3, math.nan))
    distance: float = math.nan
    energy: float = math.nan
    depth: float = math.nan
    barrier: float = math.nan
    barrier_distance: float = math.nan
    hessian: Array = field(default_factory=lambda: np.full((3, 3), math.nan))
    frequencies: Array = field(default_factory=lambda: np.full(3, math.nan))
    principal: Array = field(default_factory=lambda: np.full(3, math.nan))
    others: int = 0
    warnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.exists

    def __str__(self) -> str:
        if not self.exists and math.isnan(self.distance):
            return f"no trap: {self.reason}"
        unit = boltzmann * 1e-6
        lines = [
            "minimum" if self.exists else f"no trap: {self.reason}",
            f"  {self.distance * 1e9:.1f} nm from the surface, depth {self.depth / unit:.4g} µK",
            f"  barrier to the surface {self.barrier / unit:.4g} µK at {self.barrier_distance * 1e9:.1f} nm",
            "  Ω/2π (rho, theta, phi) = "
            + ", ".join(f"{f / (2e3 * math.pi):.4g}" for f in self.frequencies)
            + " kHz",
        ]
        return "\n".join(lines + [f"  warning: {text}" for text in self.warnings])


@dataclass(frozen=True)
class RadialWell:
    """Extrema of the potential along one radius: distances from the surface (m)."""

    minima: tuple[float, ...]
    top: float
    shape: str  # "well", or how the potential goes without one: "attractive", "repulsive"


def local_frame(position: Array) -> Array:
    """Unit vectors e_rho, e_theta, e_phi (rows) at Cartesian positions (..., 3); shape (..., 3, 3)."""
    from atomcavity.resonators.fields import spherical

    return spherical(position, 0.0)[3]


def equator(distance: ArrayLike, radius: float, azimuth: float) -> Array:
    """Cartesian positions (..., 3) on the equator at distances (m) from a sphere of `radius`."""
    direction = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    return (radius + np.asarray(distance, dtype=float))[..., None] * direction


def radial_well(potential: Potential, radius: float, azimuth: float, reach: float) -> RadialWell:
    """The extrema on an equatorial radius, from the surface out to `reach` (m): deepest minimum first."""
    from scipy.optimize import minimize_scalar

    distance = np.geomspace(_NEAREST, reach, 1200)
    energy = potential(equator(distance, radius, azimuth))
    inner = np.flatnonzero((energy[1:-1] < energy[:-2]) & (energy[1:-1] < energy[2:])) + 1
    if len(inner) == 0:
        return RadialWell(
            (), math.nan, "attractive" if energy[-1] > energy[len(energy) // 2] else "repulsive"
        )

    def refine(k: int, sign: int) -> float:
        bracket = (distance[k - 1], distance[k + 1])
        return float(
            minimize_scalar(
                lambda d: sign * float(potential(equator(np.array([d]), radius, azimuth))[0]),
                bounds=bracket,
                method="bounded",
                options={"xatol": 1e-14},
            ).x
        )

    deepest = sorted((int(k) for k in inner), key=lambda k: float(energy[k]))
    top = int(np.argmax(energy[: deepest[0]]))
    return RadialWell(
        tuple(refine(k, 1) for k in deepest), refine(top, -1) if top > 0 else float(distance[0]), "well"
    )


def derivatives(potential: Potential, position: Array) -> tuple[float, Array, Array]:
    """U, gradient (3,) and Hessian (3, 3) along the local (rho, theta, phi) directions, by fourth-order differences."""
    frame = local_frame(position)
    line = _OFFSETS[None, :, None] * frame[:, None, :]  # (direction, offset, xyz)
    pairs = [(0, 1), (0, 2), (1, 2)]
    planes = np.array([line[a][:, None] + line[b][None, :] for a, b in pairs])
    points = np.concatenate([[np.zeros(3)], line.reshape(-1, 3), planes.reshape(-1, 3)])
    energy = potential(position + _STEP * points)
    centre, on_line, on_plane = energy[0], energy[1:13].reshape(3, 4), energy[13:].reshape(3, 4, 4)
    gradient = on_line @ _FIRST / _STEP
    hessian = np.diag((on_line @ _SECOND - 30 / 12 * centre) / _STEP**2)
    for (a, b), values in zip(pairs, on_plane, strict=True):
        hessian[a, b] = hessian[b, a] = _FIRST @ values @ _FIRST / _STEP**2
    return float(centre), gradient, hessian


def stationary_point(potential: Potential, start: Array) -> tuple[Array, float, Array]:
    """Newton's method from `start`: position (3,), U and the local Hessian where the gradient vanishes.

    Raises `ConvergenceError` if the steps do not fall below 1e-13 m, or leave the neighbourhood.
    """
    position = np.array(start, dtype=float)
    for _ in range(30):
        energy, gradient, hessian = derivatives(potential, position)
        # A direction in which U does not change at all (the ring of a running wave) gets no step.
        step = -np.linalg.pinv(hessian, rcond=1e-9, hermitian=True) @ gradient
        size = float(np.linalg.norm(step))
        if size < 1e-13:
            return position, energy, hessian
        if size > 2e-8:
            step *= 2e-8 / size
        position = position + step @ local_frame(position)
        if np.linalg.norm(position - start) > 2e-7:
            break
    raise ConvergenceError(
        f"the search for the trap's minimum left its start by {np.linalg.norm(position - start):.2g} m "
        f"(last step {size:.2g} m)"
    )


def frequencies(hessian: Array, mass: float) -> tuple[Array, Array]:
    """(along rho, theta, phi; along the principal axes) in rad/s; NaN where U does not rise."""
    scale = np.abs(np.diag(hessian)).max()

    def root(stiffness: ArrayLike) -> Array:
        values = np.asarray(stiffness, dtype=float)
        return np.sqrt(np.where(values > 1e-7 * scale, values, np.nan) / mass)

    return root(np.diag(hessian)), root(np.linalg.eigvalsh(hessian))


def lowest_passage(energy: Array, start: tuple[int, int], exits: NDArray[np.bool_]) -> float:
    """The lowest energy at which the region around `start` on a grid is connected to any of `exits`."""
    from scipy.ndimage import label

    low, high = float(energy[start]), float(energy.max())
    for _ in range(40):
        middle = (low + high) / 2
        regions, _ = label(energy <= middle)
        home = regions[start]
        if home and np.any(regions[exits] == home):
            high = middle
        else:
            low = middle
    return high
