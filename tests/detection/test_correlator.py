"""Pairs of tags: both algorithms against all differences, and against Poisson light."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import atomcavity as ac
from atomcavity.detection.correlator import correlate
from atomcavity.detection.pairs import edge_histogram, pair_histogram

TAGS = st.lists(st.integers(0, 60), max_size=25).map(lambda x: np.sort(np.array(x, dtype=float)))
EDGES = st.lists(st.integers(-40, 40), min_size=2, max_size=12, unique=True).map(
    lambda x: np.sort(np.array(x, dtype=float))
)


def by_hand(first, second, edges):
    same = second is None
    other = first if same else second
    delays = (other[None, :] - first[:, None])[~np.eye(len(first), dtype=bool) if same else ...]
    return np.histogram(delays, edges)[0]


@given(TAGS, TAGS, EDGES)
def test_all_pairs_of_two_channels(first, second, edges):
    expected = by_hand(first, second, edges).tolist()
    assert correlate(first, second, edges).tolist() == expected
    for work in (pair_histogram, edge_histogram):
        assert work(first, second, False, edges).tolist() == expected


@given(TAGS, EDGES)
def test_all_pairs_of_one_channel(first, edges):
    expected = by_hand(first, None, edges).tolist()
    assert correlate(first, None, edges).tolist() == expected
    for work in (pair_histogram, edge_histogram):
        assert work(first, first, True, edges).tolist() == expected


def test_poisson_light_over_six_decades():
    rng = np.random.default_rng(2)
    a, b = (np.sort(rng.uniform(0, 100.0, 200_000)) for _ in range(2))
    edges = np.geomspace(1e-6, 1.0, 31)
    counts = correlate(a, b, edges)
    expected = 2000.0**2 * np.diff(100 * edges - edges**2 / 2)
    # pairs share tags: variance N (1 + 2 rate width) beside Poisson's
    spread = np.sqrt(expected * (1 + 2 * 2000 * np.diff(edges)))
    assert np.abs((counts - expected) / spread).max() < 4.5


def test_integer_ticks_far_from_zero_stay_exact():
    start = 2**52
    first, second = start + np.array([0, 7]), start + np.array([3, 9])
    assert correlate(first, second, [0, 3, 4, 10]).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("first", "second", "bins", "match"),
    [
        ([1.0, 0.0], [1.0], [0, 1], "first must be"),
        ([1.0], [np.inf], [0, 1], "second must be"),
        ([1.0, np.nan, 2.0], None, [0, 1], "first must be"),
        ([1.0], None, [1, 0], "increasing delays"),
    ],
)
def test_refuses(first, second, bins, match):
    with pytest.raises(ac.InputError, match=match):
        correlate(first, second, bins)
