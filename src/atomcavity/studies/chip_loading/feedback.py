"""Loading with feedback (Fig. 4): clicks stop the belt, the tweezer takes the atoms over, what is held is counted."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection import CountThreshold, LikelihoodRatio
from atomcavity.detection.analysis.fit import Fit
from atomcavity.detection.analysis.occupation import poisson_weights
from atomcavity.detection.records import ClickRecords
from atomcavity.detection.rules import Rule
from atomcavity.loading.catching import catch
from atomcavity.loading.controller import Controller, RandomStop
from atomcavity.loading.feedback import load_atoms
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.loading.probe_heating import ProbeScattering
from atomcavity.loading.trajectories import Trajectories
from atomcavity.loading.watching import belt_clicks, site_clicks
from atomcavity.studies.chip_loading.bank import Bank
from atomcavity.studies.chip_loading.device import Device
from atomcavity.studies.chip_loading.published import printed
from atomcavity.traps.belt import ConveyorBelt
from atomcavity.traps.time_law import TimeLaw

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

MEGA = 2e6 * math.pi
TICK = 0.5e-6
STEP = TICK / 3
"""Step of the caught atoms' trajectories (s): their energy is kept to some 1e-4 MHz, a thousandth of k_B T."""
MOST = 6
"""Atoms in a site of which the detection is simulated."""
HEIGHT = 200e-9
"""Height of an atom (m) at which the paper's own simulation triggers."""
LONG = 1e-3
"""How long the caught atoms are probed in Fig. 4g (s)."""
EMPTY_LOOK = 60
"""Runs of each number of atoms that the second look knows."""


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
        given = self.device.experiment.feedback
        return CountThreshold(given.count, given.window)

    @property
    def controller(self) -> Controller:
        """The paper's."""
        given = self.device.experiment.feedback
        return Controller(self.rule, given.latency, given.power, given.rise, given.stop)

    @cached_property
    def sites(self) -> dict[int, ClickRecords]:
        """Clicks of single sites with 1, 2, ... atoms."""
        device, count = self.device, 1000 if self.quick else 4000
        return {
            n: site_clicks(self.bank.rides, device.probe, device.counter, n, count, seed=n)
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
        second: LikelihoodRatio | None = None,
        heating: ProbeScattering | None = None,
        seed: int = 1,
    ) -> LoadingResult:
        """The experiment, repeated."""
        device, given = self.device, self.device.experiment.feedback
        return load_atoms(
            self.bank.belt,
            device.rest,
            self.bank.rides,
            device.probe,
            device.counter,
            controller,
            occupation=occupation,
            sites=given.sites if sites is None else sites,
            runs=runs,
            hold=given.hold if hold is None else hold,
            second=second,
            heating=heating,
            seed=seed,
            surface=device.surface,
            step=STEP,
        )

    @cached_property
    def loaded(self) -> LoadingResult:
        """The experiment at the occupation that gives the printed share of triggers."""
        return self.load(self.controller, self.occupation, runs=self.runs)

    @cached_property
    def crowded(self) -> LoadingResult:
        """The experiment at the printed occupation."""
        return self.load(self.controller, self.device.occupation, runs=100 if self.quick else 500, sites=30)

    @property
    def stops(self) -> RandomStop:
        """Random times within two periods of a belt on its way."""
        period = 1 / self.bank.frequency_hz
        return RandomStop(2 * period, 4 * period)

    @cached_property
    def delivered(self) -> ClickRecords:
        """Clicks of a belt with the printed occupation that nothing stops."""
        device, runs = self.device, 10 if self.quick else 60
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
        low = rides.position[:, :, 2] < HEIGHT
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

    def final(self, tick: int) -> ConveyorBelt:
        """The belt at rest after a trigger at a tick of the bank."""
        controller, belt = self.controller, self.bank.belt
        stopped = controller.stopped(belt, 0.0)
        moved = float(TimeLaw.of(stopped.phase)(controller.settling))
        phase = float(TimeLaw.of(belt.phase)(self.bank.rides.time[tick])) + moved
        return replace(stopped, phase=phase, power=float(TimeLaw.of(stopped.power)(controller.settling)))


@dataclass(frozen=True)
class Feedback:
    """Both blue fields.

    banks  rides at the feedback's speed for each device, if they are there already
    """

    devices: tuple[Device, ...]
    quick: bool = False
    banks: tuple[Bank, ...] | None = None

    @cached_property
    def loops(self) -> tuple[Loop, ...]:
        """The strong and the weak field."""
        banks = self.banks or tuple(
            Bank(
                device, device.experiment.feedback.frequency, 300 if self.quick else 1500, seed=11, tick=TICK
            )
            for device in self.devices
        )
        most = self.devices[0].experiment.feedback.runs
        runs = (150, 300) if self.quick else (most // 5, most)
        return tuple(
            Loop(device, bank, count, self.quick)
            for device, bank, count in zip(self.devices, banks, runs, strict=True)
        )

    @property
    def strong(self) -> Loop:
        """With the field that shifts the line as printed."""
        return self.loops[0]

    @property
    def weak(self) -> Loop:
        """With the field that gives the printed transmission of the belt."""
        return self.loops[1]

    def heating(self, loop: Loop) -> ProbeScattering:
        """The probe that gives the printed counts, seen by every photon behind the ring."""
        device = loop.device
        ring, profile = device.experiment.ring, device.profile
        return ProbeScattering(
            device.counter.flux,
            device.line.wavelength,
            kappa=ring.kappa,
            kappa_ext=ring.kappa_ext,
            backscattering=ring.backscattering,
            gamma=device.gamma,
            coupling=profile,
            surface_shift=device.shift_ratio * device.experiment.blue.energy[device.blue_field],
        )

    @cached_property
    def probed(self) -> tuple[LoadingResult, LoadingResult]:
        """Caught atoms in the probe's light for long, which heats them: after feedback, and after random stops."""
        loop, runs = self.weak, 60 if self.quick else 300
        heating = self.heating(loop)
        random = replace(loop.controller, rule=loop.stops, latency=0.0)
        occupation = loop.device.occupation
        return (
            loop.load(loop.controller, loop.occupation, runs=runs, hold=LONG, heating=heating, seed=4),
            loop.load(random, occupation, runs=runs // 2, sites=8, hold=LONG, heating=heating, seed=5),
        )

    @cached_property
    def selected(self) -> LoadingResult:
        """Printed occupation, and a second look at what was caught that throws all but single atoms away."""
        loop, known = self.weak, self.weak.crowded
        rates, atoms, probe = [], [], loop.device.probe
        for n in range(4):
            for run in np.flatnonzero(known.triggered & (known.kept == n) & (known.held == n))[:EMPTY_LOOK]:
                mine = (known.atom_run == run) & known.atom_kept
                rates.append(float(loop.device.counter.rate(probe.transmission(known.place[mine]))))
                atoms.append(n)
        each = np.bincount(atoms)[atoms]
        share = np.bincount(np.minimum(known.held[known.triggered], 3), minlength=4) + 1.0
        prior = share[atoms] / each
        second = LikelihoodRatio(
            [0.0, loop.device.experiment.feedback.hold],
            np.array(rates)[:, None] * np.ones(2),
            prior=prior / prior.sum(),
            atoms=atoms,
            confidence=0.9,
        )
        runs = 60 if self.quick else 400
        return loop.load(loop.controller, loop.device.occupation, runs=runs, second=second, seed=6)

    def values(self) -> dict[str, float]:
        """Targets of the paper's own simulation and of the feedback."""
        weak, moved = self.weak, self.strong.transferred
        across, height = moved.place
        numbers = np.arange(MOST + 1)
        law = weak.given_trigger(weak.occupation)
        return {
            "s4.mc_absY": across * 1e9,
            "s4.mc_Z": height * 1e9,
            "s4.mc_g": float(moved.g.mean()) / MEGA,
            "s4.mc_transfer": float(moved.held.mean()),
            "s4.fb_nbar": weak.occupation,
            "s4.fb_P1": float(law[1]),
            "s4.fb_P2": float(law[2]),
            "s4.fb_n": float(numbers @ weak.given_trigger(weak.device.occupation)),
        }
