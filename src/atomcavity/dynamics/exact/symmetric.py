"""Permutation-symmetric density matrices of identical emitters, as bosons.

N emitters with d levels: the symmetrised products of |i><j| with occupations n_ij, sum n_ij = N,
orthonormal in the Hilbert-Schmidt product, are the number states of d^2 kinds of bosons.  A sum
over emitters of one-emitter superoperators that take |i><j| to c |k><l| acts as c b_kl^+ b_ij:

    |n> -> c sqrt(n_ij (n_kl + 1)) |n - e_ij + e_kl>,   c n_ij |n> on the diagonal.

The trace of a basis element is sqrt(N! / prod n_ii!) if only populations are occupied, else 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Integers = NDArray[np.int64]
Real = NDArray[np.float64]


@lru_cache(maxsize=256)
def compositions(total: int, parts: int) -> Integers:
    """All rows of `parts` whole numbers >= 0 with the sum `total`, in lexicographic order.

    >>> compositions(2, 2).tolist()
    [[0, 2], [1, 1], [2, 0]]
    """
    if parts == 1:
        return np.array([[total]])
    tails = [compositions(total - k, parts - 1) for k in range(total + 1)]
    head = np.repeat(np.arange(total + 1), [len(tail) for tail in tails])
    return np.column_stack([head, np.vstack(tails)])


@dataclass(frozen=True)
class SymmetricSpace:
    """The occupations of `number` emitters with `levels` levels; |i><j| has the index i*levels + j."""

    number: int
    levels: int

    @cached_property
    def occupations(self) -> Integers:
        """Shape (size, levels^2)."""
        return compositions(self.number, self.levels**2)

    @property
    def size(self) -> int:
        """The number of basis elements, binomial(N + d^2 - 1, N)."""
        return len(self.occupations)

    @cached_property
    def _keys(self) -> Integers:
        return self.occupations @ self._radix

    @cached_property
    def _radix(self) -> Integers:
        return (self.number + 1) ** np.arange(self.levels**2 - 1, -1, -1, dtype=np.int64)

    def move(self, source: int, target: int) -> tuple[Integers, Real]:
        """Where b_target^+ b_source takes each element (-1: nowhere) and with what factor."""
        cache = self.__dict__.setdefault("_moves", {})
        if (source, target) not in cache:
            n = self.occupations
            possible = n[:, source] > 0
            keys = self._keys - self._radix[source] + self._radix[target]
            index = np.where(possible, np.searchsorted(self._keys, keys), -1)
            cache[source, target] = (index, np.sqrt(n[:, source] * (n[:, target] + 1.0)))
        return cache[source, target]

    @cached_property
    def transposed(self) -> Integers:
        """The index of the Hermitian conjugate of each element."""
        d = self.levels
        swap = np.arange(d * d).reshape(d, d).T.ravel()
        return np.searchsorted(self._keys, self.occupations[:, swap] @ self._radix)

    def ket_charge(self, charges: Integers) -> Integers:
        """The sum of the charges of the kets."""
        return self.occupations @ np.repeat(charges, self.levels)

    def bra_charge(self, charges: Integers) -> Integers:
        """The sum of the charges of the bras."""
        return self.occupations @ np.tile(charges, self.levels)

    @cached_property
    def trace(self) -> Real:
        """The trace of each element."""
        n = self.occupations
        diagonal = np.arange(self.levels) * (self.levels + 1)
        value = np.exp(0.5 * (gammaln(self.number + 1) - gammaln(n[:, diagonal] + 1).sum(axis=1)))
        return np.where(n[:, diagonal].sum(axis=1) == self.number, np.rint(value**2) ** 0.5, 0.0)

    def population(self, level: int) -> Real:
        """Functional: the population of `level`, mean over the emitters."""
        return self.trace * self.occupations[:, level * (self.levels + 1)] / self.number

    def left(self, functional: Real, to: int, source: int) -> Real:
        """The functional rho -> functional(sum_u |to><source|_u rho)."""
        total = np.zeros(self.size)
        for j in range(self.levels):
            begin, end = source * self.levels + j, to * self.levels + j
            if begin == end:
                total += functional * self.occupations[:, begin]
                continue
            index, weight = self.move(begin, end)
            total += np.where(index >= 0, functional[index] * weight, 0.0)
        return total

    def product(self, state: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """All emitters in the density matrix `state`: sqrt(N!/prod n_ij!) prod state_ij^n_ij."""
        n = self.occupations
        weight = np.exp(0.5 * (gammaln(self.number + 1) - gammaln(n + 1).sum(axis=1)))
        powers = np.asarray(state, dtype=complex).ravel()[:, None] ** np.arange(self.number + 1)
        return weight * np.prod(powers[np.arange(n.shape[1]), n], axis=1)


@lru_cache(maxsize=64)
def symmetric_space(number: int, levels: int) -> SymmetricSpace:
    """One shared object a kind, so that its tables are computed once."""
    return SymmetricSpace(number, levels)
