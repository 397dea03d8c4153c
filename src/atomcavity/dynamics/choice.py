"""Which method answers which question: the table, the refusals, and the choice where the user makes none."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

from atomcavity.dynamics import methods as m
from atomcavity.dynamics.elimination import eliminate
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError

EXACT_ELEMENTS = 1e5  # estimated density-matrix elements up to which Exact is chosen
LADDER_NUMBER = 1000  # identical emitters up to which their ladders are followed exactly
FEW_GROUPS = 8  # groups beyond which moments are chosen instead of trajectories
JUMPS_STATES = 300  # products of ladder states up to which Jumps is chosen
JUMPS_LENGTH = 1e5  # estimated jumps of one trajectory up to which Jumps is chosen
FEW_LEVELS = 10  # emitters with level schemes up to which Jumps is chosen

# question -> (method, cavity) -> module:function in this room, called as function(system, method, **question)
ANSWERS: dict[str, dict[tuple[type, str], str]] = {
    "steady_state": {
        (m.Exact, "kept"): "exact.steady:exact_steady_state",
        (m.Exact, "eliminated"): "ladder.answers:ladder_steady_state",
        (m.Jumps, "kept"): "jumps.answers:jumps_steady_state",
        (m.Jumps, "eliminated"): "jumps.chain:chain_steady_state",
        (m.Cumulants, "kept"): "cumulants.answers:cumulants_steady_state",
        (m.Cumulants, "eliminated"): "cumulants.answers:cumulants_steady_state",
        (m.MeanField, ""): "mean_field.answers:mean_field_steady_state",
        (m.TruncatedWigner, "kept"): "wigner.answers:wigner_steady_state",
        (m.TruncatedWigner, "eliminated"): "wigner.answers:wigner_steady_state",
    },
    "evolve": {
        (m.Exact, "kept"): "exact.evolve:exact_evolve",
        (m.Exact, "eliminated"): "ladder.answers:ladder_evolve",
        (m.Jumps, "kept"): "jumps.answers:jumps_evolve",
        (m.Jumps, "eliminated"): "jumps.chain:chain_evolve",
        (m.DickeLadder, "eliminated"): "dicke.pulse:dicke_evolve",
        (m.DickeLadder, "kept"): "dicke.pulse:kept_evolve",
        (m.Cumulants, "kept"): "cumulants.answers:cumulants_evolve",
        (m.Cumulants, "eliminated"): "cumulants.answers:cumulants_evolve",
        (m.MeanField, ""): "mean_field.answers:mean_field_evolve",
        (m.TruncatedWigner, "kept"): "wigner.answers:wigner_evolve",
        (m.TruncatedWigner, "eliminated"): "wigner.answers:wigner_evolve",
    },
    "spectrum": {
        (m.Exact, "kept"): "exact.spectrum:exact_spectrum",
        (m.Exact, "eliminated"): "ladder.answers:ladder_spectrum",
        (m.DickeLadder, "eliminated"): "dicke.answers:dicke_spectrum",
        (m.Cumulants, "kept"): "cumulants.answers:cumulants_spectrum",
        (m.Cumulants, "eliminated"): "cumulants.answers:cumulants_spectrum",
        (m.Linearised, ""): "linearised.answers:linearised_spectrum",
        (m.TruncatedWigner, "kept"): "wigner.answers:wigner_spectrum",
        (m.TruncatedWigner, "eliminated"): "wigner.answers:wigner_spectrum",
    },
    "correlation": {
        (m.Exact, "kept"): "exact.correlation:exact_correlation",
        (m.Exact, "eliminated"): "ladder.answers:ladder_correlation",
        (m.Jumps, "kept"): "jumps.correlation:jumps_correlation",
        (m.Jumps, "eliminated"): "jumps.chain:chain_correlation",
        (m.DickeLadder, "eliminated"): "dicke.answers:dicke_correlation",
        (m.Cumulants, "kept"): "cumulants.answers:cumulants_correlation",
        (m.Cumulants, "eliminated"): "cumulants.answers:cumulants_correlation",
        (m.TruncatedWigner, "kept"): "wigner.answers:wigner_correlation",
        (m.TruncatedWigner, "eliminated"): "wigner.answers:wigner_correlation",
    },
    "transmission": {(m.LinearResponse, ""): "probe.answers:linear_transmission"},
    "branches": {(m.MeanField, ""): "mean_field.answers:mean_field_branches"},
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
        if any(known is kind for known, _ in table):
            raise InputError(
                f"{kind.__name__}(cavity={cavity!r}) does not give {NAMES[question]}; use cavity='eliminated' or Exact()"
            )
        why = WHY.get((kind, question), "")
        raise InputError(
            f"{kind.__name__} does not give {NAMES[question]}{why}; use method={' or '.join(names)}"
        )
    module, _, function = table[kind, cavity].partition(":")
    solve: Callable[..., Any] = getattr(importlib.import_module(f"atomcavity.dynamics.{module}"), function)
    return solve(system, method, **given)


def choose(question: str, system: CavitySystem, **given: Any) -> tuple[Any, str]:
    """The method for a question and the reason, by size and symmetry of the system.

    given  the question's own arguments: only whether a pulse is meant (`initial`) and `times` matter
    """
    if question == "transmission":
        return m.LinearResponse(), "the only method that gives a transmission"
    if question == "branches":
        return m.MeanField(), "the only method that gives branches"
    from atomcavity.dynamics.exact.size import estimate

    elements = estimate(system)
    if elements <= EXACT_ELEMENTS:
        return m.Exact(), f"chosen because about {elements:.2g} density-matrix elements are few enough"
    method, why = _for_many(question, system, **given)
    return (
        method,
        f"chosen because {why}, and Exact() would need about {elements:.2g} density-matrix elements",
    )


def _for_many(question: str, system: CavitySystem, **given: Any) -> tuple[Any, str]:
    """The method for a system that is too large for the density matrix with the cavity kept."""
    number, groups = system.number, len(system.emitters)
    schemes = any(group.levels is not None for group in system.emitters)
    if system.driven or schemes:
        if question == "spectrum":
            return m.Linearised(), "nothing else can"
        if schemes and not system.driven and number <= FEW_LEVELS:
            return m.Jumps(), f"{number} emitters are few"
        if question != "correlation":
            return m.MeanField(), "nothing else can"
        if not schemes:
            return m.TruncatedWigner(), "nothing else can"
        raise InputError(
            f"no method gives two-time correlations of {number} emitters with these levels and drives; use fewer "
            "emitters for Exact(), or spectrum() with Linearised() where the light is classical"
        )
    follows, pulse = _follows(system), given.get("initial") is not None
    if follows and _identical(system):
        return _one_ladder(question, system, pulse)
    if question == "spectrum":
        return (m.TruncatedWigner(), "the light is a pulse") if pulse else _line(system)
    many = f"there are {number} emitters in {groups} groups"
    if groups == 1 and number <= LADDER_NUMBER:
        few, many = True, f"{number} identical emitters form one ladder"
    else:
        few = (
            groups <= FEW_GROUPS and math.prod(group.number + 1 for group in system.emitters) <= JUMPS_STATES
        )
    jumps = _jumps(system, given.get("times"))
    if few and (pulse or jumps <= JUMPS_LENGTH):
        return m.Jumps(), many
    if few:
        many = f"a trajectory would have some {jumps:.1g} jumps"
    if question == "steady_state":
        return m.Cumulants(cavity="eliminated" if follows else "kept"), many
    return m.TruncatedWigner(), many


def _jumps(system: CavitySystem, times: Any) -> float:
    """A rough number of jumps in one trajectory: up to the last of `times`, or in a stationary average."""
    rates = [e.gamma + e.pump_rate + 2 * e.dephasing_rate for e in system.emitters]
    if times is not None:
        duration = float(times[-1])
    else:
        duration = 40 / min((r for r in (*rates, *system.kappas) if r > 0), default=1.0)
    return duration * sum(e.number * r for e, r in zip(system.emitters, rates, strict=True))


def _follows(system: CavitySystem) -> bool:
    """Whether the light follows the emitters at once, so that the cavity may be eliminated."""
    try:
        return not eliminate(system).warnings
    except InputError:  # a mode without losses
        return False


def _identical(system: CavitySystem) -> bool:
    """Whether all emitters are alike, up to the phases of their couplings."""
    from atomcavity.dynamics.ladder.basis import collective

    try:
        collective(system)
    except InputError:
        return False
    return True


def _one_ladder(question: str, system: CavitySystem, pulse: bool) -> tuple[Any, str]:
    """The method for identical emitters whose light follows them at once."""
    group = system.emitters[0]
    why = "the light follows identical emitters at once"
    if (question == "evolve" or pulse) and not (group.gamma or group.pump_rate or group.dephasing_rate):
        return m.DickeLadder(), why
    if system.number <= LADDER_NUMBER:
        return m.Exact(cavity="eliminated"), why
    if question != "spectrum":
        return m.Jumps(cavity="eliminated"), why
    return (m.TruncatedWigner(cavity="eliminated"), "the light is a pulse") if pulse else _line(system)


def _line(system: CavitySystem) -> tuple[Any, str]:
    """The method for the spectrum of many emitters: above threshold the phase diffuses."""
    from atomcavity.dynamics.mean_field.answers import mean_field_branches

    labels = mean_field_branches(system, m.MeanField()).labels
    if any(str(label).startswith("lasing") for label in labels):
        return m.Linearised(), "the laser is above threshold"
    return m.Cumulants(), "the system is below threshold"
