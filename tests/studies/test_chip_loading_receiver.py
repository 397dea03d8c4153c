"""Rules on simulated sites: the better rule is better, purity is a share, the posterior knows its own certainty."""

from pathlib import Path

import numpy as np
import pytest

import atomcavity.studies.chip_loading as study
from atomcavity.experiments import read_experiment
from atomcavity.studies.chip_loading.device import devices
from atomcavity.studies.chip_loading.receiver import COUNTS, Purity, Receiver

FOUND = Receiver(devices(read_experiment(Path(study.__file__).parent / "experiment.toml")), quick=True)


def test_the_cumulative_sum_beats_the_count_over_the_whole_curve():
    for seen in FOUND.seen:
        count, cusum = seen.curves["count", 1], seen.curves["CUSUM", 1]
        assert cusum.false_alarms == pytest.approx(count.false_alarms, rel=1e-6)
        error = np.hypot(count.detection_error, cusum.detection_error)
        assert (cusum.detection > count.detection - 2 * error).all()
        steep = list(COUNTS).index(8)
        assert (cusum.detection > count.detection + 5 * error)[steep]


def test_two_atoms_are_seen_more_easily_than_one():
    for seen in FOUND.seen:
        for name in ("count", "CUSUM"):
            one, two = (seen.curves[name, n].detection for n in (1, 2))
            assert (two >= one - 0.02).all()


def test_purity_is_that_of_the_best_first():
    pure = Purity.of(np.array([0.1, 0.9, 0.5, 0.8]), np.array([1, 1, 2, 1]))
    assert pure.single.tolist() == pytest.approx([1, 1, 2 / 3, 3 / 4])
    assert pure.at(0.5) == 1.0


def test_the_posterior_is_as_sure_as_it_is_right():
    """Of unseen sites with P(1) in a bin about that share hold one atom."""
    seen = FOUND.seen[0]
    atoms, clicks = seen.delivered
    begin = 0.5 / seen.tested.frequency_hz
    sure = seen.number_rule(0.25).final(clicks, begin)[:, 1]
    for low, high in ((0.0, 0.2), (0.4, 0.7), (0.8, 1.0)):
        here = (sure >= low) & (sure < high)
        expected, right = sure[here].mean(), (atoms[here] == 1).mean()
        assert right == pytest.approx(expected, abs=4 * np.sqrt(0.25 / here.sum()) + 0.05)


def test_the_posterior_beats_the_count_and_the_print():
    seen = FOUND.seen[1]
    assert seen.purities[0.25].at(0.1) > 0.9 > seen.count_purities[1].max()


def test_single_atoms_after_the_transfer():
    result = FOUND.pure[1]
    assert result.probabilities()[1] > 0.82
    assert result.site.max() < result.sites
