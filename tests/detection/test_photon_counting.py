"""Clicks behind a transmission trace: their law, the dead time, seeds; and counts in running windows."""

import numpy as np
import pytest
from scipy import stats

import atomcavity as ac
from atomcavity.detection.counting import PhotonCounter, running_counts


def test_steady_light_is_poisson():
    counter = PhotonCounter(2e6, efficiency=0.4, stray=1e4, dark_rate=500.0)
    rate = 0.4 * (2e6 * 0.1 + 1e4) + 500
    assert counter.rate(0.1) == pytest.approx(rate)
    clicks = counter.clicks([0, 1e-3], [0.1, 0.1], runs=4000, seed=3)
    counts = clicks.counts("detector")
    assert counts.mean() == pytest.approx(rate * 1e-3, abs=4 * np.sqrt(rate * 1e-3 / 4000))
    assert counts.var() / counts.mean() == pytest.approx(1, abs=4 * np.sqrt(2 / 4000))
    gaps = np.diff(clicks.time)[np.diff(clicks.run) == 0]
    assert stats.kstest(clicks.time, "uniform", (0, 1e-3)).pvalue > 1e-3
    assert gaps.min() >= 0


def test_follows_the_trace():
    times = np.array([0, 1e-4, 2e-4, 5e-4, 1e-3])
    trace = np.array([0.0, 1.0, 0.2, 0.2, 0.6])
    clicks = PhotonCounter(1e5).clicks(times, trace, runs=20000, seed=1)
    edges = np.linspace(0, 1e-3, 41)
    counts, _ = np.histogram(clicks.time, edges)
    fine = np.linspace(0, 1e-3, 40001)
    rate = 1e5 * np.interp(fine, times, trace)
    law = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(fine))])
    expected = 20000 * np.diff(np.interp(edges, fine, law))
    assert stats.chi2.sf(((counts - expected) ** 2 / expected).sum(), 40) > 1e-3


@pytest.mark.parametrize("dead_time", [0.0, 1e-6, 2e-5])
def test_dead_time_is_not_prolonged(dead_time):
    counter = PhotonCounter(2e5, dead_time=dead_time)
    clicks = counter.clicks([0, 1.0], [1.0, 1.0], seed=2)
    assert np.diff(clicks.time).min() >= dead_time
    expected = 2e5 / (1 + 2e5 * dead_time)
    assert counter.counted_rate(1.0) == pytest.approx(expected)
    # renewal theory: the variance of the number is the mean over (1 + r dead_time)^2
    assert len(clicks.time) == pytest.approx(expected, abs=4 * np.sqrt(expected) / (1 + 2e5 * dead_time))


def test_a_run_does_not_depend_on_the_others():
    counter = PhotonCounter(1e5, dead_time=1e-6)
    many = counter.clicks([0, 1e-3], [0.2, 0.9], runs=7, seed=5)
    few = counter.clicks([0, 1e-3], [0.2, 0.9], runs=3, seed=5)
    assert np.array_equal(many.time[many.run < 3], few.time)
    batch = counter.clicks([0, 1e-3], [[0.2, 0.9]] * 3, seed=5)
    assert np.array_equal(batch.time, few.time)
    assert np.array_equal(batch.run, few.run)
    assert not np.array_equal(few.time, counter.clicks([0, 1e-3], [0.2, 0.9], runs=3, seed=6).time)


def test_no_light_no_clicks():
    clicks = PhotonCounter(1e6).clicks([0, 1e-3], np.zeros((5, 2)))
    assert len(clicks.time) == 0
    assert clicks.runs == 5
    assert running_counts(clicks, 1e-5, [0, 1e-3]).tolist() == [[0, 0]] * 5


def test_running_counts_by_hand():
    clicks = PhotonCounter(1e5).clicks([0, 1e-3], [1.0, 0.5], runs=3, seed=8)
    times = np.linspace(0, 1e-3, 57)
    found = running_counts(clicks, 3e-5, times)
    for run in range(3):
        mine = clicks.time[clicks.run == run]
        by_hand = [int(((mine > t - 3e-5) & (mine <= t)).sum()) for t in times]
        assert found[run].tolist() == by_hand


@pytest.mark.parametrize(
    ("work", "match"),
    [
        (lambda: PhotonCounter(-1.0), "flux"),
        (lambda: PhotonCounter(1.0, efficiency=1.1), "efficiency = 1.1 is a probability"),
        (lambda: PhotonCounter(1.0).clicks([0, 1], [-1, 0]), "not negative"),
        (lambda: PhotonCounter(1.0).clicks([1, 2], [1, 0]), "ascending from 0"),
        (lambda: PhotonCounter(1.0).clicks([0, 2], [1, 0, 1]), r"shape \(3,\)"),
        (lambda: PhotonCounter(1.0).clicks([0, 2], [[1, 0]], runs=2), "runs = 2"),
    ],
)
def test_refuses(work, match):
    with pytest.raises(ac.InputError, match=match):
        work()
