"""Trajectories added to those of an earlier result: one longer computation, and one target for all of them."""

from __future__ import annotations

import numpy as np
import pytest

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Emitters,
    Jumps,
    correlation,
    evolve,
    steady_state,
)

MODES = [CavityMode(20.0)]
ONE = CavitySystem([Emitters(3, g=1.0, gamma=0.4, pump_rate=0.7)], MODES)
ENDING = CavitySystem([Emitters(3, g=1.0, gamma=0.4)], MODES)
TWO = CavitySystem([Emitters(1, g=1.0, gamma=0.4, pump_rate=0.7), Emitters(1, g=1.5, pump_rate=0.7)], MODES)
DELAYS = [0.0, 0.5]
WAYS = [("kept", ONE), ("eliminated", ONE), ("kept", TWO)]
IDS = ["window", "chain", "sectors"]


@pytest.mark.parametrize("pulse", [False, True])
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("cavity", ["kept", "eliminated"])
def test_correlations_in_two_parts_are_those_of_one_run(cavity: str, order: int, pulse: bool) -> None:
    system, initial = (ENDING, "inverted") if pulse else (ONE, None)

    def ask(count: int, more: object = None):  # type: ignore[no-untyped-def]
        method = Jumps(count, seed=9, cavity=cavity)
        return correlation(system, DELAYS, order=order, initial=initial, method=method, more=more)  # type: ignore[arg-type]

    both, once = ask(60, ask(40)), ask(100)
    np.testing.assert_allclose(both.value, once.value, rtol=1e-9)
    np.testing.assert_allclose(both.normalised, once.normalised, rtol=1e-9)
    np.testing.assert_allclose(both.error, once.error, rtol=0.5, atol=1e-12)
    for name in ("watched", "photon_numbers"):
        np.testing.assert_allclose(both.record.parameters[name], once.record.parameters[name], rtol=1e-9)


@pytest.mark.parametrize(("cavity", "system"), WAYS, ids=IDS)
def test_a_target_counts_the_earlier_trajectories(cavity: str, system: CavitySystem) -> None:
    for ask in (
        lambda method, more: steady_state(system, method=method, more=more),
        lambda method, more: evolve(system, DELAYS, method=method, more=more),
        lambda method, more: correlation(system, DELAYS, method=method, more=more),
    ):
        part = ask(Jumps(400, seed=3, cavity=cavity), None)
        reached = part.record.parameters["watched"]
        target = 0.99 * reached[1] / abs(reached[0])  # missed, but by little
        missed = ask(Jumps(20, seed=3, cavity=cavity, target_error=target / 9), None)
        assert any("relative error" in text for text in missed.warnings)
        more = ask(Jumps(4000, seed=3, cavity=cavity, target_error=target), part)
        assert more.record.parameters["method"]["trajectories"] < 520
        assert not any("relative error" in text for text in more.warnings)
        mean, error = more.record.parameters["watched"]
        assert error <= target * abs(mean)
        full = ask(Jumps(400, seed=3, cavity=cavity, target_error=2 * target), missed)  # no longer missed
        assert not any("relative error" in text for text in full.warnings)


def test_the_watched_error_is_that_of_all_values() -> None:
    from atomcavity.dynamics.jumps.pool import Watched, relative

    values = np.random.default_rng(0).normal(3.0, 1.0, 50)
    for cut in (1, 20, 49):
        both = Watched().added(values[:cut]).added(values[cut:])
        assert both.mean == pytest.approx(values.mean())
        assert both.error == pytest.approx(values.std(ddof=1) / np.sqrt(50))
        assert both.relative == pytest.approx(relative(values))
