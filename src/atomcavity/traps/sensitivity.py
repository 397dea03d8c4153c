r"""How the shift of a transition follows the powers of a two-colour trap when the atom follows the trap.

The shift Delta(x, P) of the transition depends on the powers in two ways: directly, and because the minimum x of
U(x, P) moves. With grad U = 0 at the minimum and H the Hessian of U there

    d Delta/d ln P = Delta_P + grad Delta . dx/d ln P,     dx/d ln P = -H^-1 grad U_P,

where Delta_P and U_P are the parts of the beam with power P: shift and potential are linear in it. The second term is
not small: more blue light pushes the atom outwards, into less light of both colours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar

from atomcavity.traps.minimum import derivatives
from atomcavity.units import show

if TYPE_CHECKING:
    from atomcavity.traps.evanescent import TwoColorTrap

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PowerSlope:
    """Derivatives with respect to the logarithm of one beam's power.

    fixed         of the shift of an atom held in its place: the beam's own light shift (rad/s)
    moved         part of the shift ("red", "blue", "surface") -> what the displacement adds to the derivative (rad/s)
    displacement  (3,) of the trap's minimum along rho, theta, phi (m)
    """

    fixed: float
    moved: dict[str, float]
    displacement: Array

    @property
    def total(self) -> float:
        """d Delta/d ln P of an atom that follows the trap's minimum (rad/s)."""
        return self.fixed + sum(self.moved.values())


@dataclass(frozen=True)
class ShiftSensitivity:
    """How a transition's shift at the trap's minimum depends on the powers.

    shift      part ("red", "blue", "surface") -> shift at the minimum (rad/s)
    red, blue  the `PowerSlope` of each beam
    """

    shift: dict[str, float]
    red: PowerSlope
    blue: PowerSlope

    @property
    def common(self) -> float:
        """The derivative with respect to the logarithm of both powers together (rad/s)."""
        return self.red.total + self.blue.total

    def deviation(self, red: float, blue: float) -> float:
        """Standard deviation of the shift (rad/s) for relative standard deviations of the powers, independent."""
        return math.hypot(self.red.total * red, self.blue.total * blue)

    def __str__(self) -> str:
        total = show(sum(self.shift.values()), "angular")
        lines = [f"shift {total}; for 1 % more power"]
        for name in ("red", "blue"):
            slope: PowerSlope = getattr(self, name)
            lines.append(
                f"  {name:4s} {show(slope.total / 100, 'angular')} ({show(slope.fixed / 100, 'angular')} with the atom "
                f"held in place), the trap moves by {show(slope.displacement[0] / 100, 'length')}"
            )
        return "\n".join([*lines, f"  both {show(self.common / 100, 'angular')}"])


def shift_sensitivity(trap: TwoColorTrap, level: str, m: float = 0) -> ShiftSensitivity:
    """See `TwoColorTrap.shift_sensitivity`."""
    minimum = trap.require_minimum()
    here = minimum.position
    inverse = np.linalg.pinv(minimum.hessian, rcond=1e-9, hermitian=True)

    def light(beam: str) -> tuple[float, Array]:
        def difference(r: Array) -> Array:
            return trap.light_potential(r, level, m=m, beam=beam) - trap.light_potential(r, beam=beam)

        return derivatives(difference, here)[:2]

    def surface(r: Array) -> Array:
        return trap.surface_potential(r, level, m=m) - trap.surface_potential(r)

    parts = {"red": light("red"), "blue": light("blue"), "surface": derivatives(surface, here)[:2]}

    def slope(beam: str) -> PowerSlope:
        force = derivatives(lambda r: trap.light_potential(r, beam=beam), here)[1]
        displacement = -inverse @ force
        moved = {name: float(gradient @ displacement) / hbar for name, (_, gradient) in parts.items()}
        return PowerSlope(parts[beam][0] / hbar, moved, displacement)

    shift = {name: energy / hbar for name, (energy, _) in parts.items()}
    return ShiftSensitivity(shift, slope("red"), slope("blue"))
