"""Tables that experiments with atoms around a microsphere share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from atomcavity.experiments.quantities import Angle, Angular, Attenuation, HalfInteger, Length, Power, Table

Count = Annotated[int, Field(ge=1)]
QualityFactor = Annotated[float, Field(gt=0)]


class SphereAtom(Table):
    """The species and the transition that meets the cavity; the quantisation axis lies in the y-z plane.

    species       its name, as `atomcavity species` lists them
    lower         lower level of the transition, in which the atoms are trapped
    upper         upper level of the transition
    m             sublevel of the upper level
    linewidth     replaces the species' own natural width
    polarizability  name of the species' line list (`Species.variants`)
    field_angle   angle of the magnetic field from the z axis
    """

    species: str
    lower: str
    upper: str
    m: HalfInteger = 0
    linewidth: Angular | None = None
    polarizability: str = "full"
    field_angle: Angle = 0.0


class Sphere(Table):
    """The resonator.

    radius    of the sphere
    material  its name, as `atomcavity materials` lists them
    """

    radius: Length
    material: str


class Mode(Table):
    """A whispering-gallery mode (n radial, l - |m| + 1 polar, 2|m| azimuthal maxima).

    polarization  of the electric field: TE along the surface, TM across it
    n             radial order, 1 for the modes at the surface
    l             angular momentum
    m             its projection on the z axis; |m| = l runs along the equator
    """

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
    """A mode driven for trapping.

    power     that circulates in it (both directions together, if standing)
    standing  whether both directions are driven: a lattice with 2|m| sites
    """

    power: Power
    standing: bool = False


class Trap(Table):
    """The two colours of the lattice, and how their fields are calculated (`OpticalMode`, `field_at_power`).

    red            red-detuned light, which attracts
    blue           blue-detuned light, which repels
    angular        "exact" vector harmonics, or approximations near the equator (as papers print them)
    normalisation  "poynting": the power that truly flows; the others are readings of printed formulas
    """

    red: TrapBeam
    blue: TrapBeam
    angular: Literal["exact", "near-equator", "near-equator-printed"] = "exact"
    normalisation: Literal["poynting", "printed", "printed-double", "printed-d8"] = "poynting"


class SphereCavity(Table):
    """The mode that the transition meets, and its losses.

    mode                that the transition meets
    roughness           standard deviation of the surface
    correlation_length  of the surface's roughness
    attenuation         replaces the material's own
    water_layer         thickness of adsorbed water; without it the surface is dry
    water_absorption    its absorption coefficient
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
