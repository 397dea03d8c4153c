"""Spectra of large blocks, and of lines much narrower than the generator's norm: rational Krylov projection.

The generator is projected on the solutions of L + i omega and of its transpose at frequencies that
are added where the projected model is worst; each costs one elimination or iteration (`resolvent`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.coherence import Coherence
from atomcavity.dynamics.exact.poles import REAL, refined
from atomcavity.dynamics.exact.resolvent import NEAREST, Resolvent
from atomcavity.dynamics.exact.response import Response, dense_response, natural_grid
from atomcavity.errors import ConvergenceError

Real = NDArray[np.float64]
MODEL_TOLERANCE = 1e-9  # change of the density, relative to its maximum, that a further frequency makes
MOST_FREQUENCIES = 160
REFINED = 4  # poles that are refined on the full problem


class Projection:
    """The growing basis of solutions."""

    def __init__(self, block: Coherence) -> None:
        self.block = block
        self.solver = Resolvent(block.matrix, block.level)
        self.basis = np.zeros((len(block.start), 0), dtype=complex)
        self.image = self.basis
        self.symmetric = np.isrealobj(block.matrix.data)
        self.done: list[float] = []

    def extend(self, omega: float) -> None:
        """Add the solutions at omega (and, for a real generator, at -omega) to the basis."""
        nearest = NEAREST * self.block.scale if self.block.null is not None else 0.0
        factor = self.solver.at(-1j * (omega if abs(omega) >= nearest else nearest))
        # the start and the functional are multiples of real vectors on resonance, so that the
        # complex conjugates solve the problem at -omega
        right = factor.solve(self.block.start)
        left = factor.solve(self.block.functional, transposed=True)
        found = [self.block.without_null(right), np.conj(self.block.without_null(left, transposed=True))]
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
        self.image = np.column_stack([self.image, self.block.apply(fresh)])

    def model(self) -> Response:
        """The projected problem."""
        dual = self.basis.conj().T
        return dense_response(dual @ self.image, dual @ self.block.start, self.block.functional @ self.basis)

    def run(self) -> Response:
        """Extend the basis until the density stands still; `ConvergenceError` if it does not."""
        for omega in _first_frequencies(self.block):
            self.extend(omega)
        model, error, quiet = self.model(), 1.0, 0
        while len(self.done) < MOST_FREQUENCIES:
            probe = natural_grid(model.modes, model.shares, 6)
            probe = probe[np.min(np.abs(probe[:, None] - np.array(self.done)), axis=1) > 0]
            before = model.density(probe)
            self.extend(self._worst(probe))
            model = self.model()
            error = float(np.abs(model.density(probe) - before).max() / np.abs(before).max())
            quiet = quiet + 1 if error < MODEL_TOLERANCE else 0
            if quiet == 2:
                return self._with_poles(model, error)
        raise ConvergenceError(
            f"the spectrum changes by {error:.1e} of its maximum after {len(self.done)} frequencies"
        )

    def _worst(self, probe: Real) -> float:
        """The probe where the residual of the projected solution is largest."""
        dual = self.basis.conj().T
        matrix, start = dual @ self.image, dual @ self.block.start
        small = [np.linalg.solve(matrix + 1j * w * np.eye(len(start)), start) for w in probe]
        y = np.array(small).T
        rest = self.image @ y + (self.basis @ y) * (1j * probe) - self.block.start[:, None]
        return float(probe[np.argmax(np.linalg.norm(rest, axis=0))])

    def _with_poles(self, model: Response, error: float) -> Response:
        """The model with the poles that matter most, refined on the full problem."""
        heights = np.abs(model.shares / model.modes.real)
        found: list[tuple[complex, complex]] = []
        for k in np.argsort(-heights)[:REFINED]:
            if self.symmetric and model.modes[k].imag < -REAL * abs(model.modes[k]):
                continue
            pole = refined(self.block, self.solver, complex(model.modes[k]))
            if pole is None or any(abs(pole[0] - p) < 1e-6 * abs(p) for p, _ in found):
                continue
            found.append(pole)
            if self.symmetric and abs(pole[0].imag) > REAL * abs(pole[0]):
                found.append((pole[0].conjugate(), pole[1].conjugate()))
        found.sort(key=lambda pole: -pole[0].real)
        poles, weights = (np.array([pole[i] for pole in found], dtype=complex) for i in (0, 1))
        return replace(model, poles=poles, weights=weights, error=error)


def _first_frequencies(block: Coherence) -> list[float]:
    diagonal = block.matrix.diagonal()
    width = float(np.abs(diagonal.real).min())
    centre = float(-np.sum(np.abs(block.start) * diagonal.imag) / np.abs(block.start).sum())
    return [centre, centre + width, centre - width] if np.any(diagonal.imag) else [0.0, width]
