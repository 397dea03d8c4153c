"""What holds the emitters: two-colour evanescent traps, surface potentials, vibrational states."""

from __future__ import annotations

from atomcavity.traps.beam import Beam
from atomcavity.traps.evanescent import TwoColorTrap
from atomcavity.traps.minimum import TrapMinimum
from atomcavity.traps.states import TrapStates
from atomcavity.traps.surface import SurfacePotential, VanDerWaals, van_der_waals
from atomcavity.traps.vibrations import BoundStates, bound_states, lamb_dicke, tunnelling_rate

__all__ = [
    "Beam",
    "BoundStates",
    "SurfacePotential",
    "TrapMinimum",
    "TrapStates",
    "TwoColorTrap",
    "VanDerWaals",
    "bound_states",
    "lamb_dicke",
    "tunnelling_rate",
    "van_der_waals",
]
