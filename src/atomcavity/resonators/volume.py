"""Where the field of a mode is strongest, and how strong it is at a place: for mode volumes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import require

from .fields import Shape

Array = NDArray[np.float64]


def strength(shape: Shape, at: ArrayLike, standing: bool) -> float:
    """|E|² (1/m²) of the unit shape at one Cartesian position (3,), running or standing wave."""
    require(
        np.shape(at) == (3,),
        f"at = {at!r} given; the mode volume belongs to one Cartesian position (3,), in m",
    )
    field = shape.field(at)
    if not standing:
        return float(np.sum(np.abs(field) ** 2))
    return float(2.0 * np.sum(field.real**2))  # (E + E*)/√2, because -m is the conjugate of +m


def peak(shape: Shape, standing: bool) -> float:
    """Maximum of ε|E|² (1/m²) over all space; for a standing wave also over φ."""
    radius = shape.radial.radius
    wavelength = math.tau / (shape.radial.wavenumber * shape.radial.index)
    low = max(0.02 * radius, radius - 0.5 * wavelength - 3.0 * radius * (1.0 - _turning(shape)))
    inner = np.linspace(low, radius * (1 - 1e-13), 400)
    half = min(0.5 * math.pi, 6.0 / math.sqrt(max(abs(shape.m), 1)) * math.sqrt(shape.l - abs(shape.m) + 1.0))
    theta = 0.5 * math.pi - np.linspace(0.0, half - 1e-9, 400)
    if shape.te:  # the radial and the angular factor have their maxima separately
        best_theta = theta[np.argmax(_density(shape, np.array([inner[-1]]), theta, standing)[0])]
        theta = np.array([best_theta])
    values = [_density(shape, r, theta, standing) for r in (inner, np.array([radius]))]
    i, j = np.unravel_index(int(np.argmax(values[0])), values[0].shape)
    refined = _refine(shape, float(inner[i]), float(theta[j]), inner[1] - inner[0], half / 400, standing)
    return max(refined, float(values[1].max()))


def _turning(shape: Shape) -> float:
    return min(1.0, shape.l / (shape.radial.index * shape.radial.x))


def _density(shape: Shape, r: Array, theta: Array, standing: bool) -> Array:
    e_r, e_theta, e_phi = shape.components(r[:, None] * np.ones(theta.size), np.ones((r.size, 1)) * theta)
    meridional, azimuthal = np.abs(e_r) ** 2 + np.abs(e_theta) ** 2, np.abs(e_phi) ** 2
    total = 2.0 * np.maximum(meridional, azimuthal) if standing else meridional + azimuthal
    return shape.epsilon(r)[:, None] * total


def _refine(shape: Shape, r: float, theta: float, dr: float, dtheta: float, standing: bool) -> float:
    """Zoom in on the maximum by repeated 9 by 9 grids, inside the sphere."""
    best = 0.0
    limit = shape.radial.radius * (1 - 1e-13)
    for _ in range(8):
        radii = np.clip(np.linspace(r - dr, r + dr, 9), 0.0, limit)
        angles = np.linspace(theta - dtheta, theta + dtheta, 9)
        values = _density(shape, radii, angles, standing)
        i, j = np.unravel_index(int(np.argmax(values)), values.shape)
        r, theta, best = float(radii[i]), float(angles[j]), float(values[i, j])
        dr, dtheta = dr / 3.0, dtheta / 3.0
    return best
