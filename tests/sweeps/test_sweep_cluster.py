"""A Dask cluster of real processes on this machine: the same bits as local workers, and nothing lost when they are killed."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sweep_points import plan

from atomcavity.errors import InputError
from atomcavity.sweeps.run import run_sweep

pytest.importorskip("distributed")
pytest.importorskip("dask_jobqueue")
from atomcavity.sweeps.cluster import slurm_cluster, slurm_options

POINTS = list(range(40))


class Cluster:
    """A scheduler and workers of one thread, each a process."""

    def __init__(self, folder, workers=2, nanny=False, gate=""):
        self.folder, self.nanny = folder, nanny
        self.environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "SWEEP_GATE": str(gate)}
        file = folder / "scheduler.json"
        self.scheduler = self.start(
            "dask_scheduler", "--host=127.0.0.1", "--port=0", f"--scheduler-file={file}"
        )
        wait_for(file.exists)
        self.address = json.loads(file.read_text())["address"]
        self.workers = [self.add_worker() for _ in range(workers)]

    def start(self, program, *options):
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard", *options],
            env=self.environment, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def add_worker(self):
        options = ["--nthreads=1", f"--local-directory={self.folder}", "--host=127.0.0.1"]
        return self.start("dask_worker", self.address, *options, *([] if self.nanny else ["--no-nanny"]))

    def end(self):
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                process.terminate() if self.nanny else process.kill()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def after(folder, batches, action):
    """Do it once the sweep in the folder has written so many files."""

    def wait():
        wait_for(lambda: len(list((folder / "points").glob("*.json"))) >= batches)
        action()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.fixture
def cluster(tmp_path):
    started = []

    def start(**options):
        folder = tmp_path / f"cluster{len(started)}"
        folder.mkdir()
        started.append(Cluster(folder, **options))
        return started[-1]

    yield start
    for each in started:
        each.end()


@pytest.mark.slow
def test_a_killed_worker_loses_no_point_and_the_bits_are_the_same(tmp_path, cluster):
    gate = tmp_path / "gate"
    there = cluster(workers=2, gate=gate)
    killer = after(tmp_path / "out", 2, lambda: (there.workers[0].kill(), gate.touch()))
    end = run_sweep(plan("slow", POINTS), tmp_path / "out", scheduler=there.address)
    killer.join()
    assert (end.done, end.failed) == (40, 0)
    local = run_sweep(plan("slow", POINTS), tmp_path / "local", workers=2)
    assert end.file.read_bytes() == local.file.read_bytes()


@pytest.mark.slow
def test_a_killed_scheduler_is_one_sentence_and_a_new_one_continues(tmp_path, cluster):
    there = cluster(workers=1, gate="/never/opened")
    killer = after(tmp_path / "out", 2, there.scheduler.kill)
    with pytest.raises(
        InputError, match=r"the Dask scheduler at tcp://127.0.0.1:\d+ is gone; all finished points are safe"
    ):
        run_sweep(plan("slow", POINTS), tmp_path / "out", scheduler=there.address)
    killer.join()
    end = run_sweep(plan("slow", POINTS), tmp_path / "out", scheduler=cluster(workers=1).address)
    assert 0 < end.computed < 40
    assert (end.done, end.failed) == (40, 0)
    local = run_sweep(plan("slow", POINTS), tmp_path / "local", workers=2)
    assert end.file.read_bytes() == local.file.read_bytes()


@pytest.mark.slow
def test_a_point_that_kills_its_workers_is_given_up_and_no_other(tmp_path, cluster):
    end = run_sweep(plan("kills", POINTS), tmp_path / "out", scheduler=cluster(workers=2, nanny=True).address)
    assert (end.done, end.failed) == (39, 1)
    assert end.load().failures == {3: "the workers of the cluster that computed this point died"}


@pytest.mark.slow
def test_workers_that_come_late_are_waited_for(tmp_path, cluster):
    there = cluster(workers=0)
    late = threading.Timer(1.5, lambda: there.workers.append(there.add_worker()))
    late.start()
    assert run_sweep(plan("add", POINTS), tmp_path / "out", scheduler=there.address).done == 40
    late.join()


def test_no_scheduler_there(tmp_path, monkeypatch):
    monkeypatch.setattr("atomcavity.sweeps.cluster.CONNECT", 0.3)
    for address in ("tcp://127.0.0.1:1", "nothing", "tcp://127.0.0.1:x"):
        with pytest.raises(InputError, match="no Dask scheduler answers"):
            run_sweep(plan("add", [1]), tmp_path / "out", scheduler=address)


SBATCH = """#!/bin/sh
[ "$1" = --test-only ] && exit 0
cp "$1" "$JOBS/script"
setsid sh "$JOBS/script" >"$JOBS/said" 2>&1 &
echo "Submitted batch job $!"
"""
REFUSES = """#!/bin/sh
echo "sbatch: error: invalid partition specified" >&2
exit 1
"""


def slurm(folder, monkeypatch, sbatch):
    """Commands that stand for Slurm's: a job is a process of its own on this machine."""
    for name, text in (("sbatch", sbatch), ("scancel", "#!/bin/sh\nkill -- -$1\n")):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("JOBS", str(folder))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@pytest.mark.slow
def test_a_job_that_is_submitted_computes_and_ends(tmp_path):
    (tmp_path / "bin").mkdir()
    code = f"""
from sweep_points import plan
from atomcavity.sweeps.run import run_sweep
print(run_sweep(plan("add", {POINTS}), {str(tmp_path / "out")!r}, slurm="cores=2,memory=1GB").done)
"""
    with (
        pytest.MonkeyPatch.context() as patch
    ):  # in a process of its own: Dask's cluster leaves threads behind
        slurm(tmp_path / "bin", patch, SBATCH)
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
        )
    assert ran.stdout.strip() == "40"
    wait_for(lambda: "End worker" in (tmp_path / "bin" / "said").read_text())


def test_a_job_that_slurm_refuses(tmp_path, monkeypatch):
    slurm(tmp_path, monkeypatch, REFUSES)
    with pytest.raises(
        InputError, match="sbatch refuses the job: sbatch: error: invalid partition specified"
    ):
        run_sweep(plan("add", [1]), tmp_path / "out", slurm="cores=1,memory=1GB")


def test_no_slurm_here(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="there is no sbatch here"):
        run_sweep(plan("add", [1]), tmp_path / "out", slurm="cores=1,memory=1GB")


def test_the_script_for_slurm():
    cluster = slurm_cluster(
        "partition=long,account=qed,cores=16,memory=32GB,walltime=12:00:00,jobs=10,qos=high,constraint=avx512"
    )
    try:
        script = cluster.job_script()
    finally:
        cluster.close()
    lines = script.splitlines()
    assert lines[0].startswith("#!/")
    for option in (
        "-p long",
        "-A qed",
        "-t 12:00:00",
        "--qos=high",
        "--constraint=avx512",
        "--mem=30G",
        "-n 1",
    ):
        assert f"#SBATCH {option}" in lines, script
    assert "#SBATCH --cpus-per-task=16" in lines
    assert "export OPENBLAS_NUM_THREADS=1" in lines
    assert lines[-1].startswith(f"{sys.executable} -m distributed.cli.dask_worker tcp://")
    assert "--nthreads 1 " in lines[-1]
    assert "--nworkers 16 " in lines[-1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "name=value"),
        ("cores", "name=value"),
        ("cores=4", "memory is missing"),
        ("core=4,memory=1GB", "did you mean 'cores'"),
        ("cores=0,memory=1GB", "not a positive whole number"),
        ("cores=4,cores=5,memory=1GB", "there twice"),
        ("cores=4,memory=1GB,jobs=many", "jobs = 'many'"),
        ("cores=4,memory=1GB,account=a\nrm -rf", "cannot be printed"),
    ],
)
def test_wrong_options_of_slurm(text, said):
    with pytest.raises(InputError, match=said):
        slurm_options(text)
