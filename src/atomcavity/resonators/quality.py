r"""The quality factor as a budget: radiation, material, surface scattering, adsorbed water, coupler.

Equation numbers are those of Yu and Vollmer 2021.  With ε the permittivity of the sphere, λ the vacuum
wavelength, σ and B the standard deviation and the correlation length of the surface roughness:

* radiation: the exact root, or "spillane", Eqs (21), (22) (Spillane's thesis, 2004);
* material: 2πn/(λα), Eq. (23);
* scattering, "vernooy": 3ε(ε+2)²λ^{7/2}(2R)^{1/2}/((4π)³(ε-1)^{5/2}σ²B²) (Vernooy et al., Opt. Lett. 23,
  247 (1998), in the form usually quoted): it gives the number printed in the paper; "printed": Eq. (24)
  as printed, ten times larger; "volume-current": this mode's own first-order result, see `_scattering`;
* water: sqrt(πR/(16 n_w³ λ))/(δβ), Eq. (25), with the layer's thickness δ and absorption coefficient β.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atomcavity.errors import require, unknown

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

    @property
    def intrinsic(self) -> float:
        """Quality factor without the coupler."""
        return 1.0 / sum(1.0 / q for name, q in self.parts.items() if name != "coupler")

    @property
    def total(self) -> float:
        """1/Σ(1/Q_i), Eq. (20)."""
        return 1.0 / sum(1.0 / q for q in self.parts.values())

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
        return "\n".join(lines)

    def plot(self, ax: Any = None) -> Any:
        """Draw the parts and the total as horizontal bars on a logarithmic axis; returns the axes."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(5.0, 2.6), layout="constrained")
        names = [LABELS[name] for name in self.parts] + ["total"]
        values = [*self.parts.values(), self.total]
        finite = [q for q in values if math.isfinite(q)]
        shown = [q if math.isfinite(q) else 10.0 * max(finite) for q in values]
        colours = ["0.65"] * len(self.parts) + ["C0"]
        left = 10.0 ** (math.floor(math.log10(min(finite))) - 1)
        ax.barh(names, np.array(shown) - left, left=left, color=colours, edgecolor="black", linewidth=0.6)
        for row, (value, width) in enumerate(zip(values, shown, strict=True)):
            ax.annotate(f"{value:.2g}", (width, row), (3, 0), textcoords="offset points", va="center", fontsize=8)
        ax.set_xscale("log")
        ax.set_xlim(left, max(shown) * 30)
        ax.invert_yaxis()
        ax.set_xlabel("quality factor Q")
        return ax


def budget(
    mode: OpticalMode,
    *,
    radiation: str = "exact",
    attenuation: float | None = None,
    roughness: float | None = None,
    correlation_length: float | None = None,
    scattering: str = "vernooy",
    water: float | None = None,
    water_index: float | None = None,
    water_absorption: float | None = None,
    coupler: float | str | None = None,
) -> QualityBudget:
    """Quality budget of a mode; a part whose argument is missing is left out.

    attenuation: coefficient α of the bulk (1/m), by default the material's own if it has one.
    roughness, correlation_length: σ and B (m), both or neither.  water: thickness of the layer (m), with
    its index and its absorption coefficient (1/m).  coupler: Q_c, or "critical" for Q_c equal to the
    intrinsic quality factor.  `InputError` for a negative or an incomplete entry.
    """
    given: dict[str, float | None] = {
        "attenuation": attenuation,
        "roughness": roughness,
        "correlation_length": correlation_length,
        "water": water,
        "water_index": water_index,
        "water_absorption": water_absorption,
    }
    for name, value in given.items():
        require(value is None or value > 0, f"{name} = {value!r} given; it must be positive")
    parts = {"radiation": _radiation(mode, radiation)}
    alpha = getattr(mode.sphere.material, "attenuation", math.nan) if attenuation is None else attenuation
    if math.isfinite(alpha):
        parts["material"] = math.tau * mode.index / (mode.wavelength * alpha)
    require(
        (roughness is None) == (correlation_length is None),
        "surface scattering needs both roughness and correlation_length, or neither",
    )
    if roughness is not None and correlation_length is not None:
        parts["scattering"] = _scattering(mode, scattering, roughness, correlation_length)
    if water is not None:
        require(
            water_index is not None and water_absorption is not None,
            f"water = {water!r} m given without water_index and water_absorption (1/m) of the layer",
        )
        assert water_index is not None
        assert water_absorption is not None
        layer = math.sqrt(math.pi * mode.sphere.radius / (16.0 * water_index**3 * mode.wavelength))
        parts["water"] = layer / (water * water_absorption)
    if coupler is not None:
        parts["coupler"] = _coupler(mode, coupler, parts)
    return QualityBudget(mode.frequency, parts)


def _coupler(mode: OpticalMode, coupler: float | str, parts: dict[str, float]) -> float:
    if coupler == "critical":
        return QualityBudget(mode.frequency, parts).intrinsic
    if isinstance(coupler, str):
        raise unknown("coupler", coupler, ("critical", "a quality factor"))
    require(coupler > 0, f"coupler = {coupler!r} given; a quality factor is positive")
    return float(coupler)


def _radiation(mode: OpticalMode, variant: str) -> float:
    if variant not in RADIATION:
        raise unknown("radiation formula", variant, RADIATION)
    return mode.quality_radiation if variant == "exact" else spillane(mode.l, mode.n, mode.index)


def spillane(l: int, n: int, index: float) -> float:  # noqa: E741
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


def _scattering(mode: OpticalMode, variant: str, sigma: float, b: float) -> float:
    r"""Q of surface scattering.

    "volume-current": the roughness h is a layer of dipoles ε0(ε-1)E h dA, which radiate as in vacuum;
    with ⟨h h'⟩ = σ² exp(-d²/B²) and B ≪ λ, Q = 6λ³ ∫ε|E|²dV/((2π)³ π (ε-1)² σ²B² ∮|E|²dA).  For a well
    bound TE mode this is 3λ³R/(8π⁴(ε-1)σ²B²).
    """
    if variant not in SCATTERING:
        raise unknown("scattering formula", variant, SCATTERING)
    eps, wavelength, radius = mode.index**2, mode.wavelength, mode.sphere.radius
    rough = (sigma * b) ** 2
    if variant == "vernooy":
        front = 3.0 * eps * (eps + 2.0) ** 2 / ((4.0 * math.pi) ** 3 * (eps - 1.0) ** 2.5)
        return front * wavelength**3.5 * math.sqrt(2.0 * radius) / rough
    if variant == "printed":
        front = 3.0 * mode.index / (4.0 * math.pi**2) * (eps / (eps - 1.0)) ** 2
        return front * wavelength**3 * math.sqrt(2.0 * radius * wavelength) / rough
    ratio = mode.energy_to_surface
    return 6.0 * wavelength**3 * ratio / (math.tau**3 * math.pi * (eps - 1.0) ** 2 * rough)
