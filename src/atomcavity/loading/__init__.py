"""Atoms on their way into the trap: how many of them a site holds."""

from __future__ import annotations

from atomcavity.loading.occupation import SiteOccupation, blockaded_occupation, poisson_occupation

__all__ = ["SiteOccupation", "blockaded_occupation", "poisson_occupation"]
