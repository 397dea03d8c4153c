"""Stationary states of the classical equations: Newton's method from many starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.mean_field.model import Model
from atomcavity.dynamics.mean_field.scalar import scalar_field
from atomcavity.dynamics.mean_field.starts import light_scale, many_starts
from atomcavity.errors import ConvergenceError, InputError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

TOLERANCE = 1e-10  # of the balance of the field, relative to its terms
DARK = 1e-8  # of the light that the dipoles could drive, or of the brightest mode: no light
SAME = 1e-6  # states whose amplitudes differ by less than this part are one
FAMILY = (
    "some states belong to continuous families (a phase is free that is not one of the given modes', or a symmetry "
    "turns one mode into another): only one state of each is listed"
)
MOST = 60  # states after which the search ends


@dataclass(frozen=True, eq=False)
class Fixed:
    """A stationary state y in the frame that turns with nu; eigenvalues of its Jacobian without free phases."""

    y: Real
    nu: Real
    residual: float
    eigenvalues: Complex

    @property
    def growth(self) -> float:
        """The largest real part of the eigenvalues (rad/s)."""
        return float(self.eigenvalues.real.max())

    @property
    def stable(self) -> bool:
        """Whether no deviation grows."""
        return self.growth < 1e-12 * float(np.abs(self.eigenvalues).max())

    @property
    def flat(self) -> bool:
        """Whether a deviation other than a free phase neither grows nor decays."""
        return float(np.abs(self.eigenvalues).min()) < 1e-11 * float(np.abs(self.eigenvalues).max())


def fixed_points(model: Model) -> tuple[list[Fixed], tuple[str, ...]]:
    """All stationary states that are found, by photon number, and warnings of the search.

    Raises `InputError` if the emitters alone have no unique stationary state.
    """
    _check_unique(model)
    dark = _dark(model)
    states = [] if dark is None else [(dark.y, dark.nu)]
    unstable = [] if dark is None else [-rate.imag for rate in dark.eigenvalues if rate.real > 0]
    scalar = scalar_field(model.system)
    seeds = many_starts(model) if scalar is None else scalar.seeds(model, np.array(unstable))
    for f, nu in seeds:
        _add(model, states, newton(model, f, nu))
        if len(states) >= MOST:
            break
    if scalar is None and not model.free:
        _deflate(model, states)
    if not states:
        raise ConvergenceError("no stationary state of the classical equations was found")
    known = [] if dark is None else [dark]
    fixed = known + [_finished(model, y, nu) for y, nu in states[len(known) :]]
    fixed, warnings = _without_families(model, fixed)
    if len(states) >= MOST:
        warnings += (f"the search ended at {MOST} states: there may be more",)
    return sorted(fixed, key=lambda s: float(np.sum(np.abs(model.alpha(s.y)) ** 2))), warnings


def _without_families(model: Model, fixed: list[Fixed]) -> tuple[list[Fixed], tuple[str, ...]]:
    """One state of each continuous family: states with a deviation that costs nothing and the same eigenvalues."""
    kept: list[Fixed] = []
    for state in fixed:
        if not (state.flat and any(_alike(model, state, other) for other in kept)):
            kept.append(state)
    return kept, (FAMILY,) if len(kept) < len(fixed) else ()


def _alike(model: Model, state: Fixed, other: Fixed) -> bool:
    """Whether total photon number and eigenvalues agree."""
    photons = [float(np.sum(np.abs(model.alpha(s.y)) ** 2)) for s in (state, other)]
    rates = [np.sort(s.eigenvalues.real) for s in (state, other)]
    same = len(rates[0]) == len(rates[1]) and abs(photons[0] - photons[1]) <= 1e-5 * photons[1]
    return bool(same and np.abs(rates[0] - rates[1]).max() < 1e-5 * np.abs(state.eigenvalues).max())


def _deflate(model: Model, states: list[tuple[Real, Real]]) -> None:
    """Look for more states by Newton's method on the balance divided by the distances from the known ones.

    Farrell, Birkisson and Funke, SIAM J. Sci. Comput. 37, A2026 (2015), from every known state and the dark.
    """
    m, rest = 2 * model.modes, np.zeros(0)
    starts = [np.zeros(m), *(y[:m] for y, _ in states)]
    while starts and len(states) < MOST:
        start = starts.pop()
        scale = max((float(np.linalg.norm(y[:m])) for y, _ in states), default=0.0) or light_scale(model)
        for sign in (1.0, -1.0):
            f = start * (1 + 0.01 * sign) + 1e-3 * sign * scale
            before = len(states)
            _add(model, states, _newton_away(model, f, [y[:m] for y, _ in states], scale, rest))
            if len(states) > before:
                starts += [states[-1][0][:m], start]


def _newton_away(
    model: Model, f: Real, known: list[Real], scale: float, rest: Real
) -> tuple[Real, Real] | None:
    try:
        for _ in range(40):
            value, slope, size = model.balance(f, rest)
            if _error(value, size) < 1e-3 * SAME:
                break
            step = -np.linalg.solve(slope, value)
            away = 0.0
            for other in known:
                distance = f - other
                square = float(distance @ distance) / scale**2
                away -= 2 * float(distance @ step) / scale**2 / (square + square**2)
            f = f + step / (1 - away)
        return newton(model, f, rest)
    except (np.linalg.LinAlgError, FloatingPointError, ZeroDivisionError):
        return None


def _finished(model: Model, y: Real, nu: Real) -> Fixed:
    """A state with its residual and the eigenvalues of its Jacobian."""
    value, _, size = model.balance(y[: 2 * model.modes], nu)
    top = float(size.max())
    residual = float(np.abs(value).max()) / top if top else 0.0
    eigenvalues = np.asarray(np.linalg.eigvals(model.jacobian(y, nu)), complex)
    turned = int(np.linalg.matrix_rank(model.rotations(y))) if model.free else 0
    rest = eigenvalues[np.argsort(np.abs(eigenvalues))[turned:]]
    return Fixed(y, nu, residual, rest[np.argsort(-rest.real)])


def newton(model: Model, f: Real, nu: Real) -> tuple[Real, Real] | None:
    """Newton's method on the balance of the field, emitters stationary in it; None if it does not converge.

    A step does not turn the free phases.
    """
    try:
        value, slope, size = model.balance(f, nu)
        error = _error(value, size)
        for _ in range(60):
            step = _step(model, f, nu, value, slope)
            factor = 1.0
            while factor > 1e-4:
                trial, turned = f + factor * step[: len(f)], nu + factor * step[len(f) :]
                values = model.balance(trial, turned)
                if np.linalg.norm(values[0]) < np.linalg.norm(value) or _error(*values[::2]) < TOLERANCE:
                    break
                factor /= 2
            else:
                return None
            f, nu, (value, slope, size) = trial, turned, values
            if model.free and np.linalg.norm(f) < DARK * light_scale(model):
                return None
            before, error = error, _error(value, size)
            if error < TOLERANCE and (error < 1e-15 or error >= 0.5 * before):
                return f, nu
    except np.linalg.LinAlgError:
        return None
    return (f, nu) if error < TOLERANCE else None


def _step(model: Model, f: Real, nu: Real, value: Real, slope: Real) -> Real:
    """The Newton step of (f, nu); that of the frequency of dark modes is zero."""
    rate, size = _rate(model), _norm(f)
    weight = np.concatenate([np.full(len(f), size), np.full(len(nu), rate)])
    still = np.concatenate([model.turn @ f * rate / size, np.zeros((len(nu), len(nu)))], axis=1)
    equations = np.concatenate([slope, still]) * weight
    return -np.linalg.lstsq(equations, np.concatenate([value, np.zeros(len(nu))]), rcond=1e-13)[0] * weight


def _error(value: Real, size: Real) -> float:
    top = float(size.max())
    return float(np.abs(value).max() / top) if np.isfinite(top) and top > 0 else np.inf


def _norm(f: Real) -> float:
    return float(np.linalg.norm(f)) or 1.0


def _rate(model: Model) -> float:
    """A rate of the system, the unit of frequencies."""
    return float(np.abs(model.empty).max()) or 1.0


def _add(model: Model, states: list[tuple[Real, Real]], found: tuple[Real, Real] | None) -> None:
    """Append a state (y, nu) unless it is there, free phases aside, or dark although the dark one is there."""
    if found is None:
        return
    f, nu = found
    size, m = float(np.linalg.norm(f)), 2 * model.modes
    if not np.all(np.isfinite(f)) or (model.free and size < DARK * light_scale(model)):
        return
    f = np.where(np.tile(np.abs(model.alpha(f)) < DARK * size, 2), 0.0, f)
    y = model.canonical(model.join(f, model.emitters(f, nu)))
    for other, _ in states:
        light = np.linalg.norm(y[:m] - other[:m]) < SAME * max(size, float(np.linalg.norm(other[:m])))
        if light and np.abs(y[m:] - other[m:]).max() < SAME:
            return
    states.append((y, nu))


def _dark(model: Model) -> Fixed | None:
    """The dark state, if nothing drives a mode and the emitters send out no light when there is none."""
    f, nu = np.zeros(2 * model.modes), np.zeros(model.free)
    value, _, _ = model.balance(f, nu)
    scale = sum(float(np.sum(b.number[:, None, None] * np.abs(b.light))) for b in model.batches)
    if np.any(model.drive) or np.abs(value).max() > 1e-13 * scale:
        return None
    return _finished(model, model.join(f, model.emitters(f, nu)), nu)


def _check_unique(model: Model) -> None:
    """`InputError` where a group alone, in the dark, has several stationary states, or a mode keeps its photons."""
    for i, kappa in enumerate(model.system.kappas):
        if kappa == 0:
            raise InputError(
                f"modes[{i}] has kappa = 0: stationary classical states need a decay of every mode; use Exact(), or "
                "ask for an evolution"
            )
    for batch in model.batches:
        for k, matrix in zip(batch.members, batch.own, strict=True):
            values = np.linalg.svd(matrix, compute_uv=False)
            if values[-1] <= 1e-14 * values[0]:
                raise InputError(
                    f"emitters[{k}] has no unique stationary state without light (nothing decays or pumps it out of "
                    "some level): give it a decay or a pump, or ask for an evolution"
                )
