"""Emitters in a lossy cavity: one system, several methods."""

from __future__ import annotations

from atomcavity.dynamics.api import correlation, evolve, spectrum, steady_state
from atomcavity.dynamics.methods import Exact, Jumps
from atomcavity.dynamics.pump import Pumping, light_shifts, pumping
from atomcavity.dynamics.results import Correlation, Evolution, Spectrum, SteadyState
from atomcavity.dynamics.system import CavityMode, CavitySystem, Emitters, LevelScheme

__all__ = [
    "CavityMode",
    "CavitySystem",
    "Correlation",
    "Emitters",
    "Evolution",
    "Exact",
    "Jumps",
    "LevelScheme",
    "Pumping",
    "Spectrum",
    "SteadyState",
    "correlation",
    "evolve",
    "light_shifts",
    "pumping",
    "spectrum",
    "steady_state",
]
