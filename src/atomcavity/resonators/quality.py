r"""The quality factor as a budget: radiation, material, surface scattering, adsorbed water, coupler.

Equation numbers are those of Yu and Vollmer 2021.  With ε the permittivity of the sphere, λ the vacuum
wavelength, σ and B the standard deviation and the correlation length of the surface roughness:

* radiation: the exact root, or "spillane", Eqs (21), (22) (Spillane's thesis, 2004);
* material: 2πn/(λα), Eq. (23);
* scattering, "vernooy": 3ε(ε+2)²λ^{7/2}(2R)^{1/2}/((4π)³(ε-1)^{5/2}σ²B²) (Vernooy et al., Opt. Lett. 23,
  247 (1998), in the form usually quoted): it gives the number printed in the paper; "printed": Eq. (24)
  as printed, ten times larger; "volume-current": this mode's own first-order result, see `scatter`;
* water: sqrt(πR/(16 n_w³ λ))/(δβ), Eq. (25), with the layer's thickness δ and absorption coefficient β.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atomcavity.errors import InputError, require, unknown
from atomcavity.results import axes_or_new

if TYPE_CHECKING:
    from .mode import OpticalMode

RADIATION = ("exact", "spillane")
SCATTERING = ("vernooy", "printed", "volume-current")
LABELS = {
    "radiation": "radiation",
    "material": "material",
    "scattering": "surface scattering",
    "water": "adsorbed water",
    "coupler": "coupler",
}


@dataclass(frozen=True)
class QualityBudget:
    """Quality factors by cause; 1/Q_total is the sum of their reciprocals.  All rates are in rad/s."""

    frequency: float
    parts: dict[str, float]
    """Quality factor of each cause that was given: radiation, material, scattering, water, coupler."""
    warnings: tuple[str, ...] = ()
    """Why a part, and with it the total, is NaN."""

    @property
    def intrinsic(self) -> float:
        """Quality factor without the coupler."""
        return together(q for name, q in self.parts.items() if name != "coupler")

    @property
    def total(self) -> float:
        """1/Σ(1/Q_i), Eq. (20)."""
        return together(self.parts.values())

    @property
    def kappa(self) -> float:
        """Decay rate of the photon number, ω/Q_total (rad/s)."""
        return self.frequency / self.total

    @property
    def kappa_ext(self) -> float:
        """The coupler's part of kappa, ω/Q_c (rad/s); 0 without a coupler."""
        return self.frequency / self.parts["coupler"] if "coupler" in self.parts else 0.0

    def __str__(self) -> str:
        rows = [(LABELS[name], q, 100.0 * self.total / q) for name, q in self.parts.items()]
        rows.append(("total", self.total, 100.0))
        lines = [f"{'loss':<20}{'Q':>12}{'share':>10}{'κ/2π':>16}"]
        for name, q, share in rows:
            lines.append(
                f"{name:<20}{q:>12.4g}{share:>9.2f}%{self.frequency / q / math.tau / 1e6:>12.4g} MHz"
            )
        return "\n".join(lines + [f"warning: {text}" for text in self.warnings])

    def plot(self, ax: Any = None) -> Any:
        """Draw the parts and the total as horizontal bars on a logarithmic axis; returns the axes.

        `InputError` if no quality factor is finite.
        """
        require(
            any(map(math.isfinite, self.parts.values())), "no part of the budget is finite: nothing to draw"
        )
        ax = axes_or_new(ax, figsize=(5.0, 2.6))
        names = [LABELS[name] for name in self.parts] + ["total"]
        values = [*self.parts.values(), self.total]
        finite = [q for q in values if math.isfinite(q)]
        shown = [q if math.isfinite(q) else 10.0 * max(finite) for q in values]
        colours = ["0.65"] * len(self.parts) + ["C0"]
        left = 10.0 ** (math.floor(math.log10(min(finite))) - 1)
        ax.barh(names, np.array(shown) - left, left=left, color=colours, edgecolor="black", linewidth=0.6)
        for row, (value, width) in enumerate(zip(values, shown, strict=True)):
            ax.annotate(
                f"{value:.2g}", (width, row), (9, 0), textcoords="offset points", va="center", fontsize=8
            )
        ax.set_xscale("log")
        ax.set_xlim(left, max(shown) * 30)
        ax.invert_yaxis()
        ax.set_xlabel("quality factor Q")
        return ax


def together(qualities: Iterable[float]) -> float:
    """1/Σ(1/Q_i); infinite if every Q_i is."""
    losses = sum(1.0 / q for q in qualities)
    return 1.0 / losses if losses else math.inf


def radiative(mode: OpticalMode, variant: str) -> float:
    """Radiative Q, "exact" or "spillane"."""
    if variant not in RADIATION:
        raise unknown("radiation formula", variant, RADIATION)
    return mode.quality_radiation if variant == "exact" else spillane(mode.l, mode.n, mode.index)


def spillane(l: int, n: int, index: float) -> float:
    """Radiative Q of a TE mode by Eqs (21), (22), with the n-th root of Ai(-u); NaN where cosh β < 1.

    >>> f"{spillane(60, 1, 1.45552):.3g}"
    '1.55e+08'
    """
    from .asymptotic import airy_root

    eps, twice = index**2, 2 * l + 1
    shift = airy_root(n) * (twice / 4.0) ** (1 / 3) - math.sqrt(eps / (eps - 1.0))
    argument = index / (1.0 + 2.0 / twice * shift)
    if argument <= 1.0:
        return math.nan
    beta = math.acosh(argument)
    exponent = twice * (beta - math.tanh(beta))
    if exponent > 700.0:
        return math.inf
    return twice / 4.0 * math.sqrt((eps - 1.0) / eps) * math.exp(exponent)


def material(mode: OpticalMode, attenuation: float | None) -> float:
    """Q of the bulk, Eq. (23); NaN if neither an attenuation (1/m) is given nor the material has one."""
    if attenuation is None:
        attenuation = float(getattr(mode.sphere.material, "attenuation", math.nan))
    else:
        require(attenuation > 0, f"attenuation = {attenuation!r} 1/m given; it must be positive")
    return math.tau * mode.index / (mode.wavelength * attenuation)


def scatter(mode: OpticalMode, variant: str, roughness: float | None, length: float | None) -> float:
    r"""Q of surface scattering from standard deviation σ and correlation length B (m).

    "volume-current": the roughness h is a layer of dipoles ε0(ε-1)E h dA, which radiate as in vacuum;
    with ⟨h h'⟩ = σ² exp(-d²/B²) and B ≪ λ, Q = 6λ³ ∫ε|E|²dV/((2π)³ (ε-1)² σ²B² ∮|E|²dA).  For a well
    bound TE mode this is 3λ³R/(8π³(ε-1)σ²B²).
    """
    if variant not in SCATTERING:
        raise unknown("scattering formula", variant, SCATTERING)
    given = f"roughness = {roughness!r} m and correlation_length = {length!r} m given"
    if roughness is None or length is None or not (roughness > 0 and length > 0):
        raise InputError(f"{given}; surface scattering needs both, positive")
    eps, wavelength = mode.index**2, mode.wavelength
    rough = (roughness * length) ** 2
    if variant == "vernooy":
        front = 3.0 * eps * (eps + 2.0) ** 2 / ((4.0 * math.pi) ** 3 * (eps - 1.0) ** 2.5)
        return front * wavelength**3.5 * math.sqrt(2.0 * mode.sphere.radius) / rough
    if variant == "printed":
        front = 3.0 * mode.index / (4.0 * math.pi**2) * (eps / (eps - 1.0)) ** 2
        return front * wavelength**3 * math.sqrt(2.0 * mode.sphere.radius * wavelength) / rough
    return 6.0 * wavelength**3 * mode.energy_to_surface / (math.tau**3 * (eps - 1.0) ** 2 * rough)


def wet(mode: OpticalMode, thickness: float, index: float | None, absorption: float | None) -> float:
    """Q of an adsorbed layer of water, Eq. (25): thickness (m), index, absorption coefficient (1/m)."""
    from atomcavity.materials import Material

    layer = Material("water")
    index = float(layer.index(mode.wavelength)) if index is None else index
    absorption = layer.attenuation if absorption is None else absorption
    require(
        thickness > 0 and index > 0 and absorption > 0,
        f"water = {thickness!r} m with water_absorption = {absorption!r} 1/m and water_index = {index!r} "
        "given; all three must be known and positive",
    )
    front = math.sqrt(math.pi * mode.sphere.radius / (16.0 * index**3 * mode.wavelength))
    return front / (thickness * absorption)


def with_coupler(parts: dict[str, float], coupler: float | str | None) -> dict[str, float]:
    """The parts with the coupler's own added: a quality factor, "critical", or None for no coupler."""
    if coupler is None:
        return parts
    if coupler == "critical":
        return {**parts, "coupler": together(parts.values())}
    if isinstance(coupler, str):
        raise unknown("coupler", coupler, ("critical", "a quality factor"))
    require(coupler > 0, f"coupler = {coupler!r} given; a quality factor is positive")
    return {**parts, "coupler": float(coupler)}
