"""The schema of a microlaser: atoms in a two-colour evanescent lattice around a microsphere."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from atomcavity.experiments.quantities import (
    Angle,
    Angular,
    Attenuation,
    EventRate,
    Length,
    MagneticField,
    Power,
    Table,
)

Count = Annotated[int, Field(ge=1)]


class Atom(Table):
    """The species and the laser transition; the quantisation axis lies in the y-z plane.

    `linewidth` replaces the species' own, `polarizability` names its line list (`Species.variants`).
    """

    species: str
    lower: str
    upper: str
    m: int = 0
    linewidth: Angular | None = None
    polarizability: str = "full"
    field: MagneticField
    field_angle: Angle


class Sphere(Table):
    """The resonator."""

    radius: Length
    material: str


class Mode(Table):
    """A whispering-gallery mode (n radial, l - |m| + 1 polar, 2|m| azimuthal maxima)."""

    polarization: Literal["TE", "TM"] = "TE"
    n: Count = 1
    l: Count
    m: int

    @model_validator(mode="after")
    def _azimuthal(self) -> Mode:
        if abs(self.m) > self.l:
            raise ValueError(f"m = {self.m} is not allowed: |m| must not exceed l = {self.l}")
        return self


class TrapBeam(Mode):
    """A mode driven for trapping: the power circulating in it (both directions together, if standing)."""

    power: Power
    standing: bool = False


class Trap(Table):
    """The two colours of the lattice, and how their fields are calculated."""

    red: TrapBeam
    blue: TrapBeam
    angular: Literal["exact", "near-equator", "near-equator-printed"] = "exact"
    normalisation: Literal["poynting", "printed", "printed-double"] = "poynting"


class Cavity(Table):
    """The lasing mode and its quality factor: `quality` if given, else the budget's total.

    Without a `water_layer` the surface is dry.
    """

    mode: Mode
    quality: Annotated[float, Field(gt=0)] | None = None
    roughness: Length
    correlation_length: Length
    water_layer: Length | None = None
    water_absorption: Attenuation | None = None
    coupler_quality: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _total(self) -> Cavity:
        if self.water_layer is not None and self.water_absorption is None:
            raise ValueError("has a water_layer but no water_absorption: give both or neither")
        if self.quality and self.coupler_quality and self.quality > self.coupler_quality:
            raise ValueError(
                f"quality = {self.quality:g} exceeds coupler_quality = {self.coupler_quality:g}: the coupler is one of its losses"
            )
        return self


class Laser(Table):
    """The gain: how many atoms, how strongly pumped, and where they sit along the ring.

    `phases`: "mode" is the mode's own m phi at each site, "printed" the paper's k0 rho phi, "equal" all sites alike.
    `coupling` replaces the g that follows from the mode and the trap; `repump_rate` is the rate at
    which repump light returns atoms to 3S1 (enters only where the pump rate itself is calculated).
    """

    atoms: Count
    pump_rate: EventRate
    repump_rate: EventRate
    coupling: Angular | None = None
    phases: Literal["mode", "printed", "equal"] = "mode"


class MicrolaserExperiment(Table):
    """An experiment file of kind "microlaser"."""

    kind: Literal["microlaser"]
    title: str = ""
    notes: list[str] = Field(default_factory=list)
    atom: Atom
    sphere: Sphere
    trap: Trap
    cavity: Cavity
    laser: Laser
