"""The basis of an excitation sector, and operators on it as (row, column, value)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.symmetric import compositions
from atomcavity.dynamics.jumps.units import Ladder

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]
Part = tuple[Whole, Whole, Complex]


LANES = 4  # amplitudes that the kernel handles at once


class Basis:
    """Product states of the ladders `labels` and photon numbers with charge + photons = `total`.

    The photon numbers of one product state follow each other, with places that hold no state (`valid` False)
    behind them up to a multiple of four where there are several modes, else at the very end.
    """

    def __init__(self, ladders: list[Ladder], total: int, modes: int) -> None:
        self.shape = tuple(len(ladder.charge) for ladder in ladders)
        self.total, self.modes = total, modes
        grid = np.indices(self.shape).reshape(len(self.shape), -1)
        charge = sum(
            (ladder.charge[s] for ladder, s in zip(ladders, grid, strict=True)), np.zeros(grid.shape[1], int)
        )
        keep = np.flatnonzero(charge <= total)
        ways = [compositions(n, modes) for n in range(total + 1)]
        counts = np.array([len(way) for way in ways])[total - charge[keep]]
        local = np.repeat(keep, counts)
        photons = (
            np.concatenate([ways[n] for n in total - charge[keep]])
            if len(keep)
            else np.zeros((0, modes), int)
        )
        codes = self._code(local, photons)
        order = np.argsort(codes)
        self._codes = codes[order]
        room = -(-counts // LANES) * LANES if modes > 1 else counts
        first = np.cumsum(room) - room
        self._places = np.arange(len(local)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
        size = -(-int(room.sum()) // LANES) * LANES
        self.valid = np.zeros(size, bool)
        self.valid[self._places] = True
        self.states, self.photons = np.zeros((len(self.shape), size), int), np.zeros((size, modes), int)
        self.states[:, self._places], self.photons[self._places] = grid[:, local[order]], photons[order]

    def __len__(self) -> int:
        return len(self.valid)

    def _code(self, local: Whole, photons: Whole) -> Whole:
        code = np.asarray(local, dtype=np.int64)
        for k in range(self.modes - 1):  # the last mode's photon number follows from the others
            code = code * (self.total + 1) + photons[:, k]
        return code

    def find(self, states: Whole, photons: Whole) -> Whole:
        """Places of product states that are in this basis."""
        code = self._code(np.ravel_multi_index(tuple(states), self.shape), photons)
        return self._places[np.searchsorted(self._codes, code)]


def joined(parts: list[Part]) -> Part:
    """The sum of operators."""
    if not parts:
        return np.zeros(0, int), np.zeros(0, int), np.zeros(0, complex)
    rows, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    return rows, columns, values


def _entries(matrix: NDArray[np.generic]) -> list[tuple[int, int, complex]]:
    return [(int(r), int(c), complex(matrix[r, c])) for r, c in zip(*np.nonzero(matrix), strict=True)]


def _by_offset(matrix: NDArray[np.generic]) -> list[tuple[Whole, Complex]]:
    """A matrix with few diagonals as (target or -1, amplitude) for each of its diagonals."""
    size = len(matrix)
    found: dict[int, tuple[Whole, Complex]] = {}
    for r, c, value in _entries(matrix):
        target, amplitude = found.setdefault(r - c, (np.full(size, -1), np.zeros(size, complex)))
        target[c], amplitude[c] = r, value
    return list(found.values())


def local(basis: Basis, u: int, matrix: Complex) -> list[Part]:
    """Off-diagonal elements of an operator of one unit that conserves its charge."""
    parts = []
    for target, amplitude in _by_offset(matrix):
        some = np.flatnonzero(basis.valid & (target[basis.states[u]] >= 0))
        states = basis.states[:, some].copy()
        values = amplitude[states[u]]
        states[u] = target[states[u]]
        parts.append((basis.find(states, basis.photons[some]), some, values))
    return parts


def absorb(basis: Basis, u: int, b: int, matrix: Complex) -> list[Part]:
    """b (raising of unit u) and its Hermitian conjugate."""
    parts = []
    for target, amplitude in _by_offset(matrix):
        some = np.flatnonzero((target[basis.states[u]] >= 0) & (basis.photons[:, b] > 0))
        states, photons = basis.states[:, some].copy(), basis.photons[some].copy()
        values = amplitude[states[u]] * np.sqrt(photons[:, b])
        states[u] = target[states[u]]
        photons[:, b] -= 1
        rows = basis.find(states, photons)
        parts += [(rows, some, values), (some, rows, values.conj())]
    return parts


def hop(basis: Basis, i: int, j: int) -> Part:
    """b_i^+ b_j."""
    some = np.flatnonzero(basis.photons[:, j] > 0)
    photons = basis.photons[some].copy()
    photons[:, j] -= 1
    photons[:, i] += 1
    value = np.sqrt(photons[:, i] * (photons[:, j] + 1.0)).astype(complex)
    return basis.find(basis.states[:, some], photons), some, value


def exchange(basis: Basis, u: int, v: int, raising: Real, lowering: Real) -> Part:
    """(raising of unit u) (lowering of unit v)."""
    parts = []
    for up, gain in _by_offset(raising):
        for down, loss in _by_offset(lowering):
            some = np.flatnonzero(basis.valid & (up[basis.states[u]] >= 0) & (down[basis.states[v]] >= 0))
            states = basis.states[:, some].copy()
            values = gain[states[u]] * loss[states[v]]
            states[u], states[v] = up[states[u]], down[states[v]]
            parts.append((basis.find(states, basis.photons[some]), some, values))
    return joined(parts)


def fock_rotation(transform: Complex, total: int) -> Complex:
    """<photon numbers of modes a | those of modes b> at `total` photons, for a_i = sum_b transform[i, b] b.

    Column by column, one photon more at a time, from b^+ = sum_i transform[i, b] a_i^+.
    """
    modes = len(transform)
    one = np.eye(modes, dtype=int)
    matrix, before = np.ones((1, 1), dtype=complex), compositions(0, modes)
    for n in range(1, total + 1):
        ways = compositions(n, modes)
        row = {tuple(way): k for k, way in enumerate(ways.tolist())}
        column = {tuple(way): k for k, way in enumerate(before.tolist())}
        larger = np.zeros((len(ways), len(ways)), dtype=complex)
        for c, way in enumerate(ways):
            b = int(np.flatnonzero(way)[0])
            source = matrix[:, column[tuple((way - one[b]).tolist())]] / np.sqrt(way[b])
            for i in range(modes):
                rows = [row[tuple(more)] for more in (before + one[i]).tolist()]
                larger[rows, c] += transform[i, b] * np.sqrt(before[:, i] + 1) * source
        matrix, before = larger, ways
    return matrix
