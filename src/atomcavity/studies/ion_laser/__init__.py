"""The ion laser of Kazakov, Bohnet and Schumm (2017): a bad-cavity laser of a Coulomb crystal of 176Lu+."""

from atomcavity.studies.ion_laser.experiment import answers
from atomcavity.studies.ion_laser.study import run

__all__ = ["answers", "run"]
