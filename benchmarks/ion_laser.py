"""Benchmarks of the ion laser: Coulomb crystals and their forces, ours beside a peer in one process.

OPENBLAS_NUM_THREADS=1 python benchmarks/ion_laser.py [--quick] [--only ID] [--json FILE]
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import scipy
from scipy.optimize import minimize
from table import Row, best_of, main

from atomcavity.parallel import spawn_seeds
from atomcavity.traps.crystal import find_crystal
from atomcavity.traps.crystal.coulomb import coulomb, multipoles_installed
from atomcavity.traps.crystal.starts import lattice_start

SCIPY, NUMPY = f"SciPy {scipy.__version__}", f"NumPy {np.__version__}"


def numpy_coulomb(positions: np.ndarray, rows: int = 250) -> tuple[float, np.ndarray]:
    """Sum over pairs of 1/r_ij and its gradient in whole arrays, some rows at a time to bound the memory."""
    energy, gradient = 0.0, np.empty_like(positions)
    for first in range(0, len(positions), rows):
        part = slice(first, first + rows)
        apart = positions[part, None, :] - positions[None, :, :]
        square = np.einsum("ijk,ijk->ij", apart, apart)
        square[np.arange(len(square)), first + np.arange(len(square))] = np.inf
        inverse = 1 / np.sqrt(square)
        energy += 0.5 * float(inverse.sum())
        gradient[part] = -np.einsum("ij,ijk->ik", inverse**3, apart)
    return energy, gradient


def crystal(quick: bool) -> Iterator[Row]:
    """One crystal at rest from the same start, against SciPy's L-BFGS with forces in NumPy arrays, to the same largest force.

    The two end in different minima of nearly the same energy: the disagreement is that of the energies.
    """
    ions, largest = (300 if quick else 1000), 1e-5

    def ours() -> float:
        return find_crystal(1.0, ions, starts=1, tolerance=largest / 4).energy

    def peer() -> float:
        start = lattice_start(np.eye(3), ions, np.random.default_rng(spawn_seeds(0, 1)[0]))

        def energy(flat: np.ndarray) -> tuple[float, np.ndarray]:
            r = flat.reshape(-1, 3)
            value, gradient = numpy_coulomb(r)
            return value + 0.5 * float(flat @ flat), (gradient + r).ravel()

        options = {"maxcor": 20, "gtol": largest, "ftol": 0.0, "maxiter": 20_000, "maxfun": 40_000}
        return float(minimize(energy, start.ravel(), jac=True, method="L-BFGS-B", options=options).fun)

    ours_s, mine = best_of(3, ours)
    peer_s, theirs = best_of(1, peer)
    yield Row(
        "crystal-n1000",
        f"N={ions}, from a bcc ball to rest",
        ours_s,
        f"{SCIPY} L-BFGS-B, forces by {NUMPY}",
        peer_s,
        peer_s / ours_s,
        abs(mine / theirs - 1),  # type: ignore[operator]
    )


def forces(quick: bool) -> Iterator[Row]:
    """Energy and forces of 10^4 ions, against direct sums in NumPy arrays; disagreement: of the largest force."""
    ions = 3000 if quick else 10_000
    r = lattice_start(np.eye(3), ions, np.random.default_rng(0))
    ours_s, mine = best_of(5, lambda: coulomb(r)[1])
    peer_s, theirs = best_of(1, lambda: numpy_coulomb(r)[1])
    error = np.abs(mine - theirs).max() / np.abs(theirs).max()  # type: ignore[operator,call-overload]
    yield Row(
        "coulomb-force-n10000",
        f"N={ions}, energy and forces",
        ours_s,
        f"{NUMPY}, direct sums by rows",
        peer_s,
        peer_s / ours_s,
        float(error),
    )


def multipoles(quick: bool) -> Iterator[Row]:
    """The same of 10^5 ions by fast multipoles, against our own direct sums; disagreement: rms, of the rms force."""
    if not multipoles_installed():
        return
    ions = 30_000 if quick else 100_000
    r = lattice_start(np.eye(3), ions, np.random.default_rng(0))
    ours_s, mine = best_of(2, lambda: coulomb(r, 1e-4)[1])
    peer_s, theirs = best_of(1, lambda: coulomb(r)[1])
    error = math.sqrt(np.mean((mine - theirs) ** 2) / np.mean(theirs**2))  # type: ignore[operator]
    yield Row(
        "coulomb-force-n100000",
        f"N={ions}, multipoles (1e-4)",
        ours_s,
        "our direct sums, two threads",
        peer_s,
        peer_s / ours_s,
        error,
    )


if __name__ == "__main__":
    main(
        __doc__,
        {
            "crystal-n1000": crystal,
            "coulomb-force-n10000": forces,
            "coulomb-force-n100000": multipoles,
        },
        {
            "crystal-n1000": 1e-5,
            "coulomb-force-n10000": 1e-12,
            "coulomb-force-n100000": 1e-6,
        },
    )
