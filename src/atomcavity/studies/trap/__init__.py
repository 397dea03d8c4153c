"""A two-colour trap around a microsphere, alone: no paper, the answers that all experiments with one share."""

from atomcavity.studies.trap.experiment import answers

__all__ = ["answers"]
