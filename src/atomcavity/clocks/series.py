"""`FrequencySeries`: fractional frequencies at equal intervals, what a clock or a noise process hands out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.results import Result, quantity

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class FrequencySeries(Result):
    """Fractional frequency y = (nu - nu_0)/nu_0, one sample an interval."""

    y: Real = quantity("sample", label="fractional frequency")
    interval: float = quantity(unit="s", label="time from one sample to the next")

    @property
    def phase(self) -> Real:
        """Time error x (s), shape (samples + 1,): x[0] = 0, x[k + 1] = x[k] + y[k] interval."""
        return np.concatenate(([0.0], np.cumsum(self.y) * self.interval))

    def _summary(self) -> list[str]:
        y = self.y
        return [
            f"{len(y)} samples, one every {self.interval:.4g} s",
            f"mean {y.mean():.4g}, standard deviation {y.std():.4g}, from {y.min():.4g} to {y.max():.4g}",
        ]
