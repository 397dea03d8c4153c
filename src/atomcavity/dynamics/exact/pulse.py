"""The light of a whole pulse: the integral X = int_0^inf [rho(t) - rho(inf)] dt, in the place of rho.

L X = rho(inf) - rho(0).  Nothing pumps, so that the excitation number only falls: X follows level by level
from the top.  Levels that hold dark states (no decay, no light) are singular; there rho(inf) is the part of
the incoming state along them, which is left out.  The ground level holds no light and is left out too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.evolve import most_excitations
from atomcavity.dynamics.exact.hermitian import HermitianBlock
from atomcavity.dynamics.exact.observables import Observables
from atomcavity.dynamics.exact.sector import Sector
from atomcavity.dynamics.exact.stationary import Stationary
from atomcavity.dynamics.methods import Exact
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.reduction import reduce
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, require

Real = NDArray[np.float64]
ROUNDING = 4e-16  # times the size: singular values below this part of the largest belong to dark states
ENDLESS_PHOTONS = 1e-9  # photons that stay in dark states for ever
LARGE = 400  # size of a level beyond which it is solved as a sparse one where it is regular
MOST = 5000  # size of a level that may be singular
ENDLESS = "light that never leaves: give every mode kappa > 0, or every emitter a decay"


def pulse(system: CavitySystem, method: Exact, initial: Preparation) -> Stationary:
    """X in the form of a stationary state; means are integrals over time (in s).

    Raises `InputError` for systems with a pump or a coherent drive, whose light never ends.
    """
    reduced = reduce(system, initial.matrices(system))
    require(
        reduced.conserved,
        "the light of a driven system never ends: leave initial= out for the stationary light, or use evolve",
    )
    require(
        not reduced.pumped,
        "the light of a pumped system never ends: leave initial= out for the stationary light, or use evolve",
    )
    most = most_excitations(reduced)
    cutoff = most if method.photons is None else min(method.photons, most)
    sector = Sector(reduced, 0, cutoff if len(reduced.mode_matrix) else 0, most)
    observe = Observables(system, sector)
    modes = range(len(system.modes))
    numbers = [observe.mode_correlation(i, j) for i in modes for j in modes]
    start = sector.product_state(reduced.states)
    block = HermitianBlock(sector, numbers, start)
    photons = observe.photons(np.diag(sector.fock.total).astype(complex))
    y, residual = _integral(block, block.pack(start), block.fold(photons).real)
    warnings: tuple[str, ...] = ()
    if cutoff < most:
        warnings = (f"the photon cut-off {cutoff} lies below the {most} excitations of the start",)
    return Stationary(system, block, y, residual, float("nan") if cutoff < most else 0.0, warnings)


def _integral(block: HermitianBlock, start: Real, photons: Real) -> tuple[Real, float]:
    """X and its residual, from the top level down to the first."""
    matrix = block.matrix.tocsr()
    right, x = -start, np.zeros_like(start)
    rest = 0.0
    for level in range(int(block.level.max(initial=0)), 0, -1):
        rows = np.flatnonzero(block.level == level)
        if len(rows) == 0 or not np.any(right[rows]):
            continue
        diagonal = matrix[rows][:, rows]
        solution, dark = _level(diagonal, right[rows])
        if abs(photons[rows] @ dark) > ENDLESS_PHOTONS:
            raise InputError(ENDLESS)
        x[rows] = solution
        left_over = np.abs(diagonal @ solution + dark - right[rows]).max()
        rest = max(rest, float(left_over / np.abs(right[rows]).max()))
        right = right - matrix[:, rows] @ solution
    return x, rest


def _level(matrix: Any, right: Real) -> tuple[Real, Real]:
    """x with matrix x = right - dark, and the dark part of right: that along the null space."""
    from scipy.linalg import svd
    from scipy.sparse.linalg import LinearOperator, onenormest, splu

    rounding = ROUNDING * matrix.shape[0]
    if matrix.shape[0] > LARGE:
        try:
            factor = splu(matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
            inverse = LinearOperator(
                matrix.shape, matvec=factor.solve, rmatvec=lambda v: factor.solve(v, "T"), dtype=float
            )
            if onenormest(inverse) * abs(matrix).sum(axis=0).max() < 1 / rounding:
                return factor.solve(right), np.zeros_like(right)
        except RuntimeError:
            pass  # singular
        require(matrix.shape[0] <= MOST, "Exact: too many elements in a level with dark states; use Jumps()")
    u, singular, v = svd(matrix.toarray())
    null = singular <= rounding * max(singular[0], 1e-300)
    left, kernel = u[:, null], v[null].T
    dark = kernel @ np.linalg.solve(left.T @ kernel, left.T @ right) if null.any() else np.zeros_like(right)
    x = v[~null].T @ ((u[:, ~null].T @ (right - dark)) / singular[~null])
    if null.any():  # keep the solution free of dark states
        x = x - kernel @ np.linalg.solve(left.T @ kernel, left.T @ x)
    return x, dark
