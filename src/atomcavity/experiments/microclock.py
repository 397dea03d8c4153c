"""The schema of a microclock: atoms in a two-colour lattice around a microsphere emit superradiant pulses into it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

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
    WordOrNumber,
)
from atomcavity.experiments.sphere import Count, QualityFactor, SphereCavity, SphereExperiment, Trap

Share = Annotated[float, Field(ge=0)]


class Given(Table):
    """Numbers that replace the species' own for the lower level.

    red   polarizability in the red light
    blue  polarizability in the blue light
    c3    van der Waals coefficient at the surface
    """

    red: Polarizability
    blue: Polarizability
    c3: DispersionCoefficient


class ClockTrap(Trap):
    """The two colours of the lattice, and how their fields are calculated.

    given  numbers from which the potential comes, instead of the species' own
    """

    given: Given | None = None


class Magic(Table):
    """A measured magic wavelength and how the transition's light shift changes there.

    wavelength  at which both levels shift alike
    slope       of the light shift, per wavelength and intensity c eps0 |E|^2/2 with the peak amplitude E at the atom
    """

    wavelength: Length
    slope: ShiftSlope


class Shifts(Table):
    """How the lattice shifts the clock transition, and how the shift fluctuates from pulse to pulse.

    red, blue      measured magic condition; without one the species' own polarizabilities are taken
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
    coupler: Annotated[float | str, WordOrNumber("critical", "quality factor")] = "critical"
    kappa: Angular | None = None
    detuning: Detuning = 0.0
    volume: Volume | None = None
    coupling: Angular | None = None


class Ensemble(Table):
    """How many atoms a pulse has.

    atoms   mean number
    spread  its standard deviation from pulse to pulse
    """

    atoms: Count
    spread: Share = 0.0


class Cycle(Table):
    """One cycle of the clock.

    period     from one pulse to the next
    window     time that the detector is open, from the start of the pulse
    estimator  of the line's centre
    readout    standard deviation of reading one pulse's centre, on resonance and at the mean number of atoms
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

    white_pm        h_2
    flicker_pm      h_1
    white_fm        h_0
    flicker_fm      h_-1
    random_walk_fm  h_-2
    bandwidth       highest frequency, where an integral needs it
    slowest         lowest frequency, where an integral needs it
    """

    white_pm: Annotated[float, Quantity("h_2", "not negative")] = 0.0
    flicker_pm: Annotated[float, Quantity("h_1", "not negative")] = 0.0
    white_fm: Annotated[float, Quantity("h_0", "not negative")] = 0.0
    flicker_fm: Share = 0.0
    random_walk_fm: Annotated[float, Quantity("h_-2", "not negative")] = 0.0
    bandwidth: Frequency | None = None
    slowest: Frequency | None = None


class Lock(Table):
    """A lock of the clock mode to the pulses.

    gain          of the integrator, per cycle
    sensor_noise  standard deviation of what it measures in each cycle
    """

    gain: Annotated[float, Field(gt=0, le=1)]
    sensor_noise: Annotated[float, Quantity("angular", "not negative")] = 0.0


class MicroclockExperiment(SphereExperiment):
    """An experiment file of kind "microclock".

    noise            of the clock mode's fractional frequency
    reference_laser  noise of the laser that is compared with the clock (Dick effect)
    """

    kind: Literal["microclock"]
    trap: ClockTrap
    shifts: Shifts = Field(default_factory=Shifts)
    cavity: ClockCavity
    ensemble: Ensemble
    cycle: Cycle
    noise: NoiseSpectrum = Field(default_factory=NoiseSpectrum)
    lock: Lock | None = None
    reference_laser: NoiseSpectrum | None = None
