"""Identical two-level emitters alone, the cavity eliminated, in the basis of normalised irreps (J, M).

The permutation-symmetric density matrix is sum_J of (a matrix on |J, M>) x (unity on the multiplicity
of J, trace 1).  Collective emission and the shift act inside one J; decay, pump and dephasing of single
emitters also lead to J - 1 and J + 1 (Chase and Geremia, Phys. Rev. A 78, 052101 (2008); Shammah et al.,
Phys. Rev. A 98, 063815 (2018)).  All of them keep the difference of M between ket and bra, so that

    order 0   the populations p(J, M) obey a classical master equation of their own,
    order 1   the elements x(J, M) of |J, M><J, M-1|, in which <S^+(0) S(tau)> lives, another one.

Normalised: p is a probability.  Without that, elements are binomials apart and lose all digits beyond
about 150 emitters.
"""

from __future__ import annotations

import cmath
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.elimination import eliminate
from atomcavity.dynamics.jumps.units import local_amplitudes
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, require

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]

MOST_STATES = 1_000_000  # (J, M) up to which the factors fit into about 4 GB: 2,000 emitters
OTHERS = "Exact() with the cavity kept (few emitters), Jumps(cavity='eliminated') or Cumulants(cavity='eliminated')"


@dataclass(frozen=True, eq=False)
class Collective:
    """Identical emitters with S = sum_u exp(i phase_u) sigma_u, which alone emits and is shifted.

    decay, shift  collapse operator sqrt(decay) S and Hamiltonian shift S^+ S (rad/s)
    amplitude     (mode,): a_i = amplitude_i S
    phase         (group,): of each given group's emitters
    """

    number: int
    gamma: float
    pump_rate: float
    dephasing_rate: float
    detuning: float
    decay: float
    shift: float
    amplitude: Complex
    phase: Real
    warnings: tuple[str, ...]

    @property
    def local(self) -> tuple[tuple[float, int], ...]:
        """Rate and change of charge of the single emitters' processes that there are."""
        given = ((self.gamma, -1), (self.pump_rate, 1), (self.dephasing_rate / 2, 0))
        return tuple((rate, charge) for rate, charge in given if rate > 0)


def collective(system: CavitySystem) -> Collective:
    """The emitters of all groups as one, the cavity eliminated.

    Raises `InputError` if groups differ by more than one phase of their couplings, or for what
    `elimination.eliminate` refuses.
    """
    reduced = eliminate(system)
    first = system.emitters[0]
    g = np.array([group.g_modes for group in system.emitters])
    reference = g[0, np.argmax(np.abs(g[0]))]
    column = g[:, np.argmax(np.abs(g[0]))]
    phase = np.array([cmath.phase(value / reference) if reference and value else 0.0 for value in column])
    same = np.allclose(g, np.exp(1j * phase)[:, None] * g[0], rtol=1e-12, atol=1e-12 * np.abs(g).max())
    for group in system.emitters[1:]:
        for name in ("gamma", "pump_rate", "dephasing_rate", "detuning"):
            same = same and getattr(group, name) == getattr(first, name)
    if not same:
        raise InputError(f"Exact(cavity='eliminated') treats identical emitters only; use {OTHERS}")
    return Collective(
        system.number,
        first.gamma,
        first.pump_rate,
        first.dephasing_rate,
        first.detuning,
        float(reduced.decay[0, 0].real),
        float(reduced.shift[0, 0].real),
        reduced.amplitude[:, 0],
        -phase,
        reduced.warnings,
    )


@dataclass(frozen=True, eq=False)
class Block:
    """Elements |J, M><J, M - order| and their generator, d x/dt = matrix x (CSC, 1/s), without the detuning.

    twice_j, excited  2J, and the number of excited emitters N/2 + M of the ket
    lowering          <J, M-1|S|J, M> of the ket
    """

    matrix: Any
    twice_j: Whole
    excited: Whole
    lowering: Real

    def restricted(self, keep: NDArray[np.intp]) -> Block:
        """The block of some of its elements."""
        return Block(self.matrix[keep][:, keep], self.twice_j[keep], self.excited[keep], self.lowering[keep])


def block(emitters: Collective, order: int, labels: Whole) -> Block:
    """The block of the given order on the irreps 2J = `labels` (ascending; closed under the single emitters' processes).

    Raises `InputError` if it is too large.
    """
    from scipy.sparse import coo_array

    sizes = labels + 1 - order
    require(
        int(sizes.sum()) <= MOST_STATES,
        f"Exact(cavity='eliminated') of {emitters.number} emitters would need {int(sizes.sum())} states (J, M), "
        f"more than {MOST_STATES}; use Jumps(cavity='eliminated') or Cumulants(cavity='eliminated')",
    )
    first = np.concatenate([[0], np.cumsum(sizes)])
    place = dict(zip(labels.tolist(), first[:-1].tolist(), strict=True))
    parts = [part for label in labels.tolist() for part in _column(emitters, order, label, place)]
    rows, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    matrix = coo_array((values, (rows, columns)), shape=(first[-1], first[-1])).tocsc()
    twice_j = np.repeat(labels, sizes)
    step = np.arange(first[-1]) - np.repeat(first[:-1], sizes) + order  # J + M
    lowering = np.sqrt(step * (twice_j - step + 1.0))
    return Block(matrix, twice_j, (emitters.number - twice_j) // 2 + step, lowering)


def _column(
    emitters: Collective, order: int, label: int, place: dict[int, int]
) -> list[tuple[Whole, Whole, NDArray[Any]]]:
    """Entries (row, column, value) of the elements of one irrep 2J = `label`, ket and bra each with its amplitude."""
    number, size = emitters.number, label + 1 - order
    step = np.arange(label + 1)  # J + M
    ket, bra = step[order:], step[:size]
    here = place[label] + np.arange(size)
    strength = step * (label - step + 1.0)  # <S^+ S>
    excited = (number - label) // 2 + step
    lost = emitters.decay * strength + emitters.gamma * excited + emitters.pump_rate * (number - excited)
    lost = lost + emitters.dephasing_rate / 2 * number
    diagonal = -(lost[ket] + lost[bra]) / 2
    if order and emitters.shift:
        diagonal = diagonal - 1j * emitters.shift * (strength[ket] - strength[bra])
    emission = emitters.decay * np.sqrt(strength[ket] * strength[bra])[1:]
    parts = [(here, here, diagonal), (here[:-1], here[1:], emission)]
    for rate, charge in emitters.local:
        for change in (-1, 0, 1):
            goal = label + 2 * change
            if goal not in place:
                continue
            amplitude = local_amplitudes(number, label, change, charge)
            value = rate * amplitude[ket] * amplitude[bra]
            target = np.arange(size) + change + charge
            there = (value != 0) & (target >= 0) & (target < goal + 1 - order)
            parts.append((place[goal] + target[there], here[there], value[there]))
    return parts


def irreps(number: int) -> Whole:
    """All 2J of `number` emitters, ascending."""
    return np.arange(number % 2, number + 1, 2)


def reached(matrix: Any, start: NDArray[np.intp]) -> NDArray[np.intp]:
    """The elements that a generator (CSC) leads to from those of `start`, these included, ascending."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    entries = matrix.tocoo()
    rows, columns = entries.coords
    size = matrix.shape[0]
    links = (
        np.concatenate([columns, np.full(len(start), size)]),
        np.concatenate([rows, start]),
    )
    graph = coo_array((np.ones(len(links[0])), links), shape=(size + 1, size + 1)).tocsr()
    found = breadth_first_order(graph, size, return_predecessors=False)
    return np.sort(found[found < size])
