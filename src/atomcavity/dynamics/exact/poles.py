"""Eigenvalues of a coherence block to nearly full accuracy: two-sided inverse iteration."""

from __future__ import annotations

import numpy as np

from atomcavity.dynamics.exact.coherence import Coherence
from atomcavity.dynamics.exact.resolvent import Resolvent

FACTORS = 5  # shifts that are tried, each at the last Rayleigh quotient
SAME = 1e-9  # relative error of the eigenvalue that ends the iteration
ASTRAY = 1e-2  # relative distance from the first guess at which another eigenvalue has been found
REAL = 1e-6  # relative imaginary part below which a guess is taken as real, if the generator is
BESIDE = 1e-5  # relative distance of a shift from the guess: closer ones are too singular to iterate with


def refined(block: Coherence, resolvent: Resolvent, guess: complex) -> tuple[complex, complex] | None:
    """The eigenvalue next to `guess` and its weight; None if the iteration does not settle near by."""
    symmetric = np.isrealobj(block.matrix.data)
    if symmetric and abs(guess.imag) < REAL * abs(guess):
        guess = complex(guess.real)
    right, left, near = block.start, block.functional, guess
    for _ in range(FACTORS):
        shift = near * (1 + BESIDE)
        real = symmetric and abs(shift.imag) < 1e-12 * abs(shift)
        factor = resolvent.at(shift.real if real else shift)
        right = block.without_null(factor.solve(right, rough=True))
        left = block.without_null(factor.solve(left, True, rough=True), transposed=True)
        right, left = right / np.linalg.norm(right), left / np.linalg.norm(left)
        image, overlap = block.apply(right), left @ right
        near = complex(left @ image / overlap)
        if not abs(near - guess) < ASTRAY * abs(guess):
            return None
        rest = np.linalg.norm(image - near * right), np.linalg.norm(block.matrix.T @ left - near * left)
        if rest[0] * rest[1] < SAME * abs(near) ** 2 * abs(overlap):  # second order in both errors
            weight = (block.functional @ right) * (left @ block.start) / (left @ right)
            return near, complex(weight)
    return None
