"""The cycles of a `PulsedClock`, one after another, and the series of its frequencies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from atomcavity.clocks.centres import ESTIMATORS, FARTHEST
from atomcavity.clocks.photons import emitted_shares, pulse_end
from atomcavity.clocks.sensitivity import moving_cavity
from atomcavity.clocks.series import FrequencySeries
from atomcavity.dynamics.dicke.model import Ladder
from atomcavity.results import Record, quantity

if TYPE_CHECKING:
    from atomcavity.clocks.pulsed import PulsedClock

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

FADED = 0.5  # share of a pulse's photons inside the window below which a cycle is dark
CLIPPED = 0.01  # relative error of the mean number, by numbers that cannot be below one, above which the series warns
DARK = 0.01  # part of dark cycles above which the series warns
WEIGHTS = 400  # samples of the mean pulse


@dataclass(frozen=True, eq=False, repr=False)
class ClockSeries(FrequencySeries):
    """The cycles of a `PulsedClock`; y is the frequency of each from the unshifted transition, over the carrier."""

    number: Whole = quantity("sample", label="atoms")
    shift: Real = quantity("sample", unit="rad/s", label="shift of the transition, common to all atoms")
    cavity: Real = quantity("sample", unit="rad/s", label="detuning cavity - atoms, averaged over the pulse")
    centre: Real = quantity("sample", unit="rad/s", label="centre of the line from the shifted transition")
    photons: Real = quantity("sample", label="mean number of photons through the port within the window")
    share: Real = quantity("sample", label="part of the pulse's photons within the window")

    @property
    def fades(self) -> float:
        """Time (s) at which a pulse for the first time leaves less than half of its photons in the window; NaN: never."""
        dark = np.flatnonzero(self.share < FADED)
        return float(dark[0] * self.interval) if len(dark) else float("nan")

    def _summary(self) -> list[str]:
        detuning = np.sqrt(np.mean(self.cavity**2)) / (2e3 * np.pi)
        return [
            *super()._summary(),
            f"{self.number.mean():.1f} atoms (rms scatter {self.number.std():.2g}), cavity {detuning:.4g} kHz rms from "
            f"them, {self.photons.mean():.4g} photons a cycle, {self.share.mean():.2%} of them in the window",
        ]


def stream(seed: int, part: str) -> np.random.SeedSequence:
    """The random stream of a named part: the same whatever other parts there are."""
    return np.random.SeedSequence([seed, crc32(part.encode())])


def run_cycles(clock: PulsedClock, cycles: int, seed: int, parts: Collection[str]) -> ClockSeries:
    """Successive cycles with the fluctuations of `parts`; everything else stays at its mean."""
    model, kappa = clock.ladder, clock.system.modes[0].kappa
    number = _numbers(clock, cycles, seed, "number" in parts)
    shift = _shifts(clock, cycles, seed, parts)
    detuning = clock.detuning + _cavity(clock, cycles, seed, parts) - shift
    ratio = detuning / kappa
    rate = clock.resonant_rate / (1 + 4 * ratio**2)
    centre = rate * ESTIMATORS[clock.estimator](number, ratio)
    share = emitted_shares(number, rate * clock.window)
    frequency = shift + centre
    if "cavity in pulse" in parts:
        noise = np.random.default_rng(stream(seed, "cavity in pulse")).normal(size=cycles)
        frequency = frequency + moving_cavity(clock) * noise
    if clock.readout is not None and "readout" in parts:
        noise = np.random.default_rng(stream(seed, "readout")).normal(size=cycles)
        frequency = frequency + clock.readout * noise * _readout_scale(clock, number, ratio, share)
    return ClockSeries(
        record=_record(clock, model, seed, parts, (number, ratio, share)),
        y=frequency / clock.frequency,
        interval=clock.period,
        number=number,
        shift=shift,
        cavity=detuning,
        centre=centre,
        photons=number * clock.extraction * share,
        share=share,
    )


def _numbers(clock: PulsedClock, cycles: int, seed: int, on: bool) -> Whole:
    mean = clock.system.number
    if not on:
        return np.full(cycles, mean)
    drawn = np.random.default_rng(stream(seed, "number")).normal(mean, clock.number_spread, cycles)
    return np.maximum(1, np.rint(drawn)).astype(np.int64)


def _shifts(clock: PulsedClock, cycles: int, seed: int, parts: Collection[str]) -> Real:
    total = np.full(cycles, sum(one.mean for one in clock.shifts), float)
    for one in clock.shifts:
        if one.name in parts:
            total += np.random.default_rng(stream(seed, one.name)).normal(0.0, one.deviation, cycles)
    return total


def _cavity(clock: PulsedClock, cycles: int, seed: int, parts: Collection[str]) -> Real:
    """Deviation of the cavity from its mean frequency (rad/s), averaged over each pulse; the lock acts on it."""
    free = np.zeros(cycles)
    if clock.cavity_noise is not None and "cavity" in parts:
        walk = int(stream(seed, "cavity").generate_state(1, np.uint64)[0])
        noise = clock.cavity_noise.series(cycles, clock.period, seed=walk, weight=mean_pulse(clock))
        free = clock.frequency * noise.y
    if clock.lock is None:
        return free
    wrong = np.zeros(cycles)
    if "lock" in parts:
        wrong = clock.lock.sensor_noise * np.random.default_rng(stream(seed, "lock")).normal(size=cycles)
    return clock.lock.residual(free, wrong)


def mean_pulse(clock: PulsedClock) -> tuple[Real, Real]:
    """Times (s) within a cycle and the emission <J^+ J^-> of the mean pulse, the weight of the cavity's frequency."""
    model = clock.ladder
    end = min(clock.period, pulse_end(model.number) / (model.number * model.rate))
    times = np.linspace(0, end, WEIGHTS)
    return times, model.emission(times)[0]


def _readout_scale(clock: PulsedClock, number: Whole, ratio: Real, share: Real) -> Real:
    """Readout scatter of each pulse over that at the mean number on resonance: its width over sqrt(photons seen)."""
    seen = np.maximum(share, 1 / number)  # a pulse without a photon counts as one with one
    return number / clock.system.number / (1 + 4 * ratio**2) / np.sqrt(seen)


def _record(
    clock: PulsedClock, model: Ladder, seed: int, parts: Collection[str], drawn: tuple[Whole, Real, Real]
) -> Record:
    parameters: dict[str, Any] = {"clock": clock.to_dict(), "parts": sorted(parts)}
    warnings = (*model.warnings, *_warnings(clock, *drawn))
    return Record(
        "PulsedClock",
        reason=f"{clock.estimator} of the spectrum of every pulse by quantum regression",
        seed=seed,
        warnings=warnings,
        parameters=parameters,
    )


def _warnings(clock: PulsedClock, number: Whole, ratio: Real, share: Real) -> list[str]:
    found = []
    dark = share < FADED
    if dark.mean() > DARK:
        mean = float(emitted_shares(np.array([clock.system.number]), np.array([clock.exposure]))[0])
        if mean < FADED:
            why = f"even the mean pulse leaves only {mean:.0%} of its photons in it"
        else:
            first = int(np.argmax(dark)) * clock.period
            why = f"the cavity walks out of resonance, for the first time after {first:.4g} s"
        found.append(
            f"{dark.mean():.0%} of the pulses leave less than half of their photons in the window of {clock.window:.3g} s: "
            f"{why}; their frequencies are those of whole pulses that nobody sees"
        )
    if number.min() == 1 and number.mean() > (1 + CLIPPED) * clock.system.number:
        found.append(
            f"no cycle has less than one atom: with this spread the mean number is {number.mean():.4g} instead of "
            f"{clock.system.number}"
        )
    far = np.abs(ratio) > FARTHEST
    if clock.estimator != "centroid" and far.any():
        found.append(
            f"{far.sum()} frequencies are NaN: the cavity is more than {FARTHEST:g} kappa away, the first time after "
            f"{int(np.argmax(far)) * clock.period:.4g} s, where no line is looked for"
        )
    if clock.extraction == 0:
        found.append("kappa_ext = 0: no photon leaves through the port")
    return found
