"""Quadrilateral meshes of a `Section`: lines through all edges, graded at corners; exact circles.

Lengths are in units of 1/k0.  Outside the physical window lies the absorbing layer, see `Stretch`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .sectors import CORE, sector_inverse, sector_map

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Stretch:
    """The perfectly matched layer along one axis: d/dy -> (1/s) d/dy, s = 1 outside it.

    s = 1 + i sigma (t/d)^2 at depth t in the layer of thickness d, with the integral of sigma given by `strength`.
    """

    low: float
    high: float
    thickness: float
    strength: float

    def at(self, y: Array) -> Complex:
        """s at y."""
        depth = np.maximum(np.maximum(self.low - y, y - self.high), 0.0) / self.thickness
        return np.asarray(1 + 3j * self.strength / self.thickness * depth**2, dtype=complex)


@dataclass(frozen=True)
class SectionMesh:
    """Cells with their permittivity, that of the background, and their geometry.

    corners       (4, cell) numbers of vertices, counter-clockwise; vertices (2, vertex)
    box           (cell, 4): y, its width at the lower edge, z, its height, of cells that lie in the grid of lines
    lean          (cell, 2): by how much the left and the right side go to +y from the lower to the upper edge
    curved        (cell,) row of `sectors`, or -1
    sectors       (n, 9), one row a curved cell, see `sector_map`
    owner         number of the circle around which a cell lies, or -1
    y_lines       (z line, y line): y of the lines, which lean where a profile's sides do
    grid          (y interval, z interval) cell, or -1 - number of the circle
    """

    vertices: Array
    corners: NDArray[np.int64]
    box: Array
    lean: Array
    curved: NDArray[np.int64]
    sectors: Array
    permittivity: Complex
    background: Complex
    owner: NDArray[np.int64]
    y_lines: Array
    z_lines: Array
    grid: NDArray[np.int64]
    stretch: tuple[Stretch, Stretch]

    @property
    def bent(self) -> NDArray[np.bool_]:
        """(cell,): whether a cell is no rectangle."""
        return (self.curved >= 0) | np.any(self.lean != 0, axis=1)

    def map(self, cells: NDArray[np.int64], local: Array) -> tuple[Array, Array]:
        """Places (2, cell, point) and Jacobian d place_i/d local_j (2, 2, cell, point) at local (2, point or cell, point)."""
        x = np.broadcast_to(local if local.ndim == 3 else local[:, None, :], (2, len(cells), local.shape[-1]))
        place = np.empty(x.shape)
        jacobian = np.zeros((2, 2, *x.shape[1:]))
        y, width, z, height = self.box[cells].T[:, :, None]
        left, right = self.lean[cells].T[:, :, None]
        lean = left + (right - left) * x[0]
        place[0], place[1] = y + width * x[0] + lean * x[1], z + height * x[1]
        jacobian[0, 0], jacobian[0, 1], jacobian[1, 1] = width + (right - left) * x[1], lean, height
        round_ = self.curved[cells] >= 0
        if round_.any():
            place[:, round_], jacobian[:, :, round_] = sector_map(
                self.sectors[self.curved[cells[round_]]], x[:, round_]
            )
        return place, jacobian

    def locate(self, y: Array, z: Array) -> tuple[NDArray[np.int64], Array]:
        """Cell and local coordinates (2, point) of points; on an edge the cell away from y = 0, or above."""
        nudge = 1e-9
        y = np.clip(y + nudge * np.sign(y), self.y_lines[0, 0], self.y_lines[0, -1])
        z = np.clip(z + nudge, self.z_lines[0], self.z_lines[-1])
        j = np.clip(np.searchsorted(self.z_lines, z, side="right") - 1, 0, len(self.z_lines) - 2)
        cells = self.grid[self._column(y, z, j), j]
        local = np.empty((2, y.size))
        for circle in np.unique(cells[cells < 0]):
            chosen = np.flatnonzero(cells == circle)
            cells[chosen], local[:, chosen] = self._in_circle(-1 - int(circle), y[chosen], z[chosen])
        flat = self.curved[cells] < 0
        at, (left, right) = self.box[cells[flat]], self.lean[cells[flat]].T
        up = (z[flat] - at[:, 2]) / at[:, 3]
        local[0, flat] = (y[flat] - at[:, 0] - up * left) / (at[:, 1] + up * (right - left))
        local[1, flat] = up
        return cells, local

    def _column(self, y: Array, z: Array, j: NDArray[np.intp]) -> NDArray[np.intp]:
        """Interval of y of points in the rows j."""
        lines = self.y_lines
        if not self.lean.any():
            found = np.searchsorted(lines[0], y, side="right")
        else:
            found = np.empty(y.size, dtype=np.intp)
            up = (z - self.z_lines[j]) / (self.z_lines[j + 1] - self.z_lines[j])
            for start in range(0, y.size, 8192):
                part = slice(start, start + 8192)
                there = lines[j[part]] + up[part, None] * (lines[j[part] + 1] - lines[j[part]])
                found[part] = np.sum(there <= y[part, None], axis=1)
        return np.clip(found - 1, 0, lines.shape[1] - 2)

    def _in_circle(self, number: int, y: Array, z: Array) -> tuple[NDArray[np.int64], Array]:
        """Cells and local coordinates around the circle `number`."""
        mine = np.flatnonzero(self.owner == number)
        bent = mine[self.curved[mine] >= 0]
        rows = self.sectors[self.curved[bent]]
        centre, radius = rows[0, :2], rows[0, 3]
        v = np.stack([y - centre[0], z - centre[1]])
        cells = np.empty(y.size, dtype=np.int64)
        local = np.zeros((2, y.size))
        half = CORE * radius
        inner = np.max(np.abs(v), axis=0) < half
        flat = mine[self.curved[mine] < 0]
        side = math.isqrt(len(flat))
        i, j = np.clip(((v[:, inner] + half) * (side / (2 * half))).astype(int), 0, side - 1)
        cells[inner] = flat[i * side + j]
        out = np.flatnonzero(~inner)
        turns = np.mod(np.round(np.arctan2(v[1, out], v[0, out]) / (np.pi / 2)), 4)
        cosine, sine = np.cos(turns * np.pi / 2), np.sin(turns * np.pi / 2)
        along, across = cosine * v[0, out] + sine * v[1, out], cosine * v[1, out] - sine * v[0, out]
        within = np.hypot(along, across) < radius
        for is_inside in (True, False):
            here = within == is_inside
            t, s = sector_inverse(along[here], across[here], radius, is_inside)
            for turn in range(4):
                sector = bent[(rows[:, 2] == turn) & (rows[:, 4] == is_inside)]
                pick = turns[here] == turn
                order, inside = _in_sector(self.sectors[self.curved[sector]], t[pick], s[pick])
                target = out[np.flatnonzero(here)[pick]]
                cells[target], local[:, target] = sector[order], inside
        return cells, local


def _in_sector(rows: Array, t: Array, s: Array) -> tuple[NDArray[np.intp], Array]:
    """Which of the cells (t runs slow) of one quarter, and local coordinates (2, point) in it."""
    t, s = np.clip(t, 0, 1), np.clip(s, -1, 1)
    t_cells, s_cells = round(1 / rows[0, 6]), round(2 / rows[0, 8])
    row = np.clip((t * t_cells).astype(np.intp), 0, t_cells - 1)
    column = np.clip(((s + 1) / 2 * s_cells).astype(np.intp), 0, s_cells - 1)
    order = row * s_cells + column
    return order, np.stack([(t - rows[order, 5]) / rows[order, 6], (s - rows[order, 7]) / rows[order, 8]])
