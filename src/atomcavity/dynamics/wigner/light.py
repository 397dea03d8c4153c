"""The light that leaves, cut into bins of time, and its two-time correlations: the `TruncatedWigner` answer to `correlation`.

b_j = (integral of a_out over bin j)/sqrt(D), D its length, are bosons of their own, [b_j, b_k^+] = delta_jk.  The classical b
is symmetrically ordered, hence <b_j^+ b_k> = <b_j^* b_k> - delta_jk/2, and a^+ a = b^+ b/(D kappa).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.answers import AVERAGE, BURN_IN, slowest_rate
from atomcavity.dynamics.methods import TruncatedWigner
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Correlation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.dynamics.wigner.run import Run, prepared, standard_error
from atomcavity.errors import InputError, require
from atomcavity.results import Record

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

BINS = 2**17  # of each trajectory, at most
PILOT, DOUBLINGS, LEFT = 8, 10, 0.005
"""Trajectories that find the end of a pulse, how often its length is doubled, and the part that may come in the second half."""


@dataclass(frozen=True, eq=False)
class Light:
    """Trajectories of the outgoing light; `settle` (s) is left out, then `count` bins of length `width` (s).

    kappa  decay rates of the modes that are looked at; stationary  or a pulse that starts at time 0
    """

    run: Run
    modes: tuple[int, ...]
    settle: float
    width: float
    count: int
    stationary: bool

    @property
    def kappa(self) -> Real:
        """Decay rates of the modes that are looked at (rad/s)."""
        return self.run.model.system.kappas[list(self.modes)]

    def bins(self) -> Iterator[Complex]:
        """b, (run, mode, bin), in chunks of trajectories, in the model's frame."""
        times = self.settle + self.width * np.arange(self.count + 1.0)
        for part in self.run.samples(times):
            yield np.moveaxis(part.outgoing[:, 1:, list(self.modes)], 1, 2) / np.sqrt(self.width)

    def record(self, warnings: tuple[str, ...], note: str = "") -> Record:
        """The record of an answer about the light."""
        span = self.settle or self.width * self.count
        residual = self.run.residual(np.linspace(0, span, 50)[1:])
        return self.run.record(f"{self.count} bins of {self.width:.3g} s{note}", residual, warnings)


def light(
    system: CavitySystem,
    method: TruncatedWigner,
    modes: tuple[int, ...],
    initial: Preparation | None,
    longest: float,
    average: float = AVERAGE,
) -> tuple[Light, tuple[str, ...]]:
    """The light of some modes, and warnings; stationary: averaged for the method's duration plus the `longest` delay.

    Raises `InputError` for a mode that no light leaves, or a pulse without end.
    """
    for mode in modes:
        require(
            system.modes[mode].kappa > 0,
            f"mode {mode} has kappa = 0: TruncatedWigner looks at the light that leaves; use Exact()",
        )
    run = prepared(system, method, initial, emitters=False)
    warnings: tuple[str, ...] = ()
    if initial is None:
        slow = slowest_rate(system)
        settle = BURN_IN / slow
        length = (average / slow if method.duration is None else method.duration) + longest
    else:
        settle = 0.0
        length, warnings = (pulse_length(run), ()) if method.duration is None else (method.duration, ())
    width = run.step()
    count = int(np.ceil(length / width))
    if count > BINS:
        warnings += (
            f"the light is averaged over bins of {length / BINS:.2g} s, {length / BINS / width:.2g} times the step: "
            "what changes faster is not resolved",
        )
        count, width = BINS, length / BINS
    return Light(run, modes, settle, width, max(count, 2), initial is None), warnings


def pulse_length(run: Run) -> float:
    """A time (s) after which the emitters lose no more excitations, from a few trajectories.

    Raises `InputError` if they go on changing.
    """
    system = run.model.system
    if system.driven or any(e.pump_rate for e in system.emitters):
        raise InputError(
            "a driven or pumped system has no pulse that ends: give TruncatedWigner a duration (s)"
        )
    if run.model.rate == 0:
        raise InputError("the pulse does not end: nothing acts on the emitters")
    pilot = Run(run.model, replace(run.method, trajectories=min(PILOT, run.method.trajectories)), run.initial)
    length = 20 / run.model.rate
    for _ in range(DOUBLINGS):
        left = np.zeros(3)
        for part in pilot.samples(length * np.array([0.0, 0.5, 1.0])):
            left += part.z.sum(axis=(0, 2))
        lost = left[0] - left[2]
        if lost > 0 and abs(left[1] - left[2]) < LEFT * lost:
            return length
        length *= 2
    raise InputError("the pulse does not end: give TruncatedWigner a duration (s)")


def wigner_correlation(
    system: CavitySystem,
    method: TruncatedWigner,
    *,
    delays: Real,
    order: int,
    mode: int,
    other: int,
    initial: Preparation | None,
) -> Correlation:
    """Two-time correlations of the light that leaves, which are in normal and time order at all delays.

    Averaged over the bins of a trajectory (steps, as long as there are no more than 131,072) and interpolated between them.
    Of a pulse: integrated over the time of the first factor, normalised by (int n_i dt int n_j dt)^(1/2) or int n_i(t) n_j(t + tau) dt.

    Raises `InputError` for a mode without kappa or a pulse without end (give the method a duration).
    """
    found, warnings = light(system, method, (mode, other), initial, float(delays[-1]))
    place = np.minimum(delays / found.width, found.count - 2)
    lags = int(place[-1]) + 1
    pairs = found.count - np.arange(lags + 1) if found.stationary else np.ones(lags + 1)
    rows, numbers, mean = [], [], np.zeros((2, found.count))
    for b in found.bins():
        quanta = np.abs(b) ** 2 - 0.5
        sums = lagged(b if order == 1 else quanta, lags)
        if mode == other:
            sums[:, 0] -= _same_bin(quanta, order)
        rows.append(_at(sums / pairs, place))
        numbers.append(quanta.mean(axis=2) if found.stationary else quanta.sum(axis=2))
        mean += quanta.sum(axis=0) / method.trajectories
    values, each = np.concatenate(rows), np.concatenate(numbers)
    value, n = values.mean(axis=0), each.mean(axis=0)
    dark = bool(np.any(n <= 4 * standard_error(each)))
    if dark:
        warnings += (
            "the light does not stand out from the vacuum noise: its normalised correlation is not known",
        )
    few = found.stationary and not found.run.model.eliminated and np.any(n < found.kappa * found.width)
    if order == 2 and few and not dark:
        warnings += (
            "less than one photon in a mode: truncated Wigner gives g2 only where the emitters respond linearly",
        )
    if order == 1 or found.stationary:
        scale = np.full(len(delays), np.prod(np.maximum(n, 0)) ** (0.5 if order == 1 else 1.0))
    else:  # int n_i n_j dt as the mean over pairs of different trajectories
        together = _at(lagged(mean[None], lags), place)[0].real
        scale = (method.trajectories * together - value.real) / (method.trajectories - 1)
    turn = np.exp(1j * found.run.model.frame * delays) if order == 1 else np.ones(len(delays))
    normalised, error = np.full(len(delays), np.nan + 0j), np.full(len(delays), np.nan)
    if not dark:
        normalised = np.asarray(value / scale, dtype=complex)
        change = np.sum(each / n - 1, axis=1)[:, None] * (0.5 if order == 1 else 1.0)
        error = standard_error(values / scale - normalised * change)
    unit = np.prod(found.kappa) ** (0.5 if order == 1 else 1.0)
    unit *= found.width ** (order - 1 + int(found.stationary))
    return Correlation(
        record=found.record(warnings),
        delay=delays,
        value=value / unit * turn,
        normalised=np.asarray(normalised * turn, dtype=complex),
        error=error,
        order=order,
    )


def _at(rows: Complex, place: Real) -> Complex:
    """The rows (run, lag) at lags between the whole ones."""
    k = place.astype(int)
    part = place - k
    return rows[:, k] * (1 - part) + rows[:, k + 1] * part


def lagged(x: Real | Complex, lags: int) -> Complex:
    """Sums over the time t, (run, lag), of x (run, 2, time): x_0^*(t + l) x_1(t), or for real x: x_0(t) x_1(t + l)."""
    from scipy.fft import fft, ifft, next_fast_len

    size = next_fast_len(x.shape[2] + lags + 1)
    sums = ifft(np.conj(fft(x[:, 0], size)) * fft(x[:, 1], size))
    if np.iscomplexobj(x):
        return np.concatenate([sums[:, :1], sums[:, : -lags - 1 : -1]], axis=1)
    return np.asarray(sums[:, : lags + 1].real + 0j)


def _same_bin(quanta: Real, order: int) -> Real:
    """What symmetric ordering adds to the sum over the bins at zero delay, (run,); quanta = |b|^2 - 1/2."""
    if order == 1:
        return np.full(len(quanta), 0.5 * quanta.shape[2])
    return np.sum(quanta[:, 0] + 0.25, axis=1)
