"""The open quantum system: emitters in groups, cavity modes, and how they are coupled.

The equation that every method solves (hbar = 1, all rates in rad/s or 1/s):

    d rho/dt = -i [H, rho] + sum_k D[c_k] rho,   D[c] rho = c rho c^+ - (c^+ c rho + rho c^+ c)/2

    H = sum_i delta_i a_i^+ a_i + sum_ij J_ij a_i^+ a_j
      + sum_u [ Delta_u sigma_u^+ sigma_u + sum_i (g_ui a_i sigma_u^+ + g_ui^* a_i^+ sigma_u) ]

    c = sqrt(kappa_i) a_i, sqrt(gamma_u) sigma_u, sqrt(pump_u) sigma_u^+, sqrt(2 dephasing_u) sigma_u^+ sigma_u

in the frame that rotates at `CavitySystem.reference`; every `detuning` is own frequency minus that
reference.  For one emitter and one mode |g| is half the vacuum Rabi splitting.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import InputError, number, require, unknown

if TYPE_CHECKING:
    from atomcavity.coupling import Coupling

Pair = tuple[str, str]


def _rate(value: float, name: str) -> float:
    found = number(value, name)
    require(found >= 0, f"{name} = {value!r} must be a rate >= 0 (rad/s or 1/s)")
    return found


def _frequency(value: float, name: str) -> float:
    return number(value, name)


def _couplings(value: complex | ArrayLike, name: str) -> tuple[complex, ...]:
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
            "couplings": {k: _couplings(v, f"coupling {k}") for k, v in self.couplings.items()},
            "drives": {k: _couplings(complex(v), f"drive {k}")[0] for k, v in self.drives.items()},
            "decays": {k: _rate(v, f"decay {k}") for k, v in self.decays.items()},
            "energies": {k: _frequency(v, f"energy of {k}") for k, v in self.energies.items()},
            "dephasing": {k: _rate(v, f"dephasing of {k}") for k, v in self.dephasing.items()},
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


@dataclass(frozen=True)
class Emitters:
    """A group of `number` identical emitters.

    g               coupling to each mode (rad/s, complex: the phase of the mode at the emitter); one value for one mode
    gamma           natural population decay (rad/s)
    pump_rate       incoherent pump, ground to excited (1/s)
    dephasing_rate  additional decay of the coherence (1/s)
    detuning        transition frequency minus the system's reference (rad/s)
    levels          a `LevelScheme` instead of the two levels above (then g, gamma, ... are not given)
    """

    number: int
    g: complex | Sequence[complex] = 0.0
    gamma: float = 0.0
    pump_rate: float = 0.0
    dephasing_rate: float = 0.0
    detuning: float = 0.0
    levels: LevelScheme | None = None

    def __post_init__(self) -> None:
        whole = isinstance(self.number, (int, np.integer)) and not isinstance(self.number, bool)
        require(
            whole and self.number >= 1, f"number of emitters = {self.number!r} must be a whole number >= 1"
        )
        object.__setattr__(self, "number", int(self.number))
        object.__setattr__(self, "g", _couplings(self.g, "g"))
        for name in ("gamma", "pump_rate", "dephasing_rate"):
            object.__setattr__(self, name, _rate(getattr(self, name), name))
        object.__setattr__(self, "detuning", _frequency(self.detuning, "detuning"))
        if self.levels is not None:
            two_level = (*self.g_modes, self.gamma, self.pump_rate, self.dephasing_rate, self.detuning)
            require(
                not any(two_level),
                "give either a LevelScheme (levels=) or g, gamma, pump_rate, ... of two levels, not both",
            )

    @property
    def g_modes(self) -> tuple[complex, ...]:
        """g as a tuple, one value a mode."""
        return self.g  # type: ignore[return-value]

    @property
    def scheme(self) -> LevelScheme:
        """The level scheme; two levels 'ground' and 'excited' if none was given."""
        if self.levels is not None:
            return self.levels
        return LevelScheme(
            levels=("ground", "excited"),
            couplings={("ground", "excited"): self.g_modes},
            decays={("excited", "ground"): self.gamma, ("ground", "excited"): self.pump_rate},
            energies={"excited": self.detuning},
            dephasing={"excited": self.dephasing_rate},
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data; complex numbers as [re, im]."""
        if self.levels is not None:
            return {"number": self.number, "levels": self.levels.to_dict()}
        return {
            "number": self.number,
            "g": [[g.real, g.imag] for g in self.g_modes],
            "gamma": self.gamma,
            "pump_rate": self.pump_rate,
            "dephasing_rate": self.dephasing_rate,
            "detuning": self.detuning,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Emitters:
        """The inverse of `to_dict`."""
        if "levels" in data:
            return cls(data["number"], levels=LevelScheme.from_dict(data["levels"]))
        return cls(**{**data, "g": [complex(*g) for g in data["g"]]})


@dataclass(frozen=True)
class CavityMode:
    """A mode of the cavity: photon-number decay `kappa` (rad/s, full), its part `kappa_ext` into the port, detuning."""

    kappa: float
    kappa_ext: float = 0.0
    detuning: float = 0.0

    def __post_init__(self) -> None:
        for name in ("kappa", "kappa_ext"):
            object.__setattr__(self, name, _rate(getattr(self, name), name))
        object.__setattr__(self, "detuning", _frequency(self.detuning, "detuning"))
        require(
            self.kappa_ext <= self.kappa,
            f"kappa_ext = {self.kappa_ext:g} exceeds kappa = {self.kappa:g}: it is a part of it",
        )

    def to_dict(self) -> dict[str, float]:
        """Plain data."""
        return {"kappa": self.kappa, "kappa_ext": self.kappa_ext, "detuning": self.detuning}

    @classmethod
    def from_dict(cls, data: Mapping[str, float]) -> CavityMode:
        """The inverse of `to_dict`."""
        return cls(**data)


@dataclass(frozen=True)
class CavitySystem:
    """Groups of emitters coupled to cavity modes (see the module's master equation).

    emitters       groups of identical emitters
    modes          cavity modes
    mode_coupling  Hermitian matrix J_ij (rad/s): H += sum J_ij a_i^+ a_j (back-scattering); None: no coupling
    reference      frequency of the rotating frame (rad/s); kept for the labels of spectra
    remarks        simplifications that whoever built the system knows to be broken: warnings of every result

    >>> from math import tau
    >>> atoms = Emitters(7, g=tau * 2.8e6, gamma=tau * 7.5e3, pump_rate=2.5e7)
    >>> system = CavitySystem([atoms], [CavityMode(tau * 4.4e6)])
    >>> system.number
    7
    """

    emitters: Sequence[Emitters]
    modes: Sequence[CavityMode]
    mode_coupling: ArrayLike | None = None
    reference: float = 0.0
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, kind in (("emitters", Emitters), ("modes", CavityMode)):
            given = getattr(self, name)
            listed = isinstance(given, (list, tuple)) and all(isinstance(item, kind) for item in given)
            require(listed, f"{name} must be a list of {kind.__name__}, but is {given!r}")
            object.__setattr__(self, name, tuple(given))
        require(len(self.emitters) > 0, "a CavitySystem needs at least one group of emitters")
        require(len(self.modes) > 0, "a CavitySystem needs at least one mode")
        count = len(self.modes)
        for k, group in enumerate(self.emitters):
            for transition, g in group.scheme.couplings.items():
                if len(g) != count:
                    raise InputError(
                        f"emitters[{k}]: {len(g)} coupling(s) on {'-'.join(transition)} for {count} mode(s): "
                        "give one a mode"
                    )
        if self.mode_coupling is not None:
            matrix = np.asarray(self.mode_coupling, dtype=complex)
            require(
                matrix.shape == (count, count),
                f"mode_coupling has shape {matrix.shape}; it must be {(count, count)}",
            )
            hermitian = np.allclose(matrix, matrix.conj().T, rtol=1e-12, atol=0.0)
            require(
                bool(np.all(np.isfinite(matrix))) and hermitian,
                "mode_coupling must be a finite Hermitian matrix (rad/s)",
            )
            object.__setattr__(self, "mode_coupling", matrix)
        object.__setattr__(self, "reference", _frequency(self.reference, "reference"))

    @property
    def number(self) -> int:
        """The number of emitters in all groups."""
        return sum(group.number for group in self.emitters)

    @property
    def mode_matrix(self) -> NDArray[np.complex128]:
        """Hermitian matrix of the modes' detunings and couplings (rad/s), shape (mode, mode)."""
        matrix = np.diag([complex(mode.detuning) for mode in self.modes])
        return matrix if self.mode_coupling is None else matrix + np.asarray(self.mode_coupling)

    @property
    def kappas(self) -> NDArray[np.float64]:
        """Photon-number decay rates (rad/s), shape (mode,)."""
        return np.array([mode.kappa for mode in self.modes])

    @classmethod
    def of(
        cls,
        coupling: Coupling,
        *,
        kappa: float,
        kappa_ext: float = 0.0,
        pump_rate: float = 0.0,
        dephasing_rate: float = 0.0,
        mode_coupling: ArrayLike | None = None,
        magnetic_field: float | None = None,
    ) -> CavitySystem:
        """The system of emitters at the places of a `Coupling`: g, gamma and the mode count are handed on.

        Emitters with the same couplings (to 1e-12 of the largest) form one group. The modes are
        taken on resonance with the transition, which is the system's reference.

        Every result warns if that is a change by more than kappa, and if another Zeeman sublevel that the
        modes couple to lies within |g| or kappa at the `magnetic_field` (T), or if no field is given that
        could keep it away: then two levels are not enough.
        """
        g = np.asarray(coupling.g)
        grid = np.round(g / (np.abs(g).max() or 1.0), 12)
        _, first, counts = np.unique(grid, axis=0, return_index=True, return_counts=True)
        groups = [
            Emitters(int(n), tuple(g[k]), coupling.gamma, pump_rate=pump_rate, dephasing_rate=dephasing_rate)
            for k, n in sorted(zip(first, counts, strict=True))
        ]
        modes = [CavityMode(kappa, kappa_ext)] * g.shape[1]
        close = coupling.close_sublevels(magnetic_field or 0.0, max(kappa, float(np.abs(g).max())))
        remarks = [
            f"sublevel m = {m:+d} of the upper level lies only {abs(shift) / (2e6 * math.pi):.3g} MHz away, within |g| or "
            "kappa: a two-level emitter is not enough"
            + ("" if magnetic_field else " (no magnetic_field given)")
            for m, shift in close.items()
        ]
        offset = float(coupling.detunings[np.argmax(np.abs(coupling.detunings))])
        if abs(offset) > kappa:
            remarks.insert(
                0,
                f"a mode lies {offset / (2e9 * math.pi):+.4g} GHz from the transition, {abs(offset) / kappa:.2g} kappa: "
                "here it is taken as tuned to resonance",
            )
        return cls(
            groups, modes, mode_coupling=mode_coupling, reference=coupling.frequency, remarks=tuple(remarks)
        )

    def __repr__(self) -> str:
        groups = ", ".join(f"{group.number} × {len(group.scheme.levels)} levels" for group in self.emitters)
        return f"CavitySystem({groups}; {len(self.modes)} mode(s))"

    def to_dict(self) -> dict[str, Any]:
        """Plain data (JSON, TOML)."""
        data: dict[str, Any] = {
            "emitters": [group.to_dict() for group in self.emitters],
            "modes": [mode.to_dict() for mode in self.modes],
            "reference": self.reference,
            "remarks": list(self.remarks),
        }
        if self.mode_coupling is not None:
            data["mode_coupling"] = [
                [[z.real, z.imag] for z in row] for row in np.asarray(self.mode_coupling)
            ]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CavitySystem:
        """The inverse of `to_dict`."""
        matrix = data.get("mode_coupling")
        return cls(
            [Emitters.from_dict(group) for group in data["emitters"]],
            [CavityMode.from_dict(mode) for mode in data["modes"]],
            mode_coupling=None if matrix is None else [[complex(*z) for z in row] for row in matrix],
            reference=data["reference"],
            remarks=tuple(data.get("remarks", ())),
        )

    def to_qutip(self, photons: Sequence[int]) -> Any:
        """Hamiltonian and collapse operators for QuTiP (see `atomcavity.dynamics.interop`)."""
        from atomcavity.dynamics.interop import to_qutip

        return to_qutip(self, photons)
