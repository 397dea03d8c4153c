r"""The field of a mode above and below its waveguide as a sum of evanescent plane waves: smooth, without a mesh.

In a homogeneous half-space the field that dies out away from its boundary follows from the tangential field there,

    E_y, E_x = sum_j (a_j, i n_eff b_j) (cos, sin)(q_j y) e^{-kappa_j d},   kappa_j^2 = n_eff^2 - eps + q_j^2

(lengths in units of 1/k_0, d the distance), and E_z from div E = 0.  The a_j and b_j are integrals of the finite elements'
tangential field over the boundary; the q_j are those of the walls of the mesh.  Details finer than the shortest of the waves
(near the guide's edges) die out within their size.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .patches import Patches

Array = NDArray[np.float64]

_BLOCK = 2**19  # values of the waves held at once
_DARK = 40.0  # exponents beyond which a wave is left out


@dataclass(frozen=True, eq=False)
class HalfSpace:
    """Waves in the half-space above (side 1) or below (side -1) z = `height`; the arrays are (wave,)."""

    height: float
    side: int
    even: bool
    index: float
    q: Array
    kappa: Array
    across: Array
    along: Array

    def values(self, places: Array) -> tuple[Array, Array]:
        """e_x, E_y, E_z (3, place) and their slopes along y and z (3, 2, place), at places (2, place)."""
        field, slope = np.zeros((3, places.shape[1])), np.zeros((3, 2, places.shape[1]))
        size = max(1, _BLOCK // len(self.q))
        for start in range(0, places.shape[1], size):
            part = slice(start, start + size)
            field[:, part], slope[:, :, part] = self._block(*places[:, part])
        return field, slope

    def _block(self, y: Array, z: Array) -> tuple[Array, Array]:
        away = self.side * (z - self.height)
        bright = self.kappa * away.min() < _DARK
        bright[0] = True
        q, kappa, a, b = (each[bright] for each in (self.q, self.kappa, self.across, self.along))
        fall = np.exp(-np.outer(away, kappa))
        cos, sin = np.cos(np.outer(y, q)) * fall, np.sin(np.outer(y, q)) * fall
        turn = -q if self.even else q  # d/dy of E_y's function is turn times the other one's
        up = self.side * (turn * a - self.index**2 * b) / kappa
        own, other = (cos, sin) if self.even else (sin, cos)
        drop = -self.side * kappa
        field = np.stack([other @ b, own @ a, other @ up])
        slope = np.stack(
            [
                np.stack([own @ (-turn * b), other @ (drop * b)]),
                np.stack([other @ (turn * a), own @ (drop * a)]),
                np.stack([own @ (-turn * up), other @ (drop * up)]),
            ]
        )
        return field, slope


def half_space(
    patches: Patches, even: bool, index: float, permittivity: float, height: float, side: int, finest: float
) -> HalfSpace:
    """The waves of a mode beyond z = `height`, a line of the mesh; `finest`: the largest q."""
    wall = float(patches.y[-1])
    shift = 0.0 if even else 0.5
    q = np.asarray((np.arange(max(8, int(finest * wall / np.pi))) + shift) * (np.pi / wall), dtype=np.float64)
    y, dy = _fine_nodes(patches.y, np.pi / finest)
    field, _ = patches.values(np.stack([y, np.full_like(y, height)]), below=side < 0)
    norm = np.where(q == 0, 1.0, 2.0) / wall
    cos, sin = np.cos(np.outer(q, y)) * dy, np.sin(np.outer(q, y)) * dy
    own, other = (cos, sin) if even else (sin, cos)
    across, along = norm * (own @ field[1]), norm * (other @ field[0])
    kappa = np.sqrt(index**2 - permittivity + q**2)
    return HalfSpace(height, side, even, index, q, kappa, across, along)


def _fine_nodes(lines: Array, longest: float) -> tuple[Array, Array]:
    """Gauss nodes and weights of the intervals between `lines`, cut into pieces no longer than `longest`."""
    pieces = [np.linspace(a, b, int(np.ceil((b - a) / longest)) + 1)[:-1] for a, b in pairwise(lines)]
    starts = np.concatenate([*pieces, lines[-1:]])
    steps = np.diff(starts)[:, None]
    nodes, weights = np.polynomial.legendre.leggauss(6)
    return (starts[:-1, None] + steps * (nodes + 1) / 2).ravel(), (steps * weights / 2).ravel()
