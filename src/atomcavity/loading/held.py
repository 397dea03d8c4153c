"""Caught atoms in the light of the probe: how many are held, where they are, what is counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.counting import PhotonCounter
from atomcavity.detection.records import ClickRecords
from atomcavity.detection.rules import LikelihoodRatio
from atomcavity.loading.catching import Ride, catch
from atomcavity.loading.collisions import Collisions
from atomcavity.loading.controller import Controller
from atomcavity.loading.pair_losses import loss_times, together
from atomcavity.loading.ring_probe import RingProbe
from atomcavity.loading.watching import whole_seed
from atomcavity.traps.potential import Potential

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stage:
    """What happens after an alarm: the rest of the potentials, the probe and its counter, and for how long atoms are looked at.

    look        time (s) of a second stage from the end of the commands on; hold: time (s) of the counting after it
    collisions  of atoms in one minimum, from the action on; None: atoms do not meet
    """

    ride: Ride
    rest: Potential
    probe: RingProbe
    counter: PhotonCounter
    controller: Controller
    look: float
    hold: float
    flight: dict[str, Any]
    collisions: Collisions | None = None

    @property
    def times(self) -> Array:
        """From the action (s): every tick."""
        length = self.controller.settling + self.look + self.hold
        return np.asarray(self.ride.tick * np.arange(math.ceil(length / self.ride.tick - 1e-9) + 1))


@dataclass(frozen=True, eq=False)
class HeldAtoms:
    """Run by run: atoms that are there after the commands and at the end, clicks, transmission; and atom by atom."""

    held: Whole
    kept: Whole
    counts: Whole
    light: Array
    clicks: ClickRecords
    transmission: Array
    owner: Whole
    staying: NDArray[np.bool_]
    place: Array
    scatter: Array
    g: Array
    warnings: tuple[str, ...]

    def accepted(self, second: LikelihoodRatio, settling: float) -> NDArray[np.bool_]:
        """Whether the second stage is sure enough, (run,)."""
        posterior = second.final(self.clicks, settling)[:, second.wanted]
        return np.asarray(posterior >= second.confidence)


def hold_atoms(
    stage: Stage, rows: Whole, ticks: Whole, owner: Whole, runs: int, seeds: tuple[int, ...]
) -> HeldAtoms:
    """Fly the atoms `rows` of the bank, of the runs `owner`, from their `ticks` on; runs without atoms are looked at alike."""
    times, ride = stage.times, stage.ride
    path = np.full((len(rows), len(times), 3), np.nan)
    warnings: tuple[str, ...] = ()
    if len(rows):
        flown = catch(
            ride.belt, stage.rest, ride.bank, stage.controller, rows, ticks, times[-1],
            seed=whole_seed(*seeds, 3), **stage.flight,
        )  # fmt: skip
        path, warnings = flown.position, flown.warnings
        if stage.collisions is not None:
            lost = _lost(stage, stage.collisions, path, owner, whole_seed(*seeds, 5))
            path[times >= lost[:, None]] = np.nan
    there = ~np.isnan(path[:, :, 2])
    settled = math.ceil(stage.controller.settling / ride.tick - 1e-9)
    response = stage.probe.response(path)
    total = np.zeros((runs, len(times), stage.probe.parts), complex)
    np.add.at(total, owner, response)
    transmission = stage.probe.of_response(total)
    clicks = stage.counter.clicks(times, transmission, seed=whole_seed(*seeds, 4))
    begin = stage.controller.settling + stage.look
    counted = (clicks.time > begin) & (clicks.time <= begin + stage.hold)
    during = (times > begin) & (times < begin + stage.hold + (1 - 1e-9) * ride.tick)  # one tick at least
    staying = there[:, -1]
    place, scatter, g = _means(path[:, settled:], stage.probe)
    return HeldAtoms(
        held=np.bincount(owner[there[:, settled]], minlength=runs),
        kept=np.bincount(owner[staying], minlength=runs),
        counts=np.bincount(clicks.run[counted], minlength=runs),
        light=transmission[:, during].mean(axis=1),
        clicks=clicks,
        transmission=transmission,
        owner=owner,
        staying=staying,
        place=place,
        scatter=scatter,
        g=g,
        warnings=warnings,
    )


def _lost(stage: Stage, collisions: Collisions, path: Array, owner: Whole, seed: int) -> Array:
    """Times (s) from the action at which atoms with the paths (atom, time, 3) collide and are lost, inf: never."""
    settled = math.ceil(stage.controller.settling / stage.ride.tick - 1e-9)
    place, scatter, _ = _means(path[:, settled:], stage.probe)
    return loss_times(collisions, together(owner, place, scatter), len(path), seed)


def _means(path: Array, probe: RingProbe) -> tuple[Array, Array, Array]:
    """Mean place, rms deviation and mean coupling of each atom while it is there; NaN for one that never is."""
    there = ~np.isnan(path[:, :, :1])
    number = np.where(there.any(axis=1), there.sum(axis=1), np.nan)
    place = np.where(there, path, 0.0).sum(axis=1) / number
    apart = np.where(there, path - place[:, None], 0.0)
    g = np.where(there[..., 0], probe.couplings(path)[0], 0.0).sum(axis=1)
    return place, np.sqrt((apart**2).sum(axis=1) / number), g / number[:, 0]
