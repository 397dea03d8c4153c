"""Coulomb crystals: ions at rest in a trap."""

from __future__ import annotations

from atomcavity.traps.crystal.find import find_crystal
from atomcavity.traps.crystal.fluid import depolarisation, fluid_energy, semi_axes
from atomcavity.traps.crystal.result import Crystal, Shells
from atomcavity.traps.crystal.trapped import crystal

__all__ = ["Crystal", "Shells", "crystal", "depolarisation", "find_crystal", "fluid_energy", "semi_axes"]
