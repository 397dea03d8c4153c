"""The `Jumps` method: steady states and evolutions from quantum-jump trajectories.

Between jumps a trajectory stays in one sector of fixed total excitation number (photons plus
excited emitters), and each group of identical two-level emitters in one ladder |J, M>; there is
neither a photon cut-off nor a time step (Molmer, Castin and Dalibard, J. Opt. Soc. Am. B 10, 524
(1993), with waiting times drawn exactly).  Errors are one standard error, from the spread of the
trajectories.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps_run import Packed, packed_space, run_trajectories
from atomcavity.dynamics.jumps_sectors import Space
from atomcavity.dynamics.methods import Jumps
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.reduction import reduce
from atomcavity.dynamics.results import Evolution, SteadyState
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require
from atomcavity.parallel import spawn_seeds
from atomcavity.results import Record

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

BURN_IN, AVERAGE, SPACING = 6.0, 20.0, 0.5
"""Burn-in and default length in units of 1/`slowest_rate`; spacing of the samples in 1/(largest kappa)."""


FEW = 30
"""Photons that must leave the cavity for their mean number to be trusted."""


def slowest_rate(system: CavitySystem) -> float:
    """The slowest of the rates at which the parts of the system forget (1/s).

    For each group the smallest non-zero decay rate of the isolated emitter's master equation
    ((gamma + pump)/2 + dephasing or gamma + pump for two levels) or, where the emitter alone does
    not decay, 4 sum |g|^2/kappa; for the modes kappa/2.
    """
    kappas = system.kappas[system.kappas > 0]
    rates = [float(k) / 2 for k in kappas]
    for group in reduce(system).groups:
        decay = -np.linalg.eigvals(group.superoperator).real
        decay = decay[decay > 1e-9 * np.abs(decay).max(initial=0.0)]
        if decay.size:
            rates.append(float(decay.min()))
        elif kappas.size and group.couplings:
            rates.append(
                min(4 * float(np.vdot(g, g).real) / float(kappas.max()) for *_, g in group.couplings)
            )
    rates = [rate for rate in rates if rate > 0]
    require(bool(rates), "nothing decays in this system: it has no unique steady state")
    return min(rates)


@dataclass(frozen=True, eq=False)
class _Values:
    """Means of all observables; the leading axes are those of the sums they were made from."""

    photon_number: Real
    pair_number: Real
    levels: Real
    mode_correlation: Complex
    emitter_correlation: Complex


def _values(space: Space, means: Real) -> _Values:
    """Observables of the given modes and groups from the sampled ones, shape (..., observable)."""
    computed, u = len(space.modes.kappas), space.observed
    shape, modes, groups = means.shape[:-1], len(u), space.groups
    numbers = np.array([group.number for group in space.system.emitters])
    n, pairs = means[..., :computed], means[..., computed : 2 * computed]
    first = 2 * computed + int(space.level_start[-1])
    products = means[..., space.observables :: 2] + 1j * means[..., space.observables + 1 :: 2]
    between = np.zeros((*shape, computed, computed), complex)
    between[..., range(computed), range(computed)] = n
    emitters = np.zeros((*shape, groups, groups), complex)
    emitters[..., range(groups), range(groups)] = means[..., first : first + groups]
    for k, (kind, i, j) in enumerate(space.products):
        matrix = between if kind == "mode" else emitters
        if i == j:
            matrix[..., i, i] += products[..., k]
        else:
            matrix[..., i, j], matrix[..., j, i] = products[..., k], products[..., k].conj()
    count = np.outer(numbers, numbers) - np.diag(numbers)
    with np.errstate(invalid="ignore", divide="ignore"):
        emitters = np.where(count > 0, emitters / count, np.nan)
    share = np.abs(u) ** 2  # (mode, computed): n_i = sum_b |u|^2 n_b for one bright mode, identity otherwise
    return _Values(
        photon_number=n @ share.T,
        pair_number=pairs @ (share**2).T,
        levels=means[..., 2 * computed : first] / np.repeat(numbers, np.diff(space.level_start)),
        mode_correlation=np.einsum("ib,...bc,jc->...ij", u.conj(), between, u) if modes else between,
        emitter_correlation=emitters,
    )


def jumps_steady_state(system: CavitySystem, method: Jumps) -> SteadyState:
    """The stationary state as an average over time and trajectories.

    Each trajectory starts in the ground state, is left alone for 6/`slowest_rate(system)` and then
    averaged for `method.duration` (None: 20/`slowest_rate`), by samples at equal distances of
    half a photon lifetime.  Flows are counted jumps.

    Raises `InputError` if the excitation number is not conserved or nothing decays.
    """
    slow = slowest_rate(system)
    settle = BURN_IN / slow
    duration = AVERAGE / slow if method.duration is None else method.duration
    count = 2 * int(np.clip(duration * system.kappas.max() / SPACING / 2, 10, 2000))  # even: two halves
    samples = settle + (np.arange(count) + 0.5) * duration / count
    packed = packed_space(system)
    out = run_trajectories(
        packed, spawn_seeds(method.seed, method.trajectories), duration, settle=settle, samples=samples
    )
    space = packed.space
    runs = _values(space, out.by_run.sum(axis=1) / count)
    excited = 1 - runs.levels[:, space.level_start[:-1]]  # not in the first level
    n, pairs = runs.photon_number.mean(axis=0), runs.pair_number.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        g2 = pairs / n**2
        g2_error = _error(runs.pair_number - 2 * g2 * n * runs.photon_number) / n**2
    changes = np.array([channel.charge for channel in space.channels])
    charged = out.counts * changes
    flow_in, flow_out = charged.clip(min=0).sum(axis=1), -charged.clip(max=0).sum(axis=1)
    unseen = (pairs == 0) & (n > 0)  # no pair of photons in the samples says nothing about how rare pairs are
    g2, g2_error = np.where(unseen, np.nan, g2), np.where(unseen, np.nan, g2_error)
    halves = _values(space, 2 * out.by_run / count)
    warnings = _drift(flow_in - flow_out, halves.photon_number) + _reservations(system)
    warnings += _rare(system, n, int(out.counts[:, : len(system.modes)].sum()), unseen)
    return SteadyState(
        record=_record(system, method, packed, settle, duration, warnings),
        photon_number=n,
        photon_number_error=_error(runs.photon_number),
        excited_population=excited.mean(axis=0),
        excited_population_error=_error(excited),
        populations=_populations(space, runs.levels.mean(axis=0)),
        emitter_correlation=runs.emitter_correlation.mean(axis=0),
        mode_correlation=runs.mode_correlation.mean(axis=0),
        g2=g2,
        g2_error=g2_error,
        photon_distribution=_distribution(space, out.weights / (count * method.trajectories)),
        flow_in=float(flow_in.mean() / duration),
        flow_out=float(flow_out.mean() / duration),
        amplitude=np.zeros(len(n), complex),
    )


def jumps_evolve(system: CavitySystem, method: Jumps, times: Real, initial: Preparation) -> Evolution:
    """Expectation values at `times` (s, increasing, >= 0) from the product state `initial` without photons.

    Raises `InputError` for another initial state or if the excitation number is not conserved.
    """
    t = times
    packed = packed_space(system)
    out = run_trajectories(
        packed, spawn_seeds(method.seed, method.trajectories), float(t[-1]), initial=initial, samples=t
    )
    count = method.trajectories
    mean = out.by_time / count
    spread = np.sqrt(np.maximum(out.by_time_squares / count - mean**2, 0) / (count - 1))
    values, errors = _values(packed.space, mean), _values(packed.space, spread)
    ground = packed.space.level_start[:-1]  # the first level of each group
    return Evolution(
        record=_record(system, method, packed, 0.0, float(t[-1]), ()),
        time=t,
        photon_number=values.photon_number.T,
        photon_number_error=errors.photon_number.T,
        excited_population=1 - values.levels[:, ground].T,
        excited_population_error=errors.levels[:, ground].T,
        emitter_correlation=np.moveaxis(values.emitter_correlation, 0, -1),
        mode_correlation=np.moveaxis(values.mode_correlation, 0, -1),
        pair_number=values.pair_number.T,
        amplitude=np.zeros((len(system.modes), len(t)), complex),
    )


def _error(values: Real) -> Real:
    """Standard error of the mean over the first axis."""
    return values.std(axis=0, ddof=1) / np.sqrt(len(values))


def _drift(balance: NDArray[np.int64], halves: Real) -> tuple[str, ...]:
    """A warning if the trajectories still change while they are averaged, by more than four standard errors.

    balance  excitations that each trajectory gained; halves  photon numbers (run, half, mode)
    """
    change = halves[:, 1] - halves[:, 0]
    drifts = np.any(np.abs(change.mean(axis=0)) > 4 * _error(change) + 1e-12)
    spread = float(_error(balance.astype(float)[:, None])[0])
    if abs(balance.mean()) <= 4 * spread + 1e-12 and not drifts:
        return ()
    return (
        f"not stationary: from the first to the second half of the average the photon numbers changed by "
        f"{np.array2string(change.mean(axis=0), precision=2)}; give a longer duration",
    )


def _rare(system: CavitySystem, photons: Real, leaving: int, unseen: NDArray[np.bool_]) -> tuple[str, ...]:
    """Warnings where what happens rarely is missing from the averages and from their errors, too.

    leaving  photons that left the cavity; unseen  modes with photons, but without pairs
    """
    warnings: tuple[str, ...] = ()
    if leaving < FEW and np.any(photons > 0) and np.any(system.kappas):
        warnings += (
            f"only {leaving} photons left the cavity in all trajectories: the photon numbers may be wrong by more "
            "than their errors; take more trajectories or a longer duration",
        )
    if unseen.any():
        warnings += (
            "no photon pair was sampled: g2(0) is unknown; take more trajectories or a longer duration",
        )
    return warnings


def _reservations(system: CavitySystem) -> tuple[str, ...]:
    """A warning where trajectories from the ground state need not find the only stationary state."""
    undamped = sum(e.number for e in system.emitters if not any(e.scheme.decays.values()))
    alone = undamped == system.number == 1 and np.all(system.kappas) and np.any(system.emitters[0].g_modes)
    if undamped == 0 or alone:
        return ()
    return (
        f"{undamped} emitter(s) have neither decay nor pump of their own: there may be dark or other stationary "
        "states; this is the one reached from the ground state",
    )


def _populations(space: Space, levels: Real) -> Real:
    sizes = np.diff(space.level_start)
    table = np.full((space.groups, sizes.max()), np.nan)
    for k, size in enumerate(sizes):
        table[k, :size] = levels[space.level_start[k] : space.level_start[k] + size]
    return table


def _distribution(space: Space, weights: Real) -> Real:
    """P(n) of each given mode; those that share a bright mode see each of its photons with probability |u|^2."""
    from scipy.stats import binom

    weights = weights[:, : 1 + int(np.max(np.nonzero(weights.sum(axis=0))[0]))]
    if space.observed.shape[1] == len(space.observed) > 1:
        return weights
    n = np.arange(weights.shape[1])
    share = np.minimum(np.abs(space.observed[:, 0]) ** 2, 1.0)
    return np.array([[weights[0] @ binom.pmf(k, n, p) for k in n] for p in share])


def _record(
    system: CavitySystem,
    method: Jumps,
    packed: Packed,
    settle: float,
    duration: float,
    warnings: tuple[str, ...],
) -> Record:
    reason = (
        f"{method.trajectories} trajectories of {duration:.3g} s after a burn-in of {settle:.3g} s, "
        f"{len(packed.numbers)} sectors with up to {packed.largest} states"
    )
    parameters = {
        "system": system.to_dict(),
        "method": {**asdict(method), "duration": duration},
    }
    return Record(method="Jumps", reason=reason, seed=method.seed, warnings=warnings, parameters=parameters)


__all__ = ["jumps_evolve", "jumps_steady_state", "slowest_rate"]
