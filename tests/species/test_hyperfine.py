"""Hyperfine structure in a magnetic field against closed forms and the full Hamiltonian."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants as const

from atomcavity.errors import InputError
from atomcavity.numerics.wigner import clebsch_gordan, wigner_3j, wigner_6j
from atomcavity.species import HyperfineLevel, Species
from atomcavity.species.hyperfine import constants_from_intervals

TAU = 2 * math.pi
MAGNETON = const.value("Bohr magneton") / const.hbar
GAUSS = 1e-4
LU = HyperfineLevel(J=2, I=7, A=TAU * 1370e6, B=TAU * 1963e6, g_J=1.16705, g_I=-0.000246)

halves = st.integers(0, 5).map(lambda twice: twice / 2)
constants = st.floats(0.3, 3.0).flatmap(lambda size: st.sampled_from([size, -size]))
fields = st.floats(-2.0, 2.0)


@st.composite
def levels(draw):
    """Levels with constants of some GHz; B where it is allowed, and weak enough to keep the F apart."""
    J, I = draw(halves), draw(halves)
    a = TAU * 1e9 * draw(constants) if min(J, I) > 0 else 0.0
    b = abs(a) * draw(st.floats(-0.5, 0.5)) if min(J, I) >= 1 else 0.0
    return HyperfineLevel(J=J, I=I, A=a, B=b, g_J=draw(st.floats(0.5, 2.1)), g_I=draw(st.floats(-1e-3, 1e-3)))


def spin(j):
    """J_x, J_y, J_z over m ascending."""
    m = np.arange(-j, j + 1)
    raise_ = np.diag(np.sqrt((j - m[:-1]) * (j + m[:-1] + 1)), -1)
    return (raise_ + raise_.T) / 2, (raise_ - raise_.T) / 2j, np.diag(m)


def hamiltonian(level, field):
    """Eq. (C3) with its missing 1/hbar, over |m_J> x |m_I>."""
    J, I = level.J, level.I
    electron = [np.kron(s, np.eye(round(2 * I) + 1)) for s in spin(J)]
    nucleus = [np.kron(np.eye(round(2 * J) + 1), s) for s in spin(I)]
    product = sum(a @ b for a, b in zip(electron, nucleus, strict=True))
    matrix = level.A * product + MAGNETON * field * (level.g_J * electron[2] + level.g_I * nucleus[2])
    if level.B:
        casimirs = I * (I + 1) * J * (J + 1) * np.eye(len(product))
        term = 2 * product @ product + product - 2 / 3 * casimirs
        matrix = matrix + 3 * level.B / (4 * J * (2 * J - 1) * I * (2 * I - 1)) * term
    return matrix


def scale(level, field):
    return abs(level.A) * level.J * (level.I + 1) * 2 + abs(level.B) + 2 * MAGNETON * abs(field) * 2 + 1e3


@settings(max_examples=60, deadline=None)
@given(levels(), fields)
def test_states_are_eigenstates_of_the_full_hamiltonian(level, field):
    matrix = hamiltonian(level, field)
    columns = []
    for f, m in level.states:
        state = level.state(f, m, field).ravel()
        columns.append(state)
        wrong = matrix @ state - level.energy(f, m, field) * state
        assert np.max(np.abs(wrong)) < 1e-12 * scale(level, field)
    assert np.array(columns) @ np.array(columns).T == pytest.approx(np.eye(len(columns)), abs=1e-9)
    assert np.sort(level.energies(field)) == pytest.approx(
        np.linalg.eigvalsh(matrix), abs=1e-12 * scale(level, field)
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 15).map(lambda twice: twice / 2), constants, st.floats(-1e-3, 1e-3), fields)
def test_breit_rabi(I, size, g_I, field):
    """J = 1/2 at any field, either sign of A and of the field."""
    g_J, a = 2.0023, TAU * 1e9 * size
    level = HyperfineLevel(J=0.5, I=I, A=a, g_J=g_J, g_I=g_I)
    splitting = a * (I + 0.5)
    x = (g_J - g_I) * MAGNETON * field / splitting
    tolerance = 1e-12 * (abs(splitting) + 2 * MAGNETON * abs(field))
    for f, m in level.states:
        expected = -splitting / (2 * (2 * I + 1)) + g_I * MAGNETON * m * field
        if abs(m) > I:
            expected += splitting / 2 * (1 + math.copysign(x, m * x))
        else:
            root = math.sqrt(1 + 4 * m * x / (2 * I + 1) + x**2)
            expected += math.copysign(splitting / 2 * root, (f - I) * splitting)
        assert level.energy(f, m, field) == pytest.approx(expected, abs=tolerance)


@settings(max_examples=40, deadline=None)
@given(levels(), fields)
def test_reversed_field_exchanges_m_and_minus_m(level, field):
    for f, m in level.states:
        here, there = level.energy(f, m, field), level.energy(f, -m, -field)
        assert here == pytest.approx(there, abs=1e-12 * scale(level, field))


@settings(max_examples=40, deadline=None)
@given(levels(), fields)
def test_the_centre_of_gravity_does_not_move(level, field):
    energies = level.energies(field)
    assert np.sum(energies) == pytest.approx(0, abs=1e-12 * len(energies) * scale(level, field))


@settings(max_examples=40, deadline=None)
@given(levels())
def test_at_zero_field_energies_and_states_are_those_of_coupled_momenta(level):
    for f, m in level.states:
        assert level.energy(f, m, 0.0) == pytest.approx(
            level.zero_field_energy(f), abs=1e-12 * scale(level, 0)
        )
        state = level.state(f, m, 0.0)
        for row, mj in enumerate(np.arange(-level.J, level.J + 1)):
            for column, mi in enumerate(np.arange(-level.I, level.I + 1)):
                expected = clebsch_gordan(level.J, mj, level.I, mi, f, m) if mj + mi == m else 0.0
                assert state[row, column] == pytest.approx(expected, abs=1e-9)


def test_paschen_back_limit():
    """At high field the energies are those of |m_J, m_I> with the diagonal of the hyperfine interaction."""
    field = 300.0
    found = np.sort(LU.energies(field))
    quadrupole = LU.B / (4 * 2 * 3 * 7 * 13)
    expected = [
        MAGNETON * field * (LU.g_J * mj + LU.g_I * mi)
        + LU.A * mj * mi
        + quadrupole * (3 * mj**2 - 6) * (3 * mi**2 - 56)
        for mj in range(-2, 3)
        for mi in range(-7, 8)
    ]
    second_order = 100 * LU.A**2 / (MAGNETON * field)
    assert found == pytest.approx(np.sort(expected), abs=second_order)
    assert LU.slope(9, 0, field) == pytest.approx(MAGNETON * (LU.g_J * 2 - LU.g_I * 2), rel=1e-4)


@settings(max_examples=30, deadline=None)
@given(levels(), st.floats(-0.5, 0.5))
def test_slope_and_curvature_are_the_derivatives(level, field):
    step = 1e-4
    for f, m in level.states:
        low, high = (level.energy(f, m, field + s * step) for s in (-1, 1))
        bend = abs(level.curvature(f, m, field)) * step + 1e-7 * MAGNETON
        assert (high - low) / (2 * step) == pytest.approx(level.slope(f, m, field), abs=0.1 * bend)
        low, high = (level.slope(f, m, field + s * step) for s in (-1, 1))
        change = 1e-2 * abs(level.curvature(f, m, field)) + 1e-8 * MAGNETON / step
        assert (high - low) / (2 * step) == pytest.approx(level.curvature(f, m, field), abs=change)


@settings(max_examples=40, deadline=None)
@given(levels())
def test_quadratic_coefficient_by_racah_algebra(level):
    """Second-order perturbation with <F m|J_z|F' m> from 3j and 6j symbols."""
    J, I = level.J, level.I
    for f, m in level.states:
        expected = 0.0
        for other in level.F:
            if other == f or other < abs(m):
                continue
            element = wigner_3j(f, 1, other, -m, 0, m) * wigner_6j(J, f, I, other, J, 1)
            element *= math.sqrt((2 * f + 1) * (2 * other + 1) * J * (J + 1) * (2 * J + 1))
            gap = level.zero_field_energy(f) - level.zero_field_energy(other)
            expected += ((level.g_J - level.g_I) * MAGNETON * element) ** 2 / gap
        assert level.quadratic(f, m) == pytest.approx(expected, rel=1e-8, abs=1e-6 * MAGNETON)


def test_states_are_followed_adiabatically():
    """From step to step the state named |F, m> hardly turns, from -1 T through zero to 1 T."""
    steps = np.linspace(-1, 1, 20001)
    for f, m in ((5, 0), (7, -3), (9, 4), (8, 8), (6, 6)):
        states = LU.state(f, m, steps).reshape(len(steps), -1)
        overlap = np.abs(np.sum(states[1:] * states[:-1], axis=1))
        assert np.min(overlap) > 0.999


def test_shapes():
    grid = np.linspace(-1, 1, 6).reshape(2, 3)
    assert LU.energy(5, 0, grid).shape == (2, 3)
    assert LU.energies(grid).shape == (2, 3, 75)
    assert LU.state(5, 0, grid).shape == (2, 3, 5, 15)
    assert LU.energy(5, 0, grid)[1, 2] == LU.energy(5, 0, 1.0)
    assert len(LU.states) == 75
    assert LU.F == (5, 6, 7, 8, 9)


def test_breit_rabi_diagram():
    from matplotlib.figure import Figure

    level = Species("87Rb").hyperfine("2S1/2")
    ax = level.plot(np.linspace(0, 0.5, 11), Figure().subplots())
    assert len(ax.lines) == 8
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["F = 1", "F = 2"]
    assert ax.lines[0].get_ydata()[0] == pytest.approx(-6.834682611 * 5 / 8)


def test_quadratic_zeeman_coefficients_of_lutetium():
    """Kazakov et al., Eq. (C5); the printed -440.0 of F = 5 is a misprint of -444.0."""
    printed = {5: -444.0, 6: -15.19, 7: 127.3, 8: 166.3, 9: 165.5}
    for f, value in printed.items():
        assert LU.quadratic(f, 0) / TAU * GAUSS**2 == pytest.approx(value, rel=6e-3)
    used = HyperfineLevel(J=2, I=7, A=TAU * 1370.5e6, B=TAU * 1958.25e6, g_J=1.16705, g_I=-0.000246)
    for f, value in printed.items():  # with B as it follows from the printed moments
        digit = 0.1 if f != 6 else 0.01
        assert used.quadratic(f, 0) / TAU * GAUSS**2 == pytest.approx(value, abs=0.6 * digit)


def test_linear_shift_of_the_lutetium_ground_state():
    ground = HyperfineLevel(J=0, I=7, g_J=0, g_I=-0.000246011)
    assert ground.slope(7, 1, 0.0) / TAU * GAUSS == pytest.approx(-344.3, abs=0.05)
    assert ground.curvature(7, 1, 0.3) == 0
    assert ground.energy(7, 3, 1.0) == pytest.approx(3 * ground.slope(7, 1, 0.0))


@settings(max_examples=60, deadline=None)
@given(levels())
def test_linear_shift_is_the_g_factor_of_F(level):
    J, I = level.J, level.I
    for f, m in level.states:
        if f == 0:
            continue
        ff, jj, ii = f * (f + 1), J * (J + 1), I * (I + 1)
        g = (level.g_J * (ff + jj - ii) + level.g_I * (ff + ii - jj)) / (2 * ff)
        assert level.slope(f, m, 0.0) == pytest.approx(g * MAGNETON * m, abs=1e-9 * MAGNETON)


def test_tensor_factors_of_lutetium():
    """Eq. (7) for J = 2, I = 7, m = 0, F = 5 ... 9: fractions."""
    expected = (-5 / 13, 2 / 5, 209 / 442, 1 / 10, -10 / 17)
    assert [LU.tensor_factor(f, 0) for f in LU.F] == pytest.approx(expected, rel=1e-12)
    assert LU.tensor_factor(9, 9) == pytest.approx(1, rel=1e-14)


@settings(max_examples=40, deadline=None)
@given(levels())
def test_tensor_factor_is_the_expectation_of_the_operator(level):
    r"""alpha_2/alpha_tens = <F m|3 J_z^2 - J^2|F m>/(J(2J-1))."""
    J = level.J
    sums = dict.fromkeys(level.F, 0.0)
    for f, m in level.states:
        if J < 1:
            assert level.tensor_factor(f, m) == 0
            continue
        weights = np.sum(level.state(f, m, 0.0) ** 2, axis=1)
        expected = weights @ (3 * np.arange(-J, J + 1) ** 2 - J * (J + 1)) / (J * (2 * J - 1))
        assert level.tensor_factor(f, m) == pytest.approx(expected, abs=1e-8)
        sums[f] += level.tensor_factor(f, m)
    assert list(sums.values()) == pytest.approx([0] * len(sums), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(levels())
def test_constants_are_recovered_from_intervals(level):
    if min(level.J, level.I) < 1:
        return
    intervals = np.diff([level.zero_field_energy(f) for f in level.F])
    a, b, misfit = constants_from_intervals(level.J, level.I, intervals)
    assert (a, b) == pytest.approx((level.A, level.B), rel=1e-9, abs=1e-9 * abs(level.A))
    assert misfit < 1e-9 * abs(level.A)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: HyperfineLevel(J=0.3, I=1, g_J=1, g_I=0), "J = 0.3 is no angular momentum"),
        (lambda: HyperfineLevel(J=0, I=1, A=1.0, g_J=1, g_I=0), "A needs J and I above 0"),
        (lambda: HyperfineLevel(J=0.5, I=1, B=1.0, g_J=1, g_I=0), "B needs J and I of at least 1"),
        (lambda: HyperfineLevel(J=1, I=1, g_J=math.nan, g_I=0), "g_J = nan of a hyperfine level"),
        (lambda: LU.energy(4, 0, 0.0), "no state F = 4, m = 0 of J = 2, I = 7: F is one of 5, 6, 7, 8, 9"),
        (lambda: LU.energy(5, 6, 0.0), "no state F = 5, m = 6"),
        (lambda: LU.energy(5, 0.5, 0.0), "no state F = 5, m = 0.5"),
        (lambda: LU.energy(5, 0, math.inf), "must be finite"),
        (lambda: LU.tensor_factor(5, 6), "no state F = 5, m = 6"),
        (lambda: LU.zero_field_energy(4), "F = 4 is not among 5, 6, 7, 8, 9"),
        (lambda: HyperfineLevel(J=0.5, I=1, g_J=2, g_I=0).energy(1.5, 0.5, 0.0), "one energy at zero field"),
        (lambda: constants_from_intervals(2, 3.5, [1.0, 2.0]), "have 4 intervals"),
        (lambda: constants_from_intervals(0.5, 3.5, [1.0]), "two constants need two"),
    ],
)
def test_wrong_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_two_F_of_one_energy_are_not_named():
    """A and B can make two F meet at zero field; the others still have their names."""
    J, I = 2, 1.5
    probe = HyperfineLevel(J=J, I=I, A=1e9, g_J=1, g_I=0)
    a = np.diff([probe.zero_field_energy(f) for f in probe.F])
    unit = HyperfineLevel(J=J, I=I, B=1.0, g_J=1, g_I=0)
    b = np.diff([unit.zero_field_energy(f) for f in unit.F])
    level = HyperfineLevel(J=J, I=I, A=1e9, B=-a[0] / b[0], g_J=1, g_I=0)
    with pytest.raises(InputError, match=r"F = 0.5 and F = 1.5 have one energy at zero field"):
        level.energy(0.5, 0.5, 0.1)
    assert math.isfinite(level.energy(1.5, 1.5, 0.1))
    assert level.energy(3.5, 0.5, 0.0) == pytest.approx(level.zero_field_energy(3.5))
