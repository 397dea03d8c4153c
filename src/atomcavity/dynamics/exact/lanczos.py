"""Spectra of large blocks by the two-sided Lanczos process.

f . (L + i omega)^-1 v is the continued fraction of the tridiagonal matrix T that L becomes in the
biorthogonal bases grown from v and f; m steps reproduce 2m moments. Memory and cost per step are
those of two products with L, for all frequencies at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.balance import rescaled
from atomcavity.dynamics.exact.blocks import BlockTridiagonal
from atomcavity.dynamics.exact.coherence import Coherence
from atomcavity.dynamics.exact.poles import REAL, refined
from atomcavity.dynamics.exact.resolvent import NEAREST, Resolvent
from atomcavity.dynamics.exact.response import Response, natural_grid
from atomcavity.errors import ConvergenceError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
TOLERANCE = 1e-9  # change of the density relative to its maximum, when the steps grow by a third
EXTENDED = 1e-6  # the same in extended precision, where a step costs five times more
SETTLING = 1e-2  # change below which a standstill ends the process: the check tells how good it is
PATIENCE = 3  # growths that may pass without a smaller change
MOST_STEPS = 3000
PROBE_SIZE, POLE_SIZE = 90, 160  # steps whose tridiagonal matrix is diagonalised to place the frequencies
CHECK = 1e-5  # largest error of the density, relative to its maximum
CHECK_WORK = (
    1e9  # multiplications of an elimination up to which error and poles are found by linear equations
)
KNOWN = 1e-4  # relative difference of a pole between two processes up to which it is reported
LOW = 1e-3  # height of a line, relative to the highest, below which its pole is not refined
CANDIDATES, LOOKED_FOR = 2, 12  # poles that are refined on the full problem, or looked for in two processes


class Lanczos:
    """The growing tridiagonal matrix, in units of `scale`: diagonal a, product of off-diagonals bc.

    kind  number type of the process: `np.longdouble` where rounding errors grow too much in double precision
    """

    def __init__(self, block: Coherence, kind: type = np.float64) -> None:
        self.block, self.scale = block, block.scale
        self.kind = (
            np.result_type(kind, np.complex64) if np.iscomplexobj(block.matrix.data) else np.dtype(kind)
        )
        self.small = 100 * float(np.finfo(kind).eps)
        matrix = block.matrix.astype(self.kind) / self.scale
        self.matrix, self.transposed = matrix, matrix.T.tocsr()
        self.moment = complex(block.functional @ block.start)
        norm = np.linalg.norm(block.start)
        right, left = block.start / norm, block.functional * (norm / self.moment)
        if np.isrealobj(block.matrix.data):  # both are multiples of real vectors by opposite phases
            phase = np.exp(1j * np.angle(right[np.argmax(np.abs(right))]))
            turned, other = right / phase, left * phase
            if max(np.abs(turned.imag).max(), np.abs(other.imag).max() / np.abs(other).max()) < 1e-14:
                right, left = turned.real.copy(), other.real.copy()
        right, left = (x.astype(np.result_type(x, self.kind)) for x in (right, left))
        left = left / (left @ right)
        self._now, self._before = (right, left), (0 * right, 0 * left)
        self._links = (0.0, 0.0)
        self.a: list[complex] = []
        self.bc: list[complex] = []
        self.finished = False

    def grow(self, steps: int) -> None:
        """Up to `steps` steps in all; `finished` if an invariant subspace is reached."""
        while len(self.a) < steps and not self.finished:
            right, left = self._now
            image = self.block.without_null(self.matrix @ right)
            dual = self.block.without_null(self.transposed @ left, transposed=True)
            a = left @ image
            up, down = self._links
            image = image - a * right - down * self._before[0]
            dual = dual - a * left - up * self._before[1]
            up = float(np.linalg.norm(image))
            self.a.append(a)
            if up < self.small or np.linalg.norm(dual) < self.small * np.linalg.norm(left):
                self.finished = True
                return
            image = image / up
            down = dual @ image
            if not abs(down) > 1e-200:
                raise ConvergenceError("the Lanczos process broke down")
            self.bc.append(up * down)
            self._before, self._now, self._links = self._now, (image, dual / down), (up, down)

    def density(self, omega: Real, steps: int | None = None) -> Real:
        """-2 Re f (L + i omega)^-1 v from the first `steps` steps."""
        count = len(self.a) if steps is None else min(steps, len(self.a))
        z = 1j * omega / self.scale
        fraction = np.zeros(len(omega), dtype=np.result_type(self.kind, complex))
        for k in range(count - 1, -1, -1):
            fraction = 1 / (self.a[k] + z - (self.bc[k] * fraction if k < count - 1 else 0.0))
        return np.asarray(-2 * (self.moment * fraction).real / self.scale, dtype=float)

    def poles(self, steps: int) -> tuple[Complex, Complex]:
        """Damped eigenvalues of the tridiagonal matrix and their weights; coinciding ones are joined."""
        count = min(steps, len(self.a))
        side = np.sqrt(np.array(self.bc[: count - 1], dtype=complex))
        matrix = np.diag(np.array(self.a[:count], dtype=complex)) + np.diag(side, 1) + np.diag(side, -1)
        values, vectors = np.linalg.eig(matrix)
        weights = vectors[0] ** 2 / np.sum(vectors**2, axis=0)  # T is complex symmetric
        keep: list[int] = []
        for k in np.argsort(-np.abs(weights)):
            if values[k].real >= 0:
                continue
            near = [j for j in keep if abs(values[j] - values[k]) < 1e-6 * abs(values[k])]
            if near:
                weights[near[0]] += weights[k]
            else:
                keep.append(int(k))
        order = np.array(sorted(keep, key=lambda k: -values[k].real))
        return values[order] * self.scale, weights[order] * self.moment

    def refined(self, pole: complex, steps: int) -> tuple[complex, complex]:
        """The eigenvalue of the tridiagonal matrix of `steps` steps next to `pole`, and its weight."""
        from scipy.linalg import solve_banded

        side = np.sqrt(np.array(self.bc[: steps - 1], dtype=complex))
        bands = np.zeros((3, steps), dtype=complex)
        bands[0, 1:], bands[1], bands[2, :-1] = side, self.a[:steps], side
        near, x = pole / self.scale, np.eye(steps)[0].astype(complex)
        for iteration in range(8):  # four at the given place, then Rayleigh quotients
            shifted = bands.copy()
            shifted[1] -= near * (1 + 1e-13)
            x = solve_banded((1, 1), shifted, x)
            x /= np.linalg.norm(x)
            if iteration >= 3:
                product = bands[1] * x
                product[:-1] += side * x[1:]
                product[1:] += side * x[:-1]
                near = complex((x @ product) / (x @ x))
        return near * self.scale, complex(x[0] ** 2 / (x @ x)) * self.moment


def lanczos_response(block: Coherence) -> Response:
    """The response and its highest poles: of small blocks checked and refined by linear equations, of large ones by
    a second process in other scales, whose rounding errors are different; in extended precision if they are too large.

    Raises `ConvergenceError` if the density does not settle within `MOST_STEPS`.
    """
    if BlockTridiagonal(block.matrix, block.level).work <= CHECK_WORK:
        process, probe, error = _settled(block, np.float64)
        modes, shares = process.poles(min(len(process.a), POLE_SIZE))
        resolvent = Resolvent(block.matrix, block.level)
        error = max(error, _checked(block, resolvent, process, probe[np.argmax(process.density(probe))]))
        poles, weights = _refined(block, resolvent, process, modes, shares)
        return Response(process.density, modes, shares, poles, weights, error)
    for kind in (np.float64, np.longdouble):
        process, probe, error = _settled(block, kind)
        twin = Lanczos(_shaken(block, kind), kind)
        twin.grow(len(process.a))
        density = process.density(probe)
        error = max(error, float(np.abs(density - twin.density(probe)).max() / np.abs(density).max()))
        if error <= CHECK:
            modes, shares = process.poles(min(len(process.a), POLE_SIZE))
            poles, weights = _common(process, twin, modes, shares)
            return Response(process.density, modes, shares, poles, weights, error)
    raise ConvergenceError(f"rounding errors of the Lanczos process reach {error:.1e}")


def _settled(block: Coherence, kind: type) -> tuple[Lanczos, Real, float]:
    """The process grown until its density settles, frequencies that show it, and its last relative change."""
    process, enough = Lanczos(block, kind), TOLERANCE if kind is np.float64 else EXTENDED
    steps, error, best, idle = 60, np.inf, np.inf, 0
    while not process.finished and steps < MOST_STEPS and error >= enough and idle < PATIENCE:
        steps = 4 * steps // 3
        process.grow(steps)
        modes, shares = process.poles(min(steps, PROBE_SIZE))
        probe = natural_grid(modes, shares, 6)
        new = process.density(probe)
        error = float(np.abs(new - process.density(probe, 3 * steps // 4)).max() / np.abs(new).max())
        idle = idle + 1 if error > best / 2 and best < SETTLING else 0  # rounding errors stop the convergence
        best = min(best, error)
    error = 0.0 if process.finished else error
    if not error < SETTLING:
        raise ConvergenceError(f"the spectrum still changes by {error:.1e} after {steps} Lanczos steps")
    return process, probe, error


def _shaken(block: Coherence, kind: type) -> Coherence:
    """The same block in other scales: the exact answer is the same, rounding errors are not."""
    scale: NDArray[Any] = np.exp(0.5 * np.random.default_rng(0).standard_normal(len(block.start))).astype(
        kind
    )
    null = None if block.null is None else (block.null[0] / scale, block.null[1] * scale)
    matrix = rescaled(block.matrix, scale)
    return Coherence(matrix, block.level, block.start / scale, block.functional * scale, null)


def _common(process: Lanczos, twin: Lanczos, modes: Complex, shares: Complex) -> tuple[Complex, Complex]:
    """The highest poles that both processes agree on, slowest first."""
    found: list[tuple[complex, complex]] = []
    for k in np.argsort(-np.abs(shares / modes.real))[:LOOKED_FOR]:
        pole, weight = process.refined(complex(modes[k]), len(process.a))
        other, _ = twin.refined(pole, len(twin.a))
        if not abs(other - pole) <= KNOWN * abs(pole) or pole.real >= 0:
            continue
        if np.isrealobj(process.matrix.data) and abs(pole.imag) < REAL * abs(pole):
            pole = complex(pole.real)
        if not any(abs(pole - p) < KNOWN * abs(p) for p, _ in found):
            found.append((pole, weight))
    return _sorted(found)


def _sorted(found: list[tuple[complex, complex]]) -> tuple[Complex, Complex]:
    found.sort(key=lambda pair: -pair[0].real)
    poles, weights = (np.array([pair[i] for pair in found], dtype=complex) for i in (0, 1))
    return poles, weights


def _checked(block: Coherence, resolvent: Resolvent, process: Lanczos, omega: float) -> float:
    """The relative error of the density at one frequency, by linear equations: rounding errors grow with the steps.

    Raises `ConvergenceError` if it is too large.
    """
    nearest = NEAREST * block.scale if block.null is not None else 0.0
    omega = omega if abs(omega) >= nearest else nearest
    solved = resolvent.at(-1j * omega).solve(block.start, rough=True)
    exact = -2 * (block.functional @ block.without_null(solved)).real
    error = float(abs(process.density(np.array([omega]))[0] / exact - 1))
    if error > CHECK:
        raise ConvergenceError(f"rounding errors of the Lanczos process reach {error:.1e}")
    return error


def _refined(
    block: Coherence, resolvent: Resolvent, process: Lanczos, modes: Complex, shares: Complex
) -> tuple[Complex, Complex]:
    """The poles that make the highest lines, slowest first."""
    found: list[tuple[complex, complex]] = []
    real = np.isrealobj(block.matrix.data)
    heights = np.abs(shares / modes.real)
    for k in np.argsort(-heights)[:CANDIDATES]:
        if heights[k] < LOW * heights.max():
            break
        guess = process.refined(complex(modes[k]), len(process.a))[0]
        if real and guess.imag < -REAL * abs(guess):
            continue
        if any(abs(guess - p) < 1e-4 * abs(p) for p, _ in found):
            continue
        pole = refined(block, resolvent, guess)
        if pole is None or any(abs(pole[0] - p) < 1e-9 * abs(p) for p, _ in found):
            continue
        found.append(pole)
        if real and pole[0].imag > REAL * abs(pole[0]):
            found.append((pole[0].conjugate(), pole[1].conjugate()))
    return _sorted(found)
