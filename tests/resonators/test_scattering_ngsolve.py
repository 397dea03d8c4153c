"""The waveguide on its substrate by NGSolve (triangles, another mesher, another solver), where it is installed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from atomcavity.resonators.layers import Layers, SheetBeam
from atomcavity.resonators.scattering import Scene
from atomcavity.resonators.section import Profile, Section

pytest.importorskip("ngsolve")

WAVELENGTH, CORE, SUBSTRATE = 935e-9, 1.9963, 1.4516
K0 = math.tau / WAVELENGTH
HEIGHT, TOP, BOTTOM = 0.46e-6, 0.9e-6, 1.0e-6
LAYER = 6.0  # thickness of the absorbing layers (1/k0)


def _mesh(half: float, low: float, high: float) -> Any:
    """Substrate, core and vacuum, fine at the core's corners."""
    import ngsolve as ng
    from netgen.geom2d import SplineGeometry

    geometry = SplineGeometry()

    def point(y: float, z: float, size: float = 1.0) -> int:
        return geometry.AppendPoint(y, z, maxh=size)

    base, a, b = -K0 * HEIGHT, K0 * BOTTOM / 2, K0 * TOP / 2
    south = point(-half, low), point(half, low)
    west, east = point(-half, base), point(half, base)
    north = point(-half, high), point(half, high)
    core = point(-a, base, 0.01), point(a, base, 0.01), point(b, 0, 0.01), point(-b, 0, 0.01)
    lines = [  # from, to, what is on the left (1 substrate, 2 core, 3 vacuum) and on the right (0: outside)
        (south[0], south[1], 1, 0), (south[1], east, 1, 0), (east, north[1], 3, 0), (north[1], north[0], 3, 0),
        (north[0], west, 3, 0), (west, south[0], 1, 0), (west, core[0], 3, 1), (core[0], core[1], 2, 1),
        (core[1], east, 3, 1), (core[1], core[2], 2, 3), (core[2], core[3], 2, 3), (core[3], core[0], 2, 3),
    ]  # fmt: skip
    for start, end, left, right in lines:
        name = "in" if right else "out"
        geometry.Append(["line", start, end], leftdomain=left, rightdomain=right, bc=name)
    for number, name in enumerate(("substrate", "core", "vacuum"), 1):
        geometry.SetMaterial(number, name)
    return ng.Mesh(geometry.GenerateMesh(maxh=1.0, grading=0.3))


def by_ngsolve(polarization: str, y: np.ndarray, z: np.ndarray, order: int) -> np.ndarray:
    """E (component, y, z) above the waveguide for a plane wave from above, y and z in 1/k0."""
    import ngsolve as ng

    half, low, high = K0 * 1.1e-6, -K0 * (HEIGHT + 0.4e-6), K0 * 1.3e-6
    mesh = _mesh(half + LAYER, low - LAYER, high + LAYER)

    def stretch(t: Any, start: float, end: float) -> Any:
        depth = ng.IfPos(start - t, start - t, ng.IfPos(t - end, t - end, 0)) / LAYER
        return 1 + 3j * 12 / LAYER * depth**2

    s_y, s_z = stretch(ng.x, -half, half), stretch(ng.y, low, high)
    epsilon = mesh.MaterialCF({"substrate": SUBSTRATE**2, "core": CORE**2, "vacuum": 1.0})
    slope = SUBSTRATE if polarization == "s" else 1 / SUBSTRATE
    r, shift = (1 - slope) / (1 + slope), 2 * K0 * HEIGHT
    down, up = ng.exp(-1j * ng.y), r * ng.exp(1j * (ng.y + shift))
    a, b = (ng.CF(1.0), epsilon) if polarization == "s" else (1 / epsilon, ng.CF(1.0))
    space = ng.H1(mesh, order=order, complex=True, dirichlet="out")
    u, v = space.TnT()
    form = ng.BilinearForm(space, symmetric=True)
    form += a * s_z / s_y * ng.grad(u)[0] * ng.grad(v)[0] * ng.dx(bonus_intorder=4)
    form += (a * s_y / s_z * ng.grad(u)[1] * ng.grad(v)[1] - b * s_y * s_z * u * v) * ng.dx(bonus_intorder=4)
    load = ng.LinearForm(space)
    source = (b - 1) * (down + up) * v - (a - 1) * 1j * (up - down) * ng.grad(v)[1]
    load += source * ng.dx("core", bonus_intorder=6)
    form.Assemble()
    load.Assemble()
    found = ng.GridFunction(space)
    found.vec.data = form.mat.Inverse(space.FreeDofs(), inverse="umfpack") * load.vec
    slopes = ng.grad(found)
    E = np.zeros((3, y.size, z.size), dtype=complex)
    for j, height in enumerate(z):
        falling, rising = np.exp(-1j * height), r * np.exp(1j * (height + shift))
        for i, across in enumerate(y):
            place = mesh(across, height)
            if polarization == "s":
                E[0, i, j] = found(place) + falling + rising
            else:
                by_y, by_z = slopes(place)
                E[1:, i, j] = 1j * (by_z + 1j * (rising - falling)), -1j * by_y
    return E


@pytest.mark.slow
@pytest.mark.parametrize(("polarization", "tolerance"), [("s", 3e-6), ("p", 6e-6)])
def test_trapezoid_by_ngsolve(polarization: str, tolerance: float) -> None:
    y, z = np.linspace(-0.8e-6, 0.8e-6, 25), np.linspace(5e-9, 1e-6, 21)
    section = Section(
        Layers(1.0, (), SUBSTRATE, top=-HEIGHT),
        (Profile.trapezoid(TOP, BOTTOM, HEIGHT, CORE, bottom=-HEIGHT),),
    )
    scene = Scene(section, SheetBeam(WAVELENGTH, polarization), ((y[0], y[-1]), (z[0], z[-1])))
    ours = scene.map(9, y, z)
    theirs = by_ngsolve(polarization, K0 * y, K0 * z, 7)
    away = scene.away_from_corners(y, z)
    assert np.max(np.abs(ours - theirs)[:, away]) < tolerance * np.max(np.abs(ours))
