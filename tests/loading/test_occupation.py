"""Atoms in the sites of a lattice: closed forms of Poisson, parity, blockade, and their numbers."""

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atomcavity as ac
from atomcavity.loading import SiteOccupation, blockaded_occupation, poisson_occupation

RATES = st.floats(1e-2, 1e2)
SHARES = st.floats(0.0, 1.0)


@settings(deadline=None)
@given(st.floats(0.0, 30.0))
def test_pairs_leave_the_parity_of_poissons_law(mean):
    loaded = poisson_occupation(mean)
    assert loaded.mean == pytest.approx(mean, abs=1e-9)
    assert loaded.variance == pytest.approx(mean, abs=1e-8)
    assert loaded.after_collisions().single == pytest.approx((1 - exp(-2 * mean)) / 2, abs=1e-10)
    assert loaded.after_collisions(1.0).single == pytest.approx(1 - exp(-mean), abs=1e-10)


@settings(deadline=None)
@given(SHARES)
def test_three_atoms_that_collide(q):
    """3 -> 1 with 1 - q; 3 -> 2 with q, then 2 -> 1 with q."""
    three = SiteOccupation(np.array([0, 0, 0, 1.0]))
    assert three.after_collisions(q).single == pytest.approx((1 - q) + q * q)


@settings(deadline=None)
@given(RATES, RATES, RATES, SHARES)
def test_stationary_chain_solves_the_master_equation(load, loss, pair, q):
    p = blockaded_occupation(load, loss, pair, one_survives=q).probability
    n = np.arange(len(p))
    pairs = pair * n * (n - 1) / 2
    change = -(load + loss * n + pairs) * p
    change[1:] += load * p[:-1]
    change[:-1] += (loss * n * p + q * pairs * p)[1:]
    change[:-2] += ((1 - q) * pairs * p)[2:]
    scale = np.max((load + loss * n + pairs) * p)
    assert np.abs(change[:-1]).max() < 1e-10 * scale
    mean = float(n @ p)
    assert load == pytest.approx(loss * mean + (2 - q) * pairs @ p, rel=1e-8)


@settings(deadline=None)
@given(RATES, st.floats(0.1, 10.0))
def test_without_collisions_it_is_poissons_law(loss, mean):
    found = blockaded_occupation(loss * mean, loss, 0.0).probability
    law = poisson_occupation(mean).probability
    size = min(len(found), len(law))
    assert found[:size] == pytest.approx(law[:size], abs=1e-9)


@settings(deadline=None)
@given(RATES, RATES, SHARES)
def test_blockade(load, loss, q):
    """Infinitely fast collisions: 0 -> 1 at R; 1 -> 0 at gamma + (1 - q) R."""
    occupation = blockaded_occupation(load, loss, 1e9, one_survives=q)
    assert occupation.single == pytest.approx(load / ((2 - q) * load + loss), rel=1e-5)


def test_large_mean_numbers_follow_the_rate_equation():
    """dn/dt = R - gamma n - beta n(n - 1) = 0 for many atoms (fluctuations are of relative order 1/n)."""
    load, loss, pair = 1e5, 1.0, 0.2
    n = blockaded_occupation(load, loss, pair).mean
    root = (-(loss - pair) + np.sqrt((loss - pair) ** 2 + 4 * pair * load)) / (2 * pair)
    assert n == pytest.approx(root, rel=1e-3)


@settings(deadline=None)
@given(st.floats(1e-3, 0.999), st.integers(1, 500))
def test_single_filling_is_binomial(p, sites):
    from scipy.stats import binom

    occupation = SiteOccupation(np.array([1 - p, p]))
    mean, deviation = occupation.number(sites)
    assert (mean, deviation) == pytest.approx((binom.mean(sites, p), binom.std(sites, p)), abs=1e-9)
    law = binom.pmf(np.arange(sites + 1), sites, p)
    assert occupation.number_distribution(sites) == pytest.approx(law, abs=1e-10)


@settings(deadline=None)
@given(RATES, RATES, RATES, st.integers(1, 60))
def test_moments_of_the_distribution_of_numbers(load, loss, pair, sites):
    occupation = blockaded_occupation(load, loss, pair)
    p = occupation.number_distribution(sites)
    n = np.arange(len(p))
    mean, deviation = occupation.number(sites)
    assert p.sum() == pytest.approx(1)
    assert n @ p == pytest.approx(mean, rel=1e-9)
    assert (n - mean) ** 2 @ p == pytest.approx(deviation**2, rel=1e-7, abs=1e-9)


def test_many_sites_of_poissons_law_are_poissons_law():
    law = poisson_occupation(0.7 * 40).probability
    found = poisson_occupation(0.7).number_distribution(40)
    size = min(len(law), len(found))
    assert found[:size] == pytest.approx(law[:size], abs=1e-12)


def test_what_is_refused():
    with pytest.raises(ac.InputError, match="sum 1"):
        SiteOccupation(np.array([0.5, 0.6]))
    with pytest.raises(ac.InputError, match="mean = -1"):
        poisson_occupation(-1.0)
    with pytest.raises(ac.InputError, match="nothing is loaded"):
        blockaded_occupation(0.0, 1.0, 1.0)
    with pytest.raises(ac.InputError, match="grows without end"):
        blockaded_occupation(1.0, 0.0, 0.0)
    with pytest.raises(ac.InputError, match="pair_rate = -1"):
        blockaded_occupation(1.0, 1.0, -1.0)
    with pytest.raises(ac.InputError, match="one_survives = 2"):
        poisson_occupation(1.0).after_collisions(2.0)
    with pytest.raises(ac.InputError, match="sites = 0"):
        poisson_occupation(1.0).number(0)
    with pytest.raises(ac.ConvergenceError, match="too many"):
        blockaded_occupation(1e6, 1.0, 0.0)


def test_text():
    assert str(poisson_occupation(0.5)).startswith(
        "site with 0.5 atoms on average: P_0 = 0.6065, P_1 = 0.3033"
    )
