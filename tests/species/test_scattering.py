"""Photon scattering: two-level limits, Kramers-Heisenberg sums and the paper's Eq. 33."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import constants as const

from atomcavity.errors import InputError
from atomcavity.species import ATOMIC_DIPOLE, Species
from atomcavity.species.operators import polarizability_operator, scattering
from atomcavity.species.polarizability import angular_factors

SR = Species("88Sr")


def test_near_one_line_it_is_the_two_level_rate():
    """Gamma = A Omega^2 / (4 delta^2) close to, but many linewidths from, the 461 nm line."""
    line = SR.transition("1S0", "1P1")
    delta = 1e-4 * line.frequency
    wavelength = 2 * math.pi * const.c / (line.frequency - delta)
    amplitude = 1e3
    rabi = line.dipole / math.sqrt(3) * amplitude / const.hbar
    rate = float(SR.scattering_rate("1S0", wavelength, [0, 0, amplitude]))
    assert rate == pytest.approx(line.gamma * rabi**2 / (4 * delta**2), rel=2e-3, abs=0)


def test_closed_transition_from_a_stretched_state():
    """J = 1, m = 1 to J = 2, m = 2 by sigma+ light: a two-level atom, all light scattered into m = 1."""
    omega, delta, dipole = 3e15, 3e11, 2 * ATOMIC_DIPOLE
    strengths = np.array(angular_factors(1, 2)) * dipole**2 / const.hbar
    parts = tuple(float(x) for x in strengths * np.array([1, 1, 1]) / delta)  # rotating-wave poles
    amplitude = 1e4
    field = amplitude * np.array([1, 1j, 0]) / math.sqrt(2)
    operator = polarizability_operator(1, parts)
    rate = float(scattering(operator, 2, field, omega))
    gamma = omega**3 * dipole**2 / (3 * math.pi * const.epsilon_0 * const.hbar * const.c**3 * 5)
    rabi = dipole / math.sqrt(5) * amplitude / const.hbar
    assert rate == pytest.approx(gamma * rabi**2 / (4 * delta**2), rel=1e-12, abs=0)


def test_rate_is_the_cross_section_for_a_scalar_atom():
    """sigma = omega^4 alpha^2/(6 pi eps0^2 c^4), in any direction of the field and quadratic in it."""
    wavelength, field = 832.69e-9, np.array([[1e5, 2e5j, 3e4], [0, 0, 2e5]])
    omega = 2 * math.pi * const.c / wavelength
    alpha = float(SR.polarizability("1S0", wavelength).total)
    cross_section = omega**4 * alpha**2 / (6 * math.pi * const.epsilon_0**2 * const.c**4)
    intensity = const.epsilon_0 * const.c / 2 * np.sum(np.abs(field) ** 2, axis=-1)
    expected = cross_section * intensity / (const.hbar * omega)
    assert SR.scattering_rate("1S0", wavelength, field) == pytest.approx(expected, rel=1e-12, abs=0)


def test_sum_over_sublevels_does_not_depend_on_the_axis():
    field = np.array([1e5, 2e4j, 5e4])
    totals = [
        sum(float(SR.scattering_rate("3P1", 900e-9, field, m=m, axis=axis)) for m in (-1, 0, 1))
        for axis in ((0, 0, 1), (1, -2, 0.5))
    ]
    assert totals[0] == pytest.approx(totals[1], rel=1e-12, abs=0)


def test_trap_of_the_microlaser_paper_and_its_equation_33():
    """At U_r = 50.3 and U_b = 31.8 uK an independent sum gives 0.154 and 1.62 per s (0.56 s between
    photons), Eq. 33 as printed 0.090 s; the paper prints 1e3 s.
    """
    rates, printed = [], []
    for wavelength, microkelvin in ((832.69e-9, 50.3), (392.58e-9, 31.8)):
        alpha = abs(float(SR.polarizability("1S0", wavelength, variant="lines").total))
        field = [0, 0, math.sqrt(4 * const.k * microkelvin * 1e-6 / alpha)]
        rates.append(float(SR.scattering_rate("1S0", wavelength, field, variant="lines")))
        printed.append(float(SR.scattering_rate("1S0", wavelength, field, variant="yu2021")))
    assert rates == pytest.approx([0.1543, 1.6187], rel=1e-2, abs=0)
    assert 1 / sum(rates) == pytest.approx(0.564, rel=1e-2, abs=0)
    assert 1 / sum(printed) == pytest.approx(0.090, rel=2e-2, abs=0)


def test_wrong_input_is_one_clear_sentence():
    with pytest.raises(InputError, match="three Cartesian components"):
        SR.scattering_rate("1S0", 800e-9, 1e5)
    with pytest.raises(InputError, match="J = 0 level"):
        SR.scattering_rate("3P1", 800e-9, [0, 0, 1e5], variant="yu2021")
    with pytest.raises(InputError, match="not a sublevel"):
        SR.scattering_rate("1S0", 800e-9, [0, 0, 1e5], m=1)
