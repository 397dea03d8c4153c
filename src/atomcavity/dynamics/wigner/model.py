"""The stochastic equations of the truncated Wigner method, and the coefficients of their steps.

Collective spins S_k = sum_u sigma_u and Z_k = sum_u sigma_z,u/2 of each group and amplitudes a_i of the
modes are classical numbers whose averages are those of symmetrically ordered operators (Polkovnikov,
Ann. Phys. 325, 1790 (2010)).  In a frame that rotates with the emitters, with B_k = sum_i g_ki a_i + Omega_k/2,

    da = -[kappa/2 + i M] a dt - i (g^+ S + eta) dt + sqrt(kappa) da_in,   <da_in da_in^*> = dt/2
    dS_k = -(i Delta_k + Gamma_k) S_k dt + 2 i Z_k B_k dt + dX_k
    dZ_k = 2 Im(B_k S_k^*) dt - gamma (N/2 + Z) dt + pump (N/2 - Z) dt + dY_k,     Gamma = (gamma + pump)/2 + dephasing

    <|dX|^2> = N Gamma dt,  <dY^2> = [gamma (N/2 + Z) + pump (N/2 - Z)] dt,  <dX dY> = (gamma - pump) S/2 dt

The noise dX, dY (Ito) of independent decays follows from the generalised Einstein relations for
symmetrised products: first and second moments of emitters without the cavity are exact.  Its covariance is positive
where N (N/2 + Z) >= |S|^2 (for gamma alone); where a trajectory leaves that region, by vacuum fluctuations, <dX dY> is
made smaller until it is.  The field's noise acts on the spins by the Stratonovich rule, the limit of a field of finite bandwidth.

Cavity eliminated: a dt = f [-i (g^+ S + eta) dt + sqrt(kappa) da_in] with f as in `elimination`.  The vacuum that enters then
has the covariance decay/2 at the emitters, and d<Z>/dt = -decay <S^+ S> follows exactly, with S^+ S = |S|^2 + Z.

The light that leaves, a_out = sqrt(kappa) a - a_in, is kept as its integral over the time between samples.  Its commutator is
a delta function, so that symmetric minus 1/2 is normal and time order at all delays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.elimination import Elimination, eliminate
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, require

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

STEP = 0.1
"""Length of a step in units of 1/(sum of the rates in `Model.rate`)."""


@dataclass(frozen=True, eq=False)
class Model:
    """A system of two-level emitters as classical spins and fields; `cavity` is "kept" or "eliminated"."""

    system: CavitySystem
    cavity: str

    def __post_init__(self) -> None:
        for k, group in enumerate(self.system.emitters):
            if group.levels is not None:
                raise InputError(
                    f"emitters[{k}] has a level scheme: TruncatedWigner treats two-level emitters; "
                    "use MeanField(), Exact() or Jumps()"
                )
        if self.eliminated:
            smallest = np.linalg.svd(self.response, compute_uv=False)[-1]
            require(float(smallest) > 0, "a mode neither decays nor is detuned: it cannot be eliminated")

    @property
    def eliminated(self) -> bool:
        """Whether the modes follow the emitters at once."""
        return self.cavity == "eliminated"

    @cached_property
    def number(self) -> Real:
        """Emitters in each group."""
        return np.array([e.number for e in self.system.emitters], dtype=float)

    @cached_property
    def g(self) -> Complex:
        """Couplings (group, mode)."""
        return np.array([e.g_modes for e in self.system.emitters], dtype=complex)

    @cached_property
    def rabi(self) -> Complex:
        """Rabi frequencies of the emitters' drives (group,)."""
        return np.array([e.drive for e in self.system.emitters], dtype=complex)

    @cached_property
    def undriven(self) -> Elimination:
        """The elimination of the modes without the drives: its frequency and small parameters."""
        groups = [replace(e, drive=0.0) for e in self.system.emitters]
        return eliminate(replace(self.system, emitters=groups, drive=None))

    @cached_property
    def frame(self) -> float:
        """Frequency of the frame in which the equations are solved: the emitters' mean detuning, or 0 with a drive."""
        if self.system.driven:
            return 0.0
        weights = self.number * (np.sum(np.abs(self.g) ** 2, axis=1) if np.any(self.g) else 1.0)
        return float(weights @ np.array([e.detuning for e in self.system.emitters]) / weights.sum())

    @cached_property
    def detuning(self) -> Real:
        """Detunings of the groups in that frame."""
        return np.array([e.detuning for e in self.system.emitters]) - self.frame

    @cached_property
    def response(self) -> Complex:
        """kappa/2 + i M in that frame."""
        matrix = self.system.mode_matrix - self.frame * np.eye(len(self.system.modes))
        return np.diag(self.system.kappas / 2) + 1j * matrix

    @cached_property
    def follows(self) -> Complex:
        """(mode, group): a = follows S + `coherent` when the modes are eliminated."""
        return np.asarray(-1j * np.linalg.solve(self.response, self.g.conj().T), dtype=complex)

    @cached_property
    def coherent(self) -> Complex:
        """The driven amplitude of the modes without emitters."""
        if not np.any(self.system.drives):
            return np.zeros(len(self.system.modes), complex)
        found = np.linalg.lstsq(self.response, -1j * self.system.drives, rcond=None)[0]
        return np.asarray(found, dtype=complex)

    @cached_property
    def rates(self) -> tuple[Real, Real, Real]:
        """gamma, pump and the coherence's decay Gamma of each group."""
        gamma, pump, dephasing = (
            np.array([getattr(e, name) for e in self.system.emitters])
            for name in ("gamma", "pump_rate", "dephasing_rate")
        )
        return gamma, pump, (gamma + pump) / 2 + dephasing

    @cached_property
    def rate(self) -> float:
        """The sum of the rates that a step must resolve (rad/s).

        The exchange with the modes (sqrt(sum N |g|^2), or the collective decay N g^2/(kappa/2) if that is smaller), drives,
        the field that a pump can build up, the emitters' spread in detuning and their fastest decay.
        """
        gamma, pump, across = self.rates
        total = float(np.sqrt(self.number @ np.sum(np.abs(self.g) ** 2, axis=1)))
        slowest = float(np.linalg.svd(self.response, compute_uv=False)[-1])
        collective = total if not self.eliminated else np.inf
        if slowest > 0:
            collective = min(collective, total**2 / slowest)
        largest = float(np.sqrt(np.sum(np.abs(self.g) ** 2, axis=1).max()))
        driven = float(np.abs(self.rabi).max() + 2 * largest * np.linalg.norm(self.coherent))
        fed = float(self.number @ pump)
        lossy = float(self.system.kappas[self.system.kappas > 0].min(initial=np.inf))
        built = 2 * largest * np.sqrt(fed / lossy) if fed and not self.eliminated else 0.0
        local = float(np.max(np.abs(self.detuning)) + max((gamma + pump).max(), across.max()))
        return collective + driven + built + local

    def steps(self, lengths: Real) -> tuple[Real, Complex, Complex, Complex, Real]:
        """Coefficients of steps of these lengths for the kernel: (h, maps, root, turn, local)."""
        parts = [self._field(float(h)) for h in lengths]
        rank = max(root.shape[1] for _, root in parts)
        roots = [np.pad(root, ((0, 0), (0, rank - root.shape[1]))) for _, root in parts]
        locals_ = [[self._local(part * float(h)) for part in (0.5, 1.0)] for h in lengths]
        turn = np.array([[t for t, _ in pair] for pair in locals_])
        local = np.array([[table for _, table in pair] for pair in locals_])
        return lengths, np.array([maps for maps, _ in parts]), np.array(roots), turn, local

    def _field(self, h: float) -> tuple[Complex, Complex]:
        """Maps (from the field and the source at both ends to the field and its integral), and the noise's root."""
        m = len(self.system.modes)
        leak = np.diag(np.sqrt(self.system.kappas)).astype(complex)
        zero, one = np.zeros((m, m), complex), np.eye(m)
        if self.eliminated:
            f = np.linalg.inv(self.response)
            maps = np.array([zero, zero, f, zero, h / 2 * f, h / 2 * f])
            root = np.sqrt(h / 2) * np.concatenate([zero, f @ leak, one.astype(complex)])
            return maps, root
        decay, p1, p2, p3 = _integrals(self.response, h)
        maps = np.array([decay, p1 - p2 / h, p2 / h, p1, p2 - p3 / h, p3 / h])
        adjoint = [x.conj().T for x in (decay, p1, p2)]
        covariance = 0.5 * np.block(
            [
                [one - decay @ adjoint[0], (p1 - decay @ adjoint[1]) / h, p1 @ leak / np.sqrt(h)],
                [zero, (p2 + adjoint[2] - p1 @ adjoint[1]) / h**2, p2 @ leak / h**1.5],
                [zero, zero, one],
            ]
        )
        upper = np.triu(np.ones((3, 3)), 1).repeat(m, 0).repeat(m, 1) * covariance
        diagonal = np.kron(np.eye(3), np.ones((m, m))) * covariance
        values, vectors = np.linalg.eigh(upper + upper.conj().T + diagonal)
        root = vectors * np.sqrt(np.maximum(values, 0))
        return maps, np.repeat([1.0, h, np.sqrt(h)], m)[:, None] * root

    def _local(self, h: float) -> tuple[Complex, Real]:
        """Turn of the spins and the table of `wigner.kernel._local`."""
        gamma, pump, across = self.rates
        number, along = self.number, gamma + pump
        safe = np.where(along > 0, along, 1.0)
        equal = np.where(along > 0, pump / safe, 0.0)  # excited share without the cavity
        fall = np.exp(-along * h)
        gone = -np.expm1(-along * h)
        once = np.where(along > 0, gone / safe, h)
        twice = np.where(along > 0, -np.expm1(-2 * along * h) / (2 * safe), h)
        slope = (gamma - pump) * fall * once
        constant = number * (pump + (gamma - pump) * equal) * twice
        constant += slope * number * (0.5 - equal)
        spin = number / 2 * -np.expm1(-2 * across * h)
        table = [fall, number * (equal - 0.5) * gone, spin, (gamma - pump) / 2 * once, constant, slope]
        return np.exp(-(1j * self.detuning + across) * h), np.stack(table, axis=-1)

    def start(self, initial: Preparation) -> tuple[Real, Real, Real]:
        """(number, length of the mean spin of an emitter, orthogonal axes with the first along it)."""
        lengths, axes = [], []
        for rho in initial.matrices(self.system):
            mean = np.array([rho[1, 0].real, rho[1, 0].imag, rho[1, 1].real - 0.5])
            length = float(np.linalg.norm(mean))
            first = mean / length if length > 1e-12 else np.array([0.0, 0.0, 1.0])
            helper = np.eye(3)[np.argmin(np.abs(first))]
            second = np.cross(first, helper) / np.linalg.norm(np.cross(first, helper))
            lengths.append(length)
            axes.append([first, second, np.cross(first, second)])
        return self.number, np.array(lengths), np.array(axes)


def _integrals(response: Complex, h: float) -> tuple[Complex, Complex, Complex, Complex]:
    """E = exp(-A h) and its first, second and third iterated integrals over the time."""
    from scipy.linalg import expm

    m = len(response)
    matrix = np.zeros((4 * m, 4 * m), complex)
    matrix[:m, :m] = -response * h
    for k in range(3):
        matrix[k * m : (k + 1) * m, (k + 1) * m : (k + 2) * m] = np.eye(m)
    top = expm(matrix)[:m]
    decay, p1, p2, p3 = (top[:, k * m : (k + 1) * m] * h**k for k in range(4))
    return decay, p1, p2, p3
