"""The numbers of `published.toml` in SI units."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy.constants import h
from scipy.constants import k as boltzmann

from atomcavity.species import ATOMIC_POLARIZABILITY
from atomcavity.units import parse


@dataclass(frozen=True)
class Published:
    """What the paper prints (see `published.toml` for the places); SI units, angular rates in rad/s."""

    laser_wavelength: float
    red_wavelength: float
    blue_wavelength: float
    blue_magic: float
    alpha_red: float
    alpha_blue: tuple[float, ...]
    blue_mismatch: float
    c3: tuple[float, ...]
    distance: float
    depth: float
    vibration: tuple[float, ...]
    quality: float
    quality_parts: tuple[float, ...]
    volume: float
    scaling_coupling: float
    pulse_period: dict[tuple[float, int], float]
    weak_pump: float
    line_max: tuple[float, ...]
    line_30: tuple[float, ...]
    width_fast: float
    width_slow: float
    fit_window: float

    @property
    def alpha_trap(self) -> tuple[float, float]:
        """Polarizabilities of 1S0 for the red and the blue light (C^2 m^2/J)."""
        return self.alpha_red, self.alpha_blue[0]


_KINDS = {
    "length": ("laser_wavelength", "red_wavelength", "blue_wavelength", "blue_magic", "distance"),
    "angular": ("vibration", "scaling_coupling"),
    "temperature": ("depth",),
    "time": ("fit_window",),
}
_FACTORS = {
    "alpha_red": ATOMIC_POLARIZABILITY,
    "alpha_blue": ATOMIC_POLARIZABILITY,
    "c3": h * 1e-18,  # Hz um^3 -> J m^3
    "volume": 1e-18,  # um^3 -> m^3
    "depth": boltzmann,
}


def read_published(path: Path) -> Published:
    """The published numbers of a file; every key of `Published` must be there, and no other."""
    kinds = {name: kind for kind, names in _KINDS.items() for name in names}
    found: dict[str, Any] = {}
    for name, value in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if name == "pulse_period":
            found[name] = {(row["quality"], row["atoms"]): row["gamma_period"] for row in value}
            continue
        items = value if isinstance(value, list) else [value]
        if name in kinds:
            items = [parse(item, kinds[name], key=name) for item in items]
        scaled = tuple(item * _FACTORS.get(name, 1.0) for item in items)
        found[name] = scaled if isinstance(value, list) else scaled[0]
    return Published(**found)


PUBLISHED = read_published(Path(__file__).parent / "published.toml")
