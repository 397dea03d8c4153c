"""The equations of motion of the second-order moments, in the units of the system's fastest rate.

For different emitters of groups k and l, with S = <sigma_z>, p = (1 + S)/2 and perp = (gamma + pump)/2 + dephasing,

    A_ik = <a_i^+ sigma_k>,  B_kl = <sigma_k^+ sigma_l>,  C_ij = <a_i^+ a_j>,  X_kl = sum_i g_ki^* A_il

    dS_k/dt  = pump_k (1 - S_k) - gamma_k (1 + S_k) - 4 Im X_kk
    dA_ik/dt = -(kappa_i/2 + perp_k + i Delta_k) A_ik + i sum_j M_ij^* A_jk + i S_k sum_j g_kj C_ij + feed_ik
    feed_ik  = i sum_l N_l g_li B_lk + i g_ki (p_k - B_kk)
    dB_kl/dt = -D_kl B_kl - i S_k X_kl + i S_l X_lk^*,   D_kl = perp_k + perp_l - i (Delta_k - Delta_l)
    dC/dt    = -(kappa_i + kappa_j)/2 C + i M^* C - i C M^T + Q + Q^+,   Q_ij = -i sum_k N_k g_kj^* A_ik

(third-order moments <a_i^+ sigma_z a_j> = S C_ij and so on; Meiser, Ye, Carlson and Holland, PRL 102, 163601
(2009), for one group).  With the cavity eliminated first (kernel K of `elimination`), <sigma_w^+ sigma_zu sigma_v>
is factorised instead: the light follows, A is the solution of 0 = -kappa_i/2 A_ik + i sum_j M_ij^* A_jk + feed_ik,
and D_kl gains K_kk^* (1 + S_k) + K_ll (1 + S_l).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.elimination import Elimination, eliminate
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Moments:
    """The moment equations of the classes of equal emitters; rates are divided by `unit`.

    number, g, pump, gamma, perp, detuning  of each class, (class,) and (class, mode)
    kappa, matrix  of the modes; detunings are counted from `frame` (rad/s)
    kernel      K_kk of each class if the cavity is eliminated, else 0
    amplitude   (mode, class), a_i = sum_k amplitude_ik S_k, if the cavity is eliminated
    member, phase  of each given group: its class, and the phase of its coupling that the class leaves out
    """

    number: Real
    g: Complex
    pump: Real
    gamma: Real
    perp: Real
    detuning: Real
    kappa: Real
    matrix: Complex
    kernel: Complex
    amplitude: Complex
    kept: bool
    unit: float
    frame: float
    member: NDArray[np.intp]
    phase: Real
    warnings: tuple[str, ...]

    @property
    def uncoupled(self) -> Real:
        """S that pump and decay alone would make; the ground state without them."""
        total = self.pump + self.gamma
        return np.divide(self.pump - self.gamma, total, out=-np.ones_like(total), where=total > 0)

    @property
    def modes(self) -> int:
        """The number of modes."""
        return len(self.kappa)

    def damping(self, s: Real) -> Complex:
        """D, (class, class)."""
        one = self.perp - 1j * self.detuning + self.kernel.conj() * (1 + s)
        return one[:, None] + one.conj()[None, :]

    def projected(self, a: Complex) -> Complex:
        """X, (class, class)."""
        return self.g.conj() @ a

    def feed(self, s: Real, b: Complex) -> Complex:
        """What the emitters feed into A, (mode, class)."""
        fed: Complex = self.paired(b) + 1j * self.g.T * (1 + s) / 2
        return fed

    def paired(self, b: Complex) -> Complex:
        """What the pairs of different emitters feed into A."""
        fed: Complex = 1j * ((self.g.T * self.number) @ b - self.g.T * b.diagonal())
        return fed

    def following(self, s: Real, b: Complex) -> Complex:
        """A of an eliminated cavity."""
        response = np.diag(self.kappa / 2) - 1j * self.matrix.conj()
        return np.asarray(np.linalg.solve(response, self.feed(s, b)), complex)

    def light(self, a: Complex) -> Complex:
        """C of an eliminated cavity."""
        found: Complex = a @ (self.number * self.amplitude).T
        return found

    def rate_s(self, s: Real, a: Complex) -> Real:
        """dS/dt."""
        exchange = np.einsum("ki,ik->k", self.g.conj(), a).imag
        return self.pump * (1 - s) - self.gamma * (1 + s) - 4 * exchange

    def rate_a(self, s: Real, a: Complex, b: Complex, c: Complex) -> Complex:
        """dA/dt (of an eliminated cavity: what must vanish)."""
        rate = self.feed(s, b) - self.kappa[:, None] / 2 * a + 1j * self.matrix.conj() @ a
        if self.kept:
            rate += 1j * s * (c @ self.g.T) - (self.perp + 1j * self.detuning) * a
        return rate

    def rate_b(self, s: Real, a: Complex, b: Complex) -> Complex:
        """dB/dt."""
        return self.source_b(s, a) - self.damping(s) * b

    def source_b(self, s: Real, a: Complex) -> Complex:
        """dB/dt without its damping."""
        half = -1j * s[:, None] * self.projected(a)
        return half + half.conj().T

    def change_b(self, s: Real, a: Complex, b: Complex, ds: Real, da: Complex) -> Complex:
        """The linear change of dB/dt with S and A."""
        half = -1j * (ds[:, None] * self.projected(a) + s[:, None] * self.projected(da))
        one = self.kernel.conj() * ds
        return half + half.conj().T - (one[:, None] + one.conj()[None, :]) * b

    def rate_c(self, a: Complex, c: Complex) -> Complex:
        """dC/dt."""
        left = -np.diag(self.kappa / 2) + 1j * self.matrix.conj()
        fed = -1j * a @ (self.number[:, None] * self.g.conj())
        half = left @ c + fed
        return half + half.conj().T

    def pairs(self, s: Real, a: Complex) -> Complex:
        """The stationary B that belongs to S and A."""
        damping = self.damping(s)
        damping[damping == 0] = 1  # a single emitter without decay: it has no pairs
        return self.source_b(s, a) / damping


def moments(system: CavitySystem, kept: bool, start: Complex | None = None) -> Moments:
    """The moment equations of a system; groups of equal emitters (up to the phase of g) become one class.

    start  further numbers of each group that must be equal inside a class, (group, 2): its S and <sigma>

    Raises `InputError` for a driven system or emitters with a level scheme.
    """
    if system.driven:
        raise InputError(
            "Cumulants() are phase symmetric and do not treat a coherent drive; use MeanField() or Exact()"
        )
    for k, group in enumerate(system.emitters):
        if group.levels is not None:
            raise InputError(
                f"emitters[{k}] has a level scheme: Cumulants() treat two-level emitters; use MeanField() or Exact()"
            )
    g = np.array([e.g_modes for e in system.emitters])
    phase = np.angle(g[np.arange(len(g)), np.argmax(np.abs(g), axis=1)])
    turned = g * np.exp(-1j * phase)[:, None]
    table = np.array(
        [(e.pump_rate, e.gamma, e.dephasing_rate, e.detuning) for e in system.emitters], dtype=float
    )
    scale = float(np.abs(g).max()) or 1.0
    rounded = np.round(turned / scale, 13)
    turn = np.exp(-1j * phase)[:, None]
    extra = np.zeros((len(g), 0)) if start is None else np.round(start * turn ** [0, 1], 13)
    keys = np.hstack([rounded.real, rounded.imag, table, extra.real, extra.imag]) + 0.0
    _, first, member = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    numbers = np.bincount(member.ravel(), weights=[e.number for e in system.emitters]).astype(float)
    pump, gamma, dephasing, detuning = table[first].T
    return _scaled(
        system, kept, numbers, turned[first], pump, gamma, dephasing, detuning, member.ravel(), phase
    )


def emitter_pairs(m: Moments, pairs: Complex, numbers: NDArray[np.int_]) -> Complex:
    """<sigma_u^+ sigma_v> of the given groups (first two axes) from that of the classes."""
    turn = np.exp(-1j * m.phase)
    shape = (len(numbers), len(numbers)) + (1,) * (pairs.ndim - 2)
    found = pairs[np.ix_(m.member, m.member)] * np.outer(turn, turn.conj()).reshape(shape)
    single = np.flatnonzero(numbers == 1)
    found[single, single] = np.nan + 1j * np.nan
    return found


def _scaled(
    system: CavitySystem,
    kept: bool,
    number: Real,
    g: Complex,
    pump: Real,
    gamma: Real,
    dephasing: Real,
    detuning: Real,
    member: NDArray[np.intp],
    phase: Real,
) -> Moments:
    found: Elimination | None = None if kept else eliminate(system)
    weights = number * np.sum(np.abs(g) ** 2, axis=1)
    weights = weights if weights.any() else number
    frame = float(weights @ detuning / weights.sum()) if found is None else found.frequency
    matrix = system.mode_matrix - frame * np.eye(len(system.modes))
    perp = (gamma + pump) / 2 + dephasing
    amplitude = np.zeros(g.T.shape, complex)
    fast = [np.abs(g).max(), np.abs(matrix).max(), system.kappas.max()]
    if found is not None:
        amplitude = -1j * np.linalg.solve(np.diag(system.kappas / 2) + 1j * matrix, g.conj().T)
        fast = [number @ np.abs(np.einsum("ki,ik->k", g, amplitude))]
    unit = float(max(perp.max(), np.ptp(detuning), *fast)) or 1.0
    return Moments(
        number=number,
        g=g / unit,
        pump=pump / unit,
        gamma=gamma / unit,
        perp=perp / unit,
        detuning=(detuning - frame) / unit,
        kappa=system.kappas / unit,
        matrix=matrix / unit,
        kernel=1j * np.einsum("ki,ik->k", g, amplitude) / unit,
        amplitude=amplitude,
        kept=kept,
        unit=unit,
        frame=frame,
        member=member,
        phase=phase,
        warnings=() if found is None else found.warnings,
    )
