"""Where Newton's method starts when the emitters see several fields."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.mean_field.flow import flow
from atomcavity.dynamics.mean_field.model import Model, light_scale

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

STARTS = 40  # random ones
CYCLES = 2000  # radians that the fastest phase of an evolution may turn, at most
GROWTHS = 300  # growth times of the dark state's worst deviation that an evolution lasts, at most


def turning(model: Model, alpha: Complex, nu: float) -> Real:
    """Frequencies of the free phases for which every lit mode turns at nu."""
    lit = np.abs(alpha) > 1e-12 * np.abs(alpha).max()
    charges = model.phases.modes[lit]
    return np.linalg.lstsq(charges, np.full(int(lit.sum()), nu), rcond=None)[0]


def many_starts(model: Model) -> list[tuple[Real, Real]]:
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
                (s * scale * alpha, turning(model, alpha, -values[k].imag)) for s in np.logspace(-4, 0, 9)
            ]
    if not model.free:
        value, slope, _ = model.balance(dark, rest)
        for linear in (
            -np.linalg.solve(model.empty, model.drive),
            -np.linalg.lstsq(slope, value, rcond=None)[0],
        ):
            field = linear[: model.modes] + 1j * linear[model.modes :]
            starts += [(s * field, rest) for s in np.logspace(-3, 0.5, 12)]
            scale = max(scale, float(np.abs(linear).max()))
    random = np.random.default_rng(0)
    for _ in range(STARTS):
        alpha = random.normal(size=model.modes) + 1j * random.normal(size=model.modes)
        size = scale * 10 ** random.uniform(-4, 0.5)
        starts.append((size * alpha / np.linalg.norm(alpha), rest))
    fastest = max(float(np.abs(values.imag).max()) / CYCLES, float(values.real.max()) / GROWTHS)
    starts += _ends(model, scale, random, fastest)
    return [(np.concatenate([alpha.real, alpha.imag]), nu) for alpha, nu in starts]


def _ends(
    model: Model, scale: float, random: np.random.Generator, fastest: float
) -> list[tuple[Complex, Real]]:
    """Where evolutions from random fields arrive, with the frequencies at which their phases turn."""
    slowest = min(float(np.abs(np.linalg.eigvals(b.own).real).min()) for b in model.batches)
    duration = 1 / max(slowest / 20, fastest)
    found = []
    for _ in range(4):
        alpha = scale * 10 ** random.uniform(-4, 0) * np.exp(2j * np.pi * random.uniform(size=model.modes))
        f = np.concatenate([alpha.real, alpha.imag])
        start = model.join(f, model.emitters(f, np.zeros(model.free)))
        y = flow(model, start, np.array([duration]), 1e-5)[:, -1]
        nu = np.zeros(model.free)
        if model.free:
            nu = np.asarray(np.linalg.lstsq(model.rotations(y).T, -model.right(y, nu), rcond=None)[0], float)
        found.append((model.alpha(y), nu))
    return found
