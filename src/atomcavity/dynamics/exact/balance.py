"""Scales in which the generator is as close to a symmetric matrix as it can be made.

In the orthonormal basis of `symmetric` a state has entries sqrt(multinomial) prod rho_ij^n_ij and the trace
sqrt(multinomial): the generator is very far from normal for many emitters, and rounding errors are amplified by up to
2^N.  Dividing entries by S and multiplying functionals by it, with

    S^2 = prod_ij (p_i p_j)^(n_ij/2) sqrt(P(n) P(n')),

p the populations of an emitter's levels and P the photon distribution (the product of the populations
bounds every coherence), makes both alike, as detailed balance makes a Markov chain symmetric.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.sector import Sector

Real = NDArray[np.float64]
LEAST_POPULATION, LEAST_PHOTONS = 1e-4, 1e-24  # rarer states are not scaled further


def balance(sector: Sector, populations: Sequence[Real], photons: Real) -> Real:
    """S of each element; `populations` of each reduced group's levels, `photons` the weight of each total number."""
    _, ket, bra = sector._basis
    total = sector.fock.total
    size = max(len(photons), int(total.max()) + 1)
    known = np.full(size, LEAST_PHOTONS)
    known[: len(photons)] = np.maximum(photons, LEAST_PHOTONS)
    logarithm = 0.25 * (np.log(known)[total][ket] + np.log(known)[total][bra])
    for k, (space, p) in enumerate(zip(sector.spaces, populations, strict=True)):
        level = np.log(np.maximum(p, LEAST_POPULATION))
        pairs = (level[:, None] + level).ravel()
        logarithm += 0.25 * (space.occupations @ pairs)[sector.part(k)]
    return np.exp(logarithm - logarithm.max(initial=-np.inf))


def rescaled(matrix: Any, scale: Real) -> Any:
    """The sparse matrix (CSR) for entries divided by `scale`."""
    result = matrix.copy()
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    result.data = matrix.data * (scale[matrix.indices] / scale[rows])
    return result
