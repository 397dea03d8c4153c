"""Mistakes in the clocks' arguments: one sentence each, and nothing computed in silence."""

from math import tau

import numpy as np
import pytest

import atomcavity as ac
from atomcavity.errors import InputError


def clock(**changes):
    system = ac.CavitySystem([ac.Emitters(40, g=tau * 3e3)], [ac.CavityMode(tau * 1.2e6, tau * 0.6e6)])
    return ac.PulsedClock(system, frequency=tau * 4e14, period=1.0, window=0.1, number_spread=4.0, **changes)


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda: clock().budget(cycles=1), "a budget is made of differences"),
        (lambda: clock().run(10, parts="number"), "must be a list of names"),
        (lambda: clock().run(10, parts=5), "must be a list of names"),
        (lambda: clock(readout="1"), "is not a number"),
        (lambda: ac.deviation(1j * np.ones(9), interval=1.0), "series = .* must be real numbers"),
        (lambda: ac.deviation("abc", interval=1.0), "must be real numbers"),
        (lambda: ac.Noise(white_fm=1.0).density("a"), "frequency_hz = 'a' must be real numbers"),
        (lambda: ac.Noise(white_fm=1.0).deviation("a"), "tau = 'a' must be real numbers"),
        (lambda: ac.line_centre(clock().system, duration="0.1"), "duration = '0.1' is not a number"),
        (lambda: ac.line_centre(clock().system, window="ab"), "window = 'ab' must be real numbers"),
        (lambda: ac.line_centre(clock().system, window=(1.0, 0.0)), "two finite ascending detunings"),
    ],
)
def test_a_mistake_is_one_sentence(mistake, said):
    with pytest.raises(InputError, match=said) as caught:
        mistake()
    assert "\n" not in str(caught.value)


def test_numbers_that_cannot_fall_below_one_are_told():
    wide = ac.PulsedClock(clock().system, frequency=tau * 4e14, period=1.0, window=0.1, number_spread=80.0)
    assert any("no cycle has less than one atom" in text for text in wide.run(500, seed=0).warnings)
    assert not any("no cycle has less" in text for text in clock().run(500, seed=0).warnings)
