"""The device of the chip-loading paper: what follows from the printed numbers, and the geometry of the belt."""

from math import tau
from pathlib import Path

import numpy as np
import pytest
from scipy.constants import hbar

import atomcavity.studies.chip_loading as study
from atomcavity.errors import InputError
from atomcavity.experiments import read_experiment
from atomcavity.studies.chip_loading.device import Device, devices

FILE = Path(study.__file__).parent / "experiment.toml"
EXPERIMENT = read_experiment(FILE)
DEVICE = Device(EXPERIMENT)
PLACE = np.array([0.0, 245e-9, 170e-9])


def test_printed_profile_and_shift():
    g = 490e6 * np.exp(-170 / 88) * np.cos(245 / 540) * np.exp(-((245 / 930) ** 2))
    assert DEVICE.coupling(PLACE) == pytest.approx(tau * g, rel=1e-12)
    assert DEVICE.light_shift(PLACE) / tau == pytest.approx(-6e6, rel=0.01)  # printed


def test_shift_ratio_of_the_species_is_that_of_the_file():
    blue = EXPERIMENT.blue.model_copy(update={"shift_ratio": None})
    own = Device(EXPERIMENT.model_copy(update={"blue": blue})).shift_ratio
    assert own == pytest.approx(EXPERIMENT.blue.shift_ratio, rel=0.005)


def test_counts_of_the_empty_ring_are_the_printed_ones():
    assert float(DEVICE.counter.rate(DEVICE.probe.empty())) * 200e-6 == pytest.approx(15)


def test_phase_and_height_are_inverse_and_the_belt_moves_down():
    for height in (0.1e-6, 0.7e-6):
        assert DEVICE.height_at(DEVICE.phase_at(height)) == pytest.approx(height, rel=1e-12)
    later = DEVICE.belt(frequency_hz=50e3, height=0.9e-6).phase(10e-6)
    assert DEVICE.height_at(later) == pytest.approx(0.9e-6 - 0.5 * DEVICE.spacing, rel=1e-9)


def test_far_from_the_chip_a_site_is_where_the_phase_says():
    from atomcavity.traps.site import find_site

    heights = np.linspace(2.0, 3.0, 5, endpoint=False) * DEVICE.spacing
    off = []
    for height in heights:
        site = find_site(DEVICE.belt(height=height), DEVICE.mass, near=(0, 0, height))
        off.append(site.position[2] - height)
    assert abs(np.mean(off)) < 15e-9  # the reflection of the tweezer shakes the sites, in turn up and down
    assert np.ptp(off) < 0.25 * DEVICE.spacing


def test_two_strengths_of_the_blue_field():
    strong, weak = devices(EXPERIMENT)
    assert strong.blue.energy(np.zeros(3)) / hbar == pytest.approx(tau * 277e6)
    assert weak.blue.energy(np.zeros(3)) / hbar == pytest.approx(tau * 100e6)
    with pytest.raises(InputError, match="no such one"):
        _ = Device(EXPERIMENT, 2).blue


def test_without_a_printed_coupling_the_mode_gives_it():
    own = Device(EXPERIMENT.model_copy(update={"coupling": None})).profile
    assert 0.5 < own.g0 / DEVICE.profile.g0 < 1.5
    assert own.decay == pytest.approx(DEVICE.profile.decay, rel=0.15)
    assert own.residual < 0.05


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("ring.kappa_ext=2 GHz", "kappa_ext above kappa"),
        ("surface.c4=165", "surface.c4"),
        ("belt.polarization=x", "belt.polarization"),
        ("blue.energy=[]", "blue.energy"),
    ],
)
def test_mistakes_are_named(change, message):
    with pytest.raises(InputError, match=message):
        read_experiment(FILE, [change])


def test_a_wavelength_that_repels_is_refused():
    with pytest.raises(InputError, match=r"belt\.wavelength"):
        _ = Device(read_experiment(FILE, ["belt.wavelength=850 nm"])).polarizability
