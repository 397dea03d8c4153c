r"""Thermal modes of an insulated sphere, and how much of each the light in a whispering-gallery mode sees.

The heat equation $\partial_tT=D\nabla^2T$ without flow through the surface has eigenfunctions
$\varphi_j=R_j(r)Y_{L0}(\theta)$, $-\nabla^2\varphi_j=\lambda_j\varphi_j$, $\int\varphi_j^2dV=1$.  The light averages the
temperature with a weight q, symmetric around the axis and about the equator: only even L are seen.  The radial
functions of each L are found by spectral elements that get thinner towards the surface, where the light is;
eigenvalues and overlaps are good to $10^{-6}$ or better.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from atomcavity.resonators.angular import legendre

if TYPE_CHECKING:
    from atomcavity.resonators.mode import OpticalMode

Real = NDArray[np.float64]

ORDER = 8  # polynomials of an element
INNER = 1e-3  # the centre that is left out, in units of the radius


def thermal_modes(mode: OpticalMode) -> tuple[Real, Real, float]:
    r"""($\lambda_j$ in 1/m², $(\int q\varphi_jdV)^2$ in 1/m³, ∫|E|² dV inside for the mode's unit shape).

    q is |E|² inside the sphere of the running wave, divided by its integral there.  The uniform mode
    (eigenvalue 0, overlap 1/volume) is left out.
    """
    radius = mode.sphere.radius
    r, mass, slopes = _elements(mode)
    measure = mass * r**2 * radius**3
    parts = _by_degree(mode, r * radius)
    norm = float(measure @ parts[0]) * math.sqrt(4 * math.pi)
    root = r * np.sqrt(mass)
    values, overlaps = [], []
    for k, part in enumerate(parts):
        degree = 2 * k
        operator = (slopes + np.diag(mass * degree * (degree + 1))) / np.outer(root, root)
        value, vectors = np.linalg.eigh(operator)
        seen = (vectors.T @ (np.sqrt(measure) * part)) ** 2 / norm**2
        first = 1 if degree == 0 else 0
        values.append(value[first:] / radius**2)
        overlaps.append(seen[first:])
    return np.concatenate(values), np.concatenate(overlaps), norm


def _by_degree(mode: OpticalMode, r: Real) -> Real:
    """int |E|² Y_L0 dOmega of the unit shape at radii r (m), one row for each even L that it has."""
    width = math.sqrt(
        mode.l * (2 * (mode.l - abs(mode.m)) + 1)
    )  # largest L ~ l/width of the angular function
    highest = min(mode.l, math.ceil(4 * width))
    x, w = np.polynomial.legendre.leggauss(mode.l + highest + 2)
    theta = np.arccos(x)
    inside = np.minimum(r, mode.sphere.radius * (1 - 1e-12))
    field = mode.shape.components(inside[:, None], theta[None, :])
    square = math.tau * w * sum(np.abs(part) ** 2 for part in field)
    return np.array([square @ legendre(2 * k, 0, theta)[0] for k in range(highest + 1)])


def _elements(mode: OpticalMode) -> tuple[Real, Real, Real]:
    """(r, int dr at each node, int r² R'_i R'_k dr) on Gauss-Lobatto nodes, in units of the radius."""
    thin = 0.5 * mode.l ** (-2 / 3)  # half of the Airy length, up to a factor 2^(1/3)
    zero = (3 * math.pi * (4 * mode.n - 1) / 8) ** (2 / 3)  # of the Airy function: depth of the caustic
    layers = math.ceil(2 * (0.8 * zero + 2.5))
    depth = [thin * k for k in range(layers + 1)]
    while depth[-1] < 1 - INNER:
        depth.append(2 * depth[-1])
    edges = 1 - np.unique(np.minimum(depth, 1 - INNER))[::-1]
    x, w, derivative = _lobatto(ORDER)
    size = ORDER * (len(edges) - 1) + 1
    r, mass, slopes = np.zeros(size), np.zeros(size), np.zeros((size, size))
    for k, (a, b) in enumerate(pairwise(edges)):
        part = slice(k * ORDER, (k + 1) * ORDER + 1)
        half = (b - a) / 2
        r[part] = a + half * (1 + x)
        mass[part] += half * w
        slopes[part, part] += derivative.T @ ((w * r[part] ** 2 / half)[:, None] * derivative)
    return r, mass, slopes


def _lobatto(order: int) -> tuple[Real, Real, Real]:
    """Gauss-Lobatto nodes and weights on -1 ... 1, and the matrix that takes the derivative at the nodes."""
    p = np.polynomial.legendre.Legendre.basis(order)
    x = np.concatenate(([-1.0], np.sort(p.deriv().roots().real), [1.0]))
    value = p(x)
    distance = x[:, None] - x
    np.fill_diagonal(distance, 1.0)
    derivative = value[:, None] / value / distance
    np.fill_diagonal(derivative, 0.0)
    derivative[0, 0], derivative[-1, -1] = -order * (order + 1) / 4, order * (order + 1) / 4
    return x, 2 / (order * (order + 1) * value**2), derivative
