"""The schema of a trap alone: atoms in a two-colour lattice around a microsphere, its modes, its coupling."""

from __future__ import annotations

from typing import Literal

from atomcavity.experiments.sphere import SphereExperiment


class TrapExperiment(SphereExperiment):
    """An experiment file of kind "trap"."""

    kind: Literal["trap"]
