"""The study's part about the clock: its figures, numbers, remarks and data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from atomcavity.clocks.budget import Budget
from atomcavity.reports import write_csv
from atomcavity.studies.microclock import remarks_clock
from atomcavity.studies.microclock.clock import cavity_parts, printed_parts
from atomcavity.studies.microclock.continuous import Continuous
from atomcavity.studies.microclock.device import Device
from atomcavity.studies.microclock.figures_budget import Parts, draw_budget
from atomcavity.studies.microclock.figures_clock import draw_stability
from atomcavity.studies.microclock.figures_continuous import draw_continuous
from atomcavity.studies.microclock.figures_past import draw_fading, draw_occupation
from atomcavity.studies.microclock.figures_readout import draw_readout
from atomcavity.studies.microclock.filling import Lattice
from atomcavity.studies.microclock.interactions import Interactions
from atomcavity.studies.microclock.others import OTHERS
from atomcavity.studies.microclock.published import published
from atomcavity.studies.microclock.readout import Readout
from atomcavity.studies.microclock.stability import Stability
from atomcavity.studies.microclock.walk import Walk
from atomcavity.studies.paper import Step

PAPER, PHYSICAL = "the paper's inputs", "physical inputs"
FEWER_SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Clockwork:
    """The clocks of both experiment files; `fast` means fewer cycles, pulses and pump rates."""

    paper: Device
    physical: Device
    fast: bool = False

    @cached_property
    def stabilities(self) -> dict[str, Stability]:
        """Fig. 4."""
        cycles = 10_000 if self.fast else 100_000
        return {
            PAPER: Stability(self.paper, cycles),
            PHYSICAL: Stability(self.physical, cycles),
        }

    @cached_property
    def readouts(self) -> dict[str, Readout]:
        """Single pulses."""
        pulses = 100 if self.fast else 400
        return {name: Readout(part.clock, pulses) for name, part in self.stabilities.items()}

    @cached_property
    def budgets(self) -> dict[str, Budget]:
        """The parts of the instability, with the readout of single pulses."""
        return {
            name: readout.applied.budget(2_000 if self.fast else 10_000)
            for name, readout in self.readouts.items()
        }

    @cached_property
    def inside(self) -> dict[str, Parts]:
        """Of what parts of the budgets consist, as Allan deviations at one cycle."""
        found: dict[str, Parts] = {
            name: {"cavity": cavity_parts(part.clock, 4_000)} for name, part in self.stabilities.items()
        }
        printed = {
            name: value / self.paper.line.frequency for name, value in printed_parts(self.paper).items()
        }
        return found | {PAPER: {**found[PAPER], "lattice": printed}}

    @cached_property
    def walk(self) -> Walk:
        """The paper's clock without a lock, and with that of the physical inputs."""
        lock = self.stabilities[PHYSICAL].clock.lock
        assert lock is not None
        return Walk(self.stabilities[PAPER].clock, lock)

    @cached_property
    def lattice(self) -> Lattice:
        """The occupation of the sites."""
        return Lattice(self.stabilities[PAPER].clock, len(self.paper.trap.sites))

    @cached_property
    def continuous(self) -> Continuous:
        """The same sphere as a continuous laser."""
        clock = self.stabilities[PAPER].clock
        if self.fast:
            return Continuous(clock.system, clock.frequency, FEWER_SHARES)
        return Continuous(clock.system, clock.frequency)

    @property
    def readout_limit(self) -> float:
        """Allan deviation at 1 s of the paper's clock by the readout of single pulses alone."""
        readout = self.readouts[PAPER]
        return readout.deviation(readout.scatter[0])

    def steps(self) -> list[Step]:
        """The figures, with the numbers by which they are asked for."""
        law = published("adev_clock")
        return [
            Step("stability", ("4",), 4, lambda: draw_stability(self.stabilities)),
            Step("readout of single pulses", ("readout",), 2, lambda: draw_readout(self.readouts[PAPER])),
            Step("error budget", ("budget",), 3, lambda: draw_budget(self.budgets, inside=self.inside)),
            Step(
                "fading and lock",
                ("fading",),
                3,
                lambda: draw_fading(
                    self.walk, readout=self.readout_limit, law=law, points=4 if self.fast else 7
                ),
            ),
            Step(
                "occupation",
                ("occupation",),
                1,
                lambda: draw_occupation(self.lattice, readout=self.readout_limit),
            ),
            Step(
                "continuous operation",
                ("continuous",),
                4,
                lambda: draw_continuous(self.continuous, pulsed=self.readout_limit, law=law, others=OTHERS),
            ),
        ]

    def values(self) -> dict[str, float]:
        """The numbers of Secs IV and V by their ids."""
        return self.stabilities[PAPER].values()

    def remarks(self) -> list[str]:
        """What the clock's calculation says beyond the paper."""
        readout = self.readouts[PAPER]
        return [
            *remarks_clock.about_stability(self.stabilities[PAPER], self.stabilities[PHYSICAL]),
            *remarks_clock.about_readout(readout),
            *remarks_clock.about_walk(self.walk),
            *remarks_clock.about_filling(self.lattice),
            *remarks_clock.about_continuous(self.continuous, readout, OTHERS),
            *remarks_clock.about_interactions(Interactions(self.physical)),
        ]

    def write_data(self, folder: Path) -> None:
        """Deviations and budgets as netCDF and CSV, the continuous laser as CSV."""
        for name, stem in ((PAPER, "paper"), (PHYSICAL, "physical")):
            part = self.stabilities[name]
            part.deviation.save(folder / f"deviation-{stem}.nc")
            self.budgets[name].save(folder / f"budget-{stem}.nc")
            found = part.deviation
            columns = {
                "tau (s)": found.tau,
                "oadev": found.value,
                "lower": found.lower,
                "upper": found.upper,
            }
            write_csv(folder / f"figure-4-{stem}.csv", columns)
        lines = self.continuous.exact
        write_csv(
            folder / "figure-continuous.csv",
            {
                "pump rate (1/s)": [line.pump_rate for line in lines],
                "photons through the port (1/s)": [line.flux for line in lines],
                "inversion": [line.inversion for line in lines],
                "full width at half maximum (rad/s)": [line.linewidth for line in lines],
                "by cumulants (rad/s)": [line.linewidth for line in self.continuous.cumulants],
            },
        )
