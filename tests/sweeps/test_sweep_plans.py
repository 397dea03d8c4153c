"""Plans: axes of every form, all mistakes at once, seeds and hashes that depend on the point alone."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweep_points import plan

from atomcavity.errors import InputError
from atomcavity.sweeps.axes import LARGEST, read_axes, substitute
from atomcavity.sweeps.plan import Plan, make_plan, read_plan

FILE = Path(__file__).parents[2] / "examples" / "trap_sweep.toml"


def axis(given_value):
    return [row[0] for row in read_axes({"x": given_value}, [], "file")[0].rows]


def test_ranges_in_the_units_of_the_file():
    assert axis({"from": "1 mW", "to": "3 mW", "points": 3}) == ["1 mW", "2 mW", "3 mW"]
    assert axis({"from": "0.1 um", "to": "10 um", "points": 3, "scale": "log"}) == ["0.1 um", "1 um", "10 um"]
    assert axis({"from": 5, "to": 1, "points": 3}) == [5, 3, 1]
    assert all(isinstance(x, int) for x in axis({"from": 1, "to": 7, "points": 4}))
    assert axis({"from": 1e6, "to": 1e8, "points": 3, "scale": "log"}) == pytest.approx(
        [1e6, 1e7, 1e8], rel=1e-14
    )


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.integers(2, 50))
def test_ranges_end_where_they_say(first, last, points):
    if first == last:
        return
    found = axis({"from": first, "to": last, "points": points})
    assert len(found) == points
    np.testing.assert_allclose(
        found, np.linspace(first, last, points), rtol=1e-12, atol=1e-12 * abs(last - first)
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"from": "1 mW", "to": "3 W", "points": 3}, "different units"),
        ({"from": "1 mW", "points": 3}, "the range has no 'to'"),
        ({"from": 1, "to": 2, "points": 1}, "points = 1"),
        ({"from": 1, "to": 2, "points": True}, "points = True"),
        ({"from": 1, "to": 2, "points": 3, "scale": "logg"}, "did you mean 'log'"),
        ({"from": 1, "to": 2, "point": 3}, "did you mean 'points'"),
        ({"from": -1, "to": 2, "points": 3, "scale": "log"}, "same sign"),
        ({"from": 1, "to": 1, "points": 3}, "the same"),
        ({"from": "nan mW", "to": "1 mW", "points": 3}, "not a number"),
        ({"from": float("inf"), "to": 1, "points": 3}, "not a number"),
        ({"from": [1], "to": 1, "points": 3}, "not a number"),
        ([], "empty"),
        ([1, 2, 1], "the value 1 is there twice"),
        ("5 mW", "neither a list"),
        ({"from": 1, "to": 2, "points": 10**15}, "1e+15 points"),
    ],
)
def test_wrong_axes_are_one_sentence(value, said):
    with pytest.raises(InputError) as problem:
        axis(value)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


def test_grids_zipped_axes_and_repetitions():
    p = plan(
        "add", [1, 2], {"axes": {"t": {"y": [5, 6, 7]}, "z": ["a", "b"]}, "zip": [["x", "z"]], "seeds": 4}
    )
    assert p.shape == (2, 3, 4)
    assert [axis.keys for axis in p.axes] == [("x", "z"), ("t.y",)]
    assert p.values(12 + 4 + 3) == {"x": 2, "z": "b", "t.y": 6}
    assert p.point(12 + 4 + 3).data == {"x": 2, "z": "b", "t": {"y": 6}}


@pytest.mark.parametrize(
    ("zipped", "said"),
    [
        ([["x", "yy"]], "did you mean 'y'"),
        ([["x", "y"]], "x has 2, y has 3"),
        ([["x"]], "x has 2"),
        ([["x", "z"], ["z", "y"]], "'z' stands in two lists"),
    ],
)
def test_wrong_zips(zipped, said):
    with pytest.raises(InputError, match=said):
        plan("add", [1, 2], {"axes": {"y": [1, 2, 3], "z": [1, 2]}, "zip": zipped})


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"axes": {}}, "sweeps nothing"),
        ({"axs": {"x": [1]}}, "did you mean 'axes'"),
        ({"axes": {"x": [1]}, "best": "power"}, 'write "max:KEY"'),
        ({"axes": {"x": [1]}, "seeds": 0}, r"^file: sweep\.seeds = 0: give the number of repetitions[^\n]*$"),
        ({"axes": {"x": [1]}, "seeds": [1, 1]}, "a list of different seeds"),
        ({"axes": {"x": [1]}, "seed": -1}, "sweep.seed"),
        (None, "sweep"),
    ],
)
def test_wrong_sweep_tables(table, said):
    with pytest.raises(InputError, match=said):
        make_plan({"sweep": table}, "n", "file", check=lambda *_: None)
    with pytest.raises(InputError, match="'sweep' is missing"):
        make_plan({}, "n", "file", check=lambda *_: None)


def test_too_many_points_are_refused_before_anything_is_made():
    with pytest.raises(InputError, match=rf"1e\+12 points.*2.5e\+06 GB.*at most {LARGEST:,}"):
        plan("add", {"from": 0, "to": 1, "points": 10**4}, {"seeds": 10**8})


def test_places_in_lists_and_missing_tables():
    assert substitute({"a": [1, [2, 3]]}, "a.1.0", 9) == {"a": [1, [9, 3]]}
    assert substitute({}, "a.b.c", 1) == {"a": {"b": {"c": 1}}}
    before = {"a": {"b": [1]}}
    substitute(before, "a.b.0", 2)
    assert before == {"a": {"b": [1]}}
    for key, said in (("a.b.7", "places 0 to 0"), ("a.b.x", "a list"), ("a.b.0.c", "a value, not a table")):
        with pytest.raises(InputError, match=said):
            substitute(before, key, 1)


def test_every_value_is_checked_by_the_schema(tmp_path):
    text = FILE.read_text(encoding="utf-8")
    bad = text.replace('"70 mW"', '"70 mK"').replace('"90 mW"', '"-90 mW"').replace(
        "trap.red.power = {", 'trap.red.powr = ["1 mW"]\nsphere.radius = ["5 um", 5]\ntrap.red.power = {'
    )  # fmt: skip
    (tmp_path / "bad.toml").write_text(bad, encoding="utf-8")
    with pytest.raises(InputError) as problem:
        read_plan(tmp_path / "bad.toml")
    said = str(problem.value)
    for part in ("'mK'", "not be negative", "did you mean 'power'", "sphere.radius = 5 has no unit"):
        assert part in said
    assert len(said.splitlines()) == len(set(said.splitlines()))


def test_coordinates_are_si_with_units():
    p = read_plan(FILE, ["sweep.axes.trap.red.l=[49, 50]", 'sweep.axes.sphere.material=["fused silica"]'])
    found = {c.key: c for c in p.coordinates}
    power = found["trap.blue.power"]
    assert (power.unit, power.kind) == ("W", "power")
    assert power.values == pytest.approx((0.07, 0.08, 0.09, 0.1), rel=1e-12)
    assert found["trap.red.l"].values == (49.0, 50.0)
    assert found["trap.red.l"].unit == "1"
    assert found["sphere.material"].values == ("fused silica",)
    assert p.shape == (6, 2, 4, 1, 1)


def test_values_with_an_error_keep_their_unit():
    found = read_plan(FILE, ['sweep.axes.sphere.radius=["5.03(1) um", "5.04 um"]']).coordinates[-1]
    assert (found.key, found.unit, found.kind) == ("sphere.radius", "m", "length")
    assert found.values == (5.03e-6, 5.04e-6)


def test_rates_and_frequencies_keep_their_kind(tmp_path):
    source = Path(__file__).parents[2] / "src" / "atomcavity" / "studies" / "microlaser" / "experiment.toml"
    text = source.read_text(encoding="utf-8")
    text += '\n[sweep.axes]\nlaser.pump_rate = ["1e7 1/s"]\nlaser.coupling = ["1 MHz", "2e7 1/s"]\n'
    (tmp_path / "f.toml").write_text(text, encoding="utf-8")
    rate, coupling = read_plan(tmp_path / "f.toml").coordinates
    assert (rate.kind, rate.unit) == ("event rate", "1/s")
    assert (coupling.kind, coupling.unit) == ("angular", "rad/s")
    assert coupling.values == pytest.approx((2 * np.pi * 1e6, 2e7))


def test_seeds_and_hashes_depend_on_the_point_alone():
    p = plan("add", [1, 2, 3], {"axes": {"y": [4, 5]}, "seeds": 2, "seed": 7})
    points = [p.point(k) for k in range(len(p))]
    assert len({point.seed for point in points}) == len({point.hash for point in points}) == 12
    longer = plan("add", [0, 1, 2, 3], {"axes": {"y": [4, 5]}, "seeds": 3, "seed": 7})
    found = {point.hash: point.seed for point in (longer.point(k) for k in range(len(longer)))}
    assert all(found[point.hash] == point.seed for point in points)
    other = plan("add", [1, 2, 3], {"axes": {"y": [4, 5]}, "seeds": 2, "seed": 8})
    assert not {other.point(k).seed for k in range(12)} & {point.seed for point in points}
    assert all(0 <= point.seed < 2**53 for point in points)


def test_hash_sees_what_matters():
    base = plan("add", [1, 2], other={"a": 1}).hash(0)
    assert plan("add", [1, 2], other={"a": 1}, title="new", notes=["n"]).hash(0) == base
    assert plan("add", [1, 2], other={"a": 1}, x=77).hash(0) == base  # the file's own value of a swept key
    assert plan("add", [1, 2], other={"a": 2}).hash(0) != base
    assert plan("cheap", [1, 2], other={"a": 1}).hash(0) != base
    assert plan("add", [1.5, 2], other={"a": 1}).hash(0) != base
    assert plan("add", [1, 2], {"seeds": [0]}, other={"a": 1}).hash(0) != base


def test_hash_sees_the_data_of_the_package(monkeypatch):
    base = plan("add", [1, 2]).hash(0)
    monkeypatch.setattr("atomcavity.sweeps.plan.data_version", lambda: "other")
    assert plan("add", [1, 2]).hash(0) != base


def test_given_seeds_are_the_seeds_of_every_point():
    p = plan("add", [1, 2], {"seeds": [11, 12]})
    assert [p.point(k).seed for k in range(4)] == [11, 12, 11, 12]


def test_plans_survive_json():
    p = read_plan(FILE)
    again = Plan.from_dict(json.loads(json.dumps(p.to_dict())))
    assert again == p
    assert again.hash(17) == p.hash(17)
    for wrong in ({}, {"axes": 3}, {**p.to_dict(), "axes": [1]}):
        with pytest.raises(InputError):
            Plan.from_dict(wrong)
