"""Exchange of photons in free space against Maxwell's equations and closed forms; collisions in one site against integrals."""

from math import pi, tau

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants as const

import atomcavity as ac
from atomcavity.coupling.exchange import (
    dipole_exchange,
    exchange_shifts,
    ground_state_widths,
    p_wave_shift,
    s_wave_shift,
)

K = tau / 698e-9
LINE = {"gamma": 1.0, "frequency": K * const.c}
ANGLES = st.floats(0.0, pi)
Z = np.array([0.0, 0.0, 1.0])


def along(x, angle):
    """A separation of k r = x at the angle from z (m)."""
    return x / K * np.array([np.sin(angle), 0.0, np.cos(angle)])


def green(apart, k):
    """The dyadic Green's function of the vector Helmholtz equation, from derivatives of exp(ikr)/(4 pi r) by sympy-free algebra."""
    r = np.linalg.norm(apart)
    n = apart / r
    x = k * r
    scalar = np.exp(1j * x) / (4 * pi * r)
    isotropic = (1 + (1j * x - 1) / x**2) * np.eye(3)
    return scalar * (isotropic + (3 - 3j * x - x**2) / x**2 * np.outer(n, n))


@settings(deadline=None)
@given(st.floats(0.01, 50.0), ANGLES, st.floats(0.0, tau), st.floats(0.0, pi / 2))
def test_shift_and_decay_are_the_two_parts_of_the_greens_function(x, angle, phase, mixing):
    """V = -(mu^2 omega^2/(hbar eps0 c^2)) Re e*.G.e and Gamma_12 = 2 (...) Im e*.G.e with gamma = omega^3 mu^2/(3 pi eps0 hbar c^3)."""
    e = np.array([np.cos(mixing), np.sin(mixing) * np.exp(1j * phase), 0.3])
    e /= np.linalg.norm(e)
    shift, decay = dipole_exchange(along(x, angle), e, **LINE)
    found = e.conj() @ green(along(x, angle), K) @ e
    found = (found + e @ green(along(x, angle), K) @ e.conj()) / 2  # n.e and n.e* enter alike
    assert shift == pytest.approx(-3 * pi / K * found.real, rel=1e-9, abs=1e-12 / x**3)
    assert decay == pytest.approx(6 * pi / K * found.imag, rel=1e-6, abs=1e-9)


@settings(deadline=None)
@given(ANGLES)
def test_close_emitters_are_static_dipoles_that_decay_together(angle):
    x = 1e-3
    shift, decay = dipole_exchange(along(x, angle), Z, **LINE)
    assert shift == pytest.approx(0.75 * (1 - 3 * np.cos(angle) ** 2) / x**3, abs=1.0 / x)
    assert decay == pytest.approx(1.0, abs=1e-6)


@settings(deadline=None)
@given(ANGLES)
def test_distant_emitters_exchange_waves(angle):
    x = 1e4
    shift, decay = dipole_exchange(along(x, angle), Z, **LINE)
    wave = 1.5 * np.sin(angle) ** 2 / x * np.exp(1j * x)
    assert shift == pytest.approx(-wave.real / 2, abs=2 / x**2)
    assert decay == pytest.approx(wave.imag, abs=4 / x**2)


def test_power_series_joins_the_closed_form():
    for x in (0.049999, 0.050001):
        _, decay = dipole_exchange(along(x, 0.4), Z, **LINE)
        s, c = np.sin(np.longdouble(x)), np.cos(np.longdouble(x))
        x, p = np.longdouble(x), np.longdouble(np.cos(0.4) ** 2)
        law = 1.5 * ((1 - p) * s / x + (1 - 3 * p) * (c / x**2 - s / x**3))
        assert decay == pytest.approx(float(law), rel=1e-11)


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.floats(-1e-6, 1e-6)] * 3), min_size=2, max_size=6))
def test_no_pattern_decays_at_a_negative_rate(points):
    """The matrix of decay rates is positive: energy only leaves."""
    places = np.array(points)
    apart = places[:, None] - places
    off = ~np.eye(len(places), dtype=bool)
    if np.linalg.norm(apart[off], axis=-1).min() < 1e-9:
        return
    rates = np.eye(len(places))
    rates[off] = dipole_exchange(apart[off], Z, **LINE)[1]
    assert np.linalg.eigvalsh(rates).min() > -1e-9


def test_two_emitters_in_mean_field_are_the_symmetric_state():
    apart = along(2.7, pi / 2)
    shift, decay = dipole_exchange(apart, Z, **LINE)
    both = np.array([[0.0, 0, 0], apart])
    assert exchange_shifts(both, Z, **LINE) == pytest.approx([shift, shift])
    assert exchange_shifts(both, Z, inversion=0.4, **LINE) == pytest.approx([-0.4 * shift] * 2)
    assert exchange_shifts(both, Z, occupation=[1.0, 0.25], **LINE) == pytest.approx([0.25 * shift, shift])
    assert exchange_shifts(both, Z, phases=[0.0, pi], **LINE) == pytest.approx([-shift, -shift])
    turned = exchange_shifts(both, Z, phases=[0.0, 0.3], **LINE)
    assert turned == pytest.approx(shift * np.cos(0.3) + decay / 2 * np.sin(0.3) * np.array([1, -1]))


def test_single_excitation_of_a_small_ring_is_an_eigenstate_of_the_mean_field():
    """exp(i m phi) on a ring: shift and decay are the real and imaginary part of an eigenvalue of V - i Gamma/2."""
    count, m = 9, 4
    angle = tau * np.arange(count) / count
    places = 0.6e-6 * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    found = exchange_shifts(places, Z, phases=m * angle, **LINE)
    matrix = np.full((count, count), -0.5j)
    for i in range(count):
        for j in range(count):
            if i != j:
                shift, decay = dipole_exchange(places[i] - places[j], Z, **LINE)
                matrix[i, j] = shift - 0.5j * decay
    pattern = np.exp(1j * m * angle)
    value = (matrix @ pattern / pattern)[0]
    assert matrix @ pattern == pytest.approx(value * pattern)
    assert found == pytest.approx([value.real] * count)


def test_many_emitters_in_pieces(monkeypatch):
    places = np.random.default_rng(0).uniform(-1e-6, 1e-6, (50, 3))
    phases = np.linspace(0, 5, 50)
    at_once = exchange_shifts(places, Z, phases=phases, occupation=0.9, **LINE)
    monkeypatch.setattr("atomcavity.coupling.exchange.PAIRS", 130)
    assert exchange_shifts(places, Z, phases=phases, occupation=0.9, **LINE) == pytest.approx(at_once)


def test_ground_state_widths_are_those_of_the_oscillator():
    mass, omega = 1.44e-25, tau * 1e5
    sigma = ground_state_widths(mass, [omega])[0]
    kinetic = const.hbar**2 / (8 * mass * sigma**2)  # <p> = hbar/(2 sigma)
    assert kinetic == pytest.approx(const.hbar * omega / 4, rel=1e-12, abs=0)
    assert mass * omega**2 * sigma**2 / 2 == pytest.approx(const.hbar * omega / 4, rel=1e-12, abs=0)


def _orbitals(x, sigma):
    ground = (tau * sigma**2) ** -0.25 * np.exp(-(x**2) / (4 * sigma**2))
    return ground, ground * x / sigma


def test_s_and_p_wave_energies_are_the_integrals_over_the_orbitals():
    mass, a, sigma = 1.44e-25, 5e-9, np.array([20e-9, 50e-9, 30e-9])
    fourth, current = [], []
    for s in sigma:
        x = np.linspace(-9 * s, 9 * s, 4001)
        step = x[1] - x[0]
        zero, one = _orbitals(x, s)
        fourth.append(np.sum(zero**4) * step)
        slopes = zero * np.gradient(one, step) - one * np.gradient(zero, step)
        current.append(np.sum(slopes**2) * step)
    s_law = 4 * pi * const.hbar * a / mass * np.prod(fourth)
    assert s_wave_shift(a, mass=mass, widths=sigma) == pytest.approx(s_law, rel=1e-8)
    p_law = 6 * pi * const.hbar * a**3 / mass * current[1] * fourth[0] * fourth[2]
    assert p_wave_shift(a, mass=mass, widths=sigma, axis=1) == pytest.approx(p_law, rel=1e-4)


def test_weak_interaction_in_an_isotropic_trap():
    """Two atoms in a spherical trap of Omega, first order (Busch et al., Found. Phys. 28, 549 (1998)): sqrt(2/pi) a/l Omega."""
    mass, omega, a = 1.44e-25, tau * 50e3, 1e-10
    oscillator = np.sqrt(const.hbar / (mass * omega))
    widths = ground_state_widths(mass, [omega] * 3)
    assert s_wave_shift(a, mass=mass, widths=widths) == pytest.approx(
        np.sqrt(2 / pi) * a / oscillator * omega
    )


def test_p_wave_energy_of_a_hard_sphere_in_an_isotropic_trap():
    """Relative motion of two hard spheres of diameter b, l = 1: b^3 is b^3/3 by k^3 cot delta = -3/b^3; energy by its equation."""
    from scipy.optimize import brentq
    from scipy.special import hyperu

    mass, omega = 1.44e-25, tau * 50e3
    relative = np.sqrt(2 * const.hbar / (mass * omega))  # of the reduced mass M/2
    diameter = 0.02 * relative

    def wave(energy):  # u/r of l = 1 that vanishes at infinity, at the sphere; energy in hbar Omega
        x = (diameter / relative) ** 2
        return hyperu((2.5 - energy) / 2, 2.5, x)

    exact = brentq(wave, 2.5 + 1e-9, 2.5 + 1e-3, xtol=1e-15)
    scattering = diameter / 3 ** (1 / 3)
    widths = ground_state_widths(mass, [omega] * 3)
    found = p_wave_shift(scattering, mass=mass, widths=widths, axis=2) / omega
    assert found == pytest.approx(exact - 2.5, rel=2e-3)


def test_what_is_refused():
    with pytest.raises(ac.InputError, match="same place"):
        dipole_exchange([0, 0, 0], Z, **LINE)
    with pytest.raises(ac.InputError, match="same place"):
        exchange_shifts(np.zeros((2, 3)), Z, **LINE)
    with pytest.raises(ac.InputError, match="must be a direction"):
        dipole_exchange([0, 0, 1e-7], [0, 0, 0], **LINE)
    with pytest.raises(ac.InputError, match="Cartesian"):
        dipole_exchange([0, 1e-7], Z, **LINE)
    with pytest.raises(ac.InputError, match="gamma = 0"):
        dipole_exchange([0, 0, 1e-7], Z, gamma=0.0, frequency=1e15)
    places = np.eye(3) * 1e-7
    with pytest.raises(ac.InputError, match="inversion = 2"):
        exchange_shifts(places, Z, inversion=2.0, **LINE)
    with pytest.raises(ac.InputError, match="probabilities"):
        exchange_shifts(places, Z, occupation=1.5, **LINE)
    with pytest.raises(ac.InputError, match="phases of shape"):
        exchange_shifts(places, Z, phases=[0.0, 1.0], **LINE)
    with pytest.raises(ac.InputError, match="standard deviations"):
        s_wave_shift(1e-9, mass=1e-25, widths=[1e-8, 1e-8])
    with pytest.raises(ac.InputError, match="axis = 3"):
        p_wave_shift(1e-9, mass=1e-25, widths=[1e-8] * 3, axis=3)
    with pytest.raises(ac.InputError, match="mass = -1"):
        ground_state_widths(-1.0, [1.0])
