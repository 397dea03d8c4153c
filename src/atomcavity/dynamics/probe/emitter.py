"""What one emitter answers to a weak field of the modes: the resolvent of its own Liouvillian.

With A_j = sum g_j |upper><lower|, the stationary state rho_0 without light and the Liouvillian L_0 of the
emitter alone, the field a_j exp(-i omega t) makes the coherence rho_1 = i (L_0 + i omega)^-1 [A_j, rho_0] a_j, so that

    d a_i/dt = ... - sum_j Sigma_ij a_j,   Sigma_ij(omega) = -N tr( A_i^+ (L_0 + i omega)^-1 [A_j, rho_0] )

For two levels: Sigma_ij = N g_i^* g_j (p_g - p_e)/[gamma_perp + i (Delta - omega)], gamma_perp = (gamma + pump)/2 + dephasing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.charges import natural_charges
from atomcavity.dynamics.levels import LevelScheme
from atomcavity.dynamics.system import CavityMode, Emitters
from atomcavity.errors import InputError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

ROUNDING = 4 * np.finfo(float).eps


@dataclass(frozen=True, eq=False)
class EmitterResponse:
    """The coherences of one emitter that a weak field of the modes excites.

    number   N of the group
    matrix   (coherence, coherence): L_0 among them (rad/s)
    excite   (coherence, mode): [A_j, rho_0] (rad/s)
    observe  (mode, coherence): tr(A_i^+ rho) (rad/s)
    active   whether the emitter may amplify: an inverted transition, or a control drive
    emission  by how much what it emits into the modes by itself would change its populations (a ratio of rates)
    """

    number: int
    matrix: Complex
    excite: Complex
    observe: Complex
    active: bool
    emission: float

    @cached_property
    def _schur(self) -> tuple[Complex, Complex]:
        """Triangle T and unitary basis Q with matrix = Q T Q^+."""
        from scipy.linalg import schur

        triangle, basis = schur(self.matrix, output="complex")
        return triangle, basis

    def undamped(self, omega: Real) -> NDArray[np.bool_]:
        """Where omega falls on a line without damping, so that Sigma is infinite."""
        poles = self._schur[0].diagonal()[:, None]
        size = np.maximum(np.abs(poles), np.abs(omega))
        return np.any(np.abs(poles + 1j * omega) <= ROUNDING * size, axis=0)

    def susceptibility(self, omega: Real) -> tuple[Complex, Complex]:
        """Sigma_ij and d Sigma_ij/d omega at each omega (none `undamped`), both (mode, mode, omega)."""
        triangle, basis = self._schur
        before, after = basis.conj().T @ self.excite, self.observe @ basis
        first = _back_substitution(
            triangle, np.broadcast_to(before[..., None], (*before.shape, len(omega))), omega
        )
        second = _back_substitution(triangle, first, omega)
        return (
            -self.number * np.tensordot(after, first, 1),
            1j * self.number * np.tensordot(after, second, 1),
        )


def emitter_response(group: Emitters, modes: Sequence[CavityMode], name: str) -> EmitterResponse:
    """The response of a group's emitters in the state that they reach without light.

    That state is the stationary one; if there are several, the one reached from the first level.
    Raises `InputError` where a drive acts on a transition that the cavity couples to.
    """
    scheme = group.scheme
    if not natural_charges(scheme)[1]:
        raise InputError(
            f"{name}: a drive and the cavity link the same levels, so that the probe also answers at the mirrored frequency; "
            "use steady_state(method=Exact()) of the system with a weak drive="
        )
    size = len(scheme.levels)
    generator = liouvillian(scheme)
    rho = _stationary(generator, size)
    fields = _fields(scheme)
    excite = np.array([(a @ rho - rho @ a).ravel() for a in fields]).T
    observe = np.array([a.conj().ravel() for a in fields])
    kept = _reached(generator, np.any(excite != 0, axis=1))
    populations = rho.diagonal().real
    index = scheme.levels.index
    inverted = any(populations[index(b)] > populations[index(a)] for a, b in scheme.couplings)
    return EmitterResponse(
        group.number,
        generator[np.ix_(kept, kept)],
        excite[kept],
        observe[:, kept],
        inverted or any(scheme.drives.values()),
        _emission(scheme, modes, generator, populations),
    )


def _emission(
    scheme: LevelScheme, modes: Sequence[CavityMode], generator: Complex, populations: Real
) -> float:
    """Largest p_upper (rate of emission into the modes)/(incoherent rates out of both levels) of a transition."""
    largest = 0.0
    for pair, couplings in scheme.couplings.items():
        lower, upper = (scheme.levels.index(name) for name in pair)
        loss = -generator[(element := upper * len(scheme.levels) + lower), element]
        rates = sum(r for (a, _), r in scheme.decays.items() if a in pair)
        if rates > 0 and populations[upper] > 0:
            responses = [1 / (loss + mode.kappa / 2 - 1j * mode.detuning) for mode in modes]
            emitted = sum(2 * abs(g) ** 2 * f.real for g, f in zip(couplings, responses, strict=True))
            largest = max(largest, float(populations[upper] * emitted / rates))
    return largest


def liouvillian(scheme: LevelScheme) -> Complex:
    """L_0 of one emitter without the modes on vec(rho) by rows, (level^2, level^2)."""
    size, index = len(scheme.levels), scheme.levels.index
    effective = np.zeros((size, size), complex)
    feeding = np.zeros((size, size, size, size), complex)
    for name, energy in scheme.energies.items():
        effective[index(name), index(name)] += energy
    for (lower, upper), rabi in scheme.drives.items():
        effective[index(upper), index(lower)] += rabi / 2
        effective[index(lower), index(upper)] += np.conj(rabi) / 2
    jumps = [(index(a), index(b), r) for (a, b), r in scheme.decays.items()]
    jumps += [(index(x), index(x), 2 * r) for x, r in scheme.dephasing.items()]
    for here, there, strength in jumps:
        effective[here, here] -= 0.5j * strength
        feeding[there, there, here, here] += strength
    one = np.eye(size)
    flow = -1j * (np.kron(effective, one) - np.kron(one, effective.conj()))
    return flow + feeding.reshape(size**2, size**2)


def _fields(scheme: LevelScheme) -> list[Complex]:
    """A_j of each mode, (level, level)."""
    size, index = len(scheme.levels), scheme.levels.index
    modes = max((len(g) for g in scheme.couplings.values()), default=0)
    fields = [np.zeros((size, size), complex) for _ in range(modes)]
    for (a, b), couplings in scheme.couplings.items():
        for field, g in zip(fields, couplings, strict=True):
            field[index(b), index(a)] += g
    return fields


def _reached(matrix: Complex, start: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Elements that the flow reaches from the given ones."""
    found = start
    while True:
        wider = found | np.any(matrix[:, found] != 0, axis=1)
        if np.array_equal(wider, found):
            return np.flatnonzero(found)
        found = wider


def _stationary(generator: Complex, size: int) -> Complex:
    """lim exp(L_0 t) |0><0| (averaged over undamped oscillations), from the null spaces of L_0.

    The columns are scaled by the loss of each element: rates of different orders of magnitude do no harm.
    """
    start = np.zeros(size**2, bool)
    start[0] = True
    kept = _reached(generator, start)
    block = generator[np.ix_(kept, kept)]
    loss = np.abs(block.diagonal())
    loss[loss == 0] = 1.0
    left, values, right = np.linalg.svd(block / loss)
    null = max(1, int(np.sum(values <= len(kept) * ROUNDING * max(values[0], 1e-300))))
    states, conserved = right[-null:].conj().T / loss[:, None], left[:, -null:]
    first = conserved[np.searchsorted(kept, 0)].conj()
    elements = np.zeros(size**2, complex)
    elements[kept] = states @ np.linalg.solve(conserved.conj().T @ states, first)
    rho = elements.reshape(size, size)
    rho = (rho + rho.conj().T) / 2
    return rho / np.trace(rho).real


def _back_substitution(triangle: Complex, right: Complex, omega: Real) -> Complex:
    """(T + i omega)^-1 right at each omega, (row, mode, omega), T upper triangular."""
    out = np.empty(right.shape, complex)
    for k in range(len(triangle) - 1, -1, -1):
        known = np.tensordot(triangle[k, k + 1 :], out[k + 1 :], 1)
        out[k] = (right[k] - known) / (triangle[k, k] + 1j * omega)
    return out
