"""Exact angular-momentum coefficients against sympy, orthogonality and symmetry."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational
from sympy.physics import wigner as sympy_wigner

from atomcavity.errors import InputError
from atomcavity.numerics.wigner import clebsch_gordan, wigner_3j, wigner_6j

halves = st.integers(0, 9)


@settings(max_examples=60, deadline=None)
@given(st.data(), halves, halves)
def test_3j_equals_sympy(data, a, b):
    c = data.draw(st.sampled_from(range(abs(a - b), a + b + 1, 2)))
    m1 = data.draw(st.sampled_from(range(-a, a + 1, 2)))
    m2 = data.draw(st.sampled_from(range(-b, b + 1, 2)))
    args = [Rational(x, 2) for x in (a, b, c, m1, m2, -m1 - m2)]
    if abs(m1 + m2) > c:
        assert wigner_3j(*(float(x) for x in args)) == 0
        return
    expected = float(sympy_wigner.wigner_3j(*args))
    assert wigner_3j(*(float(x) for x in args)) == pytest.approx(expected, rel=1e-14, abs=0)


@settings(max_examples=60, deadline=None)
@given(st.data(), halves, halves, halves)
def test_6j_equals_sympy(data, a, b, d):
    c = data.draw(st.sampled_from(range(abs(a - b), a + b + 1, 2)))
    e = data.draw(st.sampled_from(range(abs(d - c), d + c + 1, 2)))
    options = set(range(abs(a - e), a + e + 1, 2)) & set(range(abs(d - b), d + b + 1, 2))
    if not options:
        return
    f = data.draw(st.sampled_from(sorted(options)))
    args = [Rational(x, 2) for x in (a, b, c, d, e, f)]
    expected = float(sympy_wigner.wigner_6j(*args))
    assert wigner_6j(*(float(x) for x in args)) == pytest.approx(expected, rel=1e-14, abs=0)


@pytest.mark.parametrize(("j1", "j2"), [(0.5, 0.5), (1, 1), (1.5, 2), (3, 2.5)])
def test_clebsch_gordan_is_a_unitary_matrix(j1, j2):
    pairs = list(itertools.product(_projections(j1), _projections(j2)))
    states = [(j, m) for j in _couplings(j1, j2) for m in _projections(j)]
    for s, t in itertools.product(states, repeat=2):
        overlap = sum(
            clebsch_gordan(j1, m1, j2, m2, *s) * clebsch_gordan(j1, m1, j2, m2, *t) for m1, m2 in pairs
        )
        assert overlap == pytest.approx(float(s == t), abs=1e-14)


def test_clebsch_gordan_signs_are_condon_shortley():
    assert clebsch_gordan(0.5, 0.5, 0.5, -0.5, 0, 0) == pytest.approx(math.sqrt(0.5), rel=1e-15)
    assert clebsch_gordan(0.5, -0.5, 0.5, 0.5, 0, 0) == pytest.approx(-math.sqrt(0.5), rel=1e-15)


def test_6j_orthogonality_has_no_cancellation_at_large_momenta():
    a, b, c, d = 60, 55, 58, 62
    for f, g in ((3, 3), (3, 4), (40, 40)):
        xs = range(max(abs(a - b), abs(c - d)), min(a + b, c + d) + 1)
        total = math.fsum(
            (2 * x + 1) * (2 * f + 1) * wigner_6j(a, b, x, c, d, f) * wigner_6j(a, b, x, c, d, g) for x in xs
        )
        allowed = abs(a - d) <= f <= a + d and abs(b - c) <= f <= b + c
        assert total == pytest.approx(float(f == g and allowed), abs=1e-12)


def test_wrong_arguments_are_named():
    with pytest.raises(InputError, match="neither an integer nor a half-integer"):
        wigner_3j(0.3, 1, 1, 0, 0, 0)
    with pytest.raises(InputError, match="does not belong"):
        wigner_3j(1, 1, 1, 0.5, -0.5, 0)
    with pytest.raises(InputError, match="negative"):
        wigner_6j(-1, 1, 1, 1, 1, 1)


def _projections(j):
    return [k - j for k in range(int(2 * j) + 1)]


def _couplings(j1, j2):
    return [abs(j1 - j2) + k for k in range(int(j1 + j2 - abs(j1 - j2)) + 1)]
