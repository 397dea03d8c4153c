"""Emitter meets mode: couplings of electric-dipole transitions and the figures of merit that follow."""

from __future__ import annotations

from atomcavity.coupling.dipole import Coupling, couple

__all__ = ["Coupling", "couple"]
