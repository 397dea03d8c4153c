"""States of the Dicke ladder's chains at times inside the integrator's steps."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from atomcavity.dynamics.dicke.chain import integrate


@pytest.mark.parametrize(("number", "turn"), [(7, 0.0), (50, 0.0), (7, 0.4), (50, 0.4)])
def test_the_estimated_error_holds_at_all_times(number, turn):
    k = np.arange(number + 1.0)
    d = (number - k) * (k + 1)
    loss = d + 1j * turn * number * (number - 2 * k) if turn else d
    feed = np.append(0.0, d[:-1])
    start = np.eye(1, number + 1)[0]
    times = np.linspace(0, (2 * np.log(number) + 16) / number, 401)
    found = list(integrate(loss, feed, start, times, 0.1 / number, np.ones(number + 1)))
    states, error = np.concatenate([rows for rows, _ in found]), found[-1][1]
    one_step = expm((np.diag(-loss) + np.diag(feed[1:], -1)) * times[1])
    expected = [start]
    for _ in times[1:]:
        expected.append(one_step @ expected[-1])
    assert np.abs(states - expected).sum(axis=1).max() < error < 1e-9
