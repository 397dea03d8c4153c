"""Seeds that do not depend on how the work is shared, and honest progress lines."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from atomcavity.parallel import Progress, spawn_seeds


@given(st.integers(0, 2**64), st.integers(0, 50), st.integers(1, 50))
def test_streams_depend_on_seed_and_number_only(seed: int, first: int, count: int) -> None:
    np.testing.assert_array_equal(
        spawn_seeds(seed, 100)[first : first + count], spawn_seeds(seed, count, first=first)
    )


def test_streams_differ_and_their_bits_are_fair() -> None:
    seeds = np.concatenate([spawn_seeds(seed, 20000) for seed in (0, 1)])
    assert len(np.unique(seeds, axis=0)) == len(seeds)
    assert len(np.unique(seeds)) == seeds.size
    ones = np.unpackbits(seeds.view(np.uint8)).mean()
    assert abs(ones - 0.5) < 5 * 0.5 / np.sqrt(seeds.size * 64)


def test_kernel_numbers_are_uniform() -> None:
    from scipy import stats

    from atomcavity.dynamics.jumps.kernel import uniform

    drawn = np.array([[uniform(row) for _ in range(3)] for row in spawn_seeds(3, 4000)])
    assert drawn.min() > 0
    assert drawn.max() <= 1
    for k in range(3):
        assert stats.kstest(drawn[:, k], "uniform").pvalue > 1e-3
    assert np.all(np.abs(np.corrcoef(drawn.T) - np.eye(3)) < 0.08)


def test_progress_weighs_the_steps() -> None:
    lines: list[str] = []
    times = iter([0.0, 0.0, 1.0, 4.0])
    progress = Progress(2, weights=[1.0, 3.0], write=lines.append, clock=lambda: next(times))
    progress("short")
    progress("long")
    progress.done()
    assert lines == ["[1/2] short (0 s)", "[2/2] long (1 s, about 3 s left)", "done (4 s)"]
    Progress(1, quiet=True, write=lines.append)("nothing")
    assert len(lines) == 3
