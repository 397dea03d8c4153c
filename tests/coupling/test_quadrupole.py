"""Electric-quadrupole lines in a cavity: Eqs. (37) and (38), selection rules, rotations, sum rules, moving ions."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import c, epsilon_0, h, hbar
from scipy.special import j0

import atomcavity as ac
from atomcavity.coupling import QuadrupoleCoupling, couple
from atomcavity.coupling.quadrupole import angular_factor, spherical_tensors
from atomcavity.errors import ConvergenceError, InputError
from atomcavity.numerics.wigner import clebsch_gordan
from atomcavity.resonators import FabryPerot, Microsphere
from atomcavity.species import Species

PAPER = 804e-9
THETA2 = {5: 1.969231, 6: 1.6, 7: 0.054299, 8: 2.4, 9: 1.976471}  # Eq. (38)
WIDTH = {5: 3.4222e-3, 8: 4.1708e-3, 9: 3.4348e-3}  # g_0^2/kappa/2 pi of the paper's g_0 in Hz, w_0 = 100 um


def at_wavelength(line, wavelength):
    """The line with another wavelength and the same decay rate."""
    upper = dataclasses.replace(line.upper, energy=line.lower.energy + h * c / wavelength)
    return dataclasses.replace(line, upper=upper).with_gamma(line.gamma)


LINE = at_wavelength(Species("176Lu+").transition("1S0", "3D2"), PAPER)
BARE = at_wavelength(dataclasses.replace(LINE, nuclear_spin=0.0), PAPER)
ORIGIN = [0.0, 0.0, 0.0]
directions = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)


def cavity(polarization="left", **changed):
    return FabryPerot(
        **{
            "length": 0.1,
            "waist": 1e-4,
            "finesse": 1e5,
            "wavelength": PAPER,
            "polarization": polarization,
            **changed,
        }
    )


class Wave:
    """A mode with the gradient e_i k_j everywhere: a running plane wave of unit amplitude seen from its centre."""

    frequency = LINE.frequency

    def __init__(self, polarization, direction):
        direction = np.asarray(direction, dtype=float)
        k = LINE.frequency / c * direction / np.linalg.norm(direction)
        self.matrix = 1j * np.outer(polarization, k)

    def gradient(self, r):
        return np.broadcast_to(self.matrix, (*np.shape(r)[:-1], 3, 3))


def strengths(found):
    return {m: abs(g[0, 0]) for m, g in found.zeeman.items()}


# --- the paper -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("F", THETA2)
def test_paper_angular_factors(F):
    assert 8 * angular_factor(LINE, (7, F), (1, 0)) ** 2 == pytest.approx(THETA2[F], abs=1e-6)


@pytest.mark.parametrize("F", THETA2)
def test_half_of_the_papers_coupling(F):
    """g is half of Eq. (37), up to the part 2/(k w_0)^2 that the paper leaves out of the gradient."""
    mode = cavity()
    g = abs(couple(LINE, [mode], at=ORIGIN, F=(7, F), m=(1, 0)).g[0, 0])
    volume = math.pi * 1e-8 * 0.1
    printed = math.sqrt(8) * abs(angular_factor(LINE, (7, F), (1, 0)))
    printed *= math.sqrt(5 * math.pi * c**3 * LINE.gamma / (LINE.frequency**2 * volume))
    order = 2 / (LINE.frequency / c * 1e-4) ** 2
    assert 2 * g == pytest.approx(printed * (1 - order), rel=1e-12, abs=0)
    wide = abs(couple(LINE, [cavity(waist=1e-3)], at=ORIGIN, F=(7, F), m=(1, 0)).g[0, 0])
    assert 20 * wide == pytest.approx(printed, rel=1e-6, abs=0)


@pytest.mark.parametrize("F", WIDTH)
@pytest.mark.parametrize("length", [0.01, 0.1, 1.0])
def test_collective_rate_does_not_depend_on_the_length(F, length):
    mode = cavity(length=length)
    g = abs(couple(LINE, [mode], at=ORIGIN, F=(7, F), m=(1, 0)).g[0, 0])
    assert (2 * g) ** 2 / mode.kappa / (2 * math.pi) == pytest.approx(WIDTH[F], rel=3e-5, abs=0)


def test_shape_of_the_coupling():
    """Eq. (27): exp(-r^2/w_0^2) cos kz."""
    rng = np.random.default_rng(1)
    places = rng.uniform(-1, 1, (50, 3)) * [8e-5, 8e-5, 1e-4]
    g = couple(LINE, [cavity()], at=places, F=(7, 8), m=(1, 0)).g[:, 0]
    top = couple(LINE, [cavity()], at=ORIGIN, F=(7, 8), m=(1, 0)).g[0, 0]
    shape = np.exp(-np.sum(places[:, :2] ** 2, axis=1) / 1e-8) * np.cos(LINE.frequency / c * places[:, 2])
    assert np.allclose(g / top, shape, rtol=0, atol=3e-6)
    moved = couple(LINE, [cavity(offset=PAPER / 4)], at=ORIGIN, F=(7, 8), m=(1, 0)).g[0, 0]
    assert abs(moved) < 1e-6 * abs(top)


# --- which sublevels -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [1, -1])
def test_only_one_unit_along_the_field(sign):
    """Cavity along B: right-handed light lifts m by one along its axis, left-handed lowers it."""
    modes = [cavity("right"), cavity("left")]
    found = couple(LINE, modes, at=ORIGIN, F=(7, 8), m=(1, 1 + sign), axis=(0, 0, 1))
    for m, g in found.zeeman.items():
        for column, q in enumerate((1, -1)):
            assert (abs(g[0, column]) > 1e-9 * np.abs(found.g).max()) == (m - 1 == q)
    against = couple(LINE, modes, at=ORIGIN, F=(7, 8), m=(1, 1 + sign), axis=(0, 0, -1))
    assert strengths(against)[2] < 1e-9
    assert abs(against.zeeman[0][0, 0]) == pytest.approx(abs(found.zeeman[0][0, 1]))


def test_lambda_system():
    """|F_u, 0> is coupled to m = 1 by one circular mode and to m = -1 by the other, equally."""
    modes = [cavity("left"), cavity("right")]
    one, other = (couple(LINE, modes, at=ORIGIN, F=(7, 9), m=(m, 0)) for m in (1, -1))
    assert abs(one.g[0, 0]) == pytest.approx(abs(other.g[0, 1]), rel=1e-12)
    assert max(abs(one.g[0, 1]), abs(other.g[0, 0])) < 1e-9 * abs(one.g[0, 0])
    assert np.array_equal(one.from_upper[1], one.g)
    assert np.allclose(one.from_upper[-1], other.g)
    assert list(one.from_upper) == [-2, -1, 0, 1, 2]


@pytest.mark.parametrize(
    ("F", "m", "rising", "falling"),
    [
        ((7, 5), (7, 5), [5], [3, 4, 5, 6, 7]),
        ((7, 9), (7, 9), [5, 6, 7, 8, 9], [7]),
        ((7, 6), (-7, -6), [-6, -5], [-7, -6, -5, -4]),
    ],
)
def test_only_sublevels_that_exist(F, m, rising, falling):
    found = couple(LINE, [cavity(axis=(0, 1, 1))], at=ORIGIN, F=F, m=m)
    assert list(found.zeeman) == rising
    assert list(found.from_upper) == falling


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.8, math.pi / 2, 2.0])
@pytest.mark.parametrize("tilt", ["cavity", "field"])
def test_tilted(tilt, beta):
    """Sec. VI: |g| proportional to |d^2_{q,-1}(beta)| times the Clebsch-Gordan coefficient, whichever is tilted."""
    s, co = math.sin(beta), math.cos(beta)
    wigner = {
        -2: s * (1 + co) / 2, -1: (1 + co) * (2 * co - 1) / 2, 0: math.sqrt(1.5) * s * co,
        1: (1 - co) * (2 * co + 1) / 2, 2: s * (1 - co) / 2,
    }  # fmt: skip
    mode = cavity(axis=(0, s, co), waist=1e-3) if tilt == "cavity" else cavity(waist=1e-3)
    axis = (0, s, co) if tilt == "field" else (0, 0, 1)
    straight = abs(couple(LINE, [cavity(waist=1e-3)], at=ORIGIN, F=(7, 8), m=(1, 0)).g[0, 0])
    straight /= abs(angular_factor(LINE, (7, 8), (1, 0)))
    found = couple(LINE, [mode], at=ORIGIN, F=(7, 8), m=(1, 0), axis=axis)
    for m, size in strengths(found).items():
        expected = abs(wigner[m - 1] * angular_factor(LINE, (7, 8), (1, m)))
        assert size / straight == pytest.approx(expected, abs=1e-6)


def test_linear_light_across_the_field():
    """k across B: polarization along B drives q = +-1, across it q = +-2 alone (E and k span no component along B)."""
    for polarization, orders in (((0, 0, 1), {-1, 1}), ((0, 1, 0), {-2, 2})):
        mode = cavity(polarization, axis=(1, 0, 0))
        found = strengths(couple(BARE, [mode], at=ORIGIN, m=(0, 1)))
        top = max(found.values())
        assert {m for m, g in found.items() if g > 1e-5 * top} == orders


# --- rotations and sums ----------------------------------------------------------------------------------------------


def test_tensors_are_the_solid_harmonics():
    x, y, z = r = np.array([0.3, -1.2, 0.7])
    expected = [
        math.sqrt(3 / 8) * (x - 1j * y) ** 2, math.sqrt(3 / 2) * z * (x - 1j * y), (2 * z**2 - x**2 - y**2) / 2,
        -math.sqrt(3 / 2) * z * (x + 1j * y), math.sqrt(3 / 8) * (x + 1j * y) ** 2,
    ]  # fmt: skip
    tensors = spherical_tensors((0, 0, 1))
    assert np.allclose(np.einsum("qab,a,b->q", tensors, r, r), expected)
    assert np.allclose(np.einsum("qab,pab->qp", tensors, tensors.conj()), 1.5 * np.eye(5))
    cartesian = 3 * np.outer(r, r) - r @ r * np.eye(3)
    assert np.allclose(
        2 * np.einsum("qab,q->ab", tensors.conj(), expected), cartesian
    )  # (B7)-(B12), signs mended


@settings(max_examples=15, deadline=None)
@given(
    axis=directions,
    light=directions,
    first=st.complex_numbers(max_magnitude=1),
    F=st.sampled_from([5, 6, 7, 8, 9]),
)
def test_sum_over_sublevels_does_not_turn(axis, light, first, F):
    """sum over m_l and m_u of |g|^2 is the same for every direction of the magnetic field."""
    n = np.array(light) / np.linalg.norm(light)
    one = np.cross(n, [0.36, 0.48, 0.8] if abs(n @ [0.36, 0.48, 0.8]) < 0.9 else [1, 0, 0])
    vector = one + first * np.cross(n, one)
    mode = Wave(vector, n)

    def total(along):
        states = [(max(-7, min(7, m)), m) for m in range(-F, F + 1)]
        found = [couple(LINE, [mode], at=ORIGIN, F=(7, F), m=each, axis=along) for each in states]
        return sum(np.sum(np.abs(g) ** 2) for each in found for g in each.from_upper.values())

    assert total(axis) == pytest.approx(total((0, 0, 1)), rel=1e-10)


def plain_line(J, spin):
    level = [type("Level", (), {"J": j})() for j in J]
    return type("Line", (), {"lower": level[0], "upper": level[1], "nuclear_spin": spin})()


def states(J, spin):
    """All (F, m) of a level."""
    momenta = [abs(J - spin) + k for k in range(round(J + spin - abs(J - spin)) + 1)]
    return [(F, k - F) for F in momenta for k in range(round(2 * F) + 1)]


LINES = [((0, 2), 7), ((0.5, 2.5), 1.5), ((0.5, 1.5), 0), ((0, 2), 0), ((2, 2), 1)]


@pytest.mark.parametrize(("J", "spin"), LINES)
def test_shares_of_the_decay_add_up(J, spin):
    """Eqs. (B15), (B16): sum over F_l and m_l of Theta^2 is one for every upper state."""
    line = plain_line(J, spin)
    for F_u, m_u in states(J[1], spin):
        near = [state for state in states(J[0], spin) if abs(state[1] - m_u) <= 2]
        share = sum(angular_factor(line, (F_l, F_u), (m_l, m_u)) ** 2 for F_l, m_l in near)
        assert share == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(("J", "spin"), LINES)
def test_signs_and_sizes_in_the_uncoupled_basis(J, spin):
    """The quadrupole acts on the electrons alone: sum over m_I of products of Clebsch-Gordan coefficients, J before I."""
    line = plain_line(J, spin)
    for F_l, m_l in states(J[0], spin)[::2]:
        for F_u, m_u in states(J[1], spin):
            if abs(m_u - m_l) > 2:
                continue
            expected = sum(
                clebsch_gordan(J[1], m_u - mi, spin, mi, F_u, m_u)
                * clebsch_gordan(J[0], m_l - mi, spin, mi, F_l, m_l)
                * clebsch_gordan(J[0], m_l - mi, 2, m_u - m_l, J[1], m_u - mi)
                for mi in np.arange(-spin, spin + 1)
                if abs(m_l - mi) <= J[0] and abs(m_u - mi) <= J[1]
            )
            assert angular_factor(line, (F_l, F_u), (m_l, m_u)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("F", "m"), [(5, 0), (8, 0), (9, 9), (7, -3)])
def test_emission_into_all_modes_is_the_natural_decay(F, m):
    """Golden rule: gamma = sum over directions, polarizations and lower states of 2 pi |g|^2 rho(omega).

    Plane waves in a volume V have int eps_0 |E|^2 dV = hbar omega/2, and rho = V omega^2/(2 pi c)^3 a polarization and
    solid angle.  The pattern is a polynomial of degree four in the direction: the quadrature is exact.
    """
    omega = LINE.frequency
    x, w = np.polynomial.legendre.leggauss(4)
    total = 0.0
    for u, weight in zip(x, w, strict=True):
        for phi in 2 * math.pi * np.arange(6) / 6:
            s = math.sqrt(1 - u**2)
            n = np.array([s * math.cos(phi), s * math.sin(phi), u])
            theta_hat = np.array([u * math.cos(phi), u * math.sin(phi), -s])
            modes = [Wave(theta_hat, n), Wave(np.cross(n, theta_hat), n)]
            near = m - 1 if m > 0 else m + 1
            found = couple(
                LINE, modes, at=ORIGIN, F=(7, F), m=(max(-7, min(7, near)), m), axis=(0.2, -0.5, 0.4)
            )
            total += weight * 2 * math.pi / 6 * sum(np.sum(np.abs(g) ** 2) for g in found.from_upper.values())
    photon = hbar * omega / (2 * epsilon_0)  # |E|^2 V of one photon
    rate = 2 * math.pi * total * photon * omega**2 / (2 * math.pi * c) ** 3
    assert rate == pytest.approx(LINE.gamma, rel=1e-10)


@settings(max_examples=25, deadline=None)
@given(axis=directions, parts=st.lists(st.floats(-1, 1), min_size=18, max_size=18))
def test_electron_in_a_field_gradient(axis, parts):
    """No nuclear spin, S to D: <2 m|x_a x_b|0 0> of the solid harmonics by quadrature over the sphere."""
    gradient = np.array(parts[:9]).reshape(3, 3) + 1j * np.array(parts[9:]).reshape(3, 3)
    mode = Wave((1, 0, 0), (0, 0, 1))
    mode.matrix = gradient
    found = couple(BARE, [mode], at=ORIGIN, m=(0, 0), axis=axis).zeeman
    x, w = np.polynomial.legendre.leggauss(6)
    phi = 2 * math.pi * np.arange(10) / 10
    u, angle = (each.ravel() for each in np.meshgrid(x, phi, indexing="ij"))
    weight = np.repeat(w, 10) * 2 * math.pi / 10
    n = np.stack([np.sqrt(1 - u**2) * np.cos(angle), np.sqrt(1 - u**2) * np.sin(angle), u])
    tensors = spherical_tensors(axis)
    element = BARE.quadrupole / math.sqrt(5)  # <2 q|Q_2q|0 0>, with radial part <r^2> = sqrt 5 times it
    for q, tensor in zip(range(-2, 3), tensors, strict=True):
        harmonic = math.sqrt(5 / (4 * math.pi)) * np.einsum("ab,ak,bk->k", tensor, n, n)
        wave = np.einsum("ab,ak,bk->k", gradient - np.trace(gradient) / 3 * np.eye(3), n, n)
        overlap = np.sum(weight * harmonic.conj() * wave) / math.sqrt(4 * math.pi)
        expected = element * math.sqrt(5) * overlap / (2 * hbar)  # (1/6) dE Q = (1/2) dE (x x - r^2/3)
        assert found[q][0, 0] == pytest.approx(expected, rel=1e-9, abs=1e-10 * element / hbar)


# --- the open system -------------------------------------------------------------------------------------------------


def test_vacuum_rabi_splitting():
    """|g| is half the splitting: transmission of one ion in a cavity so good that g is above kappa."""
    mode = cavity(length=1e-3, waist=5e-6, finesse=1e10)
    found = couple(LINE, [mode], at=ORIGIN, F=(7, 8), m=(1, 0))
    system = ac.CavitySystem.of(found, kappa=mode.kappa, kappa_ext=mode.kappa_ext / 2)
    g = abs(found.g[0, 0])
    assert g > 20 * mode.kappa
    detuning = np.linspace(0.9 * g, 1.1 * g, 4001)
    passed = [
        np.abs(1 - np.asarray(ac.transmission(system, sign * detuning).amplitude).ravel()) for sign in (1, -1)
    ]
    upper, lower = (sign * detuning[np.argmax(each)] for sign, each in zip((1, -1), passed, strict=True))
    assert (upper - lower) / 2 == pytest.approx(g, rel=1e-3)
    assert system.emitters[0].gamma == LINE.gamma


def test_figures_of_merit_and_text():
    mode = cavity()
    found = couple(LINE, [mode], at=[ORIGIN, ORIGIN, [1e-5, 0, 0]], F=(7, 8), m=(1, 0))
    assert isinstance(found, QuadrupoleCoupling)
    assert found.g.shape == (3, 1)
    assert found.detunings == pytest.approx([0], abs=1)
    assert found.frequency == LINE.frequency
    assert found.cooperativity(mode.kappa)[0, 0] == pytest.approx(
        4 * abs(found.g[0, 0]) ** 2 / (mode.kappa * LINE.gamma)
    )
    assert [group.number for group in ac.CavitySystem.of(found, kappa=mode.kappa).emitters] == [2, 1]
    assert str(found).startswith("1S0 - 3D2 (E2), F = 7, m = 1 to F = 8, 3 emitter(s), 1 mode(s)")
    twice = found.with_strength(2 * abs(found.g[0, 0]))
    assert np.allclose(twice.g, 2 * found.g)
    assert np.allclose(twice.from_upper[1], 2 * found.from_upper[1])


def test_close_sublevels():
    """Tilted light warns: the other sublevels of F = 8 lie at g_F mu_B B (249 kHz/G), those of the ground state nearer still."""
    tilted = couple(LINE, [cavity(axis=(0, 1, 1))], at=ORIGIN, F=(7, 8), m=(1, 0))
    step = 2 * math.pi * 249.26e3
    assert tilted.zeeman_shift(1, 1e-4) == pytest.approx(step, rel=2e-3)
    assert set(tilted.close_sublevels(1e-4, 1.5 * step)) == {-1, 1}
    assert tilted.close_sublevels(1e-4, 0.5 * step) == {}
    assert set(tilted.close_lower_sublevels(1e-4, 0.5 * step)) == {-2, -1, 2}  # <7 0, 2 0|8 0> = 0
    straight = couple(LINE, [cavity()], at=ORIGIN, F=(7, 8), m=(1, 0))
    assert straight.close_lower_sublevels(1e-4, step) == {}
    assert straight.close_sublevels(0.0, step) == {}


# --- ions that move --------------------------------------------------------------------------------------------------


def test_debye_waller():
    """Thermal widths: exp(-k^2 sigma^2/2) along the cavity, overlap with the beam across it."""
    places = [ORIGIN, [3e-5, 0, 1e-6]]
    sigma = np.array([2e-5, 1e-5, 80e-9])
    still, warm = (
        couple(LINE, [cavity()], at=places, F=(7, 8), m=(1, 0), wave_function=w).g for w in (None, sigma)
    )
    k = LINE.frequency / c
    spread = 1 + 2 * sigma[:2] ** 2 / 1e-8
    expected = math.exp(-((k * 80e-9) ** 2) / 2) / math.sqrt(np.prod(spread))
    assert warm[0, 0] / still[0, 0] == pytest.approx(expected, rel=1e-5)
    expected *= math.exp(9e-10 / 1e-8 * (1 - 1 / spread[0]))
    assert warm[1, 0] / still[1, 0] == pytest.approx(expected, rel=1e-5)
    each = couple(LINE, [cavity()], at=places, F=(7, 8), m=(1, 0), wave_function=[sigma, 0 * sigma]).g
    assert np.allclose(each[:, 0], [warm[0, 0], still[1, 0]], rtol=1e-12)


def test_micromotion_along_the_cavity():
    """cos(k A cos wt) averages to the Bessel function J_0(k A), up to amplitudes of many wavelengths."""
    amplitudes = np.array([[0, 0, a] for a in (0.0, 0.05e-6, 0.3e-6, 4e-6)])
    found = couple(LINE, [cavity()], at=np.zeros((4, 3)), F=(7, 8), m=(1, 0), micromotion=amplitudes).g[:, 0]
    node = couple(
        LINE, [cavity(offset=PAPER / 4)], at=ORIGIN, F=(7, 8), m=(1, 0), micromotion=amplitudes[2:3]
    ).g
    assert abs(node[0, 0]) < 1e-9 * abs(found[0])  # no convergence to ask for where all cancels
    k = LINE.frequency / c
    assert np.allclose(found / found[0], j0(k * amplitudes[:, 2]), rtol=0, atol=1e-9)


def test_micromotion_across_the_cavity():
    """Second order: the mean of exp(-r^2/w^2) over x0 + A cos wt; with second harmonic and tilted motion by brute force."""
    place = np.array([[4e-5, 1e-5, 0.1e-6]])
    harmonics = np.array([[[8e-6, -3e-6, 2e-8]], [[1e-6, 0, 1e-8]]])
    found = couple(LINE, [cavity()], at=place, F=(7, 8), m=(1, 0), micromotion=harmonics).g[0, 0]
    phase = 2 * math.pi * np.arange(400) / 400
    orbit = place + np.cos(phase)[:, None] * harmonics[0] + np.cos(2 * phase)[:, None] * harmonics[1]
    along = couple(LINE, [cavity()], at=orbit, F=(7, 8), m=(1, 0)).g[:, 0]
    assert found == pytest.approx(along.mean(), rel=1e-9)
    small = couple(LINE, [cavity()], at=ORIGIN, F=(7, 8), m=(1, 0), micromotion=[[1e-6, 0, 0]]).g[0, 0]
    still = couple(LINE, [cavity()], at=ORIGIN, F=(7, 8), m=(1, 0)).g[0, 0]
    assert 1 - (small / still).real == pytest.approx(1e-12 / 2 / 1e-8, rel=1e-3)


def test_dipole_lines_move_too():
    """The same averages for a dipole line in a Fabry-Perot cavity at an antinode."""
    line = Species("88Sr").transition("1S0", "3P1")
    mode = FabryPerot(
        length=1e-3,
        waist=2e-5,
        finesse=1e5,
        wavelength=line.wavelength,
        polarization="x",
        offset=line.wavelength / 4,
    )
    still = couple(line, [mode], at=ORIGIN, axis=(1, 0, 0)).g[0, 0]
    mu2 = 3 * math.pi * epsilon_0 * hbar * c**3 * line.gamma / line.frequency**3
    expected = math.sqrt(mu2 * line.frequency / (2 * hbar * epsilon_0 * mode.volume()))
    assert abs(still) == pytest.approx(expected, rel=1e-9)
    k = 2 * math.pi / line.wavelength
    warm = couple(line, [mode], at=ORIGIN, axis=(1, 0, 0), wave_function=[0, 0, 5e-8]).g[0, 0]
    assert abs(warm / still) == pytest.approx(math.exp(-((k * 5e-8) ** 2) / 2), rel=1e-9)
    moving = couple(line, [mode], at=ORIGIN, axis=(1, 0, 0), micromotion=[[0, 0, 1e-7]]).g[0, 0]
    assert abs(moving / still) == pytest.approx(j0(k * 1e-7), rel=1e-9)


def test_quadrupole_line_at_a_sphere():
    """Any mode with a gradient will do: at a microsphere the evanescent wave, averaged over a Gaussian too."""
    mode = Microsphere(5.03e-6, 1.4552).mode("TE", n=1, l=52)
    line = at_wavelength(BARE, mode.wavelength)
    place = [5.2e-6, 0, 0]
    found = couple(line, [mode], at=place, m=(0, 1), axis=(0, 0, 1))
    gradient = mode.gradient(np.array(place))
    expected = (
        line.quadrupole
        / math.sqrt(5)
        / (3 * hbar)
        * np.sum(spherical_tensors((0, 0, 1))[3].conj() * gradient)
    )
    assert found.g[0, 0] == pytest.approx(expected, rel=1e-12)
    spread = couple(line, [mode], at=place, m=(0, 1), wave_function=[1e-9] * 3).g[0, 0]
    assert spread == pytest.approx(expected, rel=1e-3)


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"F": None}, "give F"),
        ({"F": (7, 4)}, "not among 5, 6, 7, 8, 9"),
        ({"F": (6, 8)}, "F = 6 of the lower level"),
        ({"F": 8}, "pair"),
        ({"m": 0}, "takes the pair"),
        ({"m": (1, 9)}, "m = 9 is not a sublevel"),
        ({"m": (1.5, 0)}, "m = 1.5 is not a sublevel"),
        ({"m": (3, 0)}, "at most 2"),
        ({"at": [0, 0]}, "in metres"),
        ({"modes": []}, "at least one mode"),
        ({"micromotion": [0, 0, 1e-6]}, "micromotion of shape"),
        ({"wave_function": [1e-6]}, "standard deviations"),
        ({"wave_function": type("States", (), {"nodes": None})()}, "modes of a sphere"),
    ],
)
def test_what_is_refused(changed, words):
    arguments = {"modes": [cavity()], "at": ORIGIN, "F": (7, 8), "m": (1, 0), **changed}
    with pytest.raises(InputError, match=words):
        couple(LINE, **arguments)


def test_what_a_dipole_line_refuses():
    line = Species("88Sr").transition("1S0", "3P1")
    with pytest.raises(InputError, match="upper sublevel alone"):
        couple(line, [cavity()], at=ORIGIN, m=(0, 0))
    with pytest.raises(InputError, match="only a quadrupole line"):
        couple(line, [cavity()], at=ORIGIN, F=(0, 1))
    with pytest.raises(InputError, match="run around a sphere"):
        couple(line, [cavity()], at=ORIGIN).with_phases("printed")


def test_motion_over_too_many_wavelengths():
    with pytest.raises(ConvergenceError, match="too many wavelengths"):
        couple(LINE, [cavity()], at=ORIGIN, F=(7, 8), m=(1, 0), micromotion=[[0, 0, 1.0]])
