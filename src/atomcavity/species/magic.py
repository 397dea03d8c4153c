r"""Magic wavelengths and angles: where two levels have the same polarizability.

The difference of two polarizabilities is a sum of poles, $f(\omega)=\sum_j r_j/(p_j-\omega)$.  Its zeros
are the finite eigenvalues of a bordered diagonal pencil, so all of them are found at once: none can be
missed between two grid points, and a pole can not be mistaken for a zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError
from atomcavity.species.model import ATOMIC_POLARIZABILITY

Array = NDArray[np.float64]

_RESIDUAL = 1e-9  # |f| at a root, relative to the sum of the moduli of its terms


@dataclass(frozen=True)
class Differential:
    r"""Two polarizabilities at one wavelength and their difference (C^2 m^2/J), first minus second.

    `per_wavelength` is $d(\alpha_a-\alpha_b)/d\lambda$ (per m), `per_angle` the derivative (per rad) with
    respect to `angle` (rad), the angle between linear polarization and the quantisation axis; both
    are NaN for elliptical light, which has no such angle.
    """

    wavelength: float
    angle: float
    first: float
    second: float
    per_wavelength: float
    per_angle: float

    @property
    def value(self) -> float:
        """The difference, first minus second."""
        return self.first - self.second


@dataclass(frozen=True)
class MagicPoint:
    r"""A point where two levels have the same polarizability.

    `wavelength` (m), `angle` between linear polarization and axis (rad, NaN for elliptical light), the
    common `polarizability` (C^2 m^2/J), `slope` $d(\alpha_a-\alpha_b)/d\lambda$ (per m) and `slope_angle`
    (per rad).
    """

    wavelength: float
    angle: float
    polarizability: float
    slope: float
    slope_angle: float

    @classmethod
    def of(cls, difference: Differential) -> MagicPoint:
        """The magic point at which `difference` was evaluated."""
        d = difference
        return cls(d.wavelength, d.angle, d.first, d.per_wavelength, d.per_angle)

    def __str__(self) -> str:
        per_nm, per_mrad = 1e-9 / ATOMIC_POLARIZABILITY, 1e-3 / ATOMIC_POLARIZABILITY
        text = (
            f"{self.wavelength * 1e9:.6g} nm: α = {self.au:.5g} a.u., slope {self.slope * per_nm:.3g} a.u./nm"
        )
        if math.isnan(self.angle):
            return text
        return f"{text}, {self.slope_angle * per_mrad:.3g} a.u./mrad at {math.degrees(self.angle):.4g}°"

    @property
    def au(self) -> float:
        """The common polarizability in atomic units."""
        return self.polarizability / ATOMIC_POLARIZABILITY


def zeros_of_pole_sum(poles: Array, residues: Array, low: float, high: float) -> list[float]:
    r"""All zeros of $\sum_j r_j/(p_j-x)$ in [low, high], ascending.

    They are the finite eigenvalues of the pencil $\begin{pmatrix}P&b\\c^T&0\end{pmatrix}-x\,
    \mathrm{diag}(1,\ldots,1,0)$ with $b_jc_j=r_j$, polished by Newton's method and checked.
    Raises `ConvergenceError` if a zero does not pass the check.
    """
    from scipy.linalg import eig

    p, index = np.unique(poles, return_inverse=True)
    r = np.bincount(index, weights=residues)
    keep = r != 0
    if not keep.any():
        return []
    scale = float(np.max(np.abs(p)))
    p, r = p[keep] / scale, r[keep] / np.max(np.abs(r))
    root = np.sqrt(np.abs(r))
    pencil = np.block([[np.diag(p), (np.sign(r) * root)[:, None]], [root[None, :], np.zeros((1, 1))]])
    weight = np.diag([*np.ones(len(p)), 0.0])
    alpha, beta = eig(pencil, weight, right=False, homogeneous_eigvals=True)
    finite = np.abs(beta) > 1e-13 * np.abs(alpha)
    candidates = alpha[finite] / beta[finite]
    real = candidates.real[np.abs(candidates.imag) <= 1e-9 * np.abs(candidates)]
    margin = 1e-9 * max(abs(low), abs(high)) / scale
    inside = real[(real >= low / scale - margin) & (real <= high / scale + margin)]
    zeros = sorted(_polish(x, p, r) * scale for x in inside)
    return [x for x in zeros if low <= x <= high]


def _polish(x: float, poles: Array, residues: Array) -> float:
    """Newton steps on the pole sum, kept between the neighbouring poles."""
    for _ in range(4):
        terms = residues / (poles - x)
        step = float(np.sum(terms) / np.sum(terms / (poles - x)))
        nearest = float(np.min(np.abs(poles - x)))
        x -= math.copysign(min(abs(step), nearest / 2), step)
    terms = residues / (poles - x)
    residual = abs(float(np.sum(terms))) / float(np.sum(np.abs(terms)))
    if not residual < _RESIDUAL:
        raise ConvergenceError(f"a magic wavelength converged only to a relative residual of {residual:.1e}")
    return float(x)


def aligned_zeros(scalar: float, tensor: float) -> list[float]:
    r"""Angles in [0, pi/2] with $s + t\,(3\cos^2\theta-1)/2 = 0$ (at most one; none if t vanishes)."""
    if tensor == 0:
        return []
    square = (1 - 2 * scalar / tensor) / 3
    return [math.acos(math.sqrt(square))] if 0 <= square <= 1 else []
