"""Trajectories of one group of identical two-level emitters and one bright mode, run by run.

Every task takes the seeds of its runs, shape (run, 4), and returns arrays whose first axis is the run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.chain_merge import Merged, merged
from atomcavity.dynamics.jumps.chain_run import Cost, settled
from atomcavity.dynamics.jumps.chain_start import Start
from atomcavity.dynamics.reduction import reduce
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]
Seeds = NDArray[np.uint64]

CLICKS = 200_000  # room for clicks, filled again and again
MOST_STEPS = 3e8  # of one trajectory: minutes to half an hour
NONE: tuple[Real, Whole] = (np.zeros(0), np.zeros(0, np.int64))


@dataclass(frozen=True, eq=False)
class Ladder:
    """The reduced system in numbers.

    rates     (N/2, g, kappa, gamma, pump, half the dephasing rate, emitters' detuning from the mode)
    detuning  of the bright mode (rad/s); transform  a_i = transform_i b, shape (mode,)
    shares    kappa_i |transform_i|^2 added up: whose photon a loss is
    """

    merged: Merged
    rates: tuple[float, ...]
    detuning: float
    transform: Complex
    shares: Real

    @property
    def real(self) -> bool:
        """Whether states can be real."""
        return self.rates[6] == 0

    @property
    def unit(self) -> float | complex:
        """What tells the kernel which kind its states are."""
        return 0.0 if self.real else 1j

    @property
    def labels(self) -> list[str]:
        """Names of the channels of clicks."""
        modes = [f"mode {i}" for i in range(len(self.transform))]
        return [*modes, "decay 0", "pump 0", "dephasing 0"]

    @property
    def most_photons(self) -> int:
        """Beyond this photon number probabilities are not told apart: 20 times what the pump could keep up."""
        half, _, kappa, _, pump, *_ = self.rates
        held = 40 * half * pump / kappa if kappa > 0 else 0.0
        return int(min(2 * half + held + 50, 2e6))


def ladder_of(system: CavitySystem) -> Ladder:
    """The ladder of a system that `jumps.ladder.suits`."""
    merge = merged(system)
    require(merge is not None, "the ladder needs one group of identical two-level emitters")
    assert merge is not None
    reduced, group = reduce(merge.single), merge.single.emitters[0]
    g = float(abs(reduced.groups[0].couplings[0][2][0]))
    kappa, detuning = float(reduced.kappa[0, 0].real), float(reduced.mode_matrix[0, 0].real)
    rates = (group.number / 2, g, kappa, group.gamma, group.pump_rate, group.dephasing_rate / 2)
    transform = reduced.rotation[:, 0]
    shares = np.cumsum(system.kappas * np.abs(transform) ** 2)
    return Ladder(merge, (*rates, group.detuning - detuning), detuning, transform, shares)


@dataclass(eq=False)
class Run:
    """One trajectory: its state for the kernel (reals, whole, psi, stream), and what is counted."""

    ladder: Ladder
    copies: int
    cost: Cost = field(default_factory=lambda: Cost(MOST_STEPS))
    work: tuple[Any, ...] = field(init=False)
    state: tuple[Any, ...] = field(init=False)
    counts: Whole = field(init=False)

    def __post_init__(self) -> None:
        from atomcavity.dynamics.jumps.series import MARGIN, TERMS

        size = int(2 * self.ladder.rates[0]) + 3
        kind: Any = np.float64 if self.ladder.real else np.complex128
        flat = self.copies * size + 2 * MARGIN
        matrix = (np.zeros(flat), np.zeros(flat, kind), np.zeros(flat), np.zeros(flat))
        self.work = (matrix, np.zeros((TERMS, flat), kind), np.zeros(flat, kind))
        self.state = (np.zeros(3), np.zeros(5, np.int64), np.zeros((self.copies, size), kind), None)
        self.counts = np.zeros(len(self.ladder.labels), np.int64)

    def begin(self, stream: Any, j: float, m: float, photons: int = 0) -> None:
        """Start in |J, M> with that many photons, at time 0."""
        (reals, whole, psi, _), s = self.state, round(j + m)
        psi[0, s] = 1.0
        whole[:] = (s + photons, s, s, 0, 0)
        reals[:] = (0.0, 0.0, j)
        self.state = (reals, whole, psi, stream)
        self.counts[:] = 0
        self.draw()

    def draw(self) -> None:
        """A new waiting time."""
        from atomcavity.dynamics.jumps.kernel import uniform

        self.state[0][1] = -np.log(uniform(self.state[3]))

    @property
    def excitations(self) -> int:
        """Photons and excited emitters."""
        return int(self.state[1][0] + self.ladder.rates[0] - self.state[0][2])

    def to(
        self,
        until: float,
        times: Real | None = None,
        *,
        weights: Real | None = None,
        settle: float = 0.0,
        clicks: tuple[Real, Whole] = NONE,
    ) -> tuple[Real, bool]:
        """Go on to `until`; observables at `times` (time, observable), and whether the clicks did not overflow."""
        from atomcavity.dynamics.jumps.ladder_kernel import PAUSE, SAMPLE, TIME, follow

        wanted = np.zeros(0) if times is None else times
        samples = np.zeros((len(wanted), 4))
        self.state[1][SAMPLE] = 0
        kept = np.zeros(1) if weights is None else weights
        rates, unit, shares = self.ladder.rates, self.ladder.unit, self.ladder.shares
        while not follow(
            rates, unit, shares, self.copies, self.state, until, wanted, samples, kept, self.counts, settle,
            clicks, self.work,
        ):  # fmt: skip
            if len(clicks[0]) and self.state[1][4] >= len(clicks[0]):
                return samples, False
            self.cost.check(PAUSE, self.state[0][TIME] / until)
        return samples, True


def begin_stationary(run: Run, stream: Any) -> None:
    """Start near the mean-field stationary state: as many photons as the emitters would feed."""
    half, g, kappa, gamma, pump, flips, offset = run.ladder.rates
    collective = 4 * g**2 * kappa / (kappa**2 + 4 * offset**2) if kappa > 0 else 0.0
    j, m = settled(int(2 * half), collective, gamma, pump, 2 * flips)
    photons = round(collective * (j + m) * (j - m + 1) / kappa) if pump > 0 and kappa > 0 else 0
    run.begin(stream, j, m, photons)


def stationary_runs(
    ladder: Ladder, seeds: Seeds, settle: float, duration: float, count: int
) -> tuple[Real, Whole, Real]:
    """Means over `count` samples in the `duration` behind `settle`.

    (run, half, observable), jumps (run, channel), photon-number weights (call, photons).
    """
    samples = settle + (np.arange(count) + 0.5) * duration / count
    run = Run(ladder, 1)
    halves = np.zeros((len(seeds), 2, 4))
    counts = np.zeros((len(seeds), len(ladder.labels)), np.int64)
    weights = np.zeros((1, ladder.most_photons + 1))
    for k, stream in enumerate(np.array(seeds)):
        begin_stationary(run, stream)
        run.to(settle)
        run.counts[:] = 0
        values, _ = run.to(settle + duration, samples, weights=weights[0])
        halves[k] = values.reshape(2, count // 2, 4).mean(axis=1)
        counts[k] = run.counts
        run.cost.done += 1
    return halves, counts, weights


def timed_runs(ladder: Ladder, seeds: Seeds, times: Real, start: Start) -> tuple[Real]:
    """Observables at `times`, (run, time, observable)."""
    states, streams = start.states(seeds)
    values, run = np.zeros((len(seeds), len(times), 4)), Run(ladder, 1)
    for k, stream in enumerate(streams):
        run.begin(stream, *states[k])
        values[k], _ = run.to(float(times[-1]), times)
        run.cost.done += 1
    return (values,)


def click_runs(
    ladder: Ladder, seeds: Seeds, settle: float, duration: float, start: Start | None
) -> tuple[Real, Whole, Whole, Whole]:
    """Times from `settle` on, channels and runs of all jumps, and the excitations left at the end (run,)."""
    states, streams = (None, np.array(seeds)) if start is None else start.states(seeds)
    run, found, left = Run(ladder, 1), [], np.zeros(len(seeds), np.int64)
    buffer = (np.zeros(CLICKS), np.zeros(CLICKS, np.int64))
    for k, stream in enumerate(streams):
        if states is None:
            begin_stationary(run, stream)
        else:
            run.begin(stream, *states[k])
        done = False
        while not done:
            run.state[1][4] = 0
            _, done = run.to(settle + duration, settle=settle, clicks=buffer)
            some = int(run.state[1][4])
            found.append((buffer[0][:some].copy(), buffer[1][:some].copy(), np.full(some, k)))
        left[k] = run.excitations
        run.cost.done += 1
    time, channel, which = (np.concatenate(part) for part in zip(*found, strict=True))
    return time, channel, which, left
