"""What the user keeps is never deleted, and an interrupted writer leaves the old file or none, never half of one."""

import ast
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

import atomcavity as ac
from atomcavity.cli import main
from atomcavity.loading.waveform import waveform
from atomcavity.reports import output_folder
from atomcavity.reports.page import write_text
from atomcavity.results import Answer, Answers, Record
from atomcavity.sweeps.result import SweepResult

SOURCE = Path(ac.__file__).parent
EXPERIMENT = SOURCE / "studies" / "microlaser" / "experiment.toml"
DELETING = ("rmtree", "unlink", "rmdir", "remove", "removedirs", "rename", "move", "truncate", "ftruncate")

DELETED = {
    "reports/folder.py: shutil.rmtree": "the temporary folder that the same function made",
    "results/files.py: temporary.unlink": "the temporary file that the same function made",
    "sweeps/store.py: temporary.unlink": "the temporary file that the same function made",
    "sweeps/build.py: torn.unlink": "temporary files of a process that was killed while it wrote the result of this sweep",
    "sweeps/store.py: os.ftruncate": "the text in the lock file of a sweep",
}
"""Everything that the package deletes or empties."""


def _deletions():
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in DELETING
            ):
                of = node.func.value
                if isinstance(of, ast.Name) and of.id != "self":
                    yield f"{path.relative_to(SOURCE)}: {of.id}.{node.func.attr}"


def test_the_package_deletes_only_what_it_made():
    assert set(_deletions()) == set(DELETED)


def tree(folder):
    """Everything in a folder, with content and time of the last change."""
    return {
        str(path.relative_to(folder)): (
            path.read_bytes() if path.is_file() else None,
            path.lstat().st_mtime_ns,
        )
        for path in folder.rglob("*")
    }


@pytest.fixture
def foreign(tmp_path):
    """A folder with files of the user, hidden ones too, and a link out of it."""
    folder = tmp_path / "thesis"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "run.csv").write_text("1,2")
    (folder / "index.html").write_text("mine")
    (folder / ".hidden").write_text("mine too")
    (folder / "link").symlink_to(tmp_path)
    return folder


SWEPT = '{text}\n[sweep.axes]\n"trap.red.power" = ["20 mW", "25 mW"]\n'


@pytest.mark.parametrize("command", ["run", "study", "sweep"])
def test_a_folder_of_the_user_is_refused_and_left_as_it_is(tmp_path, foreign, command):
    file = tmp_path / "x.toml"
    text = EXPERIMENT.read_text(encoding="utf-8")
    file.write_text(SWEPT.format(text=text) if command == "sweep" else text, encoding="utf-8")
    before = tree(foreign)
    found = CliRunner().invoke(
        main, [command, "microlaser" if command == "study" else str(file), "--out", str(foreign)]
    )
    assert found.exit_code == 2
    assert str(foreign) in found.output
    assert tree(foreign) == before
    assert {path.name for path in tmp_path.iterdir()} == {"thesis", "x.toml"}


@pytest.mark.parametrize("name", [".hidden", "link"])
def test_one_hidden_file_or_link_is_enough(tmp_path, name):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / name).symlink_to("/nowhere") if name == "link" else (folder / name).touch()
    found = CliRunner().invoke(main, ["run", str(EXPERIMENT), "--out", str(folder)])
    assert found.exit_code == 2
    assert os.listdir(folder) == [name]


def test_other_files_of_an_earlier_output_stay(tmp_path, foreign):
    with output_folder(foreign) as part:
        (part / "index.html").write_text("ours")
        (part / "new.csv").write_text("3")
    assert (foreign / "index.html").read_text() == "ours"
    assert (foreign / ".hidden").read_text() == "mine too"
    assert (foreign / "data" / "run.csv").read_text() == "1,2"
    assert os.listdir(tmp_path) == ["thesis"]


def test_a_folder_of_the_user_in_the_place_of_a_file_stays(tmp_path, foreign):
    before = tree(foreign)
    with pytest.raises(ac.InputError, match="data is a folder"), output_folder(foreign) as part:  # noqa: PT012
        (part / "data").write_text("ours")
        (part / "index.html").write_text("ours")
    assert tree(foreign) == before


def test_an_interrupted_output_leaves_nothing(tmp_path, foreign):
    before = tree(foreign)
    for out in (foreign, tmp_path / "new"):
        with pytest.raises(KeyboardInterrupt), output_folder(out) as part:  # noqa: PT012
            (part / "index.html").write_text("ours")
            raise KeyboardInterrupt
    assert tree(foreign) == before
    assert os.listdir(tmp_path) == ["thesis"]


def clicks():
    return ac.ClickRecords(
        Record("given"),
        time=np.array([1.0, 2.5]),
        channel=np.array([0, 0]),
        run=np.zeros(2, int),
        labels=np.array(["mode 0"]),
        duration=10.0,
        runs=1,
        period=math.nan,
    )


def sweep():
    data = xr.Dataset({"status": ("a", [1]), "seed": ("a", [0])}, coords={"a": [1.0]})
    failures = {
        "failure_point": ("failure", np.zeros(0, int)),
        "failure_message": ("failure", np.zeros(0, str)),
    }
    return SweepResult(Record("sweep"), data.assign(failures))


WRITERS = {
    "result": lambda path: clicks().save(path),
    "table": lambda path: clicks().to_csv(path),
    "answers": lambda path: Answers("t", (Answer("a.b", "x", 1.0),)).to_csv(path),
    "sweep": lambda path: sweep().save(path),
    "table of a sweep": lambda path: sweep().to_csv(path),
    "waveform": lambda path: waveform(1e3, 1e-3, 1e5).to_csv(path),
    "array": lambda path: waveform(1e3, 1e-3, 1e5).write_npy(path),
    "page": lambda path: write_text(path, "text"),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_an_interrupted_writer_leaves_the_old_file(tmp_path, monkeypatch, writer):
    def interrupted(*_):
        raise KeyboardInterrupt

    path = tmp_path / "x"
    for old in (None, b"old"):
        if old is not None:
            path.write_bytes(old)
        for place in ("atomcavity.results.files.os.fsync", "atomcavity.results.files.os.replace"):
            with monkeypatch.context() as patch:
                patch.setattr(place, interrupted)
                with pytest.raises(KeyboardInterrupt):
                    WRITERS[writer](path)
            assert os.listdir(tmp_path) == ([] if old is None else ["x"])
            assert old is None or path.read_bytes() == old
    WRITERS[writer](path)
    assert path.read_bytes() != b"old"
    assert os.listdir(tmp_path) == ["x"]


def test_a_full_disk_leaves_the_old_file(tmp_path):
    """The limit on the size of files stands for the disk: writing fails in the middle."""
    code = (
        "import resource, signal, sys, numpy as np, atomcavity as ac\n"
        "from atomcavity.results import Record\n"
        "from atomcavity.loading.waveform import waveform\n"
        "wave = waveform(1e3, 1.0, 1e5)\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "for write in (wave.save, wave.to_csv):\n"
        "    try: write(sys.argv[1])\n"
        "    except OSError: pass\n"
        "    else: sys.exit('written')\n"
    )
    (tmp_path / "x").write_text("old")
    found = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "x"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert (tmp_path / "x").read_text() == "old"
    assert os.listdir(tmp_path) == ["x"]


def test_a_killed_writer_leaves_a_whole_file(tmp_path):
    path = tmp_path / "x.nc"
    code = (
        "import sys, itertools\n"
        "from atomcavity.loading.waveform import waveform\n"
        "for k in itertools.count(): waveform(1e3 + k % 2, 1.0, 1e5).save(sys.argv[1])\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, path])
    try:
        end = time.monotonic() + 30
        while not path.exists() and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    found = ac.load(path)
    assert len(found.time) == 100_001
    assert set(found.frequency) in ({1000.0}, {1001.0})
    assert all(name == "x.nc" or name.startswith(".x.nc.") for name in os.listdir(tmp_path))


def test_what_was_kept_is_not_touched_by_reading(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    clicks().save(folder / "clicks.nc")
    (folder / "answers.json").write_text(json.dumps({"title": "", "answers": [], "warnings": []}))
    (folder / "broken.nc").write_text("x")
    before = tree(folder)
    with pytest.raises(ac.InputError):
        ac.load(folder)
    found = CliRunner().invoke(main, ["compare", str(folder / "clicks.nc"), str(folder / "clicks.nc")])
    assert found.exit_code == 0
    assert tree(folder) == before
