"""How large the exact problem would be, without building it."""

from __future__ import annotations

import math

import numpy as np

from atomcavity.dynamics.exact import first_cutoff
from atomcavity.dynamics.reduction import reduce
from atomcavity.dynamics.system import CavitySystem


def estimate(system: CavitySystem) -> tuple[float, float]:
    """Elements of the q = 0 block at the first photon cut-off, and multiplications to eliminate it.

    The emitters' elements are spread over their charge differences as a normal distribution; the
    work is (levels) * (elements / 2 levels)^3 * 5, five dense products or factorisations a level.
    """
    reduced = reduce(system)
    cutoff, modes = first_cutoff(reduced), len(reduced.mode_matrix)
    emitters, spread, span = 1.0, 0.25, cutoff + 1.0
    for group in reduced.groups:
        emitters *= math.comb(group.number + group.levels**2 - 1, group.number)
        spread += group.number * float(np.ptp(group.charges)) ** 2 / 2
        span += group.number * float(np.ptp(group.charges))
    photons = math.comb(cutoff + modes, modes) ** 2
    spread += (cutoff / 2) ** 2 if modes else 0.0
    elements = max(1.0, emitters * photons / math.sqrt(2 * math.pi * spread))
    return elements, 5.0 * span * (elements / (2 * span)) ** 3
