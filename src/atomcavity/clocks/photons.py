"""The part of a pulse's photons that a detector catches which is open for a limited time."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.clocks.centres import nodes
from atomcavity.dynamics.dicke.model import ladder
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.system import CavityMode, CavitySystem, Emitters

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

NUMBERS = 12  # nodes of the table
TIMES = 160
EARLY = 1e-3  # N Gamma t before which every atom emits alone


def pulse_end(number: int) -> float:
    """N Gamma t after which the pulse is over: the last photon is later with a probability below 1e-16."""
    return float(2 * np.log(number) + 40)


def emitted_shares(numbers: Whole, exposures: Real) -> Real:
    """Part of the photons that inverted atoms have emitted at Gamma t = `exposures`, both (pulse,)."""
    grown = numbers * exposures
    at = nodes(numbers, NUMBERS)
    inside = np.clip(grown, EARLY, pulse_end(at[0]))
    share = np.exp(_table(at).ev(np.log(numbers), np.log(inside)))
    return np.minimum(1.0, share * np.minimum(1.0, grown / EARLY))


@lru_cache(maxsize=8)
def _table(numbers: tuple[int, ...]) -> Any:
    """Spline of the logarithm of the share over (log N, log N Gamma t)."""
    from scipy.interpolate import RectBivariateSpline

    grown = np.geomspace(EARLY, pulse_end(numbers[0]), TIMES)
    shares = []
    for n in numbers:
        unit = ladder(CavitySystem([Emitters(n, 0.5)], [CavityMode(1.0)]), Preparation())  # Gamma = 1
        shares.append(unit.emitted_share(grown / n))
    return RectBivariateSpline(np.log(numbers), np.log(grown), np.log(shares), kx=min(3, len(numbers) - 1))
