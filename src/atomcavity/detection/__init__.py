"""Photons become data: click records and their correlations, decisions and fits; heterodyne records and their frequencies."""

from __future__ import annotations

from atomcavity.detection.clicks import clicks
from atomcavity.detection.coincidences import Coincidences
from atomcavity.detection.correlator import correlate
from atomcavity.detection.counting import PhotonCounter, running_counts
from atomcavity.detection.heterodyne import heterodyne
from atomcavity.detection.receiver import ReceiverCurve, receiver_curve
from atomcavity.detection.records import ClickRecords
from atomcavity.detection.rules import CountThreshold, Cusum, LikelihoodRatio
from atomcavity.detection.time_tags import read_time_tags, split_runs
from atomcavity.detection.traces import HeterodyneRecord

__all__ = [
    "ClickRecords",
    "Coincidences",
    "CountThreshold",
    "Cusum",
    "HeterodyneRecord",
    "LikelihoodRatio",
    "PhotonCounter",
    "ReceiverCurve",
    "clicks",
    "correlate",
    "heterodyne",
    "read_time_tags",
    "receiver_curve",
    "running_counts",
    "split_runs",
]
