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
