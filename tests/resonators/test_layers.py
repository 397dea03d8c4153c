"""Layers: Fresnel's coefficients, films, energy, and the beam as a solution of Maxwell's equations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atomcavity.errors import InputError
from atomcavity.materials import Material
from atomcavity.resonators.background import Background, electric
from atomcavity.resonators.layers import Layers, SheetBeam

WAVELENGTH = 935e-9
K0 = math.tau / WAVELENGTH


def fresnel(n1: complex, n2: complex, angle: float, polarization: str) -> tuple[complex, complex]:
    """Reflection and transmission of E (s) or H (p) at one interface."""
    c1 = math.cos(angle)
    c2 = np.sqrt(1 - (n1 * math.sin(angle) / n2) ** 2 + 0j)
    a, b = (n1 * c1, n2 * c2) if polarization == "s" else (c1 / n1, c2 / n2)
    return (a - b) / (a + b), 2 * a / (a + b)


@pytest.mark.parametrize("polarization", ["s", "p"])
@pytest.mark.parametrize(("n1", "n2"), [(1.0, 1.45), (1.45, 1.0), (1.0, 0.2 + 5j)])
def test_one_interface_is_fresnel(n1: complex, n2: complex, polarization: str) -> None:
    for angle in (0.0, 0.4, 1.2):
        r, t = fresnel(n1, n2, angle, polarization)
        layers = Layers(n1, (), n2, top=0.3e-6)
        assert layers.reflection(WAVELENGTH, angle, polarization) == pytest.approx(r, abs=1e-13)
        assert layers.transmission(WAVELENGTH, angle, polarization) == pytest.approx(t, abs=1e-13)
        upside_down = Layers(n2, (), n1, top=0.3e-6)
        assert upside_down.reflection(WAVELENGTH, angle, polarization, "below") == pytest.approx(r, abs=1e-13)


def test_brewster_and_antireflection() -> None:
    assert abs(Layers(1.0, (), 1.5).reflection(WAVELENGTH, math.atan(1.5), "p")) < 1e-14
    n = math.sqrt(1.5)
    coated = Layers(1.0, ((n, WAVELENGTH / 4 / n),), 1.5)
    assert abs(coated.reflection(WAVELENGTH)) < 1e-14


@pytest.mark.parametrize("polarization", ["s", "p"])
def test_film_is_airy(polarization: str) -> None:
    n, thickness, angle = 2.0, 331e-9, 0.7
    r1, t1 = fresnel(1.0, n, angle, polarization)
    inner = math.asin(math.sin(angle) / n)
    r2, t2 = fresnel(n, 1.45, inner, polarization)
    single = np.exp(1j * K0 * n * thickness * math.cos(inner))
    turn = single**2
    layers = Layers(1.0, ((n, thickness),), 1.45)
    airy = (r1 + r2 * turn) / (1 + r1 * r2 * turn)
    assert layers.reflection(WAVELENGTH, angle, polarization) == pytest.approx(airy, abs=1e-13)
    through = t1 * t2 * single / (1 + r1 * r2 * turn)
    assert layers.transmission(WAVELENGTH, angle, polarization) == pytest.approx(through, abs=1e-13)


@given(
    st.floats(1.0, 3.5), st.floats(1e-8, 3e-6), st.floats(1.0, 3.5), st.floats(0, 1.5), st.sampled_from("sp")
)
def test_energy_and_reversal(
    n: float, thickness: float, n_below: float, angle: float, polarization: str
) -> None:
    layers = Layers(1.0, ((n, thickness), (1.3, 200e-9)), n_below)
    r = layers.reflection(WAVELENGTH, angle, polarization)
    t = layers.transmission(WAVELENGTH, angle, polarization)
    out = np.sqrt(n_below**2 - math.sin(angle) ** 2)
    ratio = out / math.cos(angle) / (1.0 if polarization == "s" else n_below**2)
    assert abs(r) ** 2 + ratio * abs(t) ** 2 == pytest.approx(1, abs=1e-10)
    back = math.asin(math.sin(angle) / n_below)
    r_back = layers.reflection(WAVELENGTH, back, polarization, "below")
    assert abs(r_back) == pytest.approx(abs(r), abs=1e-9)


def test_thick_evanescent_film_is_stable() -> None:
    mirror = Layers(1.45, ((1.0, 1e-3),), 1.45)
    assert abs(mirror.reflection(WAVELENGTH, 1.0, "s")) == pytest.approx(1, abs=1e-12)


def test_standing_wave_before_a_mirror() -> None:
    """A good conductor: a node of E at its surface, antinodes of height 2 a quarter wavelength above it."""
    background = Background(Layers(1.0, (), 1e4j + 1e-3), SheetBeam(WAVELENGTH, "s"), 1e-5)
    z = np.array([0.0, 0.25, 0.5, 0.75]) * math.tau
    u = background.on_grid(np.zeros(1), z)[0][0]
    np.testing.assert_allclose(np.abs(u), [0, 2, 0, 2], atol=3e-4)


@pytest.mark.parametrize("polarization", ["s", "p"])
@pytest.mark.parametrize("side", ["above", "below"])
def test_beam_solves_maxwell_with_unit_peak(polarization: str, side: str) -> None:
    layers = Layers(1.0, ((2.0, 300e-9),), 1.45, top=0.1e-6)
    beam = SheetBeam(WAVELENGTH, polarization, 0.9e-6, (0.3e-6, 0.2e-6), 0.2, side)
    background = Background(layers, beam, 8e-6)
    y, z, h = np.array([-5.0, 0.3, 7.0]), np.array([4.0, 0.0, -6.0]), 1e-3
    centre = background.at(y, z)
    around = sum(background.at(y + dy, z + dz)[0] for dy, dz in ((h, 0), (-h, 0), (0, h), (0, -h)))
    epsilon = background.permittivity[background.medium(z)]
    np.testing.assert_allclose((around - 4 * centre[0]) / h**2, -epsilon * centre[0], atol=2e-6)
    np.testing.assert_allclose(
        centre[2], (background.at(y, z + h)[0] - background.at(y, z - h)[0]) / (2 * h), atol=1e-5
    )
    for surface in background.interfaces:
        line = np.linspace(-9, 9, 5)
        low, high = (background.on_grid(line, np.array([surface + d])) for d in (-1e-9, 1e-9))
        below, above = (
            background.permittivity[background.medium(np.array([surface + d]))] for d in (-1e-9, 1e-9)
        )
        weight = (1, 1) if polarization == "s" else (1 / below, 1 / above)
        np.testing.assert_allclose(low[0], high[0], atol=1e-7)
        np.testing.assert_allclose(weight[0] * low[2], weight[1] * high[2], atol=1e-7)
    medium = 1.0 if side == "above" else 1.45
    free = Background(Layers(medium, (), medium), beam, 8e-6)
    focus = K0 * np.array(beam.focus)
    field = electric(polarization, *free.at(focus[:1], focus[1:]), medium**2)[:, 0]
    slope = 0.2 if side == "above" else -0.2
    axis = [1, 0, 0] if polarization == "s" else [0, math.cos(slope), math.sin(slope)]
    np.testing.assert_allclose(field, axis, atol=1e-5)  # grazing waves are cut


def test_paraxial_beam_spreads_as_a_gaussian() -> None:
    waist, z = 20e-6, 1e-3
    background = Background(Layers(), SheetBeam(WAVELENGTH, "s", waist), 1.2e-3)
    spread = math.sqrt(1 + (z * WAVELENGTH / (math.pi * waist**2)) ** 2)
    y = np.array([0.0, 30e-6])
    u = np.abs(background.at(K0 * y, K0 * np.array([z, z]))[0])
    expected = np.exp(-(y**2) / (waist * spread) ** 2) / math.sqrt(spread)
    np.testing.assert_allclose(u, expected, atol=1e-3)


def test_spectrum_is_fine_enough_beyond_the_critical_angle() -> None:
    """Through the substrate with total reflection in the spectrum: twice the waves change nothing."""
    beam = SheetBeam(WAVELENGTH, "p", 0.5e-6, angle=0.6, side="below")
    coarse, fine = (Background(Layers(1.0, (), 1.45), beam, reach) for reach in (5e-6, 40e-6))
    y, z = np.linspace(-30, 30, 21), np.linspace(-25, 25, 20)
    for a, b in zip(coarse.on_grid(y, z), fine.on_grid(y, z), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-10)


def test_spectrum_is_fine_enough_in_a_membrane() -> None:
    """Many passes in a thick film: a finer spectrum changes nothing."""
    beam = SheetBeam(WAVELENGTH, "s", 1e-6, angle=0.3)
    layers = Layers(1.0, ((2.0, 15e-6),), 1.0)
    coarse, fine = (Background(layers, beam, reach) for reach in (70e-6, 200e-6))
    y, z = np.linspace(-30, 30, 21), np.linspace(0, 25, 10)
    np.testing.assert_allclose(coarse.on_grid(y, z)[0], fine.on_grid(y, z)[0], atol=1e-6)


def test_round_trip_and_material() -> None:
    layers = Layers(1.0, ((2.0 + 0.1j, 1e-7),), Material("fused silica"), top=-3e-7)
    again = Layers.from_dict(layers.to_dict())
    np.testing.assert_array_equal(again.permittivities(WAVELENGTH), layers.permittivities(WAVELENGTH))
    assert again.to_dict() == layers.to_dict()
    for beam in (SheetBeam(WAVELENGTH, "s"), SheetBeam(WAVELENGTH, "p", 1e-6, (0, 1e-6), 0.1, "below")):
        assert SheetBeam.from_dict(beam.to_dict()) == beam


def test_mistakes() -> None:
    for wrong in (
        lambda: SheetBeam(WAVELENGTH, "TE"),
        lambda: SheetBeam(WAVELENGTH, "s", waist=1e-8),
        lambda: SheetBeam(WAVELENGTH, "s", angle=2.0),
        lambda: SheetBeam(-1.0, "s"),
        lambda: SheetBeam(WAVELENGTH, "s", side="left"),
        lambda: Layers(1.0, ((2.0, -1e-9),)),
        lambda: Layers(1.0 - 0.1j).permittivities(WAVELENGTH),
        lambda: Layers("glass").permittivities(WAVELENGTH),
        lambda: Background(Layers(1.0 + 0.1j), SheetBeam(WAVELENGTH, "s"), 1e-6).index,
    ):
        with pytest.raises(InputError):
            wrong()
