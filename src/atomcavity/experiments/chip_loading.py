"""The schema of an experiment in which an optical conveyor belt delivers atoms to a ring on a chip."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from atomcavity.experiments.ion_laser import several
from atomcavity.experiments.quantities import (
    Angular,
    EventRate,
    Frequency,
    Length,
    Quantity,
    RetardedCoefficient,
    Table,
    Temperature,
    Time,
)
from atomcavity.experiments.sphere import Count

Positive = Annotated[float, Field(gt=0)]
Mean = Annotated[float, Field(ge=0)]
Probability = Annotated[float, Field(ge=0, le=1)]


class BeltAtom(Table):
    """The atoms on the belt: species, probed line, temperature in their site, mean number in one.

    species      its name, as `atomcavity species` lists them
    lower        lower level of the probed line
    upper        upper level of the probed line
    linewidth    replaces the species' own natural width
    temperature  of an atom in its site
    occupation   mean number of atoms in a site
    """

    species: str
    lower: str
    upper: str
    linewidth: Angular | None = None
    temperature: Temperature
    occupation: Mean = 1.0


class ChipWaveguide(Table):
    """The waveguide of the ring: a rectangle of `core` on `substrate`, its upper face at z = 0.

    width         across, along y
    height        of the rectangle
    core          its material, as `atomcavity materials` lists them
    substrate     material below it
    polarization  of the guided mode: TE along y, TM along z
    """

    width: Length
    height: Length
    core: str
    substrate: str
    polarization: Literal["TE", "TM"] = "TE"


class ChipRing(Table):
    """The ring: length once around, decay of its photons, the part into the bus, half the splitting by back-scattering.

    length          once around
    kappa           decay rate of its photon number
    kappa_ext       the part of it into the bus waveguide
    backscattering  half the splitting of its two modes
    """

    length: Length
    kappa: Angular
    kappa_ext: Angular
    backscattering: Angular

    @model_validator(mode="after")
    def _part(self) -> ChipRing:
        if self.kappa_ext > self.kappa:
            raise ValueError("has kappa_ext above kappa: it is a part of it")
        return self


class Profile(Table):
    """Coupling g(y, z) = g0 exp(-z/decay) cos(y/cosine) exp(-y^2/width^2), half the vacuum Rabi splitting.

    g0      at the surface, above the middle of the waveguide
    decay   length over which it falls to 1/e along z
    cosine  length of the cosine along y
    width   of the Gaussian along y
    """

    g0: Angular
    decay: Length
    cosine: Length
    width: Length


class Belt(Table):
    """Two beams of one wavelength: the tweezer from above and the bottom beam through the substrate.

    wavelength     of both
    tweezer_waist  1/e^2 radius of the tweezer's intensity
    bottom_waist   1/e^2 radius of the bottom beam's intensity
    polarization  "p": across the waveguide, "s": along it
    depth         of the tweezer alone in free space, U/h
    ratio         amplitude of the bottom beam over that of the tweezer, above the bare chip
    frequency     detuning of the beams: the sites move by half a wavelength in a period
    """

    wavelength: Length
    polarization: Literal["s", "p"]
    tweezer_waist: Length
    bottom_waist: Length
    depth: Angular
    ratio: Positive
    frequency: Frequency


class BlueField(Table):
    """The repulsive evanescent field in the ring, with the profile of `coupling` squared.

    wavelength   in vacuum
    energy       U/h at the surface, above the middle of the waveguide; one or several to be compared
    shift_ratio  shift of the probed line over U/h; without it from the species' scalar polarizabilities
    """

    wavelength: Length
    energy: Annotated[tuple[float, ...], several("angular")]
    shift_ratio: float | None = None


class Surface(Table):
    """Casimir-Polder attraction -c4/[d^3 (d + wavelength/2 pi)], d = z - offset, above the waveguide.

    c4          its coefficient far from the surface
    wavelength  at which it turns from the van der Waals form into that
    offset      height of the plane from which the distance d counts
    edge  length of its smooth end at the waveguide's edges
    gap   height below which an atom is lost
    """

    c4: RetardedCoefficient
    wavelength: Length
    offset: Length
    edge: Length
    gap: Length


class Cloud(Table):
    """The cold atoms above the chip before the belt: Gaussian in space, thermal in velocity.

    number          of atoms, in all of the cloud
    temperature     of their velocities
    height          of its middle above the chip
    radius, length  rms size across and along the vertical
    fall            time from the release until the tweezer is switched on; the bottom beam alone guides it
    sites           of the lattice that are counted, from the chip upwards
    """

    number: Positive
    temperature: Temperature
    height: Length
    radius: Length
    length: Length
    fall: Time
    sites: Count


class Cooling(Table):
    """Sideband cooling in the lattice before it moves, at a rate that follows the standing wave of the pumping light.

    rate           of the energy, where the light is brightest
    duration       how long
    temperature    that it leads to
    grazing_angle  between the pumping beam and the chip, whose reflection makes the standing wave
    waist          1/e^2 radius of that beam along the vertical
    heating        by everything else, within the duration (U/k)
    """

    rate: EventRate
    duration: Time
    temperature: Temperature
    grazing_angle: Annotated[float, Quantity("angle", "positive")]
    waist: Length
    heating: Annotated[float, Quantity("temperature", "not negative")] = 0.0


class Counting(Table):
    """The probe behind the ring: counts with an empty ring, and of them the share that is not transmitted light.

    background  counts/s with an empty ring
    stray       share of them that stays when the ring is opaque: dark counts and stray light
    dead_time   of the counter
    """

    background: EventRate
    stray: Probability = 0.0
    dead_time: Annotated[float, Quantity("time", "not negative")] = 0.0


class FeedbackRule(Table):
    """What stops the belt, and how.

    frequency      of the belt while it is watched
    count, window  clicks within a running window that trigger
    latency        from the click to the first change of the beams
    power, rise    factor of the tweezer's power and time of its ramp
    stop           time in which the belt's frequency is ramped to zero
    hold           time in which the caught atoms are counted
    sites          that pass before a run is given up
    runs           repetitions of the experiment
    """

    frequency: Frequency
    count: Count
    window: Time
    latency: Time
    power: Positive
    rise: Time
    stop: Time
    hold: Time
    sites: Count
    runs: Count


class ChipLoadingExperiment(Table):
    """An experiment file of kind "chip-loading"; without `coupling` it comes from the guided mode."""

    kind: Literal["chip-loading"]
    title: str = ""
    notes: list[str] = Field(default_factory=list)
    atom: BeltAtom
    waveguide: ChipWaveguide
    ring: ChipRing
    coupling: Profile | None = None
    belt: Belt
    blue: BlueField
    surface: Surface
    cloud: Cloud
    cooling: Cooling
    probe: Counting
    feedback: FeedbackRule
