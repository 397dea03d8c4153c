"""A probe that sees atoms at places: the same as the formula with their g and shift; an atom that is gone is none."""

from math import tau

import numpy as np
import pytest

from atomcavity.dynamics.probe.ring import ring_transmission
from atomcavity.errors import InputError
from atomcavity.loading.ring_probe import RingProbe

RING = {
    "kappa": tau * 1.71e9,
    "kappa_ext": tau * 0.83e9,
    "backscattering": tau * 0.51e9,
    "gamma": tau * 5.22e6,
}


def coupling(r):
    return tau * 490e6 * np.exp(-r[..., 2] / 88e-9)


def shift(r):
    return -tau * 50e6 * np.exp(-2 * r[..., 2] / 88e-9)


PROBE = RingProbe(**RING, coupling=coupling, shift=shift)


def test_places_become_couplings_and_shifts():
    r = np.random.default_rng(1).uniform(0.1e-6, 0.4e-6, (5, 2, 3))
    direct = ring_transmission(g=coupling(r), shifts=shift(r), **RING)
    assert PROBE.transmission(r) == pytest.approx(direct, rel=1e-14)
    aside = ring_transmission(
        tau * 30e6, g=coupling(r), shifts=shift(r), **RING
    )  # here the shift's sign counts
    assert PROBE.transmission(r, tau * 30e6) == pytest.approx(aside, rel=1e-14)
    summed = PROBE.response(r, tau * 30e6).sum(axis=1)
    assert PROBE.of_response(summed, tau * 30e6) == pytest.approx(aside, rel=1e-12)
    assert PROBE.transmission(r[:, ::-1]) == pytest.approx(direct, rel=1e-12)  # atoms have no order


def test_an_atom_that_is_gone_is_none():
    r = np.array([[[0, 0, 0.2e-6], [np.nan, np.nan, np.nan]]])
    assert PROBE.transmission(r) == pytest.approx(PROBE.transmission(r[:, :1]), rel=1e-14)
    assert PROBE.transmission(np.full((3, 1, 3), np.nan)) == pytest.approx(float(PROBE.empty()), rel=1e-14)


def test_far_away_it_is_the_empty_ring_and_near_the_ring_is_not_seen():
    assert float(PROBE.transmission([[0, 0, 5e-6]])) == pytest.approx(float(PROBE.empty()), rel=1e-6)
    strong = RingProbe(**RING, coupling=lambda r: np.full(r.shape[:-1], tau * 50e9))
    assert float(strong.transmission([[0, 0, 0]])) == pytest.approx(1.0, abs=1e-4)
    assert float(PROBE.cooperativity([0, 0, 88e-9 * np.log(490 / 51)])) == pytest.approx(
        4 * 51e6**2 / (1.71e9 * 5.22e6), rel=1e-12
    )


def test_both_modes_and_detuning_broadcast():
    both = RingProbe(**RING, coupling=coupling, phase=lambda r: r[..., 0] * 0 + np.pi / 2)
    detuning = tau * np.linspace(-3e9, 3e9, 7)
    r = np.tile([0, 0, 0.2e-6], (7, 1, 1))
    found = both.transmission(r, detuning)
    assert found.shape == (7,)
    assert found == pytest.approx(
        ring_transmission(detuning, g=coupling(r), phases=np.pi / 2, **RING), rel=1e-14
    )


@pytest.mark.parametrize("phase", [None, lambda r: 0 * r[..., 0] + 0.7])
def test_responses_add_up(phase):
    probe = RingProbe(**RING, coupling=coupling, shift=shift, phase=phase)
    r = np.random.default_rng(2).uniform(0.1e-6, 0.4e-6, (5, 3, 3))
    r[2, 1] = np.nan
    total = probe.response(r).sum(axis=1)
    assert total.shape == (5, probe.parts)
    assert probe.of_response(total) == pytest.approx(probe.transmission(r), rel=1e-13)
    assert probe.of_response(0 * total) == pytest.approx(float(probe.empty()), rel=1e-13)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"coupling": tau * 50e6}, "coupling .* is not a function"),
        ({"shift": 0.0}, "shift = 0.0 is not a function"),
        ({"kappa_ext": 2 * RING["kappa"]}, "between 0 and kappa"),
    ],
)
def test_wrong_probes(change, message):
    with pytest.raises(InputError, match=message):
        RingProbe(**{**RING, "coupling": coupling, **change})


def test_wrong_places():
    with pytest.raises(InputError, match=r"\(x, y, z\) last"):
        PROBE.transmission([[0.0, 1e-7]])
