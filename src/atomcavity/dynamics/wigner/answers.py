"""The `TruncatedWigner` method: steady states and evolutions from classical stochastic trajectories.

The equations, the noise and the ordering are in `wigner.model`.  Quantum corrections of relative order 1/N
(emitters) and 1/n (photons, where the emitters are saturated) are left out; the costs do not depend on the numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.answers import AVERAGE, BURN_IN, slowest_rate
from atomcavity.dynamics.methods import TruncatedWigner
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Evolution, SteadyState
from atomcavity.dynamics.system import CavitySystem
from atomcavity.dynamics.wigner.light import wigner_correlation
from atomcavity.dynamics.wigner.run import Run, prepared, standard_error
from atomcavity.dynamics.wigner.spectrum import wigner_spectrum

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

SAMPLES = 400  # of each trajectory for steady-state averages
MOST_PRODUCTS = 4_000_000  # elements (group, group, time) of the emitters' correlations


def wigner_steady_state(system: CavitySystem, method: TruncatedWigner) -> SteadyState:
    """The stationary state as an average over time and trajectories.

    Each trajectory starts in the ground state, is left alone for 6/`slowest_rate(system)` and then averaged for
    `method.duration` (None: 20/`slowest_rate`).

    Raises `InputError` for emitters with a level scheme, or if nothing decays.
    """
    slow = slowest_rate(system)
    duration = AVERAGE / slow if method.duration is None else method.duration
    settle = BURN_IN / slow
    run = prepared(system, method, None)
    groups, modes, count = len(system.emitters), len(system.modes), method.trajectories
    rows: list[list[Real]] = [[], [], [], []]
    products, between = np.zeros((groups, groups), complex), np.zeros((modes, modes), complex)
    halves = []
    for part in run.samples(settle + (np.arange(SAMPLES) + 0.5) * duration / SAMPLES):
        for row, value in zip(rows, (part.photons, part.pairs, part.excited, part.field), strict=True):
            row.append(value.mean(axis=1))
        every = len(part.z) * SAMPLES
        products += _products(part.spin.reshape(every, 1, -1))[0] / SAMPLES
        between += _products(part.field.reshape(every, 1, -1))[0] / SAMPLES
        halves.append(np.diff(part.photons.reshape(len(part.z), 2, -1, modes).mean(axis=2), axis=1))
    photons, pairs, excited, field = (np.concatenate(row) for row in rows)
    n, two = photons.mean(axis=0), pairs.mean(axis=0)
    error = standard_error(photons)
    with np.errstate(invalid="ignore", divide="ignore"):
        g2 = two / n**2
        g2_error = standard_error(pairs - 2 * g2 * n * photons) / n**2
    dark = n <= 4 * error
    g2, g2_error = np.where(dark, np.nan, g2), np.where(dark, np.nan, g2_error)
    population = excited.mean(axis=0)
    gamma, pump, _ = run.model.rates
    number = run.model.number
    warnings = _drift(np.concatenate(halves)[:, 0]) + _few_photons(n, dark, run)
    residual = run.residual(np.linspace(0, settle, 50)[1:])
    return SteadyState(
        record=run.record(
            f"average over {duration:.3g} s after a burn-in of {settle:.3g} s", residual, warnings
        ),
        photon_number=n,
        photon_number_error=error,
        excited_population=population,
        excited_population_error=standard_error(excited),
        populations=np.stack([1 - population, population], axis=1),
        emitter_correlation=_of_two(np.asarray(products[None] / count, dtype=complex), run)[0],
        mode_correlation=between / count + _excess(run, population),
        g2=g2,
        g2_error=g2_error,
        photon_distribution=np.zeros((len(n), 0)),
        amplitude=field.mean(axis=0) if system.driven else np.zeros(len(n), complex),
        flow_in=float(number * pump @ (1 - population)),
        flow_out=float(system.kappas @ n + number * gamma @ population),
    )


def wigner_evolve(
    system: CavitySystem, method: TruncatedWigner, *, times: Real, initial: Preparation
) -> Evolution:
    """Expectation values at ascending times from a product state of the emitters, the modes empty.

    The initial state's means and symmetrised covariances are exact; the emitters' correlations are NaN
    beyond 4 million elements (group, group, time).  Raises `InputError` for emitters with a level scheme.
    """
    run = prepared(system, method, initial)
    groups, modes, count = len(system.emitters), len(system.modes), method.trajectories
    sums = [np.zeros((2, len(times), size)) for size in (modes, groups)]
    pairs, field = np.zeros((len(times), modes)), np.zeros((len(times), modes), complex)
    between = np.zeros((len(times), modes, modes), complex)
    known = groups**2 * len(times) <= MOST_PRODUCTS
    products = np.zeros((len(times), groups, groups), complex) if known else None
    for part in run.samples(times):
        for total, value in zip(sums, (part.photons, part.excited), strict=True):
            total += value.sum(axis=0), (value**2).sum(axis=0)
        pairs += part.pairs.sum(axis=0) / count
        field += part.field.sum(axis=0) / count
        between += _products(part.field) / count
        if products is not None:
            products += _products(part.spin) / count
    (n, n_error), (population, population_error) = (_mean_and_error(total, count) for total in sums)
    between += np.array([_excess(run, p) for p in population])
    fixed = system.driven or any(abs(rho[1, 0]) > 1e-12 for rho in initial.matrices(system))
    turning = np.exp(-1j * run.model.frame * times)
    warnings = _few_photons(n.max(axis=0), np.zeros(modes, bool), run)
    if products is None:
        correlation = np.broadcast_to(np.array(complex(np.nan, np.nan)), (groups, groups, len(times)))
        warnings += (f"the correlations of {groups} groups at {len(times)} times are too many: left out",)
    else:
        correlation = np.moveaxis(_of_two(products, run), 0, -1)
    return Evolution(
        record=run.record(f"{len(times)} times", run.residual(times), warnings),
        time=times,
        photon_number=n.T,
        photon_number_error=n_error.T,
        excited_population=population.T,
        excited_population_error=population_error.T,
        emitter_correlation=correlation,
        mode_correlation=np.moveaxis(between, 0, -1),
        pair_number=pairs.T,
        amplitude=(field * turning[:, None]).T if fixed else np.zeros((modes, len(times)), complex),
    )


def _mean_and_error(sums: Real, count: int) -> tuple[Real, Real]:
    mean = sums[0] / count
    return mean, np.sqrt(np.maximum(sums[1] / count - mean**2, 0) / (count - 1))


def _products(values: Complex) -> Complex:
    """Sums over the runs of x_k^* x_l, (time, k, l), of x (run, time, k)."""
    turned = np.moveaxis(values, 0, 1)
    return np.asarray(np.swapaxes(turned.conj(), 1, 2) @ turned, dtype=complex)


def _of_two(products: Complex, run: Run) -> Complex:
    """<sigma_u^+ sigma_v>, u != v, (time, group, group), from <S_k^* S_l>; NaN for a group of one emitter with itself."""
    number = run.model.number
    count = np.outer(number, number) - np.diag(number)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (products - np.diag(number / 2 + 0j)) / count
    return np.asarray(np.where(count > 0, found, complex(np.nan, np.nan)), dtype=complex)


def _excess(run: Run, population: Real) -> Complex:
    """<a_i^+ a_j> - <a_i^* a_j> (mode, mode) where the emitters have the population (group,)."""
    if not run.model.eliminated:
        return np.asarray(-0.5 * np.eye(len(run.model.system.modes)), dtype=complex)
    follows, z = run.model.follows, run.model.number * (population - 0.5)
    return np.asarray(follows.conj() * z @ follows.T, dtype=complex)


def _drift(change: Real) -> tuple[str, ...]:
    """A warning if the photon numbers changed from the first to the second half by more than four standard errors."""
    if np.all(np.abs(change.mean(axis=0)) <= 4 * standard_error(change)):
        return ()
    return (
        "not stationary: from the first to the second half of the average the photon numbers changed by "
        f"{np.array2string(change.mean(axis=0), precision=2)}; give a longer duration",
    )


def _few_photons(photons: Real, dark: NDArray[np.bool_], run: Run) -> tuple[str, ...]:
    """Warnings where the light is not classical enough for what is told about it."""
    warnings: tuple[str, ...] = ()
    if dark.any():
        warnings += (
            "the light does not stand out from the vacuum noise: g2(0) is unknown; take more trajectories",
        )
    if not run.model.eliminated and np.any(photons < 1):
        warnings += (
            f"at most {photons.min():.2g} photons in a mode: truncated Wigner gives g2 and pairs only for many photons, "
            "or where the emitters respond linearly",
        )
        if np.all(run.model.system.kappas > 0) and not run.model.undriven.warnings:
            warnings += (
                'the vacuum noise of the modes makes most of the error: the light follows the emitters, cavity="eliminated" has less',
            )
    return warnings


__all__ = ["wigner_correlation", "wigner_evolve", "wigner_spectrum", "wigner_steady_state"]
