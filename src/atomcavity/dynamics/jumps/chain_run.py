"""Trajectories of one group of identical two-level emitters whose cavity is eliminated, run by run.

Every function takes the seeds of its runs, shape (run, 4), and returns arrays whose first axis is the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.elimination import Elimination, eliminate
from atomcavity.dynamics.jumps.chain_merge import Merged, merged
from atomcavity.dynamics.jumps.chain_start import Start
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]

CLICKS = 1_000_000  # room for clicks, filled again and again
MOST_JUMPS = 2e10  # of one trajectory: minutes to half an hour


@dataclass(frozen=True, eq=False)
class Chain:
    """The emitters alone: rates as in `jumps.chain_kernel`, and the light that they emit.

    amplitude  a_i = amplitude_i S, shape (mode,); shares  kappa_i |amplitude_i|^2 added up: whose photon a
    collective jump is
    """

    merged: Merged
    eliminated: Elimination
    rates: tuple[float, ...]
    shares: Real

    @property
    def system(self) -> CavitySystem:
        """The system as one group."""
        return self.merged.single

    @property
    def amplitude(self) -> Complex:
        """a_i/S of each mode, shape (mode,)."""
        return self.eliminated.amplitude[:, 0]

    @property
    def labels(self) -> list[str]:
        """Names of the channels of clicks."""
        modes = [f"mode {i}" for i in range(len(self.system.modes))]
        return [*modes, "decay 0", "pump 0", "dephasing 0"]


def chain_of(system: CavitySystem) -> Chain:
    """The chain of a system with one group of two-level emitters.

    Raises `InputError` for groups that differ in more than the phase of g, level schemes or drives.
    """
    eliminate(system)  # refuses what cannot be eliminated
    merge = merged(system)
    if merge is None:
        raise InputError(
            f"Jumps(cavity='eliminated') treats one group of identical emitters, not {len(system.emitters)} different "
            "ones; use Cumulants(cavity='eliminated') or Jumps() with the cavity kept"
        )
    eliminated, group = eliminate(merge.single), merge.single.emitters[0]
    decay, shift = float(eliminated.decay[0, 0].real), float(eliminated.shift[0, 0].real)
    rates = (group.number / 2, decay, group.gamma, group.pump_rate, group.dephasing_rate / 2, shift)
    shares = np.cumsum(system.kappas * np.abs(eliminated.amplitude[:, 0]) ** 2)
    return Chain(merge, eliminated, tuple(float(rate) for rate in rates), shares)


class Cost:
    """Refuses trajectories of which the jumps so far show that one would take far too long."""

    def __init__(self, most: float = MOST_JUMPS) -> None:
        self.most, self.done, self.jumps = most, 0, 0.0

    def check(self, jumps: float, part: float = 1.0) -> None:
        """After `jumps` more jumps: `part` of a trajectory is done (at most) beyond those finished."""
        self.jumps += jumps
        wanted = self.jumps / max(self.done + part, 1e-12)
        if wanted > self.most:
            raise InputError(
                f"one trajectory of Jumps would take about {wanted:.1g} steps; use Cumulants(), or Exact() for up to "
                "some hundred emitters, or a shorter duration"
            )


def element(state: Real) -> Real:
    """The state (J, M) as a followed element <J, M - 1| rho |J, M> of weight one, at time 0."""
    return np.array([state[0], state[1], 0.0, 0.0, 1.0, 0.0])


def settled(
    number: int, collective: float, gamma: float, pump: float, dephasing: float
) -> tuple[float, float]:
    """(J, M) near the mean-field stationary state of the emitters, from where a burn-in is short.

    Inversion z = (gamma + pump + 2 dephasing)/(N collective) where the emitters radiate together, else that of an
    isolated emitter; M = N z/2 and <S^+ S^-> = J^2 - M^2 from the balance of pump and emission.
    """
    half = number / 2
    if gamma + pump == 0:
        return half, -half
    alone = (pump - gamma) / (pump + gamma)
    needed = (gamma + pump + 2 * dephasing) / (number * collective) if collective > 0 else np.inf
    z = min(alone, needed)
    light = half * (pump * (1 - z) - gamma * (1 + z)) / collective if collective > 0 else 0.0
    j = half - round(half - np.sqrt((half * z) ** 2 + max(light, 0.0)))
    j = min(max(j, half % 1), half)
    return j, float(np.clip(j + round(half * z - j), -j, j))


NONE: tuple[Real, Whole] = (np.zeros(0), np.zeros(0, np.int64))


@dataclass(eq=False)
class Counted:
    """What a walk adds up: times spent (see `jumps.chain_kernel.walk`), and jumps of each channel."""

    sums: Real
    counts: Whole

    @classmethod
    def nothing(cls) -> Counted:
        """Empty."""
        return cls(np.zeros(4), np.zeros(4, np.int64))


def walked(
    chain: Chain, state: Real, until: float, stream: Any, cost: Cost, counted: Counted | None = None
) -> None:
    """`jumps.chain_kernel.walk` to the end, without clicks."""
    from atomcavity.dynamics.jumps.chain_kernel import PAUSE, TIME, walk

    used, into = np.zeros(1, np.int64), counted or Counted.nothing()
    while not walk(chain.rates, state, until, stream, into.sums, into.counts, 0.0, chain.shares, NONE, used):
        cost.check(PAUSE, state[TIME] / until)


def stationary(chain: Chain) -> Real:
    """The state in which stationary runs start: `settled`, at time 0."""
    group = chain.system.emitters[0]
    rates = (group.gamma, group.pump_rate, group.dephasing_rate)
    return np.array([*settled(group.number, chain.rates[1], *rates), 0.0])


def stationary_runs(
    chain: Chain, seeds: NDArray[np.uint64], settle: float, duration: float
) -> tuple[Real, Whole]:
    """Time averages (run, half, observable) of both halves of `duration`, and jumps (run, channel).

    Each run starts in `settled`, and the average begins after `settle`.
    """
    from atomcavity.dynamics.jumps.chain_kernel import OBSERVED

    runs = len(seeds)
    sums, counts = np.zeros((runs, 2, OBSERVED)), np.zeros((runs, 4), np.int64)
    cost = Cost()
    for k, stream in enumerate(np.array(seeds)):
        state = stationary(chain)
        walked(chain, state, settle, stream, cost)
        for half in range(2):
            counted = Counted(sums[k, half], counts[k])
            walked(chain, state, settle + (half + 1) * duration / 2, stream, cost, counted)
        cost.done += 1
    return 2 * sums / duration, counts


def timed_runs(chain: Chain, seeds: NDArray[np.uint64], times: Real, start: Start) -> tuple[Real, Complex]:
    """Observables at `times` (run, time, observable), and <S^+> without the emitters' detuning (run, time)."""
    from atomcavity.dynamics.jumps import chain_kernel as kernel

    first, streams = start.states(seeds)
    values = np.zeros((len(seeds), len(times), kernel.OBSERVED))
    coherence = np.zeros((len(seeds), len(times)), complex)
    if start.superposed:
        second, streams = start.states(streams, coherences=True)
    cost, jumps = Cost(), np.zeros(10)
    for k, stream in enumerate(streams):
        state = element(first[k])
        for i, until in enumerate(times):
            walked(chain, state, until, stream, cost)
            kernel.observe(chain.rates[0], state[kernel.J], state[kernel.M], values[k, i])
        if start.superposed:
            state = element(second[k])
            for i, until in enumerate(times):
                while not kernel.walk_coherence(chain.rates, state, until, stream, jumps):
                    cost.check(kernel.PAUSE, state[kernel.TIME] / until)
                coherence[k, i] = start.coherence.sum() * kernel.raised(state)
        cost.done += 1
    return values, coherence


def click_runs(
    chain: Chain, seeds: NDArray[np.uint64], settle: float, duration: float, start: Start | None
) -> tuple[Real, Whole, Whole, Whole]:
    """Times from `settle` on, channels and runs of all jumps, and the excited emitters left at the end (run,)."""
    from atomcavity.dynamics.jumps.chain_kernel import TIME, M, walk

    first, streams = (None, np.array(seeds)) if start is None else start.states(seeds)
    buffer = (np.zeros(CLICKS), np.zeros(CLICKS, np.int64))
    used, found, left = np.zeros(1, np.int64), [], np.zeros(len(seeds), np.int64)
    end, counted = settle + duration, Counted.nothing()
    cost = Cost()
    for k, stream in enumerate(streams):
        state = stationary(chain) if first is None else element(first[k])
        done = False
        while not done:
            used[0] = 0
            done = walk(
                chain.rates,
                state,
                end,
                stream,
                counted.sums,
                counted.counts,
                settle,
                chain.shares,
                buffer,
                used,
            )
            some = int(used[0])
            found.append((buffer[0][:some].copy(), buffer[1][:some].copy(), np.full(some, k)))
            cost.check(some, state[TIME] / end)
        left[k] = round(chain.rates[0] + state[M])
        cost.done += 1
    time, channel, run = (np.concatenate(part) for part in zip(*found, strict=True))
    return time, channel, run, left
