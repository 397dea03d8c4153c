"""Stationary states of the classical equations: Newton's method from many starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.mean_field_model import Model
from atomcavity.dynamics.mean_field_scalar import scalar_field
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import ConvergenceError, InputError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

TOLERANCE = 1e-10  # of the balance of the field, relative to its terms
DARK = 1e-8  # of the light that the dipoles could drive, or of the brightest mode: no light
SAME = 1e-6  # states whose amplitudes differ by less than this part are one
STARTS = 40  # random starts where the emitters see several fields
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


def fixed_points(model: Model) -> tuple[list[Fixed], tuple[str, ...]]:
    """All stationary states that are found, by photon number, and warnings of the search.

    Raises `InputError` if the emitters alone have no unique stationary state.
    """
    _check_unique(model)
    system = model.system
    states: list[tuple[Real, Real]] = []
    if not np.any(model.drive) and _dark_possible(model):
        dark, rest = np.zeros(2 * model.modes), np.zeros(model.free)
        states.append((model.join(dark, model.emitters(dark, rest)), rest))
    scalar = None if _emitters_driven(model) else scalar_field(system)
    warnings: tuple[str, ...] = ()
    if scalar is None:
        seeds = _many_starts(model)
    elif system.drive is not None:
        seeds = [(a, np.zeros(model.free)) for a, _ in scalar.driven()]
    else:
        seeds = [(a, _turning(model, a, w)) for a, w in scalar.lasing()]
    for alpha, nu in seeds:
        found = newton(model, np.concatenate([alpha.real, alpha.imag]), nu)
        if found is not None:
            _add(model, states, found)
        if len(states) >= MOST:
            warnings = (f"the search ended at {MOST} states: they may belong to a continuous family",)
            break
    if not states:
        raise ConvergenceError("no stationary state of the classical equations was found")
    fixed = [_finished(model, y, nu) for y, nu in states]
    return sorted(fixed, key=lambda s: float(np.sum(np.abs(model.alpha(s.y)) ** 2))), warnings


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
            if not np.any(model.drive) and np.linalg.norm(f) < DARK * light_scale(model):
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


def _add(model: Model, states: list[tuple[Real, Real]], found: tuple[Real, Real]) -> None:
    """Append a state (y, nu) unless it is there, free phases aside, or dark although the dark one is there."""
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


def light_scale(model: Model) -> float:
    """An amplitude that the emitters' dipoles can drive, sum_k N_k |g_k|/(losses of the modes)."""
    pull = sum(float(np.sum(b.number[:, None, None] * np.abs(b.light))) for b in model.batches)
    return pull / float(np.abs(model.empty).max())


def _turning(model: Model, alpha: Complex, nu: float) -> Real:
    """Frequencies of the free phases for which every lit mode turns at nu."""
    lit = np.abs(alpha) > 1e-12 * np.abs(alpha).max()
    charges = model.phases.modes[lit]
    return np.linalg.lstsq(charges, np.full(int(lit.sum()), nu), rcond=None)[0]


def _emitters_driven(model: Model) -> bool:
    """Whether a drive of the emitters fixes the phase of their light."""
    undriven = CavitySystem(
        model.system.emitters, model.system.modes, mode_coupling=model.system.mode_coupling
    )
    return Model(undriven).free == 0


def _dark_possible(model: Model) -> bool:
    """Whether the emitters send out no light when there is none."""
    value, _, _ = model.balance(np.zeros(2 * model.modes), np.zeros(model.free))
    scale = sum(float(np.sum(b.number[:, None, None] * np.abs(b.light))) for b in model.batches)
    return bool(np.abs(value).max() <= 1e-13 * scale)


def _check_unique(model: Model) -> None:
    """`InputError` where a group alone, in the dark, has several stationary states."""
    for batch in model.batches:
        for k, matrix in zip(batch.members, batch.own, strict=True):
            values = np.linalg.svd(matrix, compute_uv=False)
            if values[-1] <= 1e-14 * values[0]:
                raise InputError(
                    f"emitters[{k}] has no unique stationary state without light (nothing decays or pumps it out of "
                    "some level): give it a decay or a pump, or ask for an evolution"
                )


def _many_starts(model: Model) -> list[tuple[Complex, Real]]:
    """Starts for several fields: growing deviations from the dark, random amplitudes, ends of evolutions."""
    dark = np.zeros(2 * model.modes)
    rest = np.zeros(model.free)
    starts: list[tuple[Complex, Real]] = []
    scale = light_scale(model)
    y = model.join(dark, model.emitters(dark, rest))
    values, vectors = np.linalg.eig(model.jacobian(y, rest))
    for k in np.flatnonzero(values.real > 0):
        alpha = vectors[: model.modes, k] + 1j * vectors[model.modes : 2 * model.modes, k]
        if np.linalg.norm(alpha) > 1e-12:
            alpha = alpha / np.linalg.norm(alpha)
            starts += [
                (s * scale * alpha, _turning(model, alpha, -values[k].imag)) for s in np.logspace(-4, 0, 9)
            ]
    if np.any(model.drive):
        linear = -np.linalg.solve(model.empty, model.drive)
        starts += [(s * (linear[: model.modes] + 1j * linear[model.modes :]), rest) for s in (1.0, 0.1, 0.01)]
        scale = max(scale, float(np.abs(linear).max()))
    random = np.random.default_rng(0)
    for _ in range(STARTS):
        alpha = random.normal(size=model.modes) + 1j * random.normal(size=model.modes)
        size = scale * 10 ** random.uniform(-4, 0.5)
        starts.append((size * alpha / np.linalg.norm(alpha), rest))
    return starts + _ends(model, scale, random)


def _ends(model: Model, scale: float, random: np.random.Generator) -> list[tuple[Complex, Real]]:
    """Where evolutions from random fields arrive, with the frequencies at which their phases turn."""
    from atomcavity.dynamics.mean_field_flow import flow

    slowest = min(
        float(np.abs(np.linalg.eigvals(b.own).real)[np.abs(np.linalg.eigvals(b.own).real) > 0].min())
        for b in model.batches
    )
    found = []
    for _ in range(4):
        alpha = scale * 10 ** random.uniform(-4, 0) * np.exp(2j * np.pi * random.uniform(size=model.modes))
        f = np.concatenate([alpha.real, alpha.imag])
        start = model.join(f, model.emitters(f, np.zeros(model.free)))
        y = flow(model, start, np.array([20 / slowest]), 1e-5)[:, -1]
        nu = np.zeros(model.free)
        if model.free:
            nu = np.asarray(np.linalg.lstsq(model.rotations(y).T, -model.right(y, nu), rcond=None)[0], float)
        found.append((model.alpha(y), nu))
    return found
