"""The study: every figure and number of the paper, and what the calculation says beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from atomcavity.experiments import MicrolaserExperiment, read_experiment
from atomcavity.reports import Value, compare, read_targets, write_csv
from atomcavity.studies.microlaser import figures_beyond, figures_dynamics, figures_static, remarks
from atomcavity.studies.microlaser.device import Device
from atomcavity.studies.microlaser.laser import Lasing
from atomcavity.studies.microlaser.published import PUBLISHED
from atomcavity.studies.microlaser.pulse import Emission
from atomcavity.studies.microlaser.static import Static
from atomcavity.studies.microlaser.zeeman import Zeeman
from atomcavity.studies.paper import FromFile, Step, write_study

HERE = Path(__file__).parent
SOURCE = (
    "D. Yu and F. Vollmer, Microscale whispering-gallery-mode light sources with lattice-confined atoms, "
    "Scientific Reports 11 (2021)."
)


@dataclass(frozen=True)
class Study(FromFile):
    """All parts of the study; `quick` means fewer pulses and points, and 24 atoms by quantum jumps."""

    quick: bool = False
    source: ClassVar[str] = SOURCE
    less: ClassVar[str] = "fewer pulses and points, N = 24 by quantum jumps"

    @property
    def experiment(self) -> MicrolaserExperiment:
        """The paper's inputs."""
        return self.device.experiment

    @property
    def weights(self) -> tuple[float, float]:
        """Seconds for remarks and numbers."""
        return 4.0, 3.0 if self.quick else 20.0

    @cached_property
    def device(self) -> Device:
        """The device of the study's experiment file."""
        return Device(read_experiment(HERE / "experiment.toml"))

    @cached_property
    def static(self) -> Static:
        """Modes, coupling, polarizabilities, trap."""
        return Static(self.device)

    @cached_property
    def lasing(self) -> Lasing:
        """Fig. 4."""
        return Lasing(self.device.rates, pump_points=12 if self.quick else 33)

    @cached_property
    def emission(self) -> Emission:
        """Fig. 3."""
        return Emission(self.device.rates, pulses=20_000 if self.quick else 100_000)

    @cached_property
    def zeeman(self) -> Zeeman:
        """The levels that the paper leaves out."""
        return Zeeman(self.device, repump_points=4 if self.quick else 9)

    @property
    def site_phases(self) -> tuple[float, float]:
        """Phase (rad) between adjacent sites: the printed k0 rho0 phi, and the mode's own m0 phi."""
        places = self.static.imposed_trap.sites[:2]
        coupling = self.device.coupling(places)
        printed = np.angle(coupling.with_phases("printed").g[:, 0])
        own = np.angle(coupling.g[:, 0])
        return float(printed[1] - printed[0]), float(own[1] - own[0])

    def values(self) -> list[Value]:
        """Every target with the computed number."""
        found = self.static.values() | self.emission.values() | self.lasing.values()
        adjacent = self.lasing.adjacent_sites(self.site_phases[1])
        found["s1.phases_Cp"] = abs(adjacent.mode_correlation[0, 1]) / adjacent.photon_number[0]
        many = self.lasing.scaling(PUBLISHED.scaling_coupling, exact=not self.quick)
        found["s1.Np_7_r24"] = many.photon_number[0]
        return compare(read_targets(HERE / "targets.toml"), found)

    def steps(self) -> list[Step]:
        """All figures, with the numbers by which they are asked for."""
        static, dynamic, beyond = figures_static, figures_dynamics, figures_beyond
        return [
            Step("trapping fields", ("2", "2a"), 1, lambda: static.draw_fields(self.device)),
            Step("lattice potential", ("2", "2b"), 1, lambda: static.draw_lattice(self.static)),
            Step("spontaneous emission", ("3", "3a", "3b"), 1, lambda: dynamic.draw_emission(self.emission)),
            Step("coincidences", ("3", "3c", "3d"), 2, lambda: dynamic.draw_coincidences(self.emission)),
            Step("one-atom laser", ("4", "4a"), 3, lambda: dynamic.draw_one_atom(self.lasing)),
            Step(
                "many-atom laser",
                ("4", *["4b", "4c", "4d", "4e", "4f"]),
                2,
                lambda: dynamic.draw_many_atoms(self.lasing),
            ),
            Step("polarizabilities", ("5",), 0.3, lambda: static.draw_polarizabilities(self.device)),
            Step("vibrational states", ("6",), 0.3, lambda: static.draw_vibrations(self.static)),
            Step("quality factor", ("quality",), 0.3, lambda: static.draw_budget(self.device)),
            Step("shifts around the ring", ("shifts",), 1, lambda: beyond.draw_shifts(self.device)),
            Step("Zeeman levels and pump", ("zeeman",), 5, lambda: beyond.draw_zeeman(self.zeeman)),
            Step(
                "phases of the sites",
                ("phases",),
                2,
                lambda: beyond.draw_phases(self.lasing, *self.site_phases, points=13 if self.quick else 25),
            ),
        ]

    def remarks(self) -> list[str]:
        """What the calculation says beyond the paper."""
        return [
            *remarks.about_trap(self.static),
            *remarks.about_levels(self.zeeman),
            *remarks.about_light(self.lasing, self.site_phases),
        ]

    def write_data(self, folder: Path) -> None:
        """The results behind the figures: netCDF with their records, and CSV for the panels with points."""
        for (quality, atoms), run_ in self.emission.evolutions.items():
            run_.save(folder / f"evolution-Q{quality:.0e}-N{atoms}.nc".replace("+0", ""))
        for quality, s in self.lasing.spectra.items():
            s.save(folder / f"spectrum-Q{quality:.0e}.nc".replace("+0", ""))
        for quality, g1 in self.lasing.correlations.items():
            g1.save(folder / f"correlation-Q{quality:.0e}.nc".replace("+0", ""))
        columns: dict[str, list[float]] = {"atoms": [float(n) for n in self.lasing.atoms]}
        for name, states in self.lasing.against_atoms.items():
            pump = "Gamma_max" if name == "max" else "30 gamma"
            columns[f"photons in a mode, {pump}"] = [s.photon_number[0] for s in states]
            columns[f"excited fraction, {pump}"] = [s.excited_population[0] for s in states]
            columns[f"interatomic correlation, {pump}"] = [abs(s.emitter_correlation[0, 0]) for s in states]
            columns[f"g2(0), {pump}"] = [s.g2[0] for s in states]
        write_csv(folder / "figure-4b-f.csv", columns)
        columns = {"pump rate (1/s)": list(self.lasing.pump_axis)}
        for quality, states in self.lasing.one_atom.items():
            columns[f"photons in a mode, Q = {quality:.0e}"] = [s.photon_number[0] for s in states]
            columns[f"g2(0), Q = {quality:.0e}"] = [s.g2[0] for s in states]
        write_csv(folder / "figure-4a.csv", columns)


def run(folder: Path, *, quick: bool = False, figure: str | None = None) -> Path:
    """Write one figure, or all figures, numbers, data and the page, into an existing folder; returns the main file."""
    return write_study(folder, Study(quick), figure=figure)
