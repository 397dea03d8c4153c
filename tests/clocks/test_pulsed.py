"""The pulsed clock: single lines, cycle statistics, independent parts, the published clock."""

from __future__ import annotations

from dataclasses import replace
from math import tau

import numpy as np
import pytest

from atomcavity.clocks.deviation import deviation
from atomcavity.clocks.noise import Noise
from atomcavity.clocks.pulsed import Fluctuation, PulsedClock
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
from atomcavity.dynamics.dicke.centre import ESTIMATORS, line_centre
from atomcavity.errors import InputError

KAPPA = tau * 1.2e6
OMEGA = tau * 429228004229873.2  # 87Sr clock line
LATTICE = Fluctuation("lattice", tau * 735.0, tau * 2000.0)
CAVITY = Noise(white_fm=2.0e-24, random_walk_fm=2.0e-22)


def microclock(number: int = 400, ratio: float = 0.0, **given) -> PulsedClock:
    """A clock with the microclock paper's rates; the cavity at ratio = Delta/kappa."""
    mode = CavityMode(KAPPA, KAPPA / 2, detuning=ratio * KAPPA)
    made = {"frequency": OMEGA, "period": 1.0, "window": 0.1} | given
    return PulsedClock(system=CavitySystem([Emitters(number, tau * 300)], [mode]), **made)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(("number", "ratio"), [(400, 0.0833), (400, -1.7), (37, 0.4), (3, 4.0), (1, 1.0)])
def test_quiet_clock_shows_its_line(number, ratio, estimator):
    clock = microclock(number, ratio, estimator=estimator)
    series = clock.run(3)
    assert series.number.tolist() == [number] * 3
    assert series.cavity == pytest.approx([ratio * KAPPA] * 3)
    scale = number * clock.ladder.rate
    np.testing.assert_allclose(series.centre, line_centre(clock.system, estimator), rtol=0, atol=1e-9 * scale)
    np.testing.assert_allclose(series.y * OMEGA, series.centre, rtol=1e-12)


def test_white_shifts_alone():
    series = microclock(shifts=(LATTICE,)).run(30_000, seed=3)
    found = deviation(series)
    c, error = found.coefficient(-0.5)
    law = np.std(series.shift) / OMEGA
    assert c == pytest.approx(735 / 429228004229873.2, abs=4 * error)
    assert found.at(1.0) == pytest.approx(law, rel=0.02)
    assert series.shift.mean() == pytest.approx(LATTICE.mean, abs=4 * LATTICE.deviation / 30_000**0.5)


def test_parts_have_their_own_streams():
    clock = microclock(shifts=(LATTICE,), number_spread=40.0, cavity_noise=CAVITY, readout=tau * 9.0)
    whole = clock.run(300, seed=5)
    alone = {name: clock.run(300, seed=5, parts={name}) for name in clock.parts}
    assert set(alone) == {"number", "lattice", "cavity", "readout"}
    assert np.array_equal(whole.number, alone["number"].number)
    assert np.array_equal(whole.shift, alone["lattice"].shift)
    np.testing.assert_allclose(
        whole.cavity + whole.shift, alone["cavity"].cavity + LATTICE.mean, atol=1e-9 * KAPPA
    )
    reordered = replace(clock, shifts=(Fluctuation("other", 1.0), LATTICE))
    assert np.array_equal(reordered.run(300, seed=5, parts={"lattice"}).shift, whole.shift)
    assert np.array_equal(clock.run(100, seed=5).shift, whole.shift[:100])
    assert not np.array_equal(clock.run(300, seed=6).shift, whole.shift)
    with pytest.raises(InputError, match="unknown part 'latice'; did you mean 'lattice'"):
        clock.run(10, parts={"latice"})
