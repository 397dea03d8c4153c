r"""The radial function of a mode and its integrals.

F(r) is a Riccati-Bessel function scaled to 1 at the surface: ψ_l(mkr) inside and |ξ_l(kr)| outside,
with k = 2π/λ.  (The modulus agrees with -χ_l below the barrier and keeps the field of one mode real; it
solves F'' = (l(l+1)/z² - 1) F + 1/F³ instead of the same equation without the last term.)  F is
evaluated by one Taylor series a point, from the nearest of a set of nodes where it is known exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .riccati import nodes, taylor

Array = NDArray[np.float64]


@njit(cache=True)
def _from_nodes(
    order: int,
    z: np.ndarray,
    which: np.ndarray,
    centre: np.ndarray,
    value: np.ndarray,
    slope: np.ndarray,
    log: np.ndarray,
    out: np.ndarray,
) -> None:
    """F, dF/dz and d²F/dz² at z; a real solution keeps its sign, a complex one gives its modulus."""
    for i in range(z.size):
        j = which[i]
        u, du = taylor(order, centre[j], value[j], slope[j], z[i] - centre[j])
        scale = math.exp(log[j])
        curve = order * (order + 1.0) / (z[i] * z[i]) - 1.0
        if slope[j].imag == 0.0 and value[j].imag == 0.0:
            out[0, i] = u.real * scale
            out[1, i] = du.real * scale
        else:
            size = abs(u)
            ratio = du / u
            out[0, i] = size * scale
            out[1, i] = ratio.real * size * scale
            curve += ratio.imag * ratio.imag
        out[2, i] = curve * out[0, i]


class Radial:
    """Radial function of a mode: size parameter x = kR, index m, order l; all lengths in m."""

    def __init__(self, order: int, size_parameter: float, index: float, radius: float) -> None:
        self.order, self.x, self.index, self.radius = order, size_parameter, index, radius
        self.wavenumber = size_parameter / radius
        barrier = math.sqrt(order * (order + 1.0))
        self.caustic = max(radius, barrier / self.wavenumber)
        """Outer end of the integrals: where the barrier ends and the field turns into radiation."""

    def _node(self, inside: bool, z: Array) -> tuple[Array, Array, Array]:
        value, slope, log = np.empty(z.size, complex), np.empty(z.size, complex), np.empty(z.size)
        nodes(self.order, inside, z, value, slope, log)
        return value, slope, log

    def _side(self, inside: bool, r: Array) -> Array:
        """F, F', F'' (per m) at radii on one side of the surface."""
        factor = self.wavenumber * (self.index if inside else 1.0)
        z = np.maximum(r * factor, 1e-300)
        surface = self.radius * factor
        # nodes at equal steps of a coordinate that is log z deep in the barrier and z where it oscillates
        turn = self.order + 1.0
        stretched = np.where(z < turn, np.log(z / turn), z / turn - 1.0) * turn
        cell, which = np.unique(np.round(stretched / 0.5), return_inverse=True)
        place = cell * 0.5 / turn
        centre = np.where(place < 0.0, np.exp(np.minimum(place, 0.0)), 1.0 + place) * turn
        value, slope, log = self._node(inside, centre)
        edge_value, _, edge_log = self._node(inside, np.array([surface]))
        sign = math.copysign(1.0, edge_value[0].real) if inside else 1.0
        log -= edge_log[0] + math.log(abs(edge_value[0]))
        out = np.empty((3, z.size))
        _from_nodes(self.order, z, which.ravel(), centre, value, slope, log, out)
        return out * (sign * np.array([1.0, factor, factor**2])[:, None])

    def __call__(self, r: Array) -> tuple[Array, Array, Array]:
        """F, dF/dr, d²F/dr² at radii r (any shape); the surface itself counts as outside."""
        flat = np.ascontiguousarray(np.ravel(np.asarray(r, dtype=float)))
        out = np.empty((3, flat.size))
        inside = flat < self.radius
        for side in (True, False):
            chosen = inside if side else ~inside
            if chosen.any():
                out[:, chosen] = self._side(side, flat[chosen])
        shaped = out.reshape((3, *np.shape(r)))
        return shaped[0], shaped[1], shaped[2]

    def squares(self) -> tuple[float, float]:
        """∫F² dr from 0 to R and from R to the caustic, by the closed form of ∫u² dz.

        ∫u² dz = ½[z(u'² + (1 - l(l+1)/z²)u²) - u u'] for every solution u of the radial equation.
        """
        big_l = self.order * (self.order + 1.0)

        def primitive(inside: bool, z: float) -> tuple[float, float]:
            value, slope, log = self._node(inside, np.array([z]))
            u, du = value[0], slope[0]
            cross = (du * np.conj(u)).real
            return 0.5 * (z * (abs(du) ** 2 + (1 - big_l / z**2) * abs(u) ** 2) - cross) / abs(u) ** 2, log[
                0
            ] + math.log(abs(u))

        k = self.wavenumber
        within = primitive(True, self.index * self.x)[0] / (self.index * k)
        start, start_log = primitive(False, self.x)
        end, end_log = primitive(False, k * self.caustic)
        return within, (end * math.exp(2.0 * (end_log - start_log)) - start) / k

    def integrate(self, function: Callable[[Array, Array, Array], Array]) -> tuple[float, float]:
        """∫ function(r, F, F') dr inside and outside (to the caustic), by Gauss-Legendre panels."""
        within = self._panels(max(0.0, self._depth()), self.radius, function, True)
        return within, self._panels(self.radius, self.caustic, function, False)

    def _depth(self) -> float:
        """Radius below which F² is under 1e-17 of its value at the inner turning point."""
        turn = self.order / (self.index * self.wavenumber)
        return min(turn, self.radius) * (1.0 - min(0.999, 7.0 / self.order ** (2.0 / 3.0)))

    def _panels(self, low: float, high: float, function: Callable[..., Array], inside: bool) -> float:
        if high <= low:
            return 0.0
        phase = (high - low) * self.wavenumber * self.index
        count = 4 + int(phase / 2.0) + int(2.0 * self.order * math.log(high / max(low, 1e-3 * high)) / 8.0)
        x, w = np.polynomial.legendre.leggauss(12)
        edges = np.linspace(low, high, count + 1)
        half = 0.5 * np.diff(edges)[:, None]
        r = (0.5 * (edges[1:] + edges[:-1])[:, None] + half * x).ravel()
        value, slope, _ = self._side(inside, r)
        return float(np.sum((half * w).ravel() * function(r, value, slope)))
