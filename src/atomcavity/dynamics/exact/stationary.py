"""The stationary density matrix: by block elimination, or by Krylov sweeps where that is cheaper."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.balance import balance, rescaled
from atomcavity.dynamics.exact.blocks import BlockTridiagonal
from atomcavity.dynamics.exact.hermitian import HermitianBlock
from atomcavity.dynamics.exact.observables import Observables
from atomcavity.dynamics.exact.sector import Sector
from atomcavity.dynamics.exact.sweeps import Sweeps
from atomcavity.dynamics.methods import Exact
from atomcavity.dynamics.reduction import Reduced, reduce
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import ConvergenceError, InputError

Real = NDArray[np.float64]
SWEEP_WORK = 3e8  # multiplications of an elimination beyond which sweeps are tried before it
MOST_WORK = 2e13  # multiplications that an elimination may take
SPAN = 3  # photons over which the fall of the photon distribution is measured
UNBOUNDED = 300  # cut-off at which photons that no mirror lets out are taken to grow without bound
TWINS = 1e-7  # change (sum of moduli, relative) that another start may make


@dataclass(frozen=True, eq=False)
class Stationary:
    """The stationary density matrix in the unknowns of `block` (of a pulse: its integral over time)."""

    system: CavitySystem
    block: HermitianBlock
    y: Real
    residual: float
    neglected: float
    warnings: tuple[str, ...]

    @property
    def sector(self) -> Sector:
        """The q = 0 block."""
        return self.block.sector

    @property
    def observables(self) -> Observables:
        """Functionals on that block."""
        return Observables(self.system, self.sector)

    def mean(self, functional: NDArray[np.complex128]) -> complex:
        """Expectation value of the operator of a functional of x."""
        return complex(self.block.fold(functional) @ self.y)

    def amplitude(self, mode: int) -> complex:
        """<a>; 0 where nothing drives: the phase of the light is then free."""
        observe = self.observables
        return 0j if self.sector.reduced.conserved else self.mean(observe.photons(observe.annihilators[mode]))

    def balance(self, sector: Sector) -> Real:
        """The scales of `balance` on a sector of the same reduced system."""
        observe = self.observables
        populations = [
            np.array([self.mean(observe.transition(m, i, i)).real for i in range(g.levels)])
            for m, g in enumerate(self.sector.reduced.groups)
        ]
        whole = (max(sum(populations[0]), 0.0) if populations else 0.0) or 1.0  # 0: a pulse without light
        photons = np.array([self.mean(f).real for f in observe.total_photons()])
        states = np.bincount(self.sector.fock.total, minlength=len(photons))
        return balance(sector, [p / whole for p in populations], photons / whole / states)


def first_cutoff(reduced: Reduced) -> int:
    """A guess for the photon cut-off from the pump that feeds the slowest mode, and from the drives."""
    if len(reduced.mode_matrix) == 0:
        return 0
    floor = sum(g.number * int(np.ptp(g.charges)) for g in reduced.groups)
    if not reduced.pumped:
        return floor
    pump = sum(
        g.number * max((r for a, b, r in g.decays if g.charges[b] > g.charges[a]), default=0.0)
        for g in reduced.groups
    )
    slowest = float(np.linalg.eigvalsh(reduced.kappa)[0])
    mean = min(0.5 * floor + 0.5, 0.5 * pump / slowest) if slowest > 0 else 0.5 * floor
    mean += _driven_photons(reduced)
    return max(3, math.ceil(mean + 4 * math.sqrt(mean) + 2))


def _driven_photons(reduced: Reduced) -> float:
    """Photons that the drives put into cavities without emitters, |alpha|^2 with (kappa/2 + i M) alpha = -i eta."""
    if not np.any(reduced.drive):
        return 0.0
    response = reduced.kappa / 2 + 1j * reduced.mode_matrix
    alpha = np.linalg.lstsq(response, -1j * reduced.drive, rcond=None)[0]
    return float(np.vdot(alpha, alpha).real)


def next_cutoff(cutoff: int, reached: float, tolerance: float, before: float | None = None) -> int:
    """A larger cut-off, extrapolated from the population that was neglected.

    before  the population at `SPAN` photons less: the tail falls at least as fast as between the two
    """
    slope = math.log(max(reached, 1e-300)) / cutoff
    wanted = 1.05 * math.log(tolerance) / slope + 1 if slope < 0 else 2 * cutoff
    if before is not None and before > reached > 0:
        local = cutoff + 1.05 * SPAN * math.log(reached / tolerance) / math.log(before / reached) + 1
        wanted = min(wanted, local)
    return min(max(math.ceil(wanted), cutoff + 2), 2 * cutoff)


def stationary(system: CavitySystem, method: Exact) -> Stationary:
    """The stationary state, the photon cut-off raised until its population is below the tolerance.

    Raises `InputError` if it is not unique or the problem too large, `ConvergenceError` if the
    equations are not solved.
    """
    reduced = reduce(system)
    cutoff = method.photons if method.photons is not None else first_cutoff(reduced)
    bound = None
    if not reduced.pumped:  # nothing is ever excited: the ground states hold the answer
        cutoff, bound = (0 if len(reduced.mode_matrix) == 0 else 1), 1
    state: Stationary | None = None
    while True:
        block = HermitianBlock(Sector(reduced, 0, cutoff, bound))
        y = _null_vector(system, block, state)
        residual = _residual(block, y)
        state = Stationary(system, block, y, residual, 0.0, ())
        if not reduced.pumped or len(reduced.mode_matrix) == 0:
            return state
        neglected = abs(state.mean(state.observables.total_photons()[-1]))
        if method.photons is not None or neglected <= method.tolerance:
            break
        if cutoff >= UNBOUNDED and neglected * cutoff > 0.5 and not np.all(system.kappas):
            raise InputError(
                f"no stationary state: the photons still grow at a cut-off of {cutoff}; "
                "give every mode kappa > 0, or the emitters less pump than decay"
            )
        tail = state.observables.total_photons()
        before = abs(state.mean(tail[-1 - SPAN])) if len(tail) > SPAN else None
        cutoff = next_cutoff(cutoff, neglected, method.tolerance, before)
    warnings: tuple[str, ...] = ()
    if neglected > method.tolerance:
        warnings = (
            f"the photon cut-off {cutoff} bites: the population at it is {neglected:.1e}; "
            "raise photons= or leave it out",
        )
    return Stationary(system, block, y, residual, neglected, warnings)


def _null_vector(system: CavitySystem, block: HermitianBlock, previous: Stationary | None) -> Real:
    """The normalised null vector: by elimination, or by sweeps where that is cheaper."""
    elimination = BlockTridiagonal(block.matrix, block.level)
    if elimination.work > SWEEP_WORK:
        try:
            return _swept(system, block, previous)
        except ConvergenceError:
            if elimination.work > MOST_WORK:
                raise
    y = elimination.null_vector()
    return y / (block.trace @ y)


def _swept(system: CavitySystem, block: HermitianBlock, previous: Stationary | None) -> Real:
    """The null vector by sweeps from two starts; `ConvergenceError` if they do not lead to the same one."""
    sector = block.sector
    if previous is None:  # the first solution gives the scales for an accurate one
        mixed = block.pack(
            sector.product_state(
                [np.diag(np.full(s.levels, 1 / s.levels, dtype=complex)) for s in sector.spaces]
            )
        )
        rough = Sweeps(block.matrix, block.level).null_vector(block.trace, mixed)
        previous = Stationary(system, block, rough, 0.0, 0.0, ())
    known = block.pack(previous.sector.embed(previous.block.unpack(previous.y), sector))
    lowest = block.pack(
        sector.product_state([np.diag(np.eye(s.levels, dtype=complex)[0]) for s in sector.spaces])
    )
    scale = block.positive(previous.balance(sector))
    sweeps = Sweeps(rescaled(block.matrix, scale), block.level)
    y, other = (scale * sweeps.null_vector(block.trace * scale, x / scale) for x in (known, lowest))
    apart = float(np.abs(other - y).sum() / np.abs(y).sum())
    if apart > TWINS:
        raise ConvergenceError(
            f"two starts lead to stationary states that differ by {apart:.1e}: it may not be unique"
        )
    return y


def _residual(block: HermitianBlock, y: Real) -> float:
    """max |L y| relative to |L| max |y|; `ConvergenceError` where that is large."""
    scale = float(abs(block.matrix).sum(axis=1).max() * np.abs(y).max())
    residual = float(np.abs(block.matrix @ y).max() / scale) if scale else 0.0
    if not np.all(np.isfinite(y)) or residual > 1e-9:
        raise ConvergenceError(f"the stationary state has the relative residual {residual:.1e}")
    return residual
