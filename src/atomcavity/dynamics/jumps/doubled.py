"""Pairs of states in one trajectory: the doubled Hilbert space for two-time correlations.

<a_i^+(tau) a_j(0)> = <psi(tau)| a_i^+ |phi(tau)> where phi(0) = a_j psi(0) and the pair (psi, phi) goes through
the same jumps, drawn with the rates of both together (Breuer, Kappler and Petruccione, Phys. Rev. A 56, 2334
(1997)).  phi has one excitation less: a doubled sector is the direct sum of two sectors with the same channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.sectors import Key, Modes, Sector, Space
from atomcavity.dynamics.jumps.units import Channel

Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]


def lowering(space: Space, key: Key, mode: int) -> tuple[Whole, Whole, Complex]:
    """a_i from a sector with at least one excitation to the one below, as (row, column, value).

    Up to a factor -i where the amplitudes stand for i^-n x (see `Sector`).
    """
    basis, below = space.basis(key), space.basis((key[0], key[1] - 1))
    parts = []
    for b, share in enumerate(space.transform[mode]):
        some = np.flatnonzero((basis.photons[:, b] > 0) & (share != 0))
        photons = basis.photons[some].copy()
        values = share * np.sqrt(photons[:, b])
        photons[:, b] -= 1
        parts.append((below.find(basis.states[:, some], photons), some, values))
    rows, columns, amplitudes = (np.concatenate(part) for part in zip(*parts, strict=True))
    return rows, columns, amplitudes


def lowered(space: Space, key: Key, mode: int, state: Complex) -> Complex:
    """a_i applied to a state of a sector."""
    out = np.zeros(len(space.basis((key[0], key[1] - 1))), dtype=complex)
    rows, columns, values = lowering(space, key, mode)
    np.add.at(out, rows, values * state[columns])
    return out


@dataclass(eq=False)
class Doubled:
    """The sectors of pairs (psi, phi), observed by the one product <psi| a_i^+ |phi>; a `Space` for `Packed`.

    A sector's key is that of psi.
    """

    single: Space
    mode: int

    def __post_init__(self) -> None:
        self.real = self.single.real
        self.modes: Modes = self.single.modes
        self.channels: list[Channel] = self.single.channels
        self.observables, self.turned = 0, False
        self.products = [("pair", 0, 0)]

    def size(self, key: Key) -> int:
        """The number of amplitudes of a pair."""
        return self.single.size(key) + self.single.size((key[0], key[1] - 1))

    def build(self, key: Key) -> Sector:
        """psi's sector, followed by that of phi where there is one."""
        halves = [self.single.build(key)]
        if self.single.size((key[0], key[1] - 1)) > 0:
            halves.append(self.single.build((key[0], key[1] - 1)))
        centres = np.array([half.centre for half in halves])
        centre = complex(centres.mean())
        targets = tuple(_target(halves, c) for c in range(len(self.channels)))
        starts = np.cumsum([0, *(len(half.rate) for half in halves)])
        entries = np.cumsum([0, *(len(half.columns) for half in halves)])
        dim = int(starts[-1])
        pointers = [half.indptr[bool(k) :] + entries[k] for k, half in enumerate(halves)]
        return Sector(
            key=key,
            rate=np.concatenate([half.rate for half in halves]),
            centre=centre,
            norm=float(max(half.norm + abs(half.centre - centre) for half in halves)),
            diagonal=np.concatenate([half.diagonal + half.centre - centre for half in halves]),
            indptr=np.concatenate(pointers),
            columns=np.concatenate([half.columns + starts[k] for k, half in enumerate(halves)]),
            values=np.concatenate([half.values for half in halves]),
            targets=targets,
            maps=np.concatenate([self._maps(half, targets, k) for k, half in enumerate(halves)], axis=1),
            amplitudes=np.concatenate([half.amplitudes for half in halves], axis=1),
            photons=np.zeros((dim, len(self.modes.kappas)), int),
            diagonals=np.zeros((0, dim)),
            elements=self._elements(key, int(starts[1])),
            turn=(np.zeros(1, int), np.zeros(0, int), np.zeros(0, complex)),
        )

    def _maps(self, half: Sector, targets: tuple[Key | None, ...], which: int) -> Whole:
        if which == 0:
            return half.maps
        ahead = np.array([0 if key is None else len(self.single.basis(key)) for key in targets])
        return np.where(half.maps >= 0, half.maps + ahead[:, None], -1)

    def _elements(self, key: Key, ahead: int) -> tuple[Whole, Whole, Whole, Complex]:
        if self.single.size((key[0], key[1] - 1)) == 0:
            none = np.zeros(0, int)
            return none, none, none, np.zeros(0, complex)
        rows, columns, values = lowering(self.single, key, self.mode)
        return np.zeros(len(rows), int), columns, rows + ahead, np.conj(values)


def _target(halves: list[Sector], c: int) -> Key | None:
    first = halves[0].targets[c]
    if first is not None or len(halves) == 1:
        return first
    second = halves[1].targets[c]
    return None if second is None else (second[0], second[1] + 1)
