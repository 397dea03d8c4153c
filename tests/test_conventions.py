"""One test for each sentence of docs/conventions.md."""

import math

import numpy as np
import pytest
from scipy.constants import c, epsilon_0, hbar, physical_constants

import atomcavity as ac
from atomcavity import units
from atomcavity.errors import InputError

TAU = 2 * math.pi
MHZ = TAU * 1e6


def one_atom(**keywords):
    atom = {"g": 2.8 * MHZ, "gamma": 0.0, **keywords}
    return ac.CavitySystem([ac.Emitters(1, **atom)], [ac.CavityMode(0.01 * MHZ)])


def test_a_bare_number_is_refused():
    with pytest.raises(InputError, match="has no unit"):
        units.parse(2.8e6, "angular")


def test_angular_and_event_rates():
    assert units.parse("2.8 MHz", "angular") == pytest.approx(2.8 * MHZ)
    assert units.parse("2.5e7 1/s", "event rate") == 2.5e7
    with pytest.raises(InputError, match="factor 2 pi"):
        units.parse("25 MHz", "event rate")


def test_people_see_two_pi():
    assert units.show(2.8 * MHZ, "angular") == "2π × 2.8 MHz"


def test_g_is_half_the_vacuum_rabi_splitting():
    # an excited atom in a nearly lossless cavity: P(t) = cos^2(g t), empty after a quarter of the period 2 pi/(2 g)
    system = one_atom()
    run = ac.evolve(
        system, np.array([0.0, math.pi / (2 * 2.8 * MHZ), math.pi / (2.8 * MHZ)]), initial="inverted"
    )
    np.testing.assert_allclose(run.excited_population[0], [1, 0, 1], atol=0.02)


def test_kappa_is_the_decay_rate_of_the_photon_number_and_gamma_of_the_population():
    # one photon put in by an atom that is then off resonance is out of reach of a simple state; use the two limits:
    # uncoupled atom: exp(-gamma t); and flow balance in the steady state: kappa <n> = what the pump puts in, gamma = 0
    lone = ac.CavitySystem([ac.Emitters(1, g=0.0, gamma=2 * MHZ)], [ac.CavityMode(1 * MHZ)])
    times = np.linspace(0, 3e-7, 4)
    np.testing.assert_allclose(
        ac.evolve(lone, times).excited_population[0], np.exp(-2 * MHZ * times), rtol=1e-7
    )
    pump = 1e6
    pumped = ac.CavitySystem([ac.Emitters(1, g=1 * MHZ, pump_rate=pump)], [ac.CavityMode(4 * MHZ)])
    state = ac.steady_state(pumped)
    assert 4 * MHZ * state.photon_number[0] == pytest.approx(
        pump * (1 - state.excited_population[0]), rel=1e-7
    )


def test_dephasing_is_added_to_the_decay_of_the_coherence():
    # bad cavity: the emission rate into it is 4 g^2/(kappa + gamma + 2 dephasing) at weak coupling
    g, kappa, dephasing = 0.01 * MHZ, 3 * MHZ, 2 * MHZ
    system = ac.CavitySystem([ac.Emitters(1, g=g, dephasing_rate=dephasing)], [ac.CavityMode(kappa)])
    times = np.array([0.0, 1e-4])
    decay = -np.log(ac.evolve(system, times).excited_population[0, 1]) / times[1]
    assert decay == pytest.approx(4 * g**2 / (kappa + 2 * dephasing), rel=2e-2)


def test_sigma_z_of_the_excited_state_is_plus_one():
    strongly_pumped = ac.CavitySystem(
        [ac.Emitters(1, g=0.0, gamma=1.0, pump_rate=1e6)], [ac.CavityMode(1 * MHZ)]
    )
    assert ac.steady_state(strongly_pumped).inversion[0] == pytest.approx(1, abs=1e-5)


def test_detuning_is_own_frequency_minus_reference_and_spectra_use_that_axis():
    above = ac.CavitySystem(
        [ac.Emitters(1, g=0.05 * MHZ, gamma=0.1 * MHZ, pump_rate=1e4, detuning=5 * MHZ)],
        [ac.CavityMode(2 * MHZ, detuning=5 * MHZ)],
    )
    assert ac.spectrum(above).peak[0] == pytest.approx(5 * MHZ, rel=1e-3)


def test_spectrum_integrates_to_the_photon_number():
    atom = ac.Emitters(1, g=2.8 * MHZ, gamma=0.1 * MHZ, pump_rate=5e6)
    system = ac.CavitySystem([atom], [ac.CavityMode(4 * MHZ)])
    axis = np.linspace(-400 * MHZ, 400 * MHZ, 4_001)
    density = ac.spectrum(system, axis).density
    photons = ac.steady_state(system).photon_number[0]
    assert np.trapezoid(density, axis) / TAU == pytest.approx(photons, rel=2e-3)


def test_atomic_unit_of_polarizability():
    sr = ac.Species("88Sr")
    alpha = sr.polarizability("1S0", 800e-9)
    assert alpha.total / physical_constants["atomic unit of electric polarizability"][0] == pytest.approx(
        alpha.au
    )


def test_photon_field_gives_g_as_dipole_times_field():
    sr = ac.Species("88Sr")
    line = sr.transition("1S0", "3P1")
    mode = ac.Microsphere(5.03e-6, ac.Material("fused silica")).mode("TE", n=1, l=60, m=60)
    place = np.array([[5.167e-6, 0.0, 0.0]])
    coupling = ac.couple(line, [mode], at=place, axis=(0, 0, 1))
    field = mode.photon_field(place)[0, 2]
    dipole = math.sqrt(3 * math.pi * epsilon_0 * hbar * c**3 * line.gamma / line.frequency**3)
    assert abs(coupling.g[0, 0]) == pytest.approx(dipole * abs(field) / hbar, rel=1e-9)


def test_cooperativity_is_the_purcell_factor():
    sr = ac.Species("88Sr")
    mode = ac.Microsphere(5.03e-6, ac.Material("fused silica")).mode("TE", n=1, l=60, m=60)
    coupling = ac.couple(
        sr.transition("1S0", "3P1"), [mode], at=np.array([[5.167e-6, 0.0, 0.0]]), axis=(0, 0, 1)
    )
    kappa = mode.frequency / 1e8
    assert coupling.cooperativity(kappa)[0, 0] == pytest.approx(
        4 * abs(coupling.g[0, 0]) ** 2 / (kappa * coupling.gamma), rel=1e-12
    )


def test_running_power_is_the_energy_flux_around_the_axis():
    # a photon of a +m mode has angular momentum m hbar = (m/omega) times its energy; with the flux P through a half
    # plane, energy density u and Poynting vector S: L_z = integral of rho sin(theta) S/c^2 outside (same order inside)
    mode = ac.Microsphere(5.03e-6, 1.45).mode("TE", n=1, l=60, m=60)
    place = np.array([[5.0e-6, 0.0, 0.0]])
    weak, strong = (mode.field_at_power(place, p) for p in (1e-3, 4e-3))
    np.testing.assert_allclose(strong, 2 * weak, rtol=1e-12)
