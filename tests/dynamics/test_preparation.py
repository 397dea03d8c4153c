"""Preparations: what a pulse does, which emitters are there, and what is refused."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, LevelScheme, Preparation
from atomcavity.errors import InputError

TWO = CavitySystem([Emitters(3, 1.0, 0.1), Emitters(2, 2.0, 0.1)], [CavityMode(2.0)])
LAMBDA = CavitySystem(
    [
        Emitters(
            1, levels=LevelScheme(("g", "s", "e"), couplings={("g", "e"): (1.0,)}, drives={("s", "e"): 0.5})
        )
    ],
    [CavityMode(1.0)],
)
angles = st.floats(-10, 10)


@given(area=angles, phase=angles)
@settings(max_examples=30, deadline=None)
def test_a_pulse_is_the_propagator_of_its_hamiltonian(area, phase):
    from scipy.linalg import expm

    raise_ = np.array([[0, 0], [1, 0]])  # |e><g|
    h = np.exp(1j * phase) * raise_ + np.exp(-1j * phase) * raise_.T
    ground = np.diag([1.0, 0.0])
    u = expm(-0.5j * area * h)
    for matrix in Preparation.pulse(area, phase).matrices(TWO):
        np.testing.assert_allclose(matrix, u @ ground @ u.conj().T, atol=1e-12)


def test_pulses_differ_from_group_to_group():
    first, second = Preparation.pulse([math.pi, math.pi / 2], [0.0, 0.3]).matrices(TWO)
    assert first[1, 1] == pytest.approx(1.0)
    assert second[1, 0] == pytest.approx(-0.5j * np.exp(0.3j))


def test_levels_and_vectors_of_pure_and_mixed_states():
    assert Preparation("inverted").levels(TWO) == [1, 1]
    assert Preparation("ground").levels(TWO) == [0, 0]
    assert Preparation("inverted").levels(LAMBDA) == [
        1
    ]  # s and e can give one photon each: the first of them
    assert Preparation(["excited", "ground"]).levels(TWO) == [1, 0]
    half = Preparation.pulse(math.pi / 2)
    assert half.levels(TWO) is None
    for vector, matrix in zip(half.vectors(TWO), half.matrices(TWO), strict=True):
        np.testing.assert_allclose(np.outer(vector, vector.conj()), matrix, atol=1e-12)
    assert Preparation([np.diag([0.5, 0.5])] * 2).vectors(TWO) is None


def test_filled_sites_take_their_states_with_them():
    system, prepared = Preparation(["excited", "ground"], phase=[0.1, 0.2], filled=[0, 1]).applied(TWO)
    assert [e.number for e in system.emitters] == [1]
    assert system.emitters[0] == Emitters(1, 2.0, 0.1)
    assert prepared == Preparation(("ground",), 0.0, (0.2,))
    assert Preparation("inverted").applied(TWO)[0] is TWO


def test_the_dictionary_is_plain_data():
    given_ = Preparation(["excited", [0.6, 0.8j]], area=0.5, phase=[0.0, 1.0], filled=[3, 1])
    back = Preparation.from_dict(json.loads(json.dumps(given_.to_dict())))
    assert back.to_dict() == given_.to_dict()
    for a, b in zip(back.matrices(TWO), given_.matrices(TWO), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("prepared", "message"),
    [
        (lambda: Preparation("halfway"), "halfway"),
        (lambda: Preparation.pulse(np.nan), "area"),
        (lambda: Preparation(["excited"]).matrices(TWO), "1 value"),
        (lambda: Preparation(["excited", "up"]).matrices(TWO), "up"),
        (lambda: Preparation([[1, 1], "ground"]).matrices(TWO), "group 0"),
        (lambda: Preparation([np.diag([0.7, 0.7]), "ground"]).matrices(TWO), "group 0"),
        (lambda: Preparation(filled=[1]).applied(TWO), "filled"),
        (lambda: Preparation(filled=[4, 0]).applied(TWO), r"filled\[0\]"),
        (lambda: Preparation(filled=[0, 0]).applied(TWO), "no emitter"),
    ],
)
def test_refusals(prepared, message):
    with pytest.raises(InputError, match=message):
        prepared()
