"""Coulomb sums over all pairs of ions: direct below a cross-over, by the fast multipole method above it.

The direct sum is shared by threads.  The fast multipole method is that of fmm3dpy (the extra `crystals`), at
a precision chosen from `PRECISIONS`; its potentials carry 1/(4 pi).
"""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import InputError, require

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.float64]

CROSS_OVER = 30_000
"""Number of ions above which the fast multipole method is used: where it costs what the direct sum does."""
PRECISIONS = (1e-3, 1e-4, 1e-9)
"""Precisions asked of the fast multipole method, in the order in which a minimisation goes through them.

What is asked is not what is got: rms errors of the force on 10^5 ions are 6e-4, 4e-7 and below 1e-9 (the largest
force of the trap is 46, in the same unit), and asking 1e-6 gives what 1e-4 does.
"""
_THREADED = 500  # ions above which threads pay


def multipoles_installed() -> bool:
    """Whether the fast multipole method can be used."""
    return importlib.util.find_spec("fmm3dpy") is not None


@cache
def _threads() -> int:
    """How many threads share a sum."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, 8)


def _shared(work: Callable[[int, int], None], count: int) -> None:
    """work(first, last) over all rows, by threads where that pays."""
    if count < _THREADED or _threads() == 1:
        work(0, count)
        return
    from concurrent.futures import ThreadPoolExecutor

    edges = np.linspace(0, count, 4 * _threads() + 1).astype(int)
    with ThreadPoolExecutor(_threads()) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))


def coulomb(positions: Array, precision: float = 0.0) -> tuple[float, Array]:
    """Sum over pairs of 1/r_ij and its gradient, shape (ion, 3); `precision` 0: direct sums.

    >>> energy, gradient = coulomb(np.array([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]))
    >>> energy, gradient[0].tolist()
    (0.5, [0.0, 0.0, -0.25])
    """
    if precision > 0:
        found = _multipoles(positions, precision, 2)
        return 2 * np.pi * float(np.sum(found.pot)), 4 * np.pi * np.ascontiguousarray(found.grad.T)
    from atomcavity.traps.crystal.kernel import forces

    x, y, z = np.ascontiguousarray(positions.T)
    gradient, potential = np.empty((3, x.size)), np.empty(x.size)
    _shared(lambda first, last: forces(x, y, z, first, last, gradient, potential), x.size)
    return 0.5 * float(np.sum(potential)), np.ascontiguousarray(gradient.T)


def field_gradient(positions: Array, precision: float = 0.0) -> Array:
    """Second derivatives of the potential sum_j 1/r_ij of the other ions at each ion, (ion, 3, 3), traceless."""
    if precision > 0:
        six = 4 * np.pi * _multipoles(positions, precision, 3).hess  # xx, yy, zz, xy, xz, yz
    else:
        from atomcavity.traps.crystal.kernel import curvatures

        x, y, z = np.ascontiguousarray(positions.T)
        six = np.empty((6, x.size))
        _shared(lambda first, last: curvatures(x, y, z, first, last, six), x.size)
    return np.ascontiguousarray(six[[[0, 3, 4], [3, 1, 5], [4, 5, 2]]].transpose(2, 0, 1))


def _multipoles(positions: Array, precision: float, derivatives: int):
    require(
        multipoles_installed(), "the fast multipole method needs fmm3dpy: pip install 'atomcavity[crystals]'"
    )
    import fmm3dpy

    sources = np.asfortranarray(positions.T)
    found = fmm3dpy.lfmm3d(eps=precision, sources=sources, charges=np.ones(len(positions)), pg=derivatives)
    if getattr(found, "ier", 0):
        raise InputError(f"the fast multipole method failed with code {found.ier} (out of memory?)")
    return found
