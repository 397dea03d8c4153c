"""Inputs with an uncertainty: both ways to write them, what they are not, and that the schema sees nominal values."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import atomcavity
from atomcavity import units
from atomcavity.errors import InputError
from atomcavity.experiments import check_data, read_data, read_experiment
from atomcavity.experiments.files import KINDS
from atomcavity.experiments.uncertain import (
    inputs_of,
    read_uncertain,
    split_uncertain,
    with_values,
)

STUDIES = Path(atomcavity.__file__).parent / "studies"
FILE = STUDIES / "microlaser" / "experiment.toml"
SCHEMA = KINDS["microlaser"]


@pytest.mark.parametrize(
    ("text", "value", "sigma", "unit"),
    [
        ("5.03(1) um", 5.03, 0.01, "um"),
        ("5.03(12) um", 5.03, 0.12, "um"),
        ("5.03(0.2)um", 5.03, 0.2, "um"),
        ("100(5) mW", 100, 5, "mW"),
        ("-1.5(2) MHz", -1.5, 0.2, "MHz"),
        ("1.2(1)e8", 1.2e8, 1e7, ""),
        ("1.25(3)e-9 m", 1.25e-9, 3e-11, "m"),
        ("5.03 +- 0.01 um", 5.03, 0.01, "um"),
        ("5.03 +/- 0.01 um", 5.03, 0.01, "um"),
        ("5.03±0.01 um", 5.03, 0.01, "um"),
        ("(5.03 ± 0.01) um", 5.03, 0.01, "um"),
        ("1e8 +- 2e6", 1e8, 2e6, ""),
        (".5(1)", 0.5, 0.1, ""),
        ("2.67(5) kHz/nm per kW/cm^2", 2.67, 0.05, "kHz/nm per kW/cm^2"),
    ],
)
def test_both_ways_to_write(text, value, sigma, unit):
    number, mean, error, rest = read_uncertain(text)
    assert float(number) == mean == value
    assert error == pytest.approx(sigma, rel=1e-12, abs=0)
    assert rest == unit


@pytest.mark.parametrize(
    "text", ["5.03 um", "5.03(1 um", "(5.03 +- 0.01 um", "5.03(-1) um", "5.03 +- um", "um", ""]
)
def test_what_is_none(text):
    assert read_uncertain(text) is None


@given(
    st.decimals(-1000, 1000, places=3),
    st.integers(1, 99999),
    st.integers(-30, 30),
    st.sampled_from(("", "um", "kHz")),
)
def test_the_short_and_the_long_form_agree(value, last, exponent, unit):
    sigma = last * 1e-3
    _, mean, error, rest = read_uncertain(f"{value}({last})e{exponent} {unit}")
    assert mean == float(f"{value}e{exponent}")
    assert error == pytest.approx(sigma * 10.0**exponent, rel=1e-9, abs=0)
    assert rest == unit
    long = read_uncertain(f"{value}e{exponent} +- {sigma:.3f}e{exponent} {unit}")
    assert (long[1], long[3]) == (mean, unit)
    assert long[2] == pytest.approx(error, rel=1e-9, abs=0)


@given(st.text(st.sampled_from("0123456789.+-()e± umkW"), max_size=30))
def test_any_text_is_read_or_not_and_never_breaks(text):
    found = read_uncertain(text)
    if found is not None:
        assert float(found[0]) == found[1]
        assert found[2] >= 0


def test_long_texts_cost_nothing():
    assert read_uncertain("1" * 200_000 + "(") is None
    assert read_uncertain("1 +- " * 50_000)[1] == 1


def test_data_nested_deeper_than_any_schema_are_refused(tmp_path):
    for text in ("a." * 5000 + "b = 1", "x = " + "[" * 200_000):
        (tmp_path / "x.toml").write_text('kind = "microlaser"\n' + text)
        with pytest.raises(InputError):
            read_experiment(tmp_path / "x.toml")


def data(*changes):
    return read_data(FILE, changes)


def test_the_schema_sees_the_nominal_value():
    experiment = read_experiment(
        FILE, ["sphere.radius=5.03(1) um", "cavity.quality='1.0(1)e8'", "trap.red.power=27 +- 1 mW"]
    )
    plain = read_experiment(FILE)
    assert experiment == plain


def test_inputs_are_kept_beside():
    given_ = data("sphere.radius=5.03(1) um", "cavity.quality='1.0(1)e8'", "trap.red.power=(27 +- 1) mW")
    nominal, inputs = split_uncertain(given_, SCHEMA)
    assert [one.name for one in inputs] == ["sphere.radius", "trap.red.power", "cavity.quality"]
    radius, power, quality = inputs
    assert (radius.sigma, radius.unit, radius.si_unit) == (0.01, "um", "m")
    assert radius.sigma * radius.si == pytest.approx(1e-8)
    assert radius.text == "5.030 ± 0.010 um"
    assert (quality.value, quality.sigma, quality.unit) == (1e8, 1e7, "")
    assert nominal["sphere"]["radius"] == "5.03 um"
    assert nominal["cavity"]["quality"] == 1e8
    moved = check_data(with_values(nominal, [(radius, 5.04), (power, 28.0), (quality, 1.1e8)]))
    assert moved.sphere.radius == pytest.approx(5.04e-6)
    assert moved.trap.red.power == pytest.approx(28e-3)
    assert moved.cavity.quality == 1.1e8


def test_lists_and_arrays_of_tables():
    path = STUDIES / "ion_laser" / "experiment.toml"
    raw = read_data(path, ['trap.confinement=["0.2(1) MHz", "1 MHz"]'])
    raw["lasers"][1]["rate"] = "1.0(2)e6 1/s"
    nominal, inputs = split_uncertain(raw, KINDS["ion-laser"])
    assert [one.name for one in inputs] == ["trap.confinement.0", "lasers.1.rate"]
    assert inputs[0].sigma * inputs[0].si == pytest.approx(2 * math.pi * 1e5)
    again = check_data(with_values(nominal, [(inputs[0], 0.3)]))
    assert again.trap.confinement[0] == pytest.approx(2 * math.pi * 3e5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "laser.atoms='7(1)'",
            "laser.atoms = '7(1)' can have no uncertainty; allowed: whole number, at least 1",
        ),
        ("atom.m='0(1)'", "atom.m = '0(1)' can have no uncertainty; allowed: whole number"),
        ("sphere.radius=5.03(1) MHz", "sphere.radius = '5.03 MHz': unknown unit of length 'MHz'"),
        ("sphere.radius=5.03(1)", "sphere.radius = '5.03 ' is not a quantity"),
        ("sphere.radius=5.03(1 um", "sphere.radius = '5.03(1 um'"),
        ("sphere.radius=5(1)e999 um", "sphere.radius = '5(1)e999 um' is not a finite number"),
        ("cavity.quality='1(1)e8 um'", "cavity.quality = '1(1)e8 um'"),
        ("sphere.radius=-5.03(1) um", "sphere.radius must be positive"),
    ],
)
def test_one_sentence_for_a_mistake(change, message):
    with pytest.raises(InputError) as caught:
        read_experiment(FILE, [change])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_texts_that_look_like_one_stay_texts():
    experiment = read_experiment(FILE, ["title='5.03(1) um'", "notes=['1(1)']"])
    assert experiment.title == "5.03(1) um"
    assert experiment.notes == ["1(1)"]


def test_an_uncertainty_of_zero_is_none():
    nominal, inputs = split_uncertain(data("sphere.radius=5.03(0) um"), SCHEMA)
    assert inputs == ()
    assert nominal["sphere"]["radius"] == "5.03 um"


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*/experiment.toml")), ids=lambda p: p.parent.name)
def test_every_continuous_input_of_a_file_is_found(path):
    raw = read_data(path)
    inputs = inputs_of(raw, KINDS[raw["kind"]])
    assert len({one.path for one in inputs}) == len(inputs) > 5
    same = with_values(raw, [(one, one.value) for one in inputs])
    assert check_data(same) == check_data(raw)
    for one in inputs:
        assert one.sigma == 0
        assert not one.kind or one.unit in units.names(one.kind)
    names = {one.name for one in inputs}
    assert not names & {
        "cavity.mode.l",
        "laser.atoms",
        "atom.m",
        "ion.F",
        "kind",
        "pump.rate",
        "cavity.coupler",
    }
