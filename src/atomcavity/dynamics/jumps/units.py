"""What the emitters of a quantum-jump trajectory are: ladders of local states with a charge.

A group of N two-level emitters that are treated alike stays in one irreducible representation J of
the permutation group between jumps; its states are the ladder |J, M>.  A local jump operator
(decay, pump, dephasing of any one of the emitters) leads to J - 1, J or J + 1 and is coherent in M
within each of the three (Wigner-Eckart theorem); the squared amplitudes are those of Chase and
Geremia, Phys. Rev. A 78, 052101 (2008), and Shammah et al., Phys. Rev. A 98, 063815 (2018).
An emitter with a `LevelScheme` is a ladder of its levels.  Every state has a charge: the number of
excitations that it holds, so that charge plus photons is conserved between jumps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.charges import level_charges
from atomcavity.dynamics.levels import LevelScheme
from atomcavity.dynamics.reduction import level_hamiltonian
from atomcavity.dynamics.system import CavitySystem, Emitters

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Jump:
    """state s -> target[s] (-1: none) of the ladder `label`, amplitude (1/sqrt(s)), change of charge."""

    label: int
    target: Whole
    amplitude: Real
    charge: int


@dataclass(frozen=True, eq=False)
class Ladder:
    """The local states of one unit.

    charge (S,), hamiltonian (S, S; rad/s, conserves the charge), raising (mode, S, S): what
    multiplies a_i (rad/s); observables: number of emitters in each level (level, S), sigma^- (S, S)
    summed over the unit (with a `LevelScheme`: of its first coupling), and <J^+ J^-> - e (S,) for pairs inside it.
    """

    charge: Whole
    hamiltonian: Complex
    raising: Complex
    levels: Real
    lowering: Real
    pairs: Real
    jumps: tuple[Jump | None, ...]


@dataclass(frozen=True)
class Channel:
    """One kind of jump of a unit: `kind` "decay", "pump", "transfer" or "dephasing", and its change of charge."""

    kind: str
    charge: int


@dataclass(eq=False)
class Unit:
    """One ladder of a trajectory: a group of two-level emitters, or one emitter with a `LevelScheme`.

    first  label of the ladder in which it starts: 2J = N, or 0 with a `LevelScheme`
    """

    group: int
    number: int
    channels: tuple[Channel, ...]
    first: int
    _source: Emitters = field(repr=False)

    def __post_init__(self) -> None:
        build = _levels_ladder if self._source.levels is not None else _spin_ladder
        self.ladder = cache(lambda label: build(self._source, label))


def units_of(system: CavitySystem) -> list[Unit]:
    """The ladders of a system; a group with a `LevelScheme` becomes `number` of them.

    Raises `InputError` if a scheme has no conserved excitation number.
    """
    units = []
    for k, group in enumerate(system.emitters):
        if group.levels is None:
            copies = 3 if group.number > 1 else 1
            channels = tuple(channel for channel, _ in _local_jumps(group) for _ in range(copies))
            units.append(Unit(k, group.number, channels, group.number, group))
        else:
            scheme = group.levels
            charge = level_charges(scheme, f"emitters[{k}]")
            channels = tuple(
                _transfer(charge, scheme, a, b) for (a, b), rate in scheme.decays.items() if rate > 0
            )
            channels += tuple(Channel("dephasing", 0) for rate in scheme.dephasing.values() if rate > 0)
            units += [Unit(k, 1, channels, 0, group) for _ in range(group.number)]
    return units


def _local_jumps(group: Emitters) -> list[tuple[Channel, float]]:
    """The local jumps of two-level emitters that happen at all, each with the rate of its squared amplitudes (1/s)."""
    rates = {
        Channel("decay", -1): group.gamma,
        Channel("pump", 1): group.pump_rate,
        Channel("dephasing", 0): group.dephasing_rate / 2,
    }
    return [(channel, rate) for channel, rate in rates.items() if rate > 0]


def _transfer(charge: tuple[int, ...], scheme: LevelScheme, start: str, end: str) -> Channel:
    change = charge[scheme.levels.index(end)] - charge[scheme.levels.index(start)]
    kind = "decay" if change < 0 else "pump" if change > 0 else "transfer"
    return Channel(kind, change)


def local_amplitudes(number: int, twice_j: int, change: int, charge: int) -> Real:
    """Amplitudes of the local jumps |J, M> -> |J + change, M + charge>, shape (2J + 1,), unit rate.

    charge -1: sum_u sigma_u^-, +1: sum_u sigma_u^+, 0: sum_u sigma_z,u (each emitter its own jump).
    The squares of the three `change`s add up to the number of excited emitters, of those in the
    ground state, and to N.
    """
    from atomcavity.dynamics.jumps.chain_amplitudes import ladder_amplitudes

    return ladder_amplitudes(number, twice_j, change, charge)


def _spin_ladder(group: Emitters, twice_j: int) -> Ladder:
    size, lowest = twice_j + 1, (group.number - twice_j) // 2
    step = np.arange(size)
    excited = lowest + step
    up = np.diag(np.sqrt((twice_j - step[:-1]) * (step[:-1] + 1.0)), -1)  # J^+, entry [m + 1, m]
    jumps: list[Jump | None] = []
    changes = (-1, 0, 1) if group.number > 1 else (0,)
    for channel, rate in _local_jumps(group):
        jumps += [_spin_jump(group.number, twice_j, change, channel.charge, rate) for change in changes]
    return Ladder(
        charge=excited,
        hamiltonian=np.diag(group.detuning * excited).astype(complex),
        raising=np.array(group.g_modes)[:, None, None] * up,
        levels=np.array([group.number - excited, excited], dtype=float),
        lowering=up.T.copy(),
        pairs=np.einsum("ij,ij->j", up.T, up.T) - excited,
        jumps=tuple(jumps),
    )


def _spin_jump(number: int, twice_j: int, change: int, charge: int, rate: float) -> Jump | None:
    label = twice_j + 2 * change
    if not 0 <= label <= number:
        return None
    amplitude = np.sqrt(rate) * local_amplitudes(number, twice_j, change, charge)
    target = np.arange(twice_j + 1) + change + charge
    target[(amplitude == 0) | (target < 0) | (target > label)] = -1
    return Jump(label, target, amplitude, charge) if (target >= 0).any() else None


def _levels_ladder(group: Emitters, label: int) -> Ladder:
    scheme = group.scheme
    place = {name: k for k, name in enumerate(scheme.levels)}
    size, charge = len(place), np.array(level_charges(scheme))
    modes = max((len(g) for g in scheme.couplings.values()), default=0)
    raising = np.zeros((modes, size, size), dtype=complex)
    lowering = np.zeros((size, size))
    for (a, b), g in scheme.couplings.items():
        raising[:, place[b], place[a]] += g
    if scheme.couplings:
        a, b = next(iter(scheme.couplings))
        lowering[place[a], place[b]] = 1.0
    moves = [(place[a], place[b], rate) for (a, b), rate in scheme.decays.items() if rate > 0]
    moves += [(place[a], place[a], 2 * rate) for a, rate in scheme.dephasing.items() if rate > 0]
    jumps = []
    for start, end, rate in moves:
        target = np.full(size, -1)
        target[start] = end
        jumps.append(
            Jump(label, target, np.where(target >= 0, np.sqrt(rate), 0.0), int(charge[end] - charge[start]))
        )
    return Ladder(
        charge, level_hamiltonian(scheme), raising, np.eye(size), lowering, np.zeros(size), tuple(jumps)
    )
