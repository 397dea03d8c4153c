"""Damaged, foreign and malicious result files: one sentence, nothing else, and no memory taken on their word."""

import json
import math
import os
import time

import h5py
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import atomcavity as ac
from atomcavity.detection.records import ClickRecords
from atomcavity.errors import InputError
from atomcavity.results import Answers, Record, netcdf
from atomcavity.results.json_data import json_data
from atomcavity.results.seal import seal
from atomcavity.results.study_values import StudyValues


def clicks():
    return ClickRecords(
        Record("given", parameters={"a": 1}),
        time=np.array([1.0, 2.5, 6.0]),
        channel=np.array([0, 1, 0]),
        run=np.zeros(3, int),
        labels=np.array(["mode 0", "mode 1"]),
        duration=10.0,
        runs=1,
        period=math.nan,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a saved result."""
    return clicks().save(tmp_path_factory.mktemp("whole") / "x.nc").read_bytes()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile") / "x.nc"


def refused(path):
    """The sentence with which a file is refused."""
    with pytest.raises(InputError) as problem:
        ac.load(path)
    text = str(problem.value)
    assert "\n" not in text
    assert len(text) < 1000
    return text


@pytest.fixture
def inside(monkeypatch):
    """Files without a seal are read at once, not first by a process of their own (which takes its time)."""
    monkeypatch.setattr(netcdf, "_try", lambda path: None)


def changed(place, whole, change):
    """A saved file that a program changed, which cuts the seal off."""
    place.write_bytes(whole)
    with h5py.File(place, "r+") as file:
        change(file)
    return place


@given(st.binary(max_size=300))
@example(b"CDF\x01" + bytes(100))
@settings(max_examples=60)
def test_random_bytes_are_refused(place, data):
    place.write_bytes(data)
    refused(place)


@pytest.mark.parametrize("data", [b"", b"abc", bytes(3000), b"\xff" * 3000])
def test_what_only_begins_like_hdf5_is_refused(place, inside, data):
    place.write_bytes(b"\x89HDF\r\n\x1a\n" + data)
    refused(place)


SEAL = len(b"\natomcavity sha256 ") + 64 + 1


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
@settings(max_examples=150)
def test_no_changed_byte_passes(place, whole, where, by):
    content = bytearray(whole)
    content[int(where * (len(whole) - SEAL))] ^= by
    place.write_bytes(content)
    assert ("checksum does not fit" in refused(place)) or content[:8] != whole[:8]


@given(st.floats(0, 1, exclude_max=True))
@settings(max_examples=30)
def test_no_part_of_a_file_passes(place, whole, where):
    place.write_bytes(whole[: int(where * (len(whole) - SEAL))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(netcdf, "_try", lambda path: None)
        refused(place)


@pytest.mark.parametrize("at", [-SEAL, -SEAL + 5, -30, -1])
def test_a_damaged_seal_is_none_or_does_not_fit(place, whole, at):
    content = bytearray(whole)
    content[at] ^= 1
    place.write_bytes(content)
    if at == -30:
        assert "checksum does not fit" in refused(place)
    else:
        assert ac.load(place).runs == 1  # the file itself is whole


def test_a_file_that_a_program_changed_is_read_by_a_process_of_its_own_first(place, whole, monkeypatch):
    changed(place, whole, lambda file: file.attrs.modify("written_by", "by hand"))
    assert ac.load(place).to_xarray()["time"].values.tolist() == [1.0, 2.5, 6.0]
    monkeypatch.setattr(netcdf, "trial_code", "import os; os.abort()")
    assert "the HDF5 library fails on it" in refused(place)
    monkeypatch.setattr(netcdf, "trial_code", "import time; time.sleep(60)")
    monkeypatch.setattr(netcdf, "_PATIENCE", 0.1)
    assert "does not come to an end" in refused(place)


def test_a_file_that_makes_hdf5_loop_for_ever_is_refused(place, whole, monkeypatch):
    """The heap of the dimension lists says that an object has no length: the library steps on the spot."""
    at = whole.index(b"GCOL")
    content = bytearray(whole[: len(whole) - 84])
    content[at + 16 : at + 16 + 40] = bytes(40)
    place.write_bytes(content)
    monkeypatch.setattr(netcdf, "_PATIENCE", 1.5)
    refused(place)


def test_the_trial_says_what_it_found(place, whole, capfdbinary):
    assert netcdf.trial(str(changed(place, whole, lambda file: None))) == 0
    assert netcdf.trial(str(changed(place, whole, lambda file: file.create_group("g")))) == 2
    assert b"a group or a link" in capfdbinary.readouterr().out


def _bomb(file):
    file.create_dataset("bomb", (10**6, 10**6), float, chunks=(1000, 1000))


def _text_bomb(file):
    file.create_dataset("bomb", (10**12,), h5py.string_dtype(), chunks=(1000,))


def _long_text_bomb(file):
    file.create_dataset("bomb", (10**4,), h5py.string_dtype(length=10**9), chunks=(1,))


def _outside(file):
    file.create_dataset("y", (4,), "u1", external=[("/etc/passwd", 0, 4)])


def _virtual(file):
    layout = h5py.VirtualLayout((4,), float)
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "y", (4,))
    file.create_virtual_dataset("y", layout)


def _linked(file):
    file["y"] = h5py.ExternalLink("/tmp/other.h5", "/y")


def _soft(file):
    file["y"] = h5py.SoftLink("/y")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_bomb, r"declares 8 TB of data, which it does not hold"),
        (_text_bomb, r"declares 16 TB of data"),
        (_long_text_bomb, r"declares 10 TB of data"),
        (_outside, "in another file, which is not read"),
        (_virtual, "in another file, which is not read"),
        (_linked, "a group or a link"),
        (_soft, "a group or a link"),
        (lambda file: file.create_dataset("y", (3,), h5py.vlen_dtype(float)), "neither numbers nor text"),
        (lambda file: file.create_dataset("y", (3,), [("a", float), ("b", int)]), "neither numbers nor text"),
        (
            lambda file: file.create_dataset("y", (3,), h5py.opaque_dtype(np.dtype("M8[s]"))),
            "neither numbers",
        ),
        (
            lambda file: file.create_dataset("y", (3,), float, compression="lzf"),
            "compressed in an unknown way",
        ),
        (lambda file: file.create_dataset("y", data=h5py.Empty(float)), "no shape"),
        (lambda file: file.__delitem__("time"), "has no 'time'.*atomcavity 0.1.0.*compute it again"),
        (lambda file: file["duration"].attrs.create("scale_factor", 3.0), "is scaled"),
    ],
)
def test_bombs_and_other_files_are_refused(place, whole, inside, change, sentence):
    start = time.perf_counter()
    with pytest.raises(InputError, match=sentence):
        ac.load(changed(place, whole, change))
    refused(place)
    assert time.perf_counter() - start < 2


def _other(name, data, dims=None):
    def change(file):
        labels = file[name].attrs["long_name"]
        scales = dims or [scale[0] for scale in file[name].dims]
        del file[name]
        new = file.create_dataset(name, data=data)
        new.attrs["long_name"] = labels
        for k, scale in enumerate(scales):
            new.dims[k].attach_scale(scale)

    return change


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("time", np.zeros(4), "."),
        ("time", np.array(["a", "b", "c"], dtype=object), "'time' of the ClickRecords must be numbers"),
        ("labels", np.zeros(2), "'labels' of the ClickRecords must be text"),
    ],
)
def test_wrong_shapes_and_types_are_refused(place, whole, inside, name, data, sentence):
    with pytest.raises(InputError, match=sentence):
        ac.load(changed(place, whole, _other(name, data)))


def test_a_number_where_an_array_belongs(place, whole, inside):
    def change(file):
        del file["time"]
        file["time"] = 3.0

    assert "'time' of the ClickRecords is over ()" in refused(changed(place, whole, change))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("result", "os:system", "holds no result of this package"),
        ("result", "atomcavity.cli:main", "holds no result of this package"),
        ("result", "atomcavity.dynamics.results:os", "holds no result of this package"),
        ("result", 7, "holds no result of this package"),
        ("record", "{", "not JSON"),
        ("record", "[" * 100_000, "nested too deeply"),
        ("record", '{"seed": ' + "1" * 5000 + "}", "not JSON"),
        ("record", "[]", "no record"),
        ("record", "{}", "damaged"),
        ("record", '{"method": 3}', "damaged: method = '3'"),
        ("record", '{"method": "m", "parameters": []}', "damaged: parameters"),
        ("record", '{"method": "m", "seed": "x"}', "damaged"),
        ("record", '{"method": "m", "warnings": 3}', "damaged"),
        ("record", '{"method": "m", "neglected": "x"}', "damaged: neglected"),
        ("record", '{"method": "m", "residual": []}', "damaged"),
        ("record", 3.0, "no record"),
        ("format", 3, "written by .*atomcavity 9.1.* in format 3; this is atomcavity .*upgrade"),
        ("format", 0, "is no version"),
        ("format", "x", "is no version"),
        ("format", math.inf, "is no version"),
        ("format", 10**18, "upgrade"),
    ],
)
def test_wrong_attributes_are_refused(place, whole, inside, name, value, sentence):
    def change(file):
        file.attrs["written_by"] = "atomcavity 9.1\nX"
        file.attrs[name] = value

    with pytest.raises(InputError, match=sentence):
        ac.load(changed(place, whole, change))
    refused(place)


def test_a_sweep_without_its_parts_is_refused(place, whole, inside):
    def change(file):
        file.attrs["result"] = "atomcavity.sweeps.result:SweepResult"

    assert "lacks status, seed, failure_point, failure_message" in refused(changed(place, whole, change))


def test_no_module_is_imported_on_the_word_of_a_file(place, whole, inside, tmp_path, monkeypatch):
    import sys

    before = set(sys.modules)
    for name in ("this:that", "atomcavity.explorer:App", "antigravity:x"):
        refused(changed(place, whole, lambda file, name=name: file.attrs.modify("result", name)))
    assert not {name for name in set(sys.modules) - before if name.startswith(("this", "antigr", "atomcav"))}


def test_files_of_the_first_format_are_read():
    """They have no attribute of the format and no seal; the package itself keeps one."""
    path = next(netcdf.Path(ac.__file__).parent.glob("studies/ion_laser/crystal-10000.nc"))
    with h5py.File(path) as file:
        assert "format" not in file.attrs
    found = ac.load(path)
    assert found.ions == 10_000
    assert found.record.seed == 0


def test_a_file_of_the_first_format_that_lacks_a_quantity_says_so(place, whole, inside):
    def change(file):
        del file.attrs["format"], file.attrs["written_by"], file["period"]

    assert "a version that did not know it (atomcavity 0.1.0); compute it again" in refused(
        changed(place, whole, change)
    )


def test_a_damaged_file_with_a_seal_of_its_own_is_refused(place, whole):
    place.write_bytes(b"\x89HDF\r\n\x1a\n" + b"x" * 100)
    seal(place)
    assert "damaged or no netCDF file" in refused(place)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["answers", "title", "warnings", "remarks", "key", "value", "unit", "format", "kind", "id"]), inner
        )
    ),
    max_leaves=12,
)  # fmt: skip


@given(PLAIN, st.binary(max_size=20))
def test_json_is_answers_or_refused(tmp_path_factory, value, tail):
    path = tmp_path_factory.getbasetemp() / "answers.json"
    for content in (json.dumps(value).encode(), json.dumps(value).encode() + tail, tail):
        path.write_bytes(content)
        try:
            found = ac.load(path)
        except InputError as problem:
            sentence = str(problem)
        else:
            assert isinstance(found, Answers | StudyValues)
            sentence = ""
            assert str(found) is not None
        assert "\n" not in sentence


ROW = {"key": "a.b", "label": "x", "value": 1.0, "unit": "1", "kind": ""}


@pytest.mark.parametrize(
    "row",
    [
        {"value": 10**400},
        {"value": "x"},
        {"value": None},
        {"value": math.inf},
        {"error": []},
        {"key": 3},
        {"label": {}},
        {"reason": 1},
        {"unknown": 1},
        {"kind": "speed"},
    ],
)
def test_wrong_answers_are_refused(tmp_path, row):
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({"title": "", "answers": [{**ROW, **row}], "warnings": []}))
    refused(path)
    path.write_text(json.dumps({"title": "", "answers": [ROW], "warnings": []}))
    assert ac.load(path)["a.b"].value == 1


def test_answers_of_a_newer_version_are_refused(tmp_path):
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({"format": 9, "written_by": "atomcavity 7.0", "title": "", "answers": []}))
    assert "written by atomcavity 7.0 in format 9" in refused(path)


def test_deep_and_large_json_is_refused(tmp_path, monkeypatch):
    for text in ("[" * 200_000, '{"a":' * 200_000, "1" * 10_000):
        with pytest.raises(InputError):
            json_data(text, "x")
    path = tmp_path / "answers.json"
    path.write_text("")
    os.truncate(path, 200_000_000)  # a hole: it takes no room
    assert "200 MB: at most 100 MB" in refused(path)


def test_a_place_that_the_system_refuses_to_read_is_one_sentence(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        ac.load("x" * 5000)
    (tmp_path / "x.json").write_text("[]")
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda _: (_ for _ in ()).throw(PermissionError(13, "no")))
    with pytest.raises(InputError, match=r"x.json cannot be read: no$"):
        ac.load(tmp_path / "x.json")
