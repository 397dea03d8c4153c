"""Two-time correlations from quantum-jump trajectories, with error bars.

At several reference times of a trajectory a_i is applied to its state and a branch is followed: for g2 a
normal trajectory from a_i psi, on which <a_j^+ a_j> is averaged with the weight |a_i psi|^2; for g1 a pair of
states in the doubled Hilbert space (see `jumps.doubled`).  The reference times of one trajectory are
averaged first; errors are one standard error, from the spread of the trajectories.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.answers import AVERAGE, BURN_IN, slowest_rate, special
from atomcavity.dynamics.jumps.chain_correlation import correlation_of
from atomcavity.dynamics.jumps.doubled import Doubled, lowered
from atomcavity.dynamics.jumps.pool import Arrays, earlier, finished, gather
from atomcavity.dynamics.jumps.run import Packed, Starts, packed_space, run_trajectories
from atomcavity.dynamics.jumps.sectors import Key, Space
from atomcavity.dynamics.jumps.start import Source
from atomcavity.dynamics.jumps.task import Task, sums_of
from atomcavity.dynamics.jumps.values import values_of
from atomcavity.dynamics.methods import Jumps
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.reduction import reduce
from atomcavity.dynamics.results import Correlation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require
from atomcavity.parallel import spawn_seeds
from atomcavity.results import Record

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Seeds = NDArray[np.uint64]

REFERENCES = 10  # times of the first factor in one trajectory
PILOT = 16  # trajectories that find out how long a pulse lasts


def jumps_correlation(
    system: CavitySystem,
    method: Jumps,
    *,
    delays: Real,
    order: int,
    mode: int,
    other: int,
    initial: Preparation | None,
    more: Correlation | None = None,
) -> Correlation:
    """<a_i^+(tau) a_j(0)> (order 1) or <a_i^+ a_j^+(tau) a_j(tau) a_i> (order 2), i = mode, j = other, with errors.

    Stationary: first factors at 10 times of each trajectory, after a burn-in of 6/`slowest_rate`, spread over
    `method.duration` (None: 20/`slowest_rate`).  From `initial`: integrated over the time t of the first factor,
    which is drawn; order 2 is then normalised by int n_i(t) n_j(t + tau) dt, from pairs of trajectories.

    Raises `InputError` if a pulse is pumped (it does not end), if the excitation number is not conserved, or if
    `more` is another question.
    """
    ladder = special(system, "ladder_jumps_correlation", initial)
    given: dict[str, Any] = {"delays": delays, "order": order, "mode": mode, "other": other}
    if ladder is not None:
        return cast(Correlation, ladder(system, method, initial=initial, more=more, **given))
    plan = _plan(system, method, initial)
    question = {"order": order, "mode": mode, "other": other}
    question["initial"] = None if initial is None else initial.to_dict()  # type: ignore[assignment]
    first = earlier(more, system, method, question, delay=delays)
    task = Branches(system, initial, delays, order, mode, other, plan, method.trajectories)
    values, photons, apart = gather(task, method, lambda arrays: arrays[1][:, 0], first=first)
    numbers = photons[:, :, None]
    if initial is not None and order == 2:
        numbers = np.stack([apart, np.ones_like(apart)], axis=1)
    parameters = {
        "system": system.to_dict(),
        "method": {**asdict(method), "duration": plan.duration, "trajectories": len(values)},
        **question,
    }
    reason = f"{len(values)} trajectories with {REFERENCES} reference times each"
    record = Record(method="Jumps", reason=reason, seed=method.seed, parameters=parameters)
    result = correlation_of(record, delays, order, values, numbers)
    return finished(result, method, photons[:, 0], more, first)


@dataclass(frozen=True)
class Plan:
    """When the first factors are: every `duration`/10 after `settle`, or (`pulse`) drawn around that time (s)."""

    settle: float
    duration: float
    pulse: float = 0.0

    def segments(self, rng: np.random.Generator) -> tuple[Real, Real]:
        """Times from one reference to the next, and the weight of each; of a pulse: drawn in strata of equal weight.

        t = T u/(1 - u) with u uniform has the density T/(T + t)^2, which reaches as far as any pulse.
        """
        if not self.pulse:
            step = np.full(REFERENCES, self.duration / REFERENCES)
            step[0] += self.settle
            return step, np.full(REFERENCES, 1 / REFERENCES)
        u = (np.arange(REFERENCES) + rng.random(REFERENCES)) / REFERENCES
        return np.diff(self.pulse * u / (1 - u), prepend=0.0), self.pulse / (1 - u) ** 2 / REFERENCES


def _plan(system: CavitySystem, method: Jumps, initial: Preparation | None) -> Plan:
    slow = slowest_rate(system)
    if initial is None:
        return Plan(BURN_IN / slow, AVERAGE / slow if method.duration is None else method.duration)
    require(
        not reduce(system).pumped,
        "the pulse of pumped emitters does not end: its correlation has no integral; use initial=None",
    )
    task = Task(system, 1e3 / slow, PILOT, initial=initial, record=True)
    out = sums_of(task(spawn_seeds((method.seed, 1), PILOT)))
    photons = out.click_time[out.click_channel < len(system.modes)]
    length = float(np.median(photons)) if photons.size else 1 / slow
    return Plan(0.0, length if method.duration is None else method.duration, pulse=length)


@dataclass(eq=False)
class Branches:
    """Trajectories with branches at reference times: gives the correlation (run, delay) and n_i, n_j (run, 2).

    And, of order 2 from an initial state, n_i(t) n_j(t + tau) of two independent trajectories (run, delay), else (run, 0).
    """

    system: CavitySystem
    initial: Preparation | None
    delays: Real
    order: int
    mode: int
    other: int
    plan: Plan
    total: int

    def __getstate__(self) -> dict[str, Any]:
        built = ("source", "packed", "pairs")  # each process builds its own
        return {name: value for name, value in self.__dict__.items() if name not in built}

    @cached_property
    def source(self) -> Source:
        """Where the trajectories start."""
        return Source(Space(self.system), self.initial or Preparation("ground"))

    @cached_property
    def packed(self) -> Packed:
        """The sectors of the trajectories; real amplitudes where a_i and a_j keep them real."""
        shares = self.source.space.transform[[self.mode, self.other]]
        return packed_space(self.system, real=self.source.real and not np.any(shares.imag))

    @cached_property
    def pairs(self) -> Packed:
        """The sectors of the branches of g1."""
        return Packed(Doubled(self.packed.space, self.mode))

    def __call__(self, seeds: Seeds) -> Arrays:
        """See the class."""
        runs = len(seeds)
        values, numbers = np.zeros((runs, len(self.delays)), complex), np.zeros((runs, 2))
        paired = self.order == 2 and self.initial is not None
        apart = np.zeros((runs, len(self.delays) if paired else 0))
        rngs, others = ([np.random.default_rng([*map(int, row), k]) for row in seeds] for k in (1, 2))
        starts, beside = self.source.starts(seeds), self.source.starts(_streams(others)) if paired else None
        steps = [self.plan.segments(rng) for rng in rngs]
        for r in range(REFERENCES):
            length, weights = (np.array([step[k][r] for step in steps]) for k in (0, 1))
            keys, states = self._states(_streams(rngs), length, starts)
            starts = _starts(keys, states)
            n = self._photons(keys, states)
            numbers += weights[:, None] * n
            values += weights[:, None] * self._branch(keys, states, _streams(rngs))
            if beside is not None:
                beside = _starts(*self._states(_streams(others), length, beside))
                apart += (weights * n[:, 0])[:, None] * self._later(_streams(others), beside)
        return values, numbers, apart

    def _states(self, seeds: Seeds, length: Real, starts: Starts) -> tuple[list[Key], list[Complex]]:
        """Sectors and states when the times `length` (run,) have passed."""
        share = len(seeds) / self.total / REFERENCES
        out = run_trajectories(self.packed, seeds, length, starts=starts, keep=True, share=share)
        keys = [self.packed.keys[s] for s in out.sector]
        return keys, [out.state[k, : len(self.packed.space.basis(key))] for k, key in enumerate(keys)]

    def _photons(self, keys: list[Key], states: list[Complex]) -> Real:
        """n_i and n_j in these states, (run, 2)."""
        space, numbers = self.packed.space, np.zeros((len(keys), 2))
        for k, (key, state) in enumerate(zip(keys, states, strict=True)):
            if space.size((key[0], key[1] - 1)):
                size = [np.linalg.norm(lowered(space, key, mode, state)) for mode in (self.mode, self.other)]
                numbers[k] = np.square(size)
        return numbers

    def _later(self, seeds: Seeds, starts: Starts) -> Real:
        """n_j at the delays behind these states, (run, delay)."""
        out = run_trajectories(
            self.packed, seeds, float(self.delays[-1]), starts=starts, samples=self.delays, each=True,
            share=len(seeds) / self.total / REFERENCES,
        )  # fmt: skip
        return values_of(self.packed.space, out.by_time).photon_number[..., self.other]

    def _branch(self, keys: list[Key], states: list[Complex], seeds: Seeds) -> Complex:
        """The correlation (run, delay) with the first factor acting on these states."""
        space, first = self.packed.space, self.other if self.order == 1 else self.mode
        values = np.zeros((len(keys), len(self.delays)), complex)
        after = {
            k: lowered(space, key, first, states[k])
            for k, key in enumerate(keys)
            if space.size((key[0], key[1] - 1))
        }
        sizes = {k: float(np.linalg.norm(phi)) for k, phi in after.items()}
        lit = [k for k, size in sizes.items() if size > 0]
        if not lit:
            return values
        size = np.array([sizes[k] for k in lit])[:, None]
        if self.order == 2:
            below = [(keys[k][0], keys[k][1] - 1) for k in lit]
            starts = _starts(below, [after[k] / sizes[k] for k in lit])
            values[lit] = size**2 * self._later(seeds[lit], starts)
            return values
        pairs = [np.concatenate([states[k], after[k] / sizes[k]]) / np.sqrt(2) for k in lit]
        out = run_trajectories(
            self.pairs, seeds[lit], float(self.delays[-1]), starts=_starts([keys[k] for k in lit], pairs),
            samples=self.delays, each=True, share=len(lit) / self.total / REFERENCES,
        )  # fmt: skip
        values[lit] = 2 * size * (out.by_time[..., 0] + 1j * out.by_time[..., 1])
        return values


def _starts(keys: list[Key], states: list[Complex]) -> Starts:
    places = np.cumsum([0, *(len(state) for state in states)])[:-1]
    return Starts(keys, places.tolist(), np.concatenate(states))


def _streams(rngs: list[np.random.Generator]) -> Seeds:
    """A new stream for each run."""
    return np.array([rng.integers(0, 2**64, 4, dtype=np.uint64) for rng in rngs])
