"""R(omega) = -f (L + i omega)^-1 v as a sum over poles, from a model that is as small as accuracy allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.blocks import BlockTridiagonal
from atomcavity.dynamics.coherence import Coherence
from atomcavity.errors import ConvergenceError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

DENSE_SIZE = 320  # blocks up to here are diagonalised as a whole
MODEL_TOLERANCE = 1e-9  # change of the density, relative to its maximum, that a further frequency makes
MOST_FREQUENCIES = 160
REFINED = 8  # poles of a projected model that are refined on the full problem


@dataclass(frozen=True, eq=False)
class Response:
    """A small model of the response: generator, start and functional in a basis of few vectors.

    modes, shares  its eigenvalues and their weights (all of them, for grids and sums)
    poles, weights  those that are eigenvalues of the full problem, slowest first
    error  estimated error of the density relative to its maximum
    """

    matrix: NDArray[Any]
    start: Complex
    functional: Complex
    modes: Complex
    shares: Complex
    poles: Complex
    weights: Complex
    error: float

    def density(self, omega: Real) -> Real:
        """2 Re R(omega): the sum over poles, or linear equations where eigenvectors nearly coincide."""
        if self._by_poles:
            return self._sum(omega)
        return self._solved(omega)

    @cached_property
    def _by_poles(self) -> bool:
        probe = natural_grid(self.modes, self.shares, 1)
        exact = self._solved(probe)
        return bool(np.abs(self._sum(probe) - exact).max() <= 1e-11 * np.abs(exact).max())

    def _sum(self, omega: Real) -> Real:
        return np.array([-2 * np.sum(self.shares / (self.modes + 1j * w)).real for w in omega])

    def _solved(self, omega: Real) -> Real:
        identity = np.eye(len(self.matrix))
        solved = (np.linalg.solve(self.matrix + 1j * w * identity, self.start) for w in omega)
        return np.array([-2 * (self.functional @ x).real for x in solved])


def _model(matrix: NDArray[Any], start: Complex, functional: Complex, error: float) -> Response:
    modes, vectors = np.linalg.eig(matrix)
    shares = (functional @ vectors) * np.linalg.solve(vectors, start)
    order = np.argsort(-modes.real)
    modes, shares = modes[order] + 0j, shares[order]
    return Response(matrix, start, functional, modes, shares, modes, shares, error)


def response(block: Coherence) -> Response:
    """The response of a coherence block.

    Large blocks are projected on the solutions of L + i omega and of its transpose at frequencies
    that are added where the model is worst (rational Krylov).  Raises `ConvergenceError` if the
    model does not settle.
    """
    if len(block.start) <= DENSE_SIZE:
        return _model(block.matrix.toarray(), block.start, block.functional, 0.0)
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
        found = [
            factor.solve(self.block.start),
            np.conj(factor.solve(self.block.functional, transposed=True)),
        ]
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
        for omega in _first_frequencies(self.block):
            self.extend(omega)
        model, error, quiet = self.model(1.0), 1.0, 0
        while len(self.done) < MOST_FREQUENCIES:
            probe = natural_grid(model.modes, model.shares, 6)
            probe = probe[np.min(np.abs(probe[:, None] - np.array(self.done)), axis=1) > 0]
            before = model._solved(probe)
            self.extend(self._worst(model, probe))
            model = self.model(error)
            error = float(np.abs(model._solved(probe) - before).max() / np.abs(before).max())
            quiet = quiet + 1 if error < MODEL_TOLERANCE else 0
            if quiet == 2:
                return self._with_poles(model, error)
        raise ConvergenceError(
            f"the spectrum changes by {error:.1e} of its maximum after {len(self.done)} frequencies"
        )

    def _worst(self, model: Response, probe: Real) -> float:
        """The probe where the residual of the model's solution is largest."""
        identity = np.eye(len(model.matrix))
        small = [np.linalg.solve(model.matrix + 1j * w * identity, model.start) for w in probe]
        y = np.array(small).T
        rest = self.image @ y + (self.basis @ y) * (1j * probe) - self.block.start[:, None]
        return float(probe[np.argmax(np.linalg.norm(rest, axis=0))])

    def _with_poles(self, model: Response, error: float) -> Response:
        """The model with the poles that matter most, refined on the full problem."""
        heights = np.abs(model.shares / model.modes.real)
        found: list[tuple[complex, complex]] = []
        for k in np.argsort(-heights)[:REFINED]:
            if self.symmetric and model.modes[k].imag < -1e-9 * abs(model.modes[k]):
                continue
            pole = self._refined(complex(model.modes[k]))
            if pole is None or any(abs(pole[0] - p) < 1e-6 * abs(p) for p, _ in found):
                continue
            found.append(pole)
            if self.symmetric and abs(pole[0].imag) > 1e-9 * abs(pole[0]):
                found.append((pole[0].conjugate(), pole[1].conjugate()))
        found.sort(key=lambda pole: -pole[0].real)
        poles, weights = (np.array([pole[i] for pole in found], dtype=complex) for i in (0, 1))
        return replace(model, poles=poles, weights=weights, error=error)

    def _refined(self, pole: complex) -> tuple[complex, complex] | None:
        """Two-sided inverse iteration; None if it does not settle on an eigenvalue near by."""
        right, left, near = self.block.start, self.block.functional, pole
        for _ in range(3):
            factor = self.solver.factor(near * (1 + 1e-9))
            for _ in range(3):
                right = factor.solve(right)
                left = factor.solve(left, transposed=True)
                right, left = right / np.linalg.norm(right), left / np.linalg.norm(left)
            image = self.block.matrix @ right
            near = complex(left @ image / (left @ right))
            if np.linalg.norm(image - near * right) < 1e-9 * abs(near):
                weight = (self.block.functional @ right) * (left @ self.block.start) / (left @ right)
                return near, complex(weight)
        return None


def _first_frequencies(block: Coherence) -> list[float]:
    diagonal = block.matrix.diagonal()
    width = float(np.abs(diagonal.real).min())
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
