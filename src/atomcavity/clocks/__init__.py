"""Clocks: noise by its power laws, series of fractional frequencies, their Allan deviations."""

from __future__ import annotations

from atomcavity.clocks.deviation import Deviation, deviation
from atomcavity.clocks.noise import Noise
from atomcavity.clocks.series import FrequencySeries

__all__ = ["Deviation", "FrequencySeries", "Noise", "deviation"]
