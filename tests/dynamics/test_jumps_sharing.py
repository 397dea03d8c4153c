"""Trajectories shared by processes, added to earlier ones, until an error or a time is reached."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from atomcavity.detection import clicks
from atomcavity.dynamics import correlation, evolve, steady_state
from atomcavity.dynamics.methods import Exact, Jumps
from atomcavity.dynamics.system import CavityMode, CavitySystem, Emitters
from atomcavity.errors import InputError
from atomcavity.results import Result

WAVES = CavitySystem(
    [Emitters(1, (np.exp(1j * k), np.exp(-1j * k)), gamma=0.2, pump_rate=0.6) for k in (0.3, 1.2)],
    [CavityMode(2.0)] * 2,
)
TIMES = np.linspace(0, 3, 5)


def numbers(result: Result) -> dict[str, np.ndarray]:
    names = [f.name for f in dataclasses.fields(result) if f.name != "record"]
    return {name: np.asarray(getattr(result, name)) for name in names}


def same(one: Result, two: Result) -> None:
    for name, value in numbers(one).items():
        np.testing.assert_array_equal(value, numbers(two)[name], err_msg=name)


def close(one: Result, two: Result, rtol: float = 1e-9) -> None:
    for name, value in numbers(one).items():
        if name == "g2_error":  # made linear around each part's own g2
            rtol = 0.05
        np.testing.assert_allclose(numbers(two)[name], value, rtol=rtol, atol=1e-12, err_msg=name)


@pytest.mark.slow
def test_processes_change_nothing() -> None:
    for ask in (
        lambda workers: steady_state(WAVES, method=Jumps(20, seed=3, workers=workers)),
        lambda workers: evolve(WAVES, TIMES, method=Jumps(20, seed=3, workers=workers)),
        lambda workers: correlation(WAVES, TIMES, method=Jumps(20, seed=3, workers=workers)),
    ):
        same(ask(1), ask(2))
    one, two = (clicks(WAVES, 20.0, trajectories=10, seed=1, workers=workers) for workers in (1, 2))
    np.testing.assert_array_equal(one.time, two.time)
    np.testing.assert_array_equal(one.run, two.run)
    np.testing.assert_array_equal(one.channel, two.channel)


def test_trajectories_are_added() -> None:
    method = Jumps(16, seed=4, duration=20.0)
    whole = steady_state(WAVES, method=dataclasses.replace(method, trajectories=40))
    part = steady_state(WAVES, method=method)
    more = steady_state(WAVES, method=dataclasses.replace(method, trajectories=24), more=part)
    assert more.record.parameters["method"]["trajectories"] == 40
    close(whole, more)


def test_trajectories_of_an_evolution_are_added() -> None:
    whole = evolve(WAVES, TIMES, method=Jumps(40, seed=4))
    part = evolve(WAVES, TIMES, method=Jumps(16, seed=4))
    close(whole, evolve(WAVES, TIMES, method=Jumps(24, seed=4), more=part))


def test_other_questions_are_not_added_to() -> None:
    part = steady_state(WAVES, method=Jumps(4, seed=4, duration=20.0))
    other = dataclasses.replace(WAVES, reference=1.0)
    with pytest.raises(InputError, match="another system"):
        steady_state(other, method=Jumps(4, seed=4, duration=20.0), more=part)
    with pytest.raises(InputError, match="seed = 4, not 5"):
        steady_state(WAVES, method=Jumps(4, seed=5, duration=20.0), more=part)
    with pytest.raises(InputError, match="duration"):
        steady_state(WAVES, method=Jumps(4, seed=4, duration=30.0), more=part)
    with pytest.raises(InputError, match="result of Exact"):
        steady_state(WAVES, method=Jumps(4, seed=4), more=steady_state(WAVES, method=Exact()))
    old = evolve(WAVES, TIMES, method=Jumps(4))
    with pytest.raises(InputError, match="initial"):
        evolve(WAVES, TIMES, initial="ground", method=Jumps(4), more=old)
    with pytest.raises(InputError, match="time"):
        evolve(WAVES, TIMES[:3], method=Jumps(4), more=old)


def test_a_target_is_reached_or_missed_with_a_warning() -> None:
    found = steady_state(WAVES, method=Jumps(2000, seed=1, target_error=0.05))
    done = found.record.parameters["method"]["trajectories"]
    assert done < 2000
    brightest = int(np.argmax(found.photon_number))
    assert found.photon_number_error[brightest] <= 0.05 * found.photon_number[brightest]
    assert not found.warnings
    missed = steady_state(WAVES, method=Jumps(20, seed=1, target_error=0.001))
    assert any("not 0.001" in text for text in missed.warnings)


def test_a_time_budget_ends_the_work() -> None:
    found = steady_state(WAVES, method=Jumps(10**6, seed=1, target_error=1e-6, time_budget=0.3))
    assert 16 <= found.record.parameters["method"]["trajectories"] < 10**6
    assert any("time budget" in text for text in found.warnings)
