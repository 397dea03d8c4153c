"""Truncated-Wigner trajectories of a model on a grid of times, and what is read from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.methods import TruncatedWigner
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.dynamics.wigner.model import STEP, Model
from atomcavity.errors import ConvergenceError, InputError
from atomcavity.parallel import spawn_seeds
from atomcavity.results import Record

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

MEMORY = 1e8  # bytes of samples that are held at once
MOST_WORK = 1e12  # steps times groups of all trajectories together
CHECKED = 8  # trajectories of the step-halving check
FEW = 30  # emitters below which the truncation is a warning
CLIPPED = 0.05  # part of the local steps with reduced noise correlation above which it is a warning


@dataclass(frozen=True, eq=False)
class Samples:
    """Classical variables of some trajectories at the sampled times, in the model's frame.

    spin, z   (run, time, group), or the last time only
    field     (run, time, mode): a, or its part that follows the emitters if eliminated
    excess    (run, time, mode): what |field|^2 exceeds <a^+ a> by, with a minus sign
    outgoing  (run, time, mode): integral of a_out since the sample before
    """

    model: Model
    spin: Complex
    z: Real
    field: Complex
    excess: Real
    outgoing: Complex

    @property
    def photons(self) -> Real:
        """a^+ a, (run, time, mode)."""
        return np.abs(self.field) ** 2 + self.excess

    @property
    def pairs(self) -> Real:
        """a^+ a^+ a a, (run, time, mode); with the modes eliminated without terms of relative order 1/N^2."""
        intensity = np.abs(self.field) ** 2
        return intensity**2 + 4 * self.excess * intensity + 2 * self.excess**2

    @property
    def excited(self) -> Real:
        """Excited population of one emitter, (run, time, group)."""
        return 0.5 + self.z / self.model.number


@dataclass(frozen=True, eq=False)
class Grid:
    """Sampling times (s, ascending), each interval cut into equal steps."""

    times: Real
    lengths: Real
    kinds: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, times: Real, step: float) -> Grid:
        """Intervals between the times (and 0) in steps of at most `step`."""
        gaps = np.diff(times, prepend=0.0)
        counts = np.ceil(gaps / step * (1 - 1e-9)).astype(np.int64)
        h = np.where(counts > 0, gaps / np.maximum(counts, 1), step)
        rounded = np.round(np.log(h), 9)
        _, first, kinds = np.unique(rounded, return_index=True, return_inverse=True)
        return cls(times, h[first], kinds.astype(np.int64), counts)


@dataclass
class Run:
    """Trajectories of a method on a grid.

    emitters  whether the emitters are kept at all times, or only at the last one (for questions about the light)
    clipped   part of the local steps with reduced noise correlation
    """

    model: Model
    method: TruncatedWigner
    initial: Preparation
    emitters: bool = True
    clipped: float = 0.0

    def step(self) -> float:
        """The length of a step (s).  Raises `InputError` if nothing happens in the system."""
        if self.model.rate == 0:
            raise InputError("nothing happens in this system: no coupling, drive, decay or detuning")
        return STEP / self.model.rate

    def samples(self, times: Real, *, step: float | None = None) -> Iterator[Samples]:
        """All trajectories at the times, in chunks.

        Raises `ConvergenceError` where a trajectory is not finite, `InputError` where the work is too much.
        """
        grid = Grid.of(times, self.step() if step is None else step)
        self._check(grid)
        seeds = spawn_seeds(self.method.seed, self.method.trajectories)
        emitters = 24 * len(self.model.number) if self.emitters else 0
        size = len(times) * (emitters + 48 * len(self.model.system.modes))
        chunk = max(1, int(MEMORY / size))
        clipped, made = 0, 0
        for first in range(0, len(seeds), chunk):
            found, part, steps = self._chunk(seeds[first : first + chunk], grid, True)
            clipped, made = clipped + part, made + steps
            self.clipped = clipped / max(made, 1)
            yield found

    def residual(self, times: Real) -> float:
        """Change of the photon numbers (relative to the largest) and populations when the steps are halved.

        Of trajectories with their initial noise, but without the later one, which is exact in law for the
        linear parts of any step.
        """
        seeds = spawn_seeds(self.method.seed, min(CHECKED, self.method.trajectories))
        coarse, fine = (
            self._chunk(seeds, Grid.of(times, self.step() * part), False)[0] for part in (1.0, 0.5)
        )
        photons, better = coarse.photons.mean(axis=0), fine.photons.mean(axis=0)
        largest = np.abs(better).max()
        light = np.abs(photons - better).max() / largest if largest > 0 else 0.0
        return float(max(light, np.abs(coarse.excited - fine.excited).mean(axis=0).max()))

    def _check(self, grid: Grid) -> None:
        work = float(grid.counts.sum()) * self.method.trajectories * len(self.model.number)
        if work > MOST_WORK:
            raise InputError(
                f"the trajectories need {grid.counts.sum():.2g} steps each, {work:.1g} in all groups together (at most "
                f"{MOST_WORK:.0e}): ask for fewer trajectories, a shorter time or the cavity eliminated"
            )

    def _chunk(self, seeds: NDArray[np.uint64], grid: Grid, noisy: bool) -> tuple[Samples, int, int]:
        from atomcavity.dynamics.wigner.kernel import run

        model, runs, times = self.model, len(seeds), len(grid.times)
        kept = times if self.emitters else 1
        groups, modes = len(model.number), len(model.system.modes)
        spin, z = np.zeros((runs, kept, groups), complex), np.zeros((runs, kept, groups))
        field, outgoing = (np.zeros((runs, times, modes), complex) for _ in range(2))
        coupling = (model.g, model.system.drives, model.rabi, np.sqrt(model.system.kappas))
        clipped, made = run(
            seeds,
            model.start(self.initial),
            coupling,
            model.steps(grid.lengths),
            (grid.kinds, grid.counts),
            not model.eliminated,
            noisy,
            (spin, z, field, outgoing),
        )
        if not (np.all(np.isfinite(spin)) and np.all(np.isfinite(field))):
            raise ConvergenceError("a truncated-Wigner trajectory is not finite")
        excess = np.full((runs, kept, modes), -0.5)
        if model.eliminated:
            excess = z @ (np.abs(model.follows) ** 2).T
        return Samples(model, spin, z, field, excess, outgoing), clipped, made

    def record(self, reason: str, residual: float, warnings: tuple[str, ...]) -> Record:
        """The record of an answer, with the warnings that concern the method."""
        return Record(
            "TruncatedWigner",
            reason=f"{self.method.trajectories} trajectories in steps of {self.step():.3g} s; {reason}",
            seed=self.method.seed,
            residual=residual,
            warnings=(*self._warnings(), *warnings),
            parameters={"system": self.model.system.to_dict(), "method": asdict(self.method)},
        )

    def _warnings(self) -> tuple[str, ...]:
        found: tuple[str, ...] = self.model.undriven.warnings if self.model.eliminated else ()
        if self.model.system.number < FEW:
            found += (
                f"only {self.model.system.number} emitter(s): truncated Wigner leaves out quantum corrections of "
                "relative order 1/N; use Exact() or Jumps()",
            )
        if self.clipped > CLIPPED:
            found += (
                f"in {100 * self.clipped:.0f} % of the steps the noise of the emitters' decays would have had a negative "
                "variance and was truncated: the emitters are too few or too close to the ground or excited state",
            )
        return found


def prepared(
    system: CavitySystem, method: TruncatedWigner, initial: Preparation | None, *, emitters: bool = True
) -> Run:
    """The trajectories of a question; without `initial` they start in the ground state."""
    return Run(Model(system, method.cavity), method, initial or Preparation("ground"), emitters)


def standard_error(values: Real | Complex) -> Real:
    """Standard error of the mean over the first axis."""
    return np.asarray(np.std(values, axis=0, ddof=1) / np.sqrt(len(values)))
