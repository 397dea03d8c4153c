"""The tables behind many pulses: their errors, jumps of the highest maximum, shares of photons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.clocks.centres import ESTIMATORS, line_table, nodes
from atomcavity.clocks.photons import emitted_shares
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, Preparation
from atomcavity.dynamics.dicke.batch import _unit_ladder
from atomcavity.dynamics.dicke.centre import half_points
from atomcavity.dynamics.dicke.model import ladder
from atomcavity.dynamics.dicke.search import search_all


def draw(mean, spread, reach, count=400, seed=0):
    rng = np.random.default_rng(seed)
    numbers = np.maximum(1, np.rint(rng.normal(mean, spread, count))).astype(int)
    return numbers, rng.uniform(0, reach, count)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 500), st.floats(0, 20))
def test_search_finds_the_line(number, ratio):
    out = np.empty((1, 3))
    search_all(np.array([number]), np.array([ratio]), True, out)
    np.testing.assert_allclose(out[0], half_points(_unit_ladder(number, ratio)), rtol=0, atol=1e-9 * number)


@pytest.mark.parametrize(("mean", "spread", "reach"), [(400, 40, 8.0), (400, 0, 16.0)])
def test_table_is_good_to_5e_7(mean, spread, reach):
    numbers, ratios = draw(mean, spread, reach)
    start = line_table(nodes(numbers, 24), reach, False)(numbers, ratios)[:, 0]
    out = np.empty((len(numbers), 3))
    search_all(numbers, ratios, False, out)
    assert np.isfinite(start).all()
    assert np.abs((start - out[:, 0]) / numbers).max() < 5e-7


@pytest.mark.parametrize(
    ("mean", "spread", "reach"),
    [(400, 40, 8.0), (40, 6, 30.0), (10, 2, 20.0), (4, 2, 10.0)],
)
@pytest.mark.parametrize("estimator", ["peak", "half-maximum"])
def test_every_pulse_shows_its_highest_maximum(mean, spread, reach, estimator):
    """Also where another of several maxima takes over: few atoms far from resonance."""
    check_maxima(mean, spread, reach, estimator)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ["peak", "half-maximum"])
def test_thousands_of_atoms(estimator):
    """Another maximum takes over near Delta = kappa."""
    check_maxima(2500, 200, 2.0, estimator)


def check_maxima(mean, spread, reach, estimator):
    numbers, ratios = draw(mean, spread, reach, 200, 3)
    out = np.empty((len(numbers), 3))
    search_all(numbers, ratios, True, out)
    expected = out[:, 0] if estimator == "peak" else out[:, 1:].mean(axis=1)
    found = ESTIMATORS[estimator](numbers, ratios)
    np.testing.assert_allclose(found / numbers, expected / numbers, rtol=0, atol=1e-9)
    np.testing.assert_allclose(ESTIMATORS[estimator](numbers, -ratios), -found)


def test_jump_of_the_highest_maximum():
    """2000 atoms: near Delta = kappa two maxima compete, and which is higher changes with N."""
    found = ESTIMATORS["peak"](np.full(200, 2000), np.linspace(0.9, 1.5, 200)) / 2000
    assert np.abs(np.diff(found)).max() > 0.5


@pytest.mark.parametrize(("lowest", "highest"), [(160, 640), (400, 400), (1, 30), (1, 300)])
def test_shares(lowest, highest):
    rng = np.random.default_rng(1)
    numbers = rng.integers(lowest, highest + 1, 40)
    exposures = 10 ** rng.uniform(-5, 2, 40) / numbers
    exact = []
    for n, t in zip(numbers, exposures, strict=True):
        unit = ladder(CavitySystem([Emitters(int(n), 0.5)], [CavityMode(1.0)]), Preparation())
        exact.append(unit.emitted_share(np.array([t]))[0])
    np.testing.assert_allclose(emitted_shares(numbers, exposures), exact, rtol=0, atol=1e-5)


def test_share_of_one_and_two_atoms():
    """1 - exp(-T); two atoms: two steps of rate 2, 1 - exp(-2T)(1 + T)."""
    t = np.linspace(0, 3, 31)
    one, two = (emitted_shares(np.full(31, n), t) for n in (1, 2))
    np.testing.assert_allclose(one, 1 - np.exp(-t), atol=1e-6)
    np.testing.assert_allclose(two, 1 - np.exp(-2 * t) * (1 + t), atol=1e-6)
    assert emitted_shares(np.array([400]), np.array([1e9]))[0] == pytest.approx(1, abs=1e-11)
