"""The schema of a microclock: atoms in a two-colour lattice around a microsphere emit superradiant pulses into it."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, model_validator

from atomcavity.experiments.quantities import (
    Angular,
    Detuning,
    DispersionCoefficient,
    Frequency,
    Length,
    Polarizability,
    Quantity,
    ShiftSlope,
    Table,
    Time,
    Volume,
)
from atomcavity.experiments.sphere import Count, QualityFactor, SphereCavity, SphereExperiment, Trap

Share = Annotated[float, Field(ge=0)]


def _coupler(value: object) -> float | str:
    if value == "critical":
        return "critical"
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(f'= {value!r}: it is "critical" or a positive quality factor')
    return float(value)


class Given(Table):
    """Numbers that replace the species' own for the lower level: polarizabilities in both lights, C3."""

    red: Polarizability
    blue: Polarizability
    c3: DispersionCoefficient


class ClockTrap(Trap):
    """The lattice; with `given`, its potential comes from these numbers."""

    given: Given | None = None


class Magic(Table):
    """A measured magic wavelength and the slope of the transition's light shift there, per wavelength and intensity.

    The intensity is c eps0 |E|^2/2 with the peak amplitude E at the place of the atom.
    """

    wavelength: Length
    slope: ShiftSlope


class Shifts(Table):
    """How the lattice shifts the clock transition, and how the shift fluctuates from pulse to pulse.

    red, blue      measured magic conditions; without one the species' own polarizabilities are taken
    c3_difference  (C3 of the upper level - C3 of the lower one)/(the latter); without it the species' own
    power_noise    relative standard deviation of each beam's power from pulse to pulse, independent of each other
    mean           replaces the calculated mean shift
    deviation      replaces the calculated standard deviation
    """

    red: Magic | None = None
    blue: Magic | None = None
    c3_difference: float | None = None
    power_noise: Share = 0.0
    mean: Detuning | None = None
    deviation: Annotated[float, Quantity("angular", "not negative")] | None = None


class ClockCavity(SphereCavity):
    """The clock mode, its losses and its coupling to one atom.

    quality   intrinsic quality factor; without it the budget's own
    coupler   "critical" (as large a loss as all others) or the coupler's quality factor
    kappa     replaces the photon-number decay rate that follows
    detuning  mean frequency of the mode minus that of the unshifted transition
    volume    replaces the mode volume (integral of eps u^2 over its maximum) that follows from the mode
    coupling  replaces the g that follows from mode, trap and transition
    """

    quality: QualityFactor | None = None
    coupler: Annotated[float | str, PlainValidator(_coupler)] = "critical"
    kappa: Angular | None = None
    detuning: Detuning = 0.0
    volume: Volume | None = None
    coupling: Angular | None = None


class Ensemble(Table):
    """How many atoms a pulse has on average, and the standard deviation from pulse to pulse."""

    atoms: Count
    spread: Share = 0.0


class Cycle(Table):
    """Duration of a clock cycle, time that the detector is open from the start of the pulse, estimator of the centre.

    `readout`: standard deviation of reading one pulse's centre, on resonance and at the mean number of atoms.
    """

    period: Time
    window: Time
    estimator: Literal["peak", "centroid", "half-maximum"] = "peak"
    readout: Annotated[float, Quantity("angular", "not negative")] | None = None

    @model_validator(mode="after")
    def _open(self) -> Cycle:
        if self.window > self.period:
            raise ValueError(
                f"window = {self.window:g} s exceeds period = {self.period:g} s: the detector is open within the cycle"
            )
        return self


class NoiseSpectrum(Table):
    """One-sided S_y(f) = sum h_alpha f^alpha of a fractional frequency.

    white_pm, flicker_pm, white_fm, flicker_fm, random_walk_fm are h_2, h_1, h_0, h_-1, h_-2; `bandwidth` cuts off
    high, `slowest` low frequencies where an integral needs it.
    """

    white_pm: Annotated[float, Quantity("h_2", "not negative")] = 0.0
    flicker_pm: Annotated[float, Quantity("h_1", "not negative")] = 0.0
    white_fm: Annotated[float, Quantity("h_0", "not negative")] = 0.0
    flicker_fm: Share = 0.0
    random_walk_fm: Annotated[float, Quantity("h_-2", "not negative")] = 0.0
    bandwidth: Frequency | None = None
    slowest: Frequency | None = None


class Lock(Table):
    """A lock of the clock mode to the pulses: an integrator's gain and the noise of what it measures in each cycle."""

    gain: Annotated[float, Field(gt=0, le=1)]
    sensor_noise: Annotated[float, Quantity("angular", "not negative")] = 0.0


class MicroclockExperiment(SphereExperiment):
    """An experiment file of kind "microclock"."""

    kind: Literal["microclock"]
    trap: ClockTrap
    shifts: Shifts = Field(default_factory=Shifts)
    cavity: ClockCavity
    ensemble: Ensemble
    cycle: Cycle
    noise: NoiseSpectrum = Field(default_factory=NoiseSpectrum)
    lock: Lock | None = None
    reference_laser: NoiseSpectrum | None = None
