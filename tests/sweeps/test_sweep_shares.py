"""How points are shared out."""

from itertools import count

import pytest

from atomcavity.sweeps.batch import Batch
from atomcavity.sweeps.shares import DEATHS, SECONDS, Shares


def batch(points, seconds):
    return Batch(b"", points, 0, seconds)


@pytest.mark.parametrize(("workers", "work"), [(1, SECONDS), (4, SECONDS), (1000, 10.0)])
def test_shares_grow_to_the_wanted_work_and_end_together(workers, work):
    shares = Shares(iter(range(10**6)), 10**6, workers)
    share = shares.take()
    assert share == [0]
    shares.returned(share, batch(1, 0.1))
    assert len(shares.take()) == pytest.approx(work / 0.1)
    few = Shares(iter(range(41)), 41, 4)
    few.returned(few.take(), batch(1, 1e-4))
    assert len(few.take()) == 5


def test_every_point_is_handed_out_once_whatever_happens():
    shares = Shares(iter(range(1000)), 1000, 3)
    done, given_up = [], []
    for number in count():
        share = shares.take()
        if not share:
            break
        if 77 in share:
            given_up += shares.died(share)
        elif number % 7 == 3:
            shares.back(share)
        else:
            finished = max(1, len(share) // 2)
            done += share[:finished]
            shares.returned(share, batch(finished, 1e-3 * finished))
    assert given_up == [77]
    assert sorted(done) == [k for k in range(1000) if k != 77]


def test_a_point_alone_is_tried_three_times():
    shares = Shares(iter([5]), 1, 1)
    for _ in range(DEATHS - 1):
        assert shares.died(shares.take()) == []
    assert shares.died(shares.take()) == [5]
    assert shares.take() == []
