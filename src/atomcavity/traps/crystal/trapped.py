"""The crystal of a trap, in SI."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from atomcavity.traps.crystal.find import find_crystal
from atomcavity.traps.crystal.result import Crystal

if TYPE_CHECKING:
    from atomcavity.traps.paul import PaulTrap


def crystal(trap: PaulTrap, n: int, **options: Any) -> Crystal:
    """n ions at rest in the pseudopotential of `trap`; options as for `find_crystal`.

    The trap's `to_dict()` is in the result's record.
    """
    found = find_crystal(trap.pseudopotential, n, length=trap.length, charge=trap.charge, **options)
    record = dataclasses.replace(found.record, parameters={**found.record.parameters, "trap": trap.to_dict()})
    return dataclasses.replace(found, record=record)
