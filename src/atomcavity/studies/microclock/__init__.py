"""The microclock of Yu, Chen and Zhang (2023): pulsed superradiance of 87Sr around a silica microsphere."""

from atomcavity.studies.microclock.experiment import answer
from atomcavity.studies.microclock.study import run

__all__ = ["answer", "run"]
