"""The microclock of Yu, Chen and Zhang (2023): pulsed superradiance of 87Sr around a silica microsphere."""

from atomcavity.studies.microclock.experiment import answers
from atomcavity.studies.microclock.study import run

__all__ = ["answers", "run"]
