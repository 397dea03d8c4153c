"""The laser threshold: where, as the pumps are turned up, the dark state loses its stability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.levels import LevelScheme, Pair
from atomcavity.dynamics.mean_field.model import Model
from atomcavity.dynamics.system import CavitySystem

Real = NDArray[np.float64]

DECADES = 6  # searched on either side of the given pump rates
STEPS = 5  # factors a decade


def thresholds(system: CavitySystem) -> tuple[float, float]:
    """Factors of all incoherent pump rates (`pump_decays`) where lasing starts and ends.

    The largest real part of the dark state's Jacobian changes its sign there.  NaN, NaN: it never
    lases, nothing pumps it incoherently or its light is driven; lower 0: it lases for any pump;
    upper infinite: it still lases at the end of the search, 10^6 times the pump.
    """
    if not any(pump_decays(e.scheme) for e in system.emitters) or not Model(system).free:
        return float("nan"), float("nan")
    factors = np.logspace(-DECADES, DECADES, 2 * DECADES * STEPS + 1)
    if all(e.levels is None for e in system.emitters):
        factors = factors[_may_lase(system, factors)]
    if len(factors) == 0:
        return float("nan"), float("nan")
    growth = np.array([dark_growth(scaled(system, f)) for f in factors])
    lases = growth > 0
    if not lases.any():
        return float("nan"), float("nan")
    first, last = np.flatnonzero(lases)[[0, -1]]
    step = 10 ** (1 / STEPS)
    below = factors[first - 1] if first else factors[0] / step
    above = factors[last + 1] if last + 1 < len(factors) else factors[-1] * step
    lower = _crossing(system, below, factors[first]) if below > 10.0**-DECADES else 0.0
    upper = _crossing(system, factors[last], above) if above < 10.0**DECADES else float("inf")
    return lower, upper


def scaled(system: CavitySystem, factor: float) -> CavitySystem:
    """The system with all incoherent pump rates times a factor."""
    emitters = []
    for group in system.emitters:
        if group.levels is None:
            emitters.append(replace(group, pump_rate=group.pump_rate * factor))
        else:
            pumps = pump_decays(group.levels)
            rates = {
                pair: rate * (factor if pair in pumps else 1) for pair, rate in group.levels.decays.items()
            }
            emitters.append(replace(group, levels=replace(group.levels, decays=rates)))
    return replace(system, emitters=emitters)


def pump_decays(scheme: LevelScheme) -> list[Pair]:
    """The incoherent transfers that count as pump.

    Those out of the ground state (the first level) or out of a lower level of a cavity transition, into a
    level that is neither: g -> e directly, g -> p of a pump through p, not the emptying of a lower laser level.
    """
    low = {scheme.levels[0], *(lower for lower, _ in scheme.couplings)}
    return [(a, b) for (a, b), rate in scheme.decays.items() if rate and a in low and b not in low]


def dark_growth(system: CavitySystem) -> float:
    """The largest real part of the Jacobian of the dark state's light and coherences (rad/s)."""
    if all(e.levels is None for e in system.emitters):
        return float(np.linalg.eigvals(_two_level_jacobian(system)).real.max())
    model = Model(system)
    dark, rest = np.zeros(2 * model.modes), np.zeros(model.free)
    y = model.join(dark, model.emitters(dark, rest))
    return float(np.linalg.eigvals(model.jacobian(y, rest)).real.max())


def _two_level_jacobian(system: CavitySystem) -> NDArray[np.complex128]:
    """Light and dipoles around the dark; groups that differ by g only, and by it as multiples, are one."""
    m = len(system.modes)
    merged: dict[tuple[float, ...], list[tuple[int, NDArray[np.complex128]]]] = {}
    for e in system.emitters:
        key = (e.gamma, e.pump_rate, e.dephasing_rate, e.detuning)
        merged.setdefault(key, []).append((e.number, np.array(e.g_modes)))
    rows = []
    for (gamma, pump, dephasing, shift), members in merged.items():
        gram = sum(n * np.outer(g.conj(), g) for n, g in members)
        values, vectors = np.linalg.eigh(gram)
        z = (pump - gamma) / (pump + gamma) if pump + gamma else -1.0
        loss = (gamma + pump) / 2 + dephasing + 1j * shift
        rows += [
            (np.sqrt(v) * vector.conj(), z, loss)
            for v, vector in zip(values, vectors.T, strict=True)
            if v > 1e-14 * values.max()
        ]
    total = np.zeros((m + len(rows), m + len(rows)), dtype=complex)
    total[:m, :m] = -np.diag(system.kappas / 2) - 1j * system.mode_matrix
    for k, (g, z, loss) in enumerate(rows, start=m):
        total[:m, k], total[k, :m], total[k, k] = -1j * g.conj(), 1j * z * g, -loss
    return total


def _may_lase(system: CavitySystem, factors: Real) -> NDArray[np.bool_]:
    """Where the unsaturated gain on resonance of all inverted groups reaches the smallest loss; neighbours too."""
    gain = np.zeros(len(factors))
    for e in system.emitters:
        pump = factors * e.pump_rate
        rate = pump + e.gamma
        z = np.divide(pump - e.gamma, rate, out=np.full(len(rate), -1.0), where=rate > 0)
        perp = rate / 2 + e.dephasing_rate
        weight = e.number * float(np.sum(np.abs(e.g_modes) ** 2))
        gain += np.divide(weight * np.maximum(z, 0), perp, out=np.zeros(len(rate)), where=perp > 0)
    enough = gain >= system.kappas.min() / 2 * (1 - 1e-9)
    wide = enough.copy()
    wide[1:] |= enough[:-1]
    wide[:-1] |= enough[1:]
    return wide


def _crossing(system: CavitySystem, low: float, high: float) -> float:
    from scipy.optimize import brentq

    def growth(logarithm: float) -> float:
        return dark_growth(scaled(system, float(np.exp(logarithm))))

    ends = growth(np.log(low)), growth(np.log(high))
    if ends[0] * ends[1] > 0:
        return low if abs(ends[0]) < abs(ends[1]) else high
    return float(np.exp(brentq(growth, np.log(low), np.log(high), xtol=1e-13, rtol=1e-13)))
