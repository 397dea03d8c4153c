"""Magic magnetic fields: published clock points, the Breit-Rabi root, and that none is missed."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import constants as const
from scipy.optimize import brentq

from atomcavity.errors import InputError
from atomcavity.species import HyperfineLevel, Species
from atomcavity.species.magic_field import ZeemanState, magic_fields

TAU = 2 * math.pi
MAGNETON = const.value("Bohr magneton") / const.hbar
GAUSS = 1e-4
LU = Species("176Lu+")


@pytest.mark.parametrize(
    ("name", "lower", "upper", "field", "digits", "megahertz", "bend"),
    [
        # C. Langer et al., PRL 95, 060502 (2005): 0.0119446 T, 1 207 495 843 Hz, 0.305 Hz/uT^2
        ("9Be+", (2, 0), (1, 1), 119.446, 1e-3, 1207.495843, 3050),
        # T. P. Harty et al., PRL 113, 220501 (2014): 146.0942 G, 3.200 GHz, d2f/dB2 = 2.4 kHz/G^2
        ("43Ca+", (4, 0), (3, 1), 146.0942, 1e-3, 3199.941077, 1200),
        ("43Ca+", (4, 1), (3, 1), 287.783, 2e-3, 3123.18, None),
        # D. M. Harber et al., PRA 66, 053616 (2002), P. Rosenbusch, APB 95, 227 (2009): 3.228917(3) G, 431.36 Hz/G^2
        ("87Rb", (1, -1), (2, 1), 3.228917, 1e-5, 6834.678114, 431.36),
        # the definition of the second: 427.45 Hz/G^2
        ("133Cs", (3, 0), (4, 0), 0.0, 1e-9, 9192.631770, 427.45),
    ],
)
def test_published_clock_points(name, lower, upper, field, digits, megahertz, bend):
    (point,) = Species(name).magic_fields(("2S1/2", *lower), ("2S1/2", *upper), between=(-0.05, 0.05))
    assert point.field / GAUSS == pytest.approx(field, abs=digits)
    assert point.shift / TAU / 1e6 == pytest.approx(megahertz, rel=2e-6)
    if bend:
        assert point.curvature / 2 / TAU * GAUSS**2 == pytest.approx(bend, rel=1e-2)


def test_high_field_clock_points_of_beryllium():
    """0.8194 T (J. J. Bollinger et al., IEEE Trans. Instrum. Meas. 40, 126 (1991)), 0.6774 T (B. J. McMahon and
    B. C. Sawyer, arXiv 2110.03053), both nuclear spin flips far beyond the crossover of 0.04 T."""
    be = Species("9Be+")
    points = be.magic_fields(("2S1/2", 1, 0), ("2S1/2", 1, -1), between=(0, 2))
    assert [point.field for point in points] == [pytest.approx(0.8194, abs=1e-4)]
    points = be.magic_fields(("2S1/2", 2, 0), ("2S1/2", 2, 1), between=(0.3, 2))
    assert [point.field for point in points] == [pytest.approx(0.6774, abs=1e-4)]


def printed_lutetium():
    """The constants printed by Kazakov et al., App. C."""
    level = LU.hyperfine("3D2")
    return dataclasses.replace(level, A=TAU * 1370e6, B=TAU * 1963e6, g_J=1.16705, g_I=-0.000246)


@pytest.mark.parametrize(
    ("F", "field", "splitting"), [(5, 0.388, 211e3), (8, -1.035, 258e3), (9, -1.040, 377e3)]
)
def test_magic_fields_of_lutetium(F, field, splitting):
    """Kazakov et al., Secs. V and App. C; with the constants derived from the data file 2e-4 beside them."""
    ground = ZeemanState(LU.hyperfine("1S0"), 7, 1)
    (point,) = magic_fields(ground, ZeemanState(printed_lutetium(), F, 0), -5 * GAUSS, 5 * GAUSS)
    assert point.field / GAUSS == pytest.approx(field, abs=5e-4)
    assert abs(point.upper_neighbours[1]) / TAU == pytest.approx(splitting, abs=600)
    assert point.lower_neighbours == pytest.approx(
        (344.323 * TAU * point.field / GAUSS, -344.323 * TAU * point.field / GAUSS), rel=1e-5
    )
    (derived,) = LU.magic_fields(("1S0", 7, 1), ("3D2", F, 0), between=(-5 * GAUSS, 5 * GAUSS))
    assert derived.field == pytest.approx(point.field, rel=2e-4)
    (mirrored,) = LU.magic_fields(("1S0", 7, -1), ("3D2", F, 0), between=(-5 * GAUSS, 5 * GAUSS))
    assert mirrored.field == pytest.approx(-derived.field, rel=1e-9)


def test_a_flat_line_has_its_magic_field_far_away():
    """F = 6 with its small curvature: -344.3 / (2 x -15.1) G, outside +-5 G."""
    states = ("1S0", 7, 1), ("3D2", 6, 0)
    assert LU.magic_fields(*states, between=(-5 * GAUSS, 5 * GAUSS)) == []
    (point,) = LU.magic_fields(*states, between=(-20 * GAUSS, 20 * GAUSS))
    assert point.field / GAUSS == pytest.approx(344.323 / 2 / 15.145, rel=1e-2)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 15).map(lambda twice: twice / 2),
    st.floats(-3, 3),
    st.floats(-1e-3, 1e-3),
    st.integers(0, 14),
)
def test_breit_rabi_root(I, size, g_I, k):
    """|I-1/2, m> - |I+1/2, m> is stationary where x = -2 m/(2 I + 1), and nowhere else."""
    assume(abs(size) > 0.2 and k < 2 * I)
    m = k + 0.5 - I
    level = HyperfineLevel(J=0.5, I=I, A=TAU * 1e9 * size, g_J=2.0023, g_I=g_I)
    unit = level.A * (I + 0.5) / ((level.g_J - g_I) * MAGNETON)
    ends = ZeemanState(level, I - 0.5, m), ZeemanState(level, I + 0.5, m)
    (point,) = magic_fields(*ends, -1.5 * abs(unit), 1.5 * abs(unit))
    assert point.field == pytest.approx(-2 * m / (2 * I + 1) * unit, abs=1e-9 * abs(unit))
    minimum = abs(level.A) * (I + 0.5) * math.sqrt(1 - (2 * m / (2 * I + 1)) ** 2)
    assert abs(point.shift) == pytest.approx(minimum, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_none_is_missed(data):
    """Against the changes of sign of the slopes on a fine grid, for levels with several F."""
    J, I = data.draw(st.sampled_from([(1, 1.5), (1.5, 1.5), (2, 2), (2.5, 1), (2, 3.5), (1.5, 3)]))
    a = TAU * 1e8 * data.draw(st.sampled_from([-1, 1]))
    level = HyperfineLevel(J=J, I=I, A=a, B=data.draw(st.floats(-0.9, 0.9)) * abs(a), g_J=1.2, g_I=5e-4)
    one, other = (data.draw(st.sampled_from(level.states)) for _ in range(2))
    assume(one != other and not (abs(one[1]) == J + I == abs(other[1])))
    grid = np.linspace(-0.05, 0.0501, 8_001)
    difference = level.slope(*one, grid) - level.slope(*other, grid)
    assume(np.min(np.abs(difference)) < 0.9 * np.max(np.abs(difference)))
    changes = np.flatnonzero(np.sign(difference[1:]) != np.sign(difference[:-1]))
    points = magic_fields(ZeemanState(level, *one), ZeemanState(level, *other), grid[0], grid[-1])
    found = [point.field for point in points]
    assert len(found) == len(changes)
    assert np.array(found) == pytest.approx(
        (grid[changes] + grid[changes + 1]) / 2, abs=2 * (grid[1] - grid[0])
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_bounds_hold(data):
    """No second or third derivative inside an interval exceeds the bound from its middle."""
    J, I = data.draw(st.sampled_from([(1, 1.5), (1.5, 1.5), (2, 2), (2.5, 1), (2, 3.5)]))
    a = TAU * 1e8
    level = HyperfineLevel(J=J, I=I, A=a, B=data.draw(st.floats(-0.9, 0.9)) * a, g_J=1.2, g_I=5e-4)
    state = data.draw(st.sampled_from(level.states))
    centre, half = data.draw(st.floats(-0.05, 0.05)), 10 ** data.draw(st.floats(-6, -2))
    second, third = level.derivative_bounds(*state, centre, half)
    inside = centre + half * np.linspace(-1, 1, 101)
    curvature = level.curvature(*state, inside)
    noise = 1e-9 * MAGNETON**2 / a
    assert np.max(np.abs(curvature)) <= second * (1 + 1e-9) + noise
    change = np.max(np.abs(np.diff(curvature))) / (inside[1] - inside[0])
    assert change <= third * (1 + 1e-9) + noise / (inside[1] - inside[0])


def test_the_shift_is_an_extremum_with_the_stated_curvature():
    ba = Species("137Ba+")
    points = ba.magic_fields(("2D5/2", 3, 1), ("2D5/2", 2, 0), between=(-0.01, 0.01))
    level = ba.hyperfine("2D5/2")
    assert len(points) > 1
    for point in points:
        step = 1e-7
        around = point.field + np.array([-step, 0, step])
        values = level.energy(2, 0, around) - level.energy(3, 1, around)
        assert values[1] == pytest.approx(point.shift, rel=1e-12)
        bend = (values[0] + values[2] - 2 * values[1]) / step**2
        assert bend == pytest.approx(point.curvature, rel=1e-2)
        assert abs(values[2] - values[0]) < 1e-2 * abs(bend) * step**2


def test_a_root_at_the_end_of_the_range_counts_once():
    cs = Species("133Cs")
    states = ("2S1/2", 3, 0), ("2S1/2", 4, 0)
    for between in ((0.0, 1.0), (-1.0, 0.0), (-1.0, 1.0), (-1.0, 3.0)):
        points = cs.magic_fields(*states, between=between)
        assert len(points) == 1
        assert points[0].field == pytest.approx(0, abs=1e-15)


def test_states_of_one_slope_are_refused():
    for state in (("1S0", 7, 1), ("3D2", 5, 0)):
        with pytest.raises(InputError, match="same slope at every field"):
            LU.magic_fields(state, state, between=(-1, 1))
    assert LU.magic_fields(("1S0", 7, 1), ("1S0", 7, 2), between=(-1, 1)) == []
    with pytest.raises(InputError, match="two ascending fields"):
        LU.magic_fields(("1S0", 7, 1), ("3D2", 5, 0), between=(1, -1))
    with pytest.raises(InputError, match="no state F = 6, m = 1 of J = 0, I = 7"):
        LU.magic_fields(("1S0", 6, 1), ("3D2", 5, 0), between=(-1, 1))


def test_printing():
    (point,) = LU.magic_fields(("1S0", 7, 1), ("3D2", 9, 0), between=(-5 * GAUSS, 5 * GAUSS))
    assert str(point).startswith("-1.039")
    assert "165.6 Hz/G² off it, upper neighbours at 377.1 and 377.1 kHz" in str(point)


def test_two_roots_that_almost_touch():
    """A straight line whose slope is a hair inside or outside the range of slopes of the other state."""
    level = LU.hyperfine("3D2")
    grid = np.linspace(0, 3, 3001)
    bend = level.curvature(7, 0, grid)
    at = int(np.flatnonzero(np.sign(bend[1:]) != np.sign(bend[:-1]))[0])
    inflection = brentq(lambda b: level.curvature(7, 0, b), grid[at], grid[at + 1], xtol=1e-15)
    extreme = level.slope(7, 0, inflection)
    side = np.sign(level.slope(7, 0, 0.99 * inflection) - extreme)
    counts = []
    for offset in (1e-9, -1e-9):
        slope = extreme + side * offset * MAGNETON
        line = ZeemanState(HyperfineLevel(J=0, I=1, g_J=0, g_I=slope / MAGNETON), 1, 1)
        near = 0.9 * inflection, 1.1 * inflection
        points = magic_fields(line, ZeemanState(level, 7, 0), *near)
        counts.append(len(points))
        for point in points:
            assert point.field == pytest.approx(inflection, rel=1e-2)
    assert counts == [2, 0]
