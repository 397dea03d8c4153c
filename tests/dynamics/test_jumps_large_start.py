"""Ladders of identical emitters: the amplitudes of local jumps, and the ladders that a mixture starts in."""

from __future__ import annotations

from math import comb

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, Preparation
from atomcavity.dynamics.jumps.chain_amplitudes import ladder_amplitudes, local_square
from atomcavity.dynamics.jumps.chain_merge import merged
from atomcavity.dynamics.jumps.chain_start import start_of
from atomcavity.dynamics.jumps.units import local_amplitudes
from atomcavity.parallel import spawn_seeds


def test_a_mixture_has_as_much_of_each_ladder_as_there_are_states() -> None:
    number, runs = 7, 4000
    merge = merged(CavitySystem([Emitters(number, g=1.0)], [CavityMode(100.0)]))
    assert merge is not None
    start = start_of(merge, Preparation([np.diag([0.5, 0.5])]))
    states, _ = start.states(spawn_seeds(3, runs))
    for k in range(number // 2 + 1):  # 2J + 1 = N - 2k + 1 states of C(N, k) - C(N, k - 1) ladders among 2^N
        p = (number - 2 * k + 1) * (comb(number, k) - (comb(number, k - 1) if k else 0)) / 2**number
        seen = np.mean(states[:, 0] == number / 2 - k)
        assert abs(seen - p) < 4 * np.sqrt(p * (1 - p) / runs)


@settings(deadline=None, max_examples=30)
@given(number=some.integers(1, 60), data=some.data())
def test_compiled_amplitudes_are_those_of_the_ladders(number: int, data: some.DataObject) -> None:
    twice_j = number - 2 * data.draw(some.integers(0, number // 2))
    for charge in (-1, 0, 1):
        squares = np.zeros(twice_j + 1)
        for change in (-1, 0, 1):
            amplitude = ladder_amplitudes(number, twice_j, change, charge)
            assert np.array_equal(amplitude, local_amplitudes(number, twice_j, change, charge))
            m = np.arange(twice_j + 1) - twice_j / 2
            again = [local_square(number / 2, twice_j / 2, x, change, charge) for x in m]
            assert np.allclose(amplitude**2, again, atol=1e-12)
            squares += amplitude**2
        excited = number / 2 + np.arange(twice_j + 1) - twice_j / 2
        expected = {-1: excited, 1: number - excited, 0: np.full(twice_j + 1, number)}[charge]
        assert np.allclose(squares, expected, atol=1e-10)
