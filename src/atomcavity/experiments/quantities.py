"""Types of the schema: a key of kind length is a string with a unit of length in the file, metres inside.

Each type reads a value of the file (`read`), says in words what may be written (`allowed`) and as JSON schema (`json`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import CoreSchema, core_schema

from atomcavity import units

_NUMBER = r"([0-9]+\.?[0-9]*|\.[0-9]+)"
_ERROR = rf"(\({_NUMBER}\))?([eE][+-]?[0-9]+)?( *(\+-|\+/-|±) *{_NUMBER}([eE][+-]?[0-9]+)?)?"
NUMBER_PATTERN = rf"[+-]?{_NUMBER}{_ERROR}"
"""A number, or one with an uncertainty: 5.03(1), 5.03 +- 0.01."""


class Written:
    """What the special types of the schema have in common."""

    continuous = True

    @property
    def allowed(self) -> str:
        """What may be written, in words."""
        raise NotImplementedError

    @property
    def json(self) -> dict[str, Any]:
        """The same as JSON schema."""
        raise NotImplementedError

    def read(self, value: object) -> Any:
        """The value inside for what the file has; ValueError (a sentence) if it is not allowed."""
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Mapping[str, Any]:
        return self.json


@dataclass(frozen=True)
class Quantity(Written):
    """Marks a float of the schema as a quantity of `kind`; `sign` is 'any', 'positive' or 'not negative'."""

    kind: str
    sign: str = "any"

    def read(self, value: object) -> float:
        """The SI value of the string in the file; ValueError (a sentence) if it is not allowed."""
        number = units.parse(value, self.kind)
        if (self.sign == "positive" and number <= 0) or (self.sign == "not negative" and number < 0):
            must = "be positive" if self.sign == "positive" else "not be negative"
            raise ValueError(f"must {must}, but is {units.show(number, self.kind)}")
        return number

    @property
    def allowed(self) -> str:
        """What may be written, in words."""
        sign = "" if self.sign == "any" else f", {self.sign}"
        return f"{self.kind}{sign}, in {', '.join(units.names(self.kind))}"

    @property
    def json(self) -> dict[str, Any]:
        """The same as JSON schema."""
        names = "|".join(re.escape(name) for name in units.names(self.kind))
        sign = "[+-]?" if self.sign == "any" else r"\+?"
        return {"type": "string", "pattern": rf"^ *{sign}{_NUMBER}{_ERROR} *({names}) *$"}


@dataclass(frozen=True)
class Several(Written):
    """One quantity of `kind`, or a list of them; a tuple inside."""

    kind: str
    sign: str = "positive"

    @property
    def one(self) -> Quantity:
        """Each of them."""
        return Quantity(self.kind, self.sign)

    def read(self, value: object) -> tuple[float, ...]:
        """The SI values."""
        rows = value if isinstance(value, list) else [value]
        if not rows:
            raise ValueError("must be one quantity or a list of them, but the list is empty")
        return tuple(self.one.read(each) for each in rows)

    @property
    def allowed(self) -> str:
        """What may be written, in words."""
        return f"one or a list of: {self.one.allowed}"

    @property
    def json(self) -> dict[str, Any]:
        """The same as JSON schema."""
        return {"anyOf": [self.one.json, {"type": "array", "items": self.one.json, "minItems": 1}]}


@dataclass(frozen=True)
class WordOr(Written):
    """A word, or a positive quantity of `kind`."""

    word: str
    kind: str

    def read(self, value: object) -> float | str:
        """The word, or the SI value."""
        return self.word if value == self.word else Quantity(self.kind, "positive").read(value)

    @property
    def allowed(self) -> str:
        """What may be written, in words."""
        return f'"{self.word}", or {Quantity(self.kind, "positive").allowed}'

    @property
    def json(self) -> dict[str, Any]:
        """The same as JSON schema."""
        return {"anyOf": [{"const": self.word}, Quantity(self.kind, "positive").json]}


@dataclass(frozen=True)
class WordOrNumber(Written):
    """A word, or a positive number that is called `what`."""

    word: str
    what: str

    def read(self, value: object) -> float | str:
        """The word, or the number."""
        if value == self.word:
            return self.word
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not 0 < value <= sys.float_info.max
        ):
            raise ValueError(f'= {value!r}: it is "{self.word}" or a positive {self.what}')
        return float(value)

    @property
    def allowed(self) -> str:
        """What may be written, in words."""
        return f'"{self.word}", or a positive {self.what}'

    @property
    def json(self) -> dict[str, Any]:
        """The same as JSON schema."""
        return {"anyOf": [{"const": self.word}, {"type": "number", "exclusiveMinimum": 0}]}


@dataclass(frozen=True)
class Momenta(Written):
    """One total angular momentum F, or a list of them; a tuple inside."""

    continuous = False

    def read(self, value: object) -> tuple[float, ...]:
        """The momenta."""
        rows = value if isinstance(value, list) else [value]
        found = tuple(
            float(F)
            for F in rows
            if isinstance(F, int | float) and not isinstance(F, bool) and 0 <= F <= sys.float_info.max
        )
        if not rows or len(found) < len(rows):
            raise ValueError(f"= {value!r}: it is one total angular momentum F, or a list of them")
        return found

    @property
    def allowed(self) -> str:
        """What may be written, in words."""
        return "one total angular momentum F, or a list of them"

    @property
    def json(self) -> dict[str, Any]:
        """The same as JSON schema."""
        one = {"type": "number", "minimum": 0}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


@dataclass(frozen=True)
class Discrete:
    """Marks a float of the schema that does not vary continuously: a quantum number."""

    allowed: str


HalfInteger = Annotated[float, Discrete("integer or half-integer")]
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
