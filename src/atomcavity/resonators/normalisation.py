r"""What the field of a mode adds up to: ∫ε|E|² dV and the circulating power, for a unit amplitude."""

from __future__ import annotations

import math

import numpy as np
from scipy import constants as const

from atomcavity.errors import require, unknown

from .angular import hermite
from .fields import Shape

POWERS = ("poynting", "printed", "printed-double", "printed-d8")


def weight(shape: Shape) -> float:
    """∫ε|E|² dV of the shape, inside plus outside up to the radiation caustic (see `Radial`).

    TE: L∫εF² dr in closed form; TM: L∫(F'² + L F²/r²)/ε dr; near-equator: 2π∫εF² dr ∫Θ² dδ.
    """
    eps = shape.permittivity
    big_l = shape.l * (shape.l + 1.0)
    if shape.te:
        inside, outside = shape.radial.squares()
        return (eps * inside + outside) * (
            big_l if shape.angular == "exact" else math.tau * _gauss_norm(shape)
        )
    inside, outside = shape.radial.integrate(lambda r, f, df: df**2 + big_l * (f / r) ** 2)
    return big_l * (inside / eps + outside)


def surface(shape: Shape) -> float:
    """∮|E|² dA of the shape over the sphere, just inside (dimensionless, unit amplitude)."""
    big_l = shape.l * (shape.l + 1.0)
    if shape.te:
        return big_l if shape.angular == "exact" else math.tau * _gauss_norm(shape)
    _, slope, _ = shape.radial(np.array([shape.radial.radius]))
    inner = shape.permittivity * slope[0]  # F'/ε is continuous
    return big_l * (inner**2 + big_l / shape.radial.radius**2) / shape.permittivity**2


def flux(shape: Shape, frequency: float, normalisation: str) -> float:
    r"""Circulating power (W) of the unit shape, taken as the peak amplitude of E in V/m.

    "poynting": ∫∫ ½ Re(E × H*)_φ dr r dθ through the meridional half plane, positive for either sense:
    TE (2l+1)L/(8πωμ0) ∫F²/r² dr, TM (2l+1)Lωε0/(8π) ∫F²/(ε r²) dr for the exact harmonics, and
    |m|/(2ωμ0) ∫F²/r² dr ∫Θ² dδ near the equator.  "printed": (cε0/2)∫∫ ε|E|² r dr sinθ dθ, the integral
    that Yu and Vollmer print below Eq. (16); "printed-double": the same without the ½.  "printed-d8": the
    reading of Eqs (D3) and (D8) of Yu, Chen and Zhang 2023 (see `_printed_d8`).
    """
    if normalisation not in POWERS:
        raise unknown("power normalisation", normalisation, POWERS)
    if normalisation == "poynting":
        return _poynting(shape, frequency)
    if normalisation == "printed-d8":
        return _printed_d8(shape)
    half = 0.5 if normalisation == "printed" else 1.0
    return half * const.c * const.epsilon_0 * _printed(shape)


def _poynting(shape: Shape, frequency: float) -> float:
    require(shape.m != 0, "mode with m = 0 given: no power circulates around the axis; use m != 0")
    inside, outside = shape.radial.integrate(lambda r, f, _: (f / r) ** 2)
    if shape.angular != "exact":
        return abs(shape.m) * (inside + outside) * _gauss_norm(shape) / (2.0 * frequency * const.mu_0)
    ring = (2 * shape.l + 1) * shape.l * (shape.l + 1.0) / (8.0 * math.pi)
    if shape.te:
        return ring * (inside + outside) / (frequency * const.mu_0)
    return ring * (inside / shape.permittivity + outside) * frequency * const.epsilon_0


def _printed(shape: Shape) -> float:
    """∫∫ ε|E|² r dr sinθ dθ over the meridional half plane."""
    eps, big_l = shape.permittivity, shape.l * (shape.l + 1.0)
    if shape.te:
        inside, outside = shape.radial.integrate(lambda r, f, _: f**2 / r)
        ring = big_l / math.tau if shape.angular == "exact" else _gauss_norm(shape)
        return ring * (eps * inside + outside)
    inside, outside = shape.radial.integrate(lambda r, f, df: (df**2 + big_l * (f / r) ** 2) / r)
    return big_l / math.tau * (inside / eps + outside)


def _printed_d8(shape: Shape) -> float:
    """(cε0/2) ∫√ε F²/r dr with ∫Θ² dθ taken as 1; for l - |m| = 2 over √π, missing from Θ² in Eq. (D8a)."""
    order = shape.l - abs(shape.m)
    allowed = {0: ("near-equator", "near-equator-printed"), 2: ("near-equator-printed",)}.get(order, ())
    require(
        shape.angular in allowed,
        f'normalisation="printed-d8" given for angular={shape.angular!r}, l - |m| = {order}; it belongs to '
        '"near-equator-printed" and l - |m| = 0 or 2',
    )
    inside, outside = shape.radial.integrate(lambda r, f, _: f**2 / r)
    missing = math.sqrt(math.pi) if order else 1.0
    return 0.5 * const.c * const.epsilon_0 * (math.sqrt(shape.permittivity) * inside + outside) / missing


def _gauss_norm(shape: Shape) -> float:
    """∫Θ² dδ of the near-equator function (1 with the physicists' polynomials)."""
    m, q = abs(shape.m), shape.l - abs(shape.m)
    y, w = np.polynomial.hermite.hermgauss(q + 2)
    value, _ = hermite(q, m, 0.5 * math.pi + y / math.sqrt(m), shape.angular.endswith("printed"))
    return float(np.sum(w * np.exp(y * y) * value**2)) / math.sqrt(m)
