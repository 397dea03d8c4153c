"""How large the exact problem would be, without building it."""

from __future__ import annotations

import math

import numpy as np

from atomcavity.dynamics.exact.stationary import first_cutoff
from atomcavity.dynamics.reduction import reduce
from atomcavity.dynamics.system import CavitySystem


def estimate(system: CavitySystem) -> float:
    """Elements of the density matrix that are needed at the first photon cut-off.

    Without drives those of the q = 0 block: the elements of emitters and photons are spread over their charge differences like a normal
    distribution; the block holds those at its centre.
    """
    reduced = reduce(system)
    cutoff, modes = first_cutoff(reduced), len(reduced.mode_matrix)
    emitters, spread = 1.0, 0.25
    for group in reduced.groups:
        emitters *= math.comb(group.number + group.levels**2 - 1, group.number)
        spread += group.number * float(np.ptp(group.charges)) ** 2 / 2
    photons = math.comb(cutoff + modes, modes) ** 2
    if not reduced.conserved:
        return emitters * photons
    spread += (cutoff / 2) ** 2 if modes else 0.0
    return max(1.0, emitters * photons / math.sqrt(2 * math.pi * spread))
