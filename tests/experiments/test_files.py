"""Experiment files: every mistake is one sentence with its place; nothing else gets through."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import atomcavity
from atomcavity.errors import InputError
from atomcavity.experiments import read_experiment

FILE = Path(atomcavity.__file__).parent / "studies" / "microlaser" / "experiment.toml"


def test_the_papers_file():
    experiment = read_experiment(FILE)
    assert experiment.sphere.radius == 5.03e-6
    assert experiment.atom.linewidth == pytest.approx(2 * math.pi * 7.5e3)
    assert experiment.laser.pump_rate == 2.5e7  # an event rate: no 2 pi
    assert experiment.trap.red.standing


def test_changes_as_on_the_command_line():
    experiment = read_experiment(FILE, ["laser.atoms=3", 'trap.red.power="30 mW"', "trap.blue.power=90 mW"])
    assert experiment.laser.atoms == 3
    assert (experiment.trap.red.power, experiment.trap.blue.power) == (0.03, 0.09)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("sphere.radius=5", "sphere.radius = 5 has no unit"),
        ("sphere.radius=-5 um", "sphere.radius must be positive, but is -5 µm"),
        ("sphere.radus=5 um", "unknown key 'sphere.radus'; did you mean 'radius'?"),
        ("spere.radius=5 um", "unknown key 'spere'; did you mean 'sphere'?"),
        ("laser.atoms=0", "laser.atoms = 0: input should be greater than or equal to 1"),
        ("laser.atoms=2.5", "laser.atoms = 2.5: input should be a valid integer"),
        ("cavity.mode.n=0", "cavity.mode.n = 0"),
        ("cavity.mode.m=61", "|m| must not exceed l = 60"),
        ("cavity.coupler_quality=1e7", "cavity quality = 1e+08 exceeds coupler_quality = 1e+07"),
        ("cavity.quality=inf", "cavity.quality = inf: input should be a finite number"),
        ("laser.pump_rate=25 MHz", "laser.pump_rate = '25 MHz' is an event rate"),
        ("laser.phases=random", "laser.phases = 'random'"),
        ("kind=microlazer", "did you mean 'microlaser'"),
        ("no equals sign", "write it as key=value"),
        ("sphere.radius.x=1", "is a value, not a table"),
        ("trap=1", "trap = 1"),
    ],
)
def test_one_sentence_for_a_mistake(change, message):
    with pytest.raises(InputError) as caught:
        read_experiment(FILE, [change])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_mistakes_at_once():
    with pytest.raises(InputError) as caught:
        read_experiment(FILE, ["laser.atoms=0", "sphere.radius=5"])
    assert len(str(caught.value).splitlines()) == 2


def test_missing_key_and_missing_kind(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text('kind = "microlaser"\n')
    with pytest.raises(InputError, match="the key 'atom' is missing"):
        read_experiment(path)
    path.write_text("")
    with pytest.raises(InputError, match="the key 'kind' is missing"):
        read_experiment(path)
    with pytest.raises(InputError, match="no such experiment file"):
        read_experiment(tmp_path / "y.toml")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_one_sentence(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "x.toml"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_experiment(path)
