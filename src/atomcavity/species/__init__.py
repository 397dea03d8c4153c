"""Atoms and ions: levels, lines, polarizabilities, magic wavelengths and angles, light scattering, hyperfine structure
in a magnetic field and magic fields.

All numbers come from the TOML files in `data`, each with its source.
"""

from __future__ import annotations

from atomcavity.species.hyperfine import HyperfineLevel
from atomcavity.species.loader import Completeness, known_species
from atomcavity.species.magic import Differential, MagicPoint
from atomcavity.species.magic_field import MagicField
from atomcavity.species.model import (
    ATOMIC_DIPOLE,
    ATOMIC_POLARIZABILITY,
    ATOMIC_QUADRUPOLE,
    HyperfineInducedLine,
    Level,
    QuadrupoleLine,
    Transition,
)
from atomcavity.species.moments import DifferentialStatic
from atomcavity.species.polarizability import Polarizability
from atomcavity.species.species import Species

__all__ = [
    "ATOMIC_DIPOLE",
    "ATOMIC_POLARIZABILITY",
    "ATOMIC_QUADRUPOLE",
    "Completeness",
    "Differential",
    "DifferentialStatic",
    "HyperfineInducedLine",
    "HyperfineLevel",
    "Level",
    "MagicField",
    "MagicPoint",
    "Polarizability",
    "QuadrupoleLine",
    "Species",
    "Transition",
    "known_species",
]
