"""Filled sites, transports with random phases, their alignment by the first sites, the mean number of atoms."""

import math
from pathlib import Path

import numpy as np
import pytest

import atomcavity.studies.chip_loading as study
from atomcavity.experiments import read_experiment
from atomcavity.results import Record
from atomcavity.studies.chip_loading.device import devices
from atomcavity.studies.chip_loading.figures_filling import (
    draw_alignment,
    draw_filling,
    draw_occupation,
    gaussian_fit,
)
from atomcavity.studies.chip_loading.filling import START, FilledSites
from atomcavity.studies.chip_loading.pulses import BRIGHTER, Pulses, Scatter
from atomcavity.studies.chip_loading.remarks_filling import about_filling
from atomcavity.studies.chip_loading.self_alignment import SelfAlignment, click_limit, densest, self_align
from atomcavity.studies.chip_loading.transport import Transport

SITES = FilledSites(
    Transport(devices(read_experiment(Path(study.__file__).parent / "experiment.toml")), quick=True)
)
PULSES = Pulses(SITES)


def test_some_seventy_sites_are_filled_with_notches():
    assert 60 <= SITES.last <= 90
    assert SITES.mean_occupation(1, SITES.last) == pytest.approx(1.5, abs=0.3)
    assert SITES.filling.notch_period == pytest.approx(11.0, abs=0.05)
    assert SITES.filling.number[10:12].mean() < 0.6 * SITES.filling.number[2:9].mean()


def test_the_curves_begin_with_the_empty_ring_and_rise_with_the_number():
    empty = float(SITES.device.probe.empty())
    assert SITES.curves[0] == pytest.approx(empty, abs=1e-12)
    assert np.all(np.diff(SITES.curves.max(axis=1)) > 0)
    assert SITES.curves.max() < 1
    assert SITES.template(0.0) == pytest.approx(SITES.device.experiment.probe.background, rel=1e-9)


def test_clicks_follow_the_template_at_the_true_phase():
    """Where the sites are and what they send agree: the same rides folded by hand and drawn run by run."""
    runs = SITES.runs(150, 6, occupation=1.5, brighter=20.0, seed=4)
    period, ticks = SITES.period, len(SITES.curve_time)
    since = runs.clicks.time - runs.phases[runs.clicks.run] * period - period
    phase = since[(since >= 0) & (since < 4 * period)] % period
    rate = np.histogram(phase, ticks // 4, range=(0, period))[0] / (150 * 4 * period / (ticks // 4))
    expected = 20 * SITES.template(1.5).reshape(-1, 4).mean(axis=1)
    assert rate == pytest.approx(expected, rel=0.12)
    assert rate.mean() == pytest.approx(expected.mean(), rel=0.03)


def test_numbers_follow_the_filling():
    numbers = SITES.runs(400, 40, seed=5).numbers.mean(axis=0)
    heights = (START + 0.5 + np.arange(40)) * SITES.device.spacing
    expected = np.interp(heights, SITES.filling.height, SITES.filling.number)
    assert numbers.mean() == pytest.approx(expected.mean(), rel=0.03)
    assert SITES.runs(50, 5, occupation=2.0, seed=1).numbers.mean() == pytest.approx(2.0, abs=0.4)


def test_the_same_seed_gives_the_same_clicks():
    first, again = (SITES.runs(3, 4, seed=9).clicks.time for _ in range(2))
    assert np.array_equal(first, again)


def test_the_belt_finds_its_phase():
    bright = SITES.runs(60, 11, occupation=1.5, brighter=64.0, seed=6)
    found = PULSES.align(bright, brighter=64.0)
    deviation = found.deviation(START + bright.phases)
    assert deviation.std() < 0.03
    assert abs(deviation.mean()) < 0.015
    window = PULSES.align(bright, brighter=64.0, window=0.6e-6).deviation(START + bright.phases)
    assert window.std() > deviation.std()
    assert found.error == pytest.approx(PULSES.limit(64.0), rel=0.5)


def test_arrivals_are_where_the_heights_say():
    found = SelfAlignment(np.array([0.25, 0.95]), 0.01, 10, 50e3)
    assert found.arrival(0.0) == pytest.approx([5e-6, 19e-6])
    assert found.arrival(0.9) == pytest.approx([7e-6, 1e-6])
    assert found.deviation(np.array([3.2, 7.05])) == pytest.approx([0.05, -0.1])


def test_a_halted_site_rests_where_it_should():
    found = SelfAlignment(np.linspace(0, 0.99, 23), 0.01, 10, 50e3)
    stop, height = 50e-6, 0.3
    begin = found.halt(height, stop)
    rest = found.height - 50e3 * (begin + stop / 2)
    assert (rest - height) % 1.0 == pytest.approx(np.round((rest - height) % 1.0), abs=1e-9)
    assert np.all((begin > 10 / 50e3 - 1e-9) & (begin < 11 / 50e3 + 1e-9))


@pytest.mark.parametrize("window", [None, 3e-6])
def test_a_known_pulse_is_found(window):
    """A narrow pulse a quarter of a period after the start, at a site height of START - 1/4; no background."""
    phase = (np.arange(80) + 0.5) / 80
    template = 1e4 + 1e7 * np.exp(-(((phase - 0.25) / 0.03) ** 2) / 2)
    rng = np.random.default_rng(1)
    time = np.sort(
        (np.repeat(np.arange(10), 40) + (0.6 + 0.25 + 0.03 * rng.standard_normal(400)) % 1) * 20e-6
    )
    clicks = SITES.runs(1, 1).clicks
    kind = type(clicks)
    made = kind(
        Record("made"),
        time=time,
        channel=np.zeros(400, np.int64),
        run=np.zeros(400, np.int64),
        labels=np.array(["detector"]),
        duration=220e-6,
        runs=1,
        period=math.nan,
    )
    found = self_align(made, 50e3, template, START, window=window)
    assert found.deviation(np.array([START + 0.6]))[0] == pytest.approx(0.0, abs=0.01)


def test_the_limit_of_the_clicks_is_that_of_cramer_and_rao():
    period, mean, depth = 20e-6, 3e5, 0.02
    template = mean * (1 + depth * np.cos(2 * np.pi * np.arange(400) / 400))
    exact = period / (2 * np.pi * depth * math.sqrt(10 * mean * period / 2))
    assert click_limit(template, period, 10) == pytest.approx(exact, rel=1e-3)


def test_the_densest_window_is_on_the_pulse():
    template = np.ones(100)
    template[97:] = template[:2] = 5.0
    assert densest(template, 0.05) == pytest.approx(0.99)


def test_scatter_of_gaussian_numbers():
    found = Scatter.of(np.random.default_rng(0).normal(0.1, 0.5, 20_000))
    assert found.mean == pytest.approx(0.1, abs=0.02)
    assert found.deviation == pytest.approx(0.5, rel=0.02)
    assert found.error == pytest.approx(0.5 / math.sqrt(2 * 20_000), rel=0.1)
    assert found.middle == pytest.approx(0.5 * 0.9945, rel=0.03)


def test_the_fitted_mean_number_is_the_true_one():
    values = PULSES.coverage(1.5)
    pull = (values[:, 0] - values[:, 2]) / values[:, 1]
    assert abs(pull.mean()) < 4 / math.sqrt(len(pull))
    assert 0.5 < pull.std() < 1.8


def test_a_gaussian_is_fitted():
    x = np.linspace(0, 1, 40)
    y = 0.1 + 0.5 * np.exp(-(((x - 0.35) / 0.1) ** 2) / 2)
    assert gaussian_fit(x, y, np.full(40, 0.01)) == pytest.approx([0.1, 0.5, 0.35, 0.1], rel=1e-6)


@pytest.mark.slow
def test_figures_and_remarks():
    figures = [draw_filling(PULSES), draw_occupation(PULSES), draw_alignment(PULSES)]
    assert [figure.name for figure in figures] == ["figure-1d", "figure-3a", "figure-3bc"]
    text = " ".join(about_filling(PULSES))
    assert "11.0 sites at 4.75°" in text
    assert "nan" not in text
    assert len(PULSES.scatters["published"]) == len(BRIGHTER)
    assert PULSES.slow_scatter.middle < PULSES.scatters["likelihood"][0].middle
    likely, window = (PULSES.scatters[name][-1].deviation for name in ("likelihood", "published"))
    assert likely < window
