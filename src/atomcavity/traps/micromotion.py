r"""Micromotion of a cold Coulomb crystal: periodic orbits, Eqs. (3) and (4), and their expansion (14)-(16).

In units of the trap's length and $2/\Omega$ ion i moves as $r_i(\tau)=R_{0,i}+2\sum_{n\ge1}R_{2n,i}\cos2n\tau$.  Equation
numbers are those of Kazakov et al., PRA 96, 023412 (2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError, require
from atomcavity.traps.crystal.coulomb import CROSS_OVER, PRECISIONS, coulomb
from atomcavity.traps.paul import PaulTrap

Array = NDArray[np.float64]

_STRAIN = 2e-3  # step of the difference quotients along a strain: error of some 1e-10 in the derivative
_FREE = 1e-7  # a mode of the crystal with a smaller (scaled) curvature is a free rotation
_STEP = 0.2  # largest distance that an ion moves in one Newton step, in units of the trap's length


@dataclass(frozen=True, eq=False)
class Orbits:
    """Periodic motion of all ions: `harmonics` (n, ion, 3) with R_0, R_2, R_4 ... in units of the trap's length.

    `residual` is the largest force left over, in units of the largest force on an ion (NaN for an expansion, whose
    error is a power of epsilon).
    """

    harmonics: Array
    residual: float

    def positions(self, tau: Array) -> Array:
        r"""r_i at the times $\tau=\Omega t/2$ (any shape), shape (..., ion, 3)."""
        n = np.arange(len(self.harmonics))
        weights = np.where(n, 2.0, 1.0) * np.cos(2 * n * np.asarray(tau)[..., None])
        return np.tensordot(weights, self.harmonics, axes=1)

    def sums(self, power: int, axis: Array | None = None) -> Array:
        """sum_n n^power R_2n^2 of each ion, or of the component along the unit vector `axis`; shape (ion,)."""
        moving = self.harmonics[1:]
        squares = np.sum(moving**2, axis=-1) if axis is None else (moving @ axis) ** 2
        return np.asarray(np.arange(1.0, len(moving) + 1) ** power @ squares)


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


def expansion(trap: PaulTrap, positions: Array) -> Orbits:
    r"""The orbits around mean positions R_0 (ion, 3), in units of `trap.length`, by Eqs. (14)-(16), any number of ions.

    Relative errors of order $\epsilon^4$ in $R_2$ and $\epsilon^2$ in $R_4$ and $R_6$.  The sum over the other ions in
    (14) is the derivative of the Coulomb force under the strain $\Lambda_{rf}$, taken as a quotient of differences.
    """
    mean, eps, rf = np.asarray(positions, dtype=float), trap.epsilon, trap.rf
    first = mean @ rf
    cubic = first @ trap.static + first @ rf @ rf / 16 - _strained_force(mean, first)
    second = eps / 4 * first + eps**3 / 16 * cubic
    fourth = eps**2 / 64 * first @ rf
    sixth = eps**3 / 2304 * first @ rf @ rf
    return Orbits(np.stack((mean, second, fourth, sixth)), np.nan)


def _strained_force(r: Array, direction: Array) -> Array:
    """sum_j Q_ij.(u_i - u_j) with Eq. (13): the derivative of the Coulomb force along `direction` u."""
    precision = PRECISIONS[-1] if len(r) > CROSS_OVER else 0.0

    def difference(step: float) -> Array:
        ahead, behind = (coulomb(r + sign * step * direction, precision)[1] for sign in (1, -1))
        return behind - ahead  # the gradients are minus the forces

    return (8 * difference(_STRAIN) - difference(2 * _STRAIN)) / (12 * _STRAIN)


def periodic_orbits(
    trap: PaulTrap, positions: Array, *, harmonics: int = 6, rtol: float = 1e-13, steps: int = 60
) -> Orbits:
    r"""The periodic solution of Eq. (3) near mean positions (ion, 3), in units of `trap.length`, by harmonic balance.

    For up to some hundred ions (dense matrices of 3 ion x 3 ion).  For given means R_0 the `harmonics` R_2, R_4 ...
    follow by iteration; Newton's method then finds the means without a force, with the derivative of that force good
    to $\epsilon^4$.  Newton's steps go downhill in the effective potential and are at most 0.2 lengths an ion; free
    rotations are left out of them, so that a crystal in an isotropic pseudopotential turns only as far as the higher
    orders in $\epsilon$ ask for it.

    `ConvergenceError` if the largest force does not fall to `rtol` of the largest force on an ion within `steps`:
    in a trap where the crystal is not stable, or where a rotation is held by nearly nothing.
    """
    mean = np.array(positions, dtype=float)
    require(
        mean.ndim == 2 and mean.shape[1] == 3 and bool(np.all(np.isfinite(mean))),
        f"positions must have shape (ion, 3) and be finite, got {mean.shape}",
    )
    balance = _Balance(trap, harmonics)
    moving = np.zeros((harmonics, *mean.shape))
    best = np.inf
    for _ in range(steps):
        moving, left, scale = balance.settle(mean, moving)
        residual = float(np.abs(left).max() / scale)
        if residual <= rtol or (residual < 100 * rtol and residual >= best):
            return Orbits(np.concatenate((mean[None], moving)), residual)
        best = min(best, residual)
        mean = mean - _newton_step(balance.jacobian(mean, moving), left)
    raise ConvergenceError(
        f"no periodic orbits of {len(mean)} ions at epsilon = {trap.epsilon:.3g} within {steps} steps: the force left is "
        f"{best:.2g} of the largest (asked for {rtol:.2g})"
    )


def _newton_step(jacobian: Array, left: Array) -> Array:
    """The step of Newton's method down the effective potential, free rotations left out, of bounded length."""
    values, modes = np.linalg.eigh((jacobian + jacobian.T) / 2)
    along = modes.T @ left.ravel()
    held = np.abs(values) > _FREE
    step = (modes[:, held] @ (along[held] / np.abs(values[held]))).reshape(-1, 3)
    return step * min(1.0, _STEP / float(np.abs(step).max(initial=_STEP)))


class _Balance:
    """Eq. (3) in harmonics: the trap's part solved exactly, the Coulomb part at equidistant times."""

    def __init__(self, trap: PaulTrap, count: int) -> None:
        self.eps, self.rf, self.static = trap.epsilon, trap.rf, trap.static
        times = 2 * count + 4
        tau = np.pi * (np.arange(times) + 0.5) / (2 * times)  # the orbits are even in tau
        self.cosines = np.cos(2 * np.outer(np.arange(count + 1), tau))
        # (4 n^2 - eps^2 Lambda_s) R_2n - eps Lambda_rf (R_2n-2 + R_2n+2) = -eps^2 F_2n for n >= 1
        n = np.arange(1, count + 1)
        matrix = np.kron(np.diag(4.0 * n**2), np.eye(3)) - np.kron(np.eye(count), self.eps**2 * self.static)
        matrix -= np.kron(np.eye(count, k=1) + np.eye(count, k=-1), self.eps * self.rf)
        inverse = np.linalg.inv(matrix).reshape(count, 3, count, 3)
        self.inverse = inverse
        self.driven = np.einsum("nimj,jk->nimk", inverse[:, :, :1], self.eps * self.rf)[:, :, 0]

    def positions(self, mean: Array, moving: Array) -> Array:
        """(time, ion, 3)."""
        return mean + 2 * np.tensordot(self.cosines[1:].T, moving, axes=1)

    def forces(self, mean: Array, moving: Array) -> Array:
        """Harmonics (n, ion, 3) of the Coulomb forces."""
        found = np.stack([-coulomb(r)[1] for r in self.positions(mean, moving)])
        return np.tensordot(self.cosines, found, axes=1) / self.cosines.shape[1]

    def settle(self, mean: Array, moving: Array) -> tuple[Array, Array, float]:
        """R_2n for given R_0, the mean force left over (ion, 3) in units of eps^2, and the largest mean Coulomb force."""
        driven = np.einsum("nij,aj->nai", self.driven, mean)
        for _ in range(50):
            forces = self.forces(mean, moving)
            new = driven - self.eps**2 * np.einsum("nimj,maj->nai", self.inverse, forces[1:])
            change = float(np.abs(new - moving).max())
            moving = new
            if change <= 1e-16 * (1 + float(np.abs(mean).max())):
                break
        forces = self.forces(mean, moving)
        left = mean @ self.static + 2 / self.eps * moving[0] @ self.rf - forces[0]
        return moving, left, float(np.abs(forces[0]).max()) or 1.0  # one ion has no neighbours

    def jacobian(self, mean: Array, moving: Array) -> Array:
        """Derivative of the force left over by R_0 (3 ion, 3 ion), but for terms of relative order eps^4."""
        n = len(mean)
        strain = np.eye(3) + 2 * np.einsum(
            "nt,nij->tij", self.cosines[1:], self.driven
        )  # dr/dR_0 at each time
        average, first = np.zeros((n, 3, n, 3)), np.zeros((n, 3, n, 3))
        for r, cosine, x in zip(self.positions(mean, moving), self.cosines[1], strain, strict=True):
            pair = coulomb_jacobian(r) @ x / self.cosines.shape[1]
            average += pair
            first += cosine * pair
        response = -(self.eps**2) * np.einsum("ij,ajbk->aibk", self.inverse[0, :, 0], first)
        result = 2 / self.eps * np.einsum("ij,ajbk->aibk", self.rf, response) - average
        own = self.static + 2 / self.eps * self.rf @ self.driven[0]
        result[np.arange(n), :, np.arange(n), :] += own
        return result.reshape(3 * n, 3 * n)
