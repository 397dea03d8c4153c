"""The `Jumps` method: steady states and evolutions from quantum-jump trajectories.

Between jumps a trajectory stays in one sector of fixed total excitation number (photons plus
excited emitters), and each group of identical two-level emitters in one ladder |J, M>; there is
neither a photon cut-off nor a time step (Molmer, Castin and Dalibard, J. Opt. Soc. Am. B 10, 524
(1993), with waiting times drawn exactly).  Errors are one standard error, from the spread of the
trajectories.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.pool import earlier, finished, gather, standard_error
from atomcavity.dynamics.jumps.task import Averages, Task, sums_of
from atomcavity.dynamics.jumps.values import distribution_of, populations_of, values_of
from atomcavity.dynamics.methods import Jumps
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.reduction import reduce
from atomcavity.dynamics.results import Evolution, SteadyState
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require
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


def special(system: CavitySystem, function: str, initial: Preparation | None) -> Any:
    """The function of `jumps.ladder` for identical emitters and one bright mode, or None for other systems."""
    from atomcavity.dynamics.jumps import ladder

    return getattr(ladder, function) if ladder.suits(system, initial) else None


def jumps_steady_state(
    system: CavitySystem, method: Jumps, *, more: SteadyState | None = None
) -> SteadyState:
    """The stationary state as an average over time and trajectories.

    Each trajectory starts in the ground state, is left alone for 6/`slowest_rate(system)` and then
    averaged for `method.duration` (None: 20/`slowest_rate`), by samples at equal distances of
    half a photon lifetime.  Flows are counted jumps.

    Raises `InputError` if the excitation number is not conserved, nothing decays, or `more` is another question.
    """
    ladder = special(system, "ladder_jumps_steady_state", None)
    if ladder is not None:
        return ladder(system, method, more=more)
    slow = slowest_rate(system)
    settle = BURN_IN / slow
    duration = AVERAGE / slow if method.duration is None else method.duration
    count = 2 * int(np.clip(duration * system.kappas.max() / SPACING / 2, 10, 2000))  # even: two halves
    samples = settle + (np.arange(count) + 0.5) * duration / count
    task = Task(system, duration, method.trajectories, settle=settle, samples=samples)
    first = earlier(more, system, method)
    out = sums_of(gather(task, method, task.watched, first=first))
    result = _stationary(system, method, task, out, (settle, duration))
    return finished(result, method, task.watched(tuple(out)), more, first)


def _stationary(
    system: CavitySystem, method: Jumps, task: Task, out: Averages, times: tuple[float, float]
) -> SteadyState:
    space, count, duration = task.space, len(task.samples), times[1]
    runs = values_of(space, out.by_run.sum(axis=1) / count)
    excited = 1 - runs.levels[:, space.level_start[:-1]]  # not in the first level
    n, pairs = runs.photon_number.mean(axis=0), runs.pair_number.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        g2 = pairs / n**2
        g2_error = standard_error(runs.pair_number - 2 * g2 * n * runs.photon_number) / n**2
    changes = np.array([channel.charge for channel in space.channels])
    charged = out.counts * changes
    flow_in, flow_out = charged.clip(min=0).sum(axis=1), -charged.clip(max=0).sum(axis=1)
    unseen = (pairs == 0) & (n > 0)  # no pair of photons in the samples says nothing about how rare pairs are
    g2, g2_error = np.where(unseen, np.nan, g2), np.where(unseen, np.nan, g2_error)
    halves = values_of(space, 2 * out.by_run / count)
    warnings = _drift(flow_in - flow_out, halves.photon_number) + reservations(system)
    warnings += rare(system, n, int(out.counts[:, : len(system.modes)].sum()), unseen)
    return SteadyState(
        record=record_of(system, method, out, times, warnings),
        photon_number=n,
        photon_number_error=standard_error(runs.photon_number),
        excited_population=excited.mean(axis=0),
        excited_population_error=standard_error(excited),
        populations=populations_of(space, runs.levels.mean(axis=0)),
        emitter_correlation=runs.emitter_correlation.mean(axis=0),
        mode_correlation=runs.mode_correlation.mean(axis=0),
        g2=g2,
        g2_error=g2_error,
        photon_distribution=distribution_of(space, out.weights.sum(axis=0) / (count * len(runs.levels))),
        flow_in=float(flow_in.mean() / duration),
        flow_out=float(flow_out.mean() / duration),
        amplitude=np.zeros(len(n), complex),
    )


def jumps_evolve(
    system: CavitySystem,
    method: Jumps,
    *,
    times: Real,
    initial: Preparation,
    more: Evolution | None = None,
) -> Evolution:
    """Expectation values at `times` (s, increasing, >= 0) from the product state `initial` without photons.

    Superpositions of excitation numbers are projected (see `jumps.start`): what is asked does not depend on
    the phases between them; only `amplitude` does, and is NaN then.

    Raises `InputError` if the excitation number is not conserved, or `more` is another question.
    """
    ladder = special(system, "ladder_jumps_evolve", initial)
    if ladder is not None:
        return ladder(system, method, times=times, initial=initial, more=more)
    task = Task(system, float(times[-1]), method.trajectories, samples=times, initial=initial)
    question = {"initial": initial.to_dict()}
    first = earlier(more, system, replace(method, duration=None), question, time=times)
    out = sums_of(gather(task, method, task.watched, first=first))
    count, space = len(out.by_run), task.space
    mean = out.by_time.sum(axis=0) / count
    spread = np.sqrt(np.maximum(out.by_time_squares.sum(axis=0) / count - mean**2, 0) / (count - 1))
    values, errors = values_of(space, mean), values_of(space, spread)
    ground = space.level_start[:-1]  # the first level of each group
    known = 0.0 if initial.levels(system) is not None else np.nan
    record = record_of(system, method, out, (0.0, float(times[-1])), (), question)
    result = Evolution(
        record=record,
        time=times,
        photon_number=values.photon_number.T,
        photon_number_error=errors.photon_number.T,
        excited_population=1 - values.levels[:, ground].T,
        excited_population_error=errors.levels[:, ground].T,
        emitter_correlation=np.moveaxis(values.emitter_correlation, 0, -1),
        mode_correlation=np.moveaxis(values.mode_correlation, 0, -1),
        pair_number=values.pair_number.T,
        amplitude=np.full((len(system.modes), len(times)), known, complex),
    )
    return finished(result, method, task.watched(tuple(out)), more, first)


def _drift(balance: NDArray[np.int64], halves: Real) -> tuple[str, ...]:
    """A warning if the trajectories still change while they are averaged, by more than four standard errors.

    balance  excitations that each trajectory gained; halves  photon numbers (run, half, mode)
    """
    change = halves[:, 1] - halves[:, 0]
    drifts = np.any(np.abs(change.mean(axis=0)) > 4 * standard_error(change) + 1e-12)
    spread = float(standard_error(balance.astype(float)[:, None])[0])
    if abs(balance.mean()) <= 4 * spread + 1e-12 and not drifts:
        return ()
    return (
        f"not stationary: from the first to the second half of the average the photon numbers changed by "
        f"{np.array2string(change.mean(axis=0), precision=2)}; give a longer duration",
    )


def rare(system: CavitySystem, photons: Real, leaving: int, unseen: NDArray[np.bool_]) -> tuple[str, ...]:
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


def reservations(system: CavitySystem) -> tuple[str, ...]:
    """A warning where trajectories from the ground state need not find the only stationary state."""
    undamped = sum(e.number for e in system.emitters if not any(e.scheme.decays.values()))
    alone = undamped == system.number == 1 and np.all(system.kappas) and np.any(system.emitters[0].g_modes)
    if undamped == 0 or alone:
        return ()
    return (
        f"{undamped} emitter(s) have neither decay nor pump of their own: there may be dark or other stationary "
        "states; this is the one reached from the ground state",
    )


def record_of(
    system: CavitySystem,
    method: Jumps,
    out: Averages,
    times: tuple[float, float],
    warnings: tuple[str, ...],
    question: dict[str, Any] | None = None,
) -> Record:
    """How many trajectories there were, of which length (burn-in, average), in sectors of which size."""
    settle, duration = times
    count = len(out.by_run)
    burned = f" after a burn-in of {settle:.3g} s" if settle else ""
    reason = (
        f"{count} trajectories of {duration:.3g} s{burned}, sectors with up to {out.largest.max()} states"
    )
    parameters = {
        "system": system.to_dict(),
        "method": {**asdict(method), "duration": duration, "trajectories": count},
        **(question or {}),
    }
    return Record(method="Jumps", reason=reason, seed=method.seed, warnings=warnings, parameters=parameters)
