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

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.mean_field.batch import batches_of, real_part
from atomcavity.dynamics.mean_field.phases import free_phases
from atomcavity.dynamics.system import CavitySystem

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


class Model:
    """The classical equations of a system as real ones, y = (Re alpha, Im alpha, x of the batches)."""

    def __init__(self, system: CavitySystem) -> None:
        self.system = system
        self.modes = len(system.modes)
        self.phases = free_phases(system)
        self.batches = batches_of(system, self.phases.levels)
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
            parts.append(real_part(batch, rho))
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


def _as_real(matrix: Complex) -> Real:
    """A complex matrix as a real one on (Re, Im)."""
    return np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])
