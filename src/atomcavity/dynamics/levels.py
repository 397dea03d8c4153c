"""The levels of an emitter: what couples to the modes, what drives it, how it decays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from atomcavity.errors import InputError, number, require, unknown

Pair = tuple[str, str]


def rate(value: float, name: str) -> float:
    """The value as a rate >= 0 (rad/s or 1/s); `InputError` naming it otherwise."""
    found = number(value, name)
    require(found >= 0, f"{name} = {value!r} must be a rate >= 0 (rad/s or 1/s)")
    return found


def frequency(value: float, name: str) -> float:
    """The value as a finite number (rad/s)."""
    return number(value, name)


def complex_row(value: complex | ArrayLike, name: str) -> tuple[complex, ...]:
    """One complex number, or one a mode, as a tuple (rad/s)."""
    try:
        numbers = np.atleast_1d(np.asarray(value, dtype=complex))
    except (TypeError, ValueError):
        raise InputError(f"{name} = {value!r} is not one complex number, or one a mode (rad/s)") from None
    require(numbers.ndim == 1 and numbers.size > 0, f"{name} must be one complex number or one a mode")
    require(bool(np.all(np.isfinite(numbers))), f"{name} = {value!r} must be finite (rad/s)")
    return tuple(complex(g) for g in numbers)


@dataclass(frozen=True)
class LevelScheme:
    """An emitter with any number of levels.

    levels      names; the first one is the ground state
    couplings   (lower, upper) -> g, one complex value a mode (rad/s): H = sum_i g_i a_i |upper><lower| + h.c.
    drives      (lower, upper) -> Rabi frequency Omega (rad/s): H = Omega/2 |upper><lower| + h.c.
    decays      (from, to) -> rate (1/s) of incoherent transfer: spontaneous decay, pump, repump
    energies    level -> energy/hbar minus that of the rotating frame (rad/s); 0 where not given
    dephasing   level -> rate at which coherences with that level decay in addition (1/s)
    """

    levels: tuple[str, ...]
    couplings: Mapping[Pair, tuple[complex, ...]] = field(default_factory=dict)
    drives: Mapping[Pair, complex] = field(default_factory=dict)
    decays: Mapping[Pair, float] = field(default_factory=dict)
    energies: Mapping[str, float] = field(default_factory=dict)
    dephasing: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        levels = tuple(self.levels)
        require(
            len(levels) >= 2 and len(set(levels)) == len(levels),
            f"levels {levels} must be two or more different names",
        )
        object.__setattr__(self, "levels", levels)
        for what in ("couplings", "drives", "decays"):
            for a, b in getattr(self, what):
                for name in (a, b):
                    if name not in levels:
                        raise unknown(f"level in {what}", name, levels)
                require(a != b, f"{what} of level {a!r} with itself")
        for what in ("energies", "dephasing"):
            for name in getattr(self, what):
                if name not in levels:
                    raise unknown(f"level in {what}", name, levels)
        clean: dict[str, dict[Any, Any]] = {
            "couplings": {k: complex_row(v, f"coupling {k}") for k, v in self.couplings.items()},
            "drives": {k: complex_row(complex(v), f"drive {k}")[0] for k, v in self.drives.items()},
            "decays": {k: rate(v, f"decay {k}") for k, v in self.decays.items()},
            "energies": {k: frequency(v, f"energy of {k}") for k, v in self.energies.items()},
            "dephasing": {k: rate(v, f"dephasing of {k}") for k, v in self.dephasing.items()},
        }
        for name, value in clean.items():
            object.__setattr__(self, name, value)

    def to_dict(self) -> dict[str, Any]:
        """Plain data (JSON, TOML); complex numbers as [re, im], pairs of levels as 'a > b'."""
        return {
            "levels": list(self.levels),
            "couplings": {
                f"{a} > {b}": [[g.real, g.imag] for g in v] for (a, b), v in self.couplings.items()
            },
            "drives": {f"{a} > {b}": [v.real, v.imag] for (a, b), v in self.drives.items()},
            "decays": {f"{a} > {b}": v for (a, b), v in self.decays.items()},
            "energies": dict(self.energies),
            "dephasing": dict(self.dephasing),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LevelScheme:
        """The inverse of `to_dict`."""

        def pair(text: str) -> Pair:
            a, b = text.split(" > ")
            return a, b

        return cls(
            levels=tuple(data["levels"]),
            couplings={pair(k): tuple(complex(*g) for g in v) for k, v in data["couplings"].items()},
            drives={pair(k): complex(*v) for k, v in data["drives"].items()},
            decays={pair(k): v for k, v in data["decays"].items()},
            energies=data["energies"],
            dephasing=data["dephasing"],
        )
