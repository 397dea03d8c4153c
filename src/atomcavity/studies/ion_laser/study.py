"""The study: every figure and number of the paper, and what the calculation says beyond it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from atomcavity.errors import require
from atomcavity.experiments import read_experiment
from atomcavity.experiments.ion_laser import IonLaserExperiment
from atomcavity.reports import Figure, Value, compare, read_targets, write_csv
from atomcavity.results import load
from atomcavity.studies.ion_laser import (
    beyond,
    figures_crystal,
    figures_elongated,
    figures_linewidth,
    figures_magic,
    figures_modes,
    figures_passive,
    figures_power,
    figures_pump,
    figures_scaling,
    figures_temperature,
    remarks_crystal,
    remarks_elongated,
    remarks_laser,
    remarks_linewidth,
    remarks_modes,
    remarks_passive,
    remarks_temperature,
)
from atomcavity.studies.ion_laser.device import Device, devices
from atomcavity.studies.ion_laser.elongated import Elongation
from atomcavity.studies.ion_laser.linewidth import Lines
from atomcavity.studies.ion_laser.magic import Magic
from atomcavity.studies.ion_laser.modes_scan import ModesScan
from atomcavity.studies.ion_laser.passive_scan import PassiveScan
from atomcavity.studies.ion_laser.power import Power
from atomcavity.studies.ion_laser.pump_study import Elimination, Sublevels
from atomcavity.studies.ion_laser.scaling import Scaling
from atomcavity.studies.ion_laser.static import HERTZ, MEGA, Static
from atomcavity.studies.ion_laser.temperature_scan import TemperatureScan
from atomcavity.studies.ion_laser.true_crystal import TrueCrystal
from atomcavity.studies.paper import FromFile, Step, write_study
from atomcavity.traps.crystal import Crystal

HERE = Path(__file__).parent
SOURCE = (
    "G. A. Kazakov, J. Bohnet and T. Schumm, Prospects for a bad-cavity laser using a large ion crystal, "
    "Physical Review A 96, 023412 (2017)."
)


IONS, FEW = 2000, 500
"""Ions of the true crystal, in a full and in a quick run."""
AT_REST = 1e-6
"""Rms force (m omega_z^2 l) at which its ions are at rest: far below what moves the power or the shifts."""


@dataclass(frozen=True)
class Study(FromFile):
    """All parts of the study.

    quick  fewer points, a smaller true crystal
    ions   of the true crystal (None: 2000, in a quick run 500); one of more is kept in the user's cache folder
    """

    quick: bool = False
    ions: int | None = None
    source: ClassVar[str] = SOURCE
    less: ClassVar[str] = "fewer points, a smaller true crystal"
    weights: ClassVar[tuple[float, float]] = (8.0, 1.0)

    @cached_property
    def experiment(self) -> IonLaserExperiment:
        """The paper's inputs."""
        found: IonLaserExperiment = read_experiment(HERE / "experiment.toml")
        return found

    @cached_property
    def devices(self) -> tuple[Device, ...]:
        """One for each F and confinement."""
        return tuple(devices(self.experiment))

    @property
    def device(self) -> Device:
        """The one that is looked at more closely: the last F in the strongest trap."""
        return self.devices[-1]

    @cached_property
    def static(self) -> Static:
        """Ion, magic frequencies and fields, shifts; Fig. 2."""
        return Static(self.devices)

    @cached_property
    def magic(self) -> Magic:
        """Shifts against radio frequency and magnetic field."""
        return Magic(self.device)

    @cached_property
    def power(self) -> Power:
        """Figs. 4 and 5."""
        return Power(self.devices)

    @cached_property
    def elimination(self) -> Elimination:
        """The level that the pump goes through."""
        return Elimination(self.device)

    @cached_property
    def sublevels(self) -> Sublevels:
        """The pumping scheme of Fig. 3."""
        return Sublevels(self.device)

    @cached_property
    def crystals(self) -> tuple[TrueCrystal, ...]:
        """A true crystal in the strongest trap, for each F."""
        count = (FEW if self.quick else IONS) if self.ions is None else self.ions
        found = self.device.trap.crystal(count, starts=1, tolerance=AT_REST, keep=count > IONS)
        return tuple(TrueCrystal.of(device, found) for device in self.static.tight.values())

    @property
    def crystal(self) -> TrueCrystal:
        """The one of `device`."""
        return self.crystals[-1]

    @cached_property
    def large(self) -> TrueCrystal:
        """The crystal of 10,000 ions that is kept beside this file (made by examples/large_crystal.py)."""
        found = load(HERE / "crystal-10000.nc")
        assert isinstance(found, Crystal)
        return TrueCrystal.of(self.device, found)

    def _draw_large(self) -> Figure:
        drawn = figures_crystal.draw_crystal(self.large)
        return replace(drawn, name="figure-large-crystal", title=f"{drawn.title}, kept")

    @cached_property
    def lines(self) -> Lines:
        """Width and frequency of the light, with the quadrupole shifts of the true crystal."""
        return Lines(self.devices, self.crystal.crystal.gradient()[:, 2, 2], quick=self.quick)

    @cached_property
    def scalings(self) -> tuple[Scaling, ...]:
        """The scaling laws, for each F."""
        return tuple(Scaling(device) for device in self.static.tight.values())

    @cached_property
    def elongation(self) -> Elongation:
        """Elongated crystals."""
        return Elongation(self.device, quick=self.quick)

    @cached_property
    def modes(self) -> ModesScan:
        """Both circular modes."""
        return beyond.modes_scan(self.device, self.static.beats[self.device.F] * HERTZ, quick=self.quick)

    @cached_property
    def temperature(self) -> TemperatureScan:
        """Ions at a temperature."""
        same = [device for device in self.devices if device.F == self.device.F]
        return beyond.temperature_scan(same, quick=self.quick)

    @cached_property
    def passive(self) -> PassiveScan:
        """The passive alternative."""
        return beyond.passive_scan(self.device, quick=self.quick)

    def values(self) -> list[Value]:
        """Every target with the computed number."""
        return compare(read_targets(HERE / "targets.toml"), {**self.static.values(), **self.power.values()})

    def steps(self) -> list[Step]:
        """All figures, with the numbers by which they are asked for."""
        quick = self.quick
        return [
            Step(
                "magic fields",
                ("magic",),
                1,
                lambda: figures_magic.draw_magic(self.magic, self.static, quick=quick),
            ),
            Step("largest shift", ("2",), 1, lambda: figures_power.draw_largest_shift(self.static)),
            Step(
                "pumping scheme",
                ("3", "pumping"),
                1.5,
                lambda: figures_pump.draw_pumping(self.sublevels, quick=quick),
            ),
            Step("power", ("4",), 2, lambda: figures_power.draw_power(self.power, quick=quick)),
            Step("waist", ("5",), 1, lambda: figures_power.draw_waist(self.power, quick=quick)),
            Step(
                "elimination",
                ("elimination",),
                3,
                lambda: figures_pump.draw_elimination(self.elimination, quick=quick),
            ),
            Step("true crystal", ("crystal",), 8, lambda: figures_crystal.draw_crystal(self.crystal)),
            Step(
                "power of a true crystal",
                ("crystal-power",),
                4,
                lambda: figures_crystal.draw_crystal_power(self.crystals, quick=quick),
            ),
            *([] if quick else [Step("a kept, large crystal", ("large-crystal",), 5, self._draw_large)]),
            Step("linewidth", ("linewidth",), 5, lambda: figures_linewidth.draw_linewidth(self.lines)),
            Step("both modes", ("modes",), 8, lambda: figures_modes.draw_modes(self.modes)),
            Step(
                "elongated crystals",
                ("elongated",),
                5,
                lambda: figures_elongated.draw_elongated(self.elongation),
            ),
            Step("scaling laws", ("scaling",), 2, lambda: figures_scaling.draw_scaling(self.scalings)),
            Step(
                "temperature",
                ("temperature",),
                2,
                lambda: figures_temperature.draw_temperature(self.temperature),
            ),
            Step("passive alternative", ("passive",), 5, lambda: figures_passive.draw_passive(self.passive)),
        ]

    def remarks(self) -> list[str]:
        """What the calculation says beyond the paper."""
        return [
            *remarks_laser.about_static(self.static),
            *remarks_laser.about_power(self.power),
            *remarks_laser.about_pump(self.elimination, self.sublevels),
            *remarks_crystal.about_crystal(self.crystal),
            *([] if self.quick else remarks_crystal.about_large(self.large)),
            *remarks_linewidth.about_linewidth(self.lines),
            *remarks_modes.about_modes(self.modes),
            *remarks_elongated.about_elongation(self.elongation),
            *remarks_elongated.about_scaling(self.scalings),
            *remarks_temperature.about_temperature(self.temperature),
            *remarks_passive.about_passive(self.passive),
        ]

    def write_data(self, folder: Path) -> None:
        """The true crystal and the shifts of its ions as netCDF, the curves of Figs. 2, 4 and 5 as CSV."""
        self.crystal.crystal.save(folder / "crystal.nc")
        self.crystal.shifts.save(folder / "shifts.nc")
        confinement = np.linspace(0.1, 1.0, 46) * MEGA
        shifts = self.static.largest_shifts(confinement)
        columns = {f"F = {F:g} (rad/s)": values for F, values in shifts.items()}
        write_csv(folder / "figure-2.csv", {"confinement (MHz)": confinement / MEGA, **columns})
        for device in self.devices:
            name = f"F{device.F:g}-{device.confinement / MEGA:g}MHz"
            pumps = np.linspace(
                0, 1.2 * float(device.continuum.thresholds(figures_power.WAISTS[0][0])[1]), 101
            )
            powers = {
                f"zeta = {zeta:g} (pW)": self.power.against_pump(pumps, zeta, device)
                for zeta, _ in figures_power.WAISTS
            }
            write_csv(folder / f"figure-4-{name}.csv", {"pump rate (1/s)": pumps, **powers})
        zetas = np.linspace(0.2, 2.0, 46)
        largest = {
            f"F = {device.F:g}, {device.confinement / MEGA:g} MHz (pW)": row
            for device, row in zip(self.devices, self.power.against_waist(zetas), strict=True)
        }
        write_csv(folder / "figure-5.csv", {"zeta": zetas, **largest})


def run(folder: Path, *, quick: bool = False, figure: str | None = None, ions: int | None = None) -> Path:
    """Write one figure, or all figures, numbers, data and the page, into an existing folder; returns the main file.

    `ions`: number of ions of the true crystal.
    """
    require(ions is None or ions >= 1, f"--ions {ions}: a crystal has at least one ion")
    return write_study(folder, Study(quick, ions), figure=figure)
