"""Many emitters as few groups: what must be conserved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics import group
from atomcavity.errors import InputError


@given(count=st.integers(1, 300), groups=st.integers(1, 20), modes=st.integers(1, 2), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_number_coupling_and_shift_are_conserved(count, groups, modes, seed):
    random = np.random.default_rng(seed)
    g = random.normal(size=(count, modes)) + 1j * random.normal(size=(count, modes))
    shifts = 1e3 * random.normal(size=count)
    found = group(g, shifts, groups, gamma=0.1)
    assert len(found) <= groups
    assert sum(e.number for e in found) == count
    for mode in range(modes):
        total = sum(e.number * abs(e.g_modes[mode]) ** 2 for e in found)
        assert total == pytest.approx(np.sum(np.abs(g[:, mode]) ** 2))
    assert sum(e.number * e.detuning for e in found) == pytest.approx(shifts.sum(), abs=1e-6 * count)


def test_few_kinds_are_found_exactly_whatever_their_phase():
    phases = np.exp(1j * np.linspace(0, 6, 30))
    g = np.concatenate([2.0 * phases, 3.0 * phases])
    found = group(g, np.repeat([0.0, 1.0], 30), 5, gamma=0.1, pump_rate=2.0)
    assert [(e.number, e.detuning) for e in found] == [(30, 0.0), (30, 1.0)]
    assert [e.g_modes[0] for e in found] == pytest.approx([2.0, 3.0])
    assert {(e.gamma, e.pump_rate) for e in found} == {(0.1, 2.0)}


def test_two_directions_keep_their_relative_phase():
    phi = np.linspace(0, np.pi, 4, endpoint=False)
    found = group(np.exp(1j * np.outer(phi, [1, -1])), groups=10, gamma=0.1)
    relative = sorted(np.angle(e.g_modes[1] / e.g_modes[0]) % (2 * np.pi) for e in found)
    np.testing.assert_allclose(relative, np.sort((-2 * phi) % (2 * np.pi)), atol=1e-9)


def test_the_spread_inside_the_groups_vanishes_as_their_number_grows():
    random = np.random.default_rng(1)
    g, shifts = random.uniform(0.5, 1.5, 2000), random.normal(size=2000)
    exact = np.mean(g**4 * shifts**2)
    errors = []
    for groups in (4, 16, 64):
        found = group(g, shifts, groups, gamma=0.1)
        mean = sum(e.number * abs(e.g_modes[0]) ** 4 * e.detuning**2 for e in found) / 2000
        errors.append(abs(mean / exact - 1))
    assert errors[2] < 0.05
    assert errors[2] < errors[1] < errors[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: group([1.0, 2.0]), "gamma"),
        (lambda: group([1.0, np.nan], gamma=0.1), "finite"),
        (lambda: group([1.0], gamma=0.1, groups=0), "groups"),
        (lambda: group(np.ones((2, 2, 2)), gamma=0.1), "shape"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(InputError, match=message):
        call()
