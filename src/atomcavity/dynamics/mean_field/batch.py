"""Emitters in real coordinates: groups with the same number of levels as stacked matrices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.reduction import Group, level_hamiltonian
from atomcavity.dynamics.system import CavitySystem, Emitters

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Batch:
    """The groups with the same number d of levels, as real equations in x, the d^2 - 1 numbers of one emitter.

    With f = (Re alpha, Im alpha):  dx/dt = (own + sum_j f_j field_j + sum_r nu_r turn_r) x + own0 + sum_j f_j field0_j,
    and the emitters' part of df/dt is sum_k N_k light_k x_k.

    members  indices of the groups;  number (group,)
    own (group, x, x), own0 (group, x), field (group, f, x, x), field0 (group, f, x), turn (group, phase, x, x)
    light (group, f, x);  matrix (d*d, x) and matrix0 (d*d,): rho = matrix x + matrix0
    """

    members: NDArray[np.int64]
    number: Real
    own: Real
    own0: Real
    field: Real
    field0: Real
    turn: Real
    light: Real
    matrix: Complex
    matrix0: Complex

    def density(self, x: Real) -> Complex:
        """Density matrices (group, level, level) of x (group, x)."""
        d = round(len(self.matrix0) ** 0.5)
        return (x @ self.matrix.T + self.matrix0).reshape(len(x), d, d)

    def generator(self, f: Real, nu: Real) -> tuple[Real, Real]:
        """The matrix T and the vector t of dx/dt = T x + t in the field f."""
        matrix = self.own + np.tensordot(self.field, f, ([1], [0])) + np.tensordot(self.turn, nu, ([1], [0]))
        return matrix, self.own0 + f @ self.field0


def batches_of(system: CavitySystem, levels: list[Real]) -> list[Batch]:
    """The groups of a system by their number of levels; `levels` are the levels' charges under the free phases."""
    sizes: dict[int, list[int]] = {}
    for k, charges in enumerate(levels):
        sizes.setdefault(len(charges), []).append(k)
    return [_batch(system, members, d, levels) for d, members in sorted(sizes.items())]


def _batch(system: CavitySystem, members: list[int], d: int, levels: list[Real]) -> Batch:
    matrix, matrix0 = coordinates(d)
    project = np.linalg.pinv(matrix)
    rows: dict[str, list[Real]] = {name: [] for name in ("own", "own0", "field", "field0", "turn", "light")}
    for k in members:
        emitters = system.emitters[k]
        own = without_phase(emitters).superoperator
        fields = [_commutator(h) for h in _field_hamiltonians(emitters, len(system.modes))]
        rows["own"].append((project @ own @ matrix).real)
        rows["own0"].append((project @ own @ matrix0).real)
        rows["field"].append(np.array([(project @ c @ matrix).real for c in fields]))
        rows["field0"].append(np.array([(project @ c @ matrix0).real for c in fields]))
        turns = [(project @ _commutator(-np.diag(p)) @ matrix).real for p in levels[k].T]
        rows["turn"].append(np.array(turns).reshape(-1, matrix.shape[1], matrix.shape[1]))
        light = _light(emitters, matrix, d, len(system.modes))
        rows["light"].append(np.concatenate([light.real, light.imag]))
    number = np.array([system.emitters[k].number for k in members], dtype=float)
    tables = {name: np.array(table) for name, table in rows.items()}
    return Batch(np.array(members), number, **tables, matrix=matrix, matrix0=matrix0)


def coordinates(d: int) -> tuple[Complex, Complex]:
    """rho = matrix x + matrix0, x = (p_1 ... p_{d-1}, Re rho_ul, Im rho_ul for u > l)."""
    populations = np.eye(d, dtype=complex)[1:]
    columns = [np.diag(p - np.eye(d)[0]) for p in populations]
    for u, l in lower_pairs(d):
        for value in (1.0, 1j):
            entry = np.zeros((d, d), dtype=complex)
            entry[u, l], entry[l, u] = value, np.conj(value)
            columns.append(entry)
    ground = np.zeros((d, d), dtype=complex)
    ground[0, 0] = 1
    return np.array([c.ravel() for c in columns]).T, ground.ravel()


def lower_pairs(d: int) -> Iterator[tuple[int, int]]:
    """The pairs u > l of levels, in the order of the coordinates."""
    return ((u, l) for u in range(d) for l in range(u))


def transitions(emitters: Emitters) -> list[tuple[int, int, Complex]]:
    """(lower, upper, g of each mode) of the transitions in the cavity."""
    scheme = emitters.scheme
    index = {name: k for k, name in enumerate(scheme.levels)}
    return [(index[a], index[b], np.array(g)) for (a, b), g in scheme.couplings.items()]


def without_phase(emitters: Emitters) -> Group:
    """The emitter in numbers, its couplings as given."""
    scheme = emitters.scheme
    index = {name: k for k, name in enumerate(scheme.levels)}
    return Group(
        emitters.number,
        np.zeros(len(index), dtype=np.int64),
        level_hamiltonian(scheme),
        tuple(transitions(emitters)),
        tuple((index[a], index[b], rate) for (a, b), rate in scheme.decays.items() if rate),
        np.array([scheme.dephasing.get(name, 0.0) for name in scheme.levels]),
        None,
    )


def _field_hamiltonians(emitters: Emitters, modes: int) -> list[Complex]:
    """The cavity's Hamiltonian for f = unit vectors: Re alpha of each mode, then Im alpha."""
    d = len(emitters.scheme.levels)
    found = []
    for factor in (1.0, 1j):
        for i in range(modes):
            h = np.zeros((d, d), dtype=complex)
            for lower, upper, g in transitions(emitters):
                h[upper, lower] += factor * g[i]
            found.append(h + h.conj().T)
    return found


def _light(emitters: Emitters, matrix: Complex, d: int, modes: int) -> Complex:
    """-i sum_c g* rho_ul as a matrix on x, (mode, x)."""
    total = np.zeros((modes, matrix.shape[1]), dtype=complex)
    for lower, upper, g in transitions(emitters):
        total += -1j * np.conj(g)[:, None] * matrix[upper * d + lower]
    return total


def _commutator(h: Complex) -> Complex:
    """-i [h, rho] on the elements |i><j|, index i*d + j."""
    one = np.eye(len(h))
    return -1j * (np.kron(h, one) - np.kron(one, h.T))


def real_part(batch: Batch, rho: Complex) -> Real:
    """The coordinates x of density matrices as rows (group, level*level)."""
    return ((rho - batch.matrix0) @ np.linalg.pinv(batch.matrix).T).real
