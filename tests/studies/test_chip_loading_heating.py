"""Heating: lifetimes in the probe and in the dark, ramps of the belt."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import constants as const

import atomcavity.studies.chip_loading as study
from atomcavity.experiments import read_experiment
from atomcavity.loading.waveform import read_waveform
from atomcavity.studies.chip_loading.belt_ramps import FAST, BeltRamps
from atomcavity.studies.chip_loading.dark import (
    ALMOST_WHITE,
    STEP,
    TRIED,
    Dark,
    Noise,
    held_density,
    light_scattering,
)
from atomcavity.studies.chip_loading.device import devices
from atomcavity.studies.chip_loading.heating import Heating
from atomcavity.studies.chip_loading.probed import NO_FRICTION, one_over_e

HEATING = Heating(devices(read_experiment(Path(study.__file__).parent / "experiment.toml")), quick=True)
DEVICE = HEATING.devices[0]


def test_one_over_e_lies_between_the_samples():
    time = np.linspace(0, 5, 200)
    assert one_over_e(time, 3 * np.exp(-time / 0.7)) == pytest.approx(0.7, rel=1e-3)
    assert math.isnan(one_over_e(time, np.ones(200)))


def test_near_a_line_the_scattering_is_that_of_two_levels():
    """U = hbar Omega^2/4 Delta, rate = gamma Omega^2/4 Delta^2: gamma U/hbar Delta, 5 GHz beside the D2 line."""
    line = DEVICE.line
    delta = 2 * math.pi * 5e9
    energy = const.h * 1e6
    # unpolarized and linear: of the strength 2/3 is scalar, and U has that alone as the rate has
    rate = light_scattering(DEVICE, 2 * math.pi * const.c / (line.frequency + delta), energy)
    assert rate == pytest.approx(line.gamma * energy / (const.hbar * delta), rel=0.01)


def test_recoil_is_far_too_slow_and_worst_next_to_the_surface():
    dark = Dark(DEVICE, (1.0, TRIED, 0.4))
    times = [site.recoil_lifetime for site in dark.sites]
    assert sorted(times, reverse=True) == times
    assert min(times) > 1
    for site in dark.sites:
        assert 0 < site.rim < 1.2e-3 * const.k
        assert site.frequencies_hz[1] > site.frequencies_hz[0]
    assert dark.middle.height == TRIED
    # from there an atom comes away at the rim, but not below it
    place = dark.middle
    assert place.rim < site_depth_along(place)
    assert dark.pressure(0.1) == pytest.approx(2 * dark.pressure(0.2), rel=1e-9)


def site_depth_along(place):
    """Barriers straight across and along."""
    return place.site.barriers.min()


def test_the_density_of_the_noise_is_that_of_its_samples():
    rng, steps, rms = np.random.default_rng(3), 2**18, 0.1
    keep = math.exp(-STEP / ALMOST_WHITE)
    from scipy.signal import lfilter

    x = lfilter([math.sqrt(1 - keep**2) * rms], [1, -keep], rng.standard_normal(steps))
    held = np.repeat(x, 4)  # a value stays for a step
    from scipy.signal import welch

    f, density = welch(held, 4 / STEP, nperseg=2**12)
    near = (f > 0.6e6) & (f < 1.0e6)
    assert density[near].mean() == pytest.approx(held_density(rms, 0.8e6), rel=0.05)


def test_the_density_that_is_needed_goes_with_the_rate():
    noise = Noise("intensity", "1/Hz", 8e5, 1e-9, 2e-3, 1e-3)
    assert noise.needed(0.2) == pytest.approx(1e-11)
    assert replace(noise, lifetime=math.nan).needed(0.2) == pytest.approx(5e-12)


def test_a_fast_belt_gains_what_the_formula_says():
    ramps = BeltRamps(DEVICE, quick=True)
    assert ramps.frequency_hz == pytest.approx(300e3, rel=0.02)  # the depth was chosen for it
    assert ramps.unit(FAST) == pytest.approx(ramps.device.mass / 2 * (FAST * 467.5e-9) ** 2, rel=1e-9)
    least = ramps.least(5.25e-6)
    assert least.excitation < 1e-4
    for shape, expected in (("linear", ramps.over_band("linear", 5.25e-6)), (least.shape, 0.0)):
        gained = ramps.gained(shape, 5.25e-6) / ramps.unit(FAST)
        assert gained == pytest.approx(expected, abs=0.01)


def test_waveforms_are_written(tmp_path):
    HEATING.write_waveforms(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 8
    wave = read_waveform(tmp_path / "waveform-stop-least-heating.csv")
    assert np.array_equal(np.load(tmp_path / "waveform-stop-least-heating.npy")[:, 1], wave.frequency)
    assert wave.frequency[[0, -1]] == pytest.approx([6e3, 0.0], abs=1e-6)
    assert wave.power[[0, -1]] == pytest.approx([1, 4])
    linear = read_waveform(tmp_path / "waveform-start-linear.csv")
    assert np.diff(linear.frequency) == pytest.approx(50e3 / 1e4, rel=1e-6)


@pytest.mark.slow
def test_the_probe_ends_the_stay():
    life = HEATING.lifetimes[0]
    probed = life.probed
    shares = probed.shares(life.efficiency)
    assert sum(shares.values()) == pytest.approx(1.0, abs=0.4)  # uK/us
    assert all(part > 0 for part in shares.values())  # the probe is blue of the shifted line: friction heats
    red = replace(probed, whole=replace(probed.whole, detuning=-2 * math.pi * 30e6))
    assert red.shares(life.efficiency)["friction"] < 0
    assert life.decay.lifetime == pytest.approx(life.printed, rel=0.25)
    assert life.without_friction.lifetime > 1.4 * life.decay.lifetime
    # a part of the probe is the probe where all is kept, and heats less where something is not
    place = probed.start[0].position
    assert np.array_equal(
        probed.light(0.05).rate(place), replace(probed.whole, flux=probed.whole.flux / 0.05).rate(place)
    )
    assert np.all(probed.light(0.05, NO_FRICTION).table[:, 3] == 0)
    assert probed.light(0.05).table[:, 3].any()
    for shape in ("linear", "smoothest"):
        assert 15e-6 < probed.temperature(shape) < 45e-6


@pytest.mark.slow
def test_figures_and_remarks():
    from atomcavity.studies.chip_loading.remarks_heating import about_heating

    for step in HEATING.steps():
        assert step.draw().caption
    text = " ".join(about_heating(HEATING))
    assert "prints no spectrum" in text
    assert " nan" not in text
