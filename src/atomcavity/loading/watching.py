"""Sites of a belt pass a probe, and a rule watches the clicks until it fires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.counting import CHANNEL, PhotonCounter
from atomcavity.detection.records import ClickRecords
from atomcavity.errors import number as finite
from atomcavity.errors import require
from atomcavity.loading.catching import Ride
from atomcavity.loading.controller import Controller
from atomcavity.loading.feedback_kernel import add_up
from atomcavity.loading.ring_probe import RingProbe
from atomcavity.loading.trajectories import Trajectories
from atomcavity.results import Record
from atomcavity.traps.belt import ConveyorBelt

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

_SEGMENT = 8  # sites whose light is drawn together
_PIECE = 500  # runs whose responses are added up together


@dataclass(frozen=True, eq=False)
class Delivery:
    """`sites` sites, one period of the belt apart, each with atoms of the ride's bank."""

    ride: Ride
    probe: RingProbe
    counter: PhotonCounter
    sites: int

    @cached_property
    def response(self) -> NDArray[np.complex128]:
        """Of the bank's atoms, (atom, tick, part)."""
        return np.ascontiguousarray(self.probe.response(self.ride.bank.position))

    @cached_property
    def start(self) -> Whole:
        """Tick at which each site sets out."""
        period = 1 / self.ride.frequency_hz / self.ride.tick
        return np.round(np.arange(self.sites) * period).astype(np.int64)

    @cached_property
    def end(self) -> int:
        """Last tick of the last site."""
        return int(self.start[-1]) + self.ride.ticks - 1

    @cached_property
    def segments(self) -> list[tuple[int, int]]:
        """First and last tick of the pieces in which the light is drawn."""
        edges = [*self.start[::_SEGMENT].tolist(), self.end]
        return list(pairwise(edges))


def site_clicks(
    bank: Trajectories, probe: RingProbe, counter: PhotonCounter, number: int, runs: int, *, seed: int = 0
) -> ClickRecords:
    """Clicks while a single site with exactly `number` atoms of the `bank` passes, `runs` times, from the bank's first time on."""
    require(number == int(number) and number >= 0, f"number = {number!r} of atoms must be whole and >= 0")
    whole(runs=runs)
    rng = np.random.default_rng([seed, number])
    rows = rng.integers(len(bank.ending), size=(runs, number))
    response = probe.response(bank.position)
    parts = []
    for piece in np.array_split(rows, max(1, runs // _PIECE)):
        total = response[piece].sum(axis=1) if number else np.zeros((len(piece), *response.shape[1:]))
        parts.append(probe.of_response(total))
    return counter.clicks(bank.time - bank.time[0], np.concatenate(parts), seed=whole_seed(seed, number, 1))


@dataclass(frozen=True, eq=False)
class Crowd:
    """Atoms of many runs: those of (run, site) are `number` places in `rows`, of the bank, from `first` on."""

    rows: Whole
    first: Whole
    number: Whole

    @classmethod
    def drawn(cls, seed: Sequence[int], occupation: Array, runs: int, of: int, atoms: int) -> Crowd:
        """Poisson numbers of a mean `occupation` (site,), each atom one of `atoms`; the first `runs` of a batch `of` so many."""
        rng = np.random.default_rng(seed)
        count = rng.poisson(occupation, (of, len(occupation)))
        first = (np.cumsum(count) - count.ravel()).reshape(count.shape)
        return cls(rng.integers(atoms, size=int(count.sum())), first[:runs], count[:runs])

    def of(self, runs: Whole, begin: Whole) -> Crowd:
        """Some runs, the sites of each from `begin` on; behind the last there are empty ones."""
        sites = self.first.shape[1]
        place = begin[:, None] + np.arange(sites)
        inside = np.minimum(place, sites - 1)
        first, number = (np.take_along_axis(x[runs], inside, axis=1) for x in (self.first, self.number))
        return Crowd(self.rows, first, np.where(place < sites, number, 0))


def belt_clicks(
    belt: ConveyorBelt,
    bank: Trajectories,
    probe: RingProbe,
    counter: PhotonCounter,
    *,
    occupation: float = 1.5,
    sites: int = 60,
    runs: int = 1,
    seed: int = 0,
) -> ClickRecords:
    """Clicks of a belt that nothing stops, site after site; the arguments are those of `load_atoms`."""
    whole(sites=sites, runs=runs)
    require(finite(occupation, "occupation") >= 0, f"occupation = {occupation!r} must not be negative")
    delivery = Delivery(Ride(belt, bank), probe, counter, sites)
    crowd = Crowd.drawn((seed, 0), np.full(sites, float(occupation)), runs, runs, len(bank.ending))
    times, owners = [], []
    for k, (begin, end) in enumerate(delivery.segments):
        clicks = _light(delivery, crowd, np.arange(runs), begin, end, whole_seed(seed, 1, k))
        times.append(clicks.time + begin * delivery.ride.tick)
        owners.append(clicks.run)
    return _record(counter, times, owners, delivery.end * delivery.ride.tick, runs, seed)


@dataclass(frozen=True, eq=False)
class Alarms:
    """What a rule found, run by run: NaN times and site -1 where it never fired; owner, atoms, ticks (caught atom,).

    at_trigger  atoms that were in the site at the alarm; those still there at the action are listed with their rows and ticks
    """

    alarm: Array
    action: Array
    site: Whole
    height: Array
    at_trigger: Whole
    owner: Whole
    rows: Whole
    ticks: Whole


def watch(delivery: Delivery, controller: Controller, crowd: Crowd, seeds: Sequence[int]) -> Alarms:
    """The first alarm of each run of the `crowd`, and the atoms that the controller then finds."""
    runs = len(crowd.first)
    tick = delivery.ride.tick
    alarm = np.full(runs, np.nan)
    times, owners = [np.zeros(0)], [np.zeros(0, np.int64)]
    for k, (begin, end) in enumerate(delivery.segments):
        waiting = np.flatnonzero(np.isnan(alarm))
        if len(waiting) == 0:
            break
        clicks = _light(delivery, crowd, waiting, begin, end, whole_seed(*seeds, 1, k))
        times.append(clicks.time + begin * tick)
        owners.append(waiting[clicks.run])
        record = _record(delivery.counter, times, owners, end * tick, runs, whole_seed(*seeds, 2))
        found = controller.rule.first_alarm(record)
        alarm[waiting] = np.where(found[waiting] <= end * tick, found[waiting], np.nan)
    return _found(delivery, controller, crowd, alarm)


def whole(**counts: float) -> None:
    """Raises `InputError` for one that is not 1, 2, ..."""
    for name, value in counts.items():
        require(value >= 1 and value == int(value), f"{name} = {value!r} must be a whole number >= 1")


def whole_seed(*parts: int) -> int:
    """One seed from several whole numbers."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _light(delivery: Delivery, crowd: Crowd, runs: Whole, begin: int, end: int, seed: int) -> ClickRecords:
    """Clicks from one tick to another in the light that the atoms of these runs let through."""
    response, ticks = delivery.response, end - begin + 1
    total = np.zeros((len(runs), ticks, response.shape[2]), complex)
    add_up(response, crowd.rows, crowd.first[runs], crowd.number[runs], begin, delivery.start, total)
    transmission = np.full(total.shape[:2], float(delivery.probe.empty()))
    seen = total.any(axis=2)
    transmission[seen] = delivery.probe.of_response(total[seen])
    return delivery.counter.clicks(delivery.ride.tick * np.arange(ticks), transmission, seed=seed)


def _record(
    counter: PhotonCounter, times: list[Array], owners: list[Whole], duration: float, runs: int, seed: int
) -> ClickRecords:
    """All clicks until now, in order; the first of a piece may fall into the dead time of the last of the one before."""
    time, run = np.concatenate(times), np.concatenate(owners)
    order = np.argsort(run, kind="stable")
    time, run = time[order], run[order]
    if counter.dead_time > 0:
        keep = np.ones(len(time), bool)
        keep[1:] = (np.diff(run) > 0) | (np.diff(time) >= counter.dead_time)
        time, run = time[keep], run[keep]
    return ClickRecords(
        Record("clicks behind a passing belt", seed=seed),
        time=time,
        channel=np.zeros(len(time), np.int64),
        run=run,
        labels=np.array([CHANNEL]),
        duration=duration,
        runs=runs,
        period=np.nan,
    )


def _found(delivery: Delivery, controller: Controller, crowd: Crowd, alarm: Array) -> Alarms:
    """The site at the chip at the alarm, and its atoms at the tick of the action."""
    ride, runs = delivery.ride, len(alarm)
    fired = np.flatnonzero(~np.isnan(alarm))
    site, at_trigger = np.full(runs, -1), np.zeros(runs, np.int64)
    height, action = np.full(runs, np.nan), np.full(runs, np.nan)
    at = np.floor(alarm[fired] / ride.tick + 1e-9).astype(np.int64)
    act = np.ceil((alarm[fired] + controller.latency) / ride.tick - 1e-9).astype(np.int64)
    turn = np.searchsorted(delivery.start + ride.passed, at, side="right")
    site[fired] = np.minimum(turn, delivery.sites - 1)
    begin = delivery.start[site[fired]]
    height[fired] = ride.height(alarm[fired] - begin * ride.tick)
    action[fired] = act * ride.tick
    number = crowd.number[fired, site[fired]]
    owner = np.repeat(np.arange(len(fired)), number)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(number) - number, number)
    rows = crowd.rows[crowd.first[fired, site[fired]][owner] + within]
    there = ride.present(rows, (at - begin)[owner])
    at_trigger[fired] = np.bincount(owner[there], minlength=len(fired))
    ticks = (act - begin)[owner]
    caught = ride.present(rows, ticks)
    return Alarms(alarm, action, site, height, at_trigger, fired[owner[caught]], rows[caught], ticks[caught])
