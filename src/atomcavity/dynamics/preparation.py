"""The state in which an evolution or a pulse starts, as a value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.charges import natural_charges
from atomcavity.dynamics.levels import LevelScheme
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, require, unknown

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Preparation:
    """Emitters in a product state, the modes empty.

    states  "inverted": the level of the highest charge (two levels: excited); "ground": the first level;
            or one state a group: a level's name, its emitters' amplitudes on the levels, or a density matrix
    area    area theta of a short resonant pulse on that state (rad), one for all groups or one a group
    phase   phase phi of the pulse at the emitters (rad), one for all groups or one a group: the pulse is
            exp[-i theta/2 (e^{i phi} sigma^+ + h.c.)] on the transition that the cavity couples to, which
            takes the ground state to cos(theta/2)|g> - i e^{i phi} sin(theta/2)|e>
    filled  number of emitters that are there in each group; None: all

    >>> import math
    >>> nearly = Preparation.pulse(0.9 * math.pi)
    >>> nearly
    Preparation(states='ground', area=2.827433388230814, phase=0.0, filled=None)
    """

    states: str | Sequence[Any] = "inverted"
    area: float | Sequence[float] = 0.0
    phase: float | Sequence[float] = 0.0
    filled: Sequence[int] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.states, str) and self.states not in ("inverted", "ground"):
            raise unknown("initial state", self.states, ("inverted", "ground"))
        for name in ("states", "filled"):
            value = getattr(self, name)
            short = isinstance(value, str) if name == "states" else value is None
            require(
                short or isinstance(value, (list, tuple, np.ndarray)),
                f"{name} = {value!r} must be a list with one value a group",
            )
        for name in ("area", "phase"):
            given = getattr(self, name)
            if type(given) is float and math.isfinite(given):
                continue
            try:
                values = np.asarray(given, dtype=float)
            except (TypeError, ValueError):
                raise InputError(f"{name} = {given!r} must be angles (rad)") from None
            require(
                values.ndim <= 1 and bool(np.all(np.isfinite(values))),
                f"{name} = {given!r} must be one finite angle (rad), or one a group",
            )
            plain = float(values) if values.ndim == 0 else tuple(values.tolist())
            object.__setattr__(self, name, plain)
        if self.filled is not None:
            object.__setattr__(self, "filled", tuple(self.filled))

    @classmethod
    def pulse(
        cls,
        area: float | Sequence[float],
        phase: float | Sequence[float] = 0.0,
        *,
        filled: Sequence[int] | None = None,
    ) -> Preparation:
        """A short resonant pulse on the ground state."""
        return cls("ground", area, phase, filled)

    @classmethod
    def of(cls, initial: str | Sequence[Any] | Preparation) -> Preparation:
        """The preparation that a user's `initial` means."""
        return initial if isinstance(initial, Preparation) else cls(initial)

    def applied(self, system: CavitySystem) -> tuple[CavitySystem, Preparation]:
        """The system of the emitters that are there, and the preparation of these."""
        if self.filled is None:
            return system, self
        kept = [k for k, count in enumerate(self.filled) if count]
        smaller = system.filled(self.filled)
        chosen = [self._one_a_group(name, system) for name in ("states", "area", "phase")]
        parts = [value if scalar else tuple(value[k] for k in kept) for value, scalar in chosen]
        return smaller, Preparation(*parts)

    def _one_a_group(self, name: str, system: CavitySystem) -> tuple[Any, bool]:
        value = getattr(self, name)
        if isinstance(value, (str, float)):
            return value, True
        require(
            len(value) == len(system.emitters),
            f"initial {name} has {len(value)} value(s) for {len(system.emitters)} groups: give one a group",
        )
        return value, False

    @property
    def plain(self) -> str | None:
        """The word "inverted" or "ground" if that is the whole preparation; None with a pulse or one state a group."""
        if isinstance(self.states, str) and self.area == 0 and isinstance(self.phase, float):
            return self.states
        return None

    @property
    def pulsed(self) -> bool:
        """Whether a pulse makes superpositions."""
        return bool(np.any(self.area))

    def matrices(self, system: CavitySystem) -> list[Complex]:
        """Density matrix of one emitter of each group, (level, level).

        Raises `InputError` for a state that does not fit its group's levels.
        """
        states, same = self._one_a_group("states", system)
        areas, phases = (
            np.broadcast_to(self._one_a_group(name, system)[0], len(system.emitters))
            for name in ("area", "phase")
        )
        found = []
        for k, group in enumerate(system.emitters):
            start = _density(states if same else states[k], group.scheme, k)
            if areas[k]:
                turn = _rotation(group.scheme, float(areas[k]), float(phases[k]), k)
                start = turn @ start @ turn.conj().T
            found.append(start)
        return found

    def levels(self, system: CavitySystem) -> list[int] | None:
        """The level that holds all emitters of each group, or None if some are in superpositions or mixtures."""
        found = []
        for matrix in self.matrices(system):
            level = int(np.argmax(matrix.diagonal().real))
            if abs(matrix[level, level] - 1) > 1e-12:
                return None
            found.append(level)
        return found

    def vectors(self, system: CavitySystem) -> list[Complex] | None:
        """Amplitudes of one emitter of each group, (level,); None if some are in mixtures."""
        found = []
        for matrix in self.matrices(system):
            weights, vectors = np.linalg.eigh(matrix)
            if abs(weights[-1] - 1) > 1e-12:
                return None
            vector = vectors[:, -1]
            found.append(vector * np.exp(-1j * np.angle(vector[np.argmax(np.abs(vector))])))
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain data; states as names or as matrices of [re, im]."""
        states = self.states
        if not isinstance(states, str):
            states = [s if isinstance(s, str) else _pairs(np.asarray(s, dtype=complex)) for s in states]
        return {
            "states": states,
            "area": self.area if isinstance(self.area, float) else list(self.area),
            "phase": self.phase if isinstance(self.phase, float) else list(self.phase),
            "filled": None if self.filled is None else [int(n) for n in self.filled],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Preparation:
        """The inverse of `to_dict`."""
        states = data["states"]
        if not isinstance(states, str):
            states = [s if isinstance(s, str) else _from_pairs(s) for s in states]
        return cls(states, data["area"], data["phase"], data["filled"])


Initial = str | Sequence[Any] | Preparation


def _pairs(values: Complex) -> list[Any]:
    return np.stack([values.real, values.imag], axis=-1).tolist()


def _from_pairs(values: Any) -> Complex:
    table = np.asarray(values, dtype=float)
    return table[..., 0] + 1j * table[..., 1]


def _density(state: Any, scheme: LevelScheme, k: int) -> Complex:
    """The density matrix that a name, amplitudes or a matrix mean."""
    size = len(scheme.levels)
    matrix = np.zeros((size, size), dtype=complex)
    if isinstance(state, str):
        level = _named(state, scheme)
        matrix[level, level] = 1
        return matrix
    try:
        values = np.asarray(state, dtype=complex)
    except (TypeError, ValueError):
        raise InputError(
            f"initial state of group {k} is {state!r}: give a level, amplitudes or a matrix"
        ) from None
    if values.shape == (size,) and abs(np.linalg.norm(values) - 1) < 1e-9:
        values = values / np.linalg.norm(values)
        return np.outer(values, values.conj())
    good = values.shape == (size, size) and bool(np.all(np.isfinite(values)))
    good = (
        bool(good) and abs(np.trace(values) - 1) < 1e-9 and np.allclose(values, values.conj().T, atol=1e-12)
    )
    require(
        bool(good) and float(np.linalg.eigvalsh(values)[0]) > -1e-9,
        f"initial state of group {k} must be a level's name, {size} amplitudes of norm 1, or a density matrix of trace 1",
    )
    return values


def _named(state: str, scheme: LevelScheme) -> int:
    if state == "ground":
        return 0
    if state == "inverted":
        charges, _ = natural_charges(scheme)
        return charges.index(max(charges)) if max(charges) > 0 else len(charges) - 1
    if state not in scheme.levels:
        raise unknown("level in initial", state, scheme.levels)
    return scheme.levels.index(state)


def _rotation(scheme: LevelScheme, area: float, phase: float, k: int) -> Complex:
    """The pulse on the first transition that the cavity couples to."""
    matrix = np.eye(len(scheme.levels), dtype=complex)
    require(
        bool(scheme.couplings), f"emitters[{k}] has no transition in the cavity that a pulse could act on"
    )
    lower, upper = (scheme.levels.index(name) for name in next(iter(scheme.couplings)))
    matrix[lower, lower] = matrix[upper, upper] = np.cos(area / 2)
    matrix[upper, lower] = -1j * np.exp(1j * phase) * np.sin(area / 2)
    matrix[lower, upper] = -1j * np.exp(-1j * phase) * np.sin(area / 2)
    return matrix
