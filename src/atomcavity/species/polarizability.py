r"""Dynamic polarizability of a fine-structure level in any field: the general theory.

A level's polarizability is a sum of oscillators.  With the reduced matrix elements $d_k$ to the levels
$k$ at $\omega_k = (E_k-E)/\hbar$ (negative for lower levels), F. Le Kien, P. Schneeweiss and
A. Rauschenbeutel, Eur. Phys. J. D 67, 92 (2013), Eqs. 10-19, give

$\alpha^s=\sum_k s_k\frac{2\omega_k}{\omega_k^2-\omega^2}$,
$\alpha^v=\sum_k v_k\frac{2\omega}{\omega_k^2-\omega^2}$,
$\alpha^t=\sum_k t_k\frac{2\omega_k}{\omega_k^2-\omega^2}$

with $s_k, v_k, t_k$ proportional to $d_k^2/\hbar$ and 3j/6j factors.  Linewidths are left out: the
result is for light detuned from every line by many natural linewidths.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import InputError, require
from atomcavity.numerics.wigner import wigner_6j
from atomcavity.species.model import ATOMIC_POLARIZABILITY, Level, Transition

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Oscillators:
    """Poles (rad/s, signed) and strengths (C^2 m^2/(J s)) of a level's polarizability; shapes (k,)."""

    names: tuple[str, ...]
    frequency: Array
    scalar: Array
    vector: Array
    tensor: Array

    def parts(self, omega: Array) -> tuple[Array, Array, Array]:
        """Scalar, vector and tensor polarizability at the angular frequencies `omega` (any shape)."""
        w, pole = omega[..., None], self.frequency
        denominator = pole**2 - w**2
        require(
            bool(np.all(denominator != 0)),
            "the light is exactly resonant with a line; the polarizability is for detuned light",
        )
        even = 2 * pole / denominator
        return even @ self.scalar, (2 * w / denominator) @ self.vector, even @ self.tensor

    def slopes(self, omega: Array) -> tuple[Array, Array, Array]:
        """Derivatives of `parts` with respect to the angular frequency."""
        w, pole = omega[..., None], self.frequency
        squared = (pole**2 - w**2) ** 2
        even = 4 * pole * w / squared
        odd = 2 * (pole**2 + w**2) / squared
        return even @ self.scalar, odd @ self.vector, even @ self.tensor

    def imaginary(self, xi: Array) -> tuple[Array, Array]:
        """Scalar and tensor polarizability at the imaginary frequencies i xi."""
        even = 2 * self.frequency / (self.frequency**2 + xi[..., None] ** 2)
        return even @ self.scalar, even @ self.tensor

    def poles(self, vector_factor: float, tensor_factor: float) -> tuple[Array, Array]:
        r"""Poles p and residues r with $\alpha(\omega)=\sum_j r_j/(p_j-\omega)$ for given factors.

        A line that the selection rules forbid for this sublevel and light has residue zero exactly.
        """
        even = _sum_or_zero(self.scalar, tensor_factor * self.tensor)
        odd = vector_factor * self.vector
        return np.concatenate([self.frequency, -self.frequency]), np.concatenate(
            [_sum_or_zero(even, odd), _sum_or_zero(-even, odd)]
        )


def _sum_or_zero(a: Array, b: Array) -> Array:
    """a + b, set to zero where the two cancel but for rounding."""
    total = a + b
    return np.where(np.abs(total) > 1e-13 * (np.abs(a) + np.abs(b)), total, 0.0)


@dataclass(frozen=True)
class Polarizability:
    r"""Polarizability (C^2 m^2/J) with its parts; $U=-\alpha|E|^2/4$ with E the peak amplitude.

    total = scalar + vector_factor * vector + tensor_factor * tensor, with
    vector_factor = $C\,m/2J$ and tensor_factor = $\frac{3m^2-J(J+1)}{J(2J-1)}\frac{3|u\cdot B|^2-1}{2}$
    (zero where J does not carry them).  Parts a model does not know are NaN.
    """

    scalar: Array
    vector: Array
    tensor: Array
    vector_factor: float
    tensor_factor: float
    total: Array

    def __str__(self) -> str:
        found = self.in_atomic_units()
        total, scalar, vector, tensor = (
            np.array2string(np.asarray(part), precision=1)
            for part in (found.total, found.scalar, found.vector, found.tensor)
        )
        text = f"α = {total} a.u.: scalar {scalar}"
        if self.vector_factor:
            text += f", vector {vector} times {self.vector_factor:.4g}"
        if self.tensor_factor:
            text += f", tensor {tensor} times {self.tensor_factor:.4g}"
        return text

    @property
    def au(self) -> Array:
        """The total in atomic units, (e a0)^2/E_h."""
        return self.total / ATOMIC_POLARIZABILITY

    def in_atomic_units(self) -> Polarizability:
        """The same with every part in atomic units, for display."""
        unit = ATOMIC_POLARIZABILITY
        return Polarizability(
            self.scalar / unit,
            self.vector / unit,
            self.tensor / unit,
            self.vector_factor,
            self.tensor_factor,
            self.total / unit,
        )


def combine(
    parts: tuple[Array, Array, Array], factors: tuple[float, float], total: Array | None = None
) -> Polarizability:
    """A `Polarizability` from its three parts and two geometric factors."""
    scalar, vector, tensor = parts
    if total is None:
        total = scalar + factors[0] * vector + factors[1] * tensor
    return Polarizability(scalar, vector, tensor, *factors, total)


def oscillators_of_lines(level: Level, lines: Sequence[Transition]) -> Oscillators:
    """The oscillators of `level` made by those of `lines` that start or end on it."""
    names, poles, rows = [], [], []
    for line in lines:
        other = line.upper if line.lower is level else line.lower
        names.append(other.name)
        poles.append((other.energy - level.energy) / const.hbar)
        rows.append(np.array(angular_factors(level.J, other.J)) * line.dipole**2 / const.hbar)
    table = np.array(rows).reshape(-1, 3)
    return Oscillators(tuple(names), np.array(poles), *table.T)


def with_scalar_oscillator(base: Oscillators, name: str, static: float, frequency: float) -> Oscillators:
    """`base` and one more scalar oscillator of static polarizability `static` at `frequency`."""
    return Oscillators(
        (*base.names, name),
        np.append(base.frequency, frequency),
        np.append(base.scalar, static * frequency / 2),
        np.append(base.vector, 0.0),
        np.append(base.tensor, 0.0),
    )


def angular_factors(J: float, Jk: float) -> tuple[float, float, float]:
    """Factors of d^2/hbar in the scalar, vector and tensor strengths (Le Kien et al., Eqs. 10-16)."""
    phase = -1.0 if round(J + Jk) % 2 else 1.0
    scalar = 1 / (3 * (2 * J + 1))
    vector = -math.sqrt(2 * J / ((J + 1) * (2 * J + 1))) * math.sqrt(3) * phase * wigner_6j(1, 1, 1, J, Jk, J)
    if J < 1:
        return scalar, vector, 0.0
    norm = math.sqrt(2 * J * (2 * J - 1) / (3 * (J + 1) * (2 * J + 1) * (2 * J + 3)))
    return scalar, vector, norm * math.sqrt(5) * phase * wigner_6j(1, 2, 1, J, Jk, J)


def geometric_factors(J: float, m: float, polarization: ArrayLike, axis: ArrayLike) -> tuple[float, float]:
    r"""The factors of the vector and the tensor part in the total.

    With the unit polarization u (complex, for $e^{-i\omega t}$) and unit axis B,
    $C=-i(u^*\times u)\cdot B$ (+1 for light that drives m to m+1) and the factors are $C\,m/2J$ and
    $\frac{3m^2-J(J+1)}{J(2J-1)}\frac{3|u\cdot B|^2-1}{2}$.
    """
    require(
        abs(m) <= J and (2 * (J - m)) % 2 == 0, f"m = {m:g} is not a sublevel of J = {J:g} (-J, -J+1, ..., J)"
    )
    u, b = unit_vector(polarization, "polarization"), unit_axis(axis)
    circular = float(np.real(-1j * np.dot(np.cross(u.conj(), u), b)))
    aligned = (3 * abs(np.dot(u, b)) ** 2 - 1) / 2
    vector = circular * m / (2 * J) if J > 0 else 0.0
    tensor = (3 * m**2 - J * (J + 1)) / (J * (2 * J - 1)) * aligned if J >= 1 else 0.0
    return vector, float(tensor)


def hyperfine_weights(J: float, spin: float, F: float, m: float) -> tuple[float, float]:
    r"""Weights of the vector and the tensor part in |F m>, over those in the sublevel m_J = J.

    $\langle J_z\rangle/J$ and $\langle 3J_z^2-J(J+1)\rangle/J(2J-1)$ of the coupled state, by the projection theorem.
    """
    require(
        abs(J - spin) <= F <= J + spin
        and (2 * (J + spin - F)) % 2 == 0
        and abs(m) <= F
        and (2 * (F - m)) % 2 == 0,
        f"F = {F:g}, m = {m:g} is not a sublevel of J = {J:g} with nuclear spin {spin:g}",
    )
    if F == 0:
        return 0.0, 0.0
    square = F * (F + 1)
    along = square + J * (J + 1) - spin * (spin + 1)
    vector = m * along / (2 * square * J)
    if J < 1 or F < 1:
        return vector, 0.0
    top = (3 * along * (along - 1) - 4 * square * J * (J + 1)) / ((2 * F + 3) * (2 * F + 2) * J * (2 * J - 1))
    return vector, top * (3 * m**2 - square) / (F * (2 * F - 1))


def unit_vector(vector: ArrayLike, name: str) -> NDArray[np.complex128]:
    """A Cartesian vector (complex allowed) at unit length; `InputError` for the wrong shape or zero."""
    try:
        v = np.asarray(vector, dtype=complex)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be three Cartesian components, got {vector!r}") from None
    require(v.shape == (3,), f"{name} must have three Cartesian components, got shape {v.shape}")
    length = float(np.linalg.norm(v))
    require(math.isfinite(length) and length > 0, f"{name} must be finite and not zero, got {vector!r}")
    return np.asarray(v / length, dtype=complex)


def unit_axis(axis: ArrayLike) -> Array:
    """A real unit vector along the quantisation axis."""
    b = unit_vector(axis, "axis")
    require(bool(np.all(b.imag == 0)), f"axis must be a real vector, got {axis!r}")
    return b.real
