"""Rides on the belt: atoms follow their site, light comes and goes with them."""

from pathlib import Path

import numpy as np
import pytest

import atomcavity.studies.chip_loading as study
from atomcavity.experiments import read_experiment
from atomcavity.studies.chip_loading.bank import FIRST, Bank
from atomcavity.studies.chip_loading.device import devices
from atomcavity.studies.chip_loading.transport import Curve, Transport

DEVICES = devices(read_experiment(Path(study.__file__).parent / "experiment.toml"))
BANK = Bank(DEVICES[0], 50e3, 200, seed=5)
EMPTY = float(DEVICES[0].probe.empty())


def test_a_ride_lasts_from_the_first_height_to_the_last():
    assert BANK.heights[0] == FIRST
    assert BANK.heights[-1] == pytest.approx(-0.5, abs=0.02)
    assert np.diff(BANK.time) == pytest.approx(BANK.tick, rel=1e-9)


def test_atoms_follow_their_site_far_from_the_chip():
    early = BANK.heights > 1.2
    mean = BANK.rides.position[:, early, 2].mean(axis=0)
    assert mean == pytest.approx(BANK.heights[early] * DEVICES[0].spacing, abs=45e-9)
    speed = BANK.rides.velocity[:, 0, 2].mean()  # that of the site, within the thermal spread of the mean
    assert speed == pytest.approx(-0.0234, abs=0.01)
    assert BANK.rides.ending.min() >= 0
    assert (BANK.rides.end > BANK.time[BANK.heights > 0.6][-1]).all()


def test_light_begins_and_ends_with_the_empty_ring():
    light = BANK.transmission(1, 200)
    assert light[:, 0] == pytest.approx(EMPTY, rel=2e-3)
    gone = BANK.rides.ending > 0
    assert gone.mean() > 0.9
    assert np.nanmean(light[:, -1]) == pytest.approx(EMPTY, rel=0.2)
    assert light.mean(axis=0).max() > 2 * EMPTY


def test_more_atoms_more_light():
    means = [BANK.transmission(n, 200).mean(axis=0).max() for n in (1, 2, 3)]
    assert EMPTY < means[0] < means[1] < means[2] < 1


def test_left_and_right_are_alike():
    near = np.argmin(abs(BANK.heights - 0.4))
    y = BANK.rides.position[:, near, 1]
    assert abs(y.mean()) < 4 * y.std() / np.sqrt(len(y))


def test_the_shifted_line_caps_the_light():
    """With -6 MHz at the printed trap and one profile, T_1 of atoms at rest stays below 0.270 wherever they are."""
    z = np.linspace(20e-9, 600e-9, 400)
    r = np.stack([0 * z, 0 * z, z], axis=-1)[:, None, :]
    assert DEVICES[0].probe.transmission(r).max() == pytest.approx(0.270, abs=0.001)
    assert DEVICES[1].probe.transmission(r).max() > 0.5


def test_a_curve_knows_its_peak_and_error():
    height = np.linspace(1, 0, 5)
    values = np.array([[0, 1, 2, 1, 0], [0, 1, 4, 1, 0.0]])
    curve = Curve.of(height, values)
    assert curve.peak == (3.0, pytest.approx(1.0), 0.5)
    assert curve.at(0.625) == pytest.approx(2.0)


def test_slow_belts_lose_their_atoms_higher_up():
    found = Transport(DEVICES, quick=True)
    for fates in found.fates:
        heights = [fate.height for fate in fates]
        assert heights == sorted(heights, reverse=True)
        assert all(sum(fate.shares.values()) == pytest.approx(1) for fate in fates)
    assert found.values()["s4.mc_T1peak_B100"] > 0.4  # printed
