"""Types of the schema: a key of kind length is a string with a unit of length in the file, metres inside."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from atomcavity import units


def _quantity(kind: str, *, positive: bool = False, non_negative: bool = False) -> object:
    def read(value: object) -> float:
        return units.parse(value, kind)

    def check(value: float) -> float:
        if positive and not value > 0:
            raise ValueError(f"must be positive, but is {units.show(value, kind)}")
        if non_negative and value < 0:
            raise ValueError(f"must not be negative, but is {units.show(value, kind)}")
        return value

    return Annotated[float, BeforeValidator(read), AfterValidator(check), Field(json_schema_extra={"quantity": kind})]


Length = _quantity("length", positive=True)
Power = _quantity("power", non_negative=True)
Angle = _quantity("angle")
MagneticField = _quantity("magnetic field", non_negative=True)
Attenuation = _quantity("attenuation", non_negative=True)
Angular = _quantity("angular", positive=True)
EventRate = _quantity("event rate", non_negative=True)
Temperature = _quantity("temperature", non_negative=True)


class Table(BaseModel):
    """A table of an experiment file: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
