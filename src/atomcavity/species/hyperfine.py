r"""Hyperfine structure of a level in a magnetic field, from zero field to Paschen-Back.

Everything rests on $H/\hbar = A\,I\cdot J + B\frac{3(I\cdot J)^2+\frac32 I\cdot J-I(I+1)J(J+1)}{2I(2I-1)J(2J-1)}
+ \frac{\mu_B}{\hbar}\mathcal B(g_JJ_z+g_II_z)$, which conserves m = m_J + m_I: one small real symmetric matrix for
each m, linear in the field.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import InputError, reals, require
from atomcavity.numerics.wigner import clebsch_gordan, wigner_6j
from atomcavity.results import axes_or_new

Array = NDArray[np.float64]

_MAGNETON = const.value("Bohr magneton") / const.hbar  # rad/s per T
_DEGENERATE = 1e-12  # of the largest zero-field energy


@dataclass(frozen=True, kw_only=True)
class HyperfineLevel:
    r"""A level with angular momentum J of an isotope with nuclear spin I, in a magnetic field along z.

    A and B (rad/s) are the magnetic-dipole and electric-quadrupole hyperfine constants, `g_J` and `g_I` the
    g-factors in Bohr magnetons with the energy $\mu_B\mathcal B(g_Jm_J+g_Im_I)$, so that
    $g_I=-\mu/(I\mu_B)$ for the nuclear moment $\mu$.  Eq. (C3) of Kazakov et al., PRA 96, 023412 (2017), whose
    magnetic term lacks $1/\hbar$ in print.  Left out: octupole and higher terms, diamagnetism, and mixing with other
    fine-structure levels, whose distance must be large against hyperfine structure and Zeeman shifts.

    States are named by (F, m) as at zero field and followed adiabatically: within one m levels do not cross, so their
    order by energy persists at any field of either sign.  Fields in T along z, negative ones allowed; energies in
    rad/s from the level's centre of gravity.

    >>> rb = HyperfineLevel(J=1 / 2, I=3 / 2, A=2 * math.pi * 3.417341305e9, g_J=2.00233113, g_I=-0.000995141)
    >>> round(float(rb.energy(2, 0, 0.0) - rb.energy(1, 0, 0.0)) / (2 * math.pi * 1e9), 6)
    6.834683

    `InputError` for momenta that are no half-integers, constants that the momenta do not allow, states that do not
    exist, and for the name (F, m) where two F have one energy at zero field.
    """

    J: float
    I: float
    A: float = 0.0
    B: float = 0.0
    g_J: float
    g_I: float

    def __post_init__(self) -> None:
        for name in ("J", "I"):
            value = getattr(self, name)
            require(
                value >= 0 and 2 * value == round(2 * value), f"{name} = {value!r} is no angular momentum"
            )
        for name in ("A", "B", "g_J", "g_I"):
            value = getattr(self, name)
            require(math.isfinite(value), f"{name} = {value!r} of a hyperfine level must be finite")
        require(
            self.A == 0 or min(self.J, self.I) > 0,
            f"A needs J and I above 0, given J = {self.J:g}, I = {self.I:g}",
        )
        require(
            self.B == 0 or min(self.J, self.I) >= 1,
            f"B needs J and I of at least 1, given J = {self.J:g}, I = {self.I:g}",
        )

    @property
    def F(self) -> tuple[float, ...]:
        """The total angular momenta, ascending."""
        low = abs(self.J - self.I)
        return tuple(low + k for k in range(round(self.J + self.I - low) + 1))

    @property
    def states(self) -> tuple[tuple[float, float], ...]:
        """All (F, m), by F and m."""
        return tuple((f, k - f) for f in self.F for k in range(round(2 * f) + 1))

    def zero_field_energy(self, F: float) -> float:
        """Energy (rad/s) of F without field, Eq. (C1)."""
        require(F in self.F, f"F = {F!r} is not among {', '.join(f'{f:g}' for f in self.F)}")
        a, b = casimir(self.J, self.I, F)
        return self.A * a + self.B * b

    def energy(self, F: float, m: float, field: ArrayLike) -> Array:
        """Energy (rad/s) of |F, m> at the fields (T, any shape)."""
        return self._solved(F, m, field)[0]

    def energies(self, field: ArrayLike) -> Array:
        """Energies (rad/s) of all `states`, shape (..., state)."""
        return np.stack([self.energy(f, m, field) for f, m in self.states], axis=-1)

    def state(self, F: float, m: float, field: ArrayLike) -> Array:
        """Amplitudes of |F, m> over |m_J, m_I>, both ascending, shape (..., 2J+1, 2I+1).

        The sign is that of the overlap with the zero-field state with Condon-Shortley phases, J coupled before I.
        """
        _, vector, index = self._solved(F, m, field)
        block = self._block(m)
        known = [clebsch_gordan(self.J, mj, self.I, m - mj, F, m) for mj in block.m_J]
        amplitudes = vector[..., index] * np.where(vector[..., index] @ known < 0, -1.0, 1.0)[..., None]
        full = np.zeros((*amplitudes.shape[:-1], round(2 * self.J) + 1, round(2 * self.I) + 1))
        rows = np.array([round(mj + self.J) for mj in block.m_J])
        columns = np.array([round(m - mj + self.I) for mj in block.m_J])
        full[..., rows, columns] = amplitudes
        return full

    def slope(self, F: float, m: float, field: ArrayLike) -> Array:
        """dE/dB (rad/s/T) by the Hellmann-Feynman theorem."""
        _, vector, index = self._solved(F, m, field)
        return np.asarray(vector[..., index] ** 2 @ self._block(m).zeeman)

    def curvature(self, F: float, m: float, field: ArrayLike) -> Array:
        """d^2E/dB^2 (rad/s/T^2) at the fields, by second-order perturbation theory among the levels of one m."""
        values, vector, index = self._solved(F, m, field, all_values=True)
        coupling = np.einsum("...j,j,...jk->...k", vector[..., index], self._block(m).zeeman, vector)
        gap = values[..., index, None] - values
        gap[..., index] = np.inf
        return np.asarray(2 * np.sum(coupling**2 / gap, axis=-1))

    def quadratic(self, F: float, m: float) -> float:
        """Coefficient of B^2 in the energy at weak field (rad/s/T^2), Eq. (C5): half the `curvature` at zero field."""
        return float(self.curvature(F, m, 0.0)) / 2

    def derivative_bounds(self, F: float, m: float, field: float, half_width: float) -> tuple[float, float]:
        r"""Bounds on |d^2E/dB^2| and |d^3E/dB^3| of |F, m> everywhere within half_width (T) of a field.

        With w half the range of the Zeeman slopes Z in the block, no distance of two levels changes by more than
        2 w half_width (Weyl); $\sigma$, the standard deviation of Z in the state, grows at most by the factor
        $e^{2w\,\mathrm{half\ width}/\Delta}$ with the least distance $\Delta$ to another level of the same m; and
        perturbation theory gives $2\sigma^2/\Delta$ and $12w\sigma^2/\Delta^2$.  Infinite if the levels may meet, zero
        for a straight line.
        """
        values, vectors, index = self._solved(F, m, field, all_values=True)
        zeeman, weights = self._block(m).zeeman, vectors[:, index] ** 2
        half_range = float(np.ptp(zeeman)) / 2
        distance = np.min(np.abs(np.delete(values, index) - values[index]), initial=np.inf)
        least = float(distance) - 2 * half_range * half_width
        if least <= 0 or (exponent := 2 * half_range * half_width / least) > 20:
            return math.inf, math.inf
        variance = float(weights @ (zeeman - weights @ zeeman) ** 2) * math.exp(2 * exponent)
        return 2 * variance / least, 12 * half_range * variance / least**2

    def tensor_factor(self, F: float, m: float) -> float:
        r"""alpha_2/alpha_tens of |F, m> at weak field, Eq. (7) (after Itano); 0 for J < 1 and F < 1.

        The same factor turns the quadrupole moment of the level into that of the state.

        >>> round(HyperfineLevel(J=2, I=7, g_J=1.167, g_I=-0.000246).tensor_factor(9, 0), 6)
        -0.588235
        """
        require((F, m) in self.states, self._missing(F, m))
        if self.J < 1 or F < 1:
            return 0.0
        j, f = self.J, F
        root = f * (2 * f - 1) * (2 * f + 1) * (2 * j + 3) * (2 * j + 1) * (j + 1)
        root /= (2 * f + 3) * (f + 1) * j * (2 * j - 1)
        sign = -1.0 if round(self.I + j + f) % 2 else 1.0
        angle = (3 * m**2 - f * (f + 1)) / (3 * f**2 - f * (f + 1))
        return angle * sign * wigner_6j(f, j, self.I, j, f, 2) * math.sqrt(root)

    def plot(self, field: ArrayLike, ax: Any = None) -> Any:
        """Breit-Rabi diagram: the energies of all states over the fields (T, one-dimensional), a colour for each F."""
        ax = axes_or_new(ax)
        values = np.asarray(field, dtype=float)
        energies = self.energies(values) / (2e9 * math.pi)
        for number, f in enumerate(self.F):
            mine = [k for k, state in enumerate(self.states) if state[0] == f]
            lines = ax.plot(values * 1e3, energies[:, mine], color=f"C{number}", linewidth=0.9)
            lines[0].set_label(f"F = {f:g}")
        ax.set(xlabel="magnetic field (mT)", ylabel="energy/h (GHz)")
        ax.legend()
        return ax

    def _missing(self, F: float, m: float) -> str:
        return (
            f"there is no state F = {F!r}, m = {m!r} of J = {self.J:g}, I = {self.I:g}: "
            f"F is one of {', '.join(f'{f:g}' for f in self.F)}, and m = -F ... F"
        )

    def _block(self, m: float) -> _Block:
        return _block(self.J, self.I, m, self.A, self.B, self.g_J, self.g_I)

    def _index(self, F: float, m: float) -> int:
        """Place of |F, m> by energy among the states of m."""
        require((F, m) in self.states, self._missing(F, m))
        energies = {f: self.zero_field_energy(f) for f in self.F if f >= abs(m)}
        scale = max(abs(e) for e in energies.values())
        for other, value in energies.items():
            if other != F and abs(value - energies[F]) <= _DEGENERATE * scale:
                raise InputError(
                    f"F = {F:g} and F = {other:g} have one energy at zero field (A = {self.A:g}, B = {self.B:g} rad/s), "
                    "so F does not name the states"
                )
        return sorted(energies, key=energies.__getitem__).index(F)

    def _solved(
        self, F: float, m: float, field: ArrayLike, *, all_values: bool = False
    ) -> tuple[Array, Array, int]:
        """Energies of |F, m> (or of its whole block), eigenvectors of the block, and its place in them."""
        values = reals(field, "field")
        require(bool(np.all(np.isfinite(values))), "the magnetic field must be finite (in T)")
        index, block = self._index(F, m), self._block(m)
        energies, vectors = np.linalg.eigh(block.hyperfine + values[..., None, None] * np.diag(block.zeeman))
        return (energies if all_values else energies[..., index]), vectors, index


@dataclass(frozen=True, eq=False)
class _Block:
    """The states |m_J, m - m_J> of one m: hyperfine matrix (rad/s) and diagonal of the Zeeman term (rad/s/T)."""

    m_J: tuple[float, ...]
    hyperfine: Array
    zeeman: Array


@lru_cache(maxsize=1024)
def _block(J: float, I: float, m: float, A: float, B: float, g_J: float, g_I: float) -> _Block:
    low, high = max(-J, m - I), min(J, m + I)
    m_J = low + np.arange(round(high - low) + 1)
    m_I = m - m_J
    flip = np.sqrt((J - m_J[:-1]) * (J + m_J[:-1] + 1) * (I + m_I[:-1]) * (I - m_I[:-1] + 1)) / 2
    product = np.diag(m_J * m_I) + np.diag(flip, 1) + np.diag(flip, -1)  # I.J
    matrix = A * product
    if B:
        numerator = 3 * product @ product + 1.5 * product - I * (I + 1) * J * (J + 1) * np.eye(len(m_J))
        matrix = matrix + B * numerator / (2 * I * (2 * I - 1) * J * (2 * J - 1))
    return _Block(tuple(m_J.tolist()), matrix, _MAGNETON * (g_J * m_J + g_I * m_I))


def casimir(J: float, I: float, F: float) -> tuple[float, float]:
    """The factors of A and B in the zero-field energy of F, Eqs. (C1) and (C2)."""
    k = F * (F + 1) - J * (J + 1) - I * (I + 1)
    if min(J, I) < 1:
        return k / 2, 0.0
    quadrupole = 1.5 * k * (k + 1) - 2 * I * (I + 1) * J * (J + 1)
    return k / 2, quadrupole / (4 * I * (2 * I - 1) * J * (2 * J - 1))


def constants_from_intervals(J: float, I: float, intervals: Sequence[float]) -> tuple[float, float, float]:
    """(A, B, largest misfit) by unweighted least squares on the intervals between adjacent F, by ascending F.

    All in the unit of the intervals.  `InputError` unless there is one interval for each pair of neighbours.
    """
    low, count = abs(J - I), round(2 * min(J, I))
    require(
        len(intervals) == count >= 2,
        f"J = {J:g} and I = {I:g} have {count} intervals, and two constants need two of them: given {len(intervals)}",
    )
    table = np.diff([casimir(J, I, low + k) for k in range(count + 1)], axis=0)
    solution, _, rank, _ = np.linalg.lstsq(table, np.asarray(intervals, dtype=float), rcond=None)
    require(rank == 2, f"J = {J:g} and I = {I:g} do not carry both A and B")
    misfit = float(np.max(np.abs(table @ solution - intervals)))
    return float(solution[0]), float(solution[1]), misfit
