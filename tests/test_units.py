"""Unit strings: the conventions of the documentation, one test a sentence."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants as const

from atomcavity import units
from atomcavity.errors import InputError
from atomcavity.species import ATOMIC_POLARIZABILITY


def test_angular_hertz_is_a_frequency_times_two_pi():
    assert units.parse("2.8 MHz", "angular") == pytest.approx(2 * math.pi * 2.8e6, rel=1e-15)


def test_angular_per_second_is_kept():
    assert units.parse("2.5e7 1/s", "angular") == 2.5e7
    assert units.parse("2.5e7 rad/s", "angular") == 2.5e7


def test_event_rate_refuses_hertz_with_the_reason():
    with pytest.raises(InputError, match="factor 2 pi"):
        units.parse("25 MHz", "event rate")


def test_cyclic_hertz_is_kept():
    assert units.parse("10 kHz", "cyclic") == 1e4


def test_decibel_is_energy_attenuation():
    # 10 dB/km: a tenth of the power is left after one kilometre
    assert math.exp(-units.parse("10 dB/km", "attenuation") * 1e3) == pytest.approx(0.1)


def test_degrees_and_gauss():
    assert units.parse("180 deg", "angle") == pytest.approx(math.pi)
    assert units.parse("1 G", "magnetic field") == 1e-4


def test_atomic_units_of_polarizability_and_c3_over_h():
    assert units.parse("1 a.u.", "polarizability") == pytest.approx(ATOMIC_POLARIZABILITY, rel=1e-9, abs=0)
    assert units.parse("724 Hz um^3", "C3") == pytest.approx(724e-18 * const.h, rel=1e-15, abs=0)


def test_slope_of_a_light_shift_is_angular():
    # 1 Hz/nm at 1 kW/cm^2, 2 nm away at 3 kW/cm^2: 6 Hz
    slope = units.parse("1 Hz/nm per kW/cm^2", "shift slope")
    assert slope * 2e-9 * units.parse("3 kW/cm^2", "intensity") == pytest.approx(2 * math.pi * 6)


def test_coefficients_of_noise_carry_their_dimension():
    for kind, unit, other in (
        ("h_2", "s^3", "s"),
        ("h_1", "s^2", "s"),
        ("h_0", "s", "1/s"),
        ("h_-2", "1/s", "s"),
    ):
        assert units.parse(f"2e-24 {unit}", kind) == 2e-24
        with pytest.raises(InputError, match="unknown unit"):
            units.parse(f"2e-24 {other}", kind)


@pytest.mark.parametrize(
    "text", [5, 5.0, "5", "5.03", "um", "", "5 parsec", "5 um um", "1e999 m", "nan m", None, True, [1]]
)
def test_bad_lengths_are_one_sentence_naming_the_key(text):
    with pytest.raises(InputError) as caught:
        units.parse(text, "length", key="sphere.radius")
    message = str(caught.value)
    assert message.startswith("sphere.radius = ")
    assert "\n" not in message


@given(
    value=st.floats(1e-9, 1e9),
    kind=st.sampled_from(list(units.KINDS)),
)
def test_show_is_read_back(value, kind):
    text = units.show(value, kind, digits=15).removeprefix("2π × ")
    assert units.parse(text, kind) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (2 * math.pi * 4.4e6, "angular", "2π × 4.4 MHz"),
        (5.03e-6, "length", "5.03 µm"),
        (0.0, "length", "0 m"),
        (-5e-6, "length", "-5 µm"),
        (math.pi / 2, "angle", "90 °"),
        (2.5e7, "event rate", "2.5e+07 1/s"),
        (999.9999e-9, "length", "1 µm"),
    ],
)
def test_show(value, kind, text):
    assert units.show(value, kind) == text
