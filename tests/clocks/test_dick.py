"""The Dick effect: closed forms, and against averages of the noise itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.clocks.deviation import deviation
from atomcavity.clocks.dick import dick_effect
from atomcavity.clocks.noise import Noise
from atomcavity.errors import ConvergenceError, InputError

WHITE = Noise(white_fm=3e-30)


def gaussian(width: float, at: float = 0.3):
    t = np.linspace(at - 6 * width, at + 6 * width, 301)
    return t, np.exp(-((t - at) ** 2) / (2 * width**2))


@given(st.floats(0.02, 0.98), st.floats(0.1, 10.0), st.floats(0.5, 100.0))
@settings(max_examples=20, deadline=None)
def test_white_noise_through_a_rectangle(window, period, tau):
    sigma = dick_effect(WHITE, period, ([0.0, window * period], [1.0, 1.0]), tau)
    assert sigma**2 == pytest.approx(3e-30 / (2 * tau) * (1 / window - 1), rel=3e-4, abs=0)


def test_no_dead_time_no_effect():
    assert dick_effect(WHITE, 1.0, ([0.0, 1.0], [1.0, 1.0])) == 0
    assert dick_effect(Noise(), 1.0, ([0.0, 0.1], [1.0, 1.0])) == 0


@pytest.mark.parametrize("alpha", [-2, -1, 0])
def test_narrow_gaussian(alpha):
    """W = exp(-(2 pi f s)^2/2): the sum over harmonics, by hand."""
    name = {-2: "random_walk_fm", -1: "flicker_fm", 0: "white_fm"}[alpha]
    width, period = 0.004, 2.0
    f = np.arange(1, 2000) / period
    law = np.sum(np.exp(-((2 * np.pi * f * width) ** 2)) * 1e-30 * f**alpha) / 5.0
    sigma = dick_effect(Noise(**{name: 1e-30}), period, gaussian(width), 5.0)
    assert sigma**2 == pytest.approx(law, rel=3e-4, abs=0)


def test_phase_noise_ends_at_its_bandwidth():
    weight = ([0.0, 0.5], [1.0, 1.0])
    with pytest.raises(InputError, match="bandwidth"):
        dick_effect(Noise(white_pm=1e-32), 1.0, weight)
    f = np.arange(1.0, 4001)
    law = np.sum(np.sinc(f / 2) ** 2 * 1e-32 * f**2)
    sigma = dick_effect(Noise(white_pm=1e-32, bandwidth_hz=4000.5), 1.0, weight)
    assert sigma**2 == pytest.approx(law, rel=1e-9, abs=0)


def test_aliases_are_what_the_series_has_over_the_laser_itself():
    """Var of averages over the pulses = that without dead time + Dick effect (white noise of frequency)."""
    weight = gaussian(0.01)
    series = WHITE.series(200_000, 1.0, seed=4, weight=weight)
    c, error = deviation(series).coefficient(-0.5)
    expected = np.hypot(dick_effect(WHITE, 1.0, weight), WHITE.deviation(1.0))
    assert c == pytest.approx(expected, abs=4 * error)


def test_falls_with_the_root_of_tau_and_mistakes():
    weight = gaussian(0.01)
    assert dick_effect(WHITE, 1.0, weight, 100.0) == pytest.approx(dick_effect(WHITE, 1.0, weight) / 10)
    with pytest.raises(InputError, match="inside one interval"):
        dick_effect(WHITE, 0.2, weight)
    with pytest.raises(InputError, match="tau"):
        dick_effect(WHITE, 1.0, weight, 0.0)
    with pytest.raises(ConvergenceError, match="harmonics"):
        dick_effect(WHITE, 1.0, ([0.0, 1e-9], [1.0, 1.0]))
