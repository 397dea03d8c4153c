r"""Coupling of an electric-quadrupole line to the modes of a resonator, for any directions of light and magnetic field.

With the mode's field per photon E and the traceless Q_ab = sum q_e (3 x_a x_b - r^2 delta_ab) of the electrons the part of
$\frac16\sum_{ab}\partial_bE_aQ_{ab}$ (Eq. B2 of Kazakov et al., PRA 96, 023412 (2017)) that takes a photon and lifts
$|J_lIF_lm_l\rangle$ to $|J_uIF_um_u\rangle$ is, with q = m_u - m_l,

    g = (1/3 hbar) sum_ab c^{q*}_ab dE_a/dx_b <u|Q_2q|l>,   c^q = sqrt(3/2) sum_mu,nu <1 mu, 1 nu|2 q> e_mu e_nu,

so that H/hbar = g a sigma^+ + g^* a^+ sigma and |g| is half the vacuum Rabi splitting.  The e_mu are the spherical unit
vectors about the magnetic field, c^q_ab x_a x_b is r^2 C^(2)_q, and Q_ab = 2 sum_q c^{q*}_ab Q_2q with
Q_20 = sum q_e (3 z^2 - r^2)/2: Eqs. (B7)-(B12), of which (B11) and (B12) have the other sign in print (|g| is the same).  The
antisymmetric part of the gradient, the magnetic field, does not enter, nor does its trace.

The matrix element is (B14), with the reduced one of `species.QuadrupoleLine`, SI units,

    <u|Q_2q|l> = Theta(F, m) sqrt(60 pi eps_0 hbar (c/omega)^5 gamma),
    Theta = (-1)^(F_l+J_u+I) sqrt((2F_l+1)(2J_u+1)) {J_l I F_l; F_u 2 J_u} <F_l m_l, 2 q|F_u m_u>.

Theta^2 is the share of gamma that |F_u m_u> has on the way to |F_l m_l>: it adds up to one over F_l and m_l.  The paper's
Theta_ul^2 (38) is 8 times that, and its coupling, of H = (g/2)(...), is exactly twice ours: at a gradient antinode of a
standing wave along the magnetic field, circularly polarized,

    g = sqrt(10 pi c^3 gamma/(omega^2 pi w_0^2 L)) |Theta|   (half of Eq. 37, less a part 2/(k w_0)^2).

States are those of weak fields: |F, m> unmixed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.coupling.averages import emitter_positions, mean_gradient, mode_tuple
from atomcavity.coupling.dipole import Coupling, spherical_vectors
from atomcavity.errors import InputError, number, require
from atomcavity.numerics.wigner import clebsch_gordan, wigner_6j
from atomcavity.species.model import QuadrupoleLine
from atomcavity.species.polarizability import unit_axis

if TYPE_CHECKING:
    from atomcavity.coupling.averages import Mode
    from atomcavity.species import Transition
    from atomcavity.traps import TrapStates

Complex = NDArray[np.complex128]

ORDERS = (-2, -1, 0, 1, 2)
"""q = m_u - m_l of the transitions that an electric quadrupole has."""


@dataclass(frozen=True, eq=False)
class QuadrupoleCoupling(Coupling):
    """Couplings on an electric-quadrupole line, see `Coupling`; `g` is that from `lower_m` to `m`.

    F           total angular momenta (lower, upper); those J of the levels without nuclear spin
    sublevel    the lower sublevel, `lower_m`
    from_upper  sublevel of the lower level -> g to the upper sublevel m, complex (emitter, mode), at the same field: where
                else an emitter prepared in the upper sublevel may go (`zeeman` says where else the lower one may go)
    """

    F: tuple[float, float]
    sublevel: float
    from_upper: Mapping[float, Complex]

    @property
    def lower_m(self) -> float:
        """The sublevel of the lower level that `g` means."""
        return self.sublevel

    @property
    def g_factors(self) -> tuple[float, float]:
        r"""Weak-field $g_F=g_J\frac{F(F+1)+J(J+1)-I(I+1)}{2F(F+1)}$ (lower, upper).

        With Landé's g_J; the nuclear moment (some 1e-3) is left out: `Species.hyperfine` has the exact energies.
        """
        line = self.transition
        pairs = zip((line.lower, line.upper), self.F, strict=True)
        lower, upper = (_weak_field_g(level.g_factor, level.J, line.nuclear_spin, F) for level, F in pairs)
        return lower, upper

    def close_lower_sublevels(self, field: float, width: float) -> dict[float, float]:
        """Shifts (rad/s), relative to the line of g, of the lines from m to other coupled lower sublevels, closer than `width`.

        An emitter that starts from the upper sublevel may end in them.
        """
        found = {}
        for other, g in self.from_upper.items():
            moved = dataclasses.replace(self, sublevel=other)
            shift = moved.zeeman_shift(self.m, field) - self.zeeman_shift(self.m, field)
            if other != self.sublevel and abs(shift) < width and _coupled(g, self.g):
                found[other] = shift
        return found

    def _times(self, factor: complex | Complex) -> Coupling:
        rising = {m: factor * g for m, g in self.zeeman.items()}
        falling = {m: factor * g for m, g in self.from_upper.items()}
        return dataclasses.replace(self, zeeman=rising, from_upper=falling)

    def _line_name(self) -> str:
        lower, upper = (str(Fraction(value)) for value in self.F)
        return f"{self.transition.name} (E2), F = {lower}, m = {Fraction(self.sublevel)} to F = {upper}"


def couple_quadrupole(
    line: Transition,
    modes: Iterable[Mode],
    *,
    at: ArrayLike,
    axis: ArrayLike = (0.0, 0.0, 1.0),
    m: float | tuple[float, float],
    F: tuple[float, float] | None = None,
    wave_function: ArrayLike | TrapStates | None = None,
    micromotion: ArrayLike | None = None,
) -> QuadrupoleCoupling:
    """The `QuadrupoleCoupling` between |F_l m_l> and |F_u m_u>: F = (F_l, F_u), m = (m_l, m_u) along `axis`.

    F may be left out where the two levels have one F each. The frequency is that of the line, without hyperfine and
    Zeeman shifts. The other arguments are those of `coupling.couple`.

    `InputError` for an E1 line, states that do not exist or that no quadrupole joins.
    """
    if not isinstance(line, QuadrupoleLine):
        raise InputError(f"{line.name} is no electric-quadrupole line")
    F, (lower, upper) = _states(line, F, m)
    positions, modes = emitter_positions(at), mode_tuple(modes)
    gradients = np.stack(
        [mean_gradient(mode, positions, wave_function, micromotion) for mode in modes], axis=1
    )
    element = line.quadrupole / math.sqrt(2 * line.upper.J + 1)
    parts = {
        q: element / (3 * const.hbar) * np.einsum("umij,ij->um", gradients, tensor.conj())
        for q, tensor in zip(ORDERS, spherical_tensors(axis), strict=True)
    }
    rising = {lower + q: angular_factor(line, F, (lower, lower + q)) * g for q, g in parts.items()}
    falling = {upper - q: angular_factor(line, F, (upper - q, upper)) * g for q, g in parts.items()}
    return QuadrupoleCoupling(
        line,
        modes,
        positions,
        {each: g for each, g in rising.items() if abs(each) <= F[1]},
        upper,
        unit_axis(axis),
        F,
        lower,
        {each: falling[each] for each in sorted(falling) if abs(each) <= F[0]},
    )


def spherical_tensors(axis: ArrayLike) -> Complex:
    """c^q (q, 3, 3) for q = -2 ... 2 about `axis`: c^q_ab x_a x_b = r^2 C^(2)_q, symmetric and traceless."""
    vectors = spherical_vectors(axis)
    weights = [
        [[clebsch_gordan(1, mu, 1, nu, 2, q) for nu in (-1, 0, 1)] for mu in (-1, 0, 1)] for q in ORDERS
    ]
    tensors: Complex = math.sqrt(1.5) * np.einsum("qmn,ma,nb->qab", weights, vectors, vectors)
    return tensors


def angular_factor(line: Transition, F: tuple[float, float], m: tuple[float, float]) -> float:
    """Theta(F, m) of the module: its square is the share of gamma on |F_u m_u> to |F_l m_l>, an eighth of Eq. (38).

    >>> from atomcavity.species import Species
    >>> line = Species("176Lu+").transition("1S0", "3D2")
    >>> [round(8 * angular_factor(line, (7, F), (1, 0)) ** 2, 6) for F in (5, 8, 9)]
    [1.969231, 2.4, 1.976471]
    """
    (F_l, F_u), (m_l, m_u) = F, m
    if abs(m_l) > F_l or abs(m_u) > F_u:
        return 0.0
    J_l, J_u, spin = line.lower.J, line.upper.J, line.nuclear_spin
    sign = -1.0 if round(F_l + J_u + spin) % 2 else 1.0
    size = math.sqrt((2 * F_l + 1) * (2 * J_u + 1)) * wigner_6j(J_l, spin, F_l, F_u, 2, J_u)
    return sign * size * clebsch_gordan(F_l, m_l, 2, m_u - m_l, F_u, m_u)


def _states(
    line: Transition, F: tuple[float, float] | None, m: float | tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """F and m of the two states, checked."""
    known = [_momenta(level.J, line.nuclear_spin) for level in (line.lower, line.upper)]
    if F is None:
        require(
            all(len(each) == 1 for each in known),
            f"{line.name} of nuclear spin {Fraction(line.nuclear_spin)} has hyperfine structure: give F = (lower, upper)",
        )
        F = known[0][0], known[1][0]
    require(isinstance(F, (tuple, list)) and len(F) == 2, f"F = {F!r} must be the pair (lower, upper)")
    if not isinstance(m, (tuple, list)) or len(m) != 2:
        raise InputError(f"m = {m!r}; a quadrupole line takes the pair (lower, upper)")
    for end, momentum, projection, allowed in zip(("lower", "upper"), F, m, known, strict=True):
        number(projection, f"m of the {end} level")
        require(
            momentum in allowed,
            f"F = {momentum!r} of the {end} level of {line.name} is not among {', '.join(str(Fraction(each)) for each in allowed)}",
        )
        require(
            abs(projection) <= momentum and (momentum - projection) % 1 == 0,
            f"m = {projection!r} is not a sublevel of F = {Fraction(momentum)} ({end} level)",
        )
    require(
        abs(m[1] - m[0]) <= 2 and abs(F[1] - F[0]) <= 2 <= F[0] + F[1],
        f"F = {tuple(F)}, m = {tuple(m)}: a quadrupole changes F and m by at most 2, and joins no F that sum to less than 2",
    )
    return (F[0], F[1]), (m[0], m[1])


def _momenta(J: float, spin: float) -> list[float]:
    low = abs(J - spin)
    return [low + k for k in range(round(J + spin - low) + 1)]


def _weak_field_g(g_J: float, J: float, spin: float, F: float) -> float:
    if F == 0:
        return 0.0
    return g_J * (F * (F + 1) + J * (J + 1) - spin * (spin + 1)) / (2 * F * (F + 1))


def _coupled(g: Complex, largest: Complex) -> bool:
    return bool(np.any(np.abs(g) > 1e-6 * np.abs(largest).max()))
