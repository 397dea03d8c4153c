"""The page that puts every number beside the published one."""

import json
import math

import pytest

from atomcavity.errors import InputError
from atomcavity.reports import (
    Figure,
    Target,
    compare,
    read_targets,
    style,
    write_csv,
    write_figure,
    write_page,
)
from atomcavity.reports.page import number


def target(key="a", published=1.0, **keywords):
    return Target(key, f"quantity {key}", published=published, **keywords)


@pytest.mark.parametrize(
    ("published", "computed", "verdict"),
    [
        (1.0, 1.0199, "agrees"),
        (1.0, 1.021, "deviates"),
        (-4.0, -4.07, "agrees"),
        (-4.0, 4.0, "deviates"),
        (0.0, 0.0, "agrees"),
        (0.0, 1e-9, "deviates"),
        (None, 3.0, "not published"),
        (1.0, math.nan, "not computed"),
        ((1.0, 2.0), (1.01, 1.97), "agrees"),
        ((1.0, 2.0), (1.01, 1.9), "deviates"),
        ((1.0, 2.0), (math.nan, 2.0), "not computed"),
    ],
)
def test_verdict(published, computed, verdict):
    (value,) = compare([target(published=published)], {"a": computed})
    assert value.verdict == verdict


def test_tolerance_and_rounding_belong_to_the_target():
    (strict,) = compare([target(published=689.45, tolerance=5e-4)], {"a": 691.14})
    assert strict.verdict == "deviates"
    (coarse,) = compare([target(published=2e-6, rounding=5e-7)], {"a": 1.78e-6})
    assert coarse.verdict == "within rounding"
    (beyond,) = compare([target(published=2e-6, rounding=5e-7)], {"a": 1.4e-6})
    assert beyond.verdict == "deviates"


def test_several_numbers_of_one_target():
    (value,) = compare([target(published=(1.0, -2.0), rounding=0.5)], {"a": [1.4, -2.01]})
    assert value.verdict == "within rounding"
    assert value.deviation == pytest.approx(0.4)
    assert value.to_dict()["computed"] == [1.4, -2.01]
    assert number(value.computed) == "1.4, -2.01"
    with pytest.raises(InputError, match="a: 1 numbers computed, 2 published"):
        compare([target(published=(1.0, 2.0))], {"a": 1.0})


def test_lists_of_a_targets_file(tmp_path):
    path = tmp_path / "targets.toml"
    path.write_text('[[target]]\nid = "a"\nquantity = "x"\npublished = [0.39, 0.26]\n')
    assert read_targets(path)[0].published == (0.39, 0.26)


def test_nothing_is_dropped_in_silence():
    with pytest.raises(
        InputError, match=r"values without a target: \['b'\]; targets without a value: \['a'\]"
    ):
        compare([target("a")], {"b": 1.0})


def test_targets_of_one_file_have_different_ids(tmp_path):
    path = tmp_path / "targets.toml"
    path.write_text('[[target]]\nid = "a"\nquantity = "x"\n[[target]]\nid = "a"\nquantity = "y"\n')
    with pytest.raises(InputError, match="an id appears twice"):
        read_targets(path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (689.45, "689.45"),
        (1.79e-6, "1.79 × 10⁻⁶"),
        (1.5472e8, "1.547 × 10⁸"),
        (None, "—"),
        (math.nan, "—"),
    ],
)
def test_numbers_for_people(value, text):
    assert number(value) == text


def test_page_escapes_and_shows_every_value(tmp_path):
    with style.figure(style.COLUMN, 2) as (drawing, axes):
        axes[0, 0].plot([0, 1], [0, 1])
    values = compare([target("a", remark="a < b & c"), target("b", published=None)], {"a": 1.5, "b": 2.0})
    figure = Figure("f", "F", "caption", drawing)
    write_figure(tmp_path, figure)
    page = write_page(
        tmp_path,
        title="T",
        source="S",
        notes=["<script>"],
        figures=[figure],
        values=values,
    )
    text = page.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "a &lt; b &amp; c" in text
    assert "+50.0 %" in text
    assert 'src="f.png"' in text
    rows = json.loads((tmp_path / "values.json").read_text())
    assert [row["verdict"] for row in rows] == ["deviates", "not published"]
    assert set(rows[0]) == {"id", "quantity", "published", "computed", "unit", "verdict", "remark"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.png", "f.svg", "index.html", "values.json"]


def test_csv(tmp_path):
    write_csv(tmp_path / "x.csv", {"time (s)": [0.0, 0.5], "photons": [1, 2]})
    assert (tmp_path / "x.csv").read_text() == "time (s),photons\n0.0,1\n0.5,2\n"
    with pytest.raises(InputError, match="different lengths"):
        write_csv(tmp_path / "y.csv", {"a": [1], "b": [1, 2]})
    assert not (tmp_path / "y.csv").exists()
