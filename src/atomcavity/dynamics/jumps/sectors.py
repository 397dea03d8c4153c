"""Excitation sectors: the basis, effective Hamiltonian and jump maps at fixed total excitation number."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.basis import LANES, Basis, absorb, exchange, fock_rotation, hop, joined, local
from atomcavity.dynamics.jumps.units import Channel, Jump, Ladder, Unit, units_of
from atomcavity.dynamics.reduction import Reduced, reduce, without_rounding
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]
Key = tuple[tuple[int, ...], int]

MOST_STATES = 3_000_000  # product states of the emitters


@dataclass(frozen=True, eq=False)
class Sector:
    """A sector as flat arrays: d x/dt = (centre + diagonal + CSR) x for |psi> = i^-n x, jumps, observables.

    n is the number of photons, which makes the generator real where couplings are real and nothing
    is detuned.  turn: CSR matrix that takes the state to the given modes (empty if it is in them).
    """

    key: Key
    rate: Real
    centre: complex
    norm: float
    diagonal: Complex
    indptr: Whole
    columns: Whole
    values: Complex
    targets: tuple[Key | None, ...]
    maps: Whole
    amplitudes: Real
    photons: Whole
    diagonals: Real
    elements: tuple[Whole, Whole, Whole, Complex]
    turn: tuple[Whole, Whole, Complex]


@dataclass(frozen=True, eq=False)
class Modes:
    """The modes that the trajectories are computed in, and how the given ones are made of them.

    a_i = sum_b `transform`[i, b] b.  One bright mode where all emitters couple to the same
    superposition of modes with equal losses and the others stay empty; `turned` ones (standing
    waves) where that makes all couplings real; else the given modes.
    """

    transform: Complex
    matrix: Complex
    kappas: Real
    turned: bool


def computed_modes(system: CavitySystem, reduced: Reduced, turn: bool) -> Modes:
    """See `Modes`; without `turn` no turned ones."""
    count, rotation = len(system.modes), reduced.rotation
    square = rotation.shape[1] == count > 1
    if rotation.shape[1] == 1 or (turn and square and np.any(rotation != np.eye(count))):
        return Modes(rotation, reduced.mode_matrix, np.diag(reduced.kappa).real, square)
    return Modes(np.eye(count, dtype=complex), system.mode_matrix, system.kappas, False)


class Space:
    """All sectors of a system, built when a trajectory first needs them.

    observed  a_i in the modes that the observables belong to: as `transform`, but the identity where
              turned states are turned back before they are observed
    real      whether all generators are real
    """

    def __init__(self, system: CavitySystem, turn: bool = True) -> None:
        self.system = system
        self.units: list[Unit] = units_of(system)
        reduced = reduce(system)
        self.modes = computed_modes(system, reduced, turn)
        self.transform, self.turned = self.modes.transform, self.modes.turned
        self.observed = np.eye(len(self.transform), dtype=complex) if self.turned else self.transform
        self.phase = reduced.phase
        self.real = not np.any(self.modes.matrix) and not any(
            np.any(self._raising(unit, ladder).imag) or np.any(ladder.hamiltonian)
            for unit in self.units
            for ladder in (unit.ladder(unit.first),)
        )
        self.groups = len(system.emitters)
        self.level_start = np.cumsum([0, *(len(group.scheme.levels) for group in system.emitters)])
        self.channels = [Channel(f"mode {i}", -1) for i in range(len(system.modes))]
        self.labels = [channel.kind for channel in self.channels]
        for unit in self.units:
            self.channels += unit.channels
            self.labels += [f"{channel.kind} {unit.group}" for channel in unit.channels]
        self._bases: dict[Key, Basis] = {}
        self._rotations: dict[int, Complex] = {}

    def basis(self, key: Key) -> Basis:
        """The (cached) basis of a sector."""
        if key not in self._bases:
            if len(self._bases) > 20_000:
                self._bases.clear()
            ladders = [unit.ladder(label) for unit, label in zip(self.units, key[0], strict=True)]
            states = math.prod(len(ladder.charge) for ladder in ladders)
            require(
                states <= MOST_STATES,
                f"Jumps would need the {states:.1g} product states of the emitters; use Cumulants() or "
                "TruncatedWigner()",
            )
            self._bases[key] = Basis(ladders, key[1], len(self.modes.kappas))
        return self._bases[key]

    def size(self, key: Key) -> int:
        """The number of states of a sector, without building it."""
        counts, modes = np.ones(1), len(self.modes.kappas)
        for unit, label in zip(self.units, key[0], strict=True):
            counts = np.convolve(counts, np.bincount(unit.ladder(label).charge))
        photons = key[1] - np.arange(min(len(counts), key[1] + 1))
        ways = [math.comb(int(n) + modes - 1, modes - 1) if modes else int(n == 0) for n in photons]
        return round(float(counts[: len(ways)] @ np.array(ways, dtype=float)))

    def _raising(self, unit: Unit, ladder: Ladder) -> Complex:
        """sum_i g_i a_i in the computed modes, the phase of the unit's coupling absorbed into its upper level."""
        turned = np.tensordot(self.transform, ladder.raising, axes=(0, 0))
        return without_rounding(turned * np.exp(-1j * self.phase[unit.group]))

    def build(self, key: Key) -> Sector:
        """The sector `key` = (labels of the ladders, total number of excitations)."""
        basis = self.basis(key)
        ladders = [unit.ladder(label) for unit, label in zip(self.units, key[0], strict=True)]
        energy, rows, columns, values = self._hamiltonian(basis, ladders)
        targets, maps, amplitudes = self._jumps(key, basis, ladders)
        rate = (amplitudes**2).sum(axis=0)
        diagonal = -1j * energy - rate / 2
        centre = (diagonal.real.max() + diagonal.real.min()) / 2 + 0.5j * (
            diagonal.imag.max() + diagonal.imag.min()
        )
        order = np.lexsort((columns, rows))
        rows, columns = rows[order], columns[order]
        n = basis.photons.sum(axis=1)
        values = np.array([-1j, 1, 1j, -1])[(n[rows] - n[columns]) % 4] * values[order]  # -i i^(n - n')
        indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(basis)))])
        size = np.abs(diagonal - centre).max() + np.bincount(rows, np.abs(values), minlength=len(basis)).max()
        return Sector(
            key=key,
            rate=rate,
            centre=complex(centre),
            norm=float(size),
            diagonal=diagonal - centre,
            indptr=indptr,
            columns=columns,
            values=values,
            targets=targets,
            maps=maps,
            amplitudes=amplitudes,
            photons=basis.photons,
            diagonals=self._diagonals(basis, ladders),
            elements=self._elements(basis, ladders),
            turn=self._turn(basis),
        )

    def _hamiltonian(self, basis: Basis, ladders: list[Ladder]) -> tuple[Real, Whole, Whole, Complex]:
        modes, photons, states = self.modes, basis.photons, basis.states
        energy = photons @ np.diag(modes.matrix).real
        parts = []
        for u, ladder in enumerate(ladders):
            energy = energy + np.diag(ladder.hamiltonian).real[states[u]]
            parts += local(basis, u, ladder.hamiltonian - np.diag(np.diag(ladder.hamiltonian)))
            for b, matrix in enumerate(self._raising(self.units[u], ladder)):
                parts += absorb(basis, u, b, matrix)
        for i, j in zip(*np.nonzero(np.triu(modes.matrix, 1)), strict=True):
            rows, columns, values = hop(basis, i, j)
            values = modes.matrix[i, j] * values
            parts += [(rows, columns, values), (columns, rows, values.conj())]
        rows, columns, values = joined(parts)
        return energy, rows, columns, values

    def _jumps(
        self, key: Key, basis: Basis, ladders: list[Ladder]
    ) -> tuple[tuple[Key | None, ...], Whole, Real]:
        labels, total = key
        targets: list[Key | None] = []
        maps = np.full((len(self.channels), len(basis)), -1)
        amplitudes = np.zeros((len(self.channels), len(basis)))
        single = self.transform.shape[1] == 1
        for i, kappa in enumerate(self.system.kappas):
            # mode i loses a quantum of the computed modes: of the i-th (all decay alike if they are turned), or
            # its share of the bright one
            b, share = (0, kappa * abs(self.transform[i, 0]) ** 2) if single else (i, kappa)
            some = basis.photons[:, b] > 0 if share > 0 else np.zeros(len(basis), bool)
            targets.append((labels, total - 1) if some.any() else None)
            if some.any():
                photons = basis.photons[some].copy()
                photons[:, b] -= 1
                amplitudes[i, some] = np.sqrt(share * basis.photons[some, b])
                maps[i, some] = self.basis((labels, total - 1)).find(basis.states[:, some], photons)
        c = len(self.system.kappas)
        for u, ladder in enumerate(ladders):
            for jump in ladder.jumps:
                targets.append(self._jump(key, basis, u, jump, maps[c], amplitudes[c]) if jump else None)
                c += 1
        return tuple(targets), maps, amplitudes

    def _jump(self, key: Key, basis: Basis, u: int, jump: Jump, places: Whole, amplitude: Real) -> Key | None:
        some = basis.valid & (jump.target[basis.states[u]] >= 0)
        if not some.any():
            return None
        labels = (*key[0][:u], jump.label, *key[0][u + 1 :])
        goal = (labels, key[1] + jump.charge)
        states = basis.states[:, some].copy()
        amplitude[some] = jump.amplitude[states[u]]
        states[u] = jump.target[states[u]]
        places[some] = self.basis(goal).find(states, basis.photons[some])
        return goal

    @property
    def observables(self) -> int:
        """Number of diagonal observables: n and n(n-1) of each mode, each level's population, pairs in a group."""
        return 2 * len(self.modes.kappas) + int(self.level_start[-1]) + self.groups

    @property
    def products(self) -> list[tuple[str, int, int]]:
        """The off-diagonal observables: <a_i^+ a_j> and <sigma_g^+ sigma_h> (summed over the emitters)."""
        modes = len(self.modes.kappas)
        pairs = [("mode", i, j) for i in range(modes) for j in range(i + 1, modes)]
        return pairs + [
            ("group", g, h) for g in range(self.groups) for h in range(g, self.groups) if self._apart(g, h)
        ]

    def _turn(self, basis: Basis) -> tuple[Whole, Whole, Complex]:
        """CSR matrix from computed to given modes: a block for each product state of the emitters."""
        starts, columns, values = [np.zeros(1, int)], [np.zeros(0, int)], [np.zeros(0, complex)]
        first = used = 0
        while self.turned and first < len(basis):  # the photon numbers of one product state follow each other
            total = int(basis.photons[first].sum())
            if total not in self._rotations:
                self._rotations[total] = fock_rotation(self.transform, total)
            block = self._rotations[total]
            size = len(block)
            room = -(-size // LANES) * LANES
            starts.append(used + size * np.minimum(np.arange(1, room + 1), size))
            columns.append(np.tile(np.arange(first, first + size), size))
            values.append(block.ravel())
            first, used = first + room, used + size * size
        return np.concatenate(starts), np.concatenate(columns), np.concatenate(values)

    def _apart(self, g: int, h: int) -> bool:
        return g != h or sum(unit.group == g for unit in self.units) > 1

    def _diagonals(self, basis: Basis, ladders: list[Ladder]) -> Real:
        modes = len(self.modes.kappas)
        values = np.zeros((self.observables, len(basis)))
        values[:modes] = basis.photons.T
        values[modes : 2 * modes] = values[:modes] * (values[:modes] - 1)
        for unit, ladder, states in zip(self.units, ladders, basis.states, strict=True):
            first = 2 * modes + self.level_start[unit.group]
            values[first : first + len(ladder.levels)] += ladder.levels[:, states]
            values[2 * modes + self.level_start[-1] + unit.group] += ladder.pairs[states]
        return values

    def _elements(self, basis: Basis, ladders: list[Ladder]) -> tuple[Whole, Whole, Whole, Complex]:
        found = []
        for o, (kind, g, h) in enumerate(self.products):
            if kind == "mode":
                parts = [hop(basis, g, h)]
            else:
                parts = [
                    exchange(basis, u, v, ladders[u].lowering.T, ladders[v].lowering)
                    for u, first in enumerate(self.units)
                    for v, second in enumerate(self.units)
                    if u != v and first.group == g and second.group == h
                ]
            rows, columns, values = joined(parts)
            if kind == "group":
                values = values * np.exp(1j * (self.phase[h] - self.phase[g]))
            found.append((np.full(len(rows), o), rows, columns, values))
        if not found:
            none = np.zeros(0, int)
            return none, none, none, np.zeros(0, complex)
        return tuple(np.concatenate(part) for part in zip(*found, strict=True))  # type: ignore[return-value]
