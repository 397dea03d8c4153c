"""The standing wave between two mirrors: energy of a photon, Maxwell's equations, derivatives, averages."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import c, epsilon_0, hbar

from atomcavity.errors import InputError
from atomcavity.resonators import FabryPerot

LU = {"length": 0.1, "waist": 1e-4, "finesse": 1e5, "wavelength": 804e-9}
SMALL = {"length": 1e-3, "waist": 6e-6, "finesse": 1e5, "wavelength": 804e-9}
EPS = {"rel": 1e-12, "abs": 0}

directions = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)


def across(axis, first, second):
    """A complex polarization vector across the axis."""
    one = np.cross(axis, [0.3, -0.2, 0.9] if abs(axis[0]) + abs(axis[1]) > 1e-3 else [1.0, 0, 0])
    return first * one + second * np.cross(axis, one)


def test_rates_and_volume():
    cavity = FabryPerot(**LU, escape=0.4)
    assert cavity.frequency == pytest.approx(2 * math.pi * c / 804e-9, **EPS)
    assert cavity.kappa == pytest.approx(math.pi * c / (1e5 * 0.1), **EPS)
    assert cavity.kappa_ext == pytest.approx(0.4 * cavity.kappa, **EPS)
    assert cavity.free_spectral_range / cavity.kappa == pytest.approx(cavity.finesse)
    assert cavity.volume() == pytest.approx(math.pi * 1e-8 * 0.1 / 4, **EPS)
    antinode = [0, 0, 804e-9 / 4]
    assert cavity.volume(antinode) == pytest.approx(cavity.volume(), **EPS)
    assert cavity.volume([1e-4, 0, 804e-9 / 4]) == pytest.approx(cavity.volume() * math.e**2, **EPS)
    assert cavity.volume([0, 0, 0]) > 1e20 * cavity.volume()


def test_field_is_that_of_the_paper():
    """Eq. (B1) in Gaussian units, E_0^2 = 8 pi hbar omega/V_eff with V_eff = pi w_0^2 L: 1 statV/cm is c 1e-4 V/m."""
    cavity = FabryPerot(**LU)
    erg_s, centimetres = 1.054571817e-27, 100.0
    volume = math.pi * 1e-8 * 0.1 * centimetres**3
    gaussian = math.sqrt(8 * math.pi * erg_s * cavity.frequency / volume)
    assert gaussian * c * 1e-4 == pytest.approx(cavity.photon_amplitude, rel=1e-9, abs=0)
    r = np.array([30e-6, -50e-6, 1.234e-6])
    expected = cavity.photon_amplitude * math.exp(-3.4e-9 / 1e-8) * math.sin(2 * math.pi * 1.234 / 0.804)
    assert cavity.photon_field(r)[0] == pytest.approx(expected, **EPS)


@pytest.mark.parametrize("profile", ["waist", "gaussian"])
def test_energy_of_a_photon(profile):
    """int eps_0 |E|^2 dV = hbar omega/2, and the part along the axis 1/(k w_0)^2 of it.

    The diverging beam has no whole number of half waves in this length: some 1/(k L) more.
    """
    cavity = FabryPerot(**{**SMALL, "length": 30 * 804e-9}, polarization="right", profile=profile)
    x = np.linspace(-20e-6, 20e-6, 41)
    z = (np.arange(240) + 0.5) / 240 * cavity.length - cavity.length / 2
    grid = np.stack(np.meshgrid(x, x, z, indexing="ij"), axis=-1)
    density = np.sum(np.abs(cavity.photon_field(grid)) ** 2, axis=-1)
    energy = epsilon_0 * density.sum() * (x[1] - x[0]) ** 2 * (z[1] - z[0])
    order = (cavity.wavelength / (2 * math.pi * cavity.waist)) ** 2
    expected = pytest.approx(order, rel=0.02) if profile == "waist" else pytest.approx(order, abs=1e-3)
    assert energy / (hbar * cavity.frequency / 2) - 1 == expected


@settings(max_examples=30, deadline=None)
@given(
    axis=directions,
    first=st.complex_numbers(min_magnitude=0.3, max_magnitude=1),
    second=st.complex_numbers(max_magnitude=1),
    place=st.tuples(*[st.floats(-8e-6, 8e-6)] * 3),
    profile=st.sampled_from(["waist", "gaussian"]),
)
def test_gradient_is_the_derivative_of_the_field(axis, first, second, place, profile):
    cavity = FabryPerot(
        **SMALL,
        axis=axis,
        polarization=across(np.array(axis), first, second),
        centre=(1e-6, 0, 2e-6),
        offset=1.1e-7,
        profile=profile,
    )
    step, eye, r = 1e-9, np.eye(3), np.array(place)
    numeric = np.stack(
        [
            (
                8 * (cavity.photon_field(r + step * d) - cavity.photon_field(r - step * d))
                - cavity.photon_field(r + 2 * step * d)
                + cavity.photon_field(r - 2 * step * d)
            )
            / (12 * step)
            for d in eye
        ],
        axis=-1,
    )
    scale = cavity.photon_amplitude * 2 * math.pi / cavity.wavelength
    assert np.abs(cavity.gradient(r) - numeric).max() < 1e-8 * scale


@pytest.mark.parametrize("waist", [3e-6, 6e-6, 12e-6])
def test_field_without_divergence(waist):
    """Exactly zero at the waist; (k w_0)^-3 of the gradient in the diverging beam."""
    rng = np.random.default_rng(3)
    for profile, bound in (("waist", 1e-14), ("gaussian", 30 * (804e-9 / (2 * math.pi * waist)) ** 3)):
        cavity = FabryPerot(**{**SMALL, "waist": waist}, axis=(1, 2, 3), polarization="left", profile=profile)
        r = rng.normal(size=(200, 3)) * waist / 2
        gradient = cavity.gradient(r)
        scale = cavity.photon_amplitude * 2 * math.pi / cavity.wavelength
        assert np.abs(np.trace(gradient, axis1=-2, axis2=-1)).max() < bound * scale


def test_diverging_beam_obeys_the_paraxial_equation():
    """(laplacian + k^2) E is of second order: (k w_0)^-4 k^2 E, a hundredth of what the beam without divergence leaves."""
    residuals = {}
    for profile in ("waist", "gaussian"):
        cavity = FabryPerot(**SMALL, profile=profile)
        k, step = 2 * math.pi / 804e-9, 4e-9
        r, eye = np.random.default_rng(5).normal(size=(100, 3)) * 3e-6, np.eye(3)
        divergence = sum(
            (cavity.gradient(r + step * d) - cavity.gradient(r - step * d))[:, 0, i] / (2 * step)
            for i, d in enumerate(eye)
        )
        # the difference of gradients along z makes sin(k step)/(k step) of the derivative
        along = (
            (cavity.gradient(r + step * eye[2]) - cavity.gradient(r - step * eye[2]))[:, 0, 2]
            / (2 * step)
            * (k * step / math.sin(k * step) - 1)
        )
        left = divergence + along + k**2 * cavity.photon_field(r)[:, 0]
        residuals[profile] = np.abs(left).max() / (k**2 * cavity.photon_amplitude)
    order = (804e-9 / (2 * math.pi * 6e-6)) ** 2
    assert residuals["waist"] == pytest.approx(4 * order, rel=0.5)
    assert residuals["gaussian"] < 50 * order**2


def test_diverging_beam_has_width_and_gouy_phase():
    """At z_R the beam is sqrt 2 wider and lags by 45 degrees: nodes on the axis lie where k z - arctan(z/z_R) = n pi."""
    cavity = FabryPerot(**SMALL, profile="gaussian")
    z_R, k = cavity.rayleigh_range, 2 * math.pi / 804e-9
    phase = lambda z: k * z - math.atan(z / z_R)  # noqa: E731
    z = np.linspace(0.9 * z_R, 1.1 * z_R, 2001)
    expected = [math.sin(phase(each)) / math.sqrt(1 + (each / z_R) ** 2) for each in z]
    places = np.zeros((2001, 3))
    places[:, 2] = z
    field = cavity.photon_field(places)[:, 0] / cavity.photon_amplitude
    assert np.allclose(field, expected, rtol=0, atol=1e-9)
    wide = np.array([[math.sqrt(2) * 6e-6, 0, each] for each in z])
    assert np.abs(cavity.photon_field(wide)[:, 0]).max() == pytest.approx(
        np.abs(field).max() * cavity.photon_amplitude / math.e, rel=0.02
    )


@pytest.mark.parametrize("profile", ["waist", "gaussian"])
def test_centre_and_offset(profile):
    """The centre moves the whole mode, the offset the standing wave alone, both along the axis if positive."""
    axis = np.array([2.0, -1, 2]) / 3
    places = np.random.default_rng(2).normal(size=(20, 3)) * 3e-6
    plain = FabryPerot(**SMALL, axis=axis, profile=profile)
    moved = FabryPerot(**SMALL, axis=axis, profile=profile, centre=(1e-6, 2e-6, -3e-6))
    there = moved.photon_field(places + np.array(moved.centre))
    assert np.allclose(there, plain.photon_field(places), rtol=0, atol=1e-9 * plain.photon_amplitude)
    if profile == "waist":
        shifted = FabryPerot(**SMALL, axis=axis, offset=1e-7).photon_field(places + 1e-7 * axis)
        assert np.allclose(shifted, plain.photon_field(places), rtol=0, atol=1e-9 * plain.photon_amplitude)


def test_polarizations():
    """right turns as a screw about the axis, for any axis; its conjugate is left."""
    for axis in ((0, 0, 1), (0, 0, -1), (1, -2, 0.5)):
        b = np.array(axis) / np.linalg.norm(axis)
        right, left = (FabryPerot(**LU, axis=axis, polarization=name).vector for name in ("right", "left"))
        assert np.allclose(1j * np.cross(b, right), right, atol=1e-14)
        assert np.allclose(left, right.conj())
    assert np.allclose(FabryPerot(**LU, polarization=(1, 2j, 0)).vector, np.array([1, 2j, 0]) / math.sqrt(5))


@pytest.mark.parametrize("profile", ["waist", "gaussian"])
def test_averages_over_a_cloud(profile):
    """Against quadrature over the Gaussian; widths along the laboratory's axes, the cavity tilted."""
    accuracy = 1e-12 if profile == "waist" else 1e-8  # second order in widths/z_R
    cavity = FabryPerot(**LU, axis=(1, 0, 2), polarization="right", profile=profile, offset=0.1e-6)
    places = np.array([[20e-6, 5e-6, -3e-6], [0, 0, 0.05e-6]])
    widths = np.array([60e-9, 9e-6, 90e-9])
    x, w = np.polynomial.hermite_e.hermegauss(24)
    nodes = np.stack(np.meshgrid(x, x, x, indexing="ij"), -1).reshape(-1, 3) * widths
    weights = np.einsum("i,j,k->ijk", w, w, w).ravel() / (2 * math.pi) ** 1.5
    cloud = places[:, None] + nodes
    k = 2 * math.pi / cavity.wavelength
    for name, scale in (("photon_field", 1.0), ("gradient", k)):
        value = getattr(cavity, name)
        exact = np.einsum("k,uk...->u...", weights, value(cloud))
        assert np.abs(value(places, widths) - exact).max() < accuracy * cavity.photon_amplitude * scale
        each = value(places, np.array([widths, 0 * widths]))
        assert np.allclose(each[0], value(places, widths)[0], rtol=1e-12)
        assert np.allclose(each[1], value(places)[1], rtol=1e-12)


def test_debye_waller_and_overlap_with_the_beam():
    """exp(-k^2 sigma^2/2) along the axis, 1/(1 + 2 sigma^2/w_0^2) for a round cloud across it."""
    cavity = FabryPerot(**LU, offset=804e-9 / 4)
    k = 2 * math.pi / 804e-9
    reduced = cavity.photon_field([0, 0, 0], [0, 0, 0.1e-6])[0] / cavity.photon_field([0, 0, 0])[0]
    assert reduced == pytest.approx(math.exp(-((k * 0.1e-6) ** 2) / 2), **EPS)
    reduced = cavity.photon_field([0, 0, 0], [3e-5, 3e-5, 0])[0] / cavity.photon_field([0, 0, 0])[0]
    assert reduced == pytest.approx(1 / (1 + 2 * 0.09), **EPS)


def test_plain_data_and_text():
    for polarization in ("left", (1, 2j, 0)):
        cavity = FabryPerot(**LU, polarization=polarization, offset=1e-8, profile="gaussian")
        again = FabryPerot.from_dict(cavity.to_dict())
        assert again == cavity
        assert np.array_equal(again.vector, cavity.vector)
    assert str(cavity) == "Fabry-Perot cavity at 804 nm: length 100 mm, waist 100 µm, finesse 1e+05"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"length": 0}, "length = 0.0 .* must be positive"),
        ({"waist": "100 um"}, "SI floats"),
        ({"waist": 0.7e-6}, "not paraxial"),
        ({"escape": 1.2}, "share of the losses"),
        ({"profile": "gauss"}, "did you mean 'gaussian'"),
        ({"polarization": "rigth"}, "did you mean 'right'"),
        ({"polarization": (1, 0, 1)}, "along the cavity's axis"),
        ({"polarization": (0, 0, 0)}, "not zero"),
        ({"axis": (0, 0, 0)}, "not zero"),
        ({"centre": (0, 0)}, "three finite"),
        ({"finesse": math.inf}, "finite"),
    ],
)
def test_what_is_refused(changed, words):
    with pytest.raises(InputError, match=words):
        FabryPerot(**{**LU, **changed})


def test_places_and_widths_that_are_refused():
    cavity = FabryPerot(**LU)
    with pytest.raises(InputError, match="three Cartesian coordinates"):
        cavity.photon_field([0.0, 1.0])
    for widths in ([1e-7], [1e-7, -1e-9, 0], [[1e-7] * 3] * 3):
        with pytest.raises(InputError, match="standard deviations"):
            cavity.gradient(np.zeros((2, 3)), widths)
