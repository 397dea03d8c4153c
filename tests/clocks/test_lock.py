"""The integrator that holds the cavity: closed forms of what it leaves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.clocks.lock import CavityLock
from atomcavity.errors import InputError

GAINS = (0.1, 0.5, 1.0, 1.7)
COUNT = 200_000


def loop(gain, free, wrong):
    """The loop as it is written down, step by step."""
    correction, left = 0.0, []
    for f, n in zip(free, wrong, strict=True):
        left.append(f + correction)
        correction -= gain * (left[-1] + n)
    return np.array(left)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 1.99), st.integers(0, 2**31))
def test_recursion(gain, seed):
    free, wrong = np.random.default_rng(seed).normal(size=(2, 40)).cumsum(axis=1)
    left = CavityLock(gain).residual(free, wrong)
    np.testing.assert_allclose(left, loop(gain, free, wrong), rtol=0, atol=1e-11)


@pytest.mark.parametrize("gain", GAINS)
def test_variances(gain):
    lock, rng = CavityLock(gain), np.random.default_rng(1)
    steps = rng.normal(size=COUNT)
    independent = COUNT * min(gain, 2 - gain) / 2
    close = {"rel": 5 * (2 / independent) ** 0.5}
    sensor = lock.residual(np.zeros(COUNT), steps).var()
    assert sensor == pytest.approx(gain / (2 - gain), **close)
    assert lock.residual(steps.cumsum()).var() == pytest.approx(1 / (gain * (2 - gain)), **close)
    assert lock.residual(steps).var() == pytest.approx(2 / (2 - gain), **close)


def test_drift_leaves_a_constant_and_an_offset_nothing():
    left = CavityLock(0.25).residual(np.arange(200.0))
    assert left[-1] == pytest.approx(4.0)  # q/gain
    assert CavityLock(0.25).residual(np.full(200, 3.0))[-1] == pytest.approx(0, abs=1e-12)


def test_mistakes():
    for gain in (0.0, 2.0, -0.1, 2.5):
        with pytest.raises(InputError, match="between 0 and 2"):
            CavityLock(gain)
    with pytest.raises(InputError, match="sensor_noise"):
        CavityLock(0.5, -1.0)
    with pytest.raises(InputError, match="one a cycle"):
        CavityLock(0.5).residual(np.zeros(3), np.zeros(2))
    assert CavityLock.from_dict(CavityLock(0.5, 2.0).to_dict()) == CavityLock(0.5, 2.0)
