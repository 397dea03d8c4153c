import math

import numpy as np
import pytest
from relaxed_ions import SPLIT, relaxed
from scipy import constants as const

from atomcavity.errors import InputError
from atomcavity.traps.collective import collective_modes
from atomcavity.traps.micromotion import Orbits
from atomcavity.traps.orbits import coulomb_jacobian, periodic_orbits
from atomcavity.traps.paul import PaulTrap

RADIO = 2e6 * math.pi * 25
SPHERICAL = np.diag([-0.5, -0.5, 1])


def trap(epsilon, static):
    ion = (175.94 * const.atomic_mass, const.e)
    return PaulTrap(ion, radio_frequency=RADIO, confinement=epsilon * RADIO / 2, static=static)


def test_one_ion_has_the_secular_frequencies_of_the_trap():
    t = trap(0.25, SPLIT)
    modes = collective_modes(t, periodic_orbits(t, np.zeros((1, 3))))
    assert modes.frequencies == pytest.approx(t.exact_frequencies, rel=1e-6)
    assert modes.stable


def test_centre_of_mass_modes_are_those_of_one_ion():
    t = trap(0.2, SPLIT)
    modes = collective_modes(t, periodic_orbits(t, relaxed(t, 6)))
    assert modes.stable
    for frequency in t.exact_frequencies:
        assert np.min(np.abs(modes.frequencies / frequency - 1)) < 1e-6


def test_modes_of_the_pseudopotential_at_small_epsilon():
    errors = []
    for epsilon in (0.02, 0.04):
        t = trap(epsilon, SPLIT)
        r = relaxed(t, 6)
        hessian = np.kron(np.eye(6), t.pseudopotential) - coulomb_jacobian(r).reshape(18, 18)
        expected = t.confinement * np.sqrt(np.linalg.eigvalsh(hessian))
        modes = collective_modes(t, periodic_orbits(t, r))
        assert modes.stable
        errors.append(np.abs(modes.frequencies - expected)[2:].max() / t.confinement)
    assert errors[1] / errors[0] == pytest.approx(4, rel=0.1)


def test_two_ions_along_z_leave_the_axis_of_a_spherical_trap():
    """Sideways, against each other, they feel the trap less 2/d^3 = 1: Mathieu's equation of one ion in such a trap."""
    t = trap(0.1, SPHERICAL)
    line = np.array([[0, 0, 1], [0, 0, -1]]) * 0.25 ** (1 / 3)
    modes = collective_modes(t, Orbits(line[None], 0.0))
    assert not modes.stable
    multipliers = trap(0.1, np.diag([-1.5, -1.5, 3]))._multipliers
    expected = np.log(np.abs(multipliers)).max() * RADIO / (2 * math.pi)
    assert modes.growth == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("n", [2, 3, 7])
def test_the_orbits_found_in_a_spherical_trap_are_stable(n):
    t = trap(0.1, SPHERICAL)
    assert collective_modes(t, periodic_orbits(t, relaxed(t, n))).stable


def test_matrices_have_a_limit():
    with pytest.raises(InputError, match="301 ions are more than 300"):
        collective_modes(trap(0.1, SPLIT), Orbits(np.ones((1, 301, 3)), 0.0))
