"""Damaged, foreign and malicious files: every reader answers with one sentence, and no file makes code run."""

import ast
import contextlib
import json
import math
import struct
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.experiments import check_data, read_experiment
from atomcavity.loading.waveform import read_waveform

SOURCE = Path(ac.__file__).parent
EXAMPLES = sorted(SOURCE.glob("studies/*/experiment.toml"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


def read(reader, path, **more):
    """What a reader makes of a file; None if it refuses it (warnings are errors here)."""
    try:
        return reader(path, **more)
    except InputError as problem:
        text = str(problem)
    assert text
    assert max(map(len, text.splitlines())) < 2000
    return None


def one(reader, path, **more):
    """The one sentence with which a reader refuses a file."""
    with pytest.raises(InputError) as problem:
        reader(path, **more)
    assert "\n" not in str(problem.value)
    assert len(str(problem.value)) < 1000
    return str(problem.value)


# Experiment files


@given(st.binary(max_size=200) | st.text(alphabet="[]=\"x.#\n{}'1e-_, ", max_size=80).map(str.encode))
@example(b"\xff\xfe")
@example(b"kind = [" + b"[" * 5000)
@example(b"kind = " + b"1" * 5000)
@example(b"kind = " + b"{a=" * 3000)
def test_random_bytes_are_no_experiment(place, content):
    (place / "x.toml").write_bytes(content)
    one(read_experiment, place / "x.toml")


LEAVES = st.one_of(
    st.none().map(lambda _: math.nan),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.just(10**400),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["1 um", "1e400 um", "-3 MHz", "1(1) um", "0 K", "9e300 m", "1 ± 1e400 um", "٣ um", "1e5000 m"]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.lists(st.dictionaries(st.text(max_size=3), st.integers(), max_size=2), max_size=2),
)  # fmt: skip


def _places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        for k, item in enumerate(value):
            yield from _places(item, (*path, k))


DATA = [tomllib.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES]
WHERE = [(k, path) for k, data in enumerate(DATA) for path in _places(data) if path]


@given(st.sampled_from(WHERE), LEAVES)
@settings(max_examples=600)
def test_any_value_at_any_key_is_allowed_or_refused(where, value):
    number, (*tables, last) = where
    data = json.loads(json.dumps(DATA[number]))
    inside = data
    for name in tables:
        inside = inside[name]
    inside[last] = value
    with contextlib.suppress(InputError):
        check_data(data)


@given(st.sampled_from(WHERE), st.text(max_size=10), LEAVES)
@settings(max_examples=100)
def test_unknown_keys_are_refused(where, key, value):
    number, (*tables, _) = where
    data = json.loads(json.dumps(DATA[number]))
    inside = data
    for name in tables:
        inside = inside[name]
    if isinstance(inside, list) or key in inside:
        return
    inside[key] = value
    with contextlib.suppress(InputError):
        check_data(data)


@given(st.text(max_size=30))
@example("kind")
@example("=")
@example("a.b.c.d=[[[[")
@example("kind.x=3")
@example("sphere.radius=" + "1" * 5000)
@example("sphere.radius=" + "[" * 5000)
@example("sphere..radius=3")
@example('"sphere".radius=3')
def test_any_change_on_the_command_line(change):
    read(read_experiment, EXAMPLES[0], changes=[change])


def test_a_large_file_is_no_experiment(place):
    with (place / "x.toml").open("wb") as file:
        file.truncate(10**12)  # a hole
    assert "1000000000000 bytes; an experiment file has at most 1000000" in one(
        read_experiment, place / "x.toml"
    )


# Time tags

NUMBERS = st.sampled_from(
    ["1", "0", "-1", "1e400", "nan", "inf", "x", "", "1.5", "9" * 30, "1e300", "#", "\x00", "1e-320"]
)


@given(
    st.sampled_from(["time (s)", "time (ns),channel", "channel;time [ps]", "time", '"time (s)"', "# time (s)\ntime (s)"]),
    st.lists(st.lists(NUMBERS, min_size=1, max_size=3).map(",".join), max_size=5),
    st.none() | st.floats(),
)  # fmt: skip
@settings(max_examples=200)
def test_tables_of_time_tags_are_read_or_refused(place, heading, rows, duration):
    (place / "x.csv").write_text("\n".join([heading, *rows]))
    found = read(ac.read_time_tags, place / "x.csv", duration=duration)
    if found is not None:
        assert np.all(np.isfinite(found.time))
        assert found.duration >= found.time.max()


@given(st.binary(max_size=100), st.sampled_from(["x.csv", "x.ptu", "x.txt", "x.nc"]))
@settings(max_examples=150)
def test_random_bytes_are_no_time_tags(place, content, name):
    (place / name).write_bytes(content)
    read(ac.read_time_tags, place / name)


def _ptu(kind=0x00010203, records=4, rate=1e-12, words=b"\0" * 16):
    """A file of PicoQuant with four records."""
    tags = [
        ("TTResultFormat_TTTRRecType", 0x10000008, struct.pack("<q", kind)),
        ("TTResultFormat_BitsPerRecord", 0x10000008, struct.pack("<q", 32)),
        ("MeasDesc_RecordType", 0x10000008, struct.pack("<q", 2)),
        ("MeasDesc_GlobalResolution", 0x20000008, struct.pack("<d", rate)),
        ("MeasDesc_Resolution", 0x20000008, struct.pack("<d", rate)),
        ("Measurement_Mode", 0x10000008, struct.pack("<q", 2)),
        ("TTResult_NumberOfRecords", 0x10000008, struct.pack("<q", records)),
        ("Header_End", 0xFFFF0008, bytes(8)),
    ]
    head = b"PQTTTR\0\0" + b"1.0.00\0\0"
    return (
        head
        + b"".join(n.encode().ljust(32, b"\0") + struct.pack("<iI", -1, t) + v for n, t, v in tags)
        + words
    )


@given(
    st.sampled_from([0x00010203, 0x00010303, 0x01010204, 0x01010304, 0x00010205, 0x00010207, 5]),
    st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 8),
    st.sampled_from([1e-12, 0.0, -1.0, math.nan, math.inf, 1e300]),
    st.binary(min_size=16, max_size=16),
)
@settings(max_examples=150)
def test_ptu_files_with_wild_heads_are_read_or_refused(place, kind, records, rate, words):
    (place / "x.ptu").write_bytes(_ptu(kind, records, rate, words))
    found = read(ac.read_time_tags, place / "x.ptu")
    if found is not None:
        assert np.all(np.isfinite(found.time))
        assert np.all(found.time >= 0)
        assert math.isfinite(found.duration)


@given(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8))
@settings(max_examples=200)
def test_damaged_ptu_files_are_read_or_refused(place, where, noise):
    content = bytearray(_ptu(words=struct.pack("<4I", 5, 1 << 25, 9, 3 << 25)))
    at = int(where * len(content))
    content[at : at + len(noise)] = noise
    (place / "x.ptu").write_bytes(content)
    read(ac.read_time_tags, place / "x.ptu")
    (place / "x.ptu").write_bytes(content[:at])
    read(ac.read_time_tags, place / "x.ptu")


def test_overflows_beyond_64_bits_are_refused(place):
    """Each record claims 2^25 overflows of 2^25 ticks: after 2^13 of them the ticks do not fit into 64 bits."""
    words = np.full(20_000, (1 << 31) | (63 << 25) | 0x1FFFFFF, "<u4").tobytes() + struct.pack("<I", 5)
    (place / "x.ptu").write_bytes(_ptu(0x01010204, 20_001, 1e-12, words))
    assert "longer than 64 bits" in one(ac.read_time_tags, place / "x.ptu")


# Fields and waveforms

CELLS = st.sampled_from(
    ["0", "1", "2", "-1", "1+2i", "nan", "inf", "1e300", "1e-300", "x", "%", "1e400", "9" * 400]
)


@given(
    st.sampled_from(["", "% Length unit: nm\n", "% Length unit: parsec\n", "y z Ey\n"]),
    st.lists(st.lists(CELLS, min_size=2, max_size=4).map(" ".join), max_size=12),
)
@settings(max_examples=200)
def test_tables_of_a_field_are_read_or_refused(place, heading, rows):
    (place / "x.txt").write_text(heading + "\n".join(rows))
    read(ac.read_field, place / "x.txt", wavelength=1e-6, columns=["y", "z", "Ex"], time="exp(-i omega t)")


@given(st.binary(max_size=100))
def test_random_bytes_are_no_field_and_no_waveform(place, content):
    (place / "x.txt").write_bytes(content)
    one(ac.read_field, place / "x.txt", wavelength=1e-6, source="comsol")
    one(read_waveform, place / "x.txt")


def test_points_on_a_line_do_not_take_the_memory_of_a_square(place):
    """A grid of all their coordinates would have 4 x 10^10 points."""
    (place / "x.txt").write_text("\n".join(f"{k} {k} 1" for k in range(200_000)))
    sentence = one(
        ac.read_field, place / "x.txt", wavelength=1e-6, columns=["y", "z", "Ex"], time="exp(-i omega t)"
    )
    assert "do not fill a regular grid (200000 values of y, 200000 of z)" in sentence


def test_a_huge_text_is_not_read(place):
    for name, reader, more in (
        ("x.txt", ac.read_field, {"wavelength": 1e-6, "source": "comsol"}),
        ("x.csv", ac.read_time_tags, {}),
        ("w.csv", read_waveform, {}),
    ):
        with (place / name).open("wb") as file:
            file.truncate(10**13)  # a hole
        assert "GB of text" in one(reader, place / name, **more)


@given(
    st.lists(st.lists(NUMBERS, min_size=3, max_size=5).map(",".join), max_size=4),
    st.sampled_from(["1e6", "nan", "-1", "x"]),
)
@settings(max_examples=100)
def test_waveforms_are_read_or_refused(place, rows, rate):
    head = f"# x\n# sample_rate (Hz) = {rate}\ntime (s),frequency (Hz),phase (rad),power\n"
    (place / "w.csv").write_text(head + "\n".join(rows))
    found = read(read_waveform, place / "w.csv")
    if found is not None:
        assert found.sample_rate > 0


# No code from files

FORBIDDEN = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml", "jsonpickle"}


def _calls(path):
    """Everything in a module that could run what a file says, as "line: what"."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name.split(".")[0] in FORBIDDEN:
                yield f"{node.lineno}: import {name}"
        if isinstance(node, ast.Call):
            function = node.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            if isinstance(function, ast.Name) and name in ("eval", "exec", "compile", "__import__"):
                yield f"{node.lineno}: {name}"
            if name in ("read_pickle", "to_pickle", "literal_eval"):
                yield f"{node.lineno}: {name}"
            numpy = isinstance(function, ast.Attribute) and getattr(function.value, "id", "") in (
                "np",
                "numpy",
            )
            safe = any(
                k.arg == "allow_pickle" and getattr(k.value, "value", True) is False for k in node.keywords
            )
            if numpy and name in ("load", "save", "savez") and not safe:
                yield f"{node.lineno}: np.{name}"
            for keyword in node.keywords:
                if keyword.arg in ("allow_pickle", "shell") and getattr(keyword.value, "value", True):
                    yield f"{node.lineno}: {keyword.arg}"
                if keyword.arg == "engine" and getattr(keyword.value, "value", None) != "h5netcdf":
                    yield f"{node.lineno}: engine"


def test_no_module_runs_what_a_file_says():
    found = {str(path.relative_to(SOURCE)): list(_calls(path)) for path in SOURCE.rglob("*.py")}
    assert {path: calls for path, calls in found.items() if calls} == {}


def test_the_search_for_such_code_finds_it(tmp_path):
    text = "import pickle\nfrom yaml import load\neval('1')\nnp.load('x', allow_pickle=True)\nxr.open_dataset(p, engine='zarr')\n"
    (tmp_path / "x.py").write_text(text)
    assert [call.split(":")[0] for call in _calls(tmp_path / "x.py")] == ["1", "2", "3", "4", "4", "5"]
