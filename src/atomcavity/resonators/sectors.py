"""The ring of cells between a circle and a square, with the circle exact: for cylinders in `section_mesh`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CORE, AROUND = 0.5, 1.5  # half widths of the squares inside and outside a circle over its radius


def sector_map(rows: Array, x: Array) -> tuple[Array, Array]:
    """Places and Jacobians of cells between a circle and a square; rows (cell, 9), x (2, cell, point).

    A quarter of the ring, turned by `turns` quarter turns, is A(s) + t (B(s) - A(s)) with A on the square c (1, s) and
    B on the circle R (cos pi s/4, sin pi s/4) inside, the other way round outside.
    """
    cy, cz, turns, radius, inside, t0, dt, s0, ds = rows.T[:, :, None]
    t, s = t0 + dt * x[0], s0 + ds * x[1]
    quarter = np.pi / 4
    circle = radius * np.stack([np.cos(quarter * s), np.sin(quarter * s)])
    circle_s = quarter * np.stack([-circle[1], circle[0]])
    half = radius * np.where(inside > 0, CORE, AROUND)
    square = np.stack([half * np.ones_like(s), half * s])
    square_s = np.stack([np.zeros_like(s), half * np.ones_like(s)])
    a, b = np.where(inside > 0, square, circle), np.where(inside > 0, circle, square)
    a_s, b_s = np.where(inside > 0, square_s, circle_s), np.where(inside > 0, circle_s, square_s)
    place, by_t, by_s = a + t * (b - a), (b - a) * dt, (a_s + t * (b_s - a_s)) * ds
    cosine, sine = np.cos(turns * np.pi / 2), np.sin(turns * np.pi / 2)

    def turned(v: Array) -> Array:
        return np.stack([cosine * v[0] - sine * v[1], sine * v[0] + cosine * v[1]])

    jacobian = np.stack([turned(by_t), turned(by_s)], axis=1)
    return turned(place) + np.stack([cy + 0 * s, cz + 0 * s]), jacobian


def sector_inverse(a: Array, b: Array, radius: float, inside: bool) -> tuple[Array, Array]:
    """t and s of places (a, b) in the quarter turned to +y, by Newton's method."""
    half = (CORE if inside else AROUND) * radius
    r = np.hypot(a, b)
    t = np.clip((r - half) / (radius - half) if inside else (r - radius) / (half - radius), 0, 1)
    s = np.clip(b / a, -1, 1)
    row = np.array([[0, 0, 0, radius, inside, 0, 1, 0, 1]], dtype=float)
    for _ in range(30):
        place, jacobian = sector_map(row, np.stack([t, s])[:, None])
        miss = place[:, 0] - np.stack([a, b])
        step = np.linalg.solve(np.moveaxis(jacobian[:, :, 0], -1, 0), miss.T[..., None])[..., 0]
        t, s = t - step[:, 0], s - step[:, 1]
        if np.max(np.abs(step), initial=0.0) < 1e-13:
            break
    return t, s
