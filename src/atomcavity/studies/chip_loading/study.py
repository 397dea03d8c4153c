"""The study: every figure and number of the paper, and what the calculation says beyond it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from atomcavity.experiments import read_experiment
from atomcavity.experiments.chip_loading import ChipLoadingExperiment
from atomcavity.reports import Value, compare, read_targets, write_csv
from atomcavity.studies.chip_loading import (
    feedback_steps,
    figures_coverage,
    figures_fluorescence,
    figures_receiver,
    figures_transport,
    remarks_coverage,
    remarks_feedback,
    remarks_filling,
    remarks_fluorescence,
    remarks_heating,
    remarks_receiver,
    remarks_static,
    remarks_transport,
)
from atomcavity.studies.chip_loading.coverage import Coverage
from atomcavity.studies.chip_loading.cross_section import representative
from atomcavity.studies.chip_loading.device import MEGA, Device, devices
from atomcavity.studies.chip_loading.feedback_part import Feedback
from atomcavity.studies.chip_loading.filling_part import FillingPart
from atomcavity.studies.chip_loading.fluorescence import Fluorescence
from atomcavity.studies.chip_loading.heating import Heating
from atomcavity.studies.chip_loading.receiver import Receiver
from atomcavity.studies.chip_loading.static_part import StaticPart
from atomcavity.studies.chip_loading.transport import Transport
from atomcavity.studies.paper import FromFile, Step, write_study

HERE = Path(__file__).parent
SOURCE = (
    "X. Zhou et al., Near-deterministic single-atom loading on a photonic integrated circuit, "
    "arXiv:2606.07800 (2026)."
)


@dataclass(frozen=True)
class Study(FromFile):
    """All parts of the study.

    quick  fewer points, atoms and runs
    """

    quick: bool = False
    source: ClassVar[str] = SOURCE
    less: ClassVar[str] = "fewer points, atoms and runs"
    weights: ClassVar[tuple[float, float]] = (8.0, 3.0)

    @cached_property
    def experiment(self) -> ChipLoadingExperiment:
        """The paper's inputs, and ours where it prints none."""
        found: ChipLoadingExperiment = read_experiment(HERE / "experiment.toml")
        return found

    @cached_property
    def devices(self) -> tuple[Device, ...]:
        """One for each strength of the blue field."""
        return devices(self.experiment)

    @cached_property
    def static(self) -> StaticPart:
        """Numbers, fields, potentials, the weak probe."""
        return StaticPart(self.devices, self.quick)

    @cached_property
    def transport(self) -> Transport:
        """Figs. 2b and 2c."""
        return Transport(self.devices, self.quick)

    @cached_property
    def filling(self) -> FillingPart:
        """Figs. 1d and 3."""
        return FillingPart(self.transport)

    @cached_property
    def receiver(self) -> Receiver:
        """Which rule sees atoms best."""
        return Receiver(self.devices, self.quick)

    @cached_property
    def feedback(self) -> Feedback:
        """Fig. 4 and Fig. S5, with rides that the rules have not seen."""
        return Feedback(self.devices, self.quick, tuple(seen.tested for seen in self.receiver.seen))

    @cached_property
    def heating(self) -> Heating:
        """Lifetimes, ramps."""
        return Heating(self.devices, self.quick, self.feedback)

    @cached_property
    def fluorescence(self) -> Fluorescence:
        """Figs. S3a and S4, with the last blue field."""
        return Fluorescence(self.devices[-1], self.quick)

    @cached_property
    def coverage(self) -> Coverage:
        """How often the laboratory's fits are right."""
        return Coverage(self.devices[-1], self.quick)

    def steps(self) -> list[Step]:
        """All figures, with the numbers by which they are asked for."""
        return [
            *self.static.steps(lambda: representative(self.transport.bank)),
            *figures_transport.steps(self.transport),
            *self.filling.steps(),
            *feedback_steps.steps(self.feedback),
            *figures_receiver.steps(self.receiver),
            *self.heating.steps(),
            *figures_fluorescence.steps(self.fluorescence),
            *figures_coverage.steps(self.coverage),
        ]

    def values(self) -> list[Value]:
        """Every target with the computed number."""
        parts = (self.static.static, self.transport, self.feedback, self.receiver)
        computed: dict[str, float] = {}
        for part in parts:
            computed |= part.values()
        return compare(read_targets(HERE / "targets.toml"), computed)

    def remarks(self) -> list[str]:
        """What the calculation says beyond the paper."""
        sentences = [
            *remarks_static.about_static(self.static),
            *remarks_transport.about_transport(self.transport),
            *remarks_filling.about_filling(self.filling),
            *remarks_feedback.about_feedback(self.feedback),
            *remarks_receiver.about_receiver(self.receiver),
            *remarks_heating.about_heating(self.heating),
            *remarks_fluorescence.about_fluorescence(self.fluorescence),
            *remarks_coverage.about_coverage(self.coverage),
        ]
        return [re.sub(r"(?<=[ (±])-(?=\d)", "−", sentence) for sentence in sentences]

    def write_data(self, folder: Path) -> None:
        """Filled sites, clicks and loaded atoms as netCDF, the curves of Fig. 2b as CSV, ramps for a generator."""
        sites = self.filling.pulses
        sites.sites.filling.save(folder / "sites.nc")
        sites.transports.clicks.save(folder / "transport-clicks.nc")
        self.feedback.weak.loaded.save(folder / "loaded.nc")
        self.heating.write_waveforms(folder)
        for device, pulses, coupled in zip(
            self.devices, self.transport.pulses, self.transport.cooperativities, strict=True
        ):
            name = f"figure-2b-{device.blue_energy / MEGA:g}MHz.csv"
            curves = {f"T{n}": curve.mean for n, curve in enumerate(pulses, 1)}
            write_csv(folder / name, {"z0/d": coupled.height, "C": coupled.mean, **curves})


def run(folder: Path, *, quick: bool = False, figure: str | None = None) -> Path:
    """Write one figure, or all figures, numbers, data and the page, into an existing folder; returns the main file."""
    return write_study(folder, Study(quick), figure=figure)
