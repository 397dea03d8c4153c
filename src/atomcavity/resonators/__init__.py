"""Resonators: where the light lives.  `Microsphere` and what its modes are made of, `FabryPerot`."""

from __future__ import annotations

from .fabry_perot import FabryPerot
from .microsphere import Microsphere
from .mode import ModePair, OpticalMode
from .search import radius_for

__all__ = ["FabryPerot", "Microsphere", "ModePair", "OpticalMode", "radius_for"]
