"""Cesium in light against published numbers that are not in its data file."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants as const
from scipy.optimize import brentq

from atomcavity.errors import InputError
from atomcavity.materials import Material
from atomcavity.species import ATOMIC_POLARIZABILITY, Species
from atomcavity.species.polarizability import geometric_factors, hyperfine_weights
from atomcavity.traps.near_surface import CasimirPolder
from atomcavity.traps.surface import van_der_waals

CS = Species("133Cs")


def scalar(level, wavelength, variant="full"):
    return float(CS.scalar_polarizability(level, wavelength, variant=variant)) / ATOMIC_POLARIZABILITY


def test_d_lines_lie_where_they_are():
    lines = [CS.transition("6s 2S1/2", upper).wavelength for upper in ("6p 2P1/2", "6p 2P3/2")]
    assert lines == pytest.approx([894.59295986e-9, 852.34727582e-9], rel=1e-8)  # Steck, Cesium D Line Data


def test_lines_and_core_give_the_measured_static_polarizabilities():
    for level, measured, error in (("6s 2S1/2", 400.8, 2.0), ("6p 2P3/2", 1641.0, 12.0)):
        assert scalar(level, math.inf, "lines-and-core") == pytest.approx(measured, abs=error)
    tensor = CS._of_fine_structure("6p 2P3/2", "full").parts(np.array(0.0))[2]
    assert float(tensor) / ATOMIC_POLARIZABILITY == pytest.approx(-262.4, abs=5.0)  # Tanner and Wieman 1988


def test_ground_state_in_light():
    tune_out = brentq(lambda x: scalar("6s 2S1/2", x), 865e-9, 890e-9)
    assert tune_out == pytest.approx(880.25e-9, abs=0.05e-9)  # Arora, Safronova and Clark 2011: 880.25(4) nm
    assert scalar("6s 2S1/2", 1064e-9) == pytest.approx(
        1163, rel=1e-2
    )  # in common use, from D lines 0.5 % weaker
    found = CS.polarizability("6s 2S1/2", 935e-9)
    assert float(found.total) == float(found.scalar)


def test_magic_wavelengths_of_the_d2_line():
    """Of the sublevels of J = 3/2 in linearly polarized light: 932.4 and 940.2 nm (Arora, Safronova and Clark 2007)."""
    excited = CS._of_fine_structure("6p 2P3/2", "full")

    def difference(wavelength, weight):
        parts = excited.parts(np.array(2 * math.pi * const.c / wavelength))
        return float(parts[0] + weight * parts[2]) / ATOMIC_POLARIZABILITY - scalar("6s 2S1/2", wavelength)

    for weight, published in ((-1, 932.4e-9), (1, 940.2e-9)):
        found = brentq(lambda x, weight=weight: difference(x, weight), 925e-9, 950e-9)
        assert found == pytest.approx(published, abs=1e-9)


def test_hyperfine_sublevels_see_the_vector_part():
    right = np.array([1, 1j, 0]) / math.sqrt(2)
    stretched = CS.polarizability("6s 2S1/2", 935e-9, polarization=right, F=4, m=4)
    assert stretched.vector_factor == pytest.approx(0.5)  # m_J = 1/2 alone
    lower = CS.polarizability("6s 2S1/2", 935e-9, polarization=right, F=3, m=3)
    assert lower.vector_factor == pytest.approx(-3 / 8)
    doublet = CS.polarizability("6s 2S1/2", 852.5e-9, polarization=right, F=4, m=-4)
    assert abs(float(doublet.total)) > abs(float(stretched.total))


def test_what_is_not_modelled_is_refused():
    right = (1, 1j, 0)
    with pytest.raises(InputError, match="give F and m"):
        CS.polarizability("6s 2S1/2", 935e-9, polarization=right)
    with pytest.raises(InputError, match="is not a sublevel"):
        CS.polarizability("6s 2S1/2", 935e-9, F=4, m=5)
    with pytest.raises(InputError, match="give F and m"):
        CS.polarizability("6p 2P3/2", 935e-9)
    with pytest.raises(InputError, match="is not a sublevel"):
        CS.magic_wavelengths("6s 2S1/2", "6p 2P3/2", between=(920e-9, 950e-9), F=1, m=1)
    with pytest.raises(InputError, match="split by the nuclear spin"):
        CS.oscillators("6p 2P3/2")


def ladder(j):
    """J_x, J_y, J_z over m = -j ... j."""
    m = np.arange(-j, j)
    up = np.diag(np.sqrt(j * (j + 1) - m * (m + 1)), -1)
    return (up + up.T) / 2, (up - up.T) / 2j, np.diag(np.arange(-j, j + 1))


@given(twice_j=st.integers(1, 5), twice_spin=st.integers(0, 9))
def test_weights_are_the_means_of_the_coupled_states(twice_j, twice_spin):
    j, spin = twice_j / 2, twice_spin / 2
    ones = np.eye(twice_j + 1), np.eye(twice_spin + 1)
    electron = [np.kron(each, ones[1]) for each in ladder(j)]
    total = [a + np.kron(ones[0], each) for a, each in zip(electron, ladder(spin), strict=True)]
    square = sum(each @ each for each in total).real
    _, states = np.linalg.eigh(square + 1e-3 * total[2].real)
    for state in states.T:
        F = math.sqrt(state @ square @ state + 0.25) - 0.5
        F, m = round(2 * F) / 2, round(2 * float(state @ total[2].real @ state)) / 2
        vector = state @ electron[2].real @ state / j
        tensor = 0.0
        if j >= 1:
            tensor = (
                state
                @ (3 * electron[2].real ** 2 - j * (j + 1) * np.eye(len(state)))
                @ state
                / (j * (2 * j - 1))
            )
        assert hyperfine_weights(j, spin, F, m) == pytest.approx((vector, tensor), abs=1e-9)


def test_stretched_states_are_those_of_the_electron():
    right = (1, 1j, 0.3)
    angles = geometric_factors(1.5, 1.5, right, (0, 0, 1))
    found = CS.polarizability("6p 2P3/2", 850e-9, polarization=right, F=5, m=5)
    assert (found.vector_factor, found.tensor_factor) == pytest.approx(angles)


def test_circular_light_near_the_closed_transition_makes_two_levels():
    line = CS.transition("6s 2S1/2", "6p 2P3/2").wavelength - 0.01e-9
    right = (1, 1j, 0)
    lower = CS.polarizability("6s 2S1/2", line, polarization=right, F=4, m=4).total
    upper = CS.polarizability("6p 2P3/2", line, polarization=right, F=5, m=5).total
    assert float(upper / lower) == pytest.approx(-1, abs=1e-3)


@pytest.mark.parametrize(("axis", "published"), [((0, 0, 1), 940.2e-9), ((1, 0, 0), None)])
def test_magic_wavelengths_of_a_stretched_state(axis, published):
    states = {"m_a": 4, "F_a": 4, "m": 5, "F": 5, "axis": axis}
    (point,) = CS.magic_wavelengths("6s 2S1/2", "6p 2P3/2", between=(925e-9, 950e-9), **states)
    if published is not None:
        assert point.wavelength == pytest.approx(published, abs=1e-9)
    lower = CS.polarizability("6s 2S1/2", point.wavelength, F=4, m=4, axis=axis)
    upper = CS.polarizability("6p 2P3/2", point.wavelength, F=5, m=5, axis=axis)
    assert float(upper.total) == pytest.approx(float(lower.total), rel=1e-9)
    turned = [
        CS.differential(
            "6s 2S1/2", "6p 2P3/2", point.wavelength, **{**states, "axis": (0, np.sin(a), np.cos(a))}
        )
        for a in (point.angle - 1e-5, point.angle + 1e-5)
    ]
    slope = (turned[1].value - turned[0].value) / 2e-5
    assert slope == pytest.approx(point.slope_angle, rel=1e-5, abs=1e-45)


def test_casimir_polder_from_own_data():
    silica = Material("fused silica")
    surface = CasimirPolder.of(CS, "6s 2S1/2", silica)
    c3 = van_der_waals(CS, "6s 2S1/2", silica).scalar
    near, far = 0.1e-9, 1e-3
    assert surface.energy((0, 0, near)) * near**3 == pytest.approx(-c3, rel=1e-2, abs=0)
    assert surface.energy((0, 0, far)) * far**4 == pytest.approx(-surface.c4, rel=1e-3, abs=0)
    assert 100e-9 < surface.wavelength < 3e-6


def test_a_blue_magic_wavelength_lies_just_above_the_line_to_8s():
    """The D2 line is not shifted (mean over sublevels) near 794 nm, where U is repulsive."""
    found = brentq(lambda x: scalar("6p 2P3/2", x) - scalar("6s 2S1/2", x), 793e-9, 794.3e-9)
    assert found == pytest.approx(793.6e-9, abs=0.4e-9)
    assert scalar("6s 2S1/2", found) < 0
