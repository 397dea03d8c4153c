"""Everything the package saves is read back as what it was: values, units, record, seeds."""

import ast
import dataclasses
import importlib
import json
import math
import typing
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.results import Answer, Answers, Record
from atomcavity.results.kinds import FORMAT, KINDS

SOURCE = Path(ac.__file__).parent
SWEPT = "atomcavity.sweeps.result:SweepResult"
RECORD = Record(
    method="by hand",
    reason="a test",
    seed=2**60 + 1,
    residual=1e-9,
    neglected=1e-5,
    warnings=("g and κ are close",),
    parameters={"a": [1, 2.5, None, True, "x"], "b": {"c": math.pi}},
)


def _classes():
    """Names of all classes of the source that descend from Result."""
    bases = {}
    for path in SOURCE.rglob("*.py"):
        module = ".".join(("atomcavity", *path.relative_to(SOURCE).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                names = {b.id if isinstance(b, ast.Name) else getattr(b, "attr", "") for b in node.bases}
                bases[node.name] = (f"{module}:{node.name}", names)
    found, before = {"Result"}, set()
    while found != before:
        before = set(found)
        found |= {name for name, (_, parents) in bases.items() if parents & found}
    return {bases[name][0] for name in found - {"Result"}}


def test_the_table_of_kinds_is_complete():
    assert _classes() == KINDS


def made(name):
    """An instance of a kind of result with values in every field, some of them not known."""
    module, _, of = name.partition(":")
    kind = getattr(importlib.import_module(module), of)
    sizes = {"component": 3, "axis": 3, "xyz": 3, "row": 3, "column": 3}
    rng, values = np.random.default_rng(1), {"record": RECORD}
    for f in kind._quantities():
        shape = tuple(sizes.setdefault(dim, 6 + len(sizes)) for dim in f.metadata["dims"])
        written = str(typing.get_type_hints(kind)[f.name]).replace("np.", "")
        if "str" in written:
            value = np.array([f"näme {k}" for k in range(math.prod(shape))]).reshape(shape)
        elif "complex" in written:
            value = rng.normal(size=shape) + 1j * rng.normal(size=shape)
        elif "int" in written:
            value = rng.integers(0, 3, shape)
        elif "bool" in written:
            value = rng.random(shape) < 0.5
        elif f.metadata["coordinate"] or f.metadata["dims"] == (f.name,):
            value = np.linspace(0.0, 1.0, shape[0])
        else:
            value = rng.normal(size=shape)
            if kind.__name__ != "FieldMap":
                value = np.where(rng.random(shape) < 0.2, np.nan, value)
        values[f.name] = value if shape else np.asarray(value).item()
    return kind(**values)


@pytest.mark.parametrize("name", sorted(KINDS - {SWEPT}))
def test_every_kind_comes_back_as_it_was(tmp_path, name):
    result = made(name)
    again = ac.load(result.save(tmp_path / "x.nc"))
    assert type(again) is type(result)
    assert again.record == result.record
    for f in dataclasses.fields(result):
        if f.name != "record":
            was, now = np.asarray(getattr(result, f.name)), np.asarray(getattr(again, f.name))
            assert (was.dtype.kind, was.shape) == (now.dtype.kind, now.shape), f.name
            np.testing.assert_array_equal(now, was)
            assert now.dtype.isnative
    assert again.to_xarray().identical(result.to_xarray())  # with units, labels and record


def test_what_was_computed_comes_back_as_it_was(tmp_path):
    system = ac.CavitySystem(
        [ac.Emitters(2, g=3.0, gamma=0.2, pump_rate=1.5)], [ac.CavityMode(4.0, kappa_ext=1)]
    )
    for result in (
        ac.steady_state(system),
        ac.spectrum(system, [-1.0, 0.0, 1.0]),
        ac.clicks(system, 20.0, seed=5),
        ac.find_crystal([1, 1, 1], 5, seed=3),
    ):
        again = ac.load(result.save(tmp_path / "x.nc"))
        assert type(again) is type(result)
        assert json.loads(again.record.to_json()) == json.loads(result.record.to_json())
        assert again.to_xarray().equals(result.to_xarray())
        assert str(again) == str(result)


def test_other_programs_read_the_files(tmp_path):
    result = made("atomcavity.dynamics.results:Spectrum")
    with xr.open_dataset(result.save(tmp_path / "x.nc"), engine="h5netcdf") as there:
        assert there.load().equals(result.to_xarray())
        assert there["detuning"].attrs["units"] == "rad/s"
        assert there.attrs["format"] == FORMAT
        assert there.attrs["written_by"] == f"atomcavity {ac.__version__}"


def test_click_records_come_back_as_time_tags(tmp_path):
    clicks = made("atomcavity.detection.records:ClickRecords")
    path = clicks.save(tmp_path / "x.nc")
    assert ac.read_time_tags(path).to_xarray().identical(clicks.to_xarray())
    with pytest.raises(InputError, match="holds a Spectrum, not ClickRecords"):
        ac.read_time_tags(made("atomcavity.dynamics.results:Spectrum").save(path))


DEPTH = Answer("trap.depth", "depth", 32e-6, "K", "temperature", error=1e-6, input_error=2e-6)
NONE = Answer("laser.width", "linewidth", math.nan, "rad/s", "angular", reason="it does not lase")


def _folder(path, answers):
    from atomcavity.reports import write_answers

    path.mkdir()
    write_answers(path, answers, kind="trap")
    for name, result in answers.results.items():
        result.save(path / f"{name}.nc")
    return path


def test_a_folder_of_answers_comes_back_with_its_results(tmp_path):
    spectrum = made("atomcavity.dynamics.results:Spectrum")
    answers = Answers("t", (DEPTH, NONE), {"spectrum": spectrum}, ("g is large",))
    folder = _folder(tmp_path / "run", answers)
    again = ac.load(folder)
    assert (again.title, again.warnings, again["trap.depth"]) == ("t", ("g is large",), DEPTH)
    assert math.isnan(again["laser.width"].value)
    assert again["laser.width"].reason == NONE.reason
    assert again.results["spectrum"].to_xarray().identical(spectrum.to_xarray())
    assert ac.load(folder / "answers.json").keys() == again.keys()


def test_the_numbers_of_a_study_are_read(tmp_path):
    rows = [
        {"id": "a", "quantity": "q", "published": [1, 2], "computed": [1.5, None], "unit": "m", "verdict": "v", "remark": ""},
        {"id": "b", "quantity": "q", "published": None, "computed": 3, "unit": "", "verdict": "v", "remark": "r"},
    ]  # fmt: skip
    (tmp_path / "values.json").write_text(json.dumps(rows))
    found = ac.load(tmp_path)
    assert found.keys() == ("a", "b")
    assert found["a"].published == (1.0, 2.0)
    assert math.isnan(found["a"].computed[1])
    assert (found["b"].published, found["b"].computed) == (None, 3.0)
    assert "b  3" in str(found)
    with pytest.raises(InputError, match="unknown number"):
        found["c"]


def test_what_load_does_not_read_is_named(tmp_path):
    for name, sentence in (
        ("x.ptu", "read_time_tags"),
        ("x.csv", "read_field"),
        ("x.toml", "atomcavity run"),
        ("x.nc", "no netCDF file"),
    ):
        (tmp_path / name).write_text("something")
        with pytest.raises(InputError, match=sentence):
            ac.load(tmp_path / name)
    with pytest.raises(InputError, match="none of"):
        ac.load(tmp_path)
    (tmp_path / ".atomcavity-sweep").touch()
    with pytest.raises(InputError, match="no result yet"):
        ac.load(tmp_path)
    with pytest.raises(InputError, match="no such result file"):
        ac.load(tmp_path / "missing")
