"""Which method answers which question: the table is complete, the choice is explained, refusals name a way."""

from __future__ import annotations

import importlib
import inspect

import numpy as np
import pytest

import atomcavity.dynamics as dynamics
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, LevelScheme
from atomcavity.dynamics.choice import ANSWERS, choose
from atomcavity.dynamics.methods import METHODS
from atomcavity.errors import InputError

SMALL = CavitySystem([Emitters(2, 1.0, 0.1, pump_rate=1.0)], [CavityMode(2.0)])
BAD_CAVITY = CavitySystem([Emitters(400, 1.0, pump_rate=0.02)], [CavityMode(4e4)])
PULSE = CavitySystem([Emitters(5000, 1.0)], [CavityMode(4e4)])
UNEQUAL = CavitySystem(
    [Emitters(100, 1.0 + k / 10, 0.1, pump_rate=9.0, detuning=k - 5.0) for k in range(11)], [CavityMode(50.0)]
)
LEVELS = LevelScheme(
    ("g", "e", "x"), {("g", "e"): (1.0,)}, decays={("e", "g"): 0.1, ("g", "x"): 1.0, ("x", "e"): 5.0}
)
MANY_LEVELS = CavitySystem([Emitters(10_000, levels=LEVELS)], [CavityMode(2.0)])
DRIVEN = CavitySystem([Emitters(500, 0.1, 1.0)], [CavityMode(2.0)], drive=3.0)


@pytest.mark.parametrize("question", ANSWERS)
def test_every_entry_of_the_table_is_a_function_that_takes_the_question(question):
    for entry in ANSWERS[question].values():
        module, _, name = entry.partition(":")
        function = getattr(importlib.import_module(f"atomcavity.dynamics.{module}"), name)
        assert list(inspect.signature(function).parameters)[:2] == ["system", "method"], entry


@pytest.mark.parametrize(
    ("question", "system", "chosen"),
    [
        ("steady_state", SMALL, "Exact()"),
        ("steady_state", BAD_CAVITY, "Exact(cavity='eliminated')"),
        ("evolve", PULSE, "DickeLadder()"),
        ("steady_state", UNEQUAL, "Cumulants()"),
        ("evolve", UNEQUAL, "TruncatedWigner()"),
        ("spectrum", UNEQUAL, "Linearised()"),
        ("steady_state", MANY_LEVELS, "MeanField()"),
        ("steady_state", DRIVEN, "MeanField()"),
        ("transmission", PULSE, "LinearResponse()"),
        ("branches", SMALL, "MeanField()"),
    ],
)
def test_the_choice_by_size_and_symmetry(question, system, chosen):
    method, reason = choose(question, system)
    assert method == eval(chosen, vars(dynamics))
    assert reason


@pytest.mark.parametrize("method", METHODS, ids=lambda kind: kind.__name__)
def test_a_method_refuses_by_name_of_those_that_can(method):
    asked = {
        "steady_state": lambda: dynamics.steady_state(SMALL, method=method()),
        "evolve": lambda: dynamics.evolve(SMALL, [0.0, 1.0], method=method()),
        "spectrum": lambda: dynamics.spectrum(SMALL, method=method()),
        "correlation": lambda: dynamics.correlation(SMALL, [0.0], method=method()),
        "transmission": lambda: dynamics.transmission(SMALL, [0.0], method=method()),
        "branches": lambda: dynamics.branches(SMALL, method=method()),
    }
    for question, ask in asked.items():
        able = {kind.__name__ for kind, _ in ANSWERS[question]}
        if method.__name__ in able:
            continue
        with pytest.raises(InputError) as refusal:
            ask()
        assert any(f"{name}()" in str(refusal.value) for name in able)
        assert method.__name__ in str(refusal.value)


def test_the_reason_is_in_the_result():
    found = dynamics.steady_state(BAD_CAVITY)
    assert "follows" in found.record.reason
    assert np.isfinite(found.photon_number).all()
