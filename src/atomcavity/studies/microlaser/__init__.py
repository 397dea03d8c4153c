"""The microlaser of Yu and Vollmer (2021): 88Sr in a two-colour lattice around a silica microsphere."""

from atomcavity.studies.microlaser.experiment import answers
from atomcavity.studies.microlaser.study import run

__all__ = ["answers", "run"]
