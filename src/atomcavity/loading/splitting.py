"""Symplectic steps of H = T(p) + V(r, t): kicks and drifts in turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from atomcavity.errors import require


@dataclass(frozen=True)
class Splitting:
    """A step of kick, drift, kick, ..., kick in units of its length: one kick more than drifts, both of sum 1.

    order  of the error of a trajectory in the step's length; the last kick's force is the next step's first
    """

    name: str
    order: int
    drifts: tuple[float, ...]
    kicks: tuple[float, ...]

    def __post_init__(self) -> None:
        require(len(self.kicks) == len(self.drifts) + 1, "a splitting begins and ends with a kick")
        for name in ("drifts", "kicks"):
            total = float(np.sum(getattr(self, name)))
            require(abs(total - 1) < 1e-12, f"the {name} of a splitting must have the sum 1, not {total!r}")


VELOCITY_VERLET = Splitting("velocity Verlet", 2, (1.0,), (0.5, 0.5))

_W = 1 / (2 - 2 ** (1 / 3))
FOREST_RUTH = Splitting(  # E. Forest and R. D. Ruth, Physica D 43, 105 (1990); H. Yoshida, Phys. Lett. A 150, 262 (1990)
    "Forest-Ruth", 4, (_W, 1 - 2 * _W, _W), (_W / 2, (1 - _W) / 2, (1 - _W) / 2, _W / 2)
)


def _blanes_moan() -> Splitting:
    """S. Blanes and P. C. Moan, J. Comput. Appl. Math. 142, 313 (2002), Table 3: order 4, six forces, Runge-Kutta-Nystrom."""
    b1, b2, b3 = 0.0829844064174052, 0.396309801498368, -0.0390563049223486
    a1, a2 = 0.245298957184271, 0.604872665711080
    a3, b4 = 0.5 - (a1 + a2), 1 - 2 * (b1 + b2 + b3)
    return Splitting("Blanes-Moan RKN4", 4, (a1, a2, a3, a3, a2, a1), (b1, b2, b3, b4, b3, b2, b1))


BLANES_MOAN = _blanes_moan()
