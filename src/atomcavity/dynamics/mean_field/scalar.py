"""All stationary states when the emitters see one field: roots of one complex function.

If every coupling is a multiple of one row v of unit norm, g_kci = c_kc v_i, the emitters see A = v . alpha only.
With f(nu) = [kappa/2 + i (M - nu)]^-1 and the polarizability P(n, nu) = -i sum_k N_k sum_c c*_kc rho_k,ul / A
of emitters that are stationary in the field A (n = |A|^2, frequency nu):

    D(n, nu) A = -i eta_eff,   D = 1/(v f v^+) - P,   eta_eff = v f eta/(v f v^+).

Two-level emitters: P = sum_k N_k |c_k|^2 z_k/[gamma_perp,k + i (Delta_k - nu)], where
z_k = z0_k/[1 + 4 n |c_k|^2 gamma_perp,k/(Gamma_k (gamma_perp,k^2 + (Delta_k - nu)^2))],
Gamma = gamma + pump, z0 = (pump - gamma)/Gamma, gamma_perp = Gamma/2 + dephasing.  Lasing: D = 0;
driven at nu = 0: n |D|^2 = |eta_eff|^2.  A drive Omega_k = 2 c_k beta of all emitters adds beta to the field that
they see: with A + beta for A, and eta_eff + i beta/(v f v^+) for eta_eff, the equations are the same.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.mean_field.batch import transitions
from atomcavity.dynamics.mean_field.grid import lines_of
from atomcavity.dynamics.mean_field.model import Model
from atomcavity.dynamics.mean_field.starts import turning
from atomcavity.dynamics.system import CavitySystem

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Seed = tuple[Complex, float]

CHUNK = 2_000_000  # elements of one temporary array
REFINEMENTS = 3  # of the cells that may hold a root
PIECES = 7  # points of a refined cell in each direction
FINE = 200  # the same for the one-dimensional search of a driven cavity


def scalar_field(system: CavitySystem) -> ScalarField | None:
    """The system as one with a single field, or None if its emitters see several."""
    table = np.array([g for e in system.emitters for *_, g in transitions(e)]).reshape(-1, len(system.modes))
    size = np.linalg.norm(table, axis=1)
    if len(table) == 0 or size.max() == 0:
        return None
    v = table[np.argmax(size)] / size.max()
    if np.any(np.linalg.norm(table - np.outer(table @ v.conj(), v), axis=1) > 1e-12 * size.max()):
        return None
    beta = _common_drive(system, v)
    if beta is None:
        return None
    emitters = [replace(e, drive=0.0) for e in system.emitters] if beta else system.emitters
    alone = Model(CavitySystem(emitters, system.modes, mode_coupling=system.mode_coupling))
    lit = np.abs(v) > 1e-12
    if alone.free == 0 or not np.allclose(alone.phases.modes[lit].sum(axis=1), 1.0):
        return None
    return ScalarField(system, alone, v, beta)


def _common_drive(system: CavitySystem, v: Complex) -> complex | None:
    """beta with Omega = 2 g beta/v for all two-level emitters: their drive acts like a field; None: there is none."""
    drives = np.array([e.drive for e in system.emitters])
    if not drives.any():
        return 0.0
    if any(e.levels is not None for e in system.emitters):
        return None
    g = np.array([np.array(e.g_modes) @ v.conj() for e in system.emitters])
    beta = complex(g.conj() @ drives / (2 * np.sum(np.abs(g) ** 2)))
    alike = np.abs(drives - 2 * g * beta).max() <= 1e-12 * np.abs(drives).max()
    return beta if alike else None


class ScalarField:
    """D(n, nu) of a system, and its roots."""

    def __init__(self, system: CavitySystem, alone: Model, v: Complex, beta: complex) -> None:
        self.system, self.alone, self.v, self.beta = system, alone, v, beta
        self.response = np.diag(system.kappas / 2) + 1j * system.mode_matrix
        two = [k for k, e in enumerate(system.emitters) if e.levels is None]
        chosen = [system.emitters[k] for k in two]
        self.g2 = np.array([abs(np.array(e.g_modes) @ v.conj()) ** 2 for e in chosen])
        self.number = np.array([e.number for e in chosen], dtype=float)
        self.rate = np.array([e.gamma + e.pump_rate for e in chosen])
        self.pumped = np.array([e.pump_rate - e.gamma for e in chosen])
        self.perp = self.rate / 2 + np.array([e.dephasing_rate for e in chosen])
        self.shift = np.array([e.detuning for e in chosen])
        self.lines = lines_of(system, v)
        self.schemes = [k for k, e in enumerate(system.emitters) if e.levels is not None]

    def bare(self, nu: Real) -> Complex:
        """1/(v f v^+), the field's own loss and detuning."""
        one = np.eye(len(self.v))
        solved = np.linalg.solve(
            self.response - 1j * nu[:, None, None] * one,
            np.broadcast_to(self.v.conj(), (len(nu), len(self.v)))[..., None],
        )
        return 1 / (solved[..., 0] @ self.v)

    def polarizability(self, n: Real, nu: Real) -> Complex:
        """P for pairs of n and nu."""
        total = np.zeros(len(n), dtype=complex)
        step = max(1, CHUNK // max(1, len(self.g2)))
        for start in range(0, len(n), step) if len(self.g2) else ():
            part = slice(start, start + step)
            detuned = self.shift - nu[part, None]
            bottom = self.rate * (self.perp**2 + detuned**2)
            z = self.pumped * bottom / (self.rate * (bottom + 4 * n[part, None] * self.g2 * self.perp))
            total[part] = (z / (self.perp + 1j * detuned)) @ (self.number * self.g2)
        return total + self._schemes(n, nu) if self.schemes else total

    def _schemes(self, n: Real, nu: Real) -> Complex:
        """The part of groups with a level scheme, by their stationary density matrices."""
        model, field = self.alone, np.concatenate([self.v.real, -self.v.imag])
        turning = self._turning
        total = np.zeros(len(n), dtype=complex)
        for batch in model.batches:
            own = [j for j, k in enumerate(batch.members) if k in self.schemes]
            for j in own:
                push = np.tensordot(field, batch.field[j], 1), field @ batch.field0[j]
                turn = np.tensordot(turning, batch.turn[j], 1)
                matrix = batch.own[j] + np.sqrt(n)[:, None, None] * push[0] + nu[:, None, None] * turn
                vector = batch.own0[j] + np.sqrt(n)[:, None] * push[1]
                x = -np.linalg.solve(matrix, vector[..., None])[..., 0]
                light = batch.light[j][: model.modes] + 1j * batch.light[j][model.modes :]
                total += batch.number[j] * (x @ (self.v @ light)) / np.sqrt(n)
        return total

    @property
    def _turning(self) -> Real:
        """The frequencies of the free phases for which every lit mode turns at 1."""
        return np.asarray(
            np.linalg.lstsq(self.alone.phases.modes, np.ones(len(self.v)), rcond=None)[0], float
        )

    def difference(self, n: Real, nu: Real) -> Complex:
        """D for pairs of n and nu."""
        return self.bare(nu) - self.polarizability(n, nu)

    def seeds(self, model: Model, growing: Real) -> list[tuple[Real, Real]]:
        """All roots as fields f and frequencies of the model's free phases.

        growing  frequencies of the dark state's growing deviations: close to a threshold the grid may step over the
                 narrow range with gain, but the root is then next to one of these
        """
        if not model.free:
            found = [(alpha, np.zeros(0)) for alpha in self.driven()]
        else:
            near = [root for nu in growing for root in self._saturated(float(nu))]
            found = [(alpha, turning(model, alpha, nu)) for alpha, nu in near + self.lasing()]
        return [(np.concatenate([alpha.real, alpha.imag]), nu) for alpha, nu in found]

    def _saturated(self, nu: float) -> list[Seed]:
        """Where the gain at this frequency is saturated to the loss."""
        from scipy.optimize import brentq

        def gain(log: float) -> float:
            return float(self.difference(np.array([np.exp(log)]), np.array([nu])).real[0])

        n = self.lines.photons(float(self.system.kappas.min()))
        values = self.difference(n, np.full(len(n), nu)).real
        crossed = np.flatnonzero(np.sign(values[:-1]) != np.sign(values[1:]))
        return [self._seed(float(np.exp(brentq(gain, np.log(n[j]), np.log(n[j + 1])))), nu) for j in crossed]

    def lasing(self) -> list[Seed]:
        """Amplitudes and frequencies of all roots of D = 0 that the grid resolves."""
        modes = np.asarray(np.linalg.eigvals(self.response), complex)
        nu = self.lines.frequencies(modes, absorbing=bool(self.schemes) or bool(np.any(self.pumped < 0)))
        if not self.schemes:  # Re D >= loss - gain of the inverted groups, unsaturated
            gain = np.zeros(len(nu))
            for k in np.flatnonzero(self.pumped > 0):
                weight = self.number[k] * self.g2[k] * self.perp[k] * self.pumped[k] / self.rate[k]
                gain += weight / (self.perp[k] ** 2 + (self.shift[k] - nu) ** 2)
            enough = gain >= self.bare(nu).real
            enough[1:] |= enough[:-1].copy()
            enough[:-1] |= enough[1:].copy()
            if not enough.any():
                return []
            nu = nu[enough]
        return [
            self._seed(n, w) for n, w in self._cells(self.lines.photons(float(self.system.kappas.min())), nu)
        ]

    def _cells(self, n: Real, nu: Real) -> list[tuple[float, float]]:
        """Centres of small cells in which real and imaginary part of D both change sign."""
        corners = np.zeros((0, 4))
        grids = [(n, nu)]
        for _ in range(REFINEMENTS + 1):
            corners = self._changing(grids)
            grids = [(np.linspace(a, b, PIECES), np.linspace(c, d, PIECES)) for a, b, c, d in corners]
        return [((a + b) / 2, (c + d) / 2) for a, b, c, d in corners]

    def _changing(self, grids: list[tuple[Real, Real]]) -> Real:
        """The cells (n, n, nu, nu) of the grids at whose corners both parts of D change sign."""
        if not grids:
            return np.zeros((0, 4))
        meshes = [np.meshgrid(n, nu, indexing="ij") for n, nu in grids]
        flat = [np.concatenate([mesh[axis].ravel() for mesh in meshes]) for axis in (0, 1)]
        values = self.difference(*flat)
        found, start = [], 0
        for n, nu in grids:
            value = values[start : start + len(n) * len(nu)].reshape(len(n), len(nu))
            start += value.size
            rows, columns = np.nonzero(_changes(value.real) & _changes(value.imag))
            found.append(np.stack([n[rows], n[rows + 1], nu[columns], nu[columns + 1]], axis=1))
        return np.concatenate(found)

    def _seed(self, n: float, nu: float) -> Seed:
        field = np.linalg.solve(self.response - 1j * nu * np.eye(len(self.v)), self.v.conj())
        return np.sqrt(n) * field / (self.v @ field), nu

    def driven(self) -> list[Complex]:
        """Amplitudes of all states locked to the drive of the modes: roots of n |D|^2 = |eta_eff|^2."""
        zero = np.zeros(1)
        bare = complex(self.bare(zero)[0])
        field = np.linalg.solve(self.response, self.system.drives)
        eta = (complex(self.v @ field) + 1j * self.beta) * bare
        photons = self.lines.photons(float(self.system.kappas.min()))
        low = abs(eta) ** 2 / (abs(bare) + self.lines.gain) ** 2 / 4
        high = 4 * ((2 * abs(eta) / self.system.kappas.min()) ** 2 + photons[-1])
        n = np.geomspace(low, high, int(FINE * np.log10(high / low)) + 2)
        value = n * np.abs(self.difference(n, np.zeros(len(n)))) ** 2 - abs(eta) ** 2
        found = []
        for j in np.flatnonzero(np.sign(value[:-1]) != np.sign(value[1:])):
            number = np.array([np.sqrt(n[j] * n[j + 1])])
            amplitude = -1j * eta / complex(self.difference(number, zero)[0])
            p = complex(self.polarizability(number, zero)[0])
            source = p * amplitude * self.v.conj() - 1j * self.system.drives
            found.append(np.asarray(np.linalg.solve(self.response, source), complex))
        return found


def _changes(part: Real) -> NDArray[np.bool_]:
    """Whether the corners of each cell have both signs."""
    corners = np.stack([part[:-1, :-1], part[1:, :-1], part[:-1, 1:], part[1:, 1:]])
    return (corners.min(axis=0) <= 0) & (corners.max(axis=0) >= 0)
