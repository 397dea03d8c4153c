"""Answers to inputs that are drawn from their uncertainties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.results import Result, quantity
from atomcavity.studies.sensitivity import hidden

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Samples(Result):
    """Drawn inputs and the answers to them, in SI; NaN where there is none.

    nominal  the answers at the values in the file
    """

    answer: NDArray[np.str_] = quantity("answer", label="key of the answer", coordinate=True)
    input: NDArray[np.str_] = quantity("input", label="key of the input", coordinate=True)
    nominal: Real = quantity("answer", label="at the values of the file")
    inputs: Real = quantity("sample", "input", label="drawn inputs (SI)")
    answers: Real = quantity("sample", "answer", label="answers to them (SI)")

    @property
    def spread(self) -> Real:
        """Standard deviation of each answer over the samples that have one; NaN for fewer than two."""
        known = np.isfinite(self.answers)
        count = known.sum(0)
        rows = np.where(known, self.answers, 0.0)
        mean = rows.sum(0) / np.maximum(count, 1)
        squares = np.where(known, (rows - mean) ** 2, 0.0).sum(0)
        return np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan)

    def doubts(self, own: Real) -> tuple[str, ...]:
        """Answers that some samples lack, and those whose spread may be the method's `own` statistical error."""
        count = np.isfinite(self.answers).sum(0)
        some = [str(key) for key, n in zip(self.answer, count, strict=True) if 0 < n < len(self.answers)]
        lacking = (f"some samples have no answer and are left out: {', '.join(some)}",) if some else ()
        return (*lacking, *hidden(self.answer, self.spread, own))
