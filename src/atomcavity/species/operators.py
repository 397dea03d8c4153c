r"""The polarizability as an operator on the Zeeman sublevels, for fields in any direction.

$\hat\alpha_{ij}=\alpha^s\delta_{ij}-\alpha^v\frac{i\epsilon_{ijk}J_k}{2J}
+\alpha^t\frac{\frac32(J_iJ_j+J_jJ_i)-J(J+1)\delta_{ij}}{J(2J-1)}$, so that the light shift is
$-\frac14E_i^*\hat\alpha_{ij}E_j$ (Le Kien et al., Eur. Phys. J. D 67, 92 (2013), Eq. 19) and the dipole
induced by E is $\hat\alpha_{ij}E_j$.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.species.polarizability import unit_axis

Complex = NDArray[np.complex128]


def spin_matrices(J: float, axis: ArrayLike = (0, 0, 1)) -> Complex:
    """Cartesian components of J (units of hbar), shape (3, 2J+1, 2J+1), in the basis m = -J ... J along `axis`.

    The frame is completed by the smallest rotation that carries z to the axis (about x if the axis
    is -z), which fixes the phases of the basis.
    """
    m = np.arange(round(2 * J) + 1) - J
    raising = np.diag(np.sqrt(J * (J + 1) - m[:-1] * (m[:-1] + 1)), -1).astype(complex)
    lowering = raising.conj().T
    local = np.array([(raising + lowering) / 2, (raising - lowering) / 2j, np.diag(m)])
    return np.einsum("ij,jab->iab", local_axes(axis), local)


def local_axes(axis: ArrayLike) -> NDArray[np.float64]:
    """Rotation matrix (3, 3) whose columns are the local x, y and z = axis.

    x and y are those of the laboratory after the smallest rotation that carries z to the axis (about x
    for the axis -z): that fixes the phases of the sublevels.
    """
    b = unit_axis(axis)
    sine = float(np.hypot(b[0], b[1]))
    if sine == 0:
        return np.eye(3) if b[2] > 0 else np.diag([1.0, -1.0, -1.0])
    away = np.array([b[0] / sine, b[1] / sine, 0.0])  # the horizontal direction of the tilt
    fall = 1 - b[2] if b[2] < 0 else sine**2 / (1 + b[2])  # 1 - b_z, without cancellation near z
    up = np.array([0.0, 0.0, 1.0])
    turn = np.outer(away, up) - np.outer(up, away)
    return np.eye(3) + sine * turn - fall * (np.outer(away, away) + np.outer(up, up))


def polarizability_operator(
    J: float, parts: tuple[float, float, float], axis: ArrayLike = (0, 0, 1)
) -> Complex:
    """Operator of shape (3, 3, 2J+1, 2J+1), C^2 m^2/J, from the scalar, vector and tensor parts."""
    spin = spin_matrices(J, axis)
    scalar, vector, tensor = parts
    delta = np.einsum("ij,ab->ijab", np.eye(3), np.eye(round(2 * J) + 1))
    operator = scalar * delta.astype(complex)
    if J > 0:
        levi = np.zeros((3, 3, 3))
        levi[[0, 1, 2], [1, 2, 0], [2, 0, 1]] = 1
        levi[[0, 2, 1], [2, 1, 0], [1, 0, 2]] = -1
        operator += -1j * vector / (2 * J) * np.einsum("kij,kab->ijab", levi, spin)
    if J >= 1:
        product = np.einsum("iab,jbc->ijac", spin, spin)
        symmetric = 1.5 * (product + product.swapaxes(0, 1)) - J * (J + 1) * delta
        operator += tensor / (J * (2 * J - 1)) * symmetric
    return operator


def shift_operator(operator: Complex, field: Complex) -> Complex:
    """Light shift (J), shape (..., 2J+1, 2J+1), of the peak-amplitude field (..., 3) in V/m."""
    return -np.einsum("...i,ijab,...j->...ab", field.conj(), operator, field, optimize=True) / 4


def scattering(operator: Complex, state: int, field: Complex, omega: float) -> NDArray[np.float64]:
    r"""Photons scattered per second into all sublevels of the same level, from sublevel index `state`.

    $\Gamma=\frac{\omega^3}{12\pi\epsilon_0\hbar c^3}\sum_{m'i}|\langle m'|\hat\alpha_{ij}|m\rangle E_j|^2$, the
    radiation of the induced dipole (Larmor) divided by the photon energy; field (..., 3), peak V/m.
    """
    dipole = np.einsum("ija,...j->...ia", operator[..., state], field)
    power = np.sum(np.abs(dipole) ** 2, axis=(-2, -1))
    return omega**3 / (12 * np.pi * const.epsilon_0 * const.hbar * const.c**3) * power
