"""Experiment files: TOML with quantities as strings, checked by one schema."""

from atomcavity.experiments.chip_loading import ChipLoadingExperiment
from atomcavity.experiments.files import read_experiment
from atomcavity.experiments.ion_laser import IonLaserExperiment
from atomcavity.experiments.microclock import MicroclockExperiment
from atomcavity.experiments.microlaser import MicrolaserExperiment

__all__ = [
    "ChipLoadingExperiment",
    "IonLaserExperiment",
    "MicroclockExperiment",
    "MicrolaserExperiment",
    "read_experiment",
]
