"""Emitter meets mode: couplings of dipole and quadrupole lines and the figures of merit that follow."""

from __future__ import annotations

from atomcavity.coupling.api import couple
from atomcavity.coupling.dipole import Coupling
from atomcavity.coupling.quadrupole import QuadrupoleCoupling

__all__ = ["Coupling", "QuadrupoleCoupling", "couple"]
