"""The schema of an ion laser: a Coulomb crystal in a Paul trap, pumped, inside a Fabry-Perot resonator."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from atomcavity.experiments.quantities import EventRate, HalfInteger, Length, Momenta, Several, Table, WordOr
from atomcavity.experiments.sphere import Count

Positive = Annotated[float, Field(gt=0)]
Matrix = Annotated[
    list[Annotated[list[float], Field(min_length=3, max_length=3)]], Field(min_length=3, max_length=3)
]


several = Several
"""One quantity, or a list of them; a tuple inside."""


class LaserIon(Table):
    """The ion and its lasing line |upper, F, upper_m> - |lower, lower_F, lower_m>.

    The magnetic field lies along the z axis, which is also the cavity's.

    species  its name, as `atomcavity species` lists them
    lower    lower level of the line
    lower_F  total angular momentum of the lower state
    lower_m  its projection on the z axis
    upper    upper level of the line
    F        total angular momentum of the upper state, one or several lasers to be compared
    upper_m  its projection on the z axis
    """

    species: str
    lower: str
    lower_F: HalfInteger
    lower_m: HalfInteger
    upper: str
    F: Annotated[tuple[float, ...], Momenta()]
    upper_m: HalfInteger = 0


class IonTrap(Table):
    """The Paul trap and how many ions it holds.

    ions             number of ions
    confinement      frequency omega_z, one or several to be compared
    radio_frequency  "magic" (micromotion shifts vanish at leading order), or the frequency
    rf, static       matrix of the potential, without it that of the linear trap with a spherical crystal
    """

    ions: Count
    confinement: Annotated[tuple[float, ...], Several("angular")]
    radio_frequency: Annotated[float | str, WordOr("magic", "angular")] = "magic"
    rf: Matrix | None = None
    static: Matrix | None = None


class LaserCavity(Table):
    """The resonator, centred on the crystal; give `zeta` or `waist`.

    finesse  of the resonator
    length   between the mirrors
    zeta     the mode's waist over the radius of the crystal
    waist    1/e^2 radius of the mode's intensity
    """

    finesse: Positive
    length: Length
    zeta: Positive | None = None
    waist: Length | None = None

    @model_validator(mode="after")
    def _one_waist(self) -> LaserCavity:
        if (self.zeta is None) == (self.waist is None):
            raise ValueError("needs either zeta or waist: give one of them")
        return self


class LaserPump(Table):
    """The incoherent pump.

    through  level through which it pumps
    xi       decays back into the lower state for each decay into the upper one
    rate     "optimum" (largest power), or the rate of arrivals in the upper state
    """

    through: str
    xi: Annotated[float, Field(ge=0)]
    rate: Annotated[float | str, WordOr("optimum", "event rate")] = "optimum"


class PumpLaser(Table):
    """A laser on a line of the pumping scheme.

    lower         lower level of the line
    upper         upper level of the line
    rate          at which an ion spread evenly over the sublevels of the lower level would be excited
    polarization  "isotropic" (all three parts alike), "linear" (along the magnetic field), or "circular" (both parts)
    selective     only the components F to F; that of the upper lasing state's F is polarized along the field, so that
                  it leaves m = 0 alone
    impurity      share of the power that has the other polarizations
    """

    lower: str
    upper: str
    rate: EventRate
    polarization: Literal["isotropic", "linear", "circular"] = "isotropic"
    selective: bool = False
    impurity: Annotated[float, Field(ge=0, le=1)] = 0.0


class IonLaserExperiment(Table):
    """An experiment file of kind "ion-laser".

    lasers  of the pumping scheme
    groups  into which the ions are put for the calculation, a cube: 1, 8, 27, 64, ...
    """

    kind: Literal["ion-laser"]
    title: str = ""
    notes: list[str] = Field(default_factory=list)
    ion: LaserIon
    trap: IonTrap
    cavity: LaserCavity
    pump: LaserPump
    lasers: list[PumpLaser] = Field(default_factory=list)
    groups: Count = 64
