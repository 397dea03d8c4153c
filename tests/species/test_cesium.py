"""Cesium in light against published numbers that are not in its data file."""

import math

import numpy as np
import pytest
from scipy import constants as const
from scipy.optimize import brentq

from atomcavity.errors import InputError
from atomcavity.materials import Material
from atomcavity.species import ATOMIC_POLARIZABILITY, Species
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
    with pytest.raises(InputError, match="split by the nuclear spin"):
        CS.polarizability("6p 2P3/2", 935e-9)
    with pytest.raises(InputError, match="split by the nuclear spin"):
        CS.magic_wavelengths("6s 2S1/2", "6p 2P3/2", between=(920e-9, 950e-9), m_a=0.5, m=1.5)


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
