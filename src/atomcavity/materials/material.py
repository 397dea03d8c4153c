"""`Material`: index, attenuation and thermal data of a transparent solid or liquid, from data files."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import InputError, require, unknown
from atomcavity.species.sources import Sources

Array = NDArray[np.float64]

_MICROMETRE = 1e-6
_THERMAL = ("thermo_optic", "thermal_conductivity", "density", "heat_capacity")


@dataclass(frozen=True)
class _Dispersion:
    r"""$\epsilon = \epsilon_c + \sum_j B_j/(1-\lambda_j^2/\lambda^2)$ with `resonances` $\lambda_j$ in metres."""

    constant: float
    strengths: Array
    resonances: Array
    range: tuple[float, float]
    source: str


class Material:
    r"""A transparent material of the data files, by name ("fused silica", "water").

    The relative permittivity is Sellmeier's
    $\epsilon(\lambda)=1+\sum_j B_j\lambda^2/(\lambda^2-\lambda_j^2)$ (Eq. 1 of the microlaser paper) or a
    constant, with vacuum wavelengths in m, and holds inside `range` only.

    >>> silica = Material("fused silica")
    >>> round(float(silica.index(689.45e-9)), 4)
    1.4555
    """

    def __init__(self, name: str) -> None:
        table = _materials()
        if name not in table:
            raise unknown("material", name, table)
        self.name = name
        self._data = table[name]
        self._dispersion = _dispersion(self._data["dispersion"])

    def __repr__(self) -> str:
        return f"Material({self.name!r})"

    @property
    def range(self) -> tuple[float, float]:
        """Shortest and longest vacuum wavelength (m) of the dispersion formula."""
        return self._dispersion.range

    def permittivity(self, wavelength: ArrayLike) -> Array:
        """Relative permittivity at vacuum wavelengths (m, any shape); `InputError` outside `range`."""
        values = np.asarray(wavelength, dtype=float)
        low, high = self.range
        inside = (values >= low) & (values <= high)
        if not np.all(inside):
            wrong = float(values[~inside].flat[0]) if values.ndim else float(values)
            raise InputError(
                f"wavelength {wrong * 1e9:.6g} nm is outside the range of the index of {self.name}, "
                f"{low * 1e9:g} to {high * 1e9:g} nm"
            )
        d = self._dispersion
        return np.asarray(d.constant + (1 / (1 - (d.resonances / values[..., None]) ** 2)) @ d.strengths)

    def index(self, wavelength: ArrayLike) -> Array:
        """Refractive index at vacuum wavelengths (m, any shape); `InputError` outside `range`."""
        return np.sqrt(self.permittivity(wavelength))

    def group_index(self, wavelength: ArrayLike) -> Array:
        r"""Group index $n-\lambda\,dn/d\lambda$ at vacuum wavelengths (m, any shape)."""
        values = np.asarray(wavelength, dtype=float)
        n, d = self.index(values), self._dispersion
        square = (d.resonances / values[..., None]) ** 2
        return np.asarray(n + (square / (1 - square) ** 2) @ d.strengths / n)

    def permittivity_imaginary(self, xi: ArrayLike) -> Array:
        r"""Relative permittivity at the imaginary frequencies $i\xi$ (rad/s, at least 0, any shape).

        The dispersion formula continued, $\epsilon_c+\sum_j B_j/(1+\xi^2\lambda_j^2/(2\pi c)^2)$, as for the
        surface potentials of the papers: outside `range` it is an extrapolation (for silica the
        three resonances stand for all absorption, in the infrared and the ultraviolet).
        """
        values = np.asarray(xi, dtype=float)
        require(bool(np.all(values >= 0)), "imaginary frequencies xi must not be negative")
        d = self._dispersion
        ratio = values[..., None] * d.resonances / (2 * math.pi * const.c)
        return np.asarray(d.constant + (1 / (1 + ratio**2)) @ d.strengths)

    @property
    def attenuation(self) -> float:
        """Intensity attenuation coefficient (1/m) of the bulk; NaN where the data file gives none."""
        decibel_per_km = self._data.get("attenuation", {}).get("value", math.nan)
        return decibel_per_km * math.log(10) / 10 / 1e3

    @property
    def thermo_optic(self) -> float:
        """Change of the refractive index with temperature dn/dT (1/K) near room temperature.

        One number for all wavelengths (its source says for which it is); `InputError` where the data file has none.
        """
        return self._thermal("thermo_optic")

    @property
    def thermal_conductivity(self) -> float:
        """Thermal conductivity (W/(m K)); `InputError` where the data file has none."""
        return self._thermal("thermal_conductivity")

    @property
    def density(self) -> float:
        """Mass density (kg/m^3); `InputError` where the data file has none."""
        return self._thermal("density")

    @property
    def heat_capacity(self) -> float:
        """Specific heat at constant pressure (J/(kg K)); `InputError` where the data file has none."""
        return self._thermal("heat_capacity")

    def _thermal(self, quantity: str) -> float:
        if quantity not in self._data:
            raise InputError(
                f"the data file of {self.name} has no {quantity}; materials with one: {_with(quantity)}"
            )
        return float(self._data[quantity]["value"])

    def sources(self) -> Sources:
        """Each citation with the quantities taken from it."""
        used = Sources()
        for quantity in ("dispersion", "attenuation", *_THERMAL):
            if quantity in self._data:
                citation = self._data["references"][self._data[quantity]["source"]]
                used.setdefault(citation, []).append(f"{quantity.replace('_', ' ')} of {self.name}")
        return used


def known_materials() -> list[str]:
    """The names that `Material` knows."""
    return sorted(_materials())


def _with(quantity: str) -> str:
    return ", ".join(name for name in known_materials() if quantity in _materials()[name])


@cache
def _materials() -> dict[str, dict[str, Any]]:
    folder = files("atomcavity.materials").joinpath("data")
    entries = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    tables = [tomllib.loads(folder.joinpath(entry).read_text("utf-8")) for entry in entries]
    return {table["name"]: table for table in tables}


def _dispersion(entry: dict[str, Any]) -> _Dispersion:
    low, high = (x * _MICROMETRE for x in entry["range"])
    if entry["model"] == "constant":
        return _Dispersion(entry["index"] ** 2, np.zeros(0), np.zeros(0), (low, high), entry["source"])
    require(
        entry["model"] == "sellmeier", f"dispersion model {entry['model']!r} is not sellmeier or constant"
    )
    resonances = np.array(entry["resonances"]) * _MICROMETRE
    return _Dispersion(1.0, np.array(entry["strengths"]), resonances, (low, high), entry["source"])
