"""Modes of a sphere of a given material: the resonance with its own index, by label or in a window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Protocol

from atomcavity.errors import ConvergenceError, InputError, require, unknown

LN10 = math.log(10.0)


class Medium(Protocol):
    """What the sphere is made of: an index of refraction and the wavelength range (m) it is known in."""

    @property
    def range(self) -> tuple[float, float]:
        """Shortest and longest vacuum wavelength (m)."""

    def index(self, wavelength: float) -> Any:
        """Index of refraction at a vacuum wavelength (m)."""


@dataclass(frozen=True)
class ConstantIndex:
    """A medium without dispersion."""

    value: float

    @property
    def range(self) -> tuple[float, float]:
        """All wavelengths."""
        return (0.0, math.inf)

    def index(self, wavelength: float) -> float:  # noqa: ARG002
        """The same at every wavelength."""
        return self.value


@dataclass(frozen=True)
class Resonance:
    """A root of the characteristic equation: complex size parameter x = 2πR/λ, index at λ, and log10 Q."""

    size_parameter: complex
    index: float
    wavelength: float
    log10_quality: float


def as_medium(material: Medium | float) -> Medium:
    """A medium from a material or from a plain number (constant index above 1)."""
    if isinstance(material, int | float):
        require(
            math.isfinite(material) and material > 1.0,
            f"index of refraction {material!r} given; a sphere in vacuum needs a finite index above 1",
        )
        return ConstantIndex(float(material))
    require(
        callable(getattr(material, "index", None)) and hasattr(material, "range"),
        f"material {material!r} given; a sphere is of a Material, as Material('fused silica'), or of a constant "
        "index, a number",
    )
    return material


def check_label(polarization: str, n: int, l: int) -> None:
    """Refuse what is no mode."""
    if polarization not in ("TE", "TM"):
        raise unknown("polarization", polarization, ("TE", "TM"))
    require(isinstance(l, Integral) and l >= 1, f"l = {l!r} given; a mode needs an integer l >= 1")
    require(isinstance(n, Integral) and n >= 1, f"n = {n!r} given; the radial number is an integer n >= 1")


def constant_index_root(polarization: str, n: int, l: int, index: float) -> complex:
    """Complex size parameter x = 2πR/λ of a mode at constant index (see `characteristic`).

    >>> x = constant_index_root("TE", 1, 60, 1.45)
    >>> round(x.real, 4), x.imag < 0
    (45.897, True)
    """
    from .characteristic import resonance

    check_label(polarization, n, l)
    root = complex(resonance(l, n, polarization == "TE", index))
    if not math.isfinite(root.real):
        raise ConvergenceError(f"no root for {polarization} n={n} l={l} at index {index}")
    return root


def log10_quality(polarization: str, l: int, index: float, root: complex) -> float:
    """log10 of Q = Re x/(-2 Im x); from the Wronskian where Im x is below the range of floats.

    For a narrow mode Im x = -1/(|ξ|² |dF/dx|), with F the characteristic equation in the form
    p ψ'/ψ - ξ'/ξ: Q = x (m² - 1) |ξ|²/2 for TE, and with (m² - 1)(l(l+1)/(mx)² + (ξ'/ξ)²) instead of
    m² - 1 for TM.
    """
    from .riccati import log_xi, xi_log_derivative

    if abs(root.imag) > 1e-290:
        return math.log10(root.real / (-2.0 * root.imag))
    x = root.real
    slope = index**2 - 1.0
    if polarization == "TM":
        slope *= l * (l + 1) / (index * x) ** 2 + xi_log_derivative(l, complex(x)).real ** 2
    return (math.log(0.5 * x * slope) + 2.0 * log_xi(l, x).real) / LN10


def find(radius: float, medium: Medium, polarization: str, n: int, l: int) -> Resonance:
    """The resonance (polarization, n, l) with the index taken at its own wavelength λ = 2πR/Re x.

    λ is the fixed point of λ → 2πR/Re x(index(λ)), found by the secant method to 1e-14.  Im x belongs
    to that index too (the index is not continued to the complex frequency).
    `InputError` if it lies outside the range of the material.
    """
    check_label(polarization, n, l)
    around = 2.0 * math.pi * radius
    if isinstance(medium, ConstantIndex):
        root = constant_index_root(polarization, n, l, medium.value)
        return _resonance(around, medium.value, root, polarization, l)
    low, high = medium.range

    def at(wavelength: float) -> tuple[complex, float, float]:
        index = float(medium.index(wavelength))
        root = constant_index_root(polarization, n, l, index)
        return root, index, around / root.real

    guess = min(max(around * 1.4 / (l + 1.86 * l ** (1 / 3) + 3.0 * (n - 1)), low), high)
    wavelength = guess
    previous: tuple[float, float] | None = None
    for _ in range(60):
        root, index, new = at(wavelength)
        residual = new - wavelength
        if abs(residual) < 1e-14 * wavelength:
            return _resonance(around, index, root, polarization, l)
        slope = -1.0
        if previous is not None and wavelength != previous[0]:
            slope = (residual - previous[1]) / (wavelength - previous[0])
        previous = (wavelength, residual)
        step = -residual / slope if slope < -0.2 else residual
        target = min(max(wavelength + step, low), high)
        if target == wavelength or abs(step) < 2e-16 * wavelength:
            if abs(residual) < 4e-15 * wavelength:
                return _resonance(around, index, root, polarization, l)
            raise InputError(
                f"mode {polarization} n={n} l={l} of a sphere of radius {radius * 1e6:.6g} um lies near "
                f"{new * 1e9:.6g} nm, outside the range of the material, "
                f"{low * 1e9:.6g} to {high * 1e9:.6g} nm"
            )
        wavelength = target
    raise ConvergenceError(f"no self-consistent wavelength for {polarization} n={n} l={l}, radius {radius} m")


def _resonance(around: float, index: float, root: complex, polarization: str, l: int) -> Resonance:
    return Resonance(root, index, around / root.real, log10_quality(polarization, l, index, root))


def radius_for(
    polarization: str, n: int, l: int, wavelength: float, material: Medium | float, *, method: str = "exact"
) -> float:
    """Radius (m) of the sphere whose mode (polarization, n, l) lies at the vacuum wavelength (m).

    R = Re x λ/(2π) with the root x at the index of that wavelength; method "asymptotic": with its series.

    >>> round(radius_for("TE", 1, 60, 689.45e-9, 1.45) * 1e6, 4)
    5.0362
    """
    from .asymptotic import size_by_method

    require(wavelength > 0, f"wavelength {wavelength!r} m given; it must be positive")
    index = float(as_medium(material).index(wavelength))
    return size_by_method(method, polarization, n, l, index) * wavelength / (2.0 * math.pi)
