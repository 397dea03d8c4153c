"""The phases that nothing fixes: how modes and levels turn under them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.system import CavitySystem, Emitters

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Phases:
    """modes (mode, phase): charges q of the modes; levels: for each group (level, phase), charges p of its levels."""

    modes: Real
    levels: list[Real]


def free_phases(system: CavitySystem) -> Phases:
    """All independent rotations of the modes (with the levels following) that leave the equations as they are.

    They solve p_u - p_l = q_i for every coupling of mode i, p_u = p_l for every drive of an emitter, q_i = q_j
    for coupled modes and q_i = 0 for a driven mode.
    """
    modes = len(system.modes)
    kinds: dict[object, int] = {}
    member = [kinds.setdefault(_pattern(e), len(kinds)) for e in system.emitters]
    examples = [system.emitters[member.index(kind)] for kind in range(len(kinds))]
    sizes = [len(e.scheme.levels) for e in examples]
    offsets = modes + np.concatenate([[0], np.cumsum(sizes)]).astype(int)
    rows: list[Real] = []

    def equal(plus: int, minus: int, mode: int | None = None) -> None:
        row = np.zeros(offsets[-1])
        row[plus] += 1
        row[minus] -= 1
        if mode is not None:
            row[mode] -= 1
        rows.append(row)

    for start, emitters in zip(offsets, examples, strict=False):
        scheme = emitters.scheme
        index = {name: int(start) + k for k, name in enumerate(scheme.levels)}
        for (a, b), g in scheme.couplings.items():
            for i in np.flatnonzero(g):
                equal(index[b], index[a], int(i))
        for (a, b), rabi in scheme.drives.items():
            if rabi:
                equal(index[b], index[a])
    for i, j in zip(*np.nonzero(np.triu(system.mode_matrix, 1)), strict=True):
        equal(int(i), int(j))
    for i in np.flatnonzero(system.drives):
        row = np.zeros(offsets[-1])
        row[i] = 1
        rows.append(row)
    found = _solutions(np.array(rows).reshape(-1, offsets[-1]), modes)
    levels = [found[a:b] - found[a : a + 1] for a, b in pairwise(offsets)]
    return Phases(found[:modes], [levels[kind] for kind in member])


def _pattern(emitters: Emitters) -> object:
    """What decides an emitter's phases: which transitions couple to which modes, and which are driven."""
    scheme = emitters.scheme
    couplings = tuple((pair, tuple(np.flatnonzero(g).tolist())) for pair, g in scheme.couplings.items())
    return scheme.levels, couplings, tuple(pair for pair, rabi in scheme.drives.items() if rabi)


def _solutions(equations: Real, modes: int) -> Real:
    """Columns that solve the equations and turn a mode, in echelon form on the modes."""
    size = equations.shape[1]
    if len(equations):
        _, values, vectors = np.linalg.svd(equations)
        rank = int(np.sum(values > 1e-10))
        null = vectors[rank:].T
    else:
        null = np.eye(size)
    rest = null.copy()
    found: list[Real] = []
    for mode in range(modes):
        pivot = int(np.argmax(np.abs(rest[mode]))) if rest.shape[1] else 0
        if rest.shape[1] == 0 or abs(rest[mode, pivot]) < 1e-8:
            continue
        column = rest[:, pivot] / rest[mode, pivot]
        rest = np.delete(rest - np.outer(column, rest[mode]), pivot, axis=1)
        found = [c - column * c[mode] for c in found]
        found.append(column)
    clean = np.round(np.array(found).reshape(len(found), size).T, 9)
    return clean + 0.0
