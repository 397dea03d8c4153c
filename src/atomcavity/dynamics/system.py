"""The open quantum system: emitters in groups, cavity modes, and how they are coupled.

The equation that every method solves (hbar = 1, all rates in rad/s or 1/s):

    d rho/dt = -i [H, rho] + sum_k D[c_k] rho,   D[c] rho = c rho c^+ - (c^+ c rho + rho c^+ c)/2

    H = sum_i delta_i a_i^+ a_i + sum_ij J_ij a_i^+ a_j
      + sum_i (eta_i a_i^+ + eta_i^* a_i)
      + sum_u [ Delta_u sigma_u^+ sigma_u + sum_i (g_ui a_i sigma_u^+ + g_ui^* a_i^+ sigma_u)
                + (Omega_u sigma_u^+ + Omega_u^* sigma_u)/2 ]

    c = sqrt(kappa_i) a_i, sqrt(gamma_u) sigma_u, sqrt(pump_u) sigma_u^+, sqrt(2 dephasing_u) sigma_u^+ sigma_u

in the frame that rotates at `CavitySystem.reference`; every `detuning` is own frequency minus that
reference.  For one emitter and one mode |g| is half the vacuum Rabi splitting.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.dynamics.levels import LevelScheme, Pair, complex_row, frequency, rate
from atomcavity.errors import InputError, require
from atomcavity.units import show

if TYPE_CHECKING:
    from atomcavity.coupling import Coupling


@dataclass(frozen=True)
class Emitters:
    """A group of `number` identical emitters.

    g               coupling to each mode (rad/s, complex: the phase of the mode at the emitter); one value for one mode
    gamma           natural population decay (rad/s)
    pump_rate       incoherent pump, ground to excited (1/s)
    dephasing_rate  additional decay of the coherence (1/s)
    detuning        transition frequency minus the system's reference (rad/s)
    drive           Rabi frequency Omega of a coherent drive at the reference (rad/s): H += Omega/2 sigma^+ + h.c.
    levels          a `LevelScheme` instead of the two levels above (then g, gamma, ... are not given)
    """

    number: int
    g: complex | Sequence[complex] = 0.0
    gamma: float = 0.0
    pump_rate: float = 0.0
    dephasing_rate: float = 0.0
    detuning: float = 0.0
    drive: complex = 0.0
    levels: LevelScheme | None = None

    def __post_init__(self) -> None:
        whole = isinstance(self.number, (int, np.integer)) and not isinstance(self.number, bool)
        require(
            whole and self.number >= 1, f"number of emitters = {self.number!r} must be a whole number >= 1"
        )
        object.__setattr__(self, "number", int(self.number))
        object.__setattr__(self, "g", complex_row(self.g, "g"))
        for name in ("gamma", "pump_rate", "dephasing_rate"):
            object.__setattr__(self, name, rate(getattr(self, name), name))
        object.__setattr__(self, "detuning", frequency(self.detuning, "detuning"))
        object.__setattr__(self, "drive", complex_row(self.drive, "drive")[0])
        if self.levels is not None:
            require(isinstance(self.levels, LevelScheme), f"levels = {self.levels!r} must be a LevelScheme")
            rates = (self.gamma, self.pump_rate, self.dephasing_rate)
            two_level = (*self.g_modes, *rates, self.detuning, self.drive)
            require(
                not any(two_level),
                "give either a LevelScheme (levels=) or g, gamma, pump_rate, ... of two levels, not both",
            )

    @property
    def g_modes(self) -> tuple[complex, ...]:
        """g as a tuple, one value a mode."""
        return self.g  # type: ignore[return-value]

    @property
    def couplings(self) -> Mapping[Pair, tuple[complex, ...]]:
        """(lower, upper) -> g, one complex value a mode (rad/s)."""
        return {("ground", "excited"): self.g_modes} if self.levels is None else self.levels.couplings

    @cached_property
    def scheme(self) -> LevelScheme:
        """The level scheme; two levels 'ground' and 'excited' if none was given."""
        if self.levels is not None:
            return self.levels
        return LevelScheme(
            levels=("ground", "excited"),
            couplings=self.couplings,
            drives={("ground", "excited"): self.drive} if self.drive else {},
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
            "drive": [self.drive.real, self.drive.imag],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Emitters:
        """The inverse of `to_dict`."""
        if "levels" in data:
            return cls(data["number"], levels=LevelScheme.from_dict(data["levels"]))
        drive = complex(*data.get("drive", (0.0, 0.0)))
        return cls(**{**data, "g": [complex(*g) for g in data["g"]], "drive": drive})


@dataclass(frozen=True)
class CavityMode:
    """A mode of the cavity: photon-number decay `kappa` (rad/s, full), its part `kappa_ext` into the port, detuning."""

    kappa: float
    kappa_ext: float = 0.0
    detuning: float = 0.0

    def __post_init__(self) -> None:
        for name in ("kappa", "kappa_ext"):
            object.__setattr__(self, name, rate(getattr(self, name), name))
        object.__setattr__(self, "detuning", frequency(self.detuning, "detuning"))
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
    drive          amplitude eta_i of a coherent drive of each mode at the reference (rad/s): H += eta_i a_i^+ + h.c.;
                   a probe of power P through the port: |eta|^2 = kappa_ext P/(hbar omega).  One value for one mode
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
    drive: complex | Sequence[complex] | None = None
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
            for transition, g in group.couplings.items():
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
        if self.drive is not None:
            drive = complex_row(self.drive, "drive")
            require(
                len(drive) == count,
                f"drive has {len(drive)} amplitude(s) for {count} mode(s): give one a mode",
            )
            object.__setattr__(self, "drive", drive if any(drive) else None)
        object.__setattr__(self, "reference", frequency(self.reference, "reference"))

    @property
    def driven(self) -> bool:
        """Whether a coherent drive acts on a mode or on a two-level emitter: the phase of the light is then fixed."""
        return self.drive is not None or any(group.drive for group in self.emitters)

    @property
    def drives(self) -> NDArray[np.complex128]:
        """Drive amplitudes eta of the modes (rad/s), shape (mode,)."""
        return np.zeros(len(self.modes), complex) if self.drive is None else np.array(self.drive)

    def filled(self, numbers: Sequence[int]) -> CavitySystem:
        """The system with `numbers[k]` emitters in group k; empty groups are left out.

        Raises `InputError` if a number is negative or above the group's, or if no emitter is left.
        """
        require(
            len(numbers) == len(self.emitters),
            f"filled has {len(numbers)} number(s) for {len(self.emitters)} group(s): give one a group",
        )
        for k, (count, group) in enumerate(zip(numbers, self.emitters, strict=True)):
            require(
                int(count) == count and 0 <= count <= group.number,
                f"filled[{k}] = {count!r} must be a whole number from 0 to {group.number}",
            )
        groups = [replace(e, number=int(n)) for n, e in zip(numbers, self.emitters, strict=True) if n]
        require(bool(groups), "filled: no emitter is left")
        return replace(self, emitters=groups)

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
        near = (magnetic_field or 0.0, max(kappa, float(np.abs(g).max())))
        close = [("upper", m, shift) for m, shift in coupling.close_sublevels(*near).items()]
        close += [("lower", m, shift) for m, shift in coupling.close_lower_sublevels(*near).items()]
        remarks = [
            f"sublevel m = {m:+g} of the {which} level lies only {show(abs(shift), 'angular')} away, within |g| or "
            "kappa: a two-level emitter is not enough"
            + ("" if magnetic_field else " (no magnetic_field given)")
            for which, m, shift in close
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
        if self.drive is not None:
            data["drive"] = [[z.real, z.imag] for z in self.drives]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CavitySystem:
        """The inverse of `to_dict`."""
        matrix, drive = data.get("mode_coupling"), data.get("drive")
        return cls(
            [Emitters.from_dict(group) for group in data["emitters"]],
            [CavityMode.from_dict(mode) for mode in data["modes"]],
            mode_coupling=None if matrix is None else [[complex(*z) for z in row] for row in matrix],
            drive=None if drive is None else [complex(*z) for z in drive],
            reference=data["reference"],
            remarks=tuple(data.get("remarks", ())),
        )

    def to_qutip(self, photons: Sequence[int]) -> Any:
        """Hamiltonian and collapse operators for QuTiP (see `atomcavity.dynamics.interop`)."""
        from atomcavity.dynamics.interop import to_qutip

        return to_qutip(self, photons)
