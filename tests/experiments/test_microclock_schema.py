"""Experiment files of kind "microclock": both files of the study, and every mistake as one sentence."""

import math
from pathlib import Path

import pytest

import atomcavity
from atomcavity.errors import InputError
from atomcavity.experiments import MicroclockExperiment, read_experiment
from atomcavity.species import ATOMIC_POLARIZABILITY

STUDY = Path(atomcavity.__file__).parent / "studies" / "microclock"
FILES = [STUDY / "experiment.toml", STUDY / "physical.toml"]


def test_the_papers_file():
    experiment = read_experiment(FILES[0])
    assert isinstance(experiment, MicroclockExperiment)
    assert experiment.atom.m == 4.5
    assert experiment.shifts.deviation == pytest.approx(2 * math.pi * 735)
    assert experiment.noise.white_fm == 2e-24
    assert experiment.noise.random_walk_fm == 2e-22
    assert experiment.trap.given.red == pytest.approx(278 * ATOMIC_POLARIZABILITY, rel=1e-9, abs=0)
    # 2.67 kHz/nm at 1 kW/cm^2, 0.085 nm away: 227 Hz
    slope = experiment.shifts.blue.slope
    assert slope * 0.085e-9 * 1e7 == pytest.approx(2 * math.pi * 226.95)


def test_the_physical_file_takes_no_number_from_the_print_where_one_follows():
    experiment = read_experiment(FILES[1])
    assert experiment.trap.angular == "exact"
    assert experiment.trap.normalisation == "poynting"
    assert experiment.atom.linewidth is None
    cavity = experiment.cavity
    assert (cavity.quality, cavity.kappa, cavity.volume, cavity.coupling) == (None,) * 4
    assert (experiment.shifts.mean, experiment.shifts.deviation) == (None, None)


def test_both_files_describe_one_sphere():
    first, second = (read_experiment(path) for path in FILES)
    assert first.sphere == second.sphere
    assert first.ensemble == second.ensemble
    assert first.cycle == second.cycle
    assert first.noise == second.noise


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("cycle.window=2 s", "cycle window = 2 s exceeds period = 1 s"),
        ("cycle.estimator=middle", "cycle.estimator = 'middle'"),
        (
            "cavity.coupler=critcal",
            "cavity.coupler = 'critcal': it is \"critical\" or a positive quality factor",
        ),
        ("cavity.coupler=-1.0", "cavity.coupler = -1.0: it is"),
        ("cavity.coupler=inf", "cavity.coupler = inf: it is"),
        ("cavity.volume=2e-17 m", "unknown unit of volume 'm'"),
        ("trap.given.red=278", "trap.given.red = 278 has no unit"),
        ("trap.given.c3=-1 Hz um^3", "trap.given.c3 must not be negative, but is -6.626e-52 J m^3"),
        ("shifts.red.slope=39.5 Hz/mm", "unknown unit of shift slope 'Hz/mm'"),
        ("shifts.power_noise=-0.1", "shifts.power_noise = -0.1"),
        ("noise.white_fm=2e-24 s^2", "noise.white_fm = '2e-24 s^2': unknown unit of h_0 's^2'"),
        ("noise.whit_fm=2e-24 s", "unknown key 'noise.whit_fm'; did you mean 'white_fm'?"),
        ("noise.random_walk_fm=-1 Hz", "must not be negative"),
        ("ensemble.atoms=0", "ensemble.atoms = 0"),
        ("lock.gain=2", "lock.gain = 2"),
        ("laser.atoms=7", "unknown key 'laser'"),
    ],
)
def test_one_sentence_for_a_mistake(change, message):
    with pytest.raises(InputError) as caught:
        read_experiment(FILES[0], [change])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_the_papers_file_leaves_out_can_be_set():
    changed = read_experiment(
        FILES[0],
        [
            "cavity.coupler=1e9",
            "lock.gain=0.1",
            "lock.sensor_noise=1 kHz",
            "cavity.detuning=-300 kHz",
            "cycle.readout=9 Hz",
            "noise.bandwidth=10 Hz",
            "reference_laser.flicker_fm=1e-32",
        ],
    )
    assert changed.cavity.coupler == 1e9
    assert changed.cavity.detuning == pytest.approx(-2 * math.pi * 3e5)
    assert changed.lock.sensor_noise == pytest.approx(2 * math.pi * 1e3)
    assert changed.cycle.readout == pytest.approx(2 * math.pi * 9)
    assert changed.noise.bandwidth == 10  # a Fourier frequency: no 2 pi
    assert changed.reference_laser.flicker_fm == 1e-32
