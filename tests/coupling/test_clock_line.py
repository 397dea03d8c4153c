"""The line between two J = 0 levels that the nuclear spin opens: Clebsch-Gordan weights, light, Zeeman shifts."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import c, epsilon_0, hbar

from atomcavity.coupling import couple
from atomcavity.coupling.dipole import dipole_moment
from atomcavity.errors import InputError
from atomcavity.resonators import Microsphere
from atomcavity.species import Species
from atomcavity.species.operators import local_axes, spin_matrices

SR = Species("87Sr")
LINE = SR.transition("1S0", "3P0")
HALVES = [k - 4.5 for k in range(10)]


class Light:
    """A mode whose photon has the same field everywhere (V/m)."""

    m, frequency = 1, LINE.frequency

    def __init__(self, field):
        self.field = np.asarray(field, dtype=complex)

    def photon_field(self, r):
        return np.broadcast_to(self.field, np.shape(r))


def coupled(field, m, axis=(0, 0, 1)):
    found = couple(LINE, [Light(field)], at=[0.0, 0, 0], m=m, axis=axis)
    return {upper: complex(g[0, 0]) for upper, g in found.zeeman.items()}


@pytest.mark.parametrize("m", HALVES)
def test_pi_light_has_the_weight_of_m_squared(m):
    """g^2 = [3 pi eps0 hbar c^3 gamma/omega^3] m^2/(F(F+1)) |E|^2/hbar^2, in sign with m; no other sublevel."""
    g = coupled((0, 0, 1.0), m)
    mu2 = 3 * math.pi * epsilon_0 * hbar * c**3 * LINE.gamma / LINE.frequency**3
    assert abs(g[m]) ** 2 == pytest.approx(mu2 * m**2 / (4.5 * 5.5) / hbar**2, rel=1e-12, abs=0)
    assert math.copysign(1, g[m].real) == math.copysign(1, m)
    assert all(g[other] == 0 for other in g if other != m)
    assert set(g) == {m + q for q in (-1, 0, 1) if m + q in HALVES}


def test_stretched_state_has_nine_elevenths():
    assert abs(coupled((0, 0, 1.0), 4.5)[4.5]) * hbar / dipole_moment(LINE) == pytest.approx(
        math.sqrt(9 / 11)
    )


@pytest.mark.parametrize("m", HALVES)
def test_emission_into_all_polarizations_is_the_natural_decay(m):
    """The upper sublevel m decays with the same gamma whatever m: the weights of its three transitions add to one."""
    circular = np.array([[1, -1j, 0], [0, 0, math.sqrt(2)], [1, 1j, 0]]) / math.sqrt(2)  # q = -1, 0, 1
    total = sum(
        abs(coupled(field, m - q).get(m, 0)) ** 2
        for q, field in zip((-1, 0, 1), circular, strict=True)
        if m - q in HALVES
    )
    assert total == pytest.approx((dipole_moment(LINE) / hbar) ** 2, rel=1e-12, abs=0)


@settings(max_examples=25, deadline=None)
@given(
    m=st.sampled_from(HALVES),
    parts=st.lists(st.floats(-1, 1), min_size=6, max_size=6),
    axis=st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1),
)
def test_couplings_are_the_matrix_elements_of_the_spin(m, parts, axis):
    """Projection theorem: between states of the same F every vector operator is proportional to F itself."""
    field = np.array(parts[:3]) + 1j * np.array(parts[3:])
    spin = spin_matrices(4.5, axis)
    expected = dipole_moment(LINE) / hbar * np.einsum("i,iab->ab", field, spin) / math.sqrt(4.5 * 5.5)
    column = HALVES.index(m)
    for upper, g in coupled(field, m, axis).items():
        assert g == pytest.approx(
            expected[HALVES.index(upper), column], rel=1e-10, abs=1e-12 * dipole_moment(LINE) / hbar
        )


def test_light_at_an_angle_to_the_axis():
    """pi: cos(theta); sigma light alone where the axis is across."""
    for theta in (0.3, 1.2, math.pi / 2):
        tilted = coupled((0, 0, 1.0), 4.5, (0, math.sin(theta), math.cos(theta)))
        along = coupled((0, 0, 1.0), 4.5)[4.5]
        assert abs(tilted[4.5]) == pytest.approx(
            abs(along * math.cos(theta)), rel=1e-9, abs=1e-9 * abs(along)
        )
        # <9/2 9/2, 1 -1|9/2 7/2>^2 = 2/11, and half of the light across the axis turns the right way
        assert abs(tilted[3.5]) / abs(along) == pytest.approx(math.sin(theta) / 3)


def test_circular_light_raises_m():
    x, y, _ = local_axes((0.2, 0.5, -0.4)).T
    g = coupled(x + 1j * y, 0.5, (0.2, 0.5, -0.4))
    assert abs(g[1.5]) > 0
    assert abs(g[0.5]) == pytest.approx(0, abs=1e-9 * abs(g[1.5]))
    assert abs(g[-0.5]) == pytest.approx(0, abs=1e-9 * abs(g[1.5]))


def test_a_clock_mode_from_its_volume():
    """g = mu_pi sqrt(omega/(2 hbar eps0 V)) with the mode's own volume at the atom (231 nm above the equator)."""
    sphere = Microsphere(20.3192428885e-6, 1.4552)
    mode = sphere.mode("TE", n=1, l=255)
    site = [sphere.radius + 231e-9, 0, 0]
    found = couple(LINE, [mode], at=site, m=4.5)
    expected = math.sqrt(
        9 / 11 * 3 * LINE.wavelength**2 * c * LINE.gamma / (8 * math.pi * mode.volume(at=site))
    )
    measured = abs(found.g[0, 0]) * math.sqrt(LINE.frequency / mode.frequency)
    assert measured == pytest.approx(expected, rel=1e-6, abs=0)
    assert "m = +9/2" in str(found)
    assert "Hz  <- g" in str(found)


def test_zeeman_shifts_of_the_lines():
    """Boyd et al. 2007: 108.4 Hz/G a unit of m on the pi lines; the lower sublevels lie 184.4 Hz/G apart."""
    found = couple(LINE, [Light((0, 1.0, 1.0))], at=[0, 0, 0], m=4.5)
    hertz = 2 * math.pi
    assert found.zeeman_shift(4.5, 1e-4) / hertz == pytest.approx(4.5 * 108.4, rel=1e-3)
    step = found.zeeman_shift(4.5, 1e-4) - found.zeeman_shift(3.5, 1e-4)
    assert step / hertz == pytest.approx(184.4 + 108.4, rel=1e-3)
    assert couple(LINE, [Light((0, 0, 1.0))], at=[0, 0, 0], m=-4.5).zeeman_shift(-4.5, 1e-4) == pytest.approx(
        -found.zeeman_shift(4.5, 1e-4)
    )
    assert found.close_sublevels(1e-4, 1.1 * step) == {3.5: pytest.approx(-step)}
    assert found.close_sublevels(1e-4, 0.9 * step) == {}
    assert found.close_sublevels(0.0, 1.0) == {3.5: 0.0}
    pi_only = couple(LINE, [Light((0, 0, 1.0))], at=[0, 0, 0], m=4.5)
    assert pi_only.close_sublevels(0.0, 1.0) == {}


def test_a_line_without_g_factors_knows_no_field():
    unknown = dataclasses.replace(LINE, upper_g=math.nan)
    found = couple(unknown, [Light((0, 1.0, 1.0))], at=[0, 0, 0], m=4.5)
    assert found.close_sublevels(0.0, 1.0) == {3.5: 0.0}
    with pytest.raises(InputError, match="g-factors of 1S0 - 3P0 are not known"):
        found.zeeman_shift(4.5, 1e-4)


def test_spin_one_half():
    """171Yb: m = 1/2 has m^2/(F(F+1)) = 1/3 on the pi line."""
    line = Species("171Yb").transition("1S0", "3P0")
    g = couple(line, [Light((0, 0, 1.0))], at=[0, 0, 0], m=0.5).g[0, 0]
    assert abs(g) * hbar / dipole_moment(line) == pytest.approx(math.sqrt(1 / 3))


@pytest.mark.parametrize(
    ("transition", "m", "words"),
    [
        (LINE, 0, "m = 0 is not a sublevel of F = 9/2"),
        (LINE, 5.5, "not a sublevel"),
        (LINE, math.nan, "not a sublevel"),
        (SR.transition("1S0", "3P1"), 0, "hyperfine structure"),
    ],
)
def test_what_is_refused(transition, m, words):
    with pytest.raises(InputError, match=words):
        couple(transition, [Light((0, 0, 1))], at=[0.0, 0, 0], m=m)
