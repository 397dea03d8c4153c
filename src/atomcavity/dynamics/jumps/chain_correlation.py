"""Two-time correlations of the light that follows the emitters at once, from chains on the ladders |J, M>.

<a_i^+(tau) a_j(0)> = tr[a_i^+ exp(L tau) a_j rho]: rho is diagonal in |J, M>, so that a_j rho is a sum of
elements |J, M - 1><J, M|, each of which is followed by `jumps.chain_kernel.walk_coherence`.  A second-order
correlation follows the populations behind an emission.  This is the regression that Breuer, Kappler and
Petruccione, Phys. Rev. A 56, 2334 (1997), unravel in a doubled Hilbert space, with less noise: the weight of a
trajectory shrinks smoothly at the rate at which the coherence is lost.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.answers import BURN_IN, slowest_rate
from atomcavity.dynamics.jumps.chain_run import Chain, Cost, chain_of, element, stationary, walked
from atomcavity.dynamics.jumps.chain_start import Start, start_of
from atomcavity.dynamics.jumps.pool import earlier, finished, gather, relative, standard_error
from atomcavity.dynamics.methods import Jumps
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Correlation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require
from atomcavity.results import Record

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Seeds = NDArray[np.uint64]

LAUNCHES = 20  # first factors of a correlation in one stationary trajectory, each chosen by its light
SPACING = 1.0  # times that they are chosen from in units of 1/`slowest_rate`
RARE = 0.2  # relative error of the photon number above which errors are not trusted


def launched(chain: Chain, state: Real, delays: Real, order: int, stream: Any, cost: Cost) -> Complex:
    """<S^+(tau) S(0)> (order 1) or <S^+ S^+(tau) S(tau) S> in |J, M> = `state`, without the emitters' detuning."""
    from atomcavity.dynamics.jumps import chain_kernel as kernel

    j, m = state[kernel.J], state[kernel.M]
    light = kernel.product(j, m)
    values = np.zeros(len(delays), complex)
    if light == 0.0:
        return values
    jumps, seen = np.zeros(10), np.zeros(kernel.OBSERVED)
    then = element(np.array([j, m - (order == 2)]))
    for k, until in enumerate(delays):
        if order == 2:
            walked(chain, then, until, stream, cost)
            kernel.observe(chain.rates[0], then[kernel.J], then[kernel.M], seen)
            values[k] = light * seen[kernel.PRODUCT]
            continue
        while not kernel.walk_coherence(chain.rates, then, until, stream, jumps):
            cost.check(kernel.PAUSE, then[kernel.TIME] / delays[-1])
        values[k] = np.sqrt(light) * kernel.raised(then)
    return values


def chosen_first(
    chain: Chain, state: Real, until: float, delays: Real, order: int, stream: Any, cost: Cost
) -> tuple[Complex, Real]:
    """The time integral of the correlation up to `until` from one first factor, chosen by the light; and the choice."""
    from atomcavity.dynamics.jumps.chain_kernel import PAUSE, J, M, choose_emission, product

    chosen = np.zeros(4)
    while not choose_emission(chain.rates, state, until, stream, chosen):
        cost.check(PAUSE)
    if chosen[3] == 0:
        return np.zeros(len(delays), complex), chosen
    shape = launched(chain, chosen, delays, order, stream, cost) / product(chosen[J], chosen[M])
    return chosen[3] * shape, chosen


def stationary_correlation(
    chain: Chain, seeds: Seeds, settle: float, spacing: float, delays: Real, order: int
) -> tuple[Complex, Real, Real]:
    """Means over `LAUNCHES` stationary times `spacing` of a run: of the correlation (run, delay) and <S^+ S> (run, 1)."""
    values, light = np.zeros((len(seeds), len(delays)), complex), np.zeros((len(seeds), 1))
    cost = Cost()
    for k, stream in enumerate(np.array(seeds)):
        state = stationary(chain)
        walked(chain, state, settle, stream, cost)
        for launch in range(LAUNCHES):
            until = settle + (launch + 1) * spacing
            value, chosen = chosen_first(chain, state, until, delays, order, stream, cost)
            values[k] += value / (LAUNCHES * spacing)
            light[k] += chosen[3] / (LAUNCHES * spacing)
        cost.done += 1
    return values, light, np.zeros((len(seeds), 0))


def pulse_correlation(
    chain: Chain, seeds: Seeds, start: Start, delays: Real, order: int
) -> tuple[Complex, Real, Real]:
    """Integrals over the time t of the first factor, run by run.

    The correlation (run, delay); <S^+ S> (run, 1); <S^+ S>(t) <S^+ S>(t + tau) (run, delay), order 2 only.
    """
    from atomcavity.dynamics.jumps import chain_kernel as kernel

    runs, half = len(seeds), chain.rates[0]
    values, light = np.zeros((runs, len(delays)), complex), np.zeros((runs, 1))
    apart = np.zeros((runs, len(delays) if order == 2 else 0))
    first, streams = start.states(seeds)
    second, streams = start.states(streams)
    cost, seen = Cost(), np.zeros(kernel.OBSERVED)
    for k, stream in enumerate(streams):
        values[k], chosen = chosen_first(chain, element(first[k]), np.inf, delays, order, stream, cost)
        cost.done += 1
        light[k] = chosen[3]
        if chosen[3] == 0:
            continue
        other = element(second[k])  # a pulse that knows nothing of the first
        for i in range(apart.shape[1]):
            walked(chain, other, chosen[kernel.TIME] + delays[i], stream, cost)
            kernel.observe(half, other[kernel.J], other[kernel.M], seen)
            apart[k, i] = chosen[3] * seen[kernel.PRODUCT]
    return values, light, apart


def chain_correlation(
    system: CavitySystem,
    method: Jumps,
    *,
    delays: Real,
    order: int,
    mode: int,
    other: int,
    initial: Preparation | None,
    more: Correlation | None = None,
) -> Correlation:
    """<a_i^+(tau) a_j(0)> (order 1) or <a_i^+ a_j^+(tau) a_j(tau) a_i> (order 2), i = mode, j = other, with errors.

    Stationary: each trajectory starts near the mean-field state and gives 20 first factors after a burn-in of
    6/`slowest_rate`.  From `initial`: integrated over the time t of the first factor; order 2 is then normalised by
    int n_i(t) n_j(t + tau) dt.

    Raises `InputError` if a pulse is pumped (it does not end), for mixtures of superpositions, or if the system is
    not one group of two-level emitters.
    """
    chain, question = chain_of(system), question_of(order, mode, other, initial)
    first = earlier(more, system, method, question, delay=delays)
    task: Any = partial(stationary_correlation, chain)
    if initial is None:
        slow = slowest_rate(system)
        task = partial(task, settle=BURN_IN / slow, spacing=SPACING / slow)
    else:
        require(
            system.emitters[0].pump_rate == 0 and chain.rates[1] > 0,
            "the pulse of pumped or dark emitters does not end: its correlation has no integral; use initial=None",
        )
        task = partial(pulse_correlation, chain, start=start_of(chain.merged, initial))
    task = partial(task, delays=delays, order=order)
    values, light, apart = gather(task, method, lambda arrays: arrays[1][:, 0], first=first)
    a, b = chain.amplitude[[mode, other]]
    numbers = np.stack([abs(a) ** 2 * light, abs(b) ** 2 * light], axis=1)
    if order == 1:
        values = np.conj(a) * b * values * np.exp(1j * system.emitters[0].detuning * delays)
    else:
        values = abs(a * b) ** 2 * values
        if initial is not None:
            numbers = np.stack([abs(a * b) ** 2 * apart, np.ones_like(apart)], axis=1)
    record = Record(
        method="Jumps",
        reason=f"{len(values)} trajectories on the ladders |J, M>, the cavity eliminated",
        seed=method.seed,
        warnings=chain.eliminated.warnings,
        parameters={
            "system": system.to_dict(),
            "method": {**asdict(method), "trajectories": len(values)},
            **question,
        },
    )
    result = correlation_of(record, delays, order, values, numbers)
    return finished(result, method, light[:, 0], more, first)


def question_of(order: int, mode: int, other: int, initial: Preparation | None) -> dict[str, Any]:
    """What tells one correlation from another, as plain data."""
    start = None if initial is None else initial.to_dict()
    return {"order": order, "mode": mode, "other": other, "initial": start}


def correlation_of(record: Record, delays: Real, order: int, values: Complex, numbers: Real) -> Correlation:
    """The result from each run's correlation (run, delay) and numbers (run, 2, 1 or delay).

    Normalised by the product of the means of the two numbers (order 1: its square root); the error takes
    account of the runs' numbers to first order.
    """
    n, power = numbers.mean(axis=0), 0.5 if order == 1 else 1.0
    plain = n[:, 0] if n.shape[1] == 1 else n
    remarks = () if np.all(n > 0) else ("the mode is dark: its normalised correlation is not known",)
    spread = relative(numbers[:, 0].mean(axis=1))
    if RARE < spread < np.inf:
        remarks = (
            f"light is rare: the photon number is only known to {spread:.0%}, and the errors may be too small; take "
            "more trajectories",
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.prod(n, axis=0) ** power
        shape = values.mean(axis=0) / scale
        rest = values / scale - shape * power * (numbers / n).sum(axis=1)
    return Correlation(
        record=replace(
            record,
            warnings=record.warnings + remarks,
            parameters={**record.parameters, "photon_numbers": plain.tolist()},
        ),
        delay=delays,
        value=values.mean(axis=0),
        normalised=shape,
        error=np.hypot(standard_error(rest.real), standard_error(rest.imag)),
        order=order,
    )
