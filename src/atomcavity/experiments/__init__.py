"""Experiment files: TOML with quantities as strings, checked by one schema."""

from atomcavity.experiments.chip_loading import ChipLoadingExperiment
from atomcavity.experiments.files import check_data, read_data, read_experiment
from atomcavity.experiments.ion_laser import IonLaserExperiment
from atomcavity.experiments.microclock import MicroclockExperiment
from atomcavity.experiments.microlaser import MicrolaserExperiment
from atomcavity.experiments.trap import TrapExperiment

__all__ = [
    "ChipLoadingExperiment",
    "IonLaserExperiment",
    "MicroclockExperiment",
    "MicrolaserExperiment",
    "TrapExperiment",
    "check_data",
    "read_data",
    "read_experiment",
]
