"""Real-time feedback: a belt brings atoms past a probe, a controller sees clicks and stops it, the atoms answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.counting import PhotonCounter
from atomcavity.detection.rules import LikelihoodRatio
from atomcavity.errors import number, reals, require
from atomcavity.loading.catching import Ride
from atomcavity.loading.collisions import Collisions
from atomcavity.loading.controller import Controller
from atomcavity.loading.gathering import Batch, gathered
from atomcavity.loading.held import Stage, hold_atoms
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.loading.probe_heating import ProbeScattering
from atomcavity.loading.ring_probe import RingProbe
from atomcavity.loading.trajectories import Trajectories
from atomcavity.loading.watching import Crowd, Delivery, watch, whole
from atomcavity.parallel import Progress
from atomcavity.results import Record
from atomcavity.traps.belt import ConveyorBelt
from atomcavity.traps.potential import Potential

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

_BATCH = 500  # runs that are followed together


def load_atoms(
    belt: ConveyorBelt,
    rest: Potential,
    bank: Trajectories,
    probe: RingProbe,
    counter: PhotonCounter,
    controller: Controller,
    *,
    occupation: ArrayLike = 1.5,
    sites: int = 60,
    runs: int = 10_000,
    hold: float = 200e-6,
    second: LikelihoodRatio | None = None,
    heating: ProbeScattering | None = None,
    collisions: Collisions | None = None,
    seed: int = 0,
    progress: bool = False,
    **flight: Any,
) -> LoadingResult:
    """Runs of an experiment: sites pass the probe until the controller's rule fires and stops them; clicks of what is held.

    belt        moving with a constant frequency; `rest`: the potentials beside it
    bank        `trajectories` of single atoms that ride in one site of `belt + rest`, from far above the chip until they are
                lost; its sampling time is the tick of the loop
    probe, counter  transmission past the atoms that are there, and clicks behind it
    occupation  mean number of atoms in a site (Poisson), a number or (sites,)
    sites       of a run, one period of the belt apart
    hold        time (s) in which clicks are counted, after the commands are carried out (and after the second stage)
    second      a second look at the caught atoms: its template begins when the commands are carried out; where its posterior of
                `wanted` atoms at the template's end is below its `confidence` they are thrown away, and the belt goes on with
                the next site, which sets out anew
    heating     what the probe does to the caught atoms
    collisions  of caught atoms that share one minimum of the potential at rest, from the action on; None: atoms do not meet
    seed        same seed, same runs, however many they are and whatever the number of threads
    progress    lines on `sys.stderr`
    flight      `surface`, `recoil`, `noise`, `step`, `workers`, ... of `trajectories` for the caught atoms

    Each atom is drawn from the bank; on the belt atoms do not meet.  The light of all sites on their way is one record of clicks, so that a
    rule's window reaches over several sites.  The commands begin at the next tick after alarm + latency; until then the atoms
    ride on.  The site at the chip at the alarm is the one whose turn it is: a turn ends a quarter of a period after half of the
    bank's atoms are lost.  Atoms of other sites are left out from the action on (the next ones are a lattice site higher).

    Raises `InputError` for a belt whose frequency changes, a bank that does not begin on it, or numbers that cannot be.
    """
    whole(sites=sites, runs=runs)
    require(number(hold, "hold") > 0, f"hold = {hold!r} must be positive (s)")
    mean = np.broadcast_to(reals(occupation, "occupation"), (sites,))
    require(bool(np.all(mean >= 0)), "occupation must not be negative")
    ride = Ride(belt, bank)
    look = 0.0 if second is None else float(np.asarray(second.time)[-1])
    given = flight | {"probe": heating}
    stage = Stage(ride, rest, probe, counter, controller, look, float(hold), given, collisions)
    loop = _Loop(Delivery(ride, probe, counter, sites), stage, mean, second, seed)
    sizes = [min(_BATCH, runs - first) for first in range(0, runs, _BATCH)]
    lines = Progress(len(sizes), quiet=not progress)
    parts = []
    for k, size in enumerate(sizes):
        lines(f"runs {k * _BATCH + 1} to {k * _BATCH + size}")
        parts.append(loop.batch(k, size))
    lines.done()
    return loop.result(parts)


@dataclass(frozen=True, eq=False)
class _Loop:
    """What all batches have in common."""

    delivery: Delivery
    stage: Stage
    occupation: Array
    second: LikelihoodRatio | None
    seed: int

    def batch(self, place: int, runs: int) -> Batch:
        """Runs of a batch, through as many rounds as the second stage needs."""
        crowd, batch = self._crowd(place, runs), Batch.of(runs, len(self.stage.times))
        begin, waiting, rounds = np.zeros(runs, np.int64), np.arange(runs), 0
        while len(waiting):
            seeds = (self.seed, place, rounds)
            found = watch(self.delivery, self.stage.controller, crowd.of(waiting, begin[waiting]), seeds)
            held = hold_atoms(self.stage, found.rows, found.ticks, found.owner, len(waiting), seeds)
            site = begin[waiting] + found.site
            fired = (found.site >= 0) & (site < self.delivery.sites)
            taken = fired.copy()
            if self.second is not None:
                taken &= held.accepted(self.second, self.stage.controller.settling)
            later = np.asarray(self.delivery.start[begin[waiting]] * self.delivery.ride.tick)
            batch.keep(waiting, taken, site, later, found, held)
            batch.columns["rejected"][waiting[fired & ~taken]] += 1
            begin[waiting] = site + 1
            waiting = waiting[fired & ~taken & (site + 1 < self.delivery.sites)]
            rounds += 1
        return batch

    def _crowd(self, place: int, runs: int) -> Crowd:
        """The atoms of a batch: those of its first runs are the same however many runs it has."""
        atoms = len(self.delivery.ride.bank.ending)
        return Crowd.drawn((self.seed, place), self.occupation, runs, _BATCH, atoms)

    def result(self, batches: list[Batch]) -> LoadingResult:
        """All batches together."""
        fields, warnings = gathered(batches)
        stage, ride = self.stage, self.stage.ride
        rule = stage.controller.rule
        staying = ride.bank.share("held")
        if staying > 0.02:
            warnings += (
                f"{staying:.0%} of the bank's atoms are still there at its end, and nobody sees them after it",
            )
        scalars = {k: v for k, v in vars(rule).items() if isinstance(v, (int, float, str))}
        controller = vars(stage.controller) | {"rule": {"kind": type(rule).__name__, **scalars}}
        return LoadingResult(
            Record(
                method="clicks, rule and trajectories in a loop",
                reason=f"{len(ride.bank.ending)} atoms in the bank, a tick of {ride.tick:.3g} s",
                seed=self.seed,
                warnings=warnings,
                parameters={
                    "controller": controller,
                    "counter": asdict(stage.counter),
                    "occupation": self.occupation.tolist(),
                    "collisions": None if stage.collisions is None else asdict(stage.collisions),
                    "frequency_hz": ride.frequency_hz,
                },
            ),
            **fields,
            after=stage.times,
            sites=self.delivery.sites,
            spacing=ride.belt.spacing,
            hold=stage.hold,
            empty_counts=float(stage.counter.counted_rate(stage.probe.empty()) * stage.hold),
        )
