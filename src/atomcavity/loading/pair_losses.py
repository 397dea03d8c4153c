"""Which of several caught atoms collisions take away, and when: those that share one minimum of the trap meet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from atomcavity.loading.collisions import Collisions

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


def together(owner: Whole, place: Array, scatter: Array) -> tuple[Whole, Whole]:
    """Pairs of atoms, (pair,) twice, of one run that share one minimum.

    owner           run of each atom, in rising order, (atom,)
    place, scatter  mean place and rms deviation from it (m), (atom, 3); NaN: an atom that is nowhere meets nobody

    A pair is together where its mean places are nearer to each other than the two deviations together.
    """
    first, second = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for apart in range(1, int(np.bincount(owner).max(initial=1))):
        one = np.flatnonzero(owner[:-apart] == owner[apart:])
        two = one + apart
        distance = np.linalg.norm(place[one] - place[two], axis=1)
        near = distance < np.linalg.norm(scatter[one], axis=1) + np.linalg.norm(scatter[two], axis=1)
        first.append(one[near])
        second.append(two[near])
    pairs = np.concatenate(first), np.concatenate(second)
    order = np.argsort(pairs[0], kind="stable")
    return pairs[0][order], pairs[1][order]


def loss_times(collisions: Collisions, pairs: tuple[Whole, Whole], atoms: int, seed: int) -> Array:
    """Time (s) from the start at which collisions take each of `atoms` away, inf: never, (atom,).

    Each pair has the constant rate beta/V as long as both are there; of two that collide one or both are lost.  What happens
    to the first pairs does not depend on how many follow.
    """
    first, second = pairs
    lost = np.full(atoms, np.inf)
    if collisions.beta == 0 or len(first) == 0:
        return lost
    draws = np.random.default_rng(seed).random((len(first), 2))
    meeting = -np.log1p(-draws[:, 0]) / collisions.pair_rate
    single = draws[:, 1] < collisions.one_survives
    for k in np.argsort(meeting):
        one, two = first[k], second[k]
        if np.isinf(lost[one]) and np.isinf(lost[two]):
            lost[one] = meeting[k]
            lost[two] = np.inf if single[k] else meeting[k]
    return lost
