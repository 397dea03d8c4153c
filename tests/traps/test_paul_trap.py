import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants as const
from scipy.special import mathieu_a, mathieu_b

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.traps.paul import LINEAR_STATIC, PaulTrap

ION = (175.94 * const.atomic_mass, const.e)
MEGA = 2e6 * math.pi


def trap(**options):
    return PaulTrap(ION, **({"radio_frequency": 25 * MEGA, "confinement": MEGA} | options))


def test_default_trap_is_spherical_at_leading_order():
    t = trap()
    assert t.pseudopotential == pytest.approx(np.eye(3), abs=1e-15)
    assert t.frequencies == pytest.approx([MEGA] * 3)
    assert t.epsilon == pytest.approx(0.08)
    assert t.stable


def test_length_balances_coulomb_force_and_trap():
    t = trap()
    coulomb = t.charge**2 / (4 * math.pi * const.epsilon_0 * t.length**2)
    assert t.mass * t.confinement**2 * t.length == pytest.approx(coulomb, rel=1e-12, abs=0)
    field = t.charge / (4 * math.pi * const.epsilon_0 * t.length**3)
    assert t.curvature_unit == pytest.approx(field)


@pytest.mark.parametrize("angle", [0.0, 0.3])
def test_secular_frequencies_approach_the_floquet_ones_as_epsilon_squared(angle):
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    rf = np.diag([1.5, -1.4, -0.1])
    static = turn @ np.diag([-0.5, -0.4, 0.9]) @ turn.T  # does not commute with rf
    error = []
    for epsilon in (0.02, 0.04, 0.08):
        t = trap(confinement=epsilon * 25 * MEGA / 2, rf=rf, static=static)
        error.append(np.max(np.abs(t.exact_frequencies / t.frequencies - 1)))
    assert error[1] / error[0] == pytest.approx(4, rel=0.03)
    assert error[2] / error[1] == pytest.approx(4, rel=0.03)


def test_exact_frequencies_solve_mathieus_equation():
    t = trap(confinement=2.5 * MEGA)
    beta = np.sort(2 * t.exact_frequencies / t.radio_frequency)
    assert beta[0] == pytest.approx(t.epsilon, rel=1e-9)  # along z: the static field alone
    q, a = abs(t.mathieu_q[0, 0]), t.mathieu_a[0, 0]

    def continued_fraction(b, sign):  # of Mathieu's equation, from far out
        term = 0.0
        for n in range(20, 0, -1):
            term = q**2 / ((b + sign * 2 * n) ** 2 - a - term)
        return term

    for b in beta[1:]:
        assert b**2 == pytest.approx(a + continued_fraction(b, 1) + continued_fraction(b, -1), rel=1e-8)


def test_stability_ends_at_mathieus_boundaries():
    def at(a, q):  # Mathieu's a and q along x, -q and what is left along y
        epsilon = 0.1
        static = np.diag([a, a, -2 * a]) / epsilon**2
        rf = np.diag([q, -q, 0]) / epsilon
        t = trap(confinement=epsilon * 25 * MEGA / 2, rf=rf, static=static)
        assert t.mathieu_a[0, 0] == pytest.approx(a)
        return t.stable

    q = 0.6
    low, high = mathieu_a(0, q), mathieu_b(1, q)
    assert low < 0 < high
    assert at(low * 0.99, q)  # a < 0 along x and y: z is held by -2a
    assert not at(low * 1.01, q)
    assert not at(0.01, q)  # z escapes
    assert not at(-0.01, 0.92)  # q beyond the first zone at a near 0


def test_a_trap_that_does_not_hold():
    t = trap(static=np.diag([1, 1, -2]))
    assert not t.stable
    assert np.isnan(t.frequencies).sum() == 1
    assert np.all(np.isnan(t.exact_frequencies))
    with pytest.raises(InputError, match="not stable"):
        t.crystal(10)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_a_rotated_trap_has_the_same_frequencies(u, v):
    c, s, k, j = math.cos(u), math.sin(u), math.cos(v), math.sin(v)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, k, -j], [0, j, k]])
    rf, static = np.diag([1.5, -1.4, -0.1]), np.diag([-0.5, -0.4, 0.9])
    turned = trap(rf=turn @ rf @ turn.T, static=turn @ static @ turn.T)
    assert turned.frequencies == pytest.approx(trap(rf=rf, static=static).frequencies, rel=1e-9)
    along = np.abs(turned.axes @ turn)  # the axes turn with the trap
    assert np.sort(along.ravel()) == pytest.approx([0] * 6 + [1] * 3, abs=1e-6)


def test_dict_and_back():
    t = trap(rf=np.diag([1.0, -1.5, 0.5]))
    again = PaulTrap.from_dict(t.to_dict())
    assert again.to_dict() == t.to_dict()
    assert "0.08" in repr(t)


def test_at_another_radio_frequency_the_crystal_is_the_same():
    t = trap(rf=np.diag([1.0, -1.5, 0.5]))
    other = t.at(2 * t.radio_frequency)
    assert other.length == t.length
    assert np.array_equal(other.pseudopotential, t.pseudopotential)
    assert other.epsilon == pytest.approx(t.epsilon / 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radio_frequency": -1.0}, "radio_frequency = -1.0 must be positive"),
        ({"confinement": math.nan}, "confinement = nan must be finite"),
        ({"rf": np.diag([1, 1, 1])}, "rf must be symmetric and traceless"),
        ({"static": [[0, 1, 0], [0, 0, 0], [0, 0, 0]]}, "static must be symmetric and traceless"),
        ({"static": [1, 2, 3]}, "static must be a finite 3 x 3 matrix"),
    ],
)
def test_bad_traps(change, message):
    with pytest.raises(InputError, match=message):
        trap(**change)


def test_elongated_traps_of_one_density():
    for s in (0.1, 1.0, 2.5):
        w = trap(static=s * np.array(LINEAR_STATIC)).pseudopotential
        assert w == pytest.approx(np.diag([1.5 - s / 2, 1.5 - s / 2, s]))
        assert np.trace(w) == pytest.approx(3)


def test_a_species_is_an_ion():
    lu = ac.Species("176Lu+")
    t = PaulTrap(lu, radio_frequency=25 * MEGA, confinement=MEGA)
    assert (t.mass, t.charge) == (lu.mass, const.e)
    assert PaulTrap.from_dict(t.to_dict()).ion.name == "176Lu+"
    assert "176Lu+" in repr(t)
    with pytest.raises(InputError, match="must be a Species or a pair"):
        PaulTrap("176Lu+", radio_frequency=25 * MEGA, confinement=MEGA)


def test_an_atom_is_not_trapped():
    with pytest.raises(InputError, match="charged particle"):
        PaulTrap((1e-25, 0.0), radio_frequency=1e8, confinement=1e6)
