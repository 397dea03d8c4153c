"""Atoms and ions: levels, lines, polarizabilities, magic wavelengths and angles, light scattering.

All numbers come from the TOML files in `data`, each with its source.
"""

from __future__ import annotations

from atomcavity.species.loader import Completeness, known_species
from atomcavity.species.magic import Differential, MagicPoint
from atomcavity.species.model import (
    ATOMIC_DIPOLE,
    ATOMIC_POLARIZABILITY,
    HyperfineInducedLine,
    Level,
    Transition,
)
from atomcavity.species.polarizability import Polarizability
from atomcavity.species.species import Species

__all__ = [
    "ATOMIC_DIPOLE",
    "ATOMIC_POLARIZABILITY",
    "Completeness",
    "Differential",
    "HyperfineInducedLine",
    "Level",
    "MagicPoint",
    "Polarizability",
    "Species",
    "Transition",
    "known_species",
]
