"""Annealing: Langevin dynamics of the ions, cooled from near the crystal's melting point (Leimkuhler and Matthews, BAOAB)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_HOT = 1 / 200  # temperature in q^2/(4 pi eps0 a kB): the infinite crystal melts at 1/174, small ones below
_COLD = 1 / 800
_STEP = 0.2  # in 1/omega_p: the fastest motion is the plasma oscillation
_FRICTION = 0.02  # in omega_p; weak: the ions try more before they are stopped


def anneal(
    slope: Callable[[Array], Array],
    positions: Array,
    trace: float,
    steps: int,
    rng: np.random.Generator,
    *,
    first: int = 0,
    watch: Callable[[int, Array], None] | None = None,
) -> Array:
    """Positions after steps `first` ... `steps` of a run that cools geometrically through the melting point.

    slope    gradient of the scaled energy
    trace    of the trap's matrix: omega_p^2 = trace, and the Wigner-Seitz radius a = (3/trace)^(1/3)
    watch    called with the number of steps done and the positions after each of them
    """
    step, unit = _STEP / np.sqrt(trace), (trace / 3) ** (1 / 3)
    keep = np.exp(-_FRICTION * _STEP)
    x = positions.copy()
    hot = _HOT * unit * (_COLD / _HOT) ** (first / steps)
    v = rng.normal(scale=np.sqrt(hot), size=x.shape)
    push = slope(x)
    for k in range(first, steps):
        temperature = _HOT * unit * (_COLD / _HOT) ** (k / steps)
        v -= step / 2 * push
        x += step / 2 * v
        v = keep * v + np.sqrt(temperature * (1 - keep**2)) * rng.normal(size=v.shape)
        x += step / 2 * v
        push = slope(x)
        v -= step / 2 * push
        if watch is not None:
            watch(k + 1, x)
    return x
