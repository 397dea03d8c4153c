"""Chip loading (Zhou et al. 2026): a belt of light delivers single cesium atoms to a microring."""

from atomcavity.studies.chip_loading.experiment import answers
from atomcavity.studies.chip_loading.study import run

__all__ = ["answers", "run"]
