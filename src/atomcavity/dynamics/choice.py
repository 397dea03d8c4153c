"""Which method answers which question: the table, the refusals, and the choice where the user makes none."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from atomcavity.dynamics import methods as m
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError

EXACT_ELEMENTS = 1e5  # estimated density-matrix elements up to which Exact is chosen
LADDER_NUMBER = 1000  # identical emitters up to which Exact with the cavity eliminated is chosen
FEW_GROUPS = 8  # groups beyond which moments are chosen instead of trajectories
JUMPS_NUMBER = 300  # emitters up to which Jumps is chosen

# question -> (method, cavity) -> module:function in this room, called as function(system, method, **question)
ANSWERS: dict[str, dict[tuple[type, str], str]] = {
    "steady_state": {
        (m.Exact, "kept"): "exact:exact_steady_state",
        (m.Exact, "eliminated"): "ladder_exact:ladder_steady_state",
        (m.Jumps, "kept"): "jumps:jumps_steady_state",
        (m.Jumps, "eliminated"): "jumps_chain:chain_steady_state",
        (m.Cumulants, "kept"): "cumulants:cumulants_steady_state",
        (m.Cumulants, "eliminated"): "cumulants:cumulants_steady_state",
        (m.MeanField, ""): "mean_field:mean_field_steady_state",
        (m.TruncatedWigner, "kept"): "truncated_wigner:wigner_steady_state",
        (m.TruncatedWigner, "eliminated"): "truncated_wigner:wigner_steady_state",
    },
    "evolve": {
        (m.Exact, "kept"): "exact_evolve:exact_evolve",
        (m.Exact, "eliminated"): "ladder_exact:ladder_evolve",
        (m.Jumps, "kept"): "jumps:jumps_evolve",
        (m.Jumps, "eliminated"): "jumps_chain:chain_evolve",
        (m.DickeLadder, ""): "dicke_ladder:dicke_evolve",
        (m.Cumulants, "kept"): "cumulants:cumulants_evolve",
        (m.Cumulants, "eliminated"): "cumulants:cumulants_evolve",
        (m.MeanField, ""): "mean_field:mean_field_evolve",
        (m.TruncatedWigner, "kept"): "truncated_wigner:wigner_evolve",
        (m.TruncatedWigner, "eliminated"): "truncated_wigner:wigner_evolve",
    },
    "spectrum": {
        (m.Exact, "kept"): "exact_spectrum:exact_spectrum",
        (m.Exact, "eliminated"): "ladder_exact:ladder_spectrum",
        (m.DickeLadder, ""): "dicke_ladder:dicke_spectrum",
        (m.Cumulants, "kept"): "cumulants:cumulants_spectrum",
        (m.Cumulants, "eliminated"): "cumulants:cumulants_spectrum",
        (m.Linearised, ""): "linearised:linearised_spectrum",
        (m.TruncatedWigner, "kept"): "truncated_wigner:wigner_spectrum",
        (m.TruncatedWigner, "eliminated"): "truncated_wigner:wigner_spectrum",
    },
    "correlation": {
        (m.Exact, "kept"): "exact_correlation:exact_correlation",
        (m.Exact, "eliminated"): "ladder_exact:ladder_correlation",
        (m.Jumps, "kept"): "jumps_correlation:jumps_correlation",
        (m.Jumps, "eliminated"): "jumps_chain:chain_correlation",
        (m.DickeLadder, ""): "dicke_ladder:dicke_correlation",
        (m.Cumulants, "kept"): "cumulants:cumulants_correlation",
        (m.Cumulants, "eliminated"): "cumulants:cumulants_correlation",
        (m.TruncatedWigner, "kept"): "truncated_wigner:wigner_correlation",
        (m.TruncatedWigner, "eliminated"): "truncated_wigner:wigner_correlation",
    },
    "transmission": {(m.LinearResponse, ""): "linear_response:linear_transmission"},
    "branches": {(m.MeanField, ""): "mean_field:mean_field_branches"},
}

NAMES = {
    "steady_state": "a stationary state",
    "evolve": "an evolution in time",
    "spectrum": "a spectrum",
    "correlation": "two-time correlations",
    "transmission": "the transmission of a probe",
    "branches": "classical branches",
}

WHY = {
    (m.MeanField, "spectrum"): " (a classical amplitude has no linewidth)",
    (m.MeanField, "correlation"): " (a classical amplitude has no fluctuations)",
    (m.DickeLadder, "steady_state"): " (without a pump the ladder ends in the dark)",
    (m.Jumps, "spectrum"): " (it gives g1 by `correlation` and clicks)",
}


def answer(question: str, system: CavitySystem, method: Any, **given: Any) -> Any:
    """The method's answer to a question.

    Raises `InputError` if the method does not answer it, naming those that do.
    """
    table = ANSWERS[question]
    kind, cavity = type(method), getattr(method, "cavity", "")
    if (kind, cavity) not in table:
        names = sorted({known.__name__ + "()" for known, _ in table})
        if kind not in m.METHODS:
            raise InputError(f"method = {method!r} must be one of {', '.join(names)}")
        why = WHY.get((kind, question), "")
        raise InputError(
            f"{kind.__name__} does not give {NAMES[question]}{why}; use method={' or '.join(names)}"
        )
    module, _, function = table[kind, cavity].partition(":")
    solve: Callable[..., Any] = getattr(importlib.import_module(f"atomcavity.dynamics.{module}"), function)
    return solve(system, method, **given)


def choose(question: str, system: CavitySystem) -> tuple[Any, str]:
    """The method for a question and the reason, by size and symmetry of the system."""
    if question == "transmission":
        return m.LinearResponse(), "the only method that gives a transmission"
    if question == "branches":
        return m.MeanField(), "the only method that gives branches"
    from atomcavity.dynamics.size import estimate

    elements = estimate(system)
    if elements <= EXACT_ELEMENTS or system.driven:
        return m.Exact(), f"chosen because about {elements:.2g} density-matrix elements are few enough"
    big = f"Exact would need about {elements:.2g} density-matrix elements"
    if _one_ladder(system) and system.number <= LADDER_NUMBER:
        return m.Exact(
            cavity="eliminated"
        ), f"chosen because the cavity follows the emitters at once and {big}"
    if question == "spectrum":
        return m.Exact(), f"chosen although it needs about {elements:.2g} density-matrix elements"
    if any(group.levels is not None for group in system.emitters):
        return m.Jumps(), f"chosen because {big}"
    if len(system.emitters) > FEW_GROUPS or system.number > JUMPS_NUMBER:
        return (
            m.Cumulants(),
            f"chosen because there are {system.number} emitters in {len(system.emitters)} groups and {big}",
        )
    return m.Jumps(), f"chosen because {big}"


def _one_ladder(system: CavitySystem) -> bool:
    """Whether the system is one group whose light follows it at once."""
    from atomcavity.dynamics.elimination import eliminate

    if len(system.emitters) > 1 or system.emitters[0].levels is not None or system.driven:
        return False
    return not eliminate(system).warnings
