"""A smaller system with the same physics: bright modes only, couplings made real, equal groups merged.

Modes: the smallest space of modes that contains every coupling vector and that the mode matrix
and the decay leave invariant; b = V^+ a with V of shape (mode, bright).  Modes outside start
empty, are never fed and stay empty.  Two modes with equal phases become one with sqrt(2) g.

Emitters: the phase of the coupling of a single transition is absorbed into its upper level,
|upper'> = exp(i theta) |upper>, sigma^+ = exp(-i theta) sigma'^+ (theta = arg g); initial states are turned
with it, correlations between emitters back.

Drives of the modes act on the bright ones, eta' = V^+ eta.  Where they, or drives of the emitters, break the
conservation of the excitation number, the charges only order the density matrix.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.charges import natural_charges
from atomcavity.dynamics.levels import LevelScheme
from atomcavity.dynamics.system import CavitySystem

Complex = NDArray[np.complex128]
ROUNDING = 1e-13  # real or imaginary parts below this part of the largest are rounding errors
CLOSE = 1e-12  # couplings that differ by less than this part of the largest are taken as equal


@dataclass(frozen=True, eq=False)
class Group:
    """Identical emitters of the reduced system, in numbers: levels are indices."""

    number: int
    charges: NDArray[np.int64]
    hamiltonian: Complex
    couplings: tuple[tuple[int, int, Complex], ...]
    decays: tuple[tuple[int, int, float], ...]
    dephasing: NDArray[np.float64]
    sigma: tuple[int, int] | None

    @property
    def levels(self) -> int:
        """The number of levels."""
        return len(self.charges)

    @cached_property
    def losses(self) -> NDArray[np.float64]:
        """Decay rates of the levels' amplitudes: half the population decay, plus dephasing."""
        loss = self.dephasing.copy()
        for a, _, rate in self.decays:
            loss[a] += rate / 2
        return loss

    @cached_property
    def superoperator(self) -> Complex:
        """The emitter's own generator on the elements |i><j|, index i*levels + j (without the cavity)."""
        d = self.levels
        one = np.eye(d)
        total = np.zeros((d * d, d * d), dtype=complex)
        for a, b, rate in self.decays:
            total[b * d + b, a * d + a] += rate
        for level, rate in enumerate(self.dephasing):
            total[level * d + level, level * d + level] += 2 * rate
        effective = -1j * self.hamiltonian - np.diag(self.losses)
        return total + np.kron(effective, one) + np.kron(one, effective.conj())


@dataclass(frozen=True, eq=False)
class Reduced:
    """The reduced system: `groups`, bright modes, and how to go back to the given one.

    member  index of the reduced group of each given group; phase  theta of each given group
    drive   amplitude of the drive of each bright mode; conserved  whether the excitation number is
    states  density matrix of one emitter of each reduced group (none without initial states)
    """

    groups: tuple[Group, ...]
    mode_matrix: Complex
    kappa: Complex
    rotation: Complex
    member: tuple[int, ...]
    phase: NDArray[np.float64]
    drive: Complex
    conserved: bool
    states: tuple[Complex, ...] = ()

    @cached_property
    def pumped(self) -> bool:
        """Whether any process raises the excitation number."""
        return not self.conserved or any(
            g.charges[b] > g.charges[a] for g in self.groups for a, b, rate in g.decays if rate
        )


def reduce(system: CavitySystem, states: Sequence[Complex] | None = None) -> Reduced:
    """The reduced system; groups whose initial `states` (density matrices of one emitter) differ are not merged."""
    rotation = _bright(system)
    found: dict[Hashable, int] = {}
    groups: list[Group] = []
    member, phases = [], []
    starts: list[Complex] = []
    conserved = system.drive is None
    for k, emitters in enumerate(system.emitters):
        charges, whole = natural_charges(emitters.scheme)
        conserved = conserved and whole
        group, phase = numbers(emitters.scheme, emitters.number, charges, rotation)
        start = np.zeros((0, 0), dtype=complex) if states is None else _turned(states[k], group, phase)
        key = (_fingerprint(group), (np.round(start, 12) + 0.0).tobytes())
        if key in found:
            old = groups[found[key]]
            groups[found[key]] = Group(
                old.number + group.number,
                old.charges,
                old.hamiltonian,
                old.couplings,
                old.decays,
                old.dephasing,
                old.sigma,
            )
        else:
            found[key] = len(groups)
            groups.append(group)
            starts.append(start)
        member.append(found[key])
        phases.append(phase)
    back = rotation.conj().T
    return Reduced(
        tuple(groups),
        without_rounding(back @ system.mode_matrix @ rotation),
        without_rounding(back @ np.diag(system.kappas) @ rotation),
        rotation,
        tuple(member),
        np.array(phases),
        without_rounding(back @ system.drives),
        conserved,
        () if states is None else tuple(starts),
    )


def _turned(state: Complex, group: Group, phase: float) -> Complex:
    """The density matrix of one emitter with the phase of the coupling absorbed into the upper level."""
    if group.sigma is None:
        return state
    turn = np.ones(group.levels, dtype=complex)
    turn[group.sigma[1]] = np.exp(-1j * phase)
    return without_rounding(turn[:, None] * state * turn.conj())


def _bright(system: CavitySystem) -> Complex:
    """Orthonormal columns V that span the modes which the emitters or the drive can fill, or the identity."""
    count = len(system.modes)
    decay = np.diag(system.kappas).astype(complex)
    queue = [np.conj(g) for emitters in system.emitters for g in emitters.scheme.couplings.values()]
    scale = max((float(np.linalg.norm(g)) for g in queue), default=0.0) or float(system.driven)
    if system.drive is not None:
        queue.append(system.drives * (scale / np.linalg.norm(system.drives)))
    columns: list[Complex] = []
    while queue and len(columns) < count:
        vector = np.array(queue.pop(0), dtype=complex)
        if scale == 0 or np.linalg.norm(vector) <= CLOSE * scale:
            continue
        vector /= np.linalg.norm(vector)
        rest = vector.copy()
        for _ in range(2):  # twice is enough for orthogonality to rounding
            for column in columns:
                rest -= column * (column.conj() @ rest)
        if np.linalg.norm(rest) <= CLOSE**0.5 * 1e-3:
            continue
        columns.append(rest / np.linalg.norm(rest))
        for matrix in (system.mode_matrix, decay):
            image = matrix @ columns[-1]
            image = image - columns[-1] * (columns[-1].conj() @ image)
            if np.linalg.norm(image) > CLOSE * max(float(np.abs(matrix).max()), 1e-300):
                queue.append(image * scale / np.linalg.norm(image))
    rotation = np.array(columns, dtype=complex).reshape(len(columns), count).T
    if len(columns) < count:
        return rotation
    plain = np.eye(count, dtype=complex)
    alike = np.ptp(system.kappas) == 0 and not np.any(system.mode_matrix)
    if alike:
        rotation = _aligned(system, rotation)
    return rotation if alike and _real(system, rotation) and not _real(system, plain) else plain


def _aligned(system: CavitySystem, rotation: Complex) -> Complex:
    """The columns times phases that make couplings to them as real as possible.

    Each column takes the phase, at the emitter that links it best to one of the columns before it, of that column.
    """
    table = np.array([g for e in system.emitters for g in e.scheme.couplings.values()]) @ rotation
    phases = np.ones(rotation.shape[1], dtype=complex)
    for b in range(1, len(phases)):
        link = np.abs(table[:, :b] * table[:, b, None])
        k, c = np.unravel_index(int(np.argmax(link)), link.shape)
        if link[k, c] > 0:
            turn = np.exp(1j * np.angle(table[k, c] / table[k, b]))
            phases[b] = turn
            table[:, b] *= turn
    return rotation * phases


def _real(system: CavitySystem, rotation: Complex) -> bool:
    """Whether every emitter's couplings have one phase, up to signs."""
    for emitters in system.emitters:
        for g in emitters.scheme.couplings.values():
            turned = np.asarray(g) @ rotation
            turned = turned * np.exp(-1j * np.angle(turned[np.argmax(np.abs(turned))]))
            if np.abs(turned.imag).max() > ROUNDING * np.abs(turned).max():
                return False
    return True


def numbers(
    scheme: LevelScheme, number: int, charges: tuple[int, ...], rotation: Complex
) -> tuple[Group, float]:
    """A level scheme in numbers, its couplings to the rotated modes made real; and the phase removed."""
    index = {name: k for k, name in enumerate(scheme.levels)}
    couplings = [
        (index[a], index[b], without_rounding(np.asarray(g) @ rotation))
        for (a, b), g in scheme.couplings.items()
    ]
    phase = 0.0
    if len(couplings) == 1 and not any(scheme.drives.values()) and np.any(couplings[0][2]):
        lower, upper, g = couplings[0]
        phase = float(np.angle(g[np.argmax(np.abs(g))]))
        couplings = [(lower, upper, without_rounding(g * np.exp(-1j * phase)))]
    decays = tuple((index[a], index[b], rate) for (a, b), rate in scheme.decays.items() if rate)
    dephasing = np.array([scheme.dephasing.get(name, 0.0) for name in scheme.levels])
    sigma = (couplings[0][0], couplings[0][1]) if couplings else None
    group = Group(
        number, np.array(charges), level_hamiltonian(scheme), tuple(couplings), decays, dephasing, sigma
    )
    return group, phase


def level_hamiltonian(scheme: LevelScheme) -> Complex:
    """Energies and drives of one emitter (rad/s), shape (level, level)."""
    index = {name: k for k, name in enumerate(scheme.levels)}
    hamiltonian = np.zeros((len(index), len(index)), dtype=complex)
    for name, energy in scheme.energies.items():
        hamiltonian[index[name], index[name]] = energy
    for (a, b), rabi in scheme.drives.items():
        hamiltonian[index[b], index[a]] += rabi / 2
        hamiltonian[index[a], index[b]] += np.conj(rabi) / 2
    return hamiltonian


def without_rounding(values: Complex) -> Complex:
    """Real and imaginary parts that are rounding errors of a rotation are set to zero."""
    small = ROUNDING * float(np.abs(values).max(initial=0.0))
    real = np.where(np.abs(values.real) <= small, 0.0, values.real)
    imag = np.where(np.abs(values.imag) <= small, 0.0, values.imag)
    return real + 1j * imag


def _fingerprint(group: Group) -> Hashable:
    scale = max((float(np.abs(g).max(initial=0.0)) for *_, g in group.couplings), default=0.0) or 1.0
    digits = f"{scale:.11e}"
    couplings = tuple((a, b, tuple(np.round(g / scale, 11).view(float) + 0.0)) for a, b, g in group.couplings)
    return (
        tuple(group.charges),
        group.hamiltonian.tobytes(),
        digits,
        couplings,
        tuple(sorted(group.decays)),
        group.dephasing.tobytes(),
        group.sigma,
    )
