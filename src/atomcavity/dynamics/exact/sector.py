"""One block of the symmetric density matrix and the generator of the master equation on it.

A basis element is (symmetric element of each group; |photons><photons'|).  The block holds those
with charge(ket) - charge(bra) = q: q = 0 for states, q = 1 for rho a^+ (spectra).  With
rho = i^-(n - n') x (n, n': total photon numbers of ket and bra) the generator is real whenever the
couplings are real and nothing is detuned.

Where a coherent drive breaks the conservation the block holds every element; the charges of the kets then
only order it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.symmetric import SymmetricSpace, compositions, symmetric_space
from atomcavity.dynamics.reduction import Group, Reduced
from atomcavity.errors import InputError

Integers = NDArray[np.int64]
Map = tuple[Integers, NDArray[np.float64]]
LIMIT = 4_000_000  # elements of one block; more would not be solved in useful time
TABLE = 30_000_000  # keys up to here are looked up in a table, beyond by bisection


class FockSpace:
    """The photon numbers of `modes` modes with at most `cutoff` photons altogether."""

    def __init__(self, modes: int, cutoff: int) -> None:
        full = compositions(cutoff, modes + 1)[:, 1:] if modes else np.zeros((1, 0), dtype=np.int64)
        self.numbers = full
        self.total = full.sum(axis=1)
        self.size = len(full)
        radix = (cutoff + 1) ** np.arange(modes, dtype=np.int64)
        keys = full @ radix
        order = np.argsort(keys)
        self.lower: list[Map] = []
        self.upper: list[Map] = []
        for k in range(modes):
            down = np.flatnonzero(full[:, k] > 0)
            target = order[np.searchsorted(keys, keys[down] - radix[k], sorter=order)]
            weight = np.sqrt(full[down, k])
            self.lower.append(_scatter(self.size, down, target, weight))
            self.upper.append(_scatter(self.size, target, down, weight))

    def annihilator(self, amplitudes: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Matrix of sum_k amplitudes_k b_k."""
        matrix = np.zeros((self.size, self.size), dtype=complex)
        columns = np.arange(self.size)
        for amplitude, (target, weight) in zip(amplitudes, self.lower, strict=True):
            valid = target >= 0
            matrix[target[valid], columns[valid]] += amplitude * weight[valid]
        return matrix


def _scatter(size: int, source: Integers, target: Integers, weight: NDArray[np.float64]) -> Map:
    index, factor = np.full(size, -1), np.zeros(size)
    index[source], factor[source] = target, weight
    return index, factor


def _chain(first: Map, second: Map) -> Map:
    """First `first`, then `second`."""
    index = np.where(first[0] >= 0, second[0][first[0]], -1)
    return index, np.where(index >= 0, first[1] * second[1][first[0]], 0.0)


@dataclass(frozen=True)
class Term:
    """coefficient * (element move of one group) * (map of the photons of the ket) * (of the bra)."""

    coefficient: complex
    group: int = -1
    move: tuple[int, int] = (0, 0)
    ket: Map | None = None
    bra: Map | None = None
    photons: int = 0  # change of n - n'

    def scaled(self) -> complex:
        """The coefficient for x instead of rho."""
        return self.coefficient * 1j ** (self.photons % 4)


@dataclass(frozen=True, eq=False)
class Sector:
    """A block of the density matrix: `reduced` system, charge difference `q`, photon `cutoff`.

    max_charge  bound on the charge of the ket (exact if nothing pumps); None: no bound
    """

    reduced: Reduced
    q: int
    cutoff: int
    max_charge: int | None = None

    @cached_property
    def fock(self) -> FockSpace:
        """The photon numbers of the bright modes."""
        return FockSpace(len(self.reduced.mode_matrix), self.cutoff)

    @cached_property
    def spaces(self) -> list[SymmetricSpace]:
        """One symmetric space a group."""
        return [symmetric_space(g.number, g.levels) for g in self.reduced.groups]

    @cached_property
    def _strides(self) -> Integers:
        sizes = [s.size for s in self.spaces]
        if math.prod(sizes) > LIMIT:
            raise InputError(
                f"Exact needs {math.prod(sizes):.2g} elements for the emitters alone; use {self._smaller}"
            )
        return np.array([math.prod(sizes[k + 1 :]) for k in range(len(sizes))], dtype=np.int64)

    @property
    def _smaller(self) -> str:
        if self.reduced.conserved:
            return "Jumps(), or fewer distinct groups or photons"
        return "fewer emitters, fewer distinct groups or a weaker drive, or MeanField()"

    @cached_property
    def _basis(self) -> tuple[Integers, Integers, Integers]:
        """Group key, ket and bra photon index of each element, ordered by the charge of the ket."""
        if not self.reduced.conserved:
            modes = len(self.reduced.mode_matrix)
            whole = math.prod(s.size for s in self.spaces) * math.comb(self.cutoff + modes, modes) ** 2
            if whole > LIMIT:
                raise InputError(
                    f"Exact needs {whole:.2g} density-matrix elements for this driven system at a cut-off of "
                    f"{self.cutoff} photons; use {self._smaller}"
                )
        groups, fock = self.reduced.groups, self.fock
        strides = self._strides
        every = np.arange(strides[0] * self.spaces[0].size)
        parts = [every // strides[k] % s.size for k, s in enumerate(self.spaces)]
        ket = sum(s.ket_charge(g.charges)[c] for s, g, c in zip(self.spaces, groups, parts, strict=True))
        bra = sum(s.bra_charge(g.charges)[c] for s, g, c in zip(self.spaces, groups, parts, strict=True))
        left, right = (m.ravel() for m in np.indices((fock.size, fock.size)))
        photons = fock.total[left] - fock.total[right]
        missing = self.q - np.asarray(ket - bra)  # that the photons must make up for
        if not self.reduced.conserved:
            photons, missing = np.zeros_like(photons), np.zeros_like(missing)
        chosen = []
        for value in np.unique(photons):
            pairs, rows = np.flatnonzero(photons == value), np.flatnonzero(missing == value)
            if len(rows) * len(pairs) > LIMIT:
                raise InputError(
                    f"Exact needs more than {len(rows) * len(pairs):.2g} density-matrix elements here; "
                    f"use {self._smaller}"
                )
            key = np.repeat(rows, len(pairs)), np.tile(pairs, len(rows))
            level = np.asarray(ket)[key[0]] + fock.total[left[key[1]]]
            keep = slice(None) if self.max_charge is None else level <= self.max_charge
            chosen.append(np.stack([key[0], left[key[1]], right[key[1]], level])[:, keep])
        table = np.concatenate(chosen, axis=1)
        order = np.argsort(table[3], kind="stable")
        self.__dict__["level"] = table[3][order]
        return table[0][order], table[1][order], table[2][order]

    @property
    def size(self) -> int:
        """The number of elements."""
        return len(self._basis[0])

    @cached_property
    def level(self) -> Integers:
        """Charge (excitation number) of the ket of each element."""
        _ = self._basis  # sets it
        return self.__dict__["level"]

    @cached_property
    def _keys(self) -> Integers:
        group, ket, bra = self._basis
        return (group * self.fock.size + ket) * self.fock.size + bra

    @cached_property
    def _lookup(self) -> tuple[Integers, Integers | None]:
        """Table from key to index, or the sorted keys' order."""
        span = int(self._strides[0]) * self.spaces[0].size * self.fock.size**2
        if span > TABLE:
            return np.argsort(self._keys), None
        table = np.full(span, -1, dtype=np.int64)
        table[self._keys] = np.arange(self.size)
        return table, table

    def find(self, keys: Integers) -> Integers:
        """Index of each key, -1 where it is not in the block."""
        order, table = self._lookup
        if table is not None:
            return table[keys]
        place = order[np.minimum(np.searchsorted(self._keys, keys, sorter=order), self.size - 1)]
        return np.where(self._keys[place] == keys, place, -1)

    def part(self, k: int) -> Integers:
        """Index of each element in the symmetric space of group k."""
        return self._basis[0] // self._strides[k] % self.spaces[k].size

    @cached_property
    def partner(self) -> Integers:
        """Index of the Hermitian conjugate of each element (q = 0)."""
        group, ket, bra = self._basis
        conjugate = sum(
            (s.transposed[self.part(k)] * self._strides[k] for k, s in enumerate(self.spaces)),
            np.zeros_like(group),
        )
        return self.find((conjugate * self.fock.size + bra) * self.fock.size + ket)

    def apply(self, term: Term, target: Sector | None = None) -> tuple[Integers, Integers, NDArray]:
        """(row in `target`, column, value) of one term."""
        target = self if target is None else target
        group, ket, bra = self._basis
        weight = np.ones(self.size)
        valid = np.ones(self.size, dtype=bool)
        if term.group >= 0:
            index, factor = self.spaces[term.group].move(*term.move)
            part = self.part(term.group)
            group = group + (index[part] - part) * self._strides[term.group]
            valid, weight = index[part] >= 0, factor[part]
        if term.ket is not None:
            weight = weight * term.ket[1][ket]
            ket = term.ket[0][ket]
            valid = valid & (ket >= 0)
        if term.bra is not None:
            weight = weight * term.bra[1][bra]
            bra = term.bra[0][bra]
            valid = valid & (bra >= 0)
        columns = np.flatnonzero(valid)
        size = target.fock.size
        rows = target.find((group[columns] * size + ket[columns]) * size + bra[columns])
        inside = rows >= 0
        columns = columns[inside]
        return rows[inside], columns, term.scaled() * weight[columns]

    @cached_property
    def generator(self) -> tuple[Integers, Integers, NDArray]:
        """The generator for x as (row, column, value); real if it can be."""
        diagonal = np.zeros(self.size, dtype=complex)
        for k, (group, space) in enumerate(zip(self.reduced.groups, self.spaces, strict=True)):
            diagonal += (space.occupations @ np.diag(group.superoperator))[self.part(k)]
        effective = -1j * self.reduced.mode_matrix - self.reduced.kappa / 2
        photons = self.fock.numbers @ np.diag(effective)
        diagonal += photons[self._basis[1]] + photons.conj()[self._basis[2]]
        every = np.arange(self.size)
        pieces = [(every, every, diagonal)]
        pieces += [self.apply(term) for term in self._terms(effective)]
        rows, columns, values = (np.concatenate(p) for p in zip(*pieces, strict=True))
        return rows, columns, values if np.any(values.imag) else values.real

    def _terms(self, effective: NDArray) -> Iterator[Term]:
        for k, group in enumerate(self.reduced.groups):
            matrix = group.superoperator
            for target, source in zip(*np.nonzero(matrix - np.diag(np.diag(matrix))), strict=True):
                yield Term(matrix[target, source], k, (int(source), int(target)))
            yield from self._coupling_terms(k, group)
        lower, upper = self.fock.lower, self.fock.upper
        for i, j in zip(*np.nonzero(self.reduced.kappa), strict=True):
            yield Term(self.reduced.kappa[i, j], ket=lower[j], bra=lower[i])
        for i, j in zip(*np.nonzero(effective - np.diag(np.diag(effective))), strict=True):
            hop = _chain(lower[j], upper[i])
            yield Term(effective[i, j], ket=hop)
            yield Term(np.conj(effective[i, j]), bra=hop)
        for mode in np.flatnonzero(self.reduced.drive):
            eta = self.reduced.drive[mode]
            yield Term(-1j * eta, ket=upper[mode], photons=1)
            yield Term(-1j * np.conj(eta), ket=lower[mode], photons=-1)
            yield Term(1j * np.conj(eta), bra=upper[mode], photons=-1)
            yield Term(1j * eta, bra=lower[mode], photons=1)

    def _coupling_terms(self, k: int, group: Group) -> Iterator[Term]:
        d = group.levels
        for low, up, g in group.couplings:
            for mode in np.flatnonzero(g):
                ups, downs = self.fock.upper[mode], self.fock.lower[mode]
                for j in range(d):
                    a, b = -1j * g[mode], -1j * np.conj(g[mode])
                    yield Term(a, k, (low * d + j, up * d + j), ket=downs, photons=-1)
                    yield Term(b, k, (up * d + j, low * d + j), ket=ups, photons=1)
                    yield Term(np.conj(a), k, (j * d + low, j * d + up), bra=downs, photons=1)
                    yield Term(np.conj(b), k, (j * d + up, j * d + low), bra=ups, photons=-1)

    def functional(self, groups: Sequence[NDArray | None], photons: NDArray) -> NDArray[np.complex128]:
        """f with tr(O rho) = f . x: product of functionals of the groups (None: the trace) and the
        matrix `photons` of the operator on the bright modes."""
        _, ket, bra = self._basis
        value = photons[bra, ket] * self._phase
        if all(given is None for given in groups):
            return value * self._trace
        for k, (given, space) in enumerate(zip(groups, self.spaces, strict=True)):
            value = value * (space.trace if given is None else given)[self.part(k)]
        return value

    @cached_property
    def _phase(self) -> NDArray[np.complex128]:
        """i^-(n - n'), from x to rho."""
        _, ket, bra = self._basis
        return np.array([1, -1j, -1, 1j])[(self.fock.total[ket] - self.fock.total[bra]) % 4]

    @cached_property
    def _trace(self) -> NDArray[np.float64]:
        """Trace over all emitters."""
        value = np.ones(self.size)
        for k, space in enumerate(self.spaces):
            value *= space.trace[self.part(k)]
        return value

    def product_state(self, states: Sequence[NDArray[np.complex128]]) -> NDArray[np.complex128]:
        """x of every emitter of group k in the density matrix states[k] and no photon (its part in this block)."""
        _, ket, bra = self._basis
        value = ((self.fock.total[ket] == 0) & (self.fock.total[bra] == 0)).astype(complex)
        for k, space in enumerate(self.spaces):
            value *= space.product(states[k])[self.part(k)]
        return value

    def embed(self, x: NDArray[np.complex128], larger: Sector) -> NDArray[np.complex128]:
        """x on a sector with a higher photon cut-off, zero where this one has no element."""
        group, ket, bra = self._basis
        radix = (larger.cutoff + 1) ** np.arange(self.fock.numbers.shape[1], dtype=np.int64)
        keys = larger.fock.numbers @ radix
        order = np.argsort(keys)
        place = order[np.searchsorted(keys, self.fock.numbers @ radix, sorter=order)]
        rows = larger.find((group * larger.fock.size + place[ket]) * larger.fock.size + place[bra])
        result = np.zeros(larger.size, dtype=complex)
        result[rows] = x
        return result
