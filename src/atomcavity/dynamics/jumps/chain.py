"""The `Jumps` method with the cavity eliminated: one group of up to 10^5 and more identical two-level emitters.

With the light following the emitters at once (see `elimination`) every |J, M> is an eigenstate of the
Hamiltonian and of the decay, so that a trajectory is a Markov chain on the ladders: collective emission at
the rate Gamma (J + M)(J - M + 1), local decay, pump and dephasing with J changing by 0 and +-1 (Chase and
Geremia, Phys. Rev. A 78, 052101 (2008)), exponential waiting times, and a cost per jump that does not
depend on N.  Time averages use the expected time in a state instead of the drawn one (Hordijk, Iglehart and
Schassberger, Adv. Appl. Probab. 8, 772 (1976)).  Errors are one standard error, from the spread of the trajectories.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.answers import AVERAGE, BURN_IN, rare, reservations, slowest_rate
from atomcavity.dynamics.jumps.chain_correlation import chain_correlation
from atomcavity.dynamics.jumps.chain_run import Chain, chain_of, click_runs, stationary_runs, timed_runs
from atomcavity.dynamics.jumps.chain_start import start_of
from atomcavity.dynamics.jumps.pool import earlier, finished, gather, standard_error
from atomcavity.dynamics.methods import Jumps
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Evolution, SteadyState
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require
from atomcavity.results import Record

Real = NDArray[np.float64]
Whole = NDArray[np.int64]


def chain_steady_state(
    system: CavitySystem, method: Jumps, *, more: SteadyState | None = None
) -> SteadyState:
    """The stationary state as an average over time and trajectories.

    Each trajectory starts near the mean-field populations, is left alone for 6/`slowest_rate` and then
    averaged for `method.duration` (None: 20/`slowest_rate`).  The photon distribution is not known.

    Raises `InputError` if the system is not one group of two-level emitters, or if nothing decays.
    """
    from atomcavity.dynamics.jumps.chain_kernel import DWELL, EXCITED, PAIRS, PRODUCT

    chain, slow = chain_of(system), slowest_rate(system)
    settle = BURN_IN / slow
    duration = AVERAGE / slow if method.duration is None else method.duration
    task = partial(stationary_runs, chain, settle=settle, duration=duration)
    first = earlier(more, system, method)
    averages, counts = gather(task, method, lambda arrays: arrays[0][:, :, PRODUCT].mean(axis=1), first=first)
    every = averages.mean(axis=1)
    mean = every.mean(axis=0) / every[:, DWELL].mean()
    halves = averages - mean * (
        averages[..., DWELL:EXCITED] - 1
    )  # the known length of a run takes noise away
    runs = halves.mean(axis=1)
    group, number = system.emitters[0], system.number
    share = np.abs(chain.amplitude) ** 2
    n, pairs, excited = share * mean[PRODUCT], share**2 * mean[PAIRS], mean[EXCITED] / number
    with np.errstate(invalid="ignore", divide="ignore"):
        g2 = pairs / n**2
        ratio = mean[PAIRS] / mean[PRODUCT]
        g2_error = standard_error(runs[:, PAIRS] - 2 * ratio * runs[:, PRODUCT]) / mean[PRODUCT] ** 2
    unseen = (pairs == 0) & (n > 0) & (number > 1)
    g2_error = np.where(unseen | np.isnan(g2), np.nan, g2_error)
    warnings = drift(halves[..., EXCITED : PRODUCT + 1], ("number of excited emitters", "<S^+ S>"))
    warnings += reservations(system) + rare(system, n, int(counts[:, 0].sum()), unseen)
    length = f"{duration:.3g} s after a burn-in of {settle:.3g} s from near the mean-field populations"
    emitted, each = chain.rates[1] * mean[PRODUCT], chain.merged.each
    result = SteadyState(
        record=_record(chain, method, len(runs), length, warnings),
        photon_number=n,
        photon_number_error=share * standard_error(runs[:, PRODUCT]),
        excited_population=each(excited),
        excited_population_error=each(standard_error(runs[:, EXCITED]) / number),
        populations=each(np.array([1 - excited, excited])),
        emitter_correlation=chain.merged.between(mean[PRODUCT], mean[EXCITED]),
        mode_correlation=_between_modes(chain, mean[PRODUCT]),
        g2=np.where(unseen, np.nan, g2),
        g2_error=g2_error,
        photon_distribution=np.zeros((len(n), 0)),
        amplitude=np.zeros(len(n), complex),
        flow_in=float(group.pump_rate * number * (1 - excited)),
        flow_out=float(emitted + group.gamma * number * excited),
    )  # fmt: skip
    return finished(result, method, every[:, PRODUCT], more, first)


def chain_evolve(
    system: CavitySystem,
    method: Jumps,
    *,
    times: Real,
    initial: Preparation,
    more: Evolution | None = None,
) -> Evolution:
    """Expectation values at `times` (s) from levels, superpositions or a mixture of levels of the emitters.

    Raises `InputError` for a mixture of superpositions, or if the system is not one group of two-level emitters.
    """
    from atomcavity.dynamics.jumps.chain_kernel import EXCITED, PAIRS, PRODUCT

    chain, number = chain_of(system), system.number
    start = start_of(chain.merged, initial)
    task, question = partial(timed_runs, chain, times=times, start=start), {"initial": initial.to_dict()}
    first = earlier(more, system, method, question, time=times)
    values, coherence = gather(task, method, lambda arrays: arrays[0][:, :, PRODUCT].sum(axis=1), first=first)
    mean, error = values.mean(axis=0).T, standard_error(values).T
    share = np.abs(chain.amplitude[:, None]) ** 2
    turned = np.exp(-1j * system.emitters[0].detuning * times)
    result = Evolution(
        record=_record(
            chain,
            method,
            len(values),
            f"{times[-1]:.3g} s",
            (),
            question,
        ),
        time=times,
        photon_number=share * mean[PRODUCT],
        photon_number_error=share * error[PRODUCT],
        excited_population=chain.merged.each(mean[EXCITED] / number),
        excited_population_error=chain.merged.each(error[EXCITED] / number),
        emitter_correlation=chain.merged.between(mean[PRODUCT], mean[EXCITED]),
        mode_correlation=_between_modes(chain, mean[PRODUCT]),
        pair_number=share**2 * mean[PAIRS],
        amplitude=chain.amplitude[:, None] * turned * np.conj(coherence.mean(axis=0)),
    )
    return finished(result, method, values[:, :, PRODUCT].sum(axis=1), more, first)


def chain_clicks(
    system: CavitySystem,
    seeds: NDArray[np.uint64],
    duration: float,
    *,
    initial: Preparation | None = None,
    settle: float = 0.0,
) -> tuple[tuple[Real, Whole, Whole], list[str], Whole]:
    """Every quantum jump between `settle` and `settle + duration` (s), one trajectory a row of `seeds`.

    Returns (time, channel, run) of the clicks, in the order of the runs, times from `settle` on; the name of each
    channel ("mode i", "decay 0", "pump 0", "dephasing 0"); and the excited emitters left at the end (run,).
    initial  None: near the stationary state (then let it settle)
    """
    chain = chain_of(system)
    one_group(system)
    start = None if initial is None else start_of(chain.merged, initial)
    time, channel, run, left = click_runs(chain, seeds, settle, duration, start)
    return (time, channel, run), chain.labels, left


def one_group(system: CavitySystem) -> None:
    """`InputError` for several groups: a jump of merged groups does not tell in which of them it was."""
    require(
        len(system.emitters) == 1,
        f"clicks on one ladder do not tell the {len(system.emitters)} groups apart: give one group of emitters",
    )


def _between_modes(chain: Chain, light: float | Real) -> NDArray[np.complex128]:
    """<a_i^+ a_j> = amplitude_i^* amplitude_j <S^+ S>, (mode, mode, ...)."""
    return np.multiply.outer(np.outer(chain.amplitude.conj(), chain.amplitude), light)


def drift(halves: Real, names: tuple[str, ...]) -> tuple[str, ...]:
    """A warning if what is called `names` (run, half, name) still changes, by more than four standard errors."""
    change = halves[:, 1] - halves[:, 0]
    before, after = halves.mean(axis=0)
    moves = np.abs(change.mean(axis=0)) > 4 * standard_error(change) + 1e-12 * np.abs(before)
    if not moves.any():
        return ()
    told = [
        f"the {name} from {x:.5g} to {y:.5g}"
        for name, x, y, moved in zip(names, before, after, moves, strict=True)
        if moved
    ]
    return (
        f"not stationary: from the first to the second half of the average {' and '.join(told)}; give a longer duration",
    )


def _record(
    chain: Chain,
    method: Jumps,
    trajectories: int,
    length: str,
    warnings: tuple[str, ...],
    question: dict[str, Any] | None = None,
) -> Record:
    return Record(
        method="Jumps",
        reason=f"{trajectories} trajectories of {length}, on the ladders |J, M> with the cavity eliminated",
        seed=method.seed,
        warnings=chain.eliminated.warnings + warnings,
        parameters={
            "system": chain.merged.given.to_dict(),
            "method": {**asdict(method), "trajectories": trajectories},
            **(question or {}),
        },
    )


__all__ = ["chain_clicks", "chain_correlation", "chain_evolve", "chain_steady_state"]
