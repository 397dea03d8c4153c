"""The van der Waals coefficient against closed forms, and its limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants as const

from atomcavity.errors import InputError
from atomcavity.materials import Material
from atomcavity.species import Species
from atomcavity.traps import SurfacePotential, VanDerWaals, van_der_waals
from atomcavity.traps.surface import c3_integral, imaginary_frequencies


def close(expected, rel=1e-6):
    """SI numbers are small: pytest's default absolute tolerance of 1e-12 would accept anything."""
    return pytest.approx(expected, rel=rel, abs=0)


HZ_UM3 = const.h * 1e-18


@given(frequency=st.floats(1e14, 1e17), epsilon=st.floats(1.01, 1e6))
def test_two_level_atom_and_constant_permittivity(frequency, epsilon):
    """int alpha_0 w^2/(w^2 + xi^2) d xi = pi w alpha_0/2."""
    static = 3e-39
    xi = imaginary_frequencies()
    alpha = static * frequency**2 / (frequency**2 + xi**2)
    exact = const.hbar * frequency * static / (32 * np.pi * const.epsilon_0) * (epsilon - 1) / (epsilon + 1)
    assert c3_integral(alpha, np.full_like(xi, epsilon)) == close(exact, rel=1e-9)


def test_atom_and_material_of_one_resonance_each():
    """Two Lorentzians: int w^2/(w^2+xi^2) r wp^2/(wp^2+xi^2) d xi = (pi/2) r w wp/(w + wp)."""
    w, wp, r, static = 4e15, 1.7e16, 0.36, 3e-39
    xi = imaginary_frequencies()
    reflection = r * wp**2 / (wp**2 + xi**2)
    epsilon = (1 + reflection) / (1 - reflection)
    exact = const.hbar / (16 * np.pi**2 * const.epsilon_0) * static * np.pi / 2 * r * w * wp / (w + wp)
    assert c3_integral(static * w**2 / (w**2 + xi**2), epsilon) == close(exact, rel=1e-12)


def test_strontium_and_silica():
    """743.88 Hz um^3 by an independent calculation: all lines, no core; the published 722.87 is 3 % lower."""
    found = van_der_waals(Species("88Sr"), "1S0", Material("fused silica"), variant="lines")
    assert found.scalar / HZ_UM3 == close(743.88, rel=1e-3)
    assert found.tensor == 0
    assert found.coefficient(normal=np.eye(3)) == close(found.scalar)


def test_a_constant_index_and_what_is_no_material():
    sr = Species("88Sr")
    mirror = van_der_waals(sr, "1S0", 1e9)
    glass = van_der_waals(sr, "1S0", 1.5)
    assert glass.scalar / mirror.scalar == close((2.25 - 1) / (2.25 + 1))
    for bad in (0.5, "glass"):
        with pytest.raises(InputError, match=r"index"):
            van_der_waals(sr, "1S0", bad)


def test_the_anisotropic_atom_averages_to_the_isotropic_one():
    found = van_der_waals(Species("88Sr"), "3P1", Material("fused silica"))
    axis = (0.0, 0.6, 0.8)
    per_sublevel = [found.coefficient(m, axis, np.eye(3)) for m in (-1, 0, 1)]
    assert np.mean(per_sublevel, axis=0) == close(found.scalar)
    for row in per_sublevel:  # over three orthogonal normals
        assert row.mean() == close(found.scalar)
    along = found.coefficient(0, axis, np.array(axis))
    light = found.coefficient_for_light(0, axis, axis)
    assert along - found.scalar == close((light - found.scalar) / 4)


def test_one_oscillator_along_the_normal_counts_twice():
    """A dipole that only swings along the axis: C3 along is twice C3 across (McLachlan)."""
    scalar = 1.0
    purely_along = VanDerWaals(
        scalar, tensor=-scalar, J=1.0
    )  # m = 0 has the weight -2: alpha_par = 3, alpha_perp = 0
    along = purely_along.coefficient(0, (0, 0, 1), np.array([0, 0, 1]))
    across = purely_along.coefficient(0, (0, 0, 1), np.array([1, 0, 0]))
    assert along == close(2 * across)


def test_potential():
    surface = SurfacePotential.from_c3(5e-6, {"1S0": 700 * HZ_UM3})
    r = np.array([[5.1e-6, 0, 0], [0, 0, -5.2e-6]])
    assert surface.potential(r, "1S0") / const.h == close([-700e3, -700e3 / 8])
    with pytest.raises(InputError, match="3P1"):
        surface.potential(r, "3P1")
    with pytest.raises(InputError, match="outside"):
        surface.potential([4.9e-6, 0, 0], "1S0")
    with pytest.raises(InputError, match="radius"):
        SurfacePotential.from_c3(-1.0, 1.0)
    with pytest.raises(InputError, match="finite"):
        SurfacePotential.from_c3(1e-6, np.nan)


def test_computed_surface_of_a_species():
    sr, silica = Species("88Sr"), Material("fused silica")
    surface = SurfacePotential.of(5e-6, sr, silica)
    expected = -van_der_waals(sr, "1S0", silica).scalar / 1e-21
    assert surface.potential([5.1e-6, 0, 0], "1S0") == close(expected)
