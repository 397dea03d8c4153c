"""Nothing is lost: real processes are killed, files torn, disks full, and the same command continues."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from sweep_points import plan

from atomcavity.errors import InputError
from atomcavity.sweeps.run import run_sweep, sweep_status
from atomcavity.sweeps.store import Store, write_whole

PRELUDE = """
import os, resource, signal, sys
from pathlib import Path
from sweep_points import plan
from atomcavity.sweeps.run import run_sweep
from atomcavity.sweeps.store import write_whole
"""
SLOW = 'plan("slow", list(range(40)))'
QUICK = 'plan("add", list(range(60)))'


def start(code, **more):
    """Another Python process that runs a sweep; the slow plan does not come to its end there."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "SWEEP_GATE": "/never/opened"}
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code], env=environment, stderr=subprocess.PIPE, text=True, **more
    )


def ended(process):
    """Wait for it; returns its exit status and what it said."""
    _, said = process.communicate(timeout=120)
    return process.returncode, said


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def batches(folder):
    return sorted((Path(folder) / "points").glob("*.json"))


def children(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def same(first, second):
    with xr.open_dataset(first) as a, xr.open_dataset(second) as b:
        xr.testing.assert_identical(a, b)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The result of the slow plan without any accident."""
    out = tmp_path_factory.mktemp("whole") / "out"
    assert run_sweep(plan("slow", list(range(40))), out, workers=2).done == 40
    return out / "sweep.nc"


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """The same of the quick plan."""
    out = tmp_path_factory.mktemp("quick") / "out"
    return run_sweep(plan("add", list(range(60))), out, workers=1).file


def test_one_two_or_three_workers_same_bits(tmp_path):
    p = plan("add", list(range(40)), {"axes": {"y": [0.1, 0.2]}, "seeds": 3})
    ends = [run_sweep(p, tmp_path / str(workers), workers=workers) for workers in (1, 2, 3)]
    assert [end.done for end in ends] == [240, 240, 240]
    assert len({end.file.read_bytes() for end in ends}) == 1
    result = ends[0].load()
    drawn = result["sum.drawn"].values.ravel()
    expected = [np.random.default_rng(p.point(k).seed).normal() for k in range(240)]
    np.testing.assert_array_equal(drawn, expected)
    np.testing.assert_array_equal(result["seed"].values.ravel(), [p.point(k).seed for k in range(240)])
    np.testing.assert_array_equal(result["sum.value"].values[:, 1, 0], np.arange(40) + 10 * 0.2)


def test_the_result_does_not_depend_on_the_order_in_which_points_are_finished(tmp_path):
    p = plan("varied", list(range(30)))
    first = run_sweep(p, tmp_path / "a", workers=1)
    files = batches(tmp_path / "a")
    assert len(files) > 4
    Store.create(tmp_path / "b")
    for number, file in enumerate(reversed(files), 1):
        (tmp_path / "b" / "points" / f"{number:08d}.json").write_bytes(file.read_bytes())
    other = run_sweep(p, tmp_path / "b", workers=1)
    assert other.computed == 0
    assert other.file.read_bytes() == first.file.read_bytes()
    warnings = first.load().warnings
    assert warnings[:2] == ("at 24 points, such as: at 0 um it is dark", "at 24 points: x is large")
    assert "at 4 points, such as: more.1 is not known: x is 1" in warnings


def test_failed_points_are_recorded_and_the_others_go_on(tmp_path):
    p = plan("fails", [1, 2, 3, 4, 5])
    end = run_sweep(p, tmp_path / "out", workers=1)
    assert (end.done, end.failed, end.left) == (3, 2, 0)
    assert "3 of 5 points done (5 in this run), 2 failed" in str(end)
    result = end.load()
    assert result.failures == {1: "x = 2 cannot be", 2: "ZeroDivisionError: oh"}
    assert result["status"].values.tolist() == [1, 2, 2, 1, 1]
    assert np.isnan(result["sum.value"].values).tolist() == [False, True, True, True, False]
    assert any("sum.value is not known: x is 4" in text for text in result.warnings)
    assert any("x is large" in text for text in result.warnings)
    assert run_sweep(p, tmp_path / "out", workers=1).computed == 0
    again = run_sweep(p, tmp_path / "out", workers=1, retry=True)
    assert (again.computed, again.failed, again.done) == (2, 2, 3)


def test_a_killed_worker_loses_no_point(tmp_path, whole, monkeypatch):
    import multiprocessing

    monkeypatch.setenv("SWEEP_GATE", str(tmp_path / "gate"))

    def kill():
        try:
            wait_for(lambda: len(batches(tmp_path / "out")) >= 2)
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
        finally:
            (tmp_path / "gate").touch()

    killer = threading.Thread(target=kill)
    killer.start()
    end = run_sweep(plan("slow", list(range(40))), tmp_path / "out", workers=2)
    killer.join()
    assert (end.done, end.failed) == (40, 0)
    assert end.file.read_bytes() == whole.read_bytes()


def test_a_point_that_kills_its_worker_once_is_computed(tmp_path):
    end = run_sweep(
        plan("kills_once", [1, 2, 3, 4], mark=str(tmp_path / "mark")), tmp_path / "out", workers=1
    )
    assert (end.done, end.failed) == (4, 0)
    assert (tmp_path / "mark").exists()


@pytest.mark.slow
def test_a_point_that_always_kills_its_worker_is_given_up(tmp_path):
    end = run_sweep(plan("kills", list(range(40))), tmp_path / "out", workers=2)
    assert (end.done, end.failed) == (39, 1)
    assert end.load().failures == {3: "the process that computed this point died 3 times"}


def test_the_killed_main_process_and_its_workers(tmp_path, whole):
    out = tmp_path / "out"
    process = start(f"run_sweep({SLOW}, {str(out)!r}, workers=2)")
    wait_for(lambda: len(batches(out)) >= 2)
    assert sweep_status(out).startswith(f"running (process {process.pid} on ")
    workers = children(process.pid)
    assert len(workers) >= 2
    with pytest.raises(InputError, match=f"in use by process {process.pid}"):
        run_sweep(plan("slow", list(range(40))), out, workers=1)
    process.kill()
    ended(process)
    wait_for(lambda: all(gone(pid) for pid in workers))
    assert sweep_status(out).startswith("not running: ")
    end = run_sweep(plan("slow", list(range(40))), out, workers=2)
    assert 0 < end.computed < end.done == 40
    assert end.file.read_bytes() == whole.read_bytes()
    assert sweep_status(out) == "finished: 40/40 points"


def test_control_c_keeps_what_is_done_and_the_same_command_continues(tmp_path, whole):
    out = tmp_path / "out"
    process = start(f"run_sweep({SLOW}, {str(out)!r}, workers=2)", start_new_session=True)
    wait_for(lambda: len(batches(out)) >= 2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    status, said = ended(process)
    assert status != 0
    assert "left: the same command continues" in said
    with xr.open_dataset(out / "sweep.nc") as part:
        assert 0 < int((part["status"] == 1).sum()) < 40
    end = run_sweep(plan("slow", list(range(40))), out, workers=2)
    assert end.computed < end.done == 40
    assert end.file.read_bytes() == whole.read_bytes()


def test_a_power_cut_between_writing_and_renaming(tmp_path, quick):
    out = tmp_path / "out"
    code = f"""
def write(path, content):
    if path.name == "00000003.json":
        path.with_name(f".{{path.name}}.part").write_bytes(content[:100])
        os.kill(os.getpid(), signal.SIGKILL)
    write_whole(path, content)
run_sweep({QUICK}, {str(out)!r}, workers=1, write=write)
"""
    assert ended(start(code))[0] == -signal.SIGKILL
    assert [path.name for path in batches(out)] == ["00000001.json", "00000002.json"]
    end = run_sweep(plan("add", list(range(60))), out, workers=1)
    assert 0 < end.computed < end.done == 60
    assert end.damaged == 0
    assert end.file.read_bytes() == quick.read_bytes()


@pytest.mark.parametrize(
    "harm", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b.replace(b"sum", b"mus")]
)
def test_a_torn_or_changed_file_is_set_aside_and_its_points_computed_again(tmp_path, harm):
    p = plan("add", list(range(8)))
    before = run_sweep(p, tmp_path / "out", workers=1).file.read_bytes()
    torn = batches(tmp_path / "out")[1]
    torn.write_bytes(harm(torn.read_bytes()))
    sweep_status(tmp_path / "out")
    assert torn.exists()  # looking changes nothing
    end = run_sweep(p, tmp_path / "out", workers=1)
    assert end.damaged == 1
    assert 0 < end.computed < 8
    assert "1 damaged files" in str(end)
    assert torn.with_name(f"{torn.name}.damaged").exists()
    assert end.file.read_bytes() == before


def test_a_full_disk_by_a_write_that_fails(tmp_path, quick):
    written = []

    def full(path, content):
        if path.parent.name == "points":
            if len(written) == 2:
                raise OSError(errno.ENOSPC, "No space left on device")
            written.append(path)
        write_whole(path, content)

    p = plan("add", list(range(60)))
    with pytest.raises(InputError, match=r"no space left on the disk; \d+ of 60 points are safe"):
        run_sweep(p, tmp_path / "out", workers=1, write=full)
    end = run_sweep(p, tmp_path / "out", workers=1)
    assert 0 < end.computed < end.done == 60
    assert end.file.read_bytes() == quick.read_bytes()


@pytest.mark.parametrize(
    ("size", "safe"), [(3000, "points are safe"), (12000, "all finished points are safe")]
)
def test_files_that_may_not_grow(tmp_path, size, safe):
    code = f"""
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
run_sweep(plan("add", [1], {{"seeds": 200}}), {str(tmp_path / "out")!r}, workers=1)
"""
    status, said = ended(start(code))
    assert status == 1  # an exception of ours, not a crash of the HDF5 library
    assert "no space left on the disk" in said
    assert safe in said
    assert not list((tmp_path / "out" / "points").glob(".*"))
    end = run_sweep(plan("add", [1], {"seeds": 200}), tmp_path / "out", workers=1)
    assert end.done == 200


def test_a_changed_file_does_not_reuse_stale_points(tmp_path):
    out = tmp_path / "out"
    run_sweep(plan("add", [1, 2, 3], y=1), out, workers=1)
    end = run_sweep(plan("add", [1, 2, 3], y=2), out, workers=1)
    assert (end.computed, end.stale) == (3, 3)
    assert end.load()["sum.value"].values.tolist() == [21, 22, 23]
    back = run_sweep(plan("add", [1, 2, 3], y=1, title="another title"), out, workers=1)
    assert back.computed == 0
    assert back.load()["sum.value"].values.tolist() == [11, 12, 13]
    more = run_sweep(plan("add", [0, 1, 2.5, 3], y=1), out, workers=1)
    assert more.computed == 2  # the values that are new
    assert more.load()["sum.value"].values.tolist() == [10, 11, 12.5, 13]


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="holds no sweep"):
        run_sweep(plan("add", [1]), tmp_path, workers=1)
    with pytest.raises(InputError, match="a file, not a folder"):
        run_sweep(plan("add", [1]), tmp_path / "thesis.tex", workers=1)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(InputError, match="not the folder of a sweep"):
        sweep_status(tmp_path)


def test_what_the_user_keeps_in_the_folder_stays(tmp_path):
    run_sweep(plan("add", [1]), tmp_path / "out", workers=1)
    (tmp_path / "out" / "remarks.txt").write_text("mine")
    (tmp_path / "out" / "points" / "mine.json").write_text("mine")
    run_sweep(plan("add", [2]), tmp_path / "out", workers=1)
    assert (tmp_path / "out" / "remarks.txt").read_text() == "mine"
    assert (tmp_path / "out" / "points" / "mine.json").read_text() == "mine"


def test_a_disk_without_room_is_seen_before(tmp_path, monkeypatch):
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(
        InputError, match=r"2 points will take about 0.005 MB, but the disk has 1e-06 MB left"
    ):
        run_sweep(plan("add", [1, 2]), tmp_path / "out", workers=1)


def test_wrong_functions_and_numbers(tmp_path):
    with pytest.raises(InputError, match="cannot be imported"):
        run_sweep(plan("nothing", [1]), tmp_path / "out", workers=1)
    with pytest.raises(InputError, match="workers = 0"):
        run_sweep(plan("add", [1]), tmp_path / "out", workers=0)
    with pytest.raises(InputError, match="not both"):
        run_sweep(plan("add", [1]), tmp_path / "out", scheduler="a", slurm="b")


def test_a_plan_that_is_not_ours_is_one_sentence(tmp_path):
    run_sweep(plan("add", [1]), tmp_path / "out", workers=1)
    for text in ("{", "[]", "3", '{"format": 1}', "\0"):
        (tmp_path / "out" / "plan.json").write_text(text)
        with pytest.raises(InputError):
            Store.existing(tmp_path / "out").read_plan()


def test_progress_is_quiet_without_a_terminal(tmp_path, capfd):
    run_sweep(plan("add", [1, 2], {"best": "min:sum.value"}), tmp_path / "a", workers=1)
    assert capfd.readouterr() == ("", "")
    run_sweep(plan("add", [1, 2], {"best": "min:sum.value"}), tmp_path / "b", workers=1, quiet=False)
    assert "2/2 points, best so far min:sum.value = 1 m at x = 1" in capfd.readouterr().err
    assert "best so far min:sum.value = 1 m at x = 1" in sweep_status(tmp_path / "b")
