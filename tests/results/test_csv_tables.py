"""Tables of results as text: columns with units, what is no table above, and back again."""

import csv
import math

import numpy as np
import pytest
import test_loading_every_kind as kinds

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.results import Answer, Answers, Record
from atomcavity.results.kinds import KINDS


def read(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    above = [line for line in lines if line.startswith("#")]
    head, *rows = csv.reader(lines[len(above) :])
    return above, head, rows


@pytest.mark.parametrize("name", sorted(KINDS - {kinds.SWEPT}))
def test_every_kind_has_a_table(tmp_path, name):
    above, head, rows = read(kinds.made(name).to_csv(tmp_path / "x.csv"))
    assert len(set(head)) == len(head)
    assert rows
    assert all(len(row) == len(head) for row in rows)
    assert above[0].endswith(" by by hand")


def test_columns_have_units_and_all_values(tmp_path):
    result = kinds.made("atomcavity.dynamics.results:Evolution")
    _, head, rows = read(result.to_csv(tmp_path / "x.csv"))
    assert head[0] == "time (s)"
    table = np.array(rows, float)
    np.testing.assert_array_equal(table[:, 0], result.time)
    np.testing.assert_array_equal(table[:, head.index("photon_number[1]")], result.photon_number[1])
    both = (
        table[:, head.index("mode_correlation_re[1, 2]")]
        + 1j * table[:, head.index("mode_correlation_im[1, 2]")]
    )
    np.testing.assert_array_equal(both, result.mode_correlation[1, 2])


def test_what_is_no_table_stands_above(tmp_path):
    result = kinds.made("atomcavity.dynamics.results:Spectrum")
    assert read(result.to_csv(tmp_path / "x.csv", rows="detuning"))[1] == [
        "detuning (rad/s)",
        "density (photons s)",
    ]
    above, head, _ = read(result.to_csv(tmp_path / "x.csv", rows="peak"))
    assert head == ["peak (rad/s)", "full_width (rad/s)", "full_width_error (rad/s)"]
    assert any(line.startswith("# coherent = ") for line in above)
    with pytest.raises(InputError, match="unknown dimension 'peek'; did you mean 'peak'"):
        result.to_csv(tmp_path / "x.csv", rows="peek")
    with pytest.raises(InputError, match="appears twice"):
        result.to_csv(tmp_path / "x.csv", rows=["peak", "peak"])


def test_a_field_map_goes_through_a_table_and_back(tmp_path):
    y, z = np.linspace(-1e-6, 1e-6, 7), np.linspace(0, 2e-6, 600)
    field = np.random.default_rng(1).normal(size=(3, 7, 600)) * (1 + 2j)
    result = ac.FieldMap(Record("by hand"), y, z, field, 9e-7, "mixed", 1.0)
    with pytest.raises(
        InputError, match=r"E_re has 1800 values for each line.*rows=\['y', 'component', 'z'\]"
    ):
        result.to_csv(tmp_path / "x.csv", rows="y")
    assert list(tmp_path.iterdir()) == []
    path = result.to_csv(tmp_path / "x.csv", rows=["y", "z"])
    assert read(path)[1] == ["y (m)", "z (m)", *(f"E_{p}[{c}] (V/m)" for p in ("re", "im") for c in "xyz")]
    columns = ("y", "z", *(f"E{c}.{p}" for p in ("re", "im") for c in "xyz"))
    again = ac.read_field(path, wavelength=9e-7, columns=columns, time="exp(-i omega t)")
    np.testing.assert_array_equal(again.E, field)


def test_click_records_go_through_a_table_and_back(tmp_path):
    clicks = kinds.made("atomcavity.detection.records:ClickRecords")
    clicks = type(clicks)(**{**clicks.__dict__, "time": np.linspace(0.1, 1, len(clicks.time))})
    again = ac.read_time_tags(clicks.to_csv(tmp_path / "x.csv"))
    np.testing.assert_array_equal(again.time, clicks.time)


def test_answers_as_a_table(tmp_path):
    rows = (
        Answer("trap.depth", "depth, of all", 32e-6, "K", "temperature", error=1e-6),
        Answer("laser.width", "width", math.nan, "rad/s", "angular", reason="no light"),
    )
    assert Answers("t", rows).to_csv(tmp_path / "x.csv").read_text() == (
        "key,label,value (SI),unit,error,input_error,reason\n"
        'trap.depth,"depth, of all",3.2e-05,K,1e-06,0.0,\n'
        "laser.width,width,nan,rad/s,0.0,0.0,no light\n"
    )
    with pytest.raises(InputError, match="does not exist"):
        Answers("t", rows).to_csv(tmp_path / "no" / "x.csv")
