"""What a sweep gives: one data set, its figures, its table."""

import csv
import math

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from sweep_points import plan

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.sweeps.run import run_sweep

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """x (8, logarithmic) × y (7) × z (text) × 3 repetitions."""
    axes = {"y": [1, 2, 3, 4, 5, 6, 7], "z": ["a", "b"]}
    x = {"from": 1, "to": 128, "points": 8, "scale": "log"}
    p = plan("add", x, {"axes": axes, "seeds": 3, "best": "min:sum.value"})
    return run_sweep(p, tmp_path_factory.mktemp("grid") / "out", workers=1)


@pytest.fixture(scope="module")
def partial(tmp_path_factory):
    p = plan("fails", [1, 2, 3, 4, 5], {"seeds": 2})
    return run_sweep(p, tmp_path_factory.mktemp("partial") / "out", workers=1).load()


def test_what_is_loaded_has_axes_units_and_provenance(grid):
    r = ac.load(grid.file)
    assert r["sum.value"].dims == ("x", "y", "z", "repeat")
    assert r["sum.value"].attrs["units"] == "m"
    assert r.answers == ("sum.value", "sum.drawn")
    assert float(r["sum.value"].sel(x=8, y=2, z="b", repeat=1)) == 28
    assert r.best() == {"sum.value": 11, "x": 1, "y": 1, "z": "a", "repeat": 0}
    assert r.best("max:sum.value")["x"] == 128
    assert r.record.parameters["sweep"]["axes"] == [["x"], ["y"], ["z"]]
    for wrong, said in (("sum.value", "max:KEY"), ("max:sum.val", "did you mean 'sum.value'")):
        with pytest.raises(InputError, match=said):
            r.best(wrong)
    assert "336 done, 0 failed, 0 left" in str(r)
    assert "sum.value: 11 m to 198 m" in str(r)


def test_two_long_axes_are_a_heat_map(grid):
    ax = grid.load().plot(z="a")
    assert len(ax.collections) == 1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("y", "x")
    assert ax.get_yscale() == "log"
    assert ax.collections[0].get_array().size == 56
    assert ax.figure.axes[1].get_ylabel() == "sum.value (m)"
    assert "z = a" in ax.get_title()


def test_a_short_or_text_axis_is_a_family_of_lines(grid):
    ax = grid.load().plot(key="sum.drawn", y=3.2)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["a", "b"]
    assert ax.get_legend().get_title().get_text() == "z"
    assert "y = 3" in ax.get_title()
    assert ax.get_xscale() == "log"
    drawn = grid.load()["sum.drawn"].sel(y=3, z="a").values
    line, _, bars = ax.containers[0]
    np.testing.assert_allclose(line.get_ydata(), drawn.mean(axis=1))
    ends = np.array(bars[0].get_segments())[:, :, 1]
    error = drawn.std(axis=1, ddof=1) / math.sqrt(3)
    np.testing.assert_allclose(ends, np.stack([drawn.mean(axis=1) - error, drawn.mean(axis=1) + error], 1))


def test_one_axis_is_a_line_and_no_axis_a_bar(grid):
    _, (left, right) = plt.subplots(1, 2)
    assert grid.load().plot(left, y=1, z="b") is left
    assert left.get_legend() is None
    assert len(grid.load().plot(right, y=1, z="b", x=4).patches) == 1


def test_wrong_cuts(grid):
    r = grid.load()
    for at, said in (
        ({}, "depends on x, y, z"),
        ({"w": 1}, "swept parameter 'w'"),
        ({"y": "long"}, "give a number"),
        ({"z": "c"}, "z 'c'"),
    ):
        with pytest.raises(InputError, match=said):
            r.plot(**at)
    with pytest.raises(InputError, match="answer"):
        r.plot(key="nothing")


def test_points_without_answers_leave_gaps(partial):
    ax = partial.plot(key="sum.drawn")
    line, _, _ = ax.containers[0]
    assert np.isnan(line.get_ydata()).tolist() == [False, True, True, True, False]


def test_csv(partial, tmp_path):
    with partial.to_csv(tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10
    assert list(rows[0]) == ["x", "repeat", "status", "seed", "sum.value (m)", "sum.drawn", "message"]
    assert [row["status"] for row in rows[::2]] == ["done", "failed", "failed", "done", "done"]
    assert rows[2]["message"] == "x = 2 cannot be"
    assert float(rows[0]["sum.value (m)"]) == 1
    np.testing.assert_array_equal([int(row["seed"]) for row in rows], partial.dataset["seed"].values.ravel())
