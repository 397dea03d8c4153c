"""Where a minimisation starts: ions at random in the fluid's ellipsoid, or a ball of the bcc lattice cut to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from atomcavity.traps.crystal.fluid import semi_axes

Array = NDArray[np.float64]


def random_start(matrix: Array, ions: int, rng: np.random.Generator) -> Array:
    """Ions placed independently and uniformly in the fluid's ellipsoid, (ion, 3)."""
    direction = rng.normal(size=(ions, 3))
    direction *= (rng.random(ions) ** (1 / 3) / np.linalg.norm(direction, axis=1))[:, None]
    return direction * semi_axes(matrix, ions) @ np.linalg.eigh(matrix)[1].T


def lattice_start(matrix: Array, ions: int, rng: np.random.Generator) -> Array:
    """The `ions` sites of a bcc lattice that lie innermost in the fluid's ellipsoid, moved a little, (ion, 3).

    The lattice has the fluid's density trace(W)/(4 pi) and an origin drawn at random; it is turned at random in an
    isotropic trap, otherwise its axes are the trap's.
    """
    from scipy.spatial.transform import Rotation

    axes, frame = semi_axes(matrix, ions), np.linalg.eigh(matrix)[1]
    side = (8 * np.pi / np.trace(matrix)) ** (1 / 3)  # two ions a cube: n side^3 = 2
    lines = (np.arange(-reach, reach + 1) for reach in np.ceil(1.1 * axes / side).astype(int) + 2)
    corners = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 3)
    sites = side * (np.concatenate([corners, corners + 0.5]) + rng.random(3))
    depth = np.sum((sites / axes) ** 2, axis=1)
    inner = sites[np.argsort(depth, kind="stable")[:ions]]
    inner = inner + rng.normal(scale=0.02 * side, size=inner.shape)
    if axes[2] > (1 - 1e-9) * axes[0]:
        inner = Rotation.random(rng=rng).apply(inner)
    return inner @ frame.T
