"""The schema of an ion laser: a Coulomb crystal in a Paul trap, pumped, inside a Fabry-Perot resonator."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, model_validator

from atomcavity.experiments.quantities import EventRate, Length, Quantity, Table
from atomcavity.experiments.sphere import Count

Positive = Annotated[float, Field(gt=0)]
Matrix = Annotated[
    list[Annotated[list[float], Field(min_length=3, max_length=3)]], Field(min_length=3, max_length=3)
]


def several(kind: str) -> PlainValidator:
    """One quantity, or a list of them; a tuple inside."""
    one = Quantity(kind, "positive")

    def read(value: object) -> tuple[float, ...]:
        rows = value if isinstance(value, list) else [value]
        if not rows:
            raise ValueError("must be one quantity or a list of them, but the list is empty")
        return tuple(one.read(each) for each in rows)

    return PlainValidator(read)


def _word_or(word: str, kind: str) -> PlainValidator:
    """The word, or a quantity."""
    one = Quantity(kind, "positive")
    return PlainValidator(lambda value: word if value == word else one.read(value))


def _momenta(value: object) -> tuple[float, ...]:
    rows = value if isinstance(value, list) else [value]
    found = tuple(float(F) for F in rows if isinstance(F, int | float) and not isinstance(F, bool) and F >= 0)
    if not rows or len(found) < len(rows):
        raise ValueError(f"= {value!r}: it is one total angular momentum F, or a list of them")
    return found


class LaserIon(Table):
    """The ion and its lasing line |upper, F, upper_m> - |lower, lower_F, lower_m>; `F` is one or a list.

    The magnetic field lies along the z axis, which is also the cavity's.
    """

    species: str
    lower: str
    lower_F: float
    lower_m: float
    upper: str
    F: Annotated[tuple[float, ...], PlainValidator(_momenta)]
    upper_m: float = 0


class IonTrap(Table):
    """The Paul trap and how many ions it holds; `confinement` (one or a list) is the frequency omega_z.

    radio_frequency  "magic" (micromotion shifts vanish at leading order), or the frequency
    rf, static       matrices of the two potentials, without them those of the linear trap with a spherical crystal
    """

    ions: Count
    confinement: Annotated[tuple[float, ...], several("angular")]
    radio_frequency: Annotated[float | str, _word_or("magic", "angular")] = "magic"
    rf: Matrix | None = None
    static: Matrix | None = None


class LaserCavity(Table):
    """The resonator, centred on the crystal: `zeta` is the mode's waist over the radius of the crystal, or give `waist`."""

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
    """The incoherent pump through the level `through`, which decays back xi times as often as it pumps.

    rate  "optimum" (largest power), or the rate of arrivals in the upper state
    """

    through: str
    xi: Annotated[float, Field(ge=0)]
    rate: Annotated[float | str, _word_or("optimum", "event rate")] = "optimum"


class PumpLaser(Table):
    """A laser on a line of the pumping scheme.

    rate          at which an ion spread evenly over the sublevels of the lower level would be excited (1/s)
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
    """An experiment file of kind "ion-laser"."""

    kind: Literal["ion-laser"]
    title: str = ""
    notes: list[str] = Field(default_factory=list)
    ion: LaserIon
    trap: IonTrap
    cavity: LaserCavity
    pump: LaserPump
    lasers: list[PumpLaser] = Field(default_factory=list)
    groups: Count = 64
