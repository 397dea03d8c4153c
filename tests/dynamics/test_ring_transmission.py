"""Transmission past a ring with a few atoms: the published formula, the general linear response, saturation."""

from math import pi, tau

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import atomcavity as ac
from atomcavity.dynamics.probe.ring import ring_transmission

MHZ = tau * 1e6
RING = {"kappa": 1710 * MHZ, "kappa_ext": 830 * MHZ, "backscattering": 510 * MHZ, "gamma": 5.22 * MHZ}


def system(g, shifts, phases=None, detuning=0.0, drive=None):
    """The same as a CavitySystem; the reference is the cavity."""
    count = len(np.atleast_1d(g))
    g, shifts = np.broadcast_to(g, count), np.broadcast_to(shifts, count)
    other = np.zeros(count) if phases is None else g * np.exp(1j * np.broadcast_to(phases, count))
    atoms = [
        ac.Emitters(1, g=(complex(a), complex(b)), gamma=RING["gamma"], detuning=float(s - detuning))
        for a, b, s in zip(g, other, shifts, strict=True)
    ]
    modes = [ac.CavityMode(RING["kappa"], kappa_ext=RING["kappa_ext"], detuning=-detuning)] * 2
    beta = RING["backscattering"]
    return ac.CavitySystem(
        atoms, modes, mode_coupling=[[0, beta], [beta, 0]], drive=None if drive is None else (drive, 0.0)
    )


def test_published_numbers():
    found = [ring_transmission(g=[51 * MHZ] * n, shifts=-6 * MHZ, **RING) for n in (0, 1, 2)]
    assert found[1] == pytest.approx(0.20, abs=0.005)  # Zhou et al. 2026
    assert found[2] == pytest.approx(0.35, abs=0.005)
    assert 0.0756 < found[0] < 0.0858  # 0.085 lies within the rounding of the printed rates
    assert ring_transmission(g=[51 * MHZ], **RING) / found[1] == pytest.approx(1.9, abs=0.05)


@pytest.mark.parametrize(
    ("g", "shifts", "phases"),
    [
        ([51.0], [-6.0], None),
        ([51.0, 30.0, 120.0], [-6.0, 2.0, 0.0], None),
        ([51.0], [-6.0], [0.0]),
        ([51.0], [-6.0], [pi]),
        ([51.0], [-6.0], [pi / 2]),
        ([51.0, 80.0], [-6.0, 3.0], [0.4, 2.0]),
    ],
)
def test_is_the_general_linear_response(g, shifts, phases):
    g, shifts = np.array(g) * MHZ, np.array(shifts) * MHZ
    detuning = np.array([-700.0, -50.0, -3.0, 0.0, 2.5, 510.0]) * MHZ
    ours = ring_transmission(detuning, g=g, shifts=shifts, phases=phases, **RING)
    general = ac.transmission(system(g, shifts, phases), detuning, method=ac.LinearResponse())
    assert ours == pytest.approx(general.transmission[0], rel=1e-10)


def test_both_modes_coupled_at_the_three_phases():
    found = ring_transmission(
        g=np.full((3, 1), 51 * MHZ), shifts=-6 * MHZ, phases=np.array([[0], [pi], [pi / 2]]), **RING
    )
    assert found == pytest.approx([0.227, 0.167, 0.141], abs=6e-4)


def test_limits():
    bare = dict(RING, backscattering=0.0)
    critical = dict(bare, kappa_ext=bare["kappa"] / 2)
    assert ring_transmission(g=np.zeros((3, 0)), **critical) == pytest.approx(0, abs=1e-20)
    assert ring_transmission(g=[1e6 * MHZ], **critical) == pytest.approx(1, rel=1e-6)
    assert ring_transmission(1e6 * MHZ, g=[51 * MHZ], **RING) == pytest.approx(1, rel=1e-4)
    # with back-scattering beyond kappa/2 the dips lie at +- sqrt(beta^2 - kappa^2/4)-like places near beta
    split = dict(RING, kappa=20 * MHZ, kappa_ext=10 * MHZ)
    probe = np.linspace(-800, 800, 16001) * MHZ
    dips = probe[np.argsort(ring_transmission(probe, g=[], **split))[:2]]
    assert np.sort(np.abs(dips)) == pytest.approx(np.full(2, 510 * MHZ), rel=1e-3)
    # strong coupling without back-scattering: dips at +-g
    strong = dict(bare, kappa=20 * MHZ, kappa_ext=10 * MHZ)
    values = ring_transmission(probe, g=[300 * MHZ], **strong)
    assert abs(probe[values.argmin()]) == pytest.approx(300 * MHZ, rel=1e-3)


@given(st.floats(0, 500), st.floats(-50, 50), st.floats(0, 2 * pi), st.floats(-2000, 2000))
def test_energy_is_not_created_and_equal_atoms_add_up(g, shift, phase, probe):
    one = ring_transmission(probe * MHZ, g=[g * MHZ * np.sqrt(2)], shifts=shift * MHZ, phases=[phase], **RING)
    two = ring_transmission(probe * MHZ, g=[g * MHZ] * 2, shifts=shift * MHZ, phases=[phase] * 2, **RING)
    assert two == pytest.approx(one, rel=1e-9, abs=1e-12)
    assert 0 <= one <= 1 + 1e-12


def test_trajectories_at_once():
    g = np.linspace(0, 100, 12).reshape(2, 3, 2) * MHZ
    found = ring_transmission(g=g, shifts=-0.002 * g, **RING)
    assert found.shape == (2, 3)
    assert found[1, 2] == ring_transmission(g=g[1, 2], shifts=-0.002 * g[1, 2], **RING)


def power_past(state, drive):
    """|b_in + sqrt(kappa_ext) a|^2/|b_in|^2 with b_in = i drive/sqrt(kappa_ext), of the driven mode."""
    kappa_ext = RING["kappa_ext"]
    interference = 2 * (np.conj(1j * drive) * state.amplitude[0]).real * kappa_ext
    return 1 + (kappa_ext**2 * state.photon_number[0] + interference) / abs(drive) ** 2


def test_saturation_by_the_full_quantum_answer():
    """A weak drive gives the formula, a strong one the empty ring; between them the transmission falls."""
    g, shift = 51 * MHZ, -6 * MHZ
    found = []
    for drive in (1e-3 * MHZ, 30 * MHZ, 400 * MHZ):
        state = ac.steady_state(system([g], [shift], drive=drive), method=ac.Exact())
        found.append(power_past(state, drive))
    assert found[0] == pytest.approx(float(ring_transmission(g=[g], shifts=shift, **RING)), rel=1e-5)
    empty = float(ring_transmission(g=[], **RING))
    assert found[0] > found[1] > found[2] > empty
    assert found[2] == pytest.approx(empty, rel=0.2)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"kappa": 0.0}, "kappa = 0.0 must be a positive rate"),
        ({"kappa_ext": 2e12}, "must lie between 0 and kappa"),
        ({"g": [float("nan")]}, "g must be finite"),
        ({"gamma": -1.0}, "gamma"),
    ],
)
def test_refuses(change, match):
    with pytest.raises(ac.InputError, match=match):
        ring_transmission(**{"g": [1e6], **RING, **change})
