"""Physical quantities from the sums that quantum-jump trajectories collect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.sectors import Space

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Values:
    """Means of all observables; the leading axes are those of the sums they were made from."""

    photon_number: Real
    pair_number: Real
    levels: Real
    mode_correlation: Complex
    emitter_correlation: Complex


def values_of(space: Space, means: Real) -> Values:
    """Observables of the given modes and groups from the sampled ones, shape (..., observable)."""
    computed, u = len(space.modes.kappas), space.observed
    shape, modes, groups = means.shape[:-1], len(u), space.groups
    numbers = np.array([group.number for group in space.system.emitters])
    n, pairs = means[..., :computed], means[..., computed : 2 * computed]
    first = 2 * computed + int(space.level_start[-1])
    products = means[..., space.observables :: 2] + 1j * means[..., space.observables + 1 :: 2]
    between = np.zeros((*shape, computed, computed), complex)
    between[..., range(computed), range(computed)] = n
    emitters = np.zeros((*shape, groups, groups), complex)
    emitters[..., range(groups), range(groups)] = means[..., first : first + groups]
    for k, (kind, i, j) in enumerate(space.products):
        matrix = between if kind == "mode" else emitters
        if i == j:
            matrix[..., i, i] += products[..., k]
        else:
            matrix[..., i, j], matrix[..., j, i] = products[..., k], products[..., k].conj()
    count = np.outer(numbers, numbers) - np.diag(numbers)
    with np.errstate(invalid="ignore", divide="ignore"):
        emitters = np.where(count > 0, emitters / count, np.nan)
    share = np.abs(u) ** 2  # (mode, computed): n_i = sum_b |u|^2 n_b for one bright mode, identity otherwise
    return Values(
        photon_number=n @ share.T,
        pair_number=pairs @ (share**2).T,
        levels=means[..., 2 * computed : first] / np.repeat(numbers, np.diff(space.level_start)),
        mode_correlation=np.einsum("ib,...bc,jc->...ij", u.conj(), between, u) if modes else between,
        emitter_correlation=emitters,
    )


def populations_of(space: Space, levels: Real) -> Real:
    """Populations of the levels (group, level) from a row of all; NaN where a group has fewer levels."""
    sizes = np.diff(space.level_start)
    table = np.full((space.groups, sizes.max()), np.nan)
    for k, size in enumerate(sizes):
        table[k, :size] = levels[space.level_start[k] : space.level_start[k] + size]
    return table


def distribution_of(space: Space, weights: Real) -> Real:
    """P(n) of each given mode; those that share a bright mode see each of its photons with probability |u|^2."""
    from scipy.stats import binom

    weights = weights[:, : 1 + int(np.max(np.nonzero(weights.sum(axis=0))[0]))]
    if space.observed.shape[1] == len(space.observed) > 1:
        return weights
    n = np.arange(weights.shape[1])
    share = np.minimum(np.abs(space.observed[:, 0]) ** 2, 1.0)
    return np.array([[weights[0] @ binom.pmf(k, n, p) for k in n] for p in share])
