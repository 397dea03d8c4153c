"""Caught atoms that the probe heats until they leave: what is left of the signal, and which of its actions does it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import h
from scipy.constants import k as boltzmann

from atomcavity.loading.catching import catch
from atomcavity.loading.probe_heating import ProbeScattering
from atomcavity.loading.thermal import Atoms
from atomcavity.loading.trajectories import Trajectories, trajectories
from atomcavity.studies.chip_loading.feedback import Loop
from atomcavity.traps.potential import Potential
from atomcavity.traps.time_law import TimeLaw

Array = NDArray[np.float64]

SAMPLES = 76
STEP = 0.25e-6
"""Of the trajectories (s): a seventh of the shortest period, with six forces a step."""
RESAMPLED = 60
"""Of the atoms, for the error of a lifetime."""
ALL = (1.0, 1.0, 1.0, 1.0)
NO_FRICTION = (1.0, 1.0, 1.0, 0.0)
SHARES = ("recoil of scattered photons", "diffusion along the gradient", "friction")


@dataclass(frozen=True)
class PartOfProbe(ProbeScattering):
    """A probe of which only some actions are kept: factors of scattering, diffusion, force, friction."""

    parts: tuple[float, ...] = field(default=ALL, kw_only=True)

    def action(self, p: ArrayLike) -> Array:
        """As that of the whole probe, times `parts`."""
        return super().action(p) * np.array(self.parts)


def one_over_e(time: Array, values: Array) -> float:
    """When values first fall below 1/e of the first of them (s), between the samples linearly; NaN: never."""
    left = values / values[0] - math.exp(-1)
    below = np.flatnonzero(left < 0)
    if len(below) == 0:
        return math.nan
    k = int(below[0])
    return float(time[k - 1] + (time[k] - time[k - 1]) * left[k - 1] / (left[k - 1] - left[k]))


@dataclass(frozen=True, eq=False)
class Decay:
    """Single atoms in the probe: time from the end of the transfer, transmission above that of the empty ring (atom, time)."""

    time: Array
    light: Array
    there: NDArray[np.bool_]
    rides: Trajectories

    @property
    def signal(self) -> Array:
        """Mean over the atoms, lost ones included."""
        return np.asarray(self.light.mean(axis=0))

    @property
    def lifetime(self) -> float:
        """1/e of the signal (s)."""
        return one_over_e(self.time, self.signal)

    @property
    def held(self) -> float:
        """1/e of the number of atoms (s)."""
        return one_over_e(self.time, self.there.mean(axis=0))

    @property
    def error(self) -> float:
        """Of `lifetime` (s), by resampling the atoms."""
        rng = np.random.default_rng(0)
        count = len(self.light)
        chosen = rng.integers(count, size=(RESAMPLED, count))
        return float(np.nanstd([one_over_e(self.time, self.light[rows].mean(axis=0)) for rows in chosen]))


@dataclass(frozen=True)
class Probed:
    """Atoms of the paper's own simulation of the transfer, in the trap that it ends in, each at its own phase of the lattice.

    whole  the probe that gives the printed counts if every photon behind the ring makes a click
    count  of atoms at most
    """

    loop: Loop
    whole: ProbeScattering
    count: int

    @cached_property
    def start(self) -> tuple[Atoms, Array]:
        """Places and velocities where the commands are carried out, and each atom's phase of the belt (rad)."""
        moved = self.loop.transferred
        rows, rides = np.flatnonzero(moved.held)[: self.count], moved.rides
        place, velocity = (x[rows, moved.settled] for x in (rides.position, rides.velocity))
        times = self.loop.bank.rides.time[moved.ticks[rows]]
        return Atoms(rides.mass, place, velocity, plane=True), TimeLaw.of(self.loop.bank.belt.phase)(times)

    @cached_property
    def potential(self) -> Potential:
        """Belt and rest under the controller's commands, whose end is the start of the flight."""
        loop = self.loop
        belt = loop.controller.stopped(loop.bank.belt, float(loop.bank.rides.time[0]))
        return belt + loop.device.rest

    def light(self, efficiency: float, parts: tuple[float, ...] = ALL) -> PartOfProbe:
        """The probe that gives the printed counts if a photon behind the ring makes a click with this probability."""
        same = {item.name: getattr(self.whole, item.name) for item in fields(self.whole)}
        return PartOfProbe(**{**same, "flux": self.whole.flux / efficiency}, parts=parts)

    def decay(self, efficiency: float, duration: float, parts: tuple[float, ...] = ALL) -> Decay:
        """Probed for `duration` (s)."""
        atoms, phases = self.start
        device = self.loop.device
        flown = trajectories(
            self.potential,
            atoms,
            duration,
            start=self.loop.controller.settling,
            samples=SAMPLES,
            phases=phases,
            surface=device.surface,
            probe=self.light(efficiency, parts),
            step=STEP,
            seed=17,
        )
        light = device.probe.transmission(flown.position[:, :, None, :]) - float(device.probe.empty())
        there = ~np.isnan(flown.position[:, :, 2])
        return Decay(flown.time - flown.time[0], light, there, flown)

    def shares(self, efficiency: float) -> dict[str, float]:
        """Mean power (uK/us) that the atoms take up at the start: recoil, diffusion, and friction, which heats blue of the line."""
        light, (atoms, _) = self.light(efficiency), self.start
        p, slope = light.profile(atoms.position), light.slope(atoms.position)
        action, steep = light.action(p), (slope**2).sum(axis=-1)
        kick = h / light.wavelength
        along = (slope * atoms.velocity[:, 1:]).sum(axis=-1) ** 2
        power = (
            action[:, 0] * p**2 * kick**2 * 2 / 3 / (2 * atoms.mass),
            action[:, 1] * steep / (2 * atoms.mass),
            action[:, 3] * along,
        )
        return dict(zip(SHARES, (float(x.mean()) / boltzmann for x in power), strict=True))

    def temperature(self, shape: str) -> float:
        """Kinetic temperature (K) after the transfer if the belt is stopped in this shape of `TimeLaw.ramp_to`, mean over 50 us."""
        loop, moved = self.loop, self.loop.transferred
        controller = replace(loop.controller, shape=shape)
        rows, ticks = moved.rows[: self.count], moved.ticks[: self.count]
        flown = catch(
            loop.bank.belt,
            loop.device.rest,
            loop.bank.rides,
            controller,
            rows,
            ticks,
            controller.settling + 50e-6,
            surface=loop.device.surface,
            step=STEP,
        )
        return float(np.mean([flown.temperature(k) for k in range(moved.settled, len(flown.time))]))

    def rate(self, efficiency: float) -> float:
        """Photons that an atom scatters into free space per second, at the start."""
        return float(self.light(efficiency).rate(self.start[0].position).mean())


@dataclass(frozen=True)
class ProbedLifetime:
    """The lifetime against the efficiency of the detection, which the paper does not print."""

    probed: Probed
    printed: float
    quick: bool = False

    @cached_property
    def efficiency(self) -> float:
        """With which the printed lifetime comes out: the lifetime goes nearly as it, so two steps suffice."""
        guess = 0.047
        for _ in range(1 if self.quick else 2):
            guess *= self.printed / self.probed.decay(guess, 2 * self.printed).lifetime
        return guess

    @cached_property
    def decays(self) -> dict[float, Decay]:
        """At that efficiency and at multiples of it."""
        factors = (1.0,) if self.quick else (0.5, 1.0, 2.0)
        return {f: self.probed.decay(f * self.efficiency, 3 * f**0.6 * self.printed) for f in factors}

    @property
    def decay(self) -> Decay:
        """At that efficiency itself."""
        return self.decays[1.0]

    @cached_property
    def without_friction(self) -> Decay:
        """There, if the force did not depend on the velocity."""
        return self.probed.decay(self.efficiency, 4 * self.printed, NO_FRICTION)
