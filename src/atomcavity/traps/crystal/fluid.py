"""The cold charged fluid: the uniform ellipsoid that a large crystal fills (Dubin and O'Neil, Rev. Mod. Phys. 71, 87 (1999)).

Inside a uniformly charged ellipsoid the potential is quadratic, with the depolarisation coefficients L_k of its
three axes (sum L_k = 1), so that force balance w_k = 4 pi n L_k in the trap sum_k w_k x_k^2/2 fixes the density
n = (w_x + w_y + w_z)/(4 pi) and the axis ratios, L_k = w_k/(w_x + w_y + w_z).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import ConvergenceError, InputError, reals, require

Array = NDArray[np.float64]

MADELUNG = -0.895929
"""Energy per ion of the infinite bcc crystal, in q^2/(4 pi eps0 a), 4 pi a^3 n/3 = 1 (Dubin and O'Neil 1999)."""


def weight_matrix(weights: ArrayLike) -> Array:
    """The trap's symmetric matrix W, (3, 3), from a matrix, three diagonal elements or one.

    Raises `InputError` unless W is symmetric and confines in all directions.
    """
    given = reals(weights, "weights")
    if given.shape in {(), (3,)}:
        matrix = np.diag(np.broadcast_to(given, 3)).astype(float)
    else:
        matrix = given
    require(
        matrix.shape == (3, 3), f"weights must be a (3, 3) matrix or 3 numbers, not of shape {given.shape}"
    )
    require(bool(np.isfinite(matrix).all()), "weights must be finite")
    require(np.allclose(matrix, matrix.T, rtol=1e-9, atol=1e-12), "weights must be a symmetric matrix")
    matrix = (matrix + matrix.T) / 2
    lowest = np.linalg.eigvalsh(matrix)[0]
    if lowest <= 0:
        raise InputError(
            f"the trap does not confine: its weights have the eigenvalue {lowest:.6g}, not above zero"
        )
    return matrix


def depolarisation(semi_axes: ArrayLike) -> Array:
    """Depolarisation coefficients L_k of an ellipsoid: L_k = (abc/3) R_D(other two squared, a_k^2), sum 1.

    (Carlson's R_D; Landau and Lifshitz, Electrodynamics of Continuous Media, section 4.)

    >>> depolarisation((2.0, 2.0, 2.0)).round(12).tolist()
    [0.333333333333, 0.333333333333, 0.333333333333]
    """
    from scipy.special import elliprd

    a, b, c = np.asarray(semi_axes, dtype=float)
    volume = a * b * c / 3
    return volume * np.array(
        [elliprd(b * b, c * c, a * a), elliprd(a * a, c * c, b * b), elliprd(a * a, b * b, c * c)]
    )


def semi_axes(weights: ArrayLike, ions: int) -> Array:
    """Semi-axes (unit l) of the cold fluid of `ions` in the trap, along the eigenvectors of W in ascending order.

    >>> semi_axes((1.0, 1.0, 1.0), 1000).round(9).tolist()
    [10.0, 10.0, 10.0]
    """
    from scipy.optimize import root

    levels = np.linalg.eigvalsh(weight_matrix(weights))
    target = levels / levels.sum()
    volume = 3 * ions / levels.sum()  # a b c

    def axes(log_ratios: Array) -> Array:
        logs = np.append(log_ratios, -np.sum(log_ratios))
        return np.exp(logs) * volume ** (1 / 3)

    def mismatch(log_ratios: Array) -> Array:
        return (np.log(depolarisation(axes(log_ratios))) - np.log(target))[:2]

    guess = -np.log(target) / 2
    found = root(mismatch, (guess - guess.mean())[:2], tol=1e-12)
    if np.abs(mismatch(found.x)).max() > 1e-8:
        raise ConvergenceError(f"the semi-axes of the fluid in a trap with weights {levels} were not found")
    return axes(found.x)


def fluid_energy(weights: ArrayLike, ions: int) -> float:
    """Energy per ion of the cold fluid with the correlation energy of the bcc crystal, leading orders in 1/N^(1/3).

    E/N = 0.3 sum_k w_k a_k^2 - 0.895929 (trace W/3)^(1/3), unit m omega_z^2 l^2: 0.9 N^(2/3) - 0.895929 in the
    isotropic trap with W = 1.

    >>> round(fluid_energy(1.0, 1000), 6)
    89.104071
    """
    levels = np.linalg.eigvalsh(weight_matrix(weights))
    axes = semi_axes(weights, ions)
    return float(0.3 * np.sum(levels * axes**2) + MADELUNG * (levels.sum() / 3) ** (1 / 3))
