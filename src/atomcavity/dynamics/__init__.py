"""Emitters in a lossy cavity: one system, several methods."""

from __future__ import annotations

from atomcavity.dynamics.api import branches, correlation, evolve, spectrum, steady_state, transmission
from atomcavity.dynamics.elimination import Elimination, eliminate
from atomcavity.dynamics.grouping import group
from atomcavity.dynamics.levels import LevelScheme
from atomcavity.dynamics.methods import (
    Cumulants,
    DickeLadder,
    Exact,
    Jumps,
    Linearised,
    LinearResponse,
    MeanField,
    TruncatedWigner,
)
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.pump import Pumping, light_shifts, pumping
from atomcavity.dynamics.results import Correlation, Evolution, Spectrum, SteadyState
from atomcavity.dynamics.system import CavityMode, CavitySystem, Emitters

__all__ = [
    "CavityMode",
    "CavitySystem",
    "Correlation",
    "Cumulants",
    "DickeLadder",
    "Elimination",
    "Emitters",
    "Evolution",
    "Exact",
    "Jumps",
    "LevelScheme",
    "LinearResponse",
    "Linearised",
    "MeanField",
    "Preparation",
    "Pumping",
    "Spectrum",
    "SteadyState",
    "TruncatedWigner",
    "branches",
    "correlation",
    "eliminate",
    "evolve",
    "group",
    "light_shifts",
    "pumping",
    "spectrum",
    "steady_state",
    "transmission",
]
