"""Two-time moments by the regression theorem, and whether the state without light would amplify.

    d a_j/dt     = -kappa_j/2 a_j - i sum_m M_jm a_m - i sum_k N_k g_kj^* sigma_k
    d sigma_k/dt = -(perp_k + i Delta_k) sigma_k + i S_k sum_j g_kj a_j

with S held at its stationary value: exact for a field of Gaussian statistics.  With the cavity eliminated

    d sigma_k/dt = -[perp_k + i Delta_k + K_kk (1 + S_k)] sigma_k + S_k sum_l K_kl N_l sigma_l
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.cumulants.moments import Moments

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
ROUNDING = 1e-14  # eigenvalues smaller than this part of the matrix are rounding errors


def regression(m: Moments, s: Real, a: Complex, c: Complex) -> tuple[Complex, Complex, Complex]:
    """Matrix, start <a_i^+ x> as (mode, x), and a_j as functionals (mode, x) of x; rates in units of `m.unit`."""
    if not m.kept:
        kernel = 1j * (m.g @ m.amplitude) * m.number
        matrix = s[:, None] * kernel - np.diag(m.perp + 1j * m.detuning + m.kernel * (1 + s))
        return matrix, a, m.amplitude * m.number
    lines, member = np.unique(m.perp + 1j * m.detuning, return_inverse=True)
    weights = m.number[:, None] * m.g.conj()
    if len(lines) * m.modes >= len(m.number):
        return (
            coherences(m, s),
            np.hstack([c, a]),
            np.eye(m.modes, m.modes + len(s), dtype=complex),
        )
    # the modes see only sum_k N_k g_kj^* sigma_k over the emitters of each line
    joined = np.zeros((len(lines), m.modes, m.modes), complex)
    np.add.at(joined, member.ravel(), (s[:, None] * weights)[:, :, None] * m.g[:, None, :])
    start = np.zeros((len(lines), m.modes, m.modes), complex)
    np.add.at(start, member.ravel(), weights[:, :, None] * a.T[:, None, :])
    size = len(lines) * m.modes
    matrix = np.zeros((m.modes + size, m.modes + size), complex)
    matrix[: m.modes, : m.modes] = -np.diag(m.kappa / 2) - 1j * m.matrix
    matrix[: m.modes, m.modes :] = -1j * np.tile(np.eye(m.modes), len(lines))
    matrix[m.modes :, : m.modes] = 1j * joined.reshape(size, m.modes)
    matrix[m.modes :, m.modes :] = -np.diag(np.repeat(lines, m.modes))
    first = np.hstack([c, start.reshape(size, m.modes).T])
    return matrix, first, np.eye(m.modes, m.modes + size, dtype=complex)


def coherences(m: Moments, s: Real) -> Complex:
    """The matrix of (a, sigma) with the cavity kept, (mode + class, mode + class)."""
    top = np.hstack([-np.diag(m.kappa / 2) - 1j * m.matrix, -1j * (m.number[:, None] * m.g.conj()).T])
    low = np.hstack([1j * s[:, None] * m.g, -np.diag(m.perp + 1j * m.detuning)])
    return np.vstack([top, low])


def growth(m: Moments, s: Real) -> float:
    """The fastest growth of the amplitudes (in units of `m.unit`) when the inversions are S: > 0 above threshold."""
    none = np.zeros((m.modes, len(s)), complex)
    matrix, _, _ = regression(m, s, none, np.zeros((m.modes, m.modes), complex))
    return fastest(matrix)


def fastest(matrix: Complex) -> float:
    """The largest real part of the eigenvalues; 0 where it is a rounding error."""
    found = float(np.linalg.eigvals(matrix).real.max())
    return 0.0 if abs(found) < ROUNDING * np.abs(matrix).max() else found
