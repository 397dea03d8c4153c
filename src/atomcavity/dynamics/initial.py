"""The initial state of an evolution, as levels of the groups."""

from __future__ import annotations

from collections.abc import Sequence

from atomcavity.dynamics.charges import level_charges
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require, unknown

Initial = str | Sequence[str]


def initial_levels(system: CavitySystem, initial: Initial) -> list[int]:
    """The index of the level in which each group starts (no photons).

    initial  "inverted": the level of the highest charge (two levels: excited); "ground": the first
             level; or one level name a group
    """
    if isinstance(initial, str):
        if initial not in ("inverted", "ground"):
            raise unknown("initial state", initial, ("inverted", "ground"))
        if initial == "ground":
            return [0] * len(system.emitters)
        charges = [level_charges(e.scheme, f"emitters[{k}]") for k, e in enumerate(system.emitters)]
        return [c.index(max(c)) if max(c) > 0 else len(c) - 1 for c in charges]
    require(
        len(initial) == len(system.emitters),
        f"initial has {len(initial)} level names for {len(system.emitters)} groups: give one a group",
    )
    indices = []
    for name, emitters in zip(initial, system.emitters, strict=True):
        if name not in emitters.scheme.levels:
            raise unknown("level in initial", name, emitters.scheme.levels)
        indices.append(emitters.scheme.levels.index(name))
    return indices
