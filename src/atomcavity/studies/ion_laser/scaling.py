"""The scaling laws of the paper's Sec. VI: the largest power against the number of ions and the confinement, and where they end.

Everything at the same zeta = w_0/R_c: the waist follows the crystal.  The shifts are the residual ones of the
micromotion, Eq. (20): proportional to the square of the distance rho from the axis, of which a sphere of radius R
has the distribution 3/2 sqrt(1 - rho^2/R^2) d(rho^2/R^2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import hbar

from atomcavity.errors import unknown
from atomcavity.studies.ion_laser.continuum import ContinuousLaser, largest, mean_overlap
from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.ensemble import Ensemble
from atomcavity.studies.ion_laser.groups import Nodes
from atomcavity.traps.ion_shifts import largest_residual

Real = NDArray[np.float64]

READINGS = ("g₀²", "g₀²/2", "⟨g²⟩ over the crystal")
"""What "equal coupling g for all the atoms" of Sec. VI may mean: an ion on the axis in an antinode, there on the mean of
the standing wave, or on the mean of the crystal."""

MEGA = 2e6 * math.pi
_SHELLS = 24  # nodes of the distribution of shifts
_FAST = 1e6  # kappa of a cavity that is faster than everything, in units of N Gamma_c


@dataclass(frozen=True)
class Scaling:
    """How one laser scales with the number of ions and the confinement; `device` has the zeta, finesse, xi and F.

    groups  of (g, shift) of the crystal
    """

    device: Device
    groups: int = 64

    @cached_property
    def largest_shift(self) -> float:
        """Eq. (23) (rad/s) of the device."""
        d = self.device
        return largest_residual(d.experiment.trap.ions, d.trap, d.pair)

    def relative(self, ions: ArrayLike, confinement: ArrayLike) -> tuple[Real, Real]:
        """Collective rate (1/s), as R_c^-2, and largest shift (rad/s), as R_c^2 omega_z^4, of other crystals."""
        size = np.asarray(ions, float) / self.device.experiment.trap.ions
        stiffness = np.asarray(confinement, float) / self.device.confinement
        square = size ** (2 / 3) * stiffness ** (-4 / 3)  # of the radius
        return self.device.collective_rate / square, self.largest_shift * square * stiffness**4

    def continuum(self, ions: ArrayLike, confinement: ArrayLike) -> tuple[Real, Real]:
        """Best pump rate (1/s) and power (W) of continuous crystals without shifts; arrays of one shape."""
        n, c = np.broadcast_arrays(np.asarray(ions, float), np.asarray(confinement, float))
        zeta, own = self.device.zeta, self.device.continuum
        laser = ContinuousLaser(n, self.relative(n, c)[0] * zeta**2, own.gamma, own.xi, own.frequency)
        return laser.optimum(np.full(n.shape, zeta))

    def shifted(self, ions: ArrayLike, confinement: ArrayLike) -> tuple[Real, Real]:
        """The same with the micromotion's shifts, by groups."""
        return self._groups(ions, confinement).optimum()

    def _groups(self, ions: ArrayLike, confinement: ArrayLike) -> Ensemble:
        rate, shift = (x[..., None] for x in self.relative(*np.broadcast_arrays(ions, confinement)))
        nodes = Nodes.of(self.groups)
        rho2 = np.sum(nodes.position[:, :2] ** 2, axis=1)
        largest_g = np.sqrt(rate * self.device.mode.kappa / 4)
        g = largest_g * np.exp(-rho2 / self.device.zeta**2) * np.cos(nodes.phase)
        number = np.asarray(ions, float)[..., None] * nodes.weight
        return Ensemble.with_rates(self.device, number, g, shift * rho2)

    def best_confinement(self, reading: str) -> float:
        """omega_z (rad/s) of the largest power over omega_z and w with shifts and equal couplings, one of `READINGS`.

        For w >> gamma and a cavity faster than the ions the largest power is N^2 Gamma_c times a function of
        x = Delta_max/(N Gamma_c), Gamma_c = 4 g^2/kappa.  Both N Gamma_c and x grow as omega_z^(4/3), so that the
        largest power is where x has the value `best_shift`.
        """
        if reading not in READINGS:
            raise unknown("reading of equal couplings", reading, READINGS)
        d = self.device
        share = {READINGS[0]: 1.0, READINGS[1]: 0.5}.get(reading, float(mean_overlap(d.zeta)) / 2)
        x = self.largest_shift / (d.experiment.trap.ions * share * d.collective_rate)
        return d.confinement * (best_shift(d.experiment.pump.xi) / x) ** 0.75

    @cached_property
    def best_confinements(self) -> dict[str, float]:
        """omega_z/2pi (MHz) of the largest power, by reading."""
        return {reading: self.best_confinement(reading) / MEGA for reading in READINGS}


@cache
def best_shift(xi: float) -> float:
    """Delta_max/(N Gamma_c) at which N Gamma_c times the largest power over w is largest, Delta_max/(N Gamma_c) growing as N Gamma_c."""
    return math.exp(
        float(largest(lambda log: _scaled_power(log, xi), np.array(-1.5), np.array(1.0), steps=15))
    )


def _scaled_power(log_shift: Real, xi: float) -> Real:
    """The largest power of equal ions times x, the unit N Gamma_c being 1/s, for x = Delta_max/(N Gamma_c)."""
    shift, weight = shift_distribution()
    x = math.exp(float(log_shift))
    equal = Ensemble(weight, 0.5 * math.sqrt(_FAST), x * shift, _FAST, gamma=0.0, xi=xi, frequency=1 / hbar)
    return np.asarray(x * equal.optimum()[1])


def shift_distribution() -> tuple[Real, Real]:
    """rho^2/R^2 and weights of its distribution in a sphere, by Gauss's quadrature."""
    from scipy.special import roots_jacobi

    x, w = roots_jacobi(_SHELLS, 0.5, 0.0)
    return (1 + x) / 2, w / w.sum()
