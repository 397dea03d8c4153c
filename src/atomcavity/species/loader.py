"""Reading the data files of elements: TOML in practical units to the model in SI units."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from scipy import constants as const

from atomcavity.errors import InputError, require, unknown
from atomcavity.species.model import (
    ATOMIC_DIPOLE,
    ATOMIC_POLARIZABILITY,
    HyperfineInducedLine,
    Level,
    QuadrupoleLine,
    Transition,
    dipole_from_rate,
    quadrupole_from_rate,
)
from atomcavity.species.moments import (
    DifferentialStatic,
    HyperfineConstants,
    QuadrupoleMoment,
    hyperfine_constants,
    nuclear_g,
    quadrupole_moments,
    static_polarizabilities,
)

_WAVENUMBER = 100 * const.h * const.c  # J per 1/cm


@dataclass(frozen=True)
class Isotope:
    """Mass (kg, with its uncertainty), nuclear spin, source, own lines and hyperfine constants of an isotope.

    The mass is that of the ion where the data file is an ion's.  `g_I` (Bohr magnetons) is NaN if unknown.
    """

    name: str
    mass: float
    uncertainty: float
    nuclear_spin: float
    source: str
    lines: tuple[HyperfineInducedLine, ...]
    g_I: float
    g_I_source: str
    hyperfine: dict[str, HyperfineConstants]

    def cited(self) -> list[str]:
        """The keys of all its sources."""
        keys = [self.source, self.g_I_source]
        for line in self.lines:
            keys += [line.source, line.frequency_source, line.g_source]
        for constants in self.hyperfine.values():
            keys += [constants.source, constants.g_J_source]
        return [key for key in keys if key]


@dataclass(frozen=True)
class Completeness:
    """What is added to the sum over the lines of a level (scalar part, C^2 m^2/J; frequencies in rad/s).

    `core` is the static core polarizability, an oscillator at `core_frequency`; `total` is the
    published static total, whose remainder after lines and core is an oscillator at
    `remainder_frequency` above this level.  `sources` names the origin of each number.
    """

    core: float
    core_frequency: float
    total: float
    total_uncertainty: float
    remainder_frequency: float
    sources: dict[str, str]


@dataclass(frozen=True)
class Variant:
    """A named way to add up a polarizability: which lines, core and remainder or not, which formula.

    `exclude` names upper levels that are left out, `dipoles` the reduced matrix elements (C m) that take the
    place of the listed ones, both by lower level.
    """

    name: str
    description: str
    core: bool
    remainder: bool
    formula: str
    exclude: dict[str, tuple[str, ...]]
    dipoles: dict[str, dict[str, float]]
    source: str | None


@dataclass(frozen=True)
class Element:
    """One data file: everything known about an element or ion, in SI units; `charge` in elementary charges."""

    name: str
    charge: int
    isotopes: dict[str, Isotope]
    levels: dict[str, Level]
    transitions: tuple[Transition, ...]
    completeness: dict[str, Completeness]
    variants: dict[str, Variant]
    static: dict[tuple[str, str], DifferentialStatic]
    quadrupole_moments: dict[str, QuadrupoleMoment]
    references: dict[str, str]


def find(isotope: str) -> Element:
    """The element whose data file has this isotope ("88Sr"); `InputError` with the known names else."""
    known: list[str] = []
    for element in _elements():
        if isotope in element.isotopes:
            return element
        known += element.isotopes
    raise unknown("species", isotope, known)


def known_species() -> list[str]:
    """The names that `Species` knows."""
    return [name for element in _elements() for name in element.isotopes]


@cache
def _elements() -> tuple[Element, ...]:
    folder = files("atomcavity.species").joinpath("data")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(parse(tomllib.loads(folder.joinpath(name).read_text("utf-8"))) for name in names)


def parse(data: dict[str, Any]) -> Element:
    """The content of a data file in the package's model; `InputError` if it contradicts itself."""
    references = data["references"]
    levels = _levels(data["levels"])
    element = Element(
        name=data["name"],
        charge=data.get("charge", 0),
        isotopes={name: _isotope(name, data, levels) for name in data["isotopes"]},
        levels=levels,
        transitions=tuple(_line(entry, levels) for entry in data["lines"]),
        completeness={
            name: _completeness(e, levels[name]) for name, e in data.get("completeness", {}).items()
        },
        variants={name: _variant(name, entry) for name, entry in data.get("variants", {}).items()},
        static=static_polarizabilities(data.get("static", []), levels),
        quadrupole_moments=quadrupole_moments(data.get("quadrupole_moments", []), levels),
        references=references,
    )
    cited = [key for isotope in element.isotopes.values() for key in isotope.cited()]
    cited += [level.source for level in levels.values()]
    cited += [line.source for line in element.transitions]
    cited += [static.source for static in element.static.values()]
    cited += [moment.source for moment in element.quadrupole_moments.values()]
    cited += [variant.source for variant in element.variants.values() if variant.source]
    cited += [key for entry in element.completeness.values() for key in entry.sources.values()]
    for key in cited:
        require(key in references, f"{element.name} data file cites {key!r}, which is not in [references]")
    return element


def _isotope(name: str, data: dict[str, Any], levels: dict[str, Level]) -> Isotope:
    """The isotope, its mass that of the atom less the missing electrons (their binding, 1e-8 of it, neglected)."""
    entry = data["isotopes"][name]
    unit, spin = const.atomic_mass, entry["nuclear_spin"]
    g_I, g_I_source = nuclear_g(entry)
    return Isotope(
        name,
        entry["mass"] * unit - data.get("charge", 0) * const.m_e,
        entry["uncertainty"] * unit,
        spin,
        entry["source"],
        tuple(_hyperfine_line(name, spin, line, levels) for line in entry.get("lines", ())),
        g_I,
        g_I_source,
        hyperfine_constants(data["isotopes"], name, levels),
    )


def _hyperfine_line(
    isotope: str, spin: float, entry: dict[str, Any], levels: dict[str, Level]
) -> HyperfineInducedLine:
    lower, upper = _ends(entry, levels)
    require(
        (lower.J, upper.J) == (0, 0) and spin > 0,
        f"line {entry['lower']} - {entry['upper']} of {isotope}: an isotope's own line joins two J = 0 levels "
        f"of a nucleus with spin; given J = {lower.J:g}, {upper.J:g} and spin {spin:g}",
    )
    frequency = 2 * math.pi * entry["frequency"]
    return HyperfineInducedLine(
        lower,
        upper,
        dipole_from_rate(entry["rate"], frequency, spin),
        entry.get("uncertainty", math.nan) / entry["rate"] / 2,
        entry["source"],
        spin,
        measured_frequency=frequency,
        frequency_uncertainty=2 * math.pi * entry["frequency_uncertainty"],
        frequency_source=entry["frequency_source"],
        lower_g=entry.get("lower_g", math.nan),
        upper_g=entry.get("upper_g", math.nan),
        g_source=entry.get("g_source", ""),
    )


def _ends(entry: dict[str, Any], levels: dict[str, Level]) -> tuple[Level, Level]:
    """The lower and the upper level that a line of the data file names."""
    for end in ("lower", "upper"):
        if entry[end] not in levels:
            raise unknown(f"{end} level of a line", entry[end], levels)
    lower, upper = levels[entry["lower"]], levels[entry["upper"]]
    require(
        upper.energy > lower.energy,
        f"line {entry['lower']} - {entry['upper']}: the upper level lies below the lower one",
    )
    return lower, upper


def _levels(entries: dict[str, dict[str, Any]]) -> dict[str, Level]:
    lowest: dict[str, str] = {}
    for full in sorted(entries, key=lambda key: entries[key]["energy"]):
        lowest.setdefault(full.split()[-1], full)
    levels = {}
    for full, entry in entries.items():
        configuration, term = full.rsplit(" ", 1)
        levels[full] = Level(
            name=term if lowest[term] == full else full,
            configuration=configuration,
            term=term,
            energy=entry["energy"] * _WAVENUMBER,
            uncertainty=entry.get("uncertainty", math.nan) * _WAVENUMBER,
            source=entry["source"],
        )
    return levels


def _line(entry: dict[str, Any], levels: dict[str, Level]) -> Transition:
    lower, upper = _ends(entry, levels)
    name = f"{entry['lower']} - {entry['upper']}"
    if entry.get("multipole", "E1") == "E2":
        return _quadrupole_line(entry, lower, upper, name)
    require(entry.get("multipole", "E1") == "E1", f"line {name}: multipole must be E1 or E2")
    require(
        abs(upper.J - lower.J) <= 1 <= upper.J + lower.J, f"line {name}: J forbids an electric-dipole line"
    )
    uncertainty = entry.get("uncertainty", math.nan)
    if "matrix_element" in entry:
        dipole, relative = entry["matrix_element"] * ATOMIC_DIPOLE, uncertainty / entry["matrix_element"]
    elif "rate" in entry:
        dipole = dipole_from_rate(entry["rate"], (upper.energy - lower.energy) / const.hbar, upper.J)
        relative = uncertainty / entry["rate"] / 2
    else:
        raise InputError(f"line {name} has neither a matrix_element nor a rate")
    return Transition(lower, upper, dipole, relative, entry["source"])


def _quadrupole_line(entry: dict[str, Any], lower: Level, upper: Level, name: str) -> QuadrupoleLine:
    allowed = abs(upper.J - lower.J) <= 2 <= upper.J + lower.J
    require(allowed, f"line {name}: J forbids an electric-quadrupole line")
    require("rate" in entry, f"line {name}: an electric-quadrupole line is given by its rate")
    return QuadrupoleLine(
        lower,
        upper,
        0.0,
        entry.get("uncertainty", math.nan) / entry["rate"] / 2,
        entry["source"],
        quadrupole=quadrupole_from_rate(entry["rate"], (upper.energy - lower.energy) / const.hbar, upper.J),
    )


def _completeness(entry: dict[str, Any], level: Level) -> Completeness:
    position = entry["remainder_energy"] * _WAVENUMBER - level.energy
    return Completeness(
        core=entry["core"] * ATOMIC_POLARIZABILITY,
        core_frequency=entry["core_energy"] * _WAVENUMBER / const.hbar,
        total=entry["total"] * ATOMIC_POLARIZABILITY,
        total_uncertainty=entry["total_uncertainty"] * ATOMIC_POLARIZABILITY,
        remainder_frequency=position / const.hbar,
        sources={key.removesuffix("_source"): v for key, v in entry.items() if key.endswith("_source")},
    )


def _variant(name: str, entry: dict[str, Any]) -> Variant:
    return Variant(
        name=name,
        description=entry["description"],
        core=entry["core"],
        remainder=entry["remainder"],
        formula=entry.get("formula", "general"),
        exclude={level: tuple(uppers) for level, uppers in entry.get("exclude", {}).items()},
        dipoles={
            level: {upper: value * ATOMIC_DIPOLE for upper, value in uppers.items()}
            for level, uppers in entry.get("matrix_elements", {}).items()
        },
        source=entry.get("source"),
    )
