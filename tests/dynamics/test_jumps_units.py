"""Ladders of J and M: local jumps against the same jumps on all 2^N product states."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import null_space

from atomcavity.dynamics.jumps.units import local_amplitudes, units_of
from atomcavity.dynamics.system import CavityMode, CavitySystem, Emitters, LevelScheme
from atomcavity.errors import InputError

LOCAL = {
    -1: np.array([[0.0, 0.0], [1.0, 0.0]]),
    1: np.array([[0.0, 1.0], [0.0, 0.0]]),
    0: np.diag([1.0, -1.0]),
}


def at(op: np.ndarray, u: int, n: int) -> np.ndarray:
    return np.kron(np.kron(np.eye(2**u), op), np.eye(2 ** (n - u - 1)))


def multiplets(n: int) -> dict[int, np.ndarray]:
    """2J -> states (alpha, m, 2^N) with m = 0 ... 2J from the lowest M up."""
    up = sum(at(LOCAL[1], u, n) for u in range(n))
    jz = np.diag(sum(at(LOCAL[0], u, n) for u in range(n))) / 2
    found = {}
    for twice in range(n % 2, n + 1, 2):
        inside = np.flatnonzero(np.isclose(jz, twice / 2))
        tops = null_space(up[:, inside])
        states = np.zeros((tops.shape[1], twice + 1, 2**n))
        for a in range(tops.shape[1]):
            states[a, twice, inside] = tops[:, a]
            for m in range(twice, 0, -1):
                lower = up.T @ states[a, m]
                states[a, m - 1] = lower / np.linalg.norm(lower)
        found[twice] = states
    return found


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("charge", [-1, 0, 1])
def test_local_jumps_are_coherent_within_each_change_of_j(n: int, charge: int) -> None:
    found, rng = multiplets(n), np.random.default_rng(3)
    assert sum(s.shape[0] * s.shape[1] for s in found.values()) == 2**n
    for twice, states in found.items():
        psi = rng.normal(size=twice + 1) + 1j * rng.normal(size=twice + 1)
        vectors = np.einsum("m,amx->ax", psi, states)
        rho = np.einsum("ax,ay->xy", vectors, vectors.conj()) / len(vectors)
        after = sum(at(LOCAL[charge], u, n) @ rho @ at(LOCAL[charge], u, n).T for u in range(n))
        for change in (-1, 0, 1):
            goal = found.get(twice + 2 * change)
            if goal is None:
                continue
            block = np.einsum("amx,xy,any->mn", goal, after, goal)
            amplitude = local_amplitudes(n, twice, change, charge)
            jumped = np.zeros(goal.shape[1], complex)
            for m in range(twice + 1):
                end = m + change + charge
                if amplitude[m] and 0 <= end < len(jumped):
                    jumped[end] += amplitude[m] * psi[m]
            np.testing.assert_allclose(block, np.outer(jumped, jumped.conj()), atol=1e-12)


@given(st.integers(1, 2000), st.floats(0, 1), st.floats(0, 1))
def test_the_three_channels_add_up_to_the_local_rate(n: int, x: float, y: float) -> None:
    twice = n - 2 * int(x * (n // 2))
    m = int(y * twice)
    excited = (n - twice) // 2 + m
    for charge, rate in ((-1, excited), (1, n - excited), (0, n)):
        total = sum(local_amplitudes(n, twice, change, charge)[m] ** 2 for change in (-1, 0, 1))
        assert total == pytest.approx(rate, rel=1e-11, abs=1e-11)


def test_a_level_scheme_without_conserved_number_is_refused() -> None:
    scheme = LevelScheme(("g", "e"), couplings={("g", "e"): (1.0,)}, drives={("g", "e"): 1.0})
    with pytest.raises(InputError, match="excitation number"):
        units_of(CavitySystem([Emitters(1, levels=scheme)], [CavityMode(1.0)]))
