"""The conserved excitation number: whole-number charges of an emitter's levels.

A photon carries charge 1.  A coupling g a |upper><lower| keeps the sum if charge(upper) =
charge(lower) + 1, a drive Omega |upper><lower| if both are equal.  Incoherent processes change
the charges of ket and bra alike, so that charge(ket) - charge(bra) is conserved by all of them.
A coherent drive of a transition that the cavity couples to breaks the conservation.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from atomcavity.dynamics.levels import LevelScheme
from atomcavity.errors import InputError

Edge = tuple[str, str, int]


def level_charges(scheme: LevelScheme, name: str = "emitters") -> tuple[int, ...]:
    """The charge of each level, the lowest one of every connected set of levels being 0.

    Raises `InputError` if no assignment exists: a drive (or a second path of couplings) links levels
    that the cavity couples too, which breaks the conservation of the excitation number.
    """
    charges, conserved = natural_charges(scheme)
    if not conserved:
        raise InputError(
            f"{name}: the excitation number is not conserved, because the couplings {list(scheme.couplings)} and "
            f"drives {list(scheme.drives)} link the same levels with different numbers of photons; use method=Exact()"
        )
    return charges


def natural_charges(scheme: LevelScheme) -> tuple[tuple[int, ...], bool]:
    """The charge of each level, and whether couplings and drives conserve the excitation number.

    Where a drive breaks the conservation the charges follow the couplings alone (they still count
    excitations); where the couplings do it themselves all charges are 0.
    """
    firm: list[Edge] = [(a, b, 1) for (a, b), g in scheme.couplings.items() if np.any(g)]
    drives: list[Edge] = [(a, b, 0) for (a, b), rabi in scheme.drives.items() if rabi]
    conserved = True
    charges = _assign(scheme.levels, firm + drives)
    if charges is None:
        charges, conserved = _assign(scheme.levels, firm), False
    else:
        firm += drives
    if charges is None:
        return (0,) * len(scheme.levels), False
    for edge in [(a, b, 1) for (a, b), g in scheme.couplings.items() if not np.any(g)]:
        extended = _assign(scheme.levels, [*firm, edge])
        if extended is not None:
            firm, charges = [*firm, edge], extended
    return charges, conserved


def _assign(levels: tuple[str, ...], edges: list[Edge]) -> tuple[int, ...] | None:
    """Charges with charge(b) = charge(a) + step on every edge, or None."""
    neighbours: dict[str, list[tuple[str, int]]] = {level: [] for level in levels}
    for a, b, step in edges:
        neighbours[a].append((b, step))
        neighbours[b].append((a, -step))
    charge: dict[str, int] = {}
    for start in levels:
        if start in charge:
            continue
        charge[start] = 0
        members, queue = [start], deque([start])
        while queue:
            here = queue.popleft()
            for there, step in neighbours[here]:
                if there not in charge:
                    charge[there] = charge[here] + step
                    members.append(there)
                    queue.append(there)
                elif charge[there] != charge[here] + step:
                    return None
        lowest = min(charge[m] for m in members)
        for m in members:
            charge[m] -= lowest
    return tuple(charge[level] for level in levels)
