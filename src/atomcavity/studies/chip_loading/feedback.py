"""Loading with feedback (Fig. 4): clicks stop the belt, the tweezer takes the atoms over, what is held is counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection import CountThreshold
from atomcavity.detection.analysis.fit import Fit
from atomcavity.detection.analysis.occupation import poisson_weights
from atomcavity.detection.records import ClickRecords
from atomcavity.detection.rules import Rule
from atomcavity.loading.catching import catch
from atomcavity.loading.controller import Controller
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.loading.trajectories import Trajectories
from atomcavity.loading.watching import belt_clicks, site_clicks
from atomcavity.studies.chip_loading.bank import Bank
from atomcavity.studies.chip_loading.device import Device
from atomcavity.studies.chip_loading.published import printed
from atomcavity.traps.belt import ConveyorBelt
from atomcavity.traps.time_law import TimeLaw

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

TICK = 0.5e-6
STEP = TICK / 3
"""Step of the caught atoms' trajectories (s): a tenth of the shortest period after the transfer, with six forces a step."""
SHORT = 20e-6
"""A shorter stop of the belt (s), ours."""
FEW_SITES = 30
"""Sites of a run at the printed occupation: every run fires long before."""
BRIEF = 20e-6
"""How long atoms are held whose number only is asked for (s)."""
MOST = 6
"""Atoms in a site of which the detection is simulated."""
HEIGHT = 200e-9
"""Height of an atom (m) at which the paper's own simulation triggers."""


@dataclass(frozen=True)
class Transferred:
    """Atoms of the paper's own simulation: triggered where they first pass the height, and caught."""

    rows: Whole
    ticks: Whole
    rides: Trajectories
    settled: int
    device: Device

    @property
    def held(self) -> NDArray[np.bool_]:
        """Which of them are there at the end."""
        return np.asarray(self.rides.ending == 0)

    @cached_property
    def after(self) -> Array:
        """Places (held atom, time, 3) once the commands are carried out."""
        return self.rides.position[self.held, self.settled :]

    @cached_property
    def g(self) -> Array:
        """Their couplings (held atom, time) (rad/s)."""
        return self.device.coupling(self.after)

    @property
    def place(self) -> tuple[float, float]:
        """Mean |y| and z (m)."""
        return float(np.abs(self.after[..., 1]).mean()), float(self.after[..., 2].mean())

    def transmission(self, atoms: int) -> float:
        """Mean transmission with so many of them, drawn at random."""
        rng = np.random.default_rng(atoms)
        chosen = rng.integers(len(self.after), size=(400, atoms))
        paths = np.moveaxis(self.after[chosen, ::8], 1, 2)
        return float(self.device.probe.transmission(paths).mean())


@dataclass(frozen=True)
class Loop:
    """The loop with one blue field; `bank` are the rides of its atoms at the speed at which the feedback works."""

    device: Device
    bank: Bank
    runs: int
    quick: bool = False

    @property
    def rule(self) -> CountThreshold:
        """The paper's: so many clicks within a running window."""
        return self.device.rule

    @property
    def controller(self) -> Controller:
        """The paper's."""
        return self.device.controller(self.rule)

    @cached_property
    def sites(self) -> dict[int, ClickRecords]:
        """Clicks of single sites with 1, 2, ... atoms."""
        device, count = self.device, 600 if self.quick else 4000
        counts = {1: 5 * count, 2: 2 * count}
        return {
            n: site_clicks(self.bank.rides, device.probe, device.counter, n, counts.get(n, count), seed=n)
            for n in range(1, MOST + 1)
        }

    def per_site(self, rule: Rule, atoms: int) -> float:
        """Probability that a rule fires while a single site with so many atoms passes."""
        return float(np.isfinite(rule.first_alarm(self.sites[atoms])).mean())

    @cached_property
    def seen(self) -> Array:
        """That of the paper's rule for 0, 1, 2, ... atoms (none: 0)."""
        return np.array([0.0] + [self.per_site(self.rule, n) for n in range(1, MOST + 1)])

    def triggers(self, occupation: float) -> Array:
        """Probability that a site of Poisson occupation fires and holds 0, 1, 2, ... atoms (the last: as many or more)."""
        return np.asarray(poisson_weights(occupation, MOST)[: MOST + 1] * self.seen)

    def given_trigger(self, occupation: float) -> Array:
        """Probability of 0, 1, 2, ... atoms in a site that fires."""
        joint = self.triggers(occupation)
        return np.asarray(joint / joint.sum())

    @cached_property
    def occupation(self) -> float:
        """The mean number of atoms in a site with which the printed share of runs triggers within the printed sites."""
        from scipy.optimize import brentq

        wanted = 1 - (1 - printed("triggered")) ** (1 / printed("triggered_sites"))
        return float(brentq(lambda n: self.triggers(n).sum() - wanted, 1e-4, 3.0))

    def load(
        self,
        controller: Controller,
        occupation: float,
        *,
        runs: int,
        sites: int | None = None,
        hold: float | None = None,
        seed: int = 1,
        **options: Any,
    ) -> LoadingResult:
        """The experiment, repeated; `options`: second, heating, collisions of `load_atoms`."""
        given = self.device.experiment.feedback
        return self.bank.load(
            controller,
            occupation=occupation,
            sites=given.sites if sites is None else sites,
            runs=runs,
            hold=given.hold if hold is None else hold,
            seed=seed,
            step=STEP,
            **options,
        )

    @cached_property
    def loaded(self) -> LoadingResult:
        """The experiment at the occupation that gives the printed share of triggers."""
        return self.load(self.controller, self.occupation, runs=self.runs)

    @cached_property
    def crowded(self) -> LoadingResult:
        """The experiment at the printed occupation."""
        return self.load(self.controller, self.device.occupation, runs=self.few, sites=FEW_SITES, hold=BRIEF)

    @cached_property
    def halted(self) -> LoadingResult:
        """The experiment with a belt that stops sooner, at the occupation of `loaded`."""
        return self.load(self.short, self.occupation, runs=self.few)

    @property
    def short(self) -> Controller:
        """The paper's controller with a shorter stop."""
        return replace(self.controller, stop=SHORT)

    @property
    def few(self) -> int:
        """Runs of an experiment beside the main one."""
        return 30 if self.quick else 200

    @cached_property
    def delivered(self) -> ClickRecords:
        """Clicks of a belt with the printed occupation that nothing stops."""
        device, runs = self.device, 5 if self.quick else 60
        return belt_clicks(
            self.bank.belt,
            self.bank.rides,
            device.probe,
            device.counter,
            occupation=device.occupation,
            sites=device.experiment.feedback.sites,
            runs=runs,
            seed=3,
        )

    @cached_property
    def transferred(self) -> Transferred:
        """The paper's own simulation: a trigger where an atom first passes 200 nm, without clicks."""
        rides, given = self.bank.rides, self.device.experiment.feedback
        low = rides.position[: 100 if self.quick else 500, :, 2] < HEIGHT
        rows = np.flatnonzero(low.any(axis=1))
        ticks = low.argmax(axis=1)[rows]
        controller = self.controller
        flown = catch(
            self.bank.belt,
            self.device.rest,
            rides,
            controller,
            rows,
            ticks,
            controller.settling + given.hold,
            surface=self.device.surface,
            step=STEP,
        )
        return Transferred(rows, ticks, flown, round(controller.settling / TICK), self.device)

    @property
    def ratios(self) -> tuple[float, float]:
        """Transmission of the paper's own simulation with one and two atoms over that without."""
        empty = float(self.device.probe.empty())
        one, two = (self.transferred.transmission(n) / empty for n in (1, 2))
        return one, two

    @cached_property
    def fit(self) -> Fit:
        """The laboratory's fit to the counts of `loaded`."""
        return self.loaded.fit(self.ratios)

    def rest_height(self, result: LoadingResult, controller: Controller | None = None) -> Array:
        """Heights z_0 (m) at which the belt comes to rest in the runs that fire."""
        given = controller or self.controller
        later = given.latency + given.stop / 2
        return np.asarray(
            result.height[result.triggered] - self.bank.frequency_hz * self.device.spacing * later
        )

    def final_phase(self, tick: int) -> float:
        """Phase of the belt (rad) at rest after a trigger at a tick of the bank."""
        controller, belt = self.controller, self.bank.belt
        moved = float(TimeLaw.of(controller.stopped(belt, 0.0).phase)(controller.settling))
        return float(TimeLaw.of(belt.phase)(self.bank.rides.time[tick])) + moved

    def final(self, tick: int) -> ConveyorBelt:
        """The belt at rest after it."""
        stopped = self.controller.stopped(self.bank.belt, 0.0)
        power = float(TimeLaw.of(stopped.power)(self.controller.settling))
        return replace(stopped, phase=self.final_phase(tick), power=power)
