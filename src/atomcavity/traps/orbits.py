r"""Periodic orbits of the ions of a crystal by harmonic balance: Eqs. (3) and (4) without expansion in epsilon.

Equation numbers are those of Kazakov et al., PRA 96, 023412 (2017); units as in `atomcavity.traps.micromotion`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import ConvergenceError, require
from atomcavity.traps.crystal.coulomb import coulomb
from atomcavity.traps.micromotion import Orbits, checked_positions
from atomcavity.traps.paul import PaulTrap

Array = NDArray[np.float64]

_SOFT = 30.0  # times epsilon^4: curvatures below it are taken from differences of forces
_FREE = 1e-10  # curvature (scaled) below which a mode counts as a free rotation
_RADIUS = 0.2  # largest distance that an ion moves in the first step, in units of the trap's length
_NOISE = 1e-13  # relative error of the effective potential


def periodic_orbits(
    trap: PaulTrap, positions: ArrayLike, *, harmonics: int = 6, rtol: float = 1e-13, steps: int = 200
) -> Orbits:
    r"""The periodic solution of Eq. (3) near mean positions (ion, 3), in units of `trap.length`.

    For up to some hundred ions (dense matrices of 3 ion x 3 ion).  For given means R_0 the `harmonics` R_2, R_4 ...
    follow by iteration, and the mean force left over is the gradient of an effective potential of the means.  Newton's
    method goes down in it to a minimum, by steps of bounded length; so a crystal in an isotropic pseudopotential turns
    to where the higher orders in epsilon hold it, and another crystal than the given one may be reached.

    `ConvergenceError` if the largest force does not fall to `rtol` of the largest Coulomb force on an ion within
    `steps`: in a trap where the crystal is not held.
    """
    require(
        isinstance(harmonics, int) and harmonics >= 1,
        f"harmonics = {harmonics!r} must be a whole number, at least 1",
    )
    require(rtol > 0, f"rtol = {rtol!r} must be above zero")
    balance = _Balance(trap, harmonics)
    mean = checked_positions(positions)
    require(len(np.unique(mean, axis=0)) == len(mean), "two ions are at the same position")
    here = balance.settle(mean, np.zeros((harmonics, *mean.shape)))
    radius, best = _RADIUS, np.inf
    for _ in range(steps):
        if here.residual <= rtol or (here.residual <= 100 * rtol and here.residual >= best):
            return Orbits(np.concatenate((here.mean[None], here.moving)), here.residual)
        best = min(best, here.residual)
        step = balance.newton_step(here)
        while radius > 1e-14:
            size = float(np.abs(step).max())
            there = balance.settle(_moved(here.mean, -step * min(1.0, radius / size)), here.moving)
            if there.energy <= here.energy + _NOISE * abs(here.energy):
                here, radius = there, max(radius, min(2 * size, 2 * radius))
                break
            radius = min(size, radius) / 4
    raise ConvergenceError(
        f"no periodic orbits of {len(mean)} ions at epsilon = {trap.epsilon:.3g} within {steps} steps: the force left is "
        f"{best:.2g} of the largest (asked for {rtol:.2g})"
    )


def _moved(mean: Array, step: Array) -> Array:
    """mean + step to first order in the step, its rotation a finite one: a turning crystal is not stretched."""
    from scipy.spatial.transform import Rotation

    centred = mean - mean.mean(axis=0)
    inertia = np.sum(centred**2) * np.eye(3) - centred.T @ centred
    turn = np.linalg.pinv(inertia) @ np.sum(np.cross(centred, step), axis=0)
    rest = step - np.cross(turn, centred)
    return np.asarray(Rotation.from_rotvec(turn).apply(centred) - centred + mean + rest)


@dataclass(frozen=True)
class _State:
    """Means R_0 (ion, 3), harmonics R_2 ... (n, ion, 3), gradient and value of the effective potential, residual."""

    mean: Array
    moving: Array
    gradient: Array
    energy: float
    residual: float


class _Balance:
    """Eq. (3) in harmonics: the trap's part solved exactly, the Coulomb part at equidistant times."""

    def __init__(self, trap: PaulTrap, count: int) -> None:
        self.eps, self.rf, self.static = trap.epsilon, trap.rf, trap.static
        times = 2 * count + 4
        tau = np.pi * (np.arange(times) + 0.5) / (2 * times)  # the orbits are even in tau
        self.n = np.arange(1, count + 1)
        self.cosines = np.cos(2 * np.outer(np.arange(count + 1), tau))
        # (4 n^2 - eps^2 Lambda_s) R_2n - eps Lambda_rf (R_2n-2 + R_2n+2) = -eps^2 F_2n for n >= 1
        matrix = np.kron(np.diag(4.0 * self.n**2), np.eye(3))
        matrix -= np.kron(np.eye(count), self.eps**2 * self.static)
        matrix -= np.kron(np.eye(count, k=1) + np.eye(count, k=-1), self.eps * self.rf)
        self.inverse = np.linalg.inv(matrix).reshape(count, 3, count, 3)
        self.driven = self.inverse[:, :, 0] @ (self.eps * self.rf)

    def positions(self, mean: Array, moving: Array) -> Array:
        """(time, ion, 3)."""
        return mean + 2 * np.tensordot(self.cosines[1:].T, moving, axes=1)

    def coulomb(self, mean: Array, moving: Array) -> tuple[float, Array]:
        """Mean Coulomb energy, harmonics (n, ion, 3) of the Coulomb forces."""
        found = [coulomb(r) for r in self.positions(mean, moving)]
        force = -np.stack([gradient for _, gradient in found])
        return float(np.mean([e for e, _ in found])), np.tensordot(self.cosines, force, axes=1) / len(found)

    def settle(self, mean: Array, moving: Array) -> _State:
        """The harmonics for given means, by iteration from `moving`."""
        driven = np.einsum("nij,aj->nai", self.driven, mean)
        for _ in range(50):
            new = driven - self.eps**2 * np.einsum(
                "nimj,maj->nai", self.inverse, self.coulomb(mean, moving)[1][1:]
            )
            change = float(np.abs(new - moving).max())
            moving = new
            if change <= 1e-16 * (1 + float(np.abs(mean).max())):
                break
        energy, forces = self.coulomb(mean, moving)
        gradient = mean @ self.static + 2 / self.eps * moving[0] @ self.rf - forces[0]
        scale = float(np.abs(forces[0]).max()) or 1.0  # one ion has no neighbours
        energy += self._of_the_trap(mean, moving)
        return _State(mean, moving, gradient, energy, float(np.abs(gradient).max()) / scale)

    def _of_the_trap(self, mean: Array, moving: Array) -> float:
        """Mean of potential less kinetic energy in the trap's field, in units of eps^2."""
        all_ = np.concatenate((mean[None], moving))
        weights = np.where(np.arange(len(all_)), 1.0, 0.5)
        static = float(np.einsum("n,nai,ij,naj", weights, all_, self.static, all_))
        swing = 2 / self.eps * float(np.sum(all_[:-1] @ self.rf * all_[1:]))
        kinetic = 4 / self.eps**2 * float(self.n**2 @ np.sum(moving**2, axis=(1, 2)))
        return static + swing - kinetic

    def newton_step(self, state: _State) -> Array:
        """Inverse of the modulus of the effective potential's curvature, times its gradient (ion, 3)."""
        matrix = self.jacobian(state)
        matrix = (matrix + matrix.T) / 2
        values, modes = np.linalg.eigh(matrix)
        soft = modes[:, np.abs(values) < _SOFT * self.eps**4]
        if soft.size:
            missing = self._along(state, soft) - matrix @ soft
            matrix += missing @ soft.T + soft @ missing.T - soft @ (soft.T @ missing) @ soft.T
            values, modes = np.linalg.eigh((matrix + matrix.T) / 2)
        along = modes.T @ state.gradient.ravel() / np.maximum(np.abs(values), _FREE)
        return np.asarray((modes @ along).reshape(-1, 3))

    def _along(self, state: _State, modes: Array, step: float = 1e-4) -> Array:
        """Change of the gradient along modes (3 ion, mode), by differences."""
        found = []
        for mode in modes.T:
            move = step * mode.reshape(-1, 3)
            ahead, behind = (self.settle(state.mean + s * move, state.moving).gradient for s in (1, -1))
            found.append((ahead - behind).ravel() / (2 * step))
        return np.array(found).T

    def jacobian(self, state: _State) -> Array:
        """Second derivatives of the effective potential (3 ion, 3 ion), but for terms of relative order eps^4."""
        n = len(state.mean)
        strain = np.eye(3) + 2 * np.einsum(
            "nt,nij->tij", self.cosines[1:], self.driven
        )  # dr/dR_0 at each time
        average, first = np.zeros((n, 3, n, 3)), np.zeros((n, 3, n, 3))
        times = zip(self.positions(state.mean, state.moving), self.cosines[1], strain, strict=True)
        for r, cosine, x in times:
            pair = coulomb_jacobian(r) @ x / self.cosines.shape[1]
            average += pair
            first += cosine * pair
        response = -(self.eps**2) * np.einsum("ij,ajbk->aibk", self.inverse[0, :, 0], first)
        result = 2 / self.eps * np.einsum("ij,ajbk->aibk", self.rf, response) - average
        result[np.arange(n), :, np.arange(n), :] += self.static + 2 / self.eps * self.rf @ self.driven[0]
        return result.reshape(3 * n, 3 * n)


def coulomb_jacobian(r: Array) -> Array:
    """Derivative of `coulomb_force`, shape (ion, 3, ion, 3)."""
    n = len(r)
    difference = r[:, None] - r
    square = np.einsum("ijk,ijk->ij", difference, difference)
    np.fill_diagonal(square, np.inf)
    pair = 3 * np.einsum("ijk,ijl,ij->ikjl", difference, difference, square**-2.5)
    pair -= np.einsum("kl,ij->ikjl", np.eye(3), square**-1.5)
    own = pair.sum(axis=2)
    pair[np.arange(n), :, np.arange(n), :] = -own
    return pair
