"""Deviations against the published test data of NIST SP 1065, and simple laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atomcavity.clocks import FrequencySeries, deviation
from atomcavity.errors import InputError
from atomcavity.results import Record

KINDS = ("adev", "oadev", "mdev", "tdev", "hdev", "ohdev")
NIST_1000 = {  # Riley, NIST SP 1065, section 12.4: averaging factors 1, 10, 100
    "adev": (2.922319e-01, 9.965736e-02, 3.897804e-02),
    "oadev": (2.922319e-01, 9.159953e-02, 3.241343e-02),
    "mdev": (2.922319e-01, 6.172376e-02, 2.170921e-02),
    "tdev": (1.687202e-01, 3.563623e-01, 1.253382e00),
    "hdev": (2.943883e-01, 1.052754e-01, 3.910861e-02),
    "ohdev": (2.943883e-01, 9.581083e-02, 3.237638e-02),
}
NIST_10 = [892, 809, 823, 798, 671, 644, 883, 903, 677]  # SP 1065, section 12.1


def nist_1000():
    """The generator n -> 16807 n mod 2147483647 from 1234567890, as fractions (SP 1065, section 12.4)."""
    state, values = 1234567890, []
    for _ in range(1000):
        values.append(state / 2147483647)
        state = 16807 * state % 2147483647
    return np.array(values)


@pytest.mark.parametrize("kind", KINDS)
def test_the_thousand_points_of_nist(kind):
    found = deviation(nist_1000(), kind, taus=[1.0, 10.0, 100.0], interval=1.0)
    assert found.value == pytest.approx(NIST_1000[kind], rel=1e-6)
