"""Optical materials against published indices, closed forms and limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants as const

from atomcavity.errors import InputError
from atomcavity.materials import Material

SILICA = Material("fused silica")


@pytest.mark.parametrize(
    ("micrometres", "index"),
    # Malitson 1965, Table I, computed indices at the sodium D, hydrogen C and F, and a mercury line
    [(0.5892938, 1.458404), (0.6562725, 1.456367), (0.4861327, 1.463126), (1.0139830, 1.450242)],
)
def test_index_of_silica_is_malitsons_table(micrometres, index):
    assert float(SILICA.index(micrometres * 1e-6)) == pytest.approx(index, abs=2e-6)


def test_abbe_number_of_silica_is_the_published_67_8():
    f, d, c = SILICA.index(np.array([486.1327, 587.5618, 656.2725]) * 1e-9)
    assert (d - 1) / (f - c) == pytest.approx(67.8, abs=0.1)


@given(st.floats(0.22e-6, 3.6e-6))
def test_group_index_is_the_derivative_of_the_index(wavelength):
    step = 1e-5 * wavelength
    slope = (SILICA.index(wavelength + step) - SILICA.index(wavelength - step)) / (2 * step)
    assert float(SILICA.group_index(wavelength)) == pytest.approx(
        float(SILICA.index(wavelength) - wavelength * slope), abs=1e-8
    )


def test_permittivity_at_imaginary_frequency_falls_from_the_static_value_to_one():
    xi = np.concatenate([[0.0], np.geomspace(1e12, 1e20, 200)])
    values = SILICA.permittivity_imaginary(xi)
    assert values[0] == pytest.approx(1 + 0.6961663 + 0.4079426 + 0.8974794, rel=1e-14, abs=0)
    assert np.all(np.diff(values) < 0)
    assert values[-1] == pytest.approx(1, abs=1e-6)


def test_real_and_imaginary_axis_are_one_function():
    """Kramers-Kronig for undamped resonances: eps(i xi) is eps at lambda^2 = -(2 pi c/xi)^2."""
    xi = 2 * math.pi * const.c / 0.7e-6
    square = -((2 * math.pi * const.c / xi) ** 2) * 1e12
    terms = [(0.6961663, 0.0684043), (0.4079426, 0.1162414), (0.8974794, 9.896161)]
    expected = 1 + sum(b * square / (square - c**2) for b, c in terms)
    assert float(SILICA.permittivity_imaginary(xi)) == pytest.approx(expected, rel=1e-14, abs=0)


def test_attenuation_is_six_decibel_per_kilometre():
    assert 10 * math.log10(math.exp(SILICA.attenuation * 1000)) == pytest.approx(6)
    # Q_mat = 2 pi n/(lambda alpha), the budget's 9.6e9
    quality = 2 * math.pi * float(SILICA.index(689.45e-9)) / (689.45e-9 * SILICA.attenuation)
    assert quality == pytest.approx(9.6e9, rel=2e-3, abs=0)


@pytest.mark.parametrize("wavelength", [0.2e-6, 4e-6, -1e-6, math.nan, [500e-9, 5e-6]])
def test_outside_the_range_is_one_clear_sentence(wavelength):
    with pytest.raises(InputError, match=r"outside the range of the index of fused silica, 210 to 3710 nm"):
        SILICA.index(wavelength)


def test_unknown_material_suggests_the_nearest():
    with pytest.raises(InputError, match="did you mean 'fused silica'"):
        Material("fused silika")


def test_water_has_its_index_and_no_attenuation():
    water = Material("water")
    assert float(water.index(689.45e-9)) == pytest.approx(1.33)
    assert math.isnan(water.attenuation)
    assert float(water.permittivity_imaginary(1e15)) == pytest.approx(1.33**2)


def test_shapes_and_sources():
    assert SILICA.index(np.full((2, 3), 500e-9)).shape == (2, 3)
    assert SILICA.permittivity_imaginary(np.ones((4, 1))).shape == (4, 1)
    assert any("Malitson" in citation for citation in SILICA.sources())


def test_thermal_data_of_silica():
    """Diffusivity 0.85 mm^2/s (makeitfrom.com and others); dn/dT 8.74e-6 (visible) to 8.16e-6 (1.55 um), Rego 2023."""
    diffusivity = SILICA.thermal_conductivity / (SILICA.density * SILICA.heat_capacity)
    assert diffusivity == pytest.approx(0.85e-6, rel=0.02, abs=0)
    assert 8.16e-6 < SILICA.thermo_optic < 8.74e-6
    used = [quantity for quantities in SILICA.sources().values() for quantity in quantities]
    for quantity in ("thermo optic", "thermal conductivity", "density", "heat capacity"):
        assert f"{quantity} of fused silica" in used


def test_thermo_optic_coefficient_from_the_temperature_dependent_sellmeier_fit():
    """Leviton and Frey 2006: S_j and lambda_j as polynomials in T; their index at 293 K is Malitson's to 1e-4."""
    strength = [
        [1.10127, -4.94251e-5, 5.27414e-7, -1.59700e-9, 1.75949e-12],
        [1.78752e-5, 4.76391e-5, -4.49019e-7, 1.44546e-9, -1.57223e-12],
        [7.93552e-1, -1.27815e-3, 1.84595e-5, -9.20275e-8, 1.48829e-10],
    ]
    resonance = [
        [-8.906e-2, 9.08730e-6, -6.53638e-8, 7.77072e-11, 6.84605e-14],
        [2.97562e-1, -8.59578e-4, 6.59069e-6, -1.09482e-8, 7.85145e-13],
        [9.34454, -7.09788e-3, 1.01968e-4, -5.07660e-7, 8.21348e-10],
    ]

    def index(temperature, micrometres):
        powers = temperature ** np.arange(5)
        s, x = np.array(strength) @ powers, np.array(resonance) @ powers
        return math.sqrt(1 + np.sum(s * micrometres**2 / (micrometres**2 - x**2)))

    assert index(293.0, 0.698) == pytest.approx(float(SILICA.index(0.698e-6)) * 1.00027, abs=1e-4)
    slope = (index(294.0, 0.698) - index(292.0, 0.698)) / 2
    assert SILICA.thermo_optic == pytest.approx(slope, rel=2e-3, abs=0)


@pytest.mark.parametrize("quantity", ["thermo_optic", "thermal_conductivity", "density", "heat_capacity"])
def test_thermal_data_that_are_missing_are_refused(quantity):
    with pytest.raises(InputError, match=f"water has no {quantity}; materials with one: fused silica"):
        getattr(Material("water"), quantity)
