"""Answers: keys, units, errors, reasons, and the way through JSON."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atomcavity import units
from atomcavity.errors import InputError
from atomcavity.results import Answer, Answers

DEPTH = Answer("trap.depth", "depth", 32e-6, "K", "temperature", error=1e-6)
NONE = Answer("laser.width", "linewidth", math.nan, "rad/s", "angular", reason="it does not lase")
GAIN = Answer("laser.gain", "gain", 0.25)


def test_a_table_groups_the_keys_and_ends_with_the_warnings():
    found = Answers("a laser", (DEPTH, NONE, GAIN), warnings=("g is large",))
    lines = found.table().splitlines()
    assert lines[0] == "a laser"
    assert [line for line in lines if line and not line.startswith(" ")][1:3] == ["trap", "laser"]
    assert any("32.0 ± 1.0 µK" in line and "depth" in line for line in lines)
    assert any("— (it does not lase)" in line for line in lines)
    assert lines[-1] == "warning: g is large"
    assert str(found) == found.table()


def test_answers_are_found_by_key():
    found = Answers("", (DEPTH, GAIN))
    assert found["laser.gain"] is GAIN
    assert found.keys() == ("trap.depth", "laser.gain")
    assert ("trap.depth" in found, "trap.deep" in found, len(found)) == (True, False, 2)
    with pytest.raises(InputError, match=r"did you mean 'trap\.depth'"):
        found["trap.deep"]


def test_input_errors_add_in_squares():
    found = Answers("", (DEPTH, GAIN)).with_input_errors({"trap.depth": 1e-6})
    assert found["trap.depth"].input_error == 1e-6
    assert found["trap.depth"].text == "32.0 ± 1.4 µK"
    assert found["laser.gain"].input_error == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"value": math.inf}, "finite number, or NaN with a reason"),
        ({"value": math.nan}, "finite number, or NaN with a reason"),
        ({"unit": "MHz", "kind": "angular"}, "a angular is in rad/s, not in MHz"),
        ({"kind": "speed"}, "unknown kind 'speed'"),
        ({"key": "trap depth"}, "is not a key"),
    ],
)
def test_what_is_no_answer(row, message):
    with pytest.raises(InputError, match=message):
        Answer(**{"key": "a.b", "label": "x", "value": 1.0} | row)


def test_two_answers_cannot_have_one_key():
    with pytest.raises(InputError, match=r"same key: trap\.depth"):
        Answers("", (DEPTH, DEPTH))


def test_only_the_answers_of_an_experiment_are_read():
    for data in ({}, {"answers": 3, "title": "", "warnings": []}, {"answers": [{"key": "a"}], "title": ""}):
        with pytest.raises(InputError, match="not the answers of an experiment"):
            Answers.from_dict(data)


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(0, 1e300),
    st.sampled_from(("", *units.KINDS)),
    st.text(max_size=20),
)
def test_through_json_and_back(value, error, kind, label):
    unit = units.si_unit(kind) if kind else "1"
    given_ = Answers("t", (Answer("a.b", label, value, unit, kind, error=error), NONE))
    text = json.dumps(given_.to_dict(), allow_nan=False)
    again = Answers.from_dict(json.loads(text))
    assert again["a.b"] == given_["a.b"]
    assert math.isnan(again["laser.width"].value)
    assert again["laser.width"].reason == NONE.reason
    assert given_["a.b"].text  # whatever the sizes of value and error


def test_every_kind_has_one_si_unit_in_which_it_can_be_written():
    for kind in units.KINDS:
        unit = units.si_unit(kind)
        if kind not in ("shift slope", "h_1", "h_2"):  # written per frequency in files
            assert units.parse(f"3 {unit}", kind) == 3


@given(st.floats(-1e6, 1e6), st.floats(1e-5, 1e6))
def test_a_value_with_its_error_keeps_both(value, error):
    text = units.rounded(value, error)
    body, _, exponent = text.strip("(").partition(")e")
    shown, spread = (float(part) for part in body.split(" ± "))
    scale = 10.0 ** int(exponent or 0)
    assert spread * scale == pytest.approx(error, rel=0.06)
    assert abs(shown * scale - value) <= 0.06 * error
