"""A spherical crystal as a few groups of ions: nodes of Gauss's quadrature over the sphere and the standing wave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import require

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Nodes:
    """Places in the unit sphere, phases of the standing wave there, and how much of the sphere each stands for.

    position  (node, 3); z >= 0: what is averaged must be even in z; x = y: it must not depend on the azimuth
    phase     (node,), k z of a node between an antinode (0) and a zero (pi/2) of the field
    weight    (node,), of sum one
    """

    position: Real
    phase: Real
    weight: Real

    @classmethod
    def of(cls, groups: int) -> Nodes:
        """n^3 nodes, n = groups^(1/3): Gauss-Legendre in z and r_perp^2, evenly spaced phases.

        `InputError` if the number of groups is no cube.
        """
        n = round(groups ** (1 / 3))
        require(n >= 1 and n**3 == groups, f"groups = {groups!r} must be a cube: 1, 8, 27, 64, 125, ...")
        x, w = np.polynomial.legendre.leggauss(n)
        unit, share = (1 + x) / 2, w / 2
        phases = (np.arange(n) + 0.5) * np.pi / (2 * n)
        z, square, phase = np.meshgrid(unit, unit, phases, indexing="ij")
        weight = share[:, None, None] * share[:, None] * np.ones(n) / n * 1.5 * (1 - z**2)
        across = np.sqrt((1 - z**2) * square / 2)
        position = np.stack([across, across, z], axis=-1).reshape(-1, 3)
        return cls(position, phase.ravel(), weight.ravel() / weight.sum())

    def numbers(self, ions: int) -> NDArray[np.int64]:
        """Whole numbers of ions (node,) that add up to `ions`, by largest remainders."""
        exact = self.weight * ions
        found = np.floor(exact).astype(np.int64)
        missing = ions - int(found.sum())
        found[np.argsort(found - exact, kind="stable")[:missing]] += 1
        return found
