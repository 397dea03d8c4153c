"""g in several ways, sum rules, figures of merit, phases and averages."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.constants import c, epsilon_0, hbar

from atomcavity.coupling import couple
from atomcavity.coupling.dipole import dipole_moment, spherical_vectors
from atomcavity.errors import InputError
from atomcavity.resonators import Microsphere
from atomcavity.species import Species
from atomcavity.species.operators import spin_matrices
from atomcavity.traps.minimum import equator


def close(expected, rel=1e-6):
    """SI numbers are small: pytest's default absolute tolerance of 1e-12 would accept anything."""
    return pytest.approx(expected, rel=rel, abs=0)


RADIUS = 5.03e-6
SR = Species("88Sr")
LINE = SR.transition("1S0", "3P1")
SPHERE = Microsphere(RADIUS, 1.4552)
MODE = SPHERE.mode("TE", n=1, l=60)
ANGLE = np.radians(55.45)
TILTED = (0.0, np.sin(ANGLE), np.cos(ANGLE))
SITE = equator(137e-9, RADIUS, 0.0)


def at_the_transition(coupling):
    """The paper's formula takes the mode at the transition's frequency: remove the difference."""
    return np.abs(coupling.g) * np.sqrt(LINE.frequency / MODE.frequency)


def test_g_from_the_purcell_factor_and_the_mode_volume():
    """Yu and Vollmer 2021, Eqs. 17-19: g = sqrt(F kappa gamma)/2; kappa cancels."""
    volume = MODE.volume(at=SITE)
    quality = 1e8
    kappa = LINE.frequency / quality
    purcell = 3 * quality * LINE.wavelength**3 * np.cos(ANGLE) ** 2 / (4 * np.pi**2 * volume)
    g = np.sqrt(purcell * kappa * LINE.gamma) / 2
    found = couple(LINE, [MODE], at=SITE, axis=TILTED)
    assert at_the_transition(found)[0, 0] == close(g, rel=1e-6)
    scaled = found.cooperativity(kappa) * LINE.frequency / MODE.frequency
    assert scaled[0, 0] == close(purcell, rel=1e-6)


def test_the_papers_numbers():
    """827 um^3, 55.45 deg, gamma = 2 pi 7.5 kHz: 2.8101 MHz for m = 0 and 2.89 MHz for m = +-1."""
    gamma, wavelength, volume = 2 * np.pi * 7.5e3, 689.45e-9, 827e-18
    found = couple(LINE, [MODE], at=SITE, axis=TILTED)
    scale = np.sqrt(gamma / LINE.gamma * (wavelength / LINE.wavelength) ** 2 * MODE.volume(at=SITE) / volume)
    g = {m: scale * at_the_transition(found) / np.abs(found.g) * np.abs(found.zeeman[m]) for m in (-1, 0, 1)}
    assert g[0][0, 0] / (2e6 * np.pi) == pytest.approx(2.8101, abs=2e-4)
    assert g[1][0, 0] / (2e6 * np.pi) == pytest.approx(2.886, abs=5e-3)
    assert g[-1][0, 0] == close(g[1][0, 0])


@settings(max_examples=20, deadline=None)
@example(direction=(0.0, 3.2e-161, -0.3))
@example(direction=(1e-9, -1e-9, 1.0))
@given(direction=st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1))
def test_sublevels_share_the_light(direction):
    """sum_m |g_m|^2 = mu^2 |E|^2/hbar^2 for every axis."""
    field = MODE.photon_field(SITE)
    found = couple(LINE, [MODE], at=SITE, axis=direction)
    total = sum(np.abs(g) ** 2 for g in found.zeeman.values())
    expected = dipole_moment(LINE) ** 2 * np.sum(np.abs(field) ** 2) / hbar**2
    assert total[0, 0] == close(expected, rel=1e-12)
    vectors = spherical_vectors(direction)
    assert vectors @ vectors.conj().T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.cross(vectors[0].conj(), vectors[1]) == pytest.approx(1j * vectors[0].conj(), abs=1e-12)


def test_the_frame_is_that_of_the_species_spin_matrices():
    for axis in ((0.3, -0.5, 0.7), (0.0, 0.0, -1.0), TILTED):
        minus, along, plus = spherical_vectors(axis)
        spin = spin_matrices(1, axis)
        assert np.einsum("i,iab->ab", along, spin).real == pytest.approx(np.diag([-1, 0, 1]), abs=1e-12)
        raising = np.einsum("i,iab->ab", -np.sqrt(2) * plus, spin)
        assert raising == pytest.approx(np.diag([np.sqrt(2)] * 2, -1), abs=1e-12)
        assert minus == close(-plus.conj())


def test_circular_light_drives_one_sublevel():
    """Light rotating with the positive sense about the axis, (x + i y) e^{-i w t}, drives m = +1 only."""

    class Rotating:
        m, frequency = 1, LINE.frequency

        def photon_field(self, r):
            return np.broadcast_to(np.array([1.0, 1j, 0.0]) / np.sqrt(2), np.shape(r))

    found = couple(LINE, [Rotating()], at=SITE)
    assert np.abs(found.zeeman[1][0, 0]) == close(dipole_moment(LINE) / hbar)
    assert np.abs([found.zeeman[0][0, 0], found.zeeman[-1][0, 0]]) == pytest.approx(0, abs=1e-12)


def test_dipole_and_natural_decay():
    """gamma = mu^2 w^3/(3 pi eps0 hbar c^3); the reduced matrix element is sqrt(3) larger."""
    mu = dipole_moment(LINE)
    gamma = mu**2 * LINE.frequency**3 / (3 * np.pi * epsilon_0 * hbar * c**3)
    assert gamma == close(LINE.gamma)
    assert np.sqrt(3) * mu == close(LINE.dipole)


def test_figures_of_merit():
    found = couple(LINE, list(MODE.pair()), at=np.stack([SITE, 1.01 * SITE]), axis=TILTED)
    kappa = 2 * np.pi * 4.4e6
    g = np.abs(found.g)
    assert g.shape == (2, 2)
    assert found.cooperativity(kappa) == close(4 * g**2 / (kappa * LINE.gamma))
    assert found.critical_atoms(kappa) == close(kappa * LINE.gamma / (4 * g**2))
    assert found.saturation_photons == close(LINE.gamma**2 / (4 * g**2))
    assert found.purcell(kappa) == close(found.cooperativity(kappa))
    assert found.detunings == close(MODE.frequency - LINE.frequency)
    with pytest.raises(InputError, match="kappa"):
        found.cooperativity(0.0)


def test_phases_are_the_modes_own_or_the_printed_ones():
    azimuth = np.pi / 47 * np.arange(4)
    places = np.array([equator(137e-9, RADIUS, phi) for phi in azimuth])
    found = couple(LINE, list(MODE.pair()), at=places, axis=TILTED)
    turn = found.g / found.g[0]
    assert turn == pytest.approx(np.exp(1j * np.outer(azimuth, [60, -60])), abs=1e-9)
    printed = found.with_phases("printed")
    k_rho = 2 * np.pi / LINE.wavelength * (RADIUS + 137e-9)
    assert printed.g / printed.g[0] == pytest.approx(
        np.exp(1j * k_rho * np.outer(azimuth, [1, -1])), abs=1e-9
    )
    assert np.abs(printed.g) == close(np.abs(found.g))
    assert printed.zeeman[1] / printed.g == close(found.zeeman[1] / found.g)
    given_phases = found.with_phases(np.zeros((4, 2)))
    assert given_phases.g.imag == pytest.approx(0, abs=1e-3)
    with pytest.raises(InputError, match="phases"):
        found.with_phases("own")
    with pytest.raises(InputError, match="shape"):
        found.with_phases([0.0])


def test_average_over_a_gaussian_wave_function():
    """Running wave e^{i m phi} over a Gaussian arc: exp(-(m s/rho)^2/2); radial widths raise the evanescent mean."""
    rho = RADIUS + 137e-9
    bare = couple(LINE, [MODE], at=SITE)
    along_phi = couple(LINE, [MODE], at=SITE, wave_function=(0.0, 0.0, 20e-9))
    # the offset is a straight line, so rho grows by s^2/(2 rho): a correction of first order in it
    decay = -np.real(MODE.gradient(SITE)[2, 0] / MODE.photon_field(SITE)[2])
    expected = np.exp(-((60 * 20e-9 / rho) ** 2) / 2) * (1 - decay * (20e-9) ** 2 / (2 * rho))
    assert np.abs(along_phi.g / bare.g) == close(expected, rel=1e-4)
    along_rho = couple(LINE, [MODE], at=SITE, wave_function=(10e-9, 0.0, 0.0))
    assert np.abs(along_rho.g / bare.g) == close(np.exp((decay * 10e-9) ** 2 / 2), rel=1e-3)
    assert couple(LINE, [MODE], at=SITE, wave_function=(0, 0, 0)).g == close(bare.g)


def test_zeeman_neighbours():
    """g_J = 3/2 and one gauss: 2.1 MHz between the sublevels (the paper's Fig. 1b)."""
    found = couple(LINE, [MODE], at=SITE, axis=TILTED)
    assert found.zeeman_shift(1, 1e-4) / (2e6 * np.pi) == pytest.approx(2.1, abs=0.01)
    assert set(found.close_sublevels(1e-4, 2 * np.pi * 4.4e6)) == {-1, 1}
    assert found.close_sublevels(1e-2, 2 * np.pi * 4.4e6) == {}
    upper = couple(LINE, [MODE], at=SITE, axis=TILTED, m=1)
    one = found.zeeman_shift(1, 1e-4)
    assert upper.close_sublevels(1e-4, 10 * one) == close({0: -one, -1: -2 * one})
    assert set(upper.close_sublevels(1e-4, 1.5 * one)) == {0}
    along_z = couple(LINE, [MODE], at=SITE)  # z-polarized light and axis z: pi light only
    assert along_z.close_sublevels(1e-4, 2 * np.pi * 4.4e6) == {}
    assert "m =  0" in str(found)


def test_back_scattering_of_a_pair_in_the_dynamics():
    """An atom at an antinode of the even standing wave sees one mode alone: sqrt(2) g, detuned by +b."""
    from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, steady_state

    pair = MODE.pair(backscattering=2 * np.pi * 3e6)
    found = couple(LINE, pair, at=SITE, axis=TILTED)
    rates = {"kappa": 2 * np.pi * 4e6, "pump_rate": 2e7}
    both = steady_state(CavitySystem.of(found, mode_coupling=pair.mode_coupling, **rates))
    one = steady_state(
        CavitySystem(
            [Emitters(1, np.sqrt(2) * abs(found.g[0, 0]), LINE.gamma, pump_rate=rates["pump_rate"])],
            [CavityMode(rates["kappa"], detuning=pair.backscattering.real)],
        )
    )
    assert np.sum(both.photon_number) == close(np.sum(one.photon_number), rel=1e-6)
    assert np.ptp(both.photon_number) < 1e-6 * np.sum(one.photon_number)


def test_an_emitter_that_does_not_couple():
    class Across:
        m, frequency = 1, LINE.frequency

        def photon_field(self, r):
            return np.broadcast_to(np.array([1.0 + 0j, 0, 0]), np.shape(r))

    found = couple(LINE, [Across()], at=SITE)
    assert found.saturation_photons == np.inf
    assert found.critical_atoms(1.0) == np.inf


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"transition": SR.transition("3P1", "5s6s 3S1")}, "J = 0 to J = 1"),
        ({"m": 2}, "sublevel"),
        ({"at": [1.0, 2.0]}, "positions"),
        ({"modes": []}, "at least one mode"),
        ({"modes": MODE}, "a list of modes"),
        ({"wave_function": (1e-9, 1e-9)}, "widths"),
        ({"wave_function": (1e-9, -1e-9, 1e-9)}, "widths"),
        ({"axis": (0, 0, 0)}, "axis"),
    ],
)
def test_bad_input(arguments, words):
    good = {"transition": LINE, "modes": [MODE], "at": SITE} | arguments
    transition, modes = good.pop("transition"), good.pop("modes")
    with pytest.raises(InputError, match=words):
        couple(transition, modes, **good)
