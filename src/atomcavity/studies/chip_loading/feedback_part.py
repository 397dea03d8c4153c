"""The experiment with feedback for both blue fields, and what is done with the atoms afterwards (Fig. 4, S5)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.analysis.fit import Fit
from atomcavity.detection.analysis.lifetime import fit_lifetime
from atomcavity.loading.collisions import Collisions, thermal_volume
from atomcavity.loading.controller import RandomStop
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.loading.probe_heating import ProbeScattering
from atomcavity.studies.chip_loading.bank import Bank
from atomcavity.studies.chip_loading.device import MEGA, Device
from atomcavity.studies.chip_loading.feedback import FEW_SITES, MOST, TICK, Loop
from atomcavity.studies.chip_loading.second_look import Choice, choices
from atomcavity.traps.site import find_site

Array = NDArray[np.float64]

LONG = 1e-3
"""How long the caught atoms are probed in Fig. 4g (s)."""
EFFICIENCY = 0.12
"""Probability that a photon behind the ring makes a click, ours: chosen so that the light decays about as fast as printed."""
WORSE = EFFICIENCY / 3
"""For comparison: near the efficiency that atoms triggered by their height need for the printed decay (figure-lifetimes)."""
MEETING = 10e-6
"""Mean time to the collision of a pair in one minimum (s), ours: short beside the stop of the belt."""


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
        runs = (150, 300) if self.quick else (most // 20, most)
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

    def heating(self, loop: Loop, efficiency: float = 1.0) -> ProbeScattering:
        """The probe that gives the printed counts if a photon behind the ring makes a click with this probability."""
        device = loop.device
        ring, profile = device.experiment.ring, device.profile
        return ProbeScattering(
            device.counter.flux / efficiency,
            device.line.wavelength,
            kappa=ring.kappa,
            kappa_ext=ring.kappa_ext,
            backscattering=ring.backscattering,
            gamma=device.gamma,
            coupling=profile,
            surface_shift=device.shift_ratio * device.blue_energy,
        )

    @cached_property
    def probed(self) -> tuple[LoadingResult, LoadingResult]:
        """Caught atoms in the probe's light for long, which heats them: after feedback, and after random stops."""
        loop, period = self.weak, 1 / self.weak.bank.frequency_hz
        random = replace(loop.controller, rule=RandomStop(2 * period, 4 * period), latency=0.0)
        return (
            self._caught(EFFICIENCY),
            loop.load(
                random,
                loop.device.occupation,
                runs=self._few,
                sites=8,
                hold=LONG,
                heating=self.heating(loop, EFFICIENCY),
                seed=5,
            ),
        )

    @property
    def _few(self) -> int:
        """Runs that are probed for long."""
        return 40 if self.quick else 150

    def _caught(self, efficiency: float) -> LoadingResult:
        """After feedback, with the light that an efficiency of the detection asks for."""
        loop = self.weak
        heating = self.heating(loop, efficiency)
        return loop.load(loop.controller, loop.occupation, runs=self._few, hold=LONG, heating=heating, seed=4)

    @cached_property
    def decay(self) -> Fit:
        """Exponential fit to the mean transmission after feedback, above that of the empty ring."""
        return self._decay(self.probed[0])

    @cached_property
    def faster(self) -> Fit:
        """The same with `WORSE`, for which the probe is brighter."""
        return self._decay(self._caught(WORSE))

    def _decay(self, result: LoadingResult) -> Fit:
        empty = float(self.weak.device.probe.empty())
        begin = self.weak.controller.settling
        some = np.flatnonzero(result.after >= begin)[::20]
        light = result.mean_transmission()[some] - empty
        error = np.full(len(some), 0.1 * light[0])
        return fit_lifetime(result.after[some] - begin, light, error)

    @cached_property
    def collided(self) -> dict[float, LoadingResult]:
        """Printed occupation; every pair in one minimum collides soon and loses both atoms (0) or one (1)."""
        loop, volume = self.weak, self.pair_volume
        return {
            share: loop.load(
                loop.controller,
                loop.device.occupation,
                runs=loop.few,
                sites=FEW_SITES,
                collisions=Collisions(volume / MEETING, volume, share),
                seed=9,
            )
            for share in (0.0, 1.0)
        }

    @cached_property
    def pair_volume(self) -> float:
        """V (m^3) of a pair in one minimum after the transfer; along the waveguide the tweezer's waist holds the atoms."""
        loop = self.weak
        device, moved = loop.device, loop.transferred
        kept = np.flatnonzero(moved.held)
        tick = int(np.median(moved.ticks[kept]))
        belt = loop.final(tick)
        across, height = moved.place
        site = find_site(belt + device.rest, device.mass, near=(0.0, across, height))
        light = abs(float(belt.energy(site.position)))
        along = math.sqrt(4 * light / device.mass) / device.experiment.belt.tweezer_waist
        return thermal_volume(device.mass, device.temperature, (along, *site.frequencies))

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """Rules, without and with a second look."""
        return choices(self.weak)

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
