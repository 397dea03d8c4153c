"""Stationary states by block elimination: the `Exact` answer to `steady_state`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.blocks import BlockTridiagonal
from atomcavity.dynamics.hermitian import HermitianBlock
from atomcavity.dynamics.methods import Exact
from atomcavity.dynamics.observables import Observables
from atomcavity.dynamics.reduction import Reduced, reduce
from atomcavity.dynamics.relaxation import relax
from atomcavity.dynamics.results import SteadyState
from atomcavity.dynamics.sector import Sector
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import ConvergenceError, InputError
from atomcavity.results import Record

Real = NDArray[np.float64]
RELAX_WORK = 3e10  # multiplications beyond which relaxation is tried before elimination
DARK = 1e-13  # photon number below which a mode counts as dark: rounding errors
MOST_WORK = 2e13  # multiplications that an elimination may take
UNBOUNDED = 300  # cut-off at which photons that no mirror lets out are taken to grow without bound


@dataclass(frozen=True, eq=False)
class Stationary:
    """The stationary density matrix in the unknowns of `block`."""

    system: CavitySystem
    block: HermitianBlock
    y: Real
    residual: float
    neglected: float
    warnings: tuple[str, ...]

    @property
    def sector(self) -> Sector:
        """The q = 0 block."""
        return self.block.sector

    @property
    def observables(self) -> Observables:
        """Functionals on that block."""
        return Observables(self.system, self.sector)

    def mean(self, functional: NDArray[np.complex128]) -> complex:
        """Expectation value of the operator of a functional of x."""
        return complex(self.block.fold(functional) @ self.y)


def first_cutoff(reduced: Reduced) -> int:
    """A guess for the photon cut-off from the pump that feeds the slowest mode."""
    if len(reduced.mode_matrix) == 0:
        return 0
    floor = sum(g.number * int(np.ptp(g.charges)) for g in reduced.groups)
    if not reduced.pumped:
        return floor
    pump = sum(g.number * max(r for a, b, r in g.decays) for g in reduced.groups if g.decays)
    slowest = float(np.linalg.eigvalsh(reduced.kappa)[0])
    mean = min(0.5 * floor + 0.5, 0.5 * pump / slowest) if slowest > 0 else 0.5 * floor
    return max(3, math.ceil(mean + 4 * math.sqrt(mean) + 2))


def next_cutoff(cutoff: int, reached: float, tolerance: float) -> int:
    """A larger cut-off, extrapolated from the population that was neglected."""
    slope = math.log(max(reached, 1e-300)) / cutoff
    wanted = math.ceil(1.05 * math.log(tolerance) / slope) + 1 if slope < 0 else 2 * cutoff
    return min(max(wanted, cutoff + 2), 2 * cutoff)


def stationary(system: CavitySystem, method: Exact) -> Stationary:
    """The stationary state, the photon cut-off raised until its population is below the tolerance.

    Raises `InputError` if it is not unique or the problem too large, `ConvergenceError` if the
    equations are not solved.
    """
    reduced = reduce(system)
    cutoff = method.photons if method.photons is not None else first_cutoff(reduced)
    bound = None
    if not reduced.pumped:  # nothing is ever excited: the ground states hold the answer
        cutoff, bound = (0 if len(reduced.mode_matrix) == 0 else 1), 1
    state: Stationary | None = None
    while True:
        block = HermitianBlock(Sector(reduced, 0, cutoff, bound))
        y = _null_vector(block, state)
        residual = _residual(block, y)
        state = Stationary(system, block, y, residual, 0.0, ())
        if not reduced.pumped or len(reduced.mode_matrix) == 0:
            return state
        neglected = abs(state.mean(state.observables.total_photons()[-1]))
        if method.photons is not None or neglected <= method.tolerance:
            break
        if cutoff >= UNBOUNDED and neglected * cutoff > 0.5 and not np.all(system.kappas):
            raise InputError(
                f"no stationary state: the photons still grow at a cut-off of {cutoff}; "
                "give every mode kappa > 0, or the emitters less pump than decay"
            )
        cutoff = next_cutoff(cutoff, neglected, method.tolerance)
    warnings: tuple[str, ...] = ()
    if neglected > method.tolerance:
        warnings = (
            f"the photon cut-off {cutoff} bites: the population at it is {neglected:.1e}; "
            "raise photons= or leave it out",
        )
    return Stationary(system, block, y, residual, neglected, warnings)


def _null_vector(block: HermitianBlock, previous: Stationary | None) -> Real:
    """The normalised null vector: by elimination, or from a smaller block's by relaxation where that is cheaper."""
    elimination = BlockTridiagonal(block.matrix, block.level)
    if elimination.work > RELAX_WORK:
        sector = block.sector
        if previous is None:
            x = sector.product_state([0] * len(sector.spaces)).astype(complex)
        else:
            x = previous.sector.embed(previous.block.unpack(previous.y), sector)
        try:
            return relax(block.matrix, block.trace, block.pack(x))
        except ConvergenceError:
            if elimination.work > MOST_WORK:
                raise
    y = elimination.null_vector()
    return y / (block.trace @ y)


def _residual(block: HermitianBlock, y: Real) -> float:
    """max |L y| relative to |L| max |y|; `ConvergenceError` where that is large."""
    scale = float(abs(block.matrix).sum(axis=1).max() * np.abs(y).max())
    residual = float(np.abs(block.matrix @ y).max() / scale) if scale else 0.0
    if not np.all(np.isfinite(y)) or residual > 1e-9:
        raise ConvergenceError(f"the stationary state has the relative residual {residual:.1e}")
    return residual


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
    flow_in, flow_out = flows(system, state.sector.reduced, number, populations)
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
        amplitude=np.zeros(len(modes), complex),
        flow_in=flow_in,
        flow_out=flow_out,
    )


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


def flows(system: CavitySystem, reduced: Reduced, photons: Real, populations: Real) -> tuple[float, float]:
    """Excitations that incoherent processes put in, and those that leave (emitters and mirrors), per second."""
    into, out = 0.0, float(system.kappas @ photons)
    for k, emitters in enumerate(system.emitters):
        group = reduced.groups[reduced.member[k]]
        for a, b, rate in group.decays:
            flow = emitters.number * rate * populations[k, a] * (group.charges[b] - group.charges[a])
            into, out = (into + flow, out) if flow > 0 else (into, out - flow)
    return float(into), float(out)


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
