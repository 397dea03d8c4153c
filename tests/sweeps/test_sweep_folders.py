"""Folders of sweeps with files that are damaged, forged, foreign, newer or not writable: one sentence, or computed again."""

import errno
import hashlib
import json
import os
import random

import pytest
from sweep_points import plan

from atomcavity.errors import InputError
from atomcavity.sweeps.batch import read_batch
from atomcavity.sweeps.plan import Plan
from atomcavity.sweeps.run import run_sweep, sweep_status
from atomcavity.sweeps.store import Store

P = plan("add", [1, 2, 3, 4])


@pytest.fixture
def out(tmp_path):
    run_sweep(P, tmp_path / "out", workers=1)
    return tmp_path / "out"


def sealed(data):
    body = json.dumps(data).encode()
    return b"atomcavity points 1 sha256 " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body + b"\n"


def body(content):
    return json.loads(content.partition(b"\n")[2])


def test_points_of_a_newer_version_are_left_as_they_are(out):
    file = out / "points" / "00000001.json"
    newer = file.read_bytes().replace(b"points 1 ", b"points 2 ")
    file.write_bytes(newer)
    for command in (lambda: run_sweep(P, out, workers=1), lambda: sweep_status(out)):
        with pytest.raises(InputError, match=r"00000001.json: written by a newer version .*format 2"):
            command()
    assert file.read_bytes() == newer
    assert not list(out.glob("points/*.damaged"))


def test_a_plan_of_a_newer_version(out):
    data = json.loads((out / "plan.json").read_text())
    (out / "plan.json").write_text(json.dumps({**data, "format": 2}))
    with pytest.raises(InputError, match=r"plan.json: written by a newer version .*format 2"):
        sweep_status(out)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (0, -1), (0, "1"), (0, None), (1, "no hash"), (1, 5), (2, 2**70), (2, "x"), (3, 5), (4, 7), (4, -1),
        (5, ["1", "2"]), (5, [1.0]), (5, [10**400, 1.0]), (5, None), (6, [1.0]), (8, []), (8, {"0": 3}), (9, [1]), (9, 4),
    ],
)  # fmt: skip
def test_forged_points_with_a_right_checksum_are_set_aside(out, place, wrong):
    file, before = out / "points" / "00000001.json", (out / "sweep.nc").read_bytes()
    data = body(file.read_bytes())
    data["rows"][0][place] = wrong
    file.write_bytes(sealed(data))
    end = run_sweep(P, out, workers=1)
    assert (end.damaged, end.done) == (1, 4)
    assert end.file.read_bytes() == before


@pytest.mark.parametrize(
    "data", [3, None, [], {}, {"layouts": 3, "rows": []}, {"layouts": [[["a b", "", "1", ""]]], "rows": []},
             {"layouts": [[["a", 3, "1", ""]]], "rows": []}, {"layouts": [[["a", "", "1", None]]], "rows": []}],
)  # fmt: skip
def test_anything_else_with_a_right_checksum_is_no_points(data):
    with pytest.raises(ValueError, match="no points") as problem:
        read_batch(sealed(data))
    assert not isinstance(problem.value, InputError)


def test_what_is_written_is_what_is_read(out):
    row = body((out / "points" / "00000001.json").read_bytes())["rows"][0]
    row[5] = [-0.0, None]
    layouts = body((out / "points" / "00000001.json").read_bytes())["layouts"]
    (found,) = read_batch(sealed({"layouts": layouts, "rows": [row]}))
    assert str(found.numbers[0][0]) == "-0.0"
    assert found.numbers[1][0] != found.numbers[1][0]


def test_texts_that_hdf5_cannot_hold_do_not_lose_the_result(out):
    file = out / "points" / "00000001.json"
    data = body(file.read_bytes())
    data["rows"][0][3:8] = ["a\0b\ud800c", len(data["layouts"]), [], 0, 0]
    data["layouts"].append([])
    file.write_bytes(sealed(data))
    end = run_sweep(P, out, workers=1)
    assert (end.failed, end.damaged) == (1, 0)
    assert end.load().failures == {0: "a\ufffdb?c"}


def test_random_damage_never_changes_the_result(out):
    """Every file of the folder, cut or with bytes changed: the same bits again, or one sentence that names the file."""
    draw, before = random.Random(8), (out / "sweep.nc").read_bytes()
    for number in range(25):
        file = draw.choice(sorted(path for path in out.rglob("*") if path.is_file()))
        content = bytearray(file.read_bytes())
        if content and number % 3:
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        else:
            del content[draw.randrange(len(content) + 1) :]
        file.write_bytes(content)
        said = ""
        try:
            sweep_status(out)
            run_sweep(P, out, workers=1)
        except InputError as problem:
            said = str(problem)
            file.unlink()
            run_sweep(P, out, workers=1)
        assert not said or (said.startswith(str(file)) and "\n" not in said)
        assert (out / "sweep.nc").read_bytes() == before


COUNTS = '{"state": "running", "points": 1, "done": 1, "failed": 0, "rate": 1, "updated": %s}'


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "[" * 100_000, '{"state": "running"}', COUNTS % '"x"', COUNTS % 10**400, COUNTS % "NaN"],
    ids=lambda text: text[-20:-1],
)
def test_a_status_that_is_not_ours_is_not_believed(out, text):
    (out / "status.json").write_text(text)
    with Store.existing(out).locked():
        assert sweep_status(out).endswith("starting, or writing the result")


@pytest.mark.parametrize(
    "changed",
    [
        {"data": 3}, {"seeds": 10**15}, {"seeds": [1, "x"]}, {"seeds": 0}, {"seeds": True}, {"seed": 1.5},
        {"function": 3}, {"axes": [{"keys": ["x", "y"], "rows": [[1]]}]}, {"axes": [{"keys": [3], "rows": [[1]]}]},
        {"axes": [{"keys": [], "rows": [[]]}]}, {"name": None}, {"coordinates": [{"key": "x"}]},
    ],
)  # fmt: skip
def test_forged_plans_are_one_sentence(changed):
    with pytest.raises(InputError, match="not the plan of a sweep"):
        Plan.from_dict({**P.to_dict(), **changed})


def test_foreign_things_among_the_points(out):
    points = out / "points"
    (points / "²²²²²²²².json").write_text("mine")
    (points / "1.json").write_text("mine")
    assert run_sweep(P, out, workers=1).computed == 0
    assert (points / "²²²²²²²².json").read_text() == (points / "1.json").read_text() == "mine"
    (points / "00000009.json").mkdir()
    for command in (lambda: run_sweep(P, out, workers=1), lambda: sweep_status(out)):
        with pytest.raises(InputError, match=r"00000009.json is not a file"):
            command()


def test_a_folder_that_cannot_be_written(tmp_path):
    def refuse(path, content):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    with pytest.raises(InputError, match=r"out: cannot write there \(Read-only file system\)"):
        run_sweep(P, tmp_path / "out", workers=1, write=refuse)
    (tmp_path / "out" / "lock").unlink()
    (tmp_path / "out" / "lock").mkdir()
    with pytest.raises(InputError, match=r"out: cannot write there \(Is a directory\)"):
        run_sweep(P, tmp_path / "out", workers=1)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_without_the_permission_to_write(out):
    for folder in (out / "points", out):
        folder.chmod(0o500)
    try:
        with pytest.raises(InputError, match=r"cannot write there \(Permission denied\)"):
            run_sweep(plan("add", [5]), out, workers=1)
    finally:
        for folder in (out, out / "points"):
            folder.chmod(0o700)


def test_a_half_written_result_of_a_killed_process_does_not_stay(out):
    torn = out / ".sweep.nc.12345.part"
    torn.write_bytes(b"torn")
    before = (out / "sweep.nc").read_bytes()
    assert run_sweep(P, out, workers=1).file.read_bytes() == before
    assert not torn.exists()
