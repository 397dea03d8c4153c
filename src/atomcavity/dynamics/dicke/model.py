"""The Dicke ladder |J = N/2, M> of identical emitters that emit into an eliminated cavity: its equations.

With k photons emitted, M = N/2 - k, d_k = (N - k)(k + 1) = <k|J^+ J^-|k>, Gamma the collective decay rate
and chi = -shift of `eliminate` (one mode: chi = g^2 Delta/(kappa^2/4 + Delta^2), Delta = cavity - emitter):

    dP_k/dt = Gamma (d_(k-1) P_(k-1) - d_k P_k)                                        (populations)
    dx_k/dt = -[i omega_k + Gamma (d_k + d_(k+1))/2] x_k + Gamma sqrt(d_(k-1) d_k) x_(k-1)   (|k><k+1|)
    omega_k = omega_e + 2 chi (N/2 - k - 1),  omega_e the emitters' detuning from the reference

Each level is left once: int P_k dt = F_k/(Gamma d_k), F_k = sum_(j<=k) P_j(0) (1 if inverted), so that
the correlation of a pulse, C(tau) = int <J^+(t) J^-(t + tau)> dt = sum_k sqrt(d_k) x_k(tau), starts at
x_k(0) = F_k/(Gamma sqrt(d_k)) without a time integral, and its spectrum is one forward recursion a
frequency (Yu, Vollmer et al. 2023, Sec. III, who integrate the master equation).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.elimination import eliminate
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, require

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

SAME = 1e-9  # relative difference up to which emitters are identical
IGNORED = 0.01  # (rate of a single emitter) x (duration of the pulse) above which ignoring it is a warning
TOO_FAST = 0.1  # the same for the pump, which is then refused
OTHERS = "use TruncatedWigner() or Exact(cavity='eliminated')"


@dataclass(frozen=True, eq=False)
class Ladder:
    """The ladder of a system and the state in which it starts.

    number, rate, chi, offset  N, Gamma (1/s), chi and the emitters' detuning omega_e (rad/s)
    light     (mode,): a_i = light_i J^-
    turns     (group,): phases u_k with S = sum_u conj(u) sigma_u, where g_k = u_k g_0
    start     (level,): populations P_k(0)
    coherent  (step,): coherences <k|rho(0)|k+1>
    """

    number: int
    rate: float
    chi: float
    offset: float
    light: Complex
    turns: Complex
    start: Real
    coherent: Complex
    warnings: tuple[str, ...]

    @cached_property
    def d(self) -> Real:
        """d_k = (N - k)(k + 1), (level,)."""
        k = np.arange(self.number + 1.0)
        return (self.number - k) * (k + 1)

    @cached_property
    def begun(self) -> Real:
        """F_k, the probability to pass level k, (step,)."""
        return np.cumsum(self.start)[:-1]

    @cached_property
    def place(self) -> Real:
        """(omega_k - omega_e)/Gamma, (step,)."""
        return self.chi / self.rate * (self.number - 2 - 2 * np.arange(float(self.number)))

    @property
    def emitted(self) -> float:
        """int <J^+ J^-> dt = (mean number of excitations at the start)/Gamma (s)."""
        return float(self.begun.sum()) / self.rate

    @property
    def dark(self) -> bool:
        """Whether there is nothing to emit."""
        return not self.begun.any()

    @property
    def step(self) -> float:
        """A time that resolves the start of the pulse (s)."""
        return 0.1 / (self.number * (self.rate + abs(self.chi)))

    def populations(self, times: Real, start: Real | None = None) -> Iterator[tuple[Real, float]]:
        """P_k at ascending times, some rows (time, level) after another, and the estimated error up to there."""
        from atomcavity.dynamics.dicke.chain import integrate

        feed = self.rate * np.append(0.0, self.d[:-1])
        first = self.start if start is None else start
        yield from integrate(self.rate * self.d, feed, first, times, self.step, np.ones(self.number + 1))

    def emission(self, times: Real, start: Real | None = None) -> tuple[Real, float]:
        """<J^+ J^-> = sum_k d_k P_k at ascending times, and the estimated error of the populations."""
        parts = [(p @ self.d, error) for p, error in self.populations(times, start)]
        return np.concatenate([values for values, _ in parts]), parts[-1][1]

    def passed(self, times: Real) -> Real:
        """Probability to leave level k between 0 and t, Gamma d_k int_0^t P_k, at ascending times, (time, step)."""
        parts = [np.cumsum(self.start - p, axis=1)[:, :-1] for p, _ in self.populations(times)]
        return np.concatenate(parts)

    def emitted_share(self, times: Real) -> Real:
        """Part of the pulse's photons that are emitted until ascending times (s)."""
        k = np.arange(self.number + 1.0)
        parts = [(p - self.start) @ k for p, _ in self.populations(np.asarray(times, float))]
        return np.concatenate(parts) / float(self.begun.sum())

    def coherence(self, times: Real, start: Complex) -> tuple[Complex, float]:
        """sum_k sqrt(d_k) x_k in the frame of the emitters at ascending times, (time,), and the estimated error."""
        from atomcavity.dynamics.dicke.chain import integrate

        loss, feed, norm = self._coherences
        parts = [(x @ norm, error) for x, error in integrate(loss, feed, start, times, self.step, norm)]
        return np.concatenate([values for values, _ in parts]), parts[-1][1]

    def adjoint(self, delays: Real) -> Iterator[Complex]:
        """b_k with sum_k sqrt(d_k) x_k(tau) = sum_k b_k(tau) x_k(0), some rows (delay, step) after another."""
        from atomcavity.dynamics.dicke.chain import integrate

        loss, feed, norm = self._coherences
        back, start = np.append(0.0, feed[:0:-1]), norm[::-1]
        for b, _ in integrate(loss[::-1], back, start, delays, self.step, 1 / start):
            yield b[:, ::-1]

    @property
    def _coherences(self) -> tuple[Complex, Real, Real]:
        """Losses, feeds and sqrt(d_k) of the chain of coherences in the frame of the emitters, all (step,)."""
        d, norm = self.d, np.sqrt(self.d[:-1])
        loss: Any = self.rate * ((d[:-1] + d[1:]) / 2 + 1j * self.place)
        return loss, self.rate * np.append(0.0, norm[:-1] * norm[1:]), norm

    @property
    def recursion(self) -> tuple[Real, Real, Real, Real]:
        """Arguments of the spectral recursion: F_k, d_k, (d_k + d_(k+1))/2 and the places, all (step,)."""
        d = self.d
        return self.begun, d[:-1], (d[:-1] + d[1:]) / 2, self.place

    def density(self, detuning: Real, duration: float | None = None) -> Real:
        """S_J(omega) = 2 Re int_0^inf C(tau) exp(i omega tau) d tau (s^2) at detunings from the reference.

        duration  only of the light until then (s), see `dicke.gated`; None: of the whole pulse
        """
        from atomcavity.dynamics.dicke.gated import gated
        from atomcavity.dynamics.dicke.kernel import density

        if duration is not None:
            return gated(self, duration).density(detuning)

        out = np.empty(len(detuning))
        density(*self.recursion, (np.asarray(detuning) - self.offset) / self.rate, out)
        return out / self.rate**2

    def derivatives(self, detuning: float) -> tuple[float, float, float]:
        """S_J, dS_J/d omega and d^2S_J/d omega^2 at one detuning (s^2, s^3, s^4)."""
        from atomcavity.dynamics.dicke.kernel import derivatives

        s, s1, s2 = derivatives(*self.recursion, (detuning - self.offset) / self.rate)
        return s / self.rate**2, s1 / self.rate**3, s2 / self.rate**4


def ladder(system: CavitySystem, initial: Preparation | None, *, kept: bool = False) -> Ladder:
    """The ladder of a system whose emitters are identical, up to a phase of their coupling, and equally prepared.

    kept  whether the cavity is not eliminated, so that it need not follow the emitters at once

    Raises `InputError` where the emitters leave the ladder: different couplings or detunings, unequal
    preparation, mixtures, a pump as fast as the pulse, or no preparation at all (stationary light).
    """
    if initial is None:
        raise InputError(
            "DickeLadder describes the pulse after a preparation: give initial=, or use Exact(cavity='eliminated') for stationary light"
        )
    light = eliminate(system)
    turns = _turns(system)
    rate, chi = 2 * float(light.kernel[0, 0].real), -float(light.kernel[0, 0].imag)
    require(rate > 0, "the emitters do not couple to a mode that decays: they emit nothing into the cavity")
    detunings = [group.detuning for group in system.emitters]
    if max(detunings) - min(detunings) > SAME * system.number * rate:
        raise InputError(f"DickeLadder needs emitters of one frequency; {OTHERS} for different detunings")
    start, coherent = _start(system, initial, turns)
    return Ladder(
        system.number,
        rate,
        chi,
        light.frequency,
        light.amplitude[:, 0],
        turns,
        start,
        coherent,
        _ignored(system, rate, kept) if kept else light.warnings + _ignored(system, rate, kept),
    )


def _turns(system: CavitySystem) -> Complex:
    """Phases u_k with g_k = u_k g_0, (group,)."""
    if len(system.emitters) == 1:
        return np.ones(1, complex)
    g = np.array([group.g_modes for group in system.emitters])
    turns = g @ g[0].conj() / (np.sum(np.abs(g[0]) ** 2) or 1.0)
    identical = np.abs(g - turns[:, None] * g[0]).max() <= SAME * np.abs(g).max()
    if not identical or (np.any(g) and np.abs(np.abs(turns) - 1).max() > SAME):
        raise InputError(
            f"DickeLadder needs identical emitters (couplings equal up to a phase); {OTHERS} for different ones"
        )
    return turns


def _start(system: CavitySystem, initial: Preparation, turns: Complex) -> tuple[Real, Complex]:
    """P_k(0), (level,), and <k|rho(0)|k+1>, (step,), of N emitters in one pure state."""
    n = system.number
    top = np.eye(1, n + 1)[0], np.zeros(n, complex)
    if initial.plain == "inverted":
        return top
    states = np.array(initial.matrices(system))
    excited, moment = states[:, 1, 1].real, turns.conj() * states[:, 1, 0]
    mixed = np.abs(np.abs(moment) ** 2 - excited * (1 - excited)).max()
    if not (mixed < SAME and np.ptp(excited) < SAME and np.abs(moment - moment[0]).max() < SAME):
        raise InputError(
            "DickeLadder starts with all emitters in one pure state, up to the phases of their couplings; "
            f"{OTHERS} for other states"
        )
    if excited[0] == 1 and not moment.any():
        return top
    from scipy.special import gammaln, xlogy

    k, upper = np.arange(n + 1.0), min(1.0, max(0.0, excited[0]))
    log = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    populations = np.exp(log + xlogy(n - k, upper) + xlogy(k, 1 - upper))  # binomial
    populations /= populations.sum()
    steps = np.sqrt(populations[:-1] * populations[1:]) * np.exp(1j * np.angle(moment[0]))
    return populations, steps if abs(moment[0]) > 1e-14 else np.zeros(n, complex)


def _ignored(system: CavitySystem, rate: float, kept: bool) -> tuple[str, ...]:
    """What the method leaves out, where it matters during the pulse (mean time of the last photon)."""
    labels = {
        "pump_rate": "the pump",
        "gamma": "the emitters' own decay",
        "dephasing_rate": "dephasing",
    }
    rates = {name: max(getattr(group, name) for group in system.emitters) for name in labels}
    if not any(rates.values()):
        return ()
    k = np.arange(float(system.number))
    duration = float(np.sum(1 / ((system.number - k) * (k + 1)))) / rate
    if kept:  # a strongly coupled cavity holds half of the excitations
        duration += 2 * float(np.log(system.number) + 1) / float(system.kappas[0])
    found = []
    for name, label in labels.items():
        size = rates[name] * duration
        if name == "pump_rate" and size > TOO_FAST:
            raise InputError(
                f"DickeLadder has no pump, but pump_rate x (duration of the pulse) = {size:.2g}; use Exact(cavity='eliminated')"
            )
        if size > IGNORED:
            found.append(f"{label} is ignored although {name} x (duration of the pulse) = {size:.2g}")
    return tuple(found)
