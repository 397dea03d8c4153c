"""Collisions in one site: the volume of a pair, the exponential law, the end of all pairs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants as const

from atomcavity.errors import InputError
from atomcavity.loading.collisions import Collisions, thermal_volume
from atomcavity.loading.occupation import SiteOccupation, blockaded_occupation, poisson_occupation

MASS = 132.905451961 * const.atomic_mass
OMEGA = 2 * math.pi * np.array([30e3, 80e3, 300e3])


def test_volume_is_that_of_the_density_squared():
    temperature = 20e-6
    sigma = np.sqrt(const.k * temperature / MASS) / OMEGA
    integral = 1.0
    for s in sigma:
        x = np.linspace(-10 * s, 10 * s, 4001)
        density = np.exp(-(x**2) / (2 * s**2)) / (math.sqrt(2 * math.pi) * s)
        integral *= np.sum(density**2) * (x[1] - x[0])
    assert thermal_volume(MASS, temperature, OMEGA) == pytest.approx(1 / integral, rel=1e-9, abs=0)


def test_pairs_decay_exponentially():
    model = Collisions(2e-16, 1e-18, one_survives=0.3)
    times = np.linspace(0, 20e-3, 21)
    sites = 20_000
    left, last = model.survivors(np.full(sites, 2), times, seed=1)
    expected = np.exp(-model.pair_rate * times)
    error = np.sqrt(expected * (1 - expected) / sites)
    assert (np.abs((left == 2).mean(axis=0) - expected) <= 4.5 * error).all()
    met = left[:, -1] < 2
    assert (left[met, -1] == 1).mean() == pytest.approx(0.3, abs=4.5 * math.sqrt(0.21 / met.sum()))
    assert np.array_equal(np.isnan(last), ~met)
    assert np.nanmax(last) <= times[-1]


@given(st.floats(0, 1), st.floats(0.2, 4.0))
@settings(max_examples=20, deadline=None)
def test_after_a_long_time_nobody_has_a_partner(q, mean):
    model, before = Collisions(1e-16, 1e-18, q), poisson_occupation(mean)
    after, end = model.occupation(before, 1.0), before.after_collisions(q)
    assert after.single == pytest.approx(end.single, abs=1e-9)
    assert after.probability[2:].sum() < 1e-9
    assert model.occupation(before, 0.0).mean == pytest.approx(before.mean)


def test_drawn_sites_follow_the_master_equation():
    model, before = Collisions(1e-16, 1e-18, 0.4), poisson_occupation(2.5)
    rng = np.random.default_rng(3)
    sites, times = 40_000, np.array([0.0, 2e-3, 8e-3, 50e-3])
    left, _ = model.survivors(rng.poisson(2.5, sites), times, seed=2)
    for k, t in enumerate(times):
        expected = model.occupation(before, t).probability
        found = np.bincount(left[:, k], minlength=len(expected))[: len(expected)] / sites
        assert np.abs(found - expected).max() < 5 * math.sqrt(0.25 / sites)


def test_mean_loss_of_pairs_is_that_of_the_loading_chain():
    """d<n>/dt = -(2 - q) rate <n(n - 1)/2>, the loss that balances the loading in `blockaded_occupation`."""
    q, load, alone = 0.25, 40.0, 1.0
    model = Collisions(5e-17, 1e-18, q)
    stationary = blockaded_occupation(load, alone, model.pair_rate, one_survives=q)
    dt = 1e-7
    n = np.arange(len(stationary.probability))
    slope = (model.occupation(stationary, dt).mean - stationary.mean) / dt
    pairs = float(n * (n - 1) / 2 @ stationary.probability)
    assert slope == pytest.approx(-(2 - q) * model.pair_rate * pairs, rel=1e-4)
    assert load - alone * stationary.mean + slope == pytest.approx(0, abs=1e-2)


def test_empty_sites_stay_empty():
    for p in ([1.0], [0.25, 0.75]):
        assert (
            Collisions(1e-16, 1e-18, 0.5).occupation(SiteOccupation(np.array(p)), 1.0).probability.tolist()
            == p
        )


def test_switched_off_and_alone_nothing_happens():
    left, last = Collisions(0.0, 1e-18).survivors(np.array([0, 1, 2, 5]), np.array([1.0]))
    assert left[:, 0].tolist() == [0, 1, 2, 5]
    assert np.isnan(last).all()
    left, _ = Collisions(1e-16, 1e-18).survivors(np.array([0, 1]), np.array([0.0, 1e3]))
    assert left.tolist() == [[0, 0], [1, 1]]
    same = Collisions(1e-16, 1e-18, 0.5)
    few = same.survivors(np.array([3, 2, 4]), np.array([5e-3]), seed=9)[0]
    more = same.survivors(np.array([3, 2, 4, 7, 2]), np.array([5e-3]), seed=9)[0]
    assert np.array_equal(few, more[:3])
    assert SiteOccupation(np.array([0.0, 0.0, 1.0])).after_collisions(0.5).single == 0.5


def test_wrong_inputs():
    for wrong in ({"beta": -1.0}, {"volume": 0.0}, {"one_survives": 1.5}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            Collisions(**({"beta": 1e-16, "volume": 1e-18} | wrong))
    with pytest.raises(InputError, match="whole numbers"):
        Collisions(1e-16, 1e-18).survivors(np.array([1.5]), np.array([1.0]))
    with pytest.raises(InputError, match="rise"):
        Collisions(1e-16, 1e-18).survivors(np.array([2]), np.array([1.0, 0.5]))
    with pytest.raises(InputError, match="three"):
        thermal_volume(MASS, 1e-6, OMEGA[:2])
