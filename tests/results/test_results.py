"""Results carry their record, and survive a file."""

import json
from dataclasses import dataclass

import numpy as np
import pytest

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.results import Record, Result, quantity


@dataclass(frozen=True, eq=False, repr=False)
class Sample(Result):
    time: np.ndarray = quantity("time", unit="s", label="time")
    field: np.ndarray = quantity("time", unit="V/m", label="field")
    count: int = quantity(label="how many")


def sample():
    record = Record(
        method="by hand",
        reason="a test",
        seed=3,
        warnings=("g and κ are close",),
        parameters={"n": 1, "b": True},
    )
    return Sample(record=record, time=np.array([0.0, 1.0]), field=np.array([1 + 2j, 3 - 1j]), count=5)


def test_round_trip_through_a_file(tmp_path):
    result = sample()
    again = ac.load(result.save(tmp_path / "sample.nc"))
    assert isinstance(again, Sample)
    np.testing.assert_array_equal(again.field, result.field)
    assert again.count == 5
    assert again.record == Record(**{**result.record.__dict__, "residual": again.record.residual})
    assert np.isnan(again.record.residual)


def test_dataset_has_units_and_labels():
    dataset = sample().to_xarray()
    assert dataset["field_re"].attrs == {"units": "V/m", "long_name": "field"}
    assert json.loads(dataset.attrs["record"])["parameters"] == {"n": 1, "b": True}
    assert "time" in dataset.coords


def test_print_shows_method_reason_and_warning():
    text = str(sample())
    assert text.startswith("Sample by by hand (a test)")
    assert "warning: g and κ are close" in text


def test_saving_into_a_missing_folder_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        sample().save(tmp_path / "no" / "sample.nc")
    assert list(tmp_path.iterdir()) == []


def test_loading_something_else_is_one_sentence(tmp_path):
    (tmp_path / "x.nc").write_text("not netCDF")
    for path in (tmp_path / "x.nc", tmp_path / "missing.nc"):
        with pytest.raises(InputError):
            ac.load(path)


def test_a_saved_file_can_be_read_by_whom_the_user_allows(tmp_path):
    (tmp_path / "plain").write_text("")
    path = sample().save(tmp_path / "sample.nc")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plain", "sample.nc"]


def test_a_broken_record_is_one_sentence(tmp_path):
    dataset = sample().to_xarray()
    dataset.attrs["record"] = "{"
    dataset.to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    with pytest.raises(InputError, match="not a result"):
        ac.load(tmp_path / "x.nc")
