"""Stationary states: the `Exact` answer to `steady_state`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.hermitian import HermitianBlock
from atomcavity.dynamics.exact.stationary import Stationary, stationary
from atomcavity.dynamics.methods import Exact
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import SteadyState
from atomcavity.dynamics.system import CavitySystem
from atomcavity.results import Record

Real = NDArray[np.float64]
DARK = 1e-13  # photon number below which a mode counts as dark: rounding errors


def exact_steady_state(system: CavitySystem, method: Exact) -> SteadyState:
    """The stationary state as a result."""
    state = stationary(system, method)
    observe, mean = state.observables, state.mean
    modes, groups = range(len(system.modes)), range(len(system.emitters))
    correlation = np.array([[mean(observe.mode_correlation(i, j)) for j in modes] for i in modes])
    number = correlation.diagonal().real.copy()
    pairs = np.array([mean(observe.pairs(i, i)).real for i in modes])
    populations = level_populations(system, lambda k, level: mean(observe.population(k, level)).real)
    known = (number > DARK) & (state.sector.cutoff >= 2)
    g2 = np.divide(pairs, number**2, out=np.full(len(modes), np.nan), where=known)
    flow_in, flow_out = flows(state, number, populations)
    amplitude = np.array([state.amplitude(i) for i in modes])
    unphysical = populations[np.isfinite(populations)].min() < -1e-8
    warnings = state.warnings + (("a population is negative",) if unphysical else ())
    if not known.all():
        dark = ", ".join(map(str, np.flatnonzero(~known)))
        warnings += (f"too few photons in mode(s) {dark}, or in the cut-off: g2(0) is unknown",)
    return SteadyState(
        record=Record(
            "Exact",
            residual=state.residual,
            neglected=state.neglected,
            warnings=warnings,
            parameters={"system": system.to_dict(), "method": asdict(method)},
        ),
        photon_number=number,
        photon_number_error=np.zeros(len(modes)),
        excited_population=1 - populations[:, 0],
        excited_population_error=np.zeros(len(groups)),
        populations=populations,
        emitter_correlation=np.array(
            [[_or_nan(observe.emitter_correlation(k, m), mean) for m in groups] for k in groups]
        ),
        mode_correlation=correlation,
        g2=g2,
        g2_error=np.zeros(len(modes)),
        photon_distribution=photon_distribution(state),
        amplitude=amplitude,
        flow_in=flow_in,
        flow_out=flow_out,
    )


def dark(system: CavitySystem, number: float, initial: Preparation | None) -> bool:
    """Whether a photon number (of a pulse: its integral over time) is nothing but rounding errors."""
    scale = 1.0 if initial is None else float(system.kappas.max())
    return number * scale <= DARK


def _or_nan(functional: Any, mean: Any) -> complex:
    return complex(np.nan, np.nan) if functional is None else mean(functional)


def level_populations(system: CavitySystem, population: Any) -> Real:
    """Table (group, level) of `population(k, level)`, NaN where a group has fewer levels."""
    most = max(len(e.scheme.levels) for e in system.emitters)
    table = np.full((len(system.emitters), most), np.nan)
    for k, emitters in enumerate(system.emitters):
        for level in range(len(emitters.scheme.levels)):
            table[k, level] = population(k, level)
    return table


def flows(state: Stationary, photons: Real, populations: Real) -> tuple[float, float]:
    """Excitations that pumps and drives put in, and those that leave (emitters and mirrors), per second.

    NaN where the couplings themselves do not conserve the excitation number.
    """
    system, reduced = state.system, state.sector.reduced
    if any(
        g.charges[up] - g.charges[low] != 1 for g in reduced.groups for low, up, c in g.couplings if np.any(c)
    ):
        return float("nan"), float("nan")
    into, out = _driven_in(state), float(system.kappas @ photons)
    for k, emitters in enumerate(system.emitters):
        group = reduced.groups[reduced.member[k]]
        for a, b, rate in group.decays:
            flow = emitters.number * rate * populations[k, a] * (group.charges[b] - group.charges[a])
            into, out = (into + flow, out) if flow > 0 else (into, out - flow)
    return float(into), float(out)


def _driven_in(state: Stationary) -> float:
    """Excitations that coherent drives put in, -i <[N, H]>, per second."""
    if state.sector.reduced.conserved:
        return 0.0
    amplitudes = np.array([state.amplitude(i) for i in range(len(state.system.modes))])
    flow = float(2 * np.imag(state.system.drives @ amplitudes.conj()))
    for m, group in enumerate(state.sector.reduced.groups):
        steps = group.charges[:, None] - group.charges
        for b, a in zip(*np.nonzero(group.hamiltonian * steps), strict=True):
            moved = state.mean(state.observables.transition(m, int(b), int(a)))
            flow += group.number * float((-1j * steps[b, a] * group.hamiltonian[b, a] * moved).real)
    return flow


def photon_distribution(state: Stationary) -> Real:
    """P(n) of each given mode, shape (mode, photons).

    a_i = sqrt(share) c with c a bright combination of unit norm: P(n) of c from the eigenvectors of
    c^+ c (exact, since the cut-off is one on the total photon number), thinned to its share.
    """
    observe, top = state.observables, state.sector.cutoff + 1
    rows = []
    for amplitudes, annihilator in zip(state.sector.reduced.rotation, observe.annihilators, strict=True):
        share = float(np.sum(np.abs(amplitudes) ** 2))
        if share < 1e-15:
            rows.append(np.eye(top)[0])
            continue
        values, vectors = np.linalg.eigh(annihilator.conj().T @ annihilator / share)
        photons = np.rint(values).astype(int)
        projectors = [vectors[:, photons == n] @ vectors[:, photons == n].conj().T for n in range(top)]
        distribution = np.array([state.mean(observe.photons(p)).real for p in projectors])
        rows.append(distribution if share > 1 - 1e-12 else _thinned(distribution, share))
    return np.array(rows)


def _thinned(distribution: Real, share: float) -> Real:
    """Distribution of the photons in one mode that holds `share` of each photon of the bright mode."""
    from scipy.stats import binom

    n = np.arange(len(distribution))
    return binom.pmf(n[:, None], n[None, :], min(share, 1.0)) @ distribution


def table(functionals: Sequence[NDArray[np.complex128]], block: HermitianBlock) -> NDArray[np.complex128]:
    """The functionals as rows on y."""
    return np.array([block.fold(f) for f in functionals])
