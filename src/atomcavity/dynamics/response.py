"""R(omega) = -f (L + i omega)^-1 v as a sum over poles, from a model that is as small as accuracy allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.blocks import BlockTridiagonal
from atomcavity.dynamics.coherence import Coherence
from atomcavity.errors import ConvergenceError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

DENSE_SIZE = 160  # blocks up to here are diagonalised as a whole
MODEL_TOLERANCE = 1e-9  # change of the density, relative to its maximum, that a further frequency makes
MOST_FREQUENCIES = 120


@dataclass(frozen=True, eq=False)
class Response:
    """A small model of the response: matrix, start and functional in a basis of few vectors.

    error  estimated error of the density relative to its maximum
    """

    matrix: Complex
    start: Complex
    functional: Complex
    poles: Complex
    weights: Complex
    error: float

    def density(self, omega: Real) -> Real:
        """2 Re R(omega), without the sum over poles (safe where these are nearly defective)."""
        identity = np.eye(len(self.matrix))
        values = np.empty(len(omega))
        for part in np.array_split(np.arange(len(omega)), max(1, len(omega) * len(identity) ** 2 // 2_000_000)):
            shifted = self.matrix + 1j * omega[part, None, None] * identity
            solved = np.linalg.solve(shifted, np.broadcast_to(self.start[:, None], (len(part), len(identity), 1)))
            values[part] = -2 * (solved[..., 0] @ self.functional).real
        return values


def _model(matrix: Complex, start: Complex, functional: Complex, error: float) -> Response:
    poles, vectors = np.linalg.eig(matrix)
    weights = (functional @ vectors) * np.linalg.solve(vectors, start)
    order = np.argsort(-poles.real)
    return Response(matrix, start, functional, poles[order], weights[order], error)


def response(block: Coherence) -> Response:
    """The response of a coherence block.

    Large blocks are projected on the solutions of L + i omega and of its transpose at frequencies
    that are added where the model still changes most (rational Krylov).  Raises
    `ConvergenceError` if the model does not settle.
    """
    if len(block.start) <= DENSE_SIZE:
        return _model(block.matrix.toarray().astype(complex), block.start, block.functional, 0.0)
    return _Projection(block).run()


class _Projection:
    def __init__(self, block: Coherence) -> None:
        self.block = block
        self.solver = BlockTridiagonal(block.matrix, block.level)
        self.basis = np.zeros((len(block.start), 0), dtype=complex)
        self.image = self.basis
        self.symmetric = np.isrealobj(block.matrix.data)
        self.done: list[float] = []

    def extend(self, omega: float) -> None:
        """Add the solutions at omega (and, for a real generator, at -omega) to the basis."""
        factor = self.solver.factor(-1j * omega)
        # the start and the functional are multiples of real vectors on resonance, so that the
        # complex conjugates solve the problem at -omega
        found = [factor.solve(self.block.start), np.conj(factor.solve(self.block.functional, transposed=True))]
        self.done.append(omega)
        if self.symmetric and omega != 0:
            found += [np.conj(v) for v in found]
            self.done.append(-omega)
        for vector in found:
            vector = vector / np.linalg.norm(vector)
            for _ in range(2):
                vector = vector - self.basis @ (self.basis.conj().T @ vector)
            norm = np.linalg.norm(vector)
            if norm > 1e-11:
                self.basis = np.column_stack([self.basis, vector / norm])
        fresh = self.basis[:, self.image.shape[1] :]
        self.image = np.column_stack([self.image, self.block.matrix @ fresh])

    def model(self, error: float) -> Response:
        dual = self.basis.conj().T
        return _model(dual @ self.image, dual @ self.block.start, self.block.functional @ self.basis, error)

    def run(self) -> Response:
        width = float(np.abs(self.block.matrix.diagonal()).min())
        for omega in _first_frequencies(self.block, width):
            self.extend(omega)
        old, error, quiet = self.model(1.0), 1.0, 0
        while len(self.done) < MOST_FREQUENCIES:
            probe = natural_grid(old.poles, old.weights, 12)
            probe = probe[np.min(np.abs(probe[:, None] - np.array(self.done)), axis=1) > 0]
            before = old.density(probe)
            self.extend(self._worst(probe, before))
            new = self.model(error)
            error = float(np.abs(new.density(probe) - before).max() / np.abs(before).max())
            old, quiet = new, quiet + 1 if error < MODEL_TOLERANCE else 0
            if quiet == 2:
                return self._trusted(self.model(error))
        raise ConvergenceError(
            f"the spectrum changes by {error:.1e} of its maximum after {len(self.done)} frequencies"
        )

    def _worst(self, probe: Real, before: Real) -> float:
        """The probe where the model's residual, weighted with the density, is largest."""
        model = self.model(0.0)
        identity = np.eye(len(model.matrix))
        worst, where = -1.0, float(probe[0])
        for omega in probe:
            y = np.linalg.solve(model.matrix + 1j * omega * identity, model.start)
            rest = self.image @ y + 1j * omega * (self.basis @ y) - self.block.start
            size = float(np.linalg.norm(rest))
            if size > worst:
                worst, where = size, float(omega)
        return where

    def _trusted(self, model: Response) -> Response:
        """Only poles that solve the full problem are reported."""
        values, vectors = np.linalg.eig(model.matrix)
        full = self.image @ vectors - (self.basis @ vectors) * values
        good = np.linalg.norm(full, axis=0) < 1e-5 * np.abs(values)
        order = np.argsort(-values.real)
        kept = good[order]
        return Response(
            model.matrix, model.start, model.functional, model.poles[kept], model.weights[kept], model.error
        )


def _first_frequencies(block: Coherence, width: float) -> list[float]:
    diagonal = block.matrix.diagonal()
    centre = float(-np.sum(np.abs(block.start) * diagonal.imag) / np.abs(block.start).sum())
    return [centre, centre + width, centre - width] if np.any(diagonal.imag) else [0.0, width]


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
