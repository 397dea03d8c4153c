"""States in which trajectories start: a preparation, projected on sectors of fixed excitation number.

The trajectories' observables do not depend on the phases between sectors, so that a superposition of
excitation numbers is a mixture of them: each run draws its sector with the probability of that number and
starts in the projected state.  A group of two-level emitters in a pure product state is the symmetric
ladder J = N/2 with binomial amplitudes; where the emitters are mixtures each run draws their states, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.run import Starts
from atomcavity.dynamics.jumps.sectors import Key, Space
from atomcavity.dynamics.jumps.units import Unit
from atomcavity.dynamics.preparation import Preparation
from atomcavity.errors import InputError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

CERTAIN = 1e-12  # probabilities below this are rounding errors
Local = tuple[int, Complex]  # label of a unit's ladder, amplitudes on its states


@dataclass(frozen=True, eq=False)
class _Emitter:
    """States of one emitter of a unit with their probabilities: eigenstates (state, level) of its density matrix."""

    probability: Real
    vectors: Complex

    @property
    def pure(self) -> bool:
        return len(self.probability) == 1


class Source:
    """Draws the sector and state in which each run starts."""

    def __init__(self, space: Space, initial: Preparation) -> None:
        self.space = space
        matrices = initial.matrices(space.system)
        self.emitters = [_emitter(space, unit, matrices[unit.group]) for unit in space.units]
        self._states: dict[tuple[object, int], tuple[Key, Complex]] = {}
        self._align()

    def _align(self) -> None:
        """Take out a phase per excitation, which nothing depends on: amplitudes real where they can be."""
        turn = 0.0
        for unit, emitter in zip(self.space.units, self.emitters, strict=True):
            charge, vector = _charges(unit), emitter.vectors[0]
            some = np.flatnonzero(np.abs(vector) ** 2 > CERTAIN)
            apart = some[charge[some] != charge[some[0]]]
            if len(apart):
                step = charge[apart[0]] - charge[some[0]]
                turn = float(np.angle(vector[apart[0]] / vector[some[0]])) / step
                break
        for k, (unit, emitter) in enumerate(zip(self.space.units, self.emitters, strict=True)):
            vectors = emitter.vectors * np.exp(-1j * turn * _charges(unit))
            largest = vectors[range(len(vectors)), np.argmax(np.abs(vectors), axis=1)]
            vectors = vectors * np.exp(-1j * np.angle(largest))[:, None]
            vectors = np.where(np.abs(vectors.imag) < CERTAIN, vectors.real, vectors)
            self.emitters[k] = _Emitter(emitter.probability, vectors)

    @property
    def real(self) -> bool:
        """Whether all amplitudes are real."""
        return not any(np.any(emitter.vectors.imag) for emitter in self.emitters)

    @property
    def drawn(self) -> bool:
        """Whether anything is left to chance: not if all emitters are in a level."""
        return any(np.count_nonzero(emitter.vectors) > 1 for emitter in self.emitters)

    @property
    def mean_charge(self) -> float:
        """Mean number of excitations."""
        return sum(
            unit.number * float(e.probability @ (np.abs(e.vectors) ** 2 @ _charges(unit)))
            for unit, e in zip(self.space.units, self.emitters, strict=True)
        )

    def starts(self, seeds: NDArray[np.uint64]) -> Starts:
        """One start a row of `seeds`; each draws numbers of a stream of its own."""
        keys, places, found, offsets, used = [], [], [], {}, 0
        only = None if self.drawn else self._draw(np.zeros(4, np.uint64))
        for row in seeds:
            combination, total = only or self._draw(row)
            key, amplitudes = self._state(combination, total)
            if (combination, total) not in offsets:
                offsets[combination, total] = used
                found.append(amplitudes)
                used += len(amplitudes)
            keys.append(key)
            places.append(offsets[combination, total])
        return Starts(keys, places, np.concatenate(found))

    def _draw(self, seed: NDArray[np.uint64]) -> tuple[tuple[tuple[int, ...], ...], int]:
        """Which local states, and the total number of excitations."""
        rng = np.random.default_rng([int(part) for part in seed])
        combination = tuple(
            _drawn(unit, emitter, rng) for unit, emitter in zip(self.space.units, self.emitters, strict=True)
        )
        probability = np.ones(1)
        for k, which in enumerate(combination):
            label, vector = self._local(k, which)
            charge = self.space.units[k].ladder(label).charge
            probability = np.convolve(probability, np.bincount(charge, np.abs(vector) ** 2))
        possible = np.flatnonzero(probability > CERTAIN)
        passed = np.cumsum(probability[possible])
        mark = rng.random() * passed[-1]
        return combination, int(possible[min(np.searchsorted(passed, mark), len(possible) - 1)])

    def _local(self, k: int, which: tuple[int, ...]) -> Local:
        unit, emitter = self.space.units[k], self.emitters[k]
        if unit.number > 1 and not emitter.pure:
            excited, label = which
            vector = np.zeros(label + 1, complex)
            vector[excited - (unit.number - label) // 2] = 1
            return label, vector
        vector = emitter.vectors[which[0]]
        return unit.first, _symmetric(unit.number, vector) if unit.number > 1 else vector

    def _state(self, combination: tuple[tuple[int, ...], ...], total: int) -> tuple[Key, Complex]:
        """The sector and the normalised amplitudes on its basis."""
        if (combination, total) not in self._states:
            local = [self._local(k, which) for k, which in enumerate(combination)]
            key = (tuple(label for label, _ in local), total)
            basis = self.space.basis(key)
            amplitudes = (basis.valid & (basis.photons.sum(axis=1) == 0)).astype(complex)
            for states, (_, vector) in zip(basis.states, local, strict=True):
                amplitudes *= vector[states]
            self._states[combination, total] = key, amplitudes / np.linalg.norm(amplitudes)
        return self._states[combination, total]


def _charges(unit: Unit) -> NDArray[np.int64]:
    """Charges of one emitter's levels."""
    return np.arange(2) if unit.number > 1 else unit.ladder(unit.first).charge


def _emitter(space: Space, unit: Unit, matrix: Complex) -> _Emitter:
    """The eigenstates of the density matrix, the phase of the coupling absorbed into the upper level."""
    probability, vectors = np.linalg.eigh(matrix)
    keep = probability > CERTAIN
    if unit.number > 1 and keep.sum() > 1 and abs(matrix[0, 1]) > CERTAIN:
        raise InputError(
            f"group {unit.group} starts in a mixture of superpositions: give its {unit.number} emitters as groups of "
            "one, or use Exact() or Cumulants()"
        )
    if np.abs(matrix - np.diag(np.diag(matrix))).max() <= CERTAIN:
        probability, vectors = np.diag(matrix).real, np.eye(len(matrix), dtype=complex)
        keep = probability > CERTAIN
    scheme = space.system.emitters[unit.group].scheme
    turn = np.ones(len(matrix), dtype=complex)
    if scheme.couplings:
        turn[scheme.levels.index(next(iter(scheme.couplings))[1])] = np.exp(-1j * space.phase[unit.group])
    return _Emitter(probability[keep] / probability[keep].sum(), (vectors[:, keep].T * turn))


def _drawn(unit: Unit, emitter: _Emitter, rng: np.random.Generator) -> tuple[int, ...]:
    """The state of the emitter, or the number of excited ones and 2J of a group in a mixture of levels."""
    if emitter.pure:
        return (0,)
    if unit.number == 1:
        return (int(rng.choice(len(emitter.probability), p=emitter.probability)),)
    excited = int(rng.binomial(unit.number, min(float(emitter.probability[1]), 1.0)))
    fewest = min(excited, unit.number - excited)
    weights = np.array(
        [_multiplicity(unit.number, k) / comb(unit.number, excited) for k in range(fewest + 1)]
    )
    return excited, unit.number - 2 * int(rng.choice(fewest + 1, p=weights / weights.sum()))


def _multiplicity(number: int, k: int) -> int:
    """How many ladders of J = number/2 - k there are."""
    return comb(number, k) - (comb(number, k - 1) if k else 0)


def _symmetric(number: int, vector: Complex) -> Complex:
    """Amplitudes on the ladder J = N/2 of `number` emitters in one state: sqrt(binomial) times the phases."""
    from scipy.stats import binom

    excited = np.arange(number + 1)
    size = np.sqrt(binom.pmf(excited, number, min(abs(vector[1]) ** 2, 1.0)))
    return size * np.exp(1j * (np.angle(vector[0]) * (number - excited) + np.angle(vector[1]) * excited))
