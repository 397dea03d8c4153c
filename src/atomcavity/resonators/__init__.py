"""Resonators: where the light lives.  `Microsphere` and what its modes are made of."""

from __future__ import annotations

from .microsphere import Microsphere
from .mode import ModePair, OpticalMode
from .search import radius_for

__all__ = ["Microsphere", "ModePair", "OpticalMode", "radius_for"]
