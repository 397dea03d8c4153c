"""Photons become data: click records and their correlations."""

from __future__ import annotations

from atomcavity.detection.clicks import clicks
from atomcavity.detection.coincidences import Coincidences
from atomcavity.detection.records import ClickRecords

__all__ = ["ClickRecords", "Coincidences", "clicks"]
