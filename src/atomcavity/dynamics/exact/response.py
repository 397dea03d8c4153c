"""S(omega) = -2 Re f (L + i omega)^-1 v of a coherence block, and its poles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.coherence import Coherence
from atomcavity.errors import ConvergenceError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

DENSE_SIZE = 150  # blocks up to here are diagonalised as a whole


@dataclass(frozen=True, eq=False)
class Response:
    """The spectral density as a function, and poles.

    modes, shares  approximate eigenvalues and weights: where the density has structure
    poles, weights  those that are eigenvalues of the full problem, slowest first
    error  estimated error of the density relative to its maximum
    """

    density: Callable[[Real], Real]
    modes: Complex
    shares: Complex
    poles: Complex
    weights: Complex
    error: float


def response(block: Coherence) -> Response:
    """The response of a coherence block, by the cheapest way that is accurate.

    Small blocks are diagonalised; large ones are reduced by the two-sided Lanczos process, or, if a
    line is too narrow for it, by rational Krylov projection.  Raises `ConvergenceError` if none settles.
    """
    if len(block.start) <= DENSE_SIZE:
        whole = block.apply(np.eye(len(block.start)))
        return dense_response(whole, block.start, block.functional)
    from atomcavity.dynamics.exact.lanczos import lanczos_response
    from atomcavity.dynamics.exact.projection import Projection

    try:
        return lanczos_response(block)
    except ConvergenceError:
        return Projection(block).run()


def dense_response(matrix: NDArray[Any], start: Complex, functional: Complex) -> Response:
    """The response of a small matrix: sum over its poles, or linear equations if these are ill-conditioned."""
    modes, vectors = np.linalg.eig(matrix)
    shares = (functional @ vectors) * np.linalg.solve(vectors, start)
    order = np.argsort(-modes.real)
    modes, shares = modes[order] + 0j, shares[order]
    identity = np.eye(len(matrix))

    def by_poles(omega: Real) -> Real:
        return np.array([-2 * np.sum(shares / (modes + 1j * w)).real for w in omega])

    def solved(omega: Real) -> Real:
        found = (np.linalg.solve(matrix + 1j * w * identity, start) for w in omega)
        return np.array([-2 * (functional @ x).real for x in found])

    probe = natural_grid(modes, shares, 1)
    exact = solved(probe)
    accurate = np.abs(by_poles(probe) - exact).max() <= 1e-11 * np.abs(exact).max()
    return Response(by_poles if accurate else solved, modes, shares, modes, shares, 0.0)


def natural_grid(poles: Complex, weights: Complex, points: int) -> Real:
    """Frequencies that resolve each pole which matters and reach over all of them."""
    heights = np.abs(weights) / np.maximum(-poles.real, 1e-300)
    order = np.argsort(-heights)[:30]
    chosen = order[heights[order] > 1e-4 * heights.max()]
    steps = np.logspace(-1.7, 1.3, points)
    offsets = np.concatenate([-steps[::-1], [0.0], steps])
    near = -poles[chosen].imag[:, None] + np.abs(poles[chosen].real)[:, None] * offsets
    even = np.linspace(near.min(), near.max(), 8 * points)
    return np.unique(np.concatenate([near.ravel(), even]))
