"""The search behind `find_crystal`: its settings, its stages of precision, its progress and its checkpoints."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.parallel import spawn_seeds
from atomcavity.results import Record
from atomcavity.traps.crystal.anneal import anneal
from atomcavity.traps.crystal.coulomb import CROSS_OVER, PRECISIONS, coulomb, multipoles_installed
from atomcavity.traps.crystal.fluid import fluid_energy, semi_axes
from atomcavity.traps.crystal.minimise import Minimum, minimise
from atomcavity.traps.crystal.result import Crystal
from atomcavity.traps.crystal.starts import lattice_start, random_start

Array = NDArray[np.float64]

_RANDOM = 300  # up to so many ions all starts are random; lattice and random ones in turn up to _LATTICE
_LATTICE = 2000
_ROUGH = 1e-2  # rms force at which the annealing begins
_FIRST_LINE, _LINES, _SAVES = 5.0, 10.0, 60.0  # silence before the first line, between lines, files (s)


@dataclass
class Search:
    """One search: the trap's matrix, its settings, and how far it is."""

    matrix: Array
    ions: int
    seed: int
    starts: int
    anneal: int
    tolerance: float
    evaluations: int
    file: Path | None
    progress: Callable[[str], object] | None
    length: float = math.nan
    charge: float = math.nan
    best: Minimum | None = None
    done: int = 0
    annealed: int = 0
    used: int = 0  # evaluations of the forces in descents that have ended
    running: int = 0  # and in the present one
    present: Array | None = None
    rest: float = math.inf  # rms force at the positions that a file gave
    _before: int = 0  # starts that a file held already
    _clock: float = field(default_factory=time.perf_counter)
    _said: float = _FIRST_LINE - _LINES
    _saved: float = 0.0

    @property
    def multipoles(self) -> bool:
        """Whether forces come from the fast multipole method."""
        return self.ions > CROSS_OVER and multipoles_installed()

    def energy(self, positions: Array, precision: float) -> tuple[float, Array]:
        """Scaled energy and gradient."""
        energy, gradient = coulomb(positions, precision)
        pull = positions @ self.matrix
        return energy + 0.5 * float(np.sum(positions * pull)), gradient + pull

    def run(self) -> None:
        """All starts that are not done yet; the best one is kept."""
        seeds = spawn_seeds(self.seed, self.starts)
        self._before = self.done
        try:
            for k in range(self.done, self.starts):
                found = self._descend(np.random.default_rng(seeds[k]))
                if self.best is None or found.energy < self.best.energy:
                    self.best = found
                self.done, self.present = k + 1, None
        except KeyboardInterrupt:
            if self._save():
                self._say(f"interrupted; {self.file} holds what is there: the same call goes on from it")
            raise
        self._save()

    def _descend(self, rng: np.random.Generator) -> Minimum:
        """One start, through annealing and all stages of precision."""
        stages = PRECISIONS if self.multipoles else (0.0,)
        if self.present is None:
            lattice = self.ions > _LATTICE or (self.ions > _RANDOM and self.done % 2 == 0)
            self.present = (lattice_start if lattice else random_start)(self.matrix, self.ions, rng)
            self.annealed, self.rest = 0, math.inf
        if self.annealed < self.anneal:
            if self.annealed == 0:
                self._minimise(stages[0], _ROUGH)
            self.present = anneal(
                lambda r: self.energy(r, stages[0])[1],
                self.present,
                float(np.trace(self.matrix)),
                self.anneal,
                rng,
                first=self.annealed,
                watch=self._annealing,
            )
        for precision in stages[:-1]:
            if self.rest > self._floor(precision):
                self._minimise(precision, 0.98 * self.tolerance)
        return self._minimise(stages[-1], self.tolerance)

    def _floor(self, precision: float) -> float:
        """The rms error of the forces where it is too large for the last stage."""
        return 0.02 * precision * self.ions ** (1 / 3) if precision == PRECISIONS[0] else 0.0

    def _minimise(self, precision: float, tolerance: float) -> Minimum:
        """Down to the tolerance, or to what the precision of the forces allows."""
        assert self.present is not None
        found = minimise(
            lambda r: self.energy(r, precision),
            self.present,
            tolerance=max(tolerance, self._floor(precision)),
            evaluations=self.evaluations,
            longest=0.3 * (3 / float(np.trace(self.matrix))) ** (1 / 3),
            noise=3e-4 * precision + 1e-13,
            watch=lambda now: self._descending(now, tolerance),
        )
        self.present = found.positions
        self.used, self.running = self.used + found.evaluations, 0
        return found

    def _annealing(self, step: int, positions: Array) -> None:
        self.present, self.annealed = positions, step
        self._tell(lambda spent: f"annealing: step {step} of {self.anneal}, {spent:.0f} s")

    def _descending(self, now: Minimum, goal: float) -> None:
        self.present, self.running = now.positions, now.evaluations
        left = (self.starts - self.done) / max(self.done - self._before, 1)

        def line(spent: float) -> str:
            text = f"start {self.done + 1} of {self.starts}: {now.evaluations} evaluations, rms force {now.rms:.2e} "
            text += f"(goal {goal:.0e}), {spent:.0f} s"
            return text + (f", about {spent * left:.0f} s left" if self.done > self._before else "")

        self._tell(line)

    def _tell(self, line: Callable[[float], str]) -> None:
        spent = time.perf_counter() - self._clock
        if spent - self._said > _LINES:
            self._said = spent
            self._say(line(spent))
        if spent - self._saved > _SAVES:
            self._saved = spent
            self._save()

    def _say(self, text: str) -> None:
        text = f"crystal of {self.ions} ions: {text}"
        if self.progress is None:
            print(text, file=sys.stderr, flush=True)
        else:
            self.progress(text)

    def _save(self) -> bool:
        """Write the file, if there is one and something to write: whether it was written."""
        if self.file is None or (self.best is None and (self.starts > 1 or self.present is None)):
            return False
        self.crystal().save(self.file)
        return True

    def crystal(self) -> Crystal:
        """What has been found, with what is left of forces; warnings say what is not as asked."""
        finished = self.done == self.starts and self.best is not None and self.best.rms <= self.tolerance
        positions = self.best.positions if self.best is not None else self.present
        assert positions is not None
        precision = PRECISIONS[-1 if finished else 1] if self.multipoles else 0.0
        energy, gradient = self.energy(positions, precision)
        rms = float(np.sqrt(np.mean(gradient**2)))
        pull = float(np.sum(positions * (positions @ self.matrix)))
        warnings = []
        excess = energy / self.ions - fluid_energy(self.matrix, self.ions)
        if semi_axes(self.matrix, self.ions)[-1] < (3 / np.trace(self.matrix)) ** (1 / 3):
            excess = math.nan
            warnings.append(
                "the excess is not given: the fluid of this trap would be thinner than the ions' distance, "
                "the crystal is a chain or a layer"
            )
        if self.ions > CROSS_OVER and not self.multipoles:
            warnings.append("direct sums over all pairs: fmm3dpy (the extra 'crystals') is not installed")
        if not finished:
            warnings.append(
                f"not at rest as asked: rms force {rms:.2e}, asked {self.tolerance:.0e}, after {self.done} of {self.starts} "
                "starts; the same call with the file as resume= goes on"
            )
        sums = f"fast multipoles ({precision:.0e})" if self.multipoles else "direct sums"
        parameters = {
            **self.settings(),
            "evaluations": self.used + self.running,
            "starts done": self.done,
            "annealed": self.annealed,
            "finished": finished,
        }
        return Crystal(
            record=Record(
                method=f"L-BFGS with {sums}"
                + (f" after {self.anneal} steps of annealing" if self.anneal else ""),
                reason=f"best of {self.starts} starts" if self.starts > 1 else "",
                seed=self.seed,
                residual=rms,
                warnings=tuple(warnings),
                parameters=parameters,
            ),
            scaled=positions,
            weights=self.matrix,
            length=self.length,
            charge=self.charge,
            energy=energy,
            residual=rms,
            largest=float(np.sqrt(np.max(np.sum(gradient**2, axis=1)))),
            virial=(1.5 * pull - energy) / self.ions,
            excess=excess,
        )

    def settings(self) -> dict[str, Any]:
        """What the crystal depends on."""
        return {
            "weights": self.matrix.tolist(),
            "ions": self.ions,
            "seed": self.seed,
            "starts": self.starts,
            "anneal": self.anneal,
            "tolerance": self.tolerance,
        }
