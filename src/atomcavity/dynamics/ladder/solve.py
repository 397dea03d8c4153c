"""Spectra and evolutions of sparse generators by shift-and-invert Krylov spaces, with error control."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.propagation import propagate
from atomcavity.dynamics.exact.response import DENSE_SIZE, Response, natural_grid
from atomcavity.dynamics.ladder.krylov import Krylov
from atomcavity.errors import ConvergenceError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
TOLERANCE = 1e-11  # change, relative to the largest value, when the space grows by a third
SPACES = (16, 21, 28, 37, 49, 65, 86, 115, 153, 204, 272)
SETTLED = 1e-6  # relative error of a pole that is reported
ROUNDING = 1e-14  # relative residual that rounding leaves
PATIENCE = 100  # steps after which a settled density is enough, without a pole
EXPLICIT_WORK = 2e9  # multiplications up to which Taylor series are used
VANISHED = 1e-100  # norm relative to that of the start
LONGEST = 86  # Krylov steps of one time interval
GROWTH = (
    (16, 32.0),
    (28, 8.0),
    (49, 4.0),
    (65, 2.0),
    (LONGEST, 1.25),
)  # steps used -> factor of the next interval


def sparse_response(matrix: Any, start: Real, functional: Real) -> Response:
    """-2 Re f . (L + i omega)^-1 v as a function of omega, and the poles that are eigenvalues, slowest first.

    A pole whose eigenvector is so far from orthogonal to the others that it is not known to 1e-6 is
    left out.  Raises `ConvergenceError` if the density does not settle.
    """
    space = Krylov(matrix, start, _centre(matrix, start * functional))
    for steps in SPACES:
        space.grow(steps)
        model = _model(space, functional, space.steps)
        if space.finished:
            return model
        probe = natural_grid(model.modes, model.shares, 6)
        new = model.density(probe)
        old = _model(space, functional, 3 * space.steps // 4).density(probe)
        error = float(np.abs(new - old).max() / np.abs(new).max())
        if error < TOLERANCE and (len(model.poles) or steps > PATIENCE):
            return replace(model, error=error)
    raise ConvergenceError(f"the spectrum still changes by {error:.1e} after {space.steps} Krylov steps")


def _model(space: Krylov, functional: Real, steps: int) -> Response:
    start = np.zeros(steps)
    start[0] = space.norm
    rest = space.rest if steps == space.steps else np.inf
    return _projected(space.generator(steps), start, space.basis[:steps] @ functional, space.shift, rest)


def _projected(
    matrix: NDArray[Any], start: Real, functional: NDArray[Any], shift: complex, rest: float
) -> Response:
    """The response of a small matrix, by its Schur form: far from normal ones too.

    rest  what leaves the space from its last vector, for the residuals |(L - shift)^-1 x - x/(pole - shift)|
    """
    from scipy.linalg import eig, schur

    modes, left, right = eig(matrix, left=True)
    pairing = np.sum(left.conj() * right, axis=0)
    if np.isfinite(rest):
        away = np.abs(modes - shift) * rest * np.abs(right[-1])
        known = away + ROUNDING < SETTLED * np.abs(pairing)
    else:  # none is known
        known = np.zeros(len(modes), bool)
    shares = (functional @ right) * np.linalg.solve(right, start.astype(complex))
    shares[known] = ((functional @ right) * (left.conj().T @ start))[known] / pairing[known]
    order = np.argsort(-modes.real)
    modes, shares, known = modes[order] + 0j, shares[order], known[order]
    triangle, turn = schur(matrix, output="complex")
    source, sink = turn.conj().T @ start, functional @ turn

    def density(omega: Real) -> Real:
        x = np.zeros((len(source), len(omega)), dtype=complex)
        for k in range(len(source) - 1, -1, -1):
            x[k] = (source[k] - triangle[k, k + 1 :] @ x[k + 1 :]) / (triangle[k, k] + 1j * omega)
        return -2 * (sink @ x).real

    return Response(density, modes, shares, modes[known], shares[known], 0.0)


def _centre(matrix: Any, weight: NDArray[Any]) -> complex:
    """Where the light is: i times the mean imaginary part of the diagonal; 0 for a real generator."""
    diagonal = matrix.diagonal()
    if not np.any(diagonal.imag):
        return 0.0
    return 1j * float(np.abs(weight) @ diagonal.imag / np.abs(weight).sum())


def sparse_evolution(matrix: Any, start: NDArray[Any], times: Real, rows: NDArray[Any]) -> NDArray[Any]:
    """rows @ exp(matrix t) @ start for ascending times t >= 0, shape (row, time).

    Taylor series where few terms are needed, else one Krylov space for each of a few intervals that
    are as long as its error allows.  Raises `ConvergenceError` if no interval is short enough.
    """
    fastest = 2 * float(np.abs(matrix.diagonal()).max(initial=0.0))
    if len(start) <= DENSE_SIZE or 10 * matrix.nnz * fastest * times[-1] <= EXPLICIT_WORK:
        return propagate(matrix.tocsr(), start, times, rows)
    values = np.empty((len(rows), len(times)), dtype=np.result_type(rows, start, matrix.dtype))
    change = float(np.abs(matrix @ start).sum())
    span = 2 * float(np.abs(start).sum()) / change if change else float(times[-1])
    now, y, done = 0.0, start, 0
    vanished = VANISHED * float(np.linalg.norm(start))
    while done < len(times):
        if np.linalg.norm(y) <= vanished:
            values[:, done:] = 0
            break
        rest = float(times[-1]) - now
        span = min(span, rest)
        space, length = _settled(matrix, y, span)
        if space.finished:  # exact at any time
            length = rest
        elif length == 0.0:
            span /= 8
            if now + span == now:
                raise ConvergenceError("the Krylov spaces of the evolution do not settle")
            continue
        inside = len(times) if length == rest else int(np.searchsorted(times, now + length, side="right"))
        inner = np.minimum(times[done:inside] - now, length)
        coefficients = _coefficients(space, space.steps, np.append(inner, length))
        observed = rows @ space.basis.T
        values[:, done:inside] = observed @ coefficients[:, :-1]
        now, y, done = now + length, coefficients[:, -1] @ space.basis, inside
        span = length * next(growth for most, growth in GROWTH if space.steps <= most)
    return values


def _settled(matrix: Any, y: NDArray[Any], span: float) -> tuple[Krylov, float]:
    """A space grown from y, and the longest time (0: none) over which it holds exp(matrix t) y."""
    space = Krylov(matrix, y, 10 / span)
    probe = span * np.array([0.001, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1.0])
    for steps in SPACES:
        space.grow(steps)
        full = _coefficients(space, space.steps, probe)
        fewer = _coefficients(space, max(1, 3 * space.steps // 4), probe)
        full[: len(fewer)] -= fewer
        error = np.zeros(len(probe)) if space.finished else np.linalg.norm(full, axis=0) / space.norm
        if error.max() < TOLERANCE or steps >= LONGEST:
            break
    bad = np.flatnonzero(~(error < TOLERANCE))
    longest = len(probe) if len(bad) == 0 else int(bad[0])
    return space, float(probe[longest - 1]) if longest >= 4 else 0.0


def _coefficients(space: Krylov, steps: int, times: Real) -> NDArray[Any]:
    """exp(B t) e_1 |v| on the first `steps` vectors at ascending times, (step, time)."""
    from scipy.sparse import csr_array

    start = np.zeros(steps, dtype=space.basis.dtype)
    start[0] = space.norm
    return propagate(csr_array(space.generator(steps)), start, times, np.eye(steps))
