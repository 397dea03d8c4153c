"""Types of the schema: a key of kind length is a string with a unit of length in the file, metres inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import CoreSchema, core_schema

from atomcavity import units


@dataclass(frozen=True)
class Quantity:
    """Marks a float of the schema as a quantity of `kind`; `sign` is 'any', 'positive' or 'not negative'."""

    kind: str
    sign: str = "any"

    def read(self, value: object) -> float:
        """The SI value of the string in the file; ValueError (a sentence) if it is not allowed."""
        number = units.parse(value, self.kind)
        if (self.sign == "positive" and number <= 0) or (self.sign == "not negative" and number < 0):
            raise ValueError(f"must be {self.sign}, but is {units.show(number, self.kind)}")
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, json_schema_input_schema=core_schema.str_schema()
        )


Length = Annotated[float, Quantity("length", "positive")]
Power = Annotated[float, Quantity("power", "not negative")]
Angle = Annotated[float, Quantity("angle")]
MagneticField = Annotated[float, Quantity("magnetic field", "not negative")]
Attenuation = Annotated[float, Quantity("attenuation", "not negative")]
Angular = Annotated[float, Quantity("angular", "positive")]
Detuning = Annotated[float, Quantity("angular")]
"""An angular quantity that may be zero or negative."""
Time = Annotated[float, Quantity("time", "positive")]
Frequency = Annotated[float, Quantity("cyclic", "positive")]
Volume = Annotated[float, Quantity("volume", "positive")]
Polarizability = Annotated[float, Quantity("polarizability")]
Temperature = Annotated[float, Quantity("temperature", "positive")]
RetardedCoefficient = Annotated[float, Quantity("C4", "not negative")]
DispersionCoefficient = Annotated[float, Quantity("C3", "not negative")]
ShiftSlope = Annotated[float, Quantity("shift slope")]
EventRate = Annotated[float, Quantity("event rate", "not negative")]


class Table(BaseModel):
    """A table of an experiment file: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
