"""The ring of a guided mode: resonances, field of a photon, the two directions, coupling of a dipole."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import constants as const

from atomcavity.coupling import couple
from atomcavity.coupling.dipole import dipole_moment, spherical_vectors
from atomcavity.coupling.given_dipole import dipole_coupling
from atomcavity.errors import InputError
from atomcavity.resonators.microring import Microring
from atomcavity.resonators.waveguide import Waveguide
from atomcavity.species import Species

RATES = {"kappa": math.tau * 1.71e9, "kappa_ext": math.tau * 0.83e9, "backscattering": math.tau * 0.51e9}
DIPOLE = 2.7e-29


@pytest.fixture(scope="module")
def mode():
    return Waveguide(width=0.95e-6, height=0.326e-6, core=2.02, substrate=1.4525).mode("TM", 852e-9)


@pytest.fixture(scope="module")
def ring(mode):
    return Microring(mode=mode, length=120e-6, **RATES)


def test_resonances_are_those_of_the_guide(ring, mode):
    found = ring.resonances(4)
    assert np.all(np.diff(found) == pytest.approx(ring.free_spectral_range))
    nearest = found[np.argmin(np.abs(found - ring.frequency))]
    wavelength = math.tau * const.c / nearest
    there = mode.waveguide.mode("TM", wavelength)
    order = there.effective_index * ring.length / wavelength
    assert order == pytest.approx(round(order), abs=2e-3)
    assert ring.free_spectral_range == pytest.approx(math.tau * const.c / (mode.group_index * 120e-6))
    assert ring.finesse == pytest.approx(ring.free_spectral_range / ring.kappa)


def test_a_photon_carries_its_energy_around(ring, mode):
    place = np.array([0.2e-6, 0.1e-6, 0.1e-6])
    power = const.hbar * ring.frequency * ring.free_spectral_range / math.tau  # one photon, once a round trip
    # E = F a + h.c.: the peak amplitude of a coherent field of one photon is 2 F
    assert 2 * ring.photon_field(place) == pytest.approx(mode.field_at_power(place, power))
    assert ring.volume(place) == pytest.approx(ring.length * _area(mode, place), rel=1e-6)
    longer = Microring(mode=mode, length=4 * 120e-6, **RATES)
    ratio = dipole_coupling(longer, place, [0, 0, DIPOLE]) / dipole_coupling(ring, place, [0, 0, DIPOLE])
    assert ratio == pytest.approx(0.5)


def _area(mode, place):
    """int n n_g |E|^2 dA/|E|^2: energy a metre at 1 W is n_g/c = eps0/2 times the integral."""
    return 2 * mode.group_index / (const.c * const.epsilon_0 * np.sum(np.abs(mode.field(place)) ** 2))


def test_the_other_direction_is_the_conjugate_wave(ring):
    forward, backward = ring.pair()
    places = np.array([[0.0, 0.1e-6, 0.1e-6], [0.3e-6, -0.2e-6, 0.05e-6]])
    assert np.allclose(backward.photon_field(places), forward.photon_field(places).conj())
    assert np.allclose(backward.gradient(places), forward.gradient(places).conj())
    # turned by half a turn about z, the wave along +x becomes the one along -x, up to its sign
    turned = backward.photon_field(places * [-1, -1, 1]) * [-1, -1, 1]
    assert np.allclose(turned, forward.photon_field(places))
    assert ring.pair().mode_coupling[0, 1] == RATES["backscattering"]
    assert ring.pair().splitting == pytest.approx(2 * RATES["backscattering"])
    step = 1e-10
    up, down = (forward.photon_field(places + np.array([0, 0, sign * step])) for sign in (1, -1))
    slope = (up - down) / (2 * step)
    assert np.allclose(slope, forward.gradient(places)[..., 2], rtol=1e-4)


def test_near_surface_light_is_circular(ring):
    # TM light of a high-index guide turns about y: one circular dipole couples, the opposite one hardly
    forward, backward = ring.pair()
    place, circular = [0, 0, 0.1e-6], DIPOLE * np.array([1, 0, 1j]) / math.sqrt(2)
    strong, weak = sorted(abs(dipole_coupling(forward, place, d)) for d in (circular, circular.conj()))[::-1]
    assert weak < 0.3 * strong
    assert abs(dipole_coupling(backward, place, circular)) == pytest.approx(
        abs(dipole_coupling(forward, place, circular.conj()))
    )
    total = sum(abs(dipole_coupling(forward, place, DIPOLE * axis)) ** 2 for axis in np.eye(3))
    assert math.sqrt(total) == pytest.approx(
        DIPOLE * np.linalg.norm(forward.photon_field(place)) / const.hbar
    )
    with pytest.raises(InputError, match="three finite"):
        dipole_coupling(forward, place, [1, 2])


def test_couples_like_any_mode(ring):
    line = Species("88Sr").transition("1S0", "3P1")
    place = [0.1e-6, 0.1e-6, 0.1e-6]
    found = couple(line, list(ring.pair()), at=place)
    assert found.g.shape == (1, 2)
    expected = [complex(dipole_coupling(each, place, [0, 0, dipole_moment(line)])) for each in ring.pair()]
    assert found.g[0] == pytest.approx(expected)
    # sigma light about y, of which one sense is much stronger: the complex dipoles of m' = -1, 0, 1
    turning = couple(line, list(ring.pair()), at=place, axis=(0, 1, 0), m=1)
    for m, vector in zip((-1, 0, 1), spherical_vectors((0, 1, 0)), strict=True):
        dipole = dipole_moment(line) * vector.conj()
        expected = [complex(dipole_coupling(each, place, dipole)) for each in ring.pair()]
        assert turning.zeeman[m][0] == pytest.approx(expected)


def test_data_and_errors(ring, mode):
    assert ring.to_dict()["mode"]["effective_index"] == mode.effective_index
    assert "120 µm" in str(ring)
    for change, message in (
        ({"length": 0}, "positive"),
        ({"kappa_ext": math.tau * 2e9}, "kappa_ext"),
        ({"direction": 2}, "direction"),
    ):
        with pytest.raises(InputError, match=message):
            Microring(**{"mode": mode, "length": 1e-4, **RATES, **change})


def test_an_atom_that_is_spread_out_sees_the_mean_field_along_the_axes(ring):
    line = Species("88Sr").transition("1S0", "3P1")
    place, width = np.array([0.0, 0.1e-6, 0.25e-6]), 20e-9
    spread = couple(line, [ring], at=place, axis=(0, 0, 1), wave_function=(0.0, 0.0, width)).g[0, 0]
    x, w = np.polynomial.hermite_e.hermegauss(9)
    shifted = place + width * x[:, None] * np.array([0.0, 0.0, 1.0])
    mean = w @ couple(line, [ring], at=shifted, axis=(0, 0, 1)).g[:, 0] / w.sum()
    assert spread == pytest.approx(mean, rel=1e-6)
    assert abs(spread) > abs(couple(line, [ring], at=place, axis=(0, 0, 1)).g[0, 0])  # the tail is convex
