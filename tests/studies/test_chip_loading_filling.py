"""Filled sites, transports with random phases, their alignment by the first sites, the mean number of atoms."""

import math
from pathlib import Path

import numpy as np
import pytest

import atomcavity.studies.chip_loading as study
from atomcavity.experiments import read_experiment
from atomcavity.studies.chip_loading.device import devices
from atomcavity.studies.chip_loading.filling import START
from atomcavity.studies.chip_loading.filling_part import FillingPart
from atomcavity.studies.chip_loading.pulses import BRIGHTER, Scatter, gaussian_fit, sets_within
from atomcavity.studies.chip_loading.remarks_filling import about_filling
from atomcavity.studies.chip_loading.transport import Transport

PART = FillingPart(
    Transport(devices(read_experiment(Path(study.__file__).parent / "experiment.toml")), quick=True)
)
PULSES = PART.pulses
SITES = PULSES.sites


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


def test_scatter_of_gaussian_numbers():
    found = Scatter.of(np.random.default_rng(0).normal(0.1, 0.5, 20_000))
    assert found.mean == pytest.approx(0.1, abs=0.02)
    assert found.deviation == pytest.approx(0.5, rel=0.02)
    assert found.error == pytest.approx(0.5 / math.sqrt(2 * 20_000), rel=0.1)
    assert found.middle == pytest.approx(0.5 * 0.9945, rel=0.03)


def test_the_fitted_mean_number_is_the_true_one():
    values = PULSES.coverage(1.5)
    assert np.all(values[:, 3] == 1.5)
    assert abs(values[:, 2].mean() - 1.5) < 4 * math.sqrt(1.5 / (len(values) * SITES.last))
    assert values[:, 1].min() > math.sqrt(1.5 / SITES.last)  # what the numbers alone scatter
    pull = (values[:, 0] - values[:, 3]) / values[:, 1]
    assert abs(pull.mean()) < 4 / math.sqrt(len(pull))
    assert 0.5 < pull.std() < 1.8


def test_a_gaussian_is_fitted():
    x = np.linspace(0, 1, 40)
    y = 0.1 + 0.5 * np.exp(-(((x - 0.35) / 0.1) ** 2) / 2)
    assert gaussian_fit(x, y, np.full(40, 0.01)) == pytest.approx([0.1, 0.5, 0.35, 0.1], rel=1e-6)


def test_sets_of_four_scatter_as_chi_square_says():
    from scipy.stats import chi2

    values = np.random.default_rng(2).normal(0, 1, 200_000)
    assert sets_within(values, 0.4, 4) == pytest.approx(chi2.cdf(3 * 0.4**2, 3), abs=0.01)


@pytest.mark.slow
def test_a_belt_is_halted_by_its_own_first_sites():
    """The scatter of the final heights is that of the phase, the atoms in these sites stay and couple alike."""
    best, window = PART.halting, PART.halting_by_window
    assert abs(best.scatter.mean) < 4 * best.scatter.error + 0.006
    assert PULSES.slow.limit() < best.scatter.deviation < 0.02 < window.scatter.deviation
    assert best.share(best.aligned) > 0.9
    aligned, blind = (found.g[found.atom_kept].std() for found in (best.aligned, best.blind))
    assert aligned < blind / 3
    sites = best.aligned.site
    assert set(sites[sites >= 0]) <= {10, 11, 12}


@pytest.mark.slow
def test_figures_and_remarks():
    steps = PART.steps()
    figures = [step.draw() for step in steps]
    names = ["figure-1d", "figure-3a", "figure-3bc", "figure-self-alignment"]
    assert [figure.name for figure in figures] == names
    assert [step.numbers for step in steps] == [("1d",), ("3a",), ("3b", "3c"), ("self-alignment",)]
    text = " ".join(about_filling(PART))
    assert "11.0 sites at 4.75°" in text
    assert "nan" not in text
    assert len(PULSES.scatters["published"]) == len(BRIGHTER)
    likely, window = (PULSES.scatters[name][-1].deviation for name in ("likelihood", "published"))
    assert likely < window
