"""Tables that experiments with atoms around a microsphere share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from atomcavity.experiments.quantities import Angle, Angular, Attenuation, Length, Power, Table

Count = Annotated[int, Field(ge=1)]
QualityFactor = Annotated[float, Field(gt=0)]


class SphereAtom(Table):
    """The species and the transition that meets the cavity; the quantisation axis lies in the y-z plane.

    `linewidth` replaces the species' own, `polarizability` names its line list (`Species.variants`),
    `field_angle` is the angle of the magnetic field from the z axis.
    """

    species: str
    lower: str
    upper: str
    m: float = 0
    linewidth: Angular | None = None
    polarizability: str = "full"
    field_angle: Angle = 0.0


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
    """The two colours of the lattice, and how their fields are calculated (`OpticalMode`, `field_at_power`)."""

    red: TrapBeam
    blue: TrapBeam
    angular: Literal["exact", "near-equator", "near-equator-printed"] = "exact"
    normalisation: Literal["poynting", "printed", "printed-double", "printed-d8"] = "poynting"


class SphereCavity(Table):
    """The mode that the transition meets, and its losses.

    Without a `water_layer` the surface is dry; `attenuation` replaces the material's own.
    """

    mode: Mode
    roughness: Length
    correlation_length: Length
    attenuation: Attenuation | None = None
    water_layer: Length | None = None
    water_absorption: Attenuation | None = None

    @model_validator(mode="after")
    def _water(self) -> SphereCavity:
        if self.water_layer is not None and self.water_absorption is None:
            raise ValueError("has a water_layer but no water_absorption: give both or neither")
        return self


class SphereExperiment(Table):
    """What every experiment with atoms around a microsphere states."""

    title: str = ""
    notes: list[str] = Field(default_factory=list)
    atom: SphereAtom
    sphere: Sphere
    trap: Trap
    cavity: SphereCavity
