"""The experiment with feedback: occupation and triggers agree, atoms land in lobes, the second look and collisions."""

from pathlib import Path

import numpy as np
import pytest

import atomcavity.studies.chip_loading as study
from atomcavity.detection import CountThreshold
from atomcavity.experiments import read_experiment
from atomcavity.studies.chip_loading import figures_caught, figures_feedback
from atomcavity.studies.chip_loading.device import devices
from atomcavity.studies.chip_loading.feedback_part import Feedback
from atomcavity.studies.chip_loading.feedback_steps import steps
from atomcavity.studies.chip_loading.figures_loaded import numbers
from atomcavity.studies.chip_loading.published import printed

FOUND = Feedback(devices(read_experiment(Path(study.__file__).parent / "experiment.toml")), quick=True)
WEAK = FOUND.weak


def test_the_fitted_occupation_gives_the_printed_share_of_triggers():
    p = WEAK.triggers(WEAK.occupation).sum()
    assert 1 - (1 - p) ** printed("triggered_sites") == pytest.approx(printed("triggered"), abs=1e-9)
    probability, error = WEAK.loaded.trigger_probability()
    # the sites' own sample makes n-bar uncertain by some 3 %
    assert probability[-1] == pytest.approx(printed("triggered"), abs=4 * error[-1] + 0.03)


def test_a_count_prefers_sites_with_several_atoms():
    assert (np.diff(WEAK.seen)[:4] > 0).all()
    assert (WEAK.seen[4:] > 0.95).all()
    for occupation in (0.05, 0.5, 1.5):
        law = WEAK.given_trigger(occupation)
        assert law.sum() == pytest.approx(1)
        mean = np.arange(len(law)) @ law
        assert mean > occupation / (1 - np.exp(-occupation)) - 1e-9
    assert WEAK.given_trigger(1e-6)[1] == pytest.approx(1, abs=1e-4)


def test_what_is_loaded_is_what_fired():
    """At a low occupation the atoms of sites that fire are those that the response of single sites predicts."""
    shares, law = WEAK.loaded.probabilities("at_trigger"), WEAK.given_trigger(WEAK.occupation)
    error = np.sqrt(law[1] * (1 - law[1]) / WEAK.loaded.triggered.sum())
    assert shares[1] == pytest.approx(law[1], abs=5 * error)
    assert WEAK.loaded.transfer > 0.93


def test_atoms_triggered_by_height_land_in_one_of_two_lobes():
    moved = FOUND.strong.transferred
    assert moved.held.mean() > 0.97
    y, z, height = figures_caught.moved(FOUND.strong)
    left = (y < 0).mean()
    assert left == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / len(y)))
    assert (np.abs(y) > 100e-9).all()
    assert z.mean() == pytest.approx(174e-9, abs=15e-9)
    # the belt goes on by half of its speed times the stop
    d, loop = FOUND.strong.device.spacing, FOUND.strong
    ticks = np.median(moved.ticks[moved.held])
    before = (1.5 - loop.bank.frequency_hz * ticks * 0.5e-6) * d
    assert before - height == pytest.approx(loop.bank.frequency_hz * loop.controller.stop / 2 * d, rel=0.02)


def test_a_path_goes_on_without_a_jump():
    times, y, z, trigger = figures_caught.path(FOUND.strong)
    assert np.diff(times) == pytest.approx(0.5e-6)
    step = np.hypot(np.diff(y), np.diff(z))
    at = np.searchsorted(times, trigger)
    assert step[at - 3 : at + 3].max() < 2 * np.percentile(step, 99)
    assert z[at] < 200e-9 < z[at - 2]


def test_a_shorter_stop_leaves_atoms_closer_to_the_ring():
    far, near = WEAK.loaded, WEAK.halted
    y = [np.abs(found.place[found.atom_kept, 1]).mean() for found in (far, near)]
    assert y[1] < y[0] - 50e-9


def test_counts_of_the_belt_are_a_law_and_empty_ones_those_of_the_ring():
    window = FOUND.devices[0].experiment.feedback.window
    share = figures_feedback.binned(WEAK, window)
    assert share.sum() == pytest.approx(1)
    empty = float(WEAK.device.counter.rate(WEAK.device.probe.empty())) * window
    assert np.arange(len(share)) @ share > 1.5 * empty
    firing = [figures_feedback.thresholded(WEAK, CountThreshold(k, window)) for k in (6, 10, 14)]
    assert firing == sorted(firing, reverse=True)


def test_the_second_look_leaves_single_atoms():
    plain, better = FOUND.choices
    assert better.rule.false_alarm_rate(75e3) == pytest.approx(plain.rule.false_alarm_rate(75e3), rel=0.01)
    one, _, rate = better.delivered(better.plain)
    pure, error, kept = better.delivered(better.selected)
    assert pure > one + 2 * error
    assert rate > plain.delivered(plain.plain)[2]
    assert 0 < kept < rate
    posterior = better.posterior(np.arange(0, 2000, 50))
    assert ((posterior >= 0) & (posterior <= 1)).all()
    assert posterior[-1] < 0.01


def test_collisions_leave_at_most_one_atom_in_a_lobe():
    both, one = (numbers(FOUND.collided[q]) for q in (0.0, 1.0))
    assert both[0] > 0.05 > one[0]
    assert one[3] < 0.1
    kept = FOUND.collided[1.0]
    for run in np.flatnonzero(kept.kept == 2)[:20]:
        y = kept.place[kept.atom_kept & (kept.atom_run == run), 1]
        assert y[0] * y[1] < 0


def test_the_probe_makes_the_signal_decay():
    life, error = FOUND.decay["lifetime"]
    assert 5 * error < life < 2e-3
    light = FOUND.probed[0].mean_transmission()
    assert light[-1] < 0.6 * light[len(light) // 20]
    assert FOUND.faster["lifetime"][0] < 0.7 * life


def test_steps_name_the_papers_figures():
    found = steps(FOUND)
    assert {"4b", "4c", "4d", "4e", "4f", "4g", "S5"} <= {number for step in found for number in step.numbers}
    for step in found[3:5]:
        assert step.draw().name in ("figure-S5", "figure-4e")
