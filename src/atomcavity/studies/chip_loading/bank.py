"""A bank of single atoms that ride one site of the belt past the chip: drawn from, it makes sites of any occupation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.loading.controller import Controller
from atomcavity.loading.feedback import load_atoms
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.loading.thermal import Atoms, thermal_atoms
from atomcavity.loading.trajectories import Trajectories, trajectories
from atomcavity.studies.chip_loading.device import Device
from atomcavity.traps.belt import ConveyorBelt
from atomcavity.traps.potential import Potential
from atomcavity.traps.site import find_site, sites_along

Array = NDArray[np.float64]

FIRST, LAST = 1.5, -0.5
"""Heights of the site, in lattice spacings, between which a ride lasts."""


@dataclass(frozen=True, eq=False)
class Bank:
    """Rides of `count` atoms at the device's temperature, each alone in its site, on a belt of `frequency_hz`."""

    device: Device
    frequency_hz: float
    count: int
    seed: int = 0
    tick: float = 0.25e-6

    @cached_property
    def belt(self) -> ConveyorBelt:
        """The moving belt; at t = 0 the site is at the first height."""
        return self.device.belt(frequency_hz=self.frequency_hz, height=FIRST * self.device.spacing)

    @cached_property
    def potential(self) -> Potential:
        """The belt and all the rest."""
        return self.belt + self.device.rest

    @cached_property
    def rides(self) -> Trajectories:
        """Positions and velocities at every tick; NaN after an atom's end."""
        device = self.device
        ticks = int(np.ceil((FIRST - LAST) / self.frequency_hz / self.tick * (1 - 1e-9)))
        return trajectories(
            self.potential,
            self._atoms,
            ticks * self.tick,
            samples=ticks + 1,
            surface=device.surface,
            seed=self.seed,
        )

    @property
    def _atoms(self) -> Atoms:
        """A thermal state in the site at t = 0, moving with it."""
        device, part = self.device, 0.01 / self.frequency_hz
        before = _nearest(self.potential, device.mass, FIRST * device.spacing)
        after = find_site(self.potential, device.mass, near=before, time=part).position
        atoms = thermal_atoms(
            self.potential, device.mass, device.temperature, self.count, near=before, seed=self.seed
        )
        return replace(atoms, velocity=atoms.velocity + (after - before) / part)

    @property
    def time(self) -> Array:
        """Of the samples (s)."""
        return self.rides.time

    @property
    def heights(self) -> Array:
        """z_0/d at these times: place of the site, continued to the chip, in lattice spacings."""
        return np.asarray(FIRST - self.frequency_hz * self.time)

    def sites(self, atoms: int, count: int, seed: int = 0) -> Array:
        """Positions (site, time, atom, 3) of `count` sites with this number of atoms each, drawn from the bank."""
        chosen = np.random.default_rng([self.seed, seed, atoms]).integers(self.count, size=(count, atoms))
        return np.moveaxis(self.rides.position[chosen], 1, 2)

    def transmission(self, atoms: int, count: int, seed: int = 0) -> Array:
        """Transmission (site, time) of such sites (Zhou et al. 2026, Eqs. 5, 6)."""
        return self.device.probe.transmission(self.sites(atoms, count, seed))

    def load(self, controller: Controller, **options: Any) -> LoadingResult:
        """The experiment with feedback, with sites drawn from these rides; `options` are those of `load_atoms`."""
        device = self.device
        return load_atoms(
            self.belt,
            device.rest,
            self.rides,
            device.probe,
            device.counter,
            controller,
            surface=device.surface,
            **options,
        )


def _nearest(potential: Potential, mass: float, height: float) -> Array:
    """The minimum above the middle of the waveguide next to this height: the reflection moves it from there."""
    reach = 0.25e-6
    found = sites_along(potential, mass, (0, 0, height - reach), (0, 0, height + reach), points=501)
    return min(found, key=lambda site: abs(site.position[2] - height)).position
