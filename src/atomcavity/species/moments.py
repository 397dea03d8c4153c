"""What a data file says of a level in static fields: hyperfine constants, polarizabilities, quadrupole moments."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scipy import constants as const

from atomcavity.errors import require, unknown
from atomcavity.species.hyperfine import constants_from_intervals
from atomcavity.species.model import ATOMIC_POLARIZABILITY, ATOMIC_QUADRUPOLE, Level

_MEGAHERTZ = 2e6 * math.pi
_WAVENUMBER = 200 * math.pi * const.c  # rad/s per 1/cm


@dataclass(frozen=True)
class HyperfineConstants:
    """A and B (rad/s) and g_J of a level of an isotope, with sources; g_J is NaN where Landé's is meant.

    `misfit` (rad/s) is the largest deviation of the measured intervals that A and B were fitted to (NaN if none).
    """

    A: float
    B: float
    g_J: float
    source: str
    g_J_source: str
    misfit: float


@dataclass(frozen=True)
class DifferentialStatic:
    """Static polarizabilities of a clock line (C^2 m^2/J), uncertainties NaN where the source gives none.

    scalar  that of the upper level minus that of the lower one
    tensor  that of the upper level for its stretched state; times `HyperfineLevel.tensor_factor` it is that of |F, m>
    """

    scalar: float
    tensor: float
    scalar_uncertainty: float
    tensor_uncertainty: float
    source: str

    def __str__(self) -> str:
        scalar, tensor = self.scalar / ATOMIC_POLARIZABILITY, self.tensor / ATOMIC_POLARIZABILITY
        return f"static: scalar difference {scalar:.4g} a.u., tensor {tensor:.4g} a.u."


@dataclass(frozen=True)
class QuadrupoleMoment:
    """Theta = <J, m=J| Q_20 |J, J> of a level (C m^2), with its uncertainty (NaN: none given) and source."""

    value: float
    uncertainty: float
    source: str


def nuclear_g(entry: Mapping[str, Any]) -> tuple[float, str]:
    r"""g_I in Bohr magnetons and its source key: given, or $-\mu/(I\mu_B)$ of the moment; NaN if the file has none."""
    if "g_I" in entry:
        return entry["g_I"], entry["g_I_source"]
    if "magnetic_moment" in entry:
        ratio = const.value("nuclear magneton") / const.value("Bohr magneton")
        return -entry["magnetic_moment"] * ratio / entry["nuclear_spin"], entry["magnetic_moment_source"]
    return math.nan, ""


def hyperfine_constants(
    isotopes: Mapping[str, Mapping[str, Any]], name: str, levels: Mapping[str, Level]
) -> dict[str, HyperfineConstants]:
    """The hyperfine constants of an isotope by level.

    Given as A and B (MHz); as `intervals` (1/cm) between adjacent F; or `scaled_from` another isotope of the file, A
    with the nuclear magnetic moment over I and B with the nuclear quadrupole moment.
    """
    found = {}
    for full in isotopes[name].get("hyperfine", {}):
        if full not in levels:
            raise unknown(f"level with hyperfine constants of {name}", full, levels)
        found[full] = _constants(isotopes, name, levels[full])
    return found


def _constants(isotopes: Mapping[str, Mapping[str, Any]], name: str, level: Level) -> HyperfineConstants:
    isotope = isotopes[name]
    entry = isotope["hyperfine"][level.full_name]
    g_J, g_J_source = entry.get("g_J", math.nan), entry.get("g_J_source", "")
    a, b, misfit = entry.get("A", 0.0) * _MEGAHERTZ, entry.get("B", 0.0) * _MEGAHERTZ, math.nan
    if "intervals" in entry:
        fit = constants_from_intervals(level.J, isotope["nuclear_spin"], entry["intervals"])
        a, b, misfit = (value * _WAVENUMBER for value in fit)
    elif "scaled_from" in entry:
        other = isotopes[entry["scaled_from"]]
        base = _constants(isotopes, entry["scaled_from"], level)
        per_spin = [each["magnetic_moment"] / each["nuclear_spin"] for each in (isotope, other)]
        a = base.A * per_spin[0] / per_spin[1]
        b = base.B * isotope["quadrupole_moment"] / other["quadrupole_moment"]
    return HyperfineConstants(a, b, g_J, entry["source"], g_J_source, misfit)


def static_polarizabilities(
    entries: list[dict[str, Any]], levels: Mapping[str, Level]
) -> dict[tuple[str, str], DifferentialStatic]:
    """The differential static polarizabilities of a data file (atomic units) by full names of the two levels."""
    unit, found = ATOMIC_POLARIZABILITY, {}
    for entry in entries:
        for end in ("lower", "upper"):
            if entry[end] not in levels:
                raise unknown(f"{end} level of a static polarizability", entry[end], levels)
        found[entry["lower"], entry["upper"]] = DifferentialStatic(
            entry["scalar"] * unit,
            entry["tensor"] * unit,
            entry.get("scalar_uncertainty", math.nan) * unit,
            entry.get("tensor_uncertainty", math.nan) * unit,
            entry["source"],
        )
    return found


def quadrupole_moments(
    entries: list[dict[str, Any]], levels: Mapping[str, Level]
) -> dict[str, QuadrupoleMoment]:
    """The quadrupole moments of a data file (e a0^2) by full name of the level."""
    found = {}
    for entry in entries:
        if entry["level"] not in levels:
            raise unknown("level with a quadrupole moment", entry["level"], levels)
        require(levels[entry["level"]].J >= 1, f"level {entry['level']} with J < 1 has no quadrupole moment")
        value, error = entry["value"], entry.get("uncertainty", math.nan)
        found[entry["level"]] = QuadrupoleMoment(
            value * ATOMIC_QUADRUPOLE, error * ATOMIC_QUADRUPOLE, entry["source"]
        )
    return found
