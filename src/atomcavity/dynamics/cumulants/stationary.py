"""Which stationary moments answer: the physical and stable ones, and what must be said about them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from atomcavity.dynamics.cumulants.moments import Complex, Moments, Real
from atomcavity.dynamics.cumulants.newton import State, dark, relax
from atomcavity.dynamics.cumulants.regression import fastest, regression
from atomcavity.dynamics.cumulants.resonant import resonant
from atomcavity.dynamics.cumulants.stability import runs_away
from atomcavity.errors import ConvergenceError, InputError

POLISHED = 400  # classes up to which the nested search is finished by Newton steps
FIRST = 0.1  # first step in time, over the fastest rate
FAINT = 1e-9  # part of the absorbers that is left to make them transparent
MOST = 1500  # classes that a dense Newton step may have
CHECKED = 600  # classes up to which the correlation matrix is diagonalised
TINY = 1e-7  # relative violation that rounding errors may leave
EQUAL = 1e-6  # relative difference at which two solutions count as one


@dataclass(frozen=True, eq=False)
class Stationary:
    """The stationary moments of the classes, how they were found, and the warnings."""

    s: Real
    a: Complex
    c: Complex
    reason: str
    residual: float
    warnings: tuple[str, ...]


def stationary(m: Moments) -> Stationary:
    """The stationary moments that the system reaches when the pump is switched on, or a stable physical one.

    Raises `InputError` where they are not unique or too many, `ConvergenceError` where they are not found.
    """
    _check(m)
    if not m.pump.any():
        s, a, c, _ = dark(m, m.uncoupled)
        return Stationary(s, a, c, "nothing pumps", 0.0, m.warnings)
    nested = resonant(m)
    if nested is not None:
        found = [_polished(m, state) for state in nested]
        reason = "nested scalar roots"
    else:
        if len(m.number) > MOST:
            raise InputError(
                f"{len(m.number)} different groups are too many for Newton's method (at most {MOST}): cluster them with "
                "`group`, or keep the cavity (resonant groups of equal linewidth then take any number)"
            )
        found, steps = _integrated(m)
        reason = f"Newton's method, {steps} steps"
    good = [entry for entry in found if not _flaws(m, entry[0])] or found
    state, change = good[0]
    s, a, c, _ = state
    others = [e[0] for e in good[1:] if _differ(state, e[0])]
    warnings = (*m.warnings, *_flaws(m, state), *_second(others))
    return Stationary(s, a, c, reason, change, warnings)


def _check(m: Moments) -> None:
    frozen = m.perp == 0
    coupled = np.abs(m.g).max(axis=1) > 0
    if m.number[frozen].sum() > 1:
        raise InputError(
            "emitters without decay, pump and dephasing keep their correlations for ever: "
            "there is no unique stationary state; use `evolve`"
        )
    if np.any((m.pump + m.gamma == 0) & ~coupled):
        raise InputError("emitters without decay, pump and coupling keep their populations: use `evolve`")
    if np.any(m.kappa == 0):
        raise InputError("Cumulants() need kappa > 0 of every mode for a stationary state; use Exact()")


def _polished(m: Moments, state: tuple[Real, Complex, Complex]) -> tuple[State, float]:
    if len(m.number) > POLISHED:
        s, a, _ = state
        left = float(np.abs(m.rate_s(s, a)).max() / (m.pump + m.gamma).max())
        return (*state, np.zeros((0, 0), complex)), left
    found, change, _ = relax(m, (*state, m.pairs(*state[:2])), np.inf)
    return found, change


def _integrated(m: Moments) -> tuple[list[tuple[State, float]], int]:
    """From the dark, and where some emitters absorb also from the light that the others make alone."""
    state, change, steps = _settled(m)
    found = [(state, change)]
    absorbing = m.uncoupled < 0
    if absorbing.any() and not absorbing.all():
        transparent = replace(m, number=np.where(absorbing, FAINT * m.number, m.number))
        try:
            lit, _, _ = relax(transparent, dark(m, m.uncoupled), FIRST)
            state, change, more = relax(m, lit, FIRST)
        except ConvergenceError:
            return found, steps
        found.append((state, change))
        steps += more
    return found, steps


def _settled(m: Moments) -> tuple[State, float, int]:
    """From the pumped emitters without light, else from the ground state, with ever more care, until physical."""
    pumped, ground = m.uncoupled, -np.ones(len(m.number))
    care = ((pumped, 0.3, True), (ground, 0.1, True), (pumped, 0.03, True), (ground, 0.1, False))
    flawed = None
    for start, largest, guarded in care:
        try:
            state, change, steps = relax(m, dark(m, start), FIRST, largest, guarded)
        except ConvergenceError:
            continue
        if not _flaws(m, state):
            return state, change, steps
        flawed = flawed or (state, change, steps)
    if flawed is None:
        raise ConvergenceError(
            "the stationary moments did not settle: they may oscillate for ever; `evolve` shows it"
        )
    return flawed


def _differ(state: State, other: State) -> bool:
    return bool(np.abs(state[0] - other[0]).max() > EQUAL)


def _second(others: list[State]) -> tuple[str, ...]:
    return tuple(
        "the moment equations have a second physical solution, with "
        f"{float(c.trace().real):.4g} photons in all: the one that switching on the pump leads to is given"
        for _, _, c, _ in others
    )


def _flaws(m: Moments, state: State) -> tuple[str, ...]:
    """What is unphysical about the moments, and whether they would run away."""
    s, a, c, _ = state
    found = []
    if np.abs(s).max() > 1 + TINY:
        found.append("unphysical moments: a population lies outside [0, 1]")
    if c.diagonal().real.min() < -TINY * np.abs(c).max(initial=0.0):
        found.append("unphysical moments: a photon number is negative")
    matrix, _, _ = regression(m, s, a, c)
    if fastest(matrix) > 0 or (len(state[3]) and runs_away(m, *state)):
        found.append(
            "the stationary moments are unstable: the light may pulse for ever, which `evolve` shows"
        )
    if len(s) <= CHECKED and _smallest(m, s, a, c) < -TINY:
        found.append("unphysical moments: the matrix of correlations is not positive")
    return tuple(found)


def _smallest(m: Moments, s: Real, a: Complex, c: Complex) -> float:
    """The smallest eigenvalue of <x_m^+ x_n>, x the modes and the groups' sums, each scaled to its own size."""
    b = m.pairs(s, a)
    alone = (1 + s) / 2 - np.where(m.number > 1, b.diagonal().real, 0)
    groups = np.outer(m.number, m.number) * b
    groups[np.diag_indices(len(s))] = m.number * ((1 + s) / 2 + (m.number - 1) * b.diagonal())
    cross = a * m.number
    whole = np.block([[c, cross], [cross.conj().T, groups]]) if m.kept else groups
    size = np.sqrt(np.maximum(whole.diagonal().real, 0))
    if not size.all():
        return float(alone.min())
    return float(min(np.linalg.eigvalsh(whole / np.outer(size, size))[0], alone.min()))
