r"""Micromotion of a cold Coulomb crystal: orbits, Eq. (4), and their expansion (14)-(16) in epsilon.

In units of the trap's length and $2/\Omega$ ion i moves as $r_i(\tau)=R_{0,i}+2\sum_{n\ge1}R_{2n,i}\cos2n\tau$.  Equation
numbers are those of Kazakov et al., PRA 96, 023412 (2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import reals, require
from atomcavity.traps.crystal.coulomb import CROSS_OVER, PRECISIONS, coulomb, multipoles_installed
from atomcavity.traps.paul import PaulTrap

Array = NDArray[np.float64]

_STRAIN = 2e-3  # step of the difference quotients along a strain: error of some 1e-10 in the derivative


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


@dataclass(frozen=True)
class Expansion:
    r"""Eqs. (14)-(16) around mean positions (ion, 3) in units of the trap's length, for every epsilon.

    The sum over the other ions in (14), the derivative of the Coulomb forces under the strain $\Lambda_{rf}$, is a
    quotient of differences; it is made once.
    """

    mean: Array
    linear: Array
    cubic: Array
    rf: Array

    @classmethod
    def of(cls, trap: PaulTrap, positions: Array) -> Expansion:
        """The expansion for the matrices of a trap, any number of ions."""
        mean, rf = checked_positions(positions), trap.rf
        linear = mean @ rf
        cubic = linear @ trap.static + linear @ rf @ rf / 16 - _strained_force(mean, linear)
        return cls(mean, linear, cubic, rf)

    def at(self, epsilon: float) -> Orbits:
        r"""The orbits, with relative errors of order $\epsilon^4$ in $R_2$ and $\epsilon^2$ in $R_4$ and $R_6$."""
        second = epsilon / 4 * self.linear + epsilon**3 / 16 * self.cubic
        fourth = epsilon**2 / 64 * self.linear @ self.rf
        sixth = epsilon**3 / 2304 * self.linear @ self.rf @ self.rf
        return Orbits(np.stack((self.mean, second, fourth, sixth)), np.nan)


def checked_positions(positions: ArrayLike) -> Array:
    """A copy of finite positions of shape (ion, 3)."""
    mean = reals(positions, "positions")
    require(
        mean.ndim == 2 and mean.shape[1] == 3 and bool(np.all(np.isfinite(mean))),
        f"positions must have shape (ion, 3) and be finite, got {mean.shape}",
    )
    return mean


def precision(n: int) -> float:
    """Precision of the Coulomb sums over n ions: the finest of the fast multipole method where it pays, else 0 (direct)."""
    return PRECISIONS[-1] if n > CROSS_OVER and multipoles_installed() else 0.0


def _strained_force(r: Array, direction: Array) -> Array:
    """sum_j Q_ij.(u_i - u_j) with Eq. (13): the derivative of the Coulomb force along `direction` u."""

    def difference(step: float) -> Array:
        ahead, behind = (coulomb(r + sign * step * direction, precision(len(r)))[1] for sign in (1, -1))
        return behind - ahead  # the gradients are minus the forces

    return (8 * difference(_STRAIN) - difference(2 * _STRAIN)) / (12 * _STRAIN)
