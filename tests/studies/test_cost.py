"""What is told about an experiment before it is run."""

import pytest

from atomcavity.errors import InputError
from atomcavity.experiments.files import KINDS
from atomcavity.studies import cost
from atomcavity.studies.cost import cost_of
from atomcavity.studies.new import write_new


@pytest.fixture
def file(tmp_path):
    def make(kind, more=""):
        path = tmp_path / f"{kind}.toml"
        write_new(kind, path)
        path.write_text(path.read_text() + more)
        return path

    return make


def test_every_kind_has_steps():
    assert set(cost._STEPS) == set(KINDS)


def test_the_method_is_that_of_the_run(file):
    path = file("microlaser")
    few, many = cost_of(path, ["laser.atoms=2"]), cost_of(path, ["laser.atoms=60"])
    assert few.steps[1].method.startswith("Exact, chosen because")
    assert many.steps[1].method.startswith("Jumps, chosen because 60 identical emitters")
    middle = cost_of(path, ["laser.atoms=20"])
    assert few.seconds < middle.seconds
    assert few.memory < middle.memory


def test_no_trap_ends_there(file):
    for kind in ("trap", "microlaser", "microclock"):
        found = cost_of(file(kind), ["trap.blue.power=0.1 mW"])
        assert "no trap: the blue light is too weak" in str(found)


def test_more_groups_and_lasers_cost_more(file):
    path = file("ion-laser")
    one, two = cost_of(path), cost_of(path, ["ion.F=[8, 9]"])
    assert two.seconds == pytest.approx(2 * one.seconds)
    assert cost_of(path, ["groups=1000"]).memory > 1e9


def test_runs_of_the_feedback(file):
    path = file("chip-loading")
    few, many = (cost_of(path, [f"feedback.runs={runs}"]) for runs in (1000, 10000))
    assert 20 < many.seconds < 120
    assert few.seconds < many.seconds / 3
    assert few.memory < many.memory


def test_errors_and_sweeps_multiply(file):
    sweep = '[sweep]\nseeds = 3\n[sweep.axes]\n"trap.red.power" = ["26 mW", "27 mW"]\n'
    path = file("trap", sweep)
    one = cost_of(path)
    assert (one.points, one.evaluations) == (6, 1)
    text = str(one)
    assert "6 points = 2 (trap.red.power) x 3 (repeated seeds)" in text
    uncertain = ["sphere.radius=5.017(1) um", "trap.blue.power=87(1) mW"]
    assert cost_of(path, uncertain).evaluations == 5
    sampled = cost_of(path, uncertain, samples=100)
    assert sampled.evaluations == 101
    assert sampled.seconds == pytest.approx(101 * one.seconds)
    assert "sphere.radius = 5.0170 ± 0.0010 um" in str(sampled)
    with pytest.raises(InputError, match="no input of"):
        cost_of(path, samples=10)


def test_a_mistake_is_told_as_by_a_run(file):
    with pytest.raises(InputError, match=r"laser\.atoms = 95: the lattice has 94 sites"):
        cost_of(file("microlaser"), ["laser.atoms=95"])


def test_a_known_time_is_right_within_its_word(file):
    """One of the estimates against the clock: a busy machine may be slow, never three times too fast."""
    import time

    from atomcavity.dynamics import steady_state
    from atomcavity.experiments import read_experiment
    from atomcavity.studies.microlaser.device import Device
    from atomcavity.studies.microlaser.experiment import laser_system

    path = file("microlaser")
    told = cost_of(path, ["laser.atoms=15"]).steps[1].seconds
    system = laser_system(Device(read_experiment(path, ["laser.atoms=15"])))
    start = time.perf_counter()
    steady_state(system)
    assert time.perf_counter() - start > told / 6
