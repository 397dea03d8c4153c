"""Atoms held next to the surface: where they start, the record of their light, what choosing bright windows does."""

import re
from dataclasses import replace
from math import tau
from pathlib import Path

import numpy as np
import pytest
from scipy.constants import k as boltzmann

import atomcavity as ac
import atomcavity.studies.chip_loading as study
from atomcavity.detection import ClickRecords
from atomcavity.detection.analysis.occupation import poisson_weights
from atomcavity.detection.fluorescence import LABELS
from atomcavity.experiments import read_experiment
from atomcavity.results import Record
from atomcavity.studies.chip_loading.coverage import OF_THESE, Coverage, Covered
from atomcavity.studies.chip_loading.device import Device
from atomcavity.studies.chip_loading.figures_coverage import draw_coverage
from atomcavity.studies.chip_loading.figures_fluorescence import steps
from atomcavity.studies.chip_loading.fluorescence import DRIVE, Fluorescence
from atomcavity.studies.chip_loading.held import MOST, Held
from atomcavity.studies.chip_loading.held_light import Light, delays, dip, fit_g2, rule
from atomcavity.studies.chip_loading.remarks_coverage import about_coverage
from atomcavity.studies.chip_loading.remarks_fluorescence import about_fluorescence

DEVICE = Device(read_experiment(Path(study.__file__).parent / "experiment.toml"), 1)
HELD = Held(DEVICE, DRIVE, 5e-6, phases=5)


def test_wells_are_thermal_and_closed():
    """Boltzmann's law in each, the lattice's phase where the height says, and no weight at the raster's edge."""
    filled = [(h, w) for h, w in zip(HELD.heights, HELD.wells, strict=True) if w is not None]
    assert 2 <= len(filled) < 5
    unit = boltzmann * DEVICE.temperature
    for height, well in filled:
        assert well.phase == pytest.approx(DEVICE.phase_at(height * DEVICE.spacing))
        assert well.weight.sum() == pytest.approx(1)
        edges = (well.weight[0], well.weight[-1], well.weight[:, 0], well.weight[:, -1])
        assert max(edge.max() for edge in edges) == 0
        potential = DEVICE.belt(height=height * DEVICE.spacing) + DEVICE.rest
        i, j = np.unravel_index(np.argsort(well.weight.ravel())[[-1, -400]], well.weight.shape)
        places = np.stack([0 * well.y[i], well.y[i], well.z[j]], axis=-1)
        energy = potential.energy(places)
        ratio = well.weight[i[1], j[1]] / well.weight[i[0], j[0]]
        assert ratio == pytest.approx(np.exp(-(energy[1] - energy[0]) / unit), rel=1e-6)
        drawn = well.draw(300, np.random.default_rng(1))
        mean = (well.weight.sum(axis=0) * well.z).sum()
        assert drawn[:, 2].mean() == pytest.approx(mean, abs=5e-9)
        assert abs(drawn[:, 1].mean()) < 5 * drawn[:, 1].std() / np.sqrt(300)  # left and right alike


def test_flights_begin_in_their_wells_and_lose_nobody_at_once():
    flights = HELD.flights(60, seed=3)
    there = np.isfinite(flights.position[..., 2])
    assert np.array_equal(there[:, :, 0].sum(axis=1), flights.number)
    assert flights.number.max() <= MOST
    assert there[:, :, -1].sum() > 0.9 * flights.number.sum()
    again = HELD.flights(60, seed=3)
    assert np.array_equal(flights.position, again.position, equal_nan=True)
    x = flights.position[..., 0][there[:, :, 0]][:, 0]
    assert x.std() < DEVICE.experiment.belt.tweezer_waist / 2  # held in the tweezer


def test_rates_of_an_atom():
    """Purcell's decay 4 g^2 eta/kappa, and half the population in light without end."""
    place = np.array([[0.0, 0.0, 150e-9]])
    g = float(DEVICE.coupling(place)[0])
    ring = DEVICE.experiment.ring
    bare = 4 * g**2 / ring.kappa
    split = 1 + (2 * ring.backscattering / ring.kappa) ** 2
    strong = Held(DEVICE, tau * 1e12, 1e-6)
    rate, excited = strong.line(place)
    assert rate[0] == pytest.approx(DEVICE.gamma + bare / split)
    assert excited[0] == pytest.approx(0.5, rel=1e-6)
    assert HELD.scattering < HELD.saturated
    assert HELD.strongest > float(DEVICE.coupling(np.array([0.0, 0.0, 250e-9])))


def made(rng, rates, runs=400, length=2e-4):
    """Poisson light of runs with so many clicks per second, and two windows' worth of knowledge."""
    counts = rng.poisson(np.repeat(rates, runs // len(rates)) * length)
    run = np.repeat(np.arange(runs), counts)
    number = np.repeat(np.arange(len(rates)), runs // len(rates))
    clicks = ClickRecords(
        Record("made"), time=length * rng.random(len(run)), channel=rng.integers(2, size=len(run)), run=run,
        labels=np.array(LABELS), duration=length, runs=runs, period=np.nan,
    )  # fmt: skip
    windows = round(length / rule()[0])
    atoms = np.repeat(number[:, None].astype(float), windows, axis=1)
    return Light(clicks, number, atoms, 1e7 * (1 + atoms), np.ones((runs, 41)))


LIGHT = made(np.random.default_rng(1), [0.0, 0.6e6, 1.2e6, 1.8e6, 2.4e6])


def test_the_rule_is_the_papers():
    assert rule() == pytest.approx((2e-6, 3, 1.6e-6))


def test_bright_windows_are_those_that_are_counted():
    assert LIGHT.bright.runs == len(LIGHT.chosen)
    share = [len(part.chosen) / part.atoms.size for part in LIGHT.sets.values()]
    mean = np.array([0.6, 1.2, 1.8, 2.4]) * 1.6  # clicks in 1.6 us
    expected = 1 - np.exp(-mean) * (1 + mean + mean**2 / 2)
    assert share == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 8000))


def test_the_choice_takes_more_atoms():
    """Every number as likely: the mean in the chosen windows is that of n weighted with its share of bright windows."""
    assert LIGHT.true("atoms", chosen=False) == pytest.approx(2.5)
    mean = np.array([0.6, 1.2, 1.8, 2.4]) * 1.6
    bright = 1 - np.exp(-mean) * (1 + mean + mean**2 / 2)
    law = (np.arange(1, 5) * bright).sum() / bright.sum()
    assert LIGHT.true("atoms") == pytest.approx(law, abs=0.03)
    assert LIGHT.true("decay") == pytest.approx(1e7 * (1 + law), rel=0.02)


def test_other_occupations_by_weights():
    """Runs made with equal numbers stand for a Poisson law only through the ratio of its probabilities."""
    chosen, every = LIGHT.numbers(1.5, np.array([1.5, 0.01]))
    assert every[0] == pytest.approx(2.5)  # the same occupation: nothing is weighted
    assert chosen[0] == pytest.approx(LIGHT.true("atoms"))
    assert every[1] == pytest.approx(1, abs=0.02)  # hardly ever two
    ratio = poisson_weights(0.7, MOST) / poisson_weights(1.5, MOST)
    _, part = LIGHT.numbers(1.5, np.array([0.7]))
    assert part[0] == pytest.approx((ratio[1:] * np.arange(1, 5)).sum() / ratio[1:].sum())
    same = LIGHT.g2_at(1.5, 1.5)
    assert same.value == pytest.approx(LIGHT.g2.value, rel=1e-9)
    assert same.error == pytest.approx(LIGHT.g2.error, rel=0.1)


def test_poisson_light_stays_at_one_in_chosen_windows():
    """Choosing by the number of clicks makes no correlation if each window is normalised by its own."""
    value, error = LIGHT.g2.value, LIGHT.g2.error
    assert np.abs((value - 1) / error).max() < 4.5
    assert abs(value.mean() - 1) < 4 * np.sqrt((error**2).sum()) / len(value) + 0.02
    middle = len(value) // 2
    assert abs(dip(LIGHT.g2) - 1) < 4 * error[middle]
    assert fit_g2(LIGHT.g2)["atoms"][1] > 0
    assert LIGHT.lit.number.min() == 1
    zero, deviation = LIGHT.xi_zero
    assert zero == pytest.approx(1, abs=4 * deviation)
    assert LIGHT.fit.chi2 < 20 + 4.5 * np.sqrt(40)
    assert LIGHT.fit["lifetime"][0] > 1e-3  # light that does not decay


def test_the_error_over_runs_is_that_of_a_mean():
    """For a mean over runs the jackknife is the textbook's, up to the scatter of ten blocks."""
    part = LIGHT.of(LIGHT.number == 4)
    number = np.bincount(part.clicks.run, minlength=part.clicks.runs)
    error = part.error(lambda light: [len(light.clicks.time) / light.clicks.runs])[0]
    assert error == pytest.approx(number.std() / np.sqrt(len(number)), rel=0.7)
    value = LIGHT.fitted(1.5, 1.5)
    assert value["g2"][0] == pytest.approx(dip(LIGHT.g2_at(1.5, 1.5)))
    assert all(np.isfinite(each).all() for each in value.values())


def test_runs_joined_are_the_runs():
    parts = [LIGHT.of(LIGHT.number == n) for n in range(5)]
    joined = Light.joined(parts)
    assert joined.clicks.runs == LIGHT.clicks.runs
    assert np.array_equal(joined.clicks.counts(LABELS[0]), LIGHT.clicks.counts(LABELS[0]))
    assert np.array_equal(joined.number, LIGHT.number)


def test_bins_of_the_delay_lie_about_zero():
    edges = delays(1e-7, 1e-8)
    assert edges == pytest.approx(-edges[::-1])
    assert np.diff(edges) == pytest.approx(1e-8)
    assert len(edges) % 2 == 0


def test_figures_and_remarks_of_a_record():
    found = Fluorescence(DEVICE, quick=True)
    clicks = LIGHT.clicks
    kept = np.random.default_rng(4).random(len(clicks.time)) < np.exp(-clicks.time / clicks.duration)
    thinned = {name: getattr(clicks, name)[kept] for name in ("time", "channel", "run")}
    light = replace(LIGHT, clicks=replace(clicks, **thinned))
    found.__dict__["lights"] = (light, light)
    life, error = light.lifetime
    assert life == pytest.approx(clicks.duration, abs=4 * error)
    assert [len(step.draw().drawing.axes) for step in steps(found)] == [1, 4]
    text = " ".join(about_fluorescence(found))
    assert not re.search(r"\bnan\b", text)
    # 52 MHz needs 4 g^2 eta/kappa = 46.8 MHz with eta = 0.738: 165 MHz, for one direction
    assert "g/2π = 165 MHz" in text


def test_shares_within_an_error():
    rng = np.random.default_rng(3)
    row = Covered("fit", "x", 2.0, 2 + 0.5 * rng.normal(size=20_000), np.full(20_000, 0.5))
    assert row.within(1) == pytest.approx(0.683, abs=4 * row.uncertain)
    assert row.within(2) == pytest.approx(0.954, abs=0.006)


def test_coverage_of_every_fit():
    """A dozen repetitions: no fit may be far off, and a fit that is not told the number of sites has the smaller error."""
    found = Coverage(DEVICE, quick=True)
    for row in found.rows:
        assert len(row.value) == 12
        assert np.isfinite(row.pull).all()
        assert np.abs(row.pull).max() < 5
        assert row.within(2) > 0.6
    told, these = (found.row(name, "occupation") for name in ("occupation", OF_THESE))
    assert told.error.mean() > 1.1 * these.error.mean()
    assert told.value == pytest.approx(these.value)
    drawing = draw_coverage(found).drawing
    assert len(drawing.axes) == 2
    assert not re.search(r"\bnan\b", " ".join(about_coverage(found)))


def test_light_without_bright_windows_is_told():
    with pytest.raises(ac.InputError, match="no window"):
        made(np.random.default_rng(1), [0.0, 1.0], runs=20).bright  # noqa: B018
