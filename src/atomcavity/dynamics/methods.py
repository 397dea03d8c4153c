"""The methods as values: each with its own numerical parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from atomcavity.errors import require


@dataclass(frozen=True)
class Exact:
    """The master equation on the conserved-excitation, permutation-symmetric density matrix.

    photons    cut-off of the total photon number; None: raised until the population above it is below `tolerance`
    tolerance  population that the cut-off may neglect
    """

    photons: int | None = None
    tolerance: float = 1e-8

    def __post_init__(self) -> None:
        require(
            self.photons is None or (_whole(self.photons) and self.photons >= 1),
            f"photons = {self.photons!r} must be a whole number >= 1 or None",
        )
        require(0 < self.tolerance < 1, f"tolerance = {self.tolerance} must lie between 0 and 1")


@dataclass(frozen=True)
class Jumps:
    """Quantum jumps that stay inside one excitation sector: no photon cut-off, no time step.

    trajectories  how many; duration  length of each one for steady-state averages (s; None: chosen
    from the rates); seed  of the random numbers (the same seed gives the same clicks)
    """

    trajectories: int = 500
    seed: int = 0
    duration: float | None = None

    def __post_init__(self) -> None:
        require(
            _whole(self.trajectories) and self.trajectories >= 2,
            f"trajectories = {self.trajectories!r} must be a whole number >= 2",
        )
        require(_whole(self.seed) and self.seed >= 0, f"seed = {self.seed!r} must be a whole number >= 0")
        require(
            self.duration is None or (math.isfinite(self.duration) and self.duration > 0),
            f"duration = {self.duration!r} must be finite and > 0 s",
        )


def _whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


Method = Exact | Jumps
