"""Figures of merit of a coupling g (half the vacuum Rabi splitting) with the decay rates kappa and gamma (rad/s)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import require

Real = NDArray[np.float64]


def cooperativity(g: ArrayLike, kappa: float, gamma: float) -> Real:
    """4 |g|^2/(kappa gamma), of the shape of g.

    >>> float(cooperativity(1e6, kappa=4e6, gamma=1e3))
    1000.0

    Raises `InputError` for a kappa that is not positive.
    """
    require(kappa > 0, f"kappa = {kappa!r} must be positive (rad/s)")
    return np.asarray(4 * np.abs(g) ** 2 / (kappa * gamma))


def saturation_photons(g: ArrayLike, gamma: float) -> Real:
    """gamma^2/(4 |g|^2), of the shape of g; infinite for an emitter that does not couple."""
    with np.errstate(divide="ignore"):
        return np.asarray(gamma**2 / (4 * np.abs(g) ** 2))
