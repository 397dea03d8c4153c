"""The Hanbury Brown-Twiss histogram of two channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.results import Result, axes_or_new, quantity

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Coincidences(Result):
    """Pairs of clicks against their delay tau = t_b - t_a.

    `expected` is the number of pairs that independent sources of the same mean rates would give in
    each bin, runs x rate_a rate_b int (T - |tau|) d tau over the bin (T the length of a run: the
    edges of a finite record are allowed for), so that counts/expected is g2(tau).
    """

    delay: Real = quantity("delay", unit="s", label="delay at the middle of the bin")
    width: Real = quantity("delay", unit="s", label="width of the bin")
    counts: NDArray[np.int64] = quantity("delay", label="pairs of clicks")
    expected: Real = quantity("delay", label="pairs expected of independent sources")
    first: str = quantity(label="channel of the first click")
    second: str = quantity(label="channel of the second click")

    @property
    def g2(self) -> Real:
        """counts/expected: g2(tau); NaN where nothing is expected."""
        return np.divide(
            self.counts, self.expected, out=np.full(len(self.counts), np.nan), where=self.expected > 0
        )

    @property
    def error(self) -> Real:
        """One standard error of `g2` from the Poisson statistics of the pairs (no pairs: that of one pair).

        Pairs are not independent where the light is strongly bunched; the error is then too small.
        """
        error = np.sqrt(np.maximum(self.counts, 1))
        return np.divide(error, self.expected, out=np.full(len(error), np.nan), where=self.expected > 0)

    def _summary(self) -> list[str]:
        return [
            f"{self.counts.sum()} pairs of {self.first!r} and {self.second!r}",
            f"delays from {self.delay[0] * 1e6:.4g} to {self.delay[-1] * 1e6:.4g} µs in {len(self.delay)} bins",
        ]

    def plot(self, ax: Any = None) -> Any:
        """Coincidence counts against the delay."""
        ax = axes_or_new(ax)
        edges = np.append(self.delay - self.width / 2, self.delay[-1] + self.width[-1] / 2)
        ax.stairs(self.counts, edges * 1e6, label=f"{self.first} – {self.second}")
        ax.set(xlabel="delay τ (µs)", ylabel="coincidences")
        ax.legend()
        return ax
