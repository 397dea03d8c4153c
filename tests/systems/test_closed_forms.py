"""Physical systems with closed answers."""

from math import tau

import numpy as np
import pytest
from scipy.linalg import expm

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, evolve, spectrum, steady_state

G, KAPPA, GAMMA = tau * 2.0e6, tau * 1.5e6, tau * 0.4e6


def test_damped_vacuum_rabi_oscillation():
    """One excited atom: the amplitudes of |e,0> and |g,1> obey a 2x2 non-Hermitian Schroedinger equation."""
    detuning = tau * 0.7e6
    system = CavitySystem([Emitters(1, G * 1j, GAMMA, detuning=detuning)], [CavityMode(KAPPA)])
    times = np.linspace(0, 1e-6, 41)
    ours = evolve(system, times)
    generator = np.array([[-1j * detuning - GAMMA / 2, -1j * G], [-1j * G, -KAPPA / 2]])
    amplitudes = np.array([expm(generator * t)[:, 0] for t in times])
    np.testing.assert_allclose(ours.excited_population[0], np.abs(amplitudes[:, 0]) ** 2, atol=1e-12)
    np.testing.assert_allclose(ours.photon_number[0], np.abs(amplitudes[:, 1]) ** 2, atol=1e-12)
    assert ours.record.neglected == 0


def test_purcell_decay_in_a_bad_cavity():
    """Cavity much faster than g: population decay gamma + 4 g^2/kappa, to second order in g/kappa."""
    g, kappa, gamma = 1.0, 200.0, 0.003
    system = CavitySystem([Emitters(1, g, gamma)], [CavityMode(kappa)])
    rate = gamma + 4 * g**2 / kappa
    times = np.linspace(20.0, 120.0, 3)
    population = evolve(system, times).excited_population[0]
    slope = -np.diff(np.log(population)) / np.diff(times)
    np.testing.assert_allclose(slope, rate, rtol=10 * (g / kappa) ** 2 + gamma / kappa * 4)


def test_two_atom_superradiance_with_an_eliminated_cavity():
    """|ee> -> |S> -> |gg>, both at 2 Gamma_c with Gamma_c = 4 g^2/kappa: <e> = exp(-2x)(1 + x), x = Gamma_c t."""
    g, kappa = 1.0, 2000.0
    system = CavitySystem([Emitters(2, g)], [CavityMode(kappa)])
    x = np.linspace(0.1, 3, 7)
    ours = evolve(system, x * kappa / (4 * g**2))
    np.testing.assert_allclose(ours.excited_population[0], np.exp(-2 * x) * (1 + x), rtol=1e-4)
    np.testing.assert_allclose(ours.emitter_correlation[0, 0], x * np.exp(-2 * x), rtol=1e-4)


def test_weakly_pumped_atom_emits_the_fraction_beta_into_the_cavity():
    """Photons out per pumped excitation: beta = 4 g^2 kappa/((kappa + gamma)(4 g^2 + kappa gamma))."""
    pump = 1e-6 * GAMMA
    state = steady_state(CavitySystem([Emitters(1, G, GAMMA, pump_rate=pump)], [CavityMode(KAPPA)]))
    beta = 4 * G**2 * KAPPA / ((KAPPA + GAMMA) * (4 * G**2 + KAPPA * GAMMA))
    assert KAPPA * state.photon_number[0] / pump == pytest.approx(beta, rel=1e-5)


def test_weakly_pumped_atom_has_the_vacuum_rabi_doublet():
    """Poles of the lowest coherences: eigenvalues of [[-gamma/2, -ig], [-ig, -kappa/2]]."""
    pump = 1e-7 * GAMMA
    ours = spectrum(CavitySystem([Emitters(1, G, GAMMA, pump_rate=pump)], [CavityMode(KAPPA)]))
    expected = np.linalg.eigvals([[-GAMMA / 2, -1j * G], [-1j * G, -KAPPA / 2]])
    for pole in expected:
        assert np.abs(ours.poles - pole).min() < 1e-6 * abs(pole)
    splitting = 2 * np.sqrt(G**2 - ((KAPPA - GAMMA) / 4) ** 2)
    assert np.ptp(expected.imag) == pytest.approx(splitting)
    assert len(ours.peak) == 2
    np.testing.assert_allclose(ours.peak, -ours.peak[::-1], atol=1e-6 * G)


@pytest.mark.parametrize("number", [1, 3])
def test_cavity_without_loss_is_as_hot_as_the_atoms(number):
    """kappa = 0: atoms with pump/decay = w/gamma are a bath of that temperature, P(n) ~ (w/gamma)^n."""
    ratio = 0.3
    system = CavitySystem([Emitters(number, 1.0, 1.0, pump_rate=ratio)], [CavityMode(0.0)])
    state = steady_state(system)
    assert state.photon_number[0] == pytest.approx(ratio / (1 - ratio), rel=1e-6)
    assert state.g2[0] == pytest.approx(2.0, rel=1e-5)
    np.testing.assert_allclose(
        state.photon_distribution[0][:6], (1 - ratio) * ratio ** np.arange(6), rtol=1e-6
    )
    assert state.excited_population[0] == pytest.approx(ratio / (1 + ratio))


def test_emitters_without_coupling_keep_their_rate_equation():
    system = CavitySystem([Emitters(2, 0.0, 1.0, pump_rate=3.0)], [CavityMode(1.0)])
    state = steady_state(system)
    assert state.excited_population[0] == pytest.approx(0.75)
    assert state.photon_number[0] == 0
    assert np.isnan(state.g2[0])
    times = np.linspace(0, 1, 5)
    ours = evolve(system, times, initial="ground")
    np.testing.assert_allclose(ours.excited_population[0], 0.75 * (1 - np.exp(-4 * times)), atol=1e-12)


def test_lorentzian_of_a_cavity_filled_by_weak_coupling():
    """Far below saturation of a broad emitter the light has the empty cavity's line: full width kappa."""
    system = CavitySystem([Emitters(1, 0.01, 50.0, pump_rate=20.0)], [CavityMode(1.0, detuning=3.0)])
    ours = spectrum(system)
    assert ours.peak[0] == pytest.approx(3.0, abs=1e-3)
    assert ours.full_width[0] == pytest.approx(1.0, rel=1e-2)
    slowest = ours.poles[0]
    assert -slowest.imag == pytest.approx(3.0, abs=1e-3)
    assert -2 * slowest.real == pytest.approx(1.0, rel=1e-2)
