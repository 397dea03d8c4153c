"""Photons become data: click records and their correlations, heterodyne records and their frequencies."""

from __future__ import annotations

from atomcavity.detection.clicks import clicks
from atomcavity.detection.coincidences import Coincidences
from atomcavity.detection.heterodyne import heterodyne
from atomcavity.detection.records import ClickRecords
from atomcavity.detection.traces import HeterodyneRecord

__all__ = ["ClickRecords", "Coincidences", "HeterodyneRecord", "clicks", "heterodyne"]
