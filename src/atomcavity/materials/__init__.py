"""Optical materials: index, permittivity at real and imaginary frequency, attenuation, with sources."""

from __future__ import annotations

from atomcavity.materials.material import Material, known_materials

__all__ = ["Material", "known_materials"]
