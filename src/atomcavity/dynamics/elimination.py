"""The cavity eliminated: what the emitters do to each other when the light follows them at once.

With f = [kappa/2 + i (M - omega_e)]^-1 (M the modes' matrix, omega_e the emitters' mean detuning) and
S_k = sum_u sigma_u of group k,

    a_i = sum_k amplitude_ik S_k,   amplitude = -i f g^+ ,     K = g f g^+  (group, group)

    d rho/dt = -i [ sum_kl shift_kl S_k^+ S_l , rho ]
               + sum_kl decay_kl [ S_l rho S_k^+ - (S_k^+ S_l rho + rho S_k^+ S_l)/2 ] + ...

    decay = K + K^+,   shift = (K - K^+)/(2 i)

For one mode, detuned by Delta = cavity - emitter: decay = g^2 kappa/(kappa^2/4 + Delta^2), which is
4 g^2/kappa on resonance, and shift = -g^2 Delta/(kappa^2/4 + Delta^2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, require

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

GOOD = 0.1  # a small parameter above this is a warning


@dataclass(frozen=True, eq=False)
class Elimination:
    """Light and coupling among the groups of two-level emitters when the modes are eliminated.

    amplitude  (mode, group): a_i = sum_k amplitude_ik S_k
    kernel     (group, group): K, decay/2 + i shift (rad/s)
    frequency  the emitters' mean detuning at which the modes respond (rad/s)
    small      name -> value of the parameters that must be small for the elimination to hold
    """

    amplitude: Complex
    kernel: Complex
    frequency: float
    small: dict[str, float]

    @property
    def decay(self) -> Complex:
        """Collective decay matrix (rad/s), Hermitian; for one emitter the `collective_rate`."""
        return self.kernel + self.kernel.conj().T

    @property
    def shift(self) -> Complex:
        """Collective shift matrix (rad/s), Hermitian."""
        return (self.kernel - self.kernel.conj().T) / 2j

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is not small, as sentences."""
        return tuple(
            f"the cavity is eliminated although {name} = {value:.2g} is not small: the light does not follow the emitters at once"
            for name, value in self.small.items()
            if value > GOOD
        )


def eliminate(system: CavitySystem) -> Elimination:
    """Adiabatic elimination of all modes (two-level emitters, no coherent drive).

    The small parameters are sqrt(sum_u |g_u|^2)/kappa (the collective coupling), the spread of the emitters'
    detunings and their fastest rate (gamma + pump + 2 dephasing), both over kappa; kappa is here the
    slowest decay kappa/2 of the modes, or their smallest detuning from the emitters if that is larger.

    Raises `InputError` for emitters with a level scheme, a drive, or a mode that neither decays nor is detuned.
    """
    for k, group in enumerate(system.emitters):
        if group.levels is not None:
            raise InputError(
                f"emitters[{k}] has a level scheme: only two-level emitters can be left by an eliminated cavity; "
                "use Exact(), Jumps() or MeanField() with the cavity kept"
            )
    require(not system.driven, "the cavity of a driven system is not eliminated; use Exact() or MeanField()")
    numbers = np.array([e.number for e in system.emitters], dtype=float)
    detunings = np.array([e.detuning for e in system.emitters])
    g = np.array([e.g_modes for e in system.emitters])
    weights = numbers * np.sum(np.abs(g) ** 2, axis=1)
    total = float(weights.sum())
    frequency = float(weights @ detunings / total) if total else float(numbers @ detunings / numbers.sum())
    response = np.diag(system.kappas / 2) + 1j * (system.mode_matrix - frequency * np.eye(len(system.modes)))
    smallest = float(np.linalg.svd(response, compute_uv=False)[-1])
    require(smallest > 0, "a mode neither decays nor is detuned from the emitters: it cannot be eliminated")
    inverse = np.linalg.inv(response)
    rates = [e.gamma + e.pump_rate + 2 * e.dephasing_rate for e in system.emitters]
    scale = 2 * smallest
    small = {
        "sqrt(N) g/kappa": float(np.sqrt(total)) / scale,
        "(spread of the emitters' detunings)/kappa": float(np.ptp(detunings)) / scale,
        "(decay and pump of an emitter)/kappa": max(rates) / scale,
    }
    return Elimination(-1j * inverse @ g.conj().T, g @ inverse @ g.conj().T, frequency, small)
