"""Unit strings: the conventions of the documentation, one test a sentence."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atomcavity import units
from atomcavity.errors import InputError


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
    kind=st.sampled_from(["length", "time", "power", "angular", "cyclic", "temperature", "magnetic field"]),
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
