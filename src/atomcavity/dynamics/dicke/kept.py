"""The Dicke ladder with its cavity: identical emitters, one mode, no loss but the mode's.

With k excitations taken from the emitters and n photons, L = k - n photons have left.  H conserves k - n and every
lost photon raises it by one, so that rho is a chain of blocks L of the states |k = L + n, n>, n = 0, 1, ...:

    d rho_L/dt = -i (H_L rho_L - rho_L H_L^+) + kappa a rho_(L-1) a^+
    H_L = (Delta - i kappa/2) a^+ a + g (a J^+ + a^+ J^-),  <k+1, n+1|a^+ J^-|k, n> = sqrt(d_k (n + 1))

Coherences between neighbouring blocks, rho_(L, L+1), are a chain of the same form and carry <a> and <J^->.  In the
Schur basis of each H_L a time step is one forward substitution (`blocks`), which needs to resolve the pulse and,
where it matters, the filling of the cavity, but not kappa or the fastest rate of the ladder (Yu, Vollmer et al. 2023,
Sec. III, eliminate the cavity).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.dicke.chain import (
    CHUNK,
    MOST_STEPS,
    TOLERANCE,
    half_the_fractions,
    partial_fractions,
)
from atomcavity.dynamics.dicke.model import Ladder
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import ConvergenceError, InputError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

FEWEST_PHOTONS = 3  # cut-off to begin with
NEGLIGIBLE = 1e-8  # population of the highest photon number up to which the cut-off is enough
FALL = 1.0  # at least assumed fall of the populations from one photon number to the next (logarithm)
BITES = 1e-6  # from which on it is a warning
MOST_WORK = 3e7  # (blocks) x (size of a block)^3 up to which a cut-off is chosen


@dataclass(frozen=True, eq=False)
class Populations:
    """Of the ladder's levels (time, level) and of the photon numbers (time, number), and what is wrong with them.

    error      estimated error of the integration
    neglected  largest population, at any time, of the highest photon number; 0 if there cannot be more photons
    """

    levels: Real
    photons: Real
    error: float
    neglected: float


@dataclass(frozen=True, eq=False)
class KeptCavity:
    """The chain of blocks of one ladder, with at most `photons` photons in the mode.

    coupling  |g| (rad/s); kappa (1/s); detuning  cavity - emitters (rad/s)
    """

    ladder: Ladder
    coupling: float
    kappa: float
    detuning: float
    photons: int

    @cached_property
    def root(self) -> Real:
        """sqrt(d_k) for k = 0 ... N + photons, 0 beyond N, where there is no level."""
        k = np.arange(self.ladder.number + self.photons + 1.0)
        return np.sqrt(np.maximum((self.ladder.number - k) * (k + 1), 0))

    @cached_property
    def schur(self) -> tuple[Complex, Complex]:
        """Schur forms T_L and bases U_L of all blocks, H_L = U T U^+, (block, row, column)."""
        from scipy.linalg import schur

        n = np.arange(self.photons + 1)
        forms, bases = [], []
        for lost in range(self.ladder.number + 1):
            h = np.diag((self.detuning - 0.5j * self.kappa) * n)
            side = self.coupling * self.root[lost + n[:-1]] * np.sqrt(n[1:])
            form, basis = schur(h + np.diag(side, 1) + np.diag(side, -1), output="complex")
            forms.append(form)
            bases.append(basis)
        return np.array(forms), np.array(bases)

    def states(self, times: Real, start: Complex, apart: int) -> Iterator[tuple[Complex, Real]]:
        """rho_(L, L + apart) at ascending times, some rows (time, block, n, n') after another, and the clock so far.

        start  the elements without photons at t = 0, (block,)
        clock  [2] the estimated error, [4] the largest population of the highest photon number after any step
        """
        from atomcavity.dynamics.dicke.blocks import march_blocks

        forms, bases = self.schur
        left, right = (bases[: len(bases) - apart], bases[apart:])
        poles, weights = partial_fractions() if apart else half_the_fractions()
        x = np.ascontiguousarray(start[:, None, None] * left[:, 0, :, None].conj() * right[:, 0, None, :])
        onto = np.ascontiguousarray(self._jump(right).conj().swapaxes(1, 2))
        chain = forms[: len(left)], forms[apart:], self._jump(left), onto
        model = self.ladder
        clock = np.array([0.0, min(model.step, 0.1 / abs(self.detuning - 0.5j * self.kappa)), 0.0, 0.0, 0.0])
        rows = max(1, CHUNK // x.size)
        for begin in range(0, len(times), rows):
            part = times[begin : begin + rows]
            out = np.empty((len(part), *x.shape), complex)
            found = march_blocks(
                *chain, not apart, left[:, -1], poles, weights, TOLERANCE, MOST_STEPS, x, clock, part, out
            )
            if not found:
                raise ConvergenceError(
                    f"the Dicke ladder with its cavity did not reach t = {part[-1]:g} s in {MOST_STEPS} steps"
                )
            yield left @ out @ right.conj().swapaxes(1, 2), clock

    def _jump(self, bases: Complex) -> Complex:
        """sqrt(kappa) a from block L - 1 to block L in their bases."""
        lower = np.diag(np.sqrt(self.kappa * np.arange(1.0, self.photons + 1)), 1)
        found = np.zeros_like(bases)
        found[1:] = bases[1:].conj().swapaxes(1, 2) @ lower @ bases[:-1]
        return found

    def populations(self, times: Real) -> Populations:
        """What is on the ladder and in the mode at ascending times."""
        n = self.ladder.number
        levels, photons, clock = [], [], np.zeros(5)
        for rho, clock in self.states(times, self.ladder.start.astype(complex), 0):  # noqa: B007
            p = np.einsum("tlnn->tln", rho).real
            level = np.zeros((len(p), n + 1))
            for count in range(self.photons + 1):
                level[:, count:] += p[:, : n + 1 - count, count]
            levels.append(level)
            photons.append(p.sum(axis=1))
        top = 0.0 if self.photons == n else float(max(clock[4], *(p[:, -1].max() for p in photons)))
        return Populations(np.concatenate(levels), np.concatenate(photons), float(clock[2]), top)

    def amplitudes(self, times: Real) -> tuple[Complex, Complex, float]:
        """<a> and <J^-> in the frame of the emitters, (time,), and the estimated error."""
        n = np.arange(self.photons + 1)
        level = np.arange(self.ladder.number)[:, None] + n
        fields, moments, error = [], [], 0.0
        for rho, clock in self.states(times, self.ladder.coherent, 1):
            fields.append(np.einsum("tlnn,n->t", rho[:, :, 1:, :-1], np.sqrt(n[1:])))
            moments.append(np.einsum("tlnn,ln->t", rho, self.root[level]))
            error = float(clock[2])
        return np.concatenate(fields), np.concatenate(moments), error


def with_photons(model: Ladder, system: CavitySystem, photons: int | None, times: Real) -> KeptCavity:
    """The chain with the given cut-off, or with one raised until at most `NEGLIGIBLE` is in its highest number."""
    coupling, mode = float(abs(system.emitters[0].g_modes[0])), system.modes[0]
    detuning = mode.detuning - model.offset
    if photons is not None:
        return KeptCavity(model, coupling, mode.kappa, detuning, min(photons, model.number))
    mean = _expected(model)
    count = FEWEST_PHOTONS + int(2 * mean)
    fall = max(FALL, float(np.log1p(1 / max(mean, 1e-9))))  # as in thermal light
    while True:
        count = min(count, model.number)
        if (model.number + 1) * (count + 1.0) ** 3 > MOST_WORK:
            raise InputError(
                f"{model.number} emitters put some {count} photons or more into the cavity; use TruncatedWigner() or "
                "Jumps(), or give photons= (the time grows with its third power)"
            )
        chain = KeptCavity(model, coupling, mode.kappa, detuning, count)
        top = chain.populations(times[-1:]).neglected
        if top <= NEGLIGIBLE:
            return chain
        count += min(count, 1 + int(np.log(top / NEGLIGIBLE) / fall))


def _expected(model: Ladder) -> float:
    """A rough upper limit of the mean photon number: N^2/5 or N excitations emit at a time, all of them at most."""
    excitations = float(model.begun.sum())
    emission = min(model.number**2 / 5, model.number * excitations)
    return min(float(abs(model.light[0])) ** 2 * emission, excitations)
