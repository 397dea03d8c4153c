"""Two-time correlations of one large group and one bright mode, cavity kept, from quantum-jump trajectories.

Order 1: a pair of states (psi, a psi) that shares the jumps (Breuer, Kappler and Petruccione, Phys. Rev. A 56, 2334
(1997)), both of the same norm at first, so that 2 |<psi|a^+|a psi>| of the normalised pair starts at its largest.
Order 2: the trajectory behind a photon that is lost at the first time.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.answers import BURN_IN, slowest_rate
from atomcavity.dynamics.jumps.chain_correlation import correlation_of, question_of
from atomcavity.dynamics.jumps.chain_start import Start, start_of
from atomcavity.dynamics.jumps.ladder_run import CLICKS, Ladder, Run, begin_stationary, ladder_of
from atomcavity.dynamics.jumps.pool import earlier, finished, gather
from atomcavity.dynamics.methods import Jumps
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Correlation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require
from atomcavity.results import Record

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Seeds = NDArray[np.uint64]

LAUNCHES = 8  # first factors of a correlation in one stationary trajectory
SPACING = 1.0  # time between them in units of 1/`slowest_rate`


def launched(run: Run, branch: Run, delays: Real, order: int) -> tuple[Complex, float]:
    """<b^+(tau) b(0)> or <b^+ b^+(tau) b(tau) b> in the state of `run`, without the mode's detuning; and <b^+ b>."""
    from atomcavity.dynamics.jumps import ladder_kernel as kernel

    reals, whole, psi, stream = run.state
    low, high = whole[kernel.LOW], whole[kernel.HIGH]
    photons = np.maximum(whole[kernel.CHARGE] - np.arange(low, high + 1), 0)
    number = float(photons @ np.abs(psi[0, low : high + 1]) ** 2)
    if number == 0:
        return np.zeros(len(delays), complex), 0.0
    then = (reals.copy(), whole.copy(), branch.state[2], stream)
    then[0][kernel.TIME] = 0.0
    then[2][0, low : high + 1] = psi[0, low : high + 1]
    if order == 1:
        then[2][1, low : high + 1] = np.sqrt(photons / number) * psi[0, low : high + 1]
    else:
        kernel.lose_photon(then[1], 1, then[2])
    kernel.normalise(then[1], branch.copies, then[2])
    branch.state = then
    branch.draw()
    seen, _ = branch.to(float(delays[-1]), delays)
    values = np.zeros(len(delays), complex)
    values.real = number * seen[:, kernel.PHOTONS] if order == 2 else 2 * np.sqrt(number) * seen[:, 0]
    values.imag = 0.0 if order == 2 else 2 * np.sqrt(number) * seen[:, 1]
    return values, number


def stationary_correlation(
    ladder: Ladder, seeds: Seeds, settle: float, spacing: float, delays: Real, order: int
) -> tuple[Complex, Real]:
    """Means over `LAUNCHES` stationary times of a run: of the correlation (run, delay) and of <b^+ b> (run, 1)."""
    run = Run(ladder, 1)
    branch = Run(ladder, 3 - order, run.cost)
    values, numbers = np.zeros((len(seeds), len(delays)), complex), np.zeros((len(seeds), 1))
    for k, stream in enumerate(np.array(seeds)):
        begin_stationary(run, stream)
        for launch in range(LAUNCHES):
            run.to(settle + launch * spacing)
            value, number = launched(run, branch, delays, order)
            values[k] += value / LAUNCHES
            numbers[k] += number / LAUNCHES
        run.cost.done += 1
    return values, numbers


def pulse_correlation(
    ladder: Ladder, seeds: Seeds, start: Start, delays: Real, order: int, length: float
) -> tuple[Complex, Real, Real]:
    """Integrals over the time of the first factor: the correlation (run, delay) and <b^+ b> (run, 1).

    The first time is that of one of the run's photons, each with the same probability; the run is repeated up to
    there.  Also <b^+ b>(t) <b^+ b>(t + tau) of independent pulses (run, delay), order 2 only.
    """
    from atomcavity.dynamics.jumps.kernel import uniform

    runs, kappa = len(seeds), ladder.rates[2]
    run = Run(ladder, 1)
    branch = Run(ladder, 3 - order, run.cost)
    values, numbers = np.zeros((runs, len(delays)), complex), np.zeros((runs, 1))
    apart = np.zeros((runs, len(delays) if order == 2 else 0))
    first, streams = start.states(seeds)
    second, streams = start.states(streams)
    for k, stream in enumerate(streams):
        again = stream.copy()
        run.begin(stream, *first[k])
        photons = _photons_of_pulse(run, length)
        numbers[k] = len(photons) / kappa
        run.cost.done += 1
        if not len(photons):
            continue
        time = photons[int(np.ceil(uniform(stream) * len(photons))) - 1]
        run.begin(again, *first[k])
        run.to(max(time - 1e-6 / kappa, 0.0))  # just before that photon is lost
        run.state = (*run.state[:3], stream)
        value, number = launched(run, branch, delays, order)
        values[k] = numbers[k] * value / number
        if order == 2:
            run.begin(stream, *second[k])
            seen, _ = run.to(time + float(delays[-1]), time + delays)
            apart[k] = numbers[k] * seen[:, 0]
    return values, numbers, apart


def _photons_of_pulse(run: Run, length: float) -> Real:
    """Times of all photons that leave the cavity until nothing can happen any more."""
    modes = len(run.ladder.transform)
    buffer = (np.zeros(CLICKS), np.zeros(CLICKS, np.int64))
    found, until = [], length
    while not _over(run):
        run.state[1][4] = 0
        _, done = run.to(until, clicks=buffer)
        some = int(run.state[1][4])
        found.append(buffer[0][:some][buffer[1][:some] < modes].copy())
        until *= 2 if done else 1
    return np.concatenate(found) if found else np.zeros(0)


def _over(run: Run) -> bool:
    """Whether there are neither photons nor emitters that could still emit."""
    _, _, _, gamma, _, flips, _ = run.ladder.rates
    dark = gamma == 0 and flips == 0 and int(run.state[1][0]) == 0  # s = n = 0
    return dark or run.excitations == 0


def ladder_jumps_correlation(
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

    Stationary: each trajectory starts near the mean-field state and gives 8 first factors after a burn-in of
    6/`slowest_rate`.  From `initial`: integrated over the time t of the first factor; order 2 is then normalised by
    int n_i(t) n_j(t + tau) dt.

    Raises `InputError` if a pulse is pumped (it does not end), or for mixtures of superpositions.
    """
    ladder, question = ladder_of(system), question_of(order, mode, other, initial)
    first, slow = earlier(more, system, method, question, delay=delays), slowest_rate(system)
    task: Any = partial(stationary_correlation, ladder, settle=BURN_IN / slow, spacing=SPACING / slow)
    if initial is not None:
        require(
            ladder.rates[4] == 0 and ladder.rates[2] > 0,
            "the pulse of pumped emitters or of a closed cavity does not end: its correlation has no integral; use "
            "initial=None",
        )
        task = partial(pulse_correlation, ladder, start=start_of(ladder.merged, initial), length=20 / slow)
    task = partial(task, delays=delays, order=order)
    values, photons, *apart = gather(task, method, lambda arrays: arrays[1][:, 0], first=first)
    a, b = ladder.transform[[mode, other]]
    numbers = np.stack([abs(a) ** 2 * photons, abs(b) ** 2 * photons], axis=1)
    if order == 1:
        values = np.conj(a) * b * values * np.exp(1j * ladder.detuning * delays)
    else:
        values = abs(a * b) ** 2 * values
        if apart:
            numbers = np.stack([abs(a * b) ** 2 * apart[0], np.ones_like(apart[0])], axis=1)
    record = Record(
        method="Jumps",
        reason=f"{len(values)} trajectories on a window of the ladder |J, M>",
        seed=method.seed,
        parameters={
            "system": system.to_dict(),
            "method": {**asdict(method), "trajectories": len(values)},
            **question,
        },
    )
    result = correlation_of(record, delays, order, values, numbers)
    return finished(result, method, photons[:, 0], more, first)
