"""The study: every figure and number of the paper, and what the calculation says beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from atomcavity.clocks.budget import Budget
from atomcavity.experiments import read_experiment
from atomcavity.experiments.microclock import MicroclockExperiment
from atomcavity.reports import Value, compare, read_targets, write_csv
from atomcavity.studies.microclock import (
    figures_budget,
    figures_clock,
    figures_continuous,
    figures_directions,
    figures_past,
    figures_pulse,
    figures_readout,
    figures_static,
    remarks_clock,
    remarks_pulse,
    remarks_static,
)
from atomcavity.studies.microclock.broadening import Broadening
from atomcavity.studies.microclock.centres import Centres
from atomcavity.studies.microclock.clock import cavity_parts, printed_parts
from atomcavity.studies.microclock.continuous import Continuous
from atomcavity.studies.microclock.device import Device
from atomcavity.studies.microclock.directions import Directions
from atomcavity.studies.microclock.figures_budget import Parts
from atomcavity.studies.microclock.filling import Lattice
from atomcavity.studies.microclock.interactions import Interactions
from atomcavity.studies.microclock.methods import Methods
from atomcavity.studies.microclock.others import OTHERS
from atomcavity.studies.microclock.published import published
from atomcavity.studies.microclock.pulse import Pulse, Superradiance
from atomcavity.studies.microclock.readout import Readout
from atomcavity.studies.microclock.stability import Stability
from atomcavity.studies.microclock.static import Static
from atomcavity.studies.microclock.walk import Walk
from atomcavity.studies.paper import FromFile, Step, write_study

HERE = Path(__file__).parent
SOURCE = (
    "D. Yu, J. Chen and S. Zhang, Active whispering-gallery microclock in pulsed-operation mode, "
    "Physical Review A 107, 043712 (2023)."
)
PAPER, PHYSICAL = "the paper's inputs", "physical inputs"


@dataclass(frozen=True)
class Study(FromFile):
    """All parts of the study, for both experiment files; `quick` means fewer cycles, pulses and trajectories."""

    quick: bool = False
    source: ClassVar[str] = SOURCE
    less: ClassVar[str] = "fewer cycles, points and trajectories"
    weights: ClassVar[tuple[float, float]] = (3.0, 1.0)

    @property
    def experiment(self) -> MicroclockExperiment:
        """The one with the paper's own inputs."""
        return self.paper.experiment

    @property
    def notes(self) -> list[str]:
        """The assumptions that the experiment files state, each beside the name of its file."""
        return [
            f"{name}: {note}"
            for name, device in ((PAPER, self.paper), (PHYSICAL, self.physical))
            for note in device.experiment.notes
        ]

    @cached_property
    def paper(self) -> Device:
        """The device with the paper's own inputs."""
        return Device(read_experiment(HERE / "experiment.toml"))

    @cached_property
    def physical(self) -> Device:
        """The device with the right ones."""
        return Device(read_experiment(HERE / "physical.toml"))

    @cached_property
    def static(self) -> Static:
        """Modes, quality factor, coupling, trap, shifts."""
        return Static(self.paper, self.physical)

    @cached_property
    def superradiance(self) -> Superradiance:
        """Fig. 2."""
        return Superradiance(self._pulse(self.paper))

    @staticmethod
    def _pulse(device: Device) -> Pulse:
        return Pulse(device.g, device.kappa, device.experiment.ensemble.atoms)

    @cached_property
    def centres(self) -> Centres:
        """Fig. 3."""
        window = self.paper.experiment.cycle.window
        return Centres(self._pulse(self.paper), window, points=17 if self.quick else 41)

    @cached_property
    def methods(self) -> Methods:
        """The pulse by every method."""
        few = {"trajectories": 100, "batches": 4, "photons": 3} if self.quick else {}
        return Methods(self._pulse(self.paper), **few)

    @cached_property
    def directions(self) -> Directions:
        """Both directions around the ring."""
        few = {"trajectories": 8, "batches": 3, "phases": 24, "points": 81} if self.quick else {}
        mode = self.paper.experiment.cavity.mode
        return Directions(self._pulse(self.paper), len(self.paper.trap.sites), mode.m, **few)

    @cached_property
    def broadening(self) -> Broadening:
        """Atoms of different frequencies."""
        few = {"trajectories": 8, "batches": 3, "groups": 20, "points": 81} if self.quick else {}
        return Broadening(self._pulse(self.paper), **few)

    @cached_property
    def stabilities(self) -> dict[str, Stability]:
        """Fig. 4, by the name of the experiment file."""
        cycles = 10_000 if self.quick else 100_000
        return {
            name: Stability(device, cycles)
            for name, device in ((PAPER, self.paper), (PHYSICAL, self.physical))
        }

    @cached_property
    def readouts(self) -> dict[str, Readout]:
        """Single pulses, by the name of the experiment file."""
        shots = 100 if self.quick else 400
        return {name: Readout(one.clock, shots) for name, one in self.stabilities.items()}

    @cached_property
    def budgets(self) -> dict[str, Budget]:
        """The clock's parts one by one, with the readout of single pulses among them."""
        cycles = 2000 if self.quick else 10_000
        return {name: readout.applied.budget(cycles) for name, readout in self.readouts.items()}

    @cached_property
    def parts(self) -> dict[str, Parts]:
        """What the cavity's noise and, in the paper, the lattice's shift consist of."""
        found: dict[str, dict[str, dict[str, float]]] = {
            name: {"cavity": cavity_parts(one.clock, 4000)} for name, one in self.stabilities.items()
        }
        frequency = self.paper.line.frequency
        found[PAPER]["lattice"] = {
            name: shift / frequency for name, shift in printed_parts(self.paper).items()
        }
        return dict(found)

    @cached_property
    def walk(self) -> Walk:
        """The cavity of the paper, free and locked."""
        lock = self.stabilities[PHYSICAL].clock.lock
        assert lock is not None
        return Walk(
            self.stabilities[PAPER].clock,
            lock,
            cycles=6000 if self.quick else 12_000,
            runs=2 if self.quick else 4,
        )

    @cached_property
    def lattice(self) -> Lattice:
        """How many atoms the sites hold."""
        return Lattice(self.stabilities[PAPER].clock, len(self.paper.trap.sites))

    @cached_property
    def continuous(self) -> Continuous:
        """The same sphere, pumped all the time."""
        few = {"shares": (0.1, 0.5, 0.9)} if self.quick else {}
        return Continuous(self.paper.system, self.paper.line.frequency, **few)

    @property
    def pulsed_limit(self) -> float:
        """Allan deviation at 1 s of the paper's pulses by the readout alone."""
        readout = self.readouts[PAPER]
        return readout.deviation(readout.scatter[0])

    def values(self) -> list[Value]:
        """Every target with the computed number."""
        found = {
            **self.static.values(),
            **self.superradiance.values(),
            **self.stabilities[PAPER].values(),
        }
        return compare(read_targets(HERE / "targets.toml"), found)

    def steps(self) -> list[Step]:
        """All figures, with the numbers by which they are asked for."""
        law = published("adev_clock")
        return [
            Step("lattice potential", ("1", "1c"), 1, lambda: figures_static.draw_lattice(self.static)),
            Step(
                "mode and atom", ("1", "1d"), 0.5, lambda: figures_static.draw_mode_beside_atom(self.static)
            ),
            Step(
                "pulse",
                ("2", "2a", "2b", "2c", "2d"),
                1,
                lambda: figures_pulse.draw_pulse(self.superradiance),
            ),
            Step("detuned pulses", ("3", "3a", "3b"), 2, lambda: figures_pulse.draw_detuning(self.centres)),
            Step("stability", ("4",), 2, lambda: figures_clock.draw_stability(self.stabilities)),
            Step("vibrational states", ("5",), 0.5, lambda: figures_static.draw_vibrations(self.static)),
            Step("quality factor", ("quality",), 0.3, lambda: figures_static.draw_budget(self.static)),
            Step("lattice shift", ("shifts",), 1, lambda: figures_static.draw_shifts(self.static)),
            Step("methods", ("methods",), 4, lambda: figures_pulse.draw_methods(self.methods)),
            Step(
                "directions", ("directions",), 6, lambda: figures_directions.draw_directions(self.directions)
            ),
            Step(
                "atoms of different frequencies",
                ("inhomogeneity",),
                4,
                lambda: figures_directions.draw_broadening(
                    self.broadening, self.paper.experiment.shifts.deviation or 0.0
                ),
            ),
            Step(
                "single pulses", ("readout",), 3, lambda: figures_readout.draw_readout(self.readouts[PAPER])
            ),
            Step(
                "error budget",
                ("budget",),
                3,
                lambda: figures_budget.draw_budget(self.budgets, inside=self.parts),
            ),
            Step(
                "free and locked cavity",
                ("fading",),
                3,
                lambda: figures_past.draw_fading(self.walk, readout=self.pulsed_limit, law=law),
            ),
            Step(
                "occupation of the sites",
                ("occupation",),
                1,
                lambda: figures_past.draw_occupation(self.lattice, readout=self.pulsed_limit),
            ),
            Step(
                "continuous superradiance",
                ("continuous",),
                5,
                lambda: figures_continuous.draw_continuous(
                    self.continuous,
                    noise=self.stabilities[PAPER].noise,
                    pulsed=self.pulsed_limit,
                    law=law,
                    others=OTHERS,
                ),
            ),
        ]

    def remarks(self) -> list[str]:
        """What the calculation says beyond the paper."""
        lattice = self.paper.experiment.shifts.deviation or 0.0
        return [
            *remarks_static.about_sphere(self.static),
            *remarks_pulse.about_pulse(self.superradiance, Superradiance(self._pulse(self.physical))),
            *remarks_pulse.about_frequency(self.centres),
            *remarks_pulse.about_methods(self.methods),
            *remarks_pulse.about_directions(self.directions),
            *remarks_pulse.about_broadening(self.broadening, lattice),
            *remarks_clock.about_stability(self.stabilities[PAPER], self.stabilities[PHYSICAL]),
            *remarks_clock.about_readout(self.readouts[PAPER]),
            *remarks_clock.about_walk(self.walk),
            *remarks_clock.about_filling(self.lattice),
            *remarks_clock.about_continuous(
                self.continuous, self.stabilities[PAPER], self.readouts[PAPER], OTHERS
            ),
            *remarks_clock.about_interactions(Interactions(self.physical)),
        ]

    def write_data(self, folder: Path) -> None:
        """The results behind the figures: netCDF with their records, and CSV for the panels with points."""
        self.superradiance.run.save(folder / "pulse.nc")
        self.superradiance.coherence.save(folder / "correlation.nc")
        self.superradiance.spectrum.save(folder / "spectrum.nc")
        for name, label in ((PAPER, "paper"), (PHYSICAL, "physical")):
            self.stabilities[name].deviation.save(folder / f"deviation-{label}.nc")
            self.budgets[name].save(folder / f"budget-{label}.nc")
        deviation = self.stabilities[PAPER].deviation
        columns = {
            "tau (s)": deviation.tau,
            "clock": deviation.value,
            "clock, lower": deviation.lower,
            "clock, upper": deviation.upper,
        }
        write_csv(folder / "figure-4.csv", columns)
        shifts = {
            f"{estimator} (rad/s)": self.centres.shifts(estimator)
            for estimator in ("peak", "centroid", "half-maximum")
        }
        write_csv(folder / "figure-3b.csv", {"detuning (rad/s)": self.centres.detuning, **shifts})


def run(folder: Path, *, quick: bool = False, figure: str | None = None) -> Path:
    """Write one figure, or all figures, numbers, data and the page, into an existing folder; returns the main file."""
    return write_study(folder, Study(quick), figure=figure)
