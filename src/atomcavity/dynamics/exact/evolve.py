"""Expectation values in time: the `Exact` answer to `evolve`."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.hermitian import HermitianBlock
from atomcavity.dynamics.exact.observables import Observables
from atomcavity.dynamics.exact.propagation import propagate
from atomcavity.dynamics.exact.sector import Sector
from atomcavity.dynamics.exact.stationary import first_cutoff, next_cutoff
from atomcavity.dynamics.exact.steady import table
from atomcavity.dynamics.methods import Exact
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.reduction import Reduced, reduce
from atomcavity.dynamics.results import Evolution
from atomcavity.dynamics.system import CavitySystem
from atomcavity.results import Record

Real = NDArray[np.float64]


def exact_evolve(system: CavitySystem, method: Exact, times: Real, initial: Preparation) -> Evolution:
    """Expectation values at ascending times from a product state of the emitters without photons."""
    reduced = reduce(system, initial.matrices(system))
    excitations = most_excitations(reduced)
    modes = len(reduced.mode_matrix)
    bounded = not reduced.pumped
    cutoff = excitations if bounded else max(first_cutoff(reduced), excitations)
    if method.photons is not None:
        cutoff = min(method.photons, excitations) if bounded else method.photons
    if modes == 0:
        cutoff = 0
    while True:
        sector = Sector(reduced, 0, cutoff, excitations if bounded else None)
        values, neglected = _run(system, sector, times)
        exact = modes == 0 or (bounded and cutoff == excitations)
        neglected = 0.0 if exact else neglected
        if neglected <= method.tolerance or method.photons is not None:
            break
        cutoff = next_cutoff(cutoff, neglected, method.tolerance)
    warnings: tuple[str, ...] = ()
    if neglected > method.tolerance:
        warnings = (f"the photon cut-off {cutoff} bites: the population at it reaches {neglected:.1e}",)
    parameters = {"system": system.to_dict(), "method": asdict(method)}
    record = Record("Exact", neglected=neglected, warnings=warnings, parameters=parameters)
    return _result(system, times, values, record)


def most_excitations(reduced: Reduced) -> int:
    """The largest excitation number in the initial product state."""
    filled = (
        g.charges[np.diag(s).real > 0].max() for g, s in zip(reduced.groups, reduced.states, strict=True)
    )
    return sum(g.number * int(charge) for g, charge in zip(reduced.groups, filled, strict=True))


def _run(system: CavitySystem, sector: Sector, times: Real) -> tuple[NDArray[np.complex128], float]:
    """All expectation values (row, time), and the largest population at the photon cut-off."""
    observe = Observables(system, sector)
    modes, groups = range(len(system.modes)), range(len(system.emitters))
    functionals = [observe.mode_correlation(i, j) for i in modes for j in modes]
    functionals += [observe.pairs(i, i) for i in modes]
    functionals += [observe.population(k, 0) for k in groups]
    correlations = [observe.emitter_correlation(k, m) for k in groups for m in groups]
    functionals += [np.zeros(sector.size, dtype=complex) if f is None else f for f in correlations]
    driven = not sector.reduced.conserved
    functionals += [
        observe.photons(a) if driven else np.zeros_like(functionals[0]) for a in observe.annihilators
    ]
    functionals.append(observe.total_photons()[-1])
    start = sector.product_state(sector.reduced.states)
    block = HermitianBlock(sector, functionals, start)
    rows = table(functionals, block)
    values = propagate(block.matrix, block.pack(start), times, rows)
    first = len(modes) ** 2 + len(modes) + len(groups)
    missing = [first + k for k, f in enumerate(correlations) if f is None]
    if not driven and any(np.abs(s - np.diag(np.diag(s))).max() > 1e-12 for s in sector.reduced.states):
        missing += range(len(values) - 1 - len(modes), len(values) - 1)  # <a>: this sector does not hold it
    values[missing] = np.nan + 1j * np.nan
    return values, float(np.abs(values[-1]).max(initial=0.0))


def _result(system: CavitySystem, times: Real, values: NDArray[np.complex128], record: Record) -> Evolution:
    m, k, t = len(system.modes), len(system.emitters), len(times)
    first, second = m * m + m, m * m + m + k
    third = second + k * k
    correlation = values[: m * m].reshape(m, m, t)
    return Evolution(
        record=record,
        time=times,
        photon_number=np.einsum("iit->it", correlation).real.copy(),
        photon_number_error=np.zeros((m, t)),
        excited_population=1 - values[first:second].real,
        excited_population_error=np.zeros((k, t)),
        emitter_correlation=values[second:third].reshape(k, k, t),
        mode_correlation=correlation,
        pair_number=values[m * m : first].real,
        amplitude=values[third:-1].astype(complex),
    )
