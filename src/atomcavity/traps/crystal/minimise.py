"""Minimisation of a crystal's energy: L-BFGS with a line search on the slope (Nocedal and Wright, sections 3.5 and 7.2).

The line search judges a step by the slope along it, not by the energy: near the minimum the energy's change is far
below the error of its sum, while the gradient still tells the way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Objective = Callable[[Array], tuple[float, Array]]

_STEEP = 0.6  # a step is taken once the slope along it is this part of the first one
_TRIALS = 8


@dataclass
class Minimum:
    """The point reached: positions, energy, gradient, evaluations used; `converged`, or stalled at the noise."""

    positions: Array
    energy: float
    gradient: Array
    evaluations: int
    converged: bool
    stalled: bool

    @property
    def rms(self) -> float:
        """Root mean square of the gradient's components."""
        return float(np.sqrt(np.mean(self.gradient**2)))


class _Memory:
    """The last pairs of steps and gradient changes; their inverse Hessian times a vector."""

    def __init__(self, size: int, pairs: int) -> None:
        self.step, self.change = np.zeros((pairs, size)), np.zeros((pairs, size))
        self.product = np.zeros(pairs)
        self.order: list[int] = []

    def add(self, step: Array, change: Array) -> None:
        product = float(step @ change)
        if product <= 1e-12 * float(np.linalg.norm(step) * np.linalg.norm(change)):
            return
        used = len(self.order)
        slot = used if used < len(self.step) else self.order.pop(0)
        self.step[slot], self.change[slot], self.product[slot] = step, change, product
        self.order.append(slot)

    def clear(self) -> None:
        self.order.clear()

    def descent(self, gradient: Array) -> Array:
        """-H gradient."""
        from atomcavity.traps.crystal.kernel import descent

        order = np.array(self.order, dtype=np.int64)
        return np.asarray(descent(self.step, self.change, self.product, order, gradient))


def minimise(
    objective: Objective,
    start: Array,
    *,
    tolerance: float,
    evaluations: int,
    longest: float,
    noise: float = 1e-13,
    pairs: int = 12,
    watch: Callable[[Minimum], None] | None = None,
) -> Minimum:
    """Follow the energy down from `start` until the gradient's rms is below `tolerance`.

    objective   (ion, 3) -> energy, gradient (ion, 3)
    longest     no ion moves farther than this in one step
    noise       relative error of the energies: a rise below it is none
    watch       called with the present `Minimum` after every step
    Stops without convergence after `evaluations`, or when no step lowers the slope any more (stalled).
    """
    shape, x = start.shape, start.ravel().copy()
    energy, slope = objective(x.reshape(shape))
    now = Minimum(x.reshape(shape), energy, slope, 1, False, False)
    memory = _Memory(x.size, pairs)
    while True:
        now.converged = now.rms <= tolerance
        if watch is not None:
            watch(now)
        if now.converged or now.evaluations >= evaluations:
            return now
        gradient = now.gradient.ravel()
        direction = memory.descent(gradient)
        if float(direction @ gradient) >= 0:
            memory.clear()
            direction = -gradient
        after = _step(objective, now, direction, longest, noise)
        if after is None and memory.order:  # once more, steepest descent
            memory.clear()
            after = _step(objective, now, -gradient, longest, noise)
        if after is None:
            now.stalled = True
            return now
        memory.add((after.positions - now.positions).ravel(), (after.gradient - now.gradient).ravel())
        now = after


def _step(
    objective: Objective, now: Minimum, direction: Array, longest: float, noise: float
) -> Minimum | None:
    """A point along `direction` where the slope has fallen enough; None if there is none (noise)."""
    along = direction.reshape(now.positions.shape)
    first = float(np.sum(now.gradient * along))
    reach = longest / float(np.sqrt(np.max(np.sum(along**2, axis=1))))
    low, low_slope, high, high_slope = 0.0, first, math.inf, math.nan
    length = min(1.0, reach)
    for _ in range(_TRIALS):
        positions = now.positions + length * along
        energy, gradient = objective(positions)
        now.evaluations += 1
        slope = float(np.sum(gradient * along))
        higher = not energy <= now.energy + noise * abs(now.energy)
        if not higher and (abs(slope) <= _STEEP * -first or (slope < 0 and length >= reach)):
            return Minimum(positions, energy, gradient, now.evaluations, False, False)
        if higher or slope > 0:
            high, high_slope = length, math.nan if higher else slope
        else:
            low, low_slope = length, slope
        if math.isinf(high):
            secant = first / (first - slope) if slope > first else 4.0
            length = min(reach, length * min(max(secant, 1.5), 4.0))
        else:
            part = 0.3 if math.isnan(high_slope) else low_slope / (low_slope - high_slope)
            length = low + min(max(part, 0.1), 0.9) * (high - low)
    return None
