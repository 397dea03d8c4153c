"""What differs between two results: parameters, values, in relative terms and in units of the errors."""

import dataclasses
import json
import math
from dataclasses import dataclass

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from atomcavity.cli import main
from atomcavity.errors import InputError
from atomcavity.reports import write_answers
from atomcavity.results import Answer, Answers, Record, Result, quantity
from atomcavity.results.compare import compare
from atomcavity.sweeps.result import SweepResult


@dataclass(frozen=True, eq=False, repr=False)
class Trace(Result):
    time: np.ndarray = quantity("time", unit="s")
    field: np.ndarray = quantity("time", unit="V/m")
    power: np.ndarray = quantity("time", unit="W")
    power_error: np.ndarray = quantity("time", unit="W")
    name: str = quantity()


def trace(**changes):
    values = {
        "record": Record("by hand", seed=1, parameters={"system": {"g": 3.0, "modes": [1, 2]}, "N": 5}),
        "time": np.array([0.0, 1.0, 2.0]),
        "field": np.array([1 + 1j, 2.0, 3.0]),
        "power": np.array([1.0, 2.0, math.nan]),
        "power_error": np.array([0.3, 0.3, 0.0]),
        "name": "x",
    }
    return Trace(**{**values, **changes})


def test_equal_results_are_equal():
    found = compare(trace(), trace())
    assert found.equal
    assert found.compared == (7, 5)
    assert "equal: 7 parameters and 5 values" in str(found)


def test_parameters_are_compared_by_their_paths():
    record = Record("by hand", seed=2, parameters={"system": {"g": 6.0, "modes": [1, 2, 3]}})
    found = compare(trace(), trace(record=record))
    assert [(d.name, d.first, d.second) for d in found.parameters] == [
        ("seed", "1", "2"),
        ("system.g", "3", "6"),
    ]
    assert found.parameters[1].relative == 1.0
    assert found.only_first == ("N",)
    assert found.only_second == ("system.modes[2]",)
    assert not found.equal


def test_values_differ_by_so_many_errors():
    found = compare(
        trace(), trace(power=np.array([1.0, 2.5, math.nan]), power_error=np.array([0.3, 0.4, 0.0]))
    )
    power, error = found.values
    assert (power.name, error.name) == ("power", "power_error")
    assert power.relative == 0.25
    assert power.errors == pytest.approx(0.5 / math.hypot(0.3, 0.4))
    assert power.note == "1 of 3 differ, most at [1]"
    assert "+25 %, 1 combined errors" in str(power)
    assert math.isnan(error.errors)


def test_one_that_is_not_known_differs_from_a_number():
    (found,) = compare(trace(), trace(power=np.array([1.0, 2.0, 3.0]))).values
    assert (found.first, found.second) == ("—", "3 W")
    assert math.isnan(found.relative)


def test_complex_numbers_text_and_shapes():
    (found,) = compare(trace(), trace(field=np.array([1 + 1j, 2.0, 3.0 + 4j]))).values
    assert found.relative == pytest.approx(4 / 3)
    (found,) = compare(trace(), trace(name="y")).values
    assert (found.first, found.second) == ("'x'", "'y'")
    longer = {name: np.zeros(4) for name in ("time", "power", "power_error")}
    found = compare(trace(), trace(**longer, field=np.zeros(4, complex)))
    assert {d.note for d in found.values} == {"another shape"}
    assert (found.values[0].first, found.values[0].second) == ("3", "4")


def test_a_tolerance_is_relative():
    other = trace(power=np.array([1.0 + 1e-9, 2.0, math.nan]))
    assert not compare(trace(), other).equal
    assert not compare(trace(), other, tolerance=0.9e-9).equal
    assert compare(trace(), other, tolerance=1.1e-9).equal
    with pytest.raises(InputError, match="must not be negative"):
        compare(trace(), other, tolerance=-1)


def test_versions_are_told_and_count_for_nothing():
    old = trace(record=dataclasses.replace(trace().record, versions={"numpy": "1.0"}))
    new = trace(record=dataclasses.replace(trace().record, versions={"numpy": "2.0"}))
    found = compare(old, new)
    assert found.equal
    assert "numpy  1.0 | 2.0" in str(found)


def test_only_two_of_one_kind_are_compared():
    with pytest.raises(InputError, match="a Trace and answers cannot be compared"):
        compare(trace(), Answers("", ()))


def sweep(powers, depth, **extra):
    values = {"depth": ("power", depth, {"units": "K", "kind": "temperature"}), **extra}
    data = xr.Dataset(
        {"status": ("power", np.ones(len(powers), int)), **values},
        coords={"power": ("power", powers, {"units": "W"})},
    )
    return SweepResult(Record("sweep"), data)


def test_sweeps_are_compared_at_the_points_that_both_have():
    a = sweep([1.0, 2.0, 3.0], [1e-6, 2e-6, 3e-6])
    assert compare(a, sweep([3.0, 2.0], [3e-6, 2e-6])).values == ()
    (found,) = compare(a, sweep([2.0, 3.0, 4.0], [2e-6, 4e-6, 5e-6])).values
    assert found.relative == pytest.approx(1 / 3)
    assert (found.first, found.second) == ("3 µK", "4 µK")


ROWS = (
    Answer("trap.depth", "depth", 32e-6, "K", "temperature", error=3e-6),
    Answer("laser.width", "width", math.nan, "rad/s", "angular", reason="it does not lase"),
    Answer("laser.gain", "gain", 0.25),
)


def folder(path, rows, experiment):
    path.mkdir()
    write_answers(path, Answers(path.name, rows), kind="trap")
    (path / "experiment.json").write_text(json.dumps(experiment))
    return path


def run(*arguments):
    found = CliRunner().invoke(main, ["compare", *map(str, arguments)])
    return found.exit_code, found.output


def test_two_folders_of_answers_on_the_command_line(tmp_path):
    depth = Answer("trap.depth", "depth", 40e-6, "K", "temperature", input_error=4e-6)
    a = folder(tmp_path / "a", ROWS, {"title": "one", "trap": {"power": 0.1}})
    b = folder(tmp_path / "b", (depth, *ROWS[1:2]), {"title": "two", "trap": {"power": 0.2}})
    assert run(a, a)[0] == 0
    status, text = run(a, b)
    assert status == 1
    assert "trap.power  0.1 | 0.2  (+100 %)" in text
    assert "trap.depth  32.0 ± 3.0 µK | 40.0 ± 4.0 µK  (+25 %, 1.6 combined errors)" in text
    assert "only in A\n  laser.gain" in text
    assert "title" not in text
    assert run(a / "answers.json", b / "answers.json") == (status, text.replace(f"{a}\n", f"{a}/answers.json\n")
                                                           .replace(f"{b}\n", f"{b}/answers.json\n"))  # fmt: skip
    status, text = run(a, tmp_path / "missing")
    assert status == 2
    assert "no such result file" in text


def test_two_studies_on_the_command_line(tmp_path):
    for name, computed in (("a", 1.0), ("b", 1.02)):
        (tmp_path / name).mkdir()
        row = {"id": "q", "quantity": "q", "published": 1.0, "computed": computed, "unit": "m", "verdict": "", "remark": ""}  # fmt: skip
        (tmp_path / name / "values.json").write_text(
            json.dumps([row, {**row, "id": "r", "computed": [1, None]}])
        )
    status, text = run(tmp_path / "a", tmp_path / "b")
    assert status == 1
    assert "q  1 m | 1.02 m  (+2 %)" in text
    assert run(tmp_path / "a", tmp_path / "b", "--tolerance", "0.03")[0] == 0


def test_two_files_on_the_command_line(tmp_path):
    a = trace().save(tmp_path / "a.nc")
    b = trace(power=np.array([1.0, 2.5, math.nan])).save(tmp_path / "b.nc")
    assert run(a, a)[0] == 0
    assert "power  2.00 ± 0.30 W | 2.50 ± 0.30 W" in run(a, b)[1]
