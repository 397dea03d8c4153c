"""Clocks: noise by its power laws, pulsed superradiant clocks, Allan deviations, error budgets."""

from __future__ import annotations

from atomcavity.clocks.deviation import Deviation, deviation
from atomcavity.clocks.dick import dick_effect
from atomcavity.clocks.lock import CavityLock
from atomcavity.clocks.noise import Noise
from atomcavity.clocks.pulsed import Fluctuation, PulsedClock
from atomcavity.clocks.series import FrequencySeries
from atomcavity.clocks.thermorefractive import ThermorefractiveNoise, thermorefractive

__all__ = [
    "CavityLock",
    "Deviation",
    "Fluctuation",
    "FrequencySeries",
    "Noise",
    "PulsedClock",
    "ThermorefractiveNoise",
    "deviation",
    "dick_effect",
    "thermorefractive",
]
