"""The `Jumps` method for one group of many identical two-level emitters and one bright mode, cavity kept.

At fixed J and excitation number a trajectory's state is a vector over the photon number with a tridiagonal
effective Hamiltonian, of which only the window that holds the state is followed (see `jumps.ladder_kernel`):
nothing is stored, there is neither a photon cut-off nor a time step, and N = 1,000 costs tens of milliseconds a
microsecond of a microlaser.  Local decay, pump and dephasing lead from J to J, J +- 1 (Chase and Geremia, Phys.
Rev. A 78, 052101 (2008)).  Errors are one standard error, from the spread of the trajectories.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.answers import AVERAGE, BURN_IN, SPACING, rare, reservations, slowest_rate
from atomcavity.dynamics.jumps.chain import drift, one_group
from atomcavity.dynamics.jumps.chain_merge import merged
from atomcavity.dynamics.jumps.chain_start import mixed, start_of
from atomcavity.dynamics.jumps.ladder_correlation import ladder_jumps_correlation
from atomcavity.dynamics.jumps.ladder_run import Ladder, click_runs, ladder_of, stationary_runs, timed_runs
from atomcavity.dynamics.jumps.pool import earlier, finished, gather, standard_error
from atomcavity.dynamics.jumps.values import distribution_of
from atomcavity.dynamics.methods import Jumps
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.reduction import reduce
from atomcavity.dynamics.results import Evolution, SteadyState
from atomcavity.dynamics.system import CavitySystem
from atomcavity.results import Record

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

FEWEST = 2  # emitters from which on the window is faster than stored sectors


def suits(system: CavitySystem, initial: Preparation | None = None) -> bool:
    """Whether these are identical two-level emitters that fill one mode and are not driven.

    Groups that differ in the phase of g only are identical if they start alike, in the stationary state (None) or in
    `initial`, which must not be a mixture of superpositions.
    """
    merge = merged(system)
    if merge is None or system.number < FEWEST or not any(merge.single.emitters[0].g_modes):
        return False
    if reduce(system).rotation.shape[1] > 1:
        return False
    if len(system.emitters) == 1 or initial is None:
        return True
    return merge.alike(initial) and not mixed(merge.matrix(initial))


def ladder_jumps_steady_state(
    system: CavitySystem, method: Jumps, *, more: SteadyState | None = None
) -> SteadyState:
    """The stationary state as an average over time and trajectories.

    Each trajectory starts near the mean-field state, is left alone for 6/`slowest_rate` and then averaged for
    `method.duration` (None: 20/`slowest_rate`), by samples at equal distances of half a photon lifetime.  Flows are
    counted jumps.

    Raises `InputError` if nothing decays or if it would take too many steps.
    """
    from atomcavity.dynamics.jumps.ladder_kernel import EXCITED, PAIRS, PHOTONS, PRODUCT

    ladder, slow = ladder_of(system), slowest_rate(system)
    settle = BURN_IN / slow
    duration = AVERAGE / slow if method.duration is None else method.duration
    count = 2 * int(np.clip(duration * ladder.rates[2] / SPACING / 2, 10, 2000))  # even: two halves
    task = partial(stationary_runs, ladder, settle=settle, duration=duration, count=count)
    first = earlier(more, system, method)
    halves, counts, weights = gather(
        task, method, lambda arrays: arrays[0][:, :, PHOTONS].mean(axis=1), first=first
    )
    runs = halves.mean(axis=1)
    mean, number = runs.mean(axis=0), system.number
    share = np.abs(ladder.transform) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        g2 = mean[PAIRS] / mean[PHOTONS] ** 2
        rest = runs[:, PAIRS] - 2 * g2 * mean[PHOTONS] * runs[:, PHOTONS]
        g2_error = standard_error(rest) / mean[PHOTONS] ** 2
    n = share * mean[PHOTONS]
    unseen = (n > 0) & (mean[PAIRS] == 0)
    known = np.where((share > 0) & ~unseen, 1.0, np.nan)
    excited, each = mean[EXCITED] / number, ladder.merged.each
    charged = counts * np.array([-1] * len(share) + [-1, 1, 0])
    warnings = drift(halves[..., [PHOTONS, EXCITED]], ("photon number", "number of excited emitters"))
    warnings += reservations(system) + rare(system, n, int(counts[:, : len(share)].sum()), unseen)
    length = f"{duration:.3g} s after a burn-in of {settle:.3g} s from near the mean-field state"
    result = SteadyState(
        record=_record(ladder, method, len(runs), length, warnings),
        photon_number=n,
        photon_number_error=share * standard_error(runs[:, PHOTONS]),
        excited_population=each(excited),
        excited_population_error=each(standard_error(runs[:, EXCITED]) / number),
        populations=each(np.array([1 - excited, excited])),
        emitter_correlation=ladder.merged.between(mean[PRODUCT], mean[EXCITED]),
        mode_correlation=_between_modes(ladder, mean[PHOTONS]),
        g2=g2 * known,
        g2_error=g2_error * known,
        photon_distribution=distribution_of(
            SimpleNamespace(observed=ladder.transform[:, None]), weights.sum(axis=0)[None] / (count * len(runs))  # type: ignore[arg-type]
        ),
        flow_in=float(charged.clip(min=0).sum() / duration / len(runs)),
        flow_out=float(-charged.clip(max=0).sum() / duration / len(runs)),
        amplitude=np.zeros(len(share), complex),
    )  # fmt: skip
    return finished(result, method, runs[:, PHOTONS], more, first)


def ladder_jumps_evolve(
    system: CavitySystem,
    method: Jumps,
    *,
    times: Real,
    initial: Preparation,
    more: Evolution | None = None,
) -> Evolution:
    """Expectation values at `times` (s) from levels, superpositions or a mixture of levels of the emitters, without photons.

    A superposition is projected on its excitation numbers: `amplitude` is then not known (NaN).

    Raises `InputError` for a mixture of superpositions, or if groups start in different states.
    """
    from atomcavity.dynamics.jumps.ladder_kernel import EXCITED, PAIRS, PHOTONS, PRODUCT

    ladder, number = ladder_of(system), system.number
    start = start_of(ladder.merged, initial)
    question = {"initial": initial.to_dict()}
    first = earlier(more, system, method, question, time=times)
    task = partial(timed_runs, ladder, times=times, start=start)
    (values,) = gather(task, method, lambda arrays: arrays[0][:, :, PHOTONS].sum(axis=1), first=first)
    mean, error = values.mean(axis=0).T, standard_error(values).T
    share = np.abs(ladder.transform[:, None]) ** 2
    unknown = np.nan if start.superposed else 0.0
    result = Evolution(
        record=_record(ladder, method, len(values), f"{times[-1]:.3g} s", (), question),
        time=times,
        photon_number=share * mean[PHOTONS],
        photon_number_error=share * error[PHOTONS],
        excited_population=ladder.merged.each(mean[EXCITED] / number),
        excited_population_error=ladder.merged.each(error[EXCITED] / number),
        emitter_correlation=ladder.merged.between(mean[PRODUCT], mean[EXCITED]),
        mode_correlation=_between_modes(ladder, mean[PHOTONS]),
        pair_number=share**2 * mean[PAIRS],
        amplitude=np.full((len(share), len(times)), unknown, complex),
    )
    return finished(result, method, values[:, :, PHOTONS].sum(axis=1), more, first)


def ladder_clicks(
    system: CavitySystem,
    seeds: NDArray[np.uint64],
    duration: float,
    *,
    initial: Preparation | None = None,
    settle: float = 0.0,
) -> tuple[tuple[Real, Whole, Whole], list[str], Whole]:
    """Every quantum jump between `settle` and `settle + duration` (s), one trajectory a row of `seeds`.

    Returns (time, channel, run) of the clicks, in the order of the runs, times from `settle` on; the name of each
    channel ("mode i", "decay 0", "pump 0", "dephasing 0"); and the excitations left at the end (run,).
    initial  None: near the stationary state (then let it settle)
    """
    ladder = ladder_of(system)
    one_group(system)
    start = None if initial is None else start_of(ladder.merged, initial)
    time, channel, run, left = click_runs(ladder, seeds, settle, duration, start)
    return (time, channel, run), ladder.labels, left


def _between_modes(ladder: Ladder, photons: float | Real) -> NDArray[np.complex128]:
    """<a_i^+ a_j> = transform_i^* transform_j <b^+ b>, (mode, mode, ...)."""
    return np.multiply.outer(np.outer(ladder.transform.conj(), ladder.transform), photons)


def _record(
    ladder: Ladder,
    method: Jumps,
    trajectories: int,
    length: str,
    warnings: tuple[str, ...],
    question: dict[str, Any] | None = None,
) -> Record:
    return Record(
        method="Jumps",
        reason=f"{trajectories} trajectories of {length}, on a window of the ladder |J, M>",
        seed=method.seed,
        warnings=warnings,
        parameters={
            "system": ladder.merged.given.to_dict(),
            "method": {**asdict(method), "trajectories": trajectories},
            **(question or {}),
        },
    )


__all__ = [
    "ladder_clicks",
    "ladder_jumps_correlation",
    "ladder_jumps_evolve",
    "ladder_jumps_steady_state",
    "suits",
]
