"""Scattering: cylinder (Mie), film (Fresnel), energy, reciprocity, symmetry, limits, the paper's waveguide."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import h1vp, hankel1, jv, jvp

from atomcavity.errors import ConvergenceError, InputError
from atomcavity.materials import Material
from atomcavity.resonators.layers import Layers, SheetBeam
from atomcavity.resonators.scattering import Scene, scatter
from atomcavity.resonators.section import Cylinder, Profile, Rectangle, Section, section_of
from atomcavity.resonators.waveguide import Waveguide

WAVELENGTH = 935e-9
K0 = math.tau / WAVELENGTH
BOTH = pytest.mark.parametrize("polarization", ["s", "p"])
REGION = ((-0.7e-6, 0.7e-6), (0.0, 0.8e-6))


def guide(height: float = 0.326e-6, width: float = 0.95e-6, core: complex = 1.9963) -> Section:
    """The waveguide of Zhou et al. 2026 (its height is our choice): silicon nitride on silica at 935 nm."""
    return Section(Layers(1.0, (), 1.4516, top=-height), (Rectangle(width, height, core, bottom=-height),))


def mie(polarization: str, index: complex, radius: float, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """u of a cylinder in vacuum hit by exp(-i k z), lengths in 1/k0; Bohren and Huffman, chapter 8.4."""
    order = np.arange(-40, 41)
    ratio = index if polarization == "s" else 1 / index
    j, slope, inner, inner_slope = (
        jv(order, radius), jvp(order, radius), jv(order, index * radius), jvp(order, index * radius),
    )  # fmt: skip
    out, out_slope = hankel1(order, radius), h1vp(order, radius)
    b = -(slope * inner - ratio * j * inner_slope) / (out_slope * inner - ratio * out * inner_slope)
    inside = (j + b * out) / inner
    r, phase = np.hypot(y, z), np.arctan2(z, y)
    total = np.zeros(y.shape, dtype=complex)
    for k, m in enumerate(order):
        outer = jv(m, r) + b[k] * hankel1(m, np.maximum(r, 0.5 * radius))
        radial = np.where(r > radius, outer, inside[k] * jv(m, index * r))
        total += 1j**m * np.exp(1j * m * (phase + math.pi / 2)) * radial
    return total


@BOTH
@pytest.mark.parametrize("index", [1.9, 2.6 + 0.05j])
def test_cylinder_is_mie(polarization: str, index: complex) -> None:
    radius, order = 0.25e-6, 9
    section = Section(Layers(), (Cylinder(radius, index),))
    scene = Scene(section, SheetBeam(WAVELENGTH, polarization), ((-0.5e-6, 0.5e-6), (-0.5e-6, 0.5e-6)))
    y, z = (v.ravel() for v in np.meshgrid(np.linspace(-0.5, 0.5, 38), np.linspace(-0.49, 0.5, 37)))
    u, u_y, u_z, _ = scene.scalar(order, 1e-6 * y, 1e-6 * z)
    places, size = (K0 * 1e-6 * y, K0 * 1e-6 * z), K0 * radius
    exact = mie(polarization, index, size, *places)
    assert np.max(np.abs(u - exact)) < 1e-5 * np.max(np.abs(exact))
    h, clear = 1e-4, np.abs(np.hypot(*places) - size) > 1e-3  # differences not across the surface
    for slope, (a, b) in ((u_y, (h, 0)), (u_z, (0, h))):
        ends = [mie(polarization, index, size, places[0] + t * a, places[1] + t * b) for t in (1, -1)]
        change = (ends[0] - ends[1]) / (2 * h)
        assert np.max(np.abs(slope - change)[clear]) < 1e-4 * np.max(np.abs(change))


def test_mesh_is_the_section() -> None:
    """The cells of each medium have together its area, and none overlap: circle, polygon, rectangle."""
    layers = Layers(1.0, (), 1.4, top=-0.4e-6)
    shapes = (
        Profile(
            ((-0.4e-6, -0.45e-6, 0.05e-6), (-0.3e-6, -0.4e-6, 0.02e-6), (-0.2e-6, -0.35e-6, -0.05e-6)), 2.0
        ),
        Rectangle(0.2e-6, 0.2e-6, 3.0, 0.5e-6, -0.4e-6),
        Cylinder(0.08e-6, 1.5, (0.22e-6, 0.3e-6)),
    )
    scene = Scene(Section(layers, shapes), SheetBeam(WAVELENGTH, "p"), ((-0.6e-6, 0.7e-6), (-0.5e-6, 0.5e-6)))
    mesh = scene.solution(4).mesh
    x, w = np.polynomial.legendre.leggauss(8)
    local = np.stack([v.ravel() for v in np.meshgrid((x + 1) / 2, (x + 1) / 2)])
    cells = np.arange(len(mesh.box))
    (a, b), (c, d) = mesh.map(cells, local)[1]
    areas = (a * d - b * c) @ np.outer(w, w).ravel() / 4
    assert np.min(a * d - b * c) > 0
    expected = {2.0: 0.1 * (0.5 + 0.42) / 2 + 0.1 * (0.42 + 0.3) / 2, 3.0: 0.04, 1.5: math.pi * 0.0064}
    for index, area in expected.items():
        assert np.sum(areas[mesh.permittivity == index**2]) == pytest.approx(K0**2 * 1e-12 * area, rel=1e-9)
    y, z = mesh.y_lines[0], mesh.z_lines
    assert np.sum(areas) == pytest.approx((y[-1] - y[0]) * (z[-1] - z[0]), rel=1e-9)
    for corner in shapes[0].outline:
        assert np.min(np.hypot(*(mesh.vertices - K0 * corner[:, None]))) < 1e-9
    rng = np.random.default_rng(2)
    points = rng.uniform((y[0], z[0]), (y[-1], z[-1]), (4000, 2)).T
    found, inside = mesh.locate(*points)
    assert np.all((inside > -1e-7) & (inside < 1 + 1e-7))
    np.testing.assert_allclose(mesh.map(found, inside[:, :, None])[0][..., 0], points, atol=1e-8)


@BOTH
def test_error_falls_with_the_order(polarization: str) -> None:
    radius = 0.3e-6
    section = Section(Layers(), (Cylinder(radius, 1.9),))
    scene = Scene(section, SheetBeam(WAVELENGTH, polarization), ((-0.5e-6, 0.5e-6), (-0.5e-6, 0.5e-6)))
    y = np.linspace(-0.5e-6, 0.5e-6, 101)
    exact = mie(polarization, 1.9, K0 * radius, K0 * y, K0 * 0.2e-6 + 0 * y)
    errors = [np.max(np.abs(scene.scalar(order, y, 0.2e-6 + 0 * y)[0] - exact)) for order in (4, 6, 8)]
    assert errors[0] > 20 * errors[1] > 400 * errors[2]


@BOTH
def test_film_is_fresnel(polarization: str) -> None:
    """A rectangle that goes on into the absorbing layers is a film; another route to the layers' own field."""
    height = 0.25e-6
    layers = Layers(1.0, (), 1.45, top=-height)
    film = Section(layers, (Rectangle(50e-6, height, 2.0, bottom=-height),))
    beam = SheetBeam(WAVELENGTH, polarization)
    region = ((-0.3e-6, 0.3e-6), (-0.5e-6, 0.6e-6))
    scene = Scene(film, beam, region)
    scene.window = ((-0.5e-6, 0.5e-6), (-0.75e-6, 0.85e-6))  # the film's ends lie beyond the absorbing layers
    y, z = np.linspace(-0.3e-6, 0.3e-6, 5), np.linspace(-0.5e-6, 0.6e-6, 45)
    exact = Scene(Section(Layers(1.0, ((2.0, height),), 1.45)), beam, region).background_map(y, z)
    np.testing.assert_allclose(scene.map(8, y, z), exact, atol=5e-6)


@BOTH
def test_leaning_cells(polarization: str) -> None:
    """A trapezoid of the film's own index inside the film: the mesh leans, the field must not."""
    height = 0.25e-6
    film = Rectangle(50e-6, height, 2.0, bottom=-height)
    leaning = Profile.trapezoid(0.4e-6, 0.6e-6, height, 2.0, 0.05e-6, -height)
    region = ((-0.3e-6, 0.3e-6), (-0.4e-6, 0.4e-6))
    scene = Scene(
        Section(Layers(1.0, (), 1.45, top=-height), (film, leaning)),
        SheetBeam(WAVELENGTH, polarization),
        region,
    )
    scene.window = ((-0.6e-6, 0.6e-6), (-0.6e-6, 0.6e-6))
    y, z = np.linspace(-0.3e-6, 0.3e-6, 25), np.linspace(-0.4e-6, 0.4e-6, 33)
    exact = Scene(Section(Layers(1.0, ((2.0, height),), 1.45)), scene.beam, region).background_map(y, z)
    assert scene.solution(4).mesh.bent.sum() > 20
    np.testing.assert_allclose(scene.map(8, y, z), exact, atol=1e-5)


@BOTH
def test_upright_trapezoid_is_a_rectangle(polarization: str) -> None:
    """Its limit; and the field changes continuously with the lean of the sides."""
    layers, beam = Layers(1.0, (), 1.4516, top=-0.3e-6), SheetBeam(WAVELENGTH, polarization, 1e-6)
    y, z = np.linspace(-0.4e-6, 0.4e-6, 9), np.linspace(0.05e-6, 0.5e-6, 7)

    def field(shape: Rectangle | Profile) -> np.ndarray:
        return Scene(Section(layers, (shape,)), beam, ((y[0], y[-1]), (z[0], z[-1]))).map(5, y, z)

    upright = field(Rectangle(0.6e-6, 0.3e-6, 2.0, bottom=-0.3e-6))
    changes = [
        np.max(
            np.abs(field(Profile.trapezoid(0.6e-6 - d, 0.6e-6 + d, 0.3e-6, 2.0, bottom=-0.3e-6)) - upright)
        )
        for d in (0.0, 2e-9, 4e-9)
    ]
    assert changes[0] < 1e-12
    assert changes[2] == pytest.approx(2 * changes[1], rel=0.05)


@pytest.mark.parametrize("polarization", ["s", pytest.param("p", marks=pytest.mark.slow)])
def test_tilted_beam_on_a_wide_film_is_fresnel(polarization: str) -> None:
    """Oblique waves of a focused beam, far from the ends of a long strip."""
    height = 0.2e-6
    strip = Section(Layers(1.0, (), 1.45, top=-height), (Rectangle(11e-6, height, 2.0, bottom=-height),))
    stack = Section(Layers(1.0, ((2.0, height),), 1.45))
    y, z = np.linspace(-1e-6, 1e-6, 21), np.linspace(0, 0.8e-6, 9)
    beam = SheetBeam(WAVELENGTH, polarization, 1.5e-6, (0.2e-6, 0.3e-6), 0.3)
    region = ((y[0], y[-1]), (z[0], z[-1]))
    found = Scene(strip, beam, region).map(5, y, z)
    exact = Scene(stack, beam, region).background_map(y, z)
    np.testing.assert_allclose(found, exact, atol=1e-4)


def contour(
    low: tuple[float, float], high: tuple[float, float], cuts: tuple[list[float], list[float]]
) -> list[np.ndarray]:
    """y, z, outward normal (2,) and weight (m) on a rectangle, Gauss-Legendre on pieces between the cuts of each side."""
    x, w = np.polynomial.legendre.leggauss(40)
    pieces = []
    for axis in (0, 1):
        ends = [low[axis], *cuts[axis], high[axis]]
        line = np.concatenate([(a + b) / 2 + (b - a) / 2 * x for a, b in itertools.pairwise(ends)])
        weight = np.concatenate([(b - a) / 2 * w for a, b in itertools.pairwise(ends)])
        for sign, level in ((-1.0, low[1 - axis]), (1.0, high[1 - axis])):
            place = [line, np.full_like(line, level)]
            normal = [np.zeros_like(line), np.full_like(line, sign)]
            if axis == 1:
                place, normal = place[::-1], normal[::-1]
            pieces.append(np.stack([*place, *normal, weight]))
    return list(np.concatenate(pieces, axis=1))


def flux(solution: tuple[np.ndarray, ...], normal_y: np.ndarray, normal_z: np.ndarray) -> np.ndarray:
    """a du/dn."""
    _, u_y, u_z, a = solution
    return a * (u_y * normal_y + u_z * normal_z)


BOX = (
    (-0.8e-6, -0.526e-6),
    (0.8e-6, 0.25e-6),
    ([-0.475e-6, 0.475e-6], [-0.326e-6, 0.0]),
)  # cut at mesh lines
AROUND = ((-0.8e-6, 0.8e-6), (-0.53e-6, 0.26e-6))


@BOTH
@pytest.mark.parametrize("absorption", [0.0, 0.1])
def test_energy_balance(polarization: str, absorption: float) -> None:
    """Im of the closed integral of u* a du/dn: zero without absorption, else what the core absorbs."""
    scene = Scene(guide(core=1.9963 + 1j * absorption), SheetBeam(WAVELENGTH, polarization, 1.2e-6), AROUND)
    y, z, n_y, n_z, weight = contour(*BOX)
    solution = scene.scalar(8, y, z)
    power = K0 * np.sum(weight * np.imag(np.conj(solution[0]) * flux(solution, n_y, n_z)))
    scale = K0 * np.sum(weight * np.abs(solution[0] * flux(solution, n_y, n_z)))
    if absorption == 0:
        assert abs(power) < 1e-5 * scale
        return
    x, w = np.polynomial.legendre.leggauss(60)
    E = scene.map(8, 0.475e-6 * x, -0.163e-6 + 0.163e-6 * x)
    area = np.outer(w * 0.475e-6, w * 0.163e-6)
    absorbed = K0**2 * 2 * 1.9963 * absorption * np.sum(area * np.sum(np.abs(E) ** 2, axis=0))
    assert -power == pytest.approx(absorbed, rel=2e-4)


@BOTH
def test_reciprocity(polarization: str) -> None:
    """Two fields of one structure: the closed integral of u1 a du2/dn - u2 a du1/dn vanishes (no sources inside)."""
    beams = (
        SheetBeam(WAVELENGTH, polarization, 0.9e-6, (0.2e-6, 0.1e-6), 0.3),
        SheetBeam(WAVELENGTH, polarization, angle=-0.5, side="below"),
    )
    y, z, n_y, n_z, weight = contour(*BOX)
    first, second = (Scene(guide(core=1.9963 + 0.2j), beam, AROUND).scalar(8, y, z) for beam in beams)
    terms = weight * first[0] * flux(second, n_y, n_z), weight * second[0] * flux(first, n_y, n_z)
    assert abs(np.sum(terms[0] - terms[1])) < 1e-5 * np.sum(np.abs(terms[0]))


@BOTH
def test_absorbing_layer_does_not_matter(polarization: str) -> None:
    y, z = np.linspace(*REGION[0], 15), np.linspace(*REGION[1], 9)
    beam = SheetBeam(WAVELENGTH, polarization, 1e-6, angle=0.2)
    usual = Scene(guide(), beam, REGION).map(7, y, z)
    other = Scene(guide(), beam, REGION, margin=0.4, absorber=8.0, strength=16.0).map(7, y, z)
    away = Scene(guide(), beam, REGION).away_from_corners(y, z)
    np.testing.assert_allclose(usual[:, away], other[:, away], atol=3e-5)


@BOTH
def test_no_structure_is_the_background(polarization: str) -> None:
    beam = SheetBeam(WAVELENGTH, polarization, 1e-6, angle=0.1)
    layers = Layers(1.0, (), 1.4516, top=-0.326e-6)
    bare = scatter(beam, layers, region=REGION, spacing=50e-9)
    same = scatter(beam, guide(core=1.0), region=REGION, spacing=50e-9)
    np.testing.assert_allclose(same.E, bare.E, atol=1e-14)
    assert bare.record.residual == 0


@BOTH
def test_weak_contrast_is_linear(polarization: str) -> None:
    """Core index 1 + d: the scattered field is proportional to d (Born's limit)."""
    beam = SheetBeam(WAVELENGTH, polarization, 1e-6)
    y, z = np.linspace(*REGION[0], 7), np.linspace(0.1e-6, 0.8e-6, 6)
    bare = Scene(guide(), beam, REGION).background_map(y, z)
    waves = [Scene(guide(core=1 + d), beam, REGION).map(6, y, z) - bare for d in (1e-6, 2e-6)]
    np.testing.assert_allclose(waves[1], 2 * waves[0], atol=1e-4 * np.max(np.abs(waves[1])))
    assert 0 < np.max(np.abs(waves[0])) < 1e-4


@BOTH
def test_mirror_symmetry(polarization: str) -> None:
    left, right = (
        scatter(SheetBeam(WAVELENGTH, polarization, 1e-6, (sign * 0.3e-6, 0.1e-6), sign * 0.2), guide(),
                region=REGION, spacing=50e-9, order=6, tolerance=0.1).E
        for sign in (-1, 1)
    )  # fmt: skip
    signs = np.array([1, 1, -1])[:, None, None]
    np.testing.assert_allclose(left, signs * right[:, ::-1], atol=1e-10)


@BOTH
def test_lengths_scale(polarization: str) -> None:
    maps = []
    for scale in (1.0, 3.0):
        beam = SheetBeam(scale * WAVELENGTH, polarization, scale * 1e-6)
        section = guide(scale * 0.3e-6, scale * 0.7e-6)
        region = tuple((scale * a, scale * b) for a, b in REGION)
        maps.append(scatter(beam, section, region=region, spacing=scale * 1e-7, order=5, tolerance=0.1).E)
    np.testing.assert_allclose(*maps, atol=1e-9)


def test_record_and_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATOMCAVITY_CACHE", str(tmp_path))
    beam = SheetBeam(WAVELENGTH, "s", 1e-6)
    how: dict[str, Any] = {"region": REGION, "spacing": 40e-9, "order": 5, "tolerance": 0.01}
    first = scatter(beam, guide(), keep=True, **how)
    assert first.record.residual < 0.01
    assert not first.warnings
    files = list(tmp_path.glob("field-*.nc"))
    assert len(files) == 1
    stamp = files[0].stat().st_mtime_ns
    again = scatter(beam, guide(), keep=True, **how)
    np.testing.assert_array_equal(again.E, first.E)
    assert files[0].stat().st_mtime_ns == stamp
    scatter(beam, guide(0.33e-6), keep=True, **how)
    assert len(list(tmp_path.glob("field-*.nc"))) == 2
    axes = again.plot()
    assert axes.get_xlabel() == "y (µm)"
    assert len(axes.lines) == 2


def test_waveguides_and_plain_data() -> None:
    silica = Material("fused silica")
    section = section_of(
        Waveguide(width=0.95e-6, height=0.3e-6, core=2.0, substrate=silica, layers=((1.5, 1e-7),))
    )
    assert section.shapes[0].box == pytest.approx((-0.475e-6, 0.475e-6, -0.3e-6, 0))
    assert section.layers.interfaces == pytest.approx([-0.3e-6, -0.4e-6])
    assert section.layers.media == (1.0, 1.5, silica)
    both = Section(
        section.layers,
        (
            *section.shapes,
            Cylinder(1e-7, 1.5 + 0.1j, (0.0, 1e-6)),
            Profile.trapezoid(1e-7, 2e-7, 1e-7, silica),
        ),
    )
    assert Section.from_dict(both.to_dict()).to_dict() == both.to_dict()


def test_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    beam = SheetBeam(WAVELENGTH, "p", 1e-6)
    for keywords in (
        {"region": ((0, 1e-6), (1e-6, 0))},
        {"region": REGION, "spacing": -1.0},
        {"region": REGION, "order": 3},
        {"region": REGION, "tolerance": 0.0},
    ):
        with pytest.raises(InputError):
            scatter(beam, guide(), **keywords)
    for region in (((-0.5, 0.5), (0.0, 0.5)), ((-1e-3, 1e-3), (0.0, 1e-3))):
        with pytest.raises(InputError, match="too large"):
            scatter(SheetBeam(WAVELENGTH, "s"), guide(), region=region, spacing=1e-6)
    with pytest.raises(InputError, match="wavelengths squared"):
        scatter(SheetBeam(WAVELENGTH, "s"), guide(height=326.0), region=REGION)
    with pytest.raises(InputError, match="Waveguide"):
        scatter(beam, "waveguide", region=REGION)
    touching = Section(Layers(1.0, (), 1.45), (Cylinder(2e-7, 1.5, (0.0, 2e-7)),))
    with pytest.raises(InputError, match="square around a cylinder"):
        scatter(beam, touching, region=REGION)
    with pytest.raises(InputError, match="half space"):
        scatter(beam, guide(), region=((-0.6e-6, 0.6e-6), (0, 500e-6)), spacing=1e-6)
    monkeypatch.setattr("atomcavity.resonators.scattering.ORDERS", (4, 5))
    with pytest.raises(ConvergenceError, match="orders 4 and 5"):
        scatter(beam, guide(), region=((-0.6e-6, 0.6e-6), (0, 0.2e-6)), spacing=50e-9, tolerance=1e-15)
    rough = scatter(beam, guide(), region=REGION, spacing=50e-9, order=5, tolerance=1e-9)
    assert "above the tolerance" in rough.warnings[-1]


@pytest.mark.slow
def test_side_lobes_of_the_paper() -> None:
    """Tweezer with E in the plane: lobes beside the axis near (245, 170) nm (Methods) for a core of 0.46 um, none for 0.326."""
    from scipy.ndimage import maximum_filter

    def lobes(height: float) -> list[tuple[float, float]]:
        beam = SheetBeam(WAVELENGTH, "p", 2e-6)
        field = scatter(beam, guide(height), region=((-0.6e-6, 0.6e-6), (0, 0.7e-6)), spacing=5e-9)
        strength = field.intensity
        peaks = np.argwhere((maximum_filter(strength, 15) == strength) & (strength > 1))
        found = [(field.y[i], field.z[j]) for i, j in peaks]
        return [(y, z) for y, z in found if 50e-9 < z < 450e-9 and abs(y) < 400e-9]

    assert [abs(y) < 1e-9 for y, _ in lobes(0.326e-6)] == [True]
    left, right = lobes(0.46e-6)
    assert left[0] == pytest.approx(-right[0], abs=1e-12)
    assert right == pytest.approx((238e-9, 200e-9), abs=15e-9)
