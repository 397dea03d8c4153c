"""Atoms that a controller catches: from where they are on the moving belt, under its commands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import InputError, require
from atomcavity.loading.controller import Controller, belt_frequency
from atomcavity.loading.thermal import Atoms
from atomcavity.loading.trajectories import Trajectories, trajectories
from atomcavity.traps.belt import ConveyorBelt
from atomcavity.traps.potential import Potential
from atomcavity.traps.time_law import TimeLaw

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ride:
    """A bank of single atoms in one site of a belt, as the loop needs it."""

    belt: ConveyorBelt
    bank: Trajectories

    def __post_init__(self) -> None:
        times = self.bank.time
        turns = TimeLaw.of(self.belt.phase)(times) / (2 * math.pi)
        require(self.frequency_hz > 0, "the belt's sites must move down, towards the chip")
        even = np.abs(turns - turns[0] - self.frequency_hz * (times - times[0])).max() < 1e-3
        require(bool(even), "the belt's frequency must be constant while the bank's atoms ride on it")
        for name in ("power", "bottom_power"):
            law = TimeLaw.of(getattr(self.belt, name))(times)
            require(
                float(np.ptp(law)) < 1e-6, f"the belt's {name} must be constant while the atoms ride on it"
            )
        known = ~np.isnan(self.bank.position[:, :, 2])
        require(bool(known[:, 0].all()), "all atoms of the bank must be on the belt at its first time")

    @cached_property
    def frequency_hz(self) -> float:
        """Sites that arrive per second."""
        return belt_frequency(self.belt, float(self.bank.time[0]))

    @property
    def tick(self) -> float:
        """Time between the bank's samples (s)."""
        return float(self.bank.time[1] - self.bank.time[0])

    @property
    def ticks(self) -> int:
        """Samples of the bank."""
        return len(self.bank.time)

    def height(self, since: ArrayLike) -> Array:
        """Height (m) of the site, as the lattice would be without the chip, at times (s) from the bank's first."""
        first = float(self.bank.position[:, 0, 2].mean())
        return first - self.frequency_hz * self.belt.spacing * np.asarray(since, dtype=float)

    def present(self, rows: Whole, ticks: Whole) -> NDArray[np.bool_]:
        """Whether atoms of the bank are there at ticks of their ride; before and after it they are not."""
        inside = (ticks >= 0) & (ticks < self.ticks)
        z = self.bank.position[rows, np.where(inside, ticks, 0), 2]
        return np.asarray(inside & ~np.isnan(z))

    @cached_property
    def passed(self) -> int:
        """Tick from which on the next site is the one at the chip: a quarter of a period after half of the atoms are lost."""
        present = (~np.isnan(self.bank.position[:, :, 2])).mean(axis=0)
        gone = np.flatnonzero(present < 0.5)
        quarter = round(0.25 / self.frequency_hz / self.tick)
        return int(gone[0]) + quarter if len(gone) else self.ticks


def catch(
    belt: ConveyorBelt,
    rest: Potential,
    bank: Trajectories,
    controller: Controller,
    atoms: ArrayLike,
    ticks: ArrayLike,
    duration: float,
    *,
    seed: int = 0,
    **flight: Any,
) -> Trajectories:
    """Fly atoms of the `bank` from the places and velocities that they have at given ticks, under the controller's commands.

    atoms, ticks  (caught,): rows and samples of the bank, where the atom must still be there; the commands begin there
    duration      (s), a whole number of the bank's ticks, which is how the result is sampled; its time begins with the action

    flight        `surface`, `region`, `recoil`, `noise`, `method`, `step`, `workers` of `trajectories`; the step is by default that of
                  the bank, shortened by the square root of the controller's power

    The belt has the phase that it has at the bank's tick, each atom's own.
    """
    ride = Ride(belt, bank)
    rows, samples = np.atleast_1d(np.asarray(atoms)), np.atleast_1d(np.asarray(ticks))
    require(rows.shape == samples.shape and len(rows) > 0, "one tick for each atom, at least one atom")
    place, velocity = bank.position[rows, samples], bank.velocity[rows, samples]
    if np.isnan(place).any():
        raise InputError("an atom cannot be caught after its end: its place at the tick is NaN")
    count = max(1, round(duration / ride.tick))
    given = {"step": bank.step / math.sqrt(max(1.0, controller.power)), **flight}
    return trajectories(
        controller.stopped(belt, float(bank.time[0])) + rest,
        Atoms(bank.mass, place, velocity, belt.uniform and rest.uniform),
        count * ride.tick,
        samples=count + 1,
        phases=TimeLaw.of(belt.phase)(bank.time[samples]),
        seed=seed,
        **given,
    )
