"""The classical equations of modes and emitters: expectation values factorised, <a sigma> = <a><sigma>.

    d alpha_i/dt = -kappa_i/2 alpha_i - i sum_j M_ij alpha_j - i eta_i - i sum_k N_k sum_c g*_kci rho_k,ul
    d rho_k/dt = L_k rho_k - i sum_c [ (sum_i g_kci alpha_i) |u><l| + h.c., rho_k ]

with rho_k the density matrix of one emitter of group k, c = (l, u) its transitions in the cavity, M the
modes' matrix and L_k the emitter's own generator (energies, drives, decays, dephasing).

Phases that are free (nothing fixes them: no drive) turn with `phases`: alpha_i -> exp(i q_i theta) alpha_i,
rho_ab -> exp(i (p_a - p_b) theta) rho_ab.  A lasing state is stationary in a frame that turns with them at
the frequencies nu: alpha_i(t) = alpha_i exp(-i q_i nu t).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.mean_field_phases import free_phases
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


class Model:
    """The classical equations of a system as real ones, y = (Re alpha, Im alpha, x of the batches)."""

    def __init__(self, system: CavitySystem) -> None:
        self.system = system
        self.modes = len(system.modes)
        self.phases = free_phases(system)
        self.batches = _batches(system, self.phases.levels)
        self.empty = _as_real(-np.diag(system.kappas / 2) - 1j * system.mode_matrix)
        self.drive = np.concatenate([system.drives.imag, -system.drives.real])
        turns = self.phases.modes.T
        self.turn = np.array([_as_real(1j * np.diag(q)) for q in turns]).reshape(
            len(turns), *self.empty.shape
        )
        sizes = [b.own0.size for b in self.batches]
        self.starts = 2 * self.modes + np.concatenate([[0], np.cumsum(sizes)]).astype(int)
        self.size = int(self.starts[-1])

    @property
    def free(self) -> int:
        """The number of free phases."""
        return len(self.turn)

    def split(self, y: Real) -> tuple[Real, list[Real]]:
        """The field f and x (group, x) of each batch."""
        parts = zip(self.batches, self.starts[:-1], self.starts[1:], strict=True)
        return y[: 2 * self.modes], [y[a:b].reshape(batch.own0.shape) for batch, a, b in parts]

    def join(self, f: Real, x: list[Real]) -> Real:
        """The inverse of `split`."""
        return np.concatenate([f, *(part.ravel() for part in x)])

    def alpha(self, y: Real) -> Complex:
        """Amplitudes of the modes."""
        return y[: self.modes] + 1j * y[self.modes : 2 * self.modes]

    def densities(self, y: Real) -> list[Complex]:
        """Density matrix of one emitter of each group."""
        found: dict[int, Complex] = {}
        for batch, x in zip(self.batches, self.split(y)[1], strict=True):
            found.update(zip(batch.members.tolist(), batch.density(x), strict=True))
        return [found[k] for k in range(len(found))]

    def state(self, alpha: Complex, densities: list[Complex]) -> Real:
        """y of amplitudes and density matrices."""
        parts = []
        for batch in self.batches:
            rho = np.array([densities[k].ravel() for k in batch.members])
            parts.append(_real_part(batch, rho))
        return self.join(np.concatenate([alpha.real, alpha.imag]), parts)

    def right(self, y: Real, nu: Real) -> Real:
        """dy/dt in the frame that turns with nu."""
        f, xs = self.split(y)
        df = (self.empty + np.tensordot(nu, self.turn, 1)) @ f + self.drive
        dx = []
        for batch, x in zip(self.batches, xs, strict=True):
            matrix, vector = batch.generator(f, nu)
            dx.append(np.einsum("kxy,ky->kx", matrix, x) + vector)
            df = df + np.einsum("k,kfx,kx->f", batch.number, batch.light, x)
        return self.join(df, dx)

    def jacobian(self, y: Real, nu: Real) -> Real:
        """d(dy/dt)/dy: only the fields link the groups."""
        f, xs = self.split(y)
        m = 2 * self.modes
        total = np.zeros((self.size, self.size))
        total[:m, :m] = self.empty + np.tensordot(nu, self.turn, 1)
        for batch, x, start in zip(self.batches, xs, self.starts, strict=False):
            groups, n = x.shape
            rows = slice(start, start + groups * n)
            matrix, _ = batch.generator(f, nu)
            push = np.einsum("kfxy,ky->kxf", batch.field, x) + batch.field0.transpose(0, 2, 1)
            total[rows, :m] = push.reshape(groups * n, m)
            pull = batch.number[:, None, None] * batch.light
            total[:m, rows] = pull.transpose(1, 0, 2).reshape(m, groups * n)
            block = total[rows, rows].reshape(groups, n, groups, n)
            block[np.arange(groups), :, np.arange(groups), :] = matrix
            total[rows, rows] = block.reshape(groups * n, groups * n)
        return total

    def rotations(self, y: Real) -> Real:
        """Derivatives of the state with respect to its free phases, (phase, y)."""
        f, xs = self.split(y)
        rows = []
        for r, turn in enumerate(self.turn):
            parts = [np.einsum("kxy,ky->kx", b.turn[:, r], x) for b, x in zip(self.batches, xs, strict=True)]
            rows.append(self.join(turn @ f, parts))
        return np.array(rows).reshape(self.free, self.size)

    def emitters(self, f: Real, nu: Real) -> list[Real]:
        """x of the emitters that are stationary in the field f; NaN or huge where that is not unique."""
        found = []
        for batch in self.batches:
            matrix, vector = batch.generator(f, nu)
            found.append(-np.linalg.solve(matrix, vector[:, :, None])[:, :, 0].astype(float))
        return found

    def balance(self, f: Real, nu: Real) -> tuple[Real, Real, Real]:
        """df/dt with the emitters stationary in f, its derivatives (f, f + nu), and the size of its terms.

        Raises `numpy.linalg.LinAlgError` if the emitters' stationary state is not unique.
        """
        empty = self.empty + np.tensordot(nu, self.turn, 1)
        value = empty @ f + self.drive
        size = np.abs(empty) @ np.abs(f) + np.abs(self.drive)
        slope = np.concatenate([empty, (self.turn @ f).T], axis=1)
        for batch, x in zip(self.batches, self.emitters(f, nu), strict=True):
            matrix, _ = batch.generator(f, nu)
            push = np.einsum("kfxy,ky->kxf", batch.field, x) + batch.field0.transpose(0, 2, 1)
            twist = np.einsum("krxy,ky->kxr", batch.turn, x)
            change = -np.linalg.solve(matrix, np.concatenate([push, twist], axis=2))
            pull = batch.number[:, None, None] * batch.light
            value = value + np.einsum("kfx,kx->f", pull, x)
            size = size + np.einsum("kfx,kx->f", np.abs(pull), np.abs(x))
            slope = slope + np.einsum("kfx,kxv->fv", pull, change)
        return value, slope, size

    def canonical(self, y: Real) -> Real:
        """The same state with the free phases chosen such that the brightest modes are real and positive."""
        alpha, rho = self.alpha(y), self.densities(y)
        fixed: set[int] = set()
        for r, charges in enumerate(self.phases.modes.T):
            size = np.where(charges != 0, np.abs(alpha), 0.0)
            size[list(fixed)] = 0.0
            pivot = int(np.argmax(size))
            if size[pivot] == 0:
                continue
            fixed.add(pivot)
            angle = -np.angle(alpha[pivot]) / charges[pivot]
            alpha = alpha * np.exp(1j * charges * angle)
            turns = [np.exp(1j * p[:, r] * angle) for p in self.phases.levels]
            rho = [t[:, None] * m * t.conj() for t, m in zip(turns, rho, strict=True)]
        return self.state(alpha, rho)


def light_scale(model: Model) -> float:
    """An amplitude that the emitters' dipoles can drive, sum_k N_k |g_k|/(losses of the modes)."""
    pull = sum(float(np.sum(b.number[:, None, None] * np.abs(b.light))) for b in model.batches)
    return pull / float(np.abs(model.empty).max())


def _batches(system: CavitySystem, levels: list[Real]) -> list[Batch]:
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


def _as_real(matrix: Complex) -> Real:
    """A complex matrix as a real one on (Re, Im)."""
    return np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])


def _real_part(batch: Batch, rho: Complex) -> Real:
    return ((rho - batch.matrix0) @ np.linalg.pinv(batch.matrix).T).real
