"""Centres of many pulses at once beside those of single ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, eliminate
from atomcavity.dynamics.dicke.batch import half_maximum_centres, peak_centres, unit_line
from atomcavity.dynamics.dicke.centre import line_centre
from atomcavity.dynamics.dicke.model import ladder
from atomcavity.dynamics.preparation import Preparation
from atomcavity.errors import InputError


def test_many_pulses_are_single_pulses():
    random = np.random.default_rng(3)
    numbers, ratios = random.integers(1, 150, 30), random.normal(0, 0.7, 30)
    lines = np.array([unit_line(int(n), r) for n, r in zip(numbers, ratios, strict=True)]).T
    wrong = lines + 0.02 * numbers * random.normal(size=(3, 30))
    centre, height = peak_centres(numbers, ratios, wrong[0])
    middle, top = half_maximum_centres(numbers, ratios, *wrong)
    assert np.array_equal(height, top)
    for i, (number, ratio) in enumerate(zip(numbers, ratios, strict=True)):
        system = CavitySystem([Emitters(int(number), 1.0)], [CavityMode(100.0, detuning=100.0 * ratio)])
        rate, size = eliminate(system).decay[0, 0].real, 1e-9 * number
        assert centre[i] == pytest.approx(line_centre(system) / rate, abs=size)
        assert middle[i] == pytest.approx(line_centre(system, "half-maximum") / rate, abs=size)
        density = ladder(system, Preparation()).density(np.array([centre[i] * rate]))[0]
        assert height[i] == pytest.approx(density * rate**2, rel=1e-9)


def test_one_emitter_has_a_lorentzian_at_minus_chi():
    """S = |1/(1/2 - i (y + r))|^2 with the height 4."""
    r = np.linspace(-2, 2, 11)
    centre, height = peak_centres(np.ones(11), r, -r + 0.1)
    assert centre == pytest.approx(-r, abs=1e-10)
    assert height == pytest.approx(4 * np.ones(11), rel=1e-12)
    middle, _ = half_maximum_centres(np.ones(11), r, -r + 0.1, -r - 0.4, -r + 0.7)
    assert middle == pytest.approx(-r, abs=1e-10)


@given(guess=st.floats(-1e6, 1e6), ratio=st.floats(-0.9, 0.9))
@settings(max_examples=20, deadline=None)
def test_a_bad_start_does_not_lead_astray(guess, ratio):
    """With one maximum every start finds it."""
    best = unit_line(60, ratio)
    centre, _ = peak_centres([60], [ratio], [guess])
    assert centre[0] == pytest.approx(best[0], abs=1e-7)
    middle, _ = half_maximum_centres([60], [ratio], [guess], [guess], [guess])
    assert middle[0] == pytest.approx((best[1] + best[2]) / 2, abs=1e-7)


@pytest.mark.parametrize("numbers", [[0], [1.5], [np.nan], 3])
def test_refusals_of_a_batch(numbers):
    with pytest.raises(InputError, match="whole"):
        peak_centres(numbers, 0.1, 0.0)
