r"""Resonance positions by the asymptotic series in 1/ν, ν = l + 1/2.

Lam, Leung and Young, J. Opt. Soc. Am. B 9, 1585 (1992): with α_n the n-th root of Ai(-α) and
P = m (TE) or 1/m (TM),

    m x = ν + 2^{-1/3} α ν^{1/3} - P (m²-1)^{-1/2} + (3/10) 2^{-2/3} α² ν^{-1/3}
          - 2^{-1/3} P (m² - 2P²/3) (m²-1)^{-3/2} α ν^{-2/3} + O(1/ν).

`terms` counts the corrections to ν: Yu and Vollmer's wavelengths were compared with 3 and 4.
"""

from __future__ import annotations

import math
from functools import cache

from atomcavity.errors import ConvergenceError, InputError, require, unknown

from .search import (
    ConstantIndex,
    Medium,
    Resonance,
    check_label,
    constant_index_root,
    find,
    log10_quality,
)

METHODS = ("exact", "asymptotic")


@cache
def airy_root(n: int) -> float:
    """The n-th positive root α of Ai(-α)."""
    from scipy.special import ai_zeros

    return float(-ai_zeros(n)[0][n - 1])


def size_parameter(polarization: str, n: int, l: int, index: float, *, terms: int = 4) -> float:
    """x = 2πR/λ of a mode at constant index by the series above with `terms` corrections (1 to 4).

    >>> round(size_parameter("TE", 1, 60, 1.45), 3)
    45.905
    """
    check_label(polarization, n, l)
    require(terms in (1, 2, 3, 4), f"terms = {terms!r} given; the series is known with 1 to 4 corrections")
    nu, alpha = l + 0.5, airy_root(n)
    p = index if polarization == "TE" else 1.0 / index
    s = math.sqrt(index**2 - 1.0)
    corrections = (
        alpha * (nu / 2.0) ** (1 / 3),
        -p / s,
        0.3 * 2.0 ** (-2 / 3) * alpha**2 * nu ** (-1 / 3),
        -(2.0 ** (-1 / 3)) * p * (index**2 - 2.0 * p**2 / 3.0) / s**3 * alpha * nu ** (-2 / 3),
    )
    return (nu + sum(corrections[:terms])) / index


def asymptotic(
    radius: float, medium: Medium, polarization: str, n: int, l: int, *, terms: int = 4
) -> Resonance:
    """The resonance by the series with the index at its own wavelength; Q by the Wronskian at that place."""
    around = 2.0 * math.pi * radius
    low, high = medium.range
    wavelength = min(max(around * 1.4 / (l + 0.5), low), high if math.isfinite(high) else math.inf)
    for _ in range(200):
        index = float(medium.index(wavelength))
        x = size_parameter(polarization, n, l, index, terms=terms)
        new = around / x
        if not low <= new <= high:
            raise InputError(
                f"mode {polarization} n={n} l={l} lies near {new * 1e9:.6g} nm, outside the range of the "
                f"material, {low * 1e9:.6g} to {high * 1e9:.6g} nm"
            )
        if isinstance(medium, ConstantIndex) or abs(new - wavelength) < 1e-15 * new:
            root = complex(x, 0.0)
            return Resonance(root, index, new, log10_quality(polarization, l, index, root))
        wavelength = new
    raise ConvergenceError(f"no self-consistent wavelength for {polarization} n={n} l={l}, radius {radius} m")


def by_method(method: str, radius: float, medium: Medium, polarization: str, n: int, l: int) -> Resonance:
    """The resonance by the named method, "exact" or "asymptotic"."""
    solve = find if _exact(method) else asymptotic
    return solve(radius, medium, polarization, n, l)


def size_by_method(method: str, polarization: str, n: int, l: int, index: float) -> float:
    """Re x of a mode at constant index by the named method, "exact" or "asymptotic"."""
    if _exact(method):
        return constant_index_root(polarization, n, l, index).real
    return size_parameter(polarization, n, l, index)


def _exact(method: str) -> bool:
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    return method == "exact"
