r"""The power of ions that all couple alike and are shifted by micromotion: the model of the paper's Sec. VI.

The shift (20) of an ion is delta = t Delta_max, t = r_perp^2/R^2, and t has the density 3 sqrt(1 - t)/2 in the sphere.  With
x = (delta - nu)/gamma_perp, nu the light's frequency from that of an unshifted ion, a bad cavity and the letters of
`continuum`,

    1 = (N Gamma D/(2 gamma_perp)) <1/(1 + x^2 + A)>,   nu = <delta/(1 + x^2 + A)>/<1/(1 + x^2 + A)>.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import hbar

from atomcavity.studies.ion_laser.continuum import mean_overlap
from atomcavity.studies.ion_laser.device import Device
from atomcavity.traps.ion_shifts import largest_residual

Real = NDArray[np.float64]

_X, _W = np.polynomial.legendre.leggauss(24)
SHARES = 1 - ((1 + _X) / 2) ** 2
"""Nodes t, with s = sqrt(1 - t): 3 sqrt(1 - t)/2 dt = 3 s^2 ds."""
WEIGHTS = 1.5 * _W * (1 - SHARES)
_STEPS, _INNER = 50, 6


@dataclass(frozen=True)
class ShiftedLaser:
    """The laser of a device at any confinement omega_z: waist and crystal scale together, zeta stays.

    The coupling of all ions is the root mean square one of the crystal.
    """

    device: Device

    def at(self, confinement: Real, pump: Real) -> Real:
        """Power (W) at omega_z (rad/s) and pump rates w (1/s), arrays of one shape; 0 where it does not lase."""
        device = self.device
        scale = np.asarray(confinement, float) / device.confinement
        rate = scale ** (4 / 3) * device.collective_rate * float(mean_overlap(device.zeta)) / 2
        reach = scale ** (8 / 3) * largest_residual(device.experiment.trap.ions, device.trap, device.pair)
        parallel = pump + device.line.gamma
        across = (parallel + device.experiment.pump.xi * pump) / 2
        gain = device.experiment.trap.ions * rate * (pump - device.line.gamma) / (2 * across * parallel)
        saturation = _saturation(gain, reach / across)
        return np.asarray(hbar * device.line.frequency * saturation * parallel * across / rate)

    def largest(self, confinement: ArrayLike, pumps: int = 60) -> Real:
        """Largest power (W) at each confinement (rad/s), over a grid of pump rates."""
        omega = np.asarray(confinement, float)
        high = self.device.continuum.thresholds(self.device.zeta)[1]
        top = 2 * high * (omega / self.device.confinement) ** (4 / 3)
        grid = np.linspace(0.02, 1, pumps)
        return np.asarray(self.at(omega[..., None] + 0 * grid, top[..., None] * grid).max(axis=-1))

    def best_confinement(self, low: float, high: float, points: int = 60) -> float:
        """omega_z (rad/s) of the largest power, by a parabola through the best three of a logarithmic grid."""
        grid = np.geomspace(low, high, points)
        power = self.largest(grid)
        k = int(np.clip(np.argmax(power), 1, points - 2))
        bend = np.polyfit(np.log(grid[k - 1 : k + 2]), power[k - 1 : k + 2], 2)
        return float(np.exp(-bend[1] / (2 * bend[0])))


def _saturation(gain: Real, reach: Real) -> Real:
    """A for G = `gain` and the largest shift `reach` in units of gamma_perp, by bisection; 0 where G is too small."""
    low, high = np.zeros(gain.shape), np.maximum(gain, 1.0)
    shift, nu = reach[..., None] * SHARES, reach * 0.4
    for _ in range(_STEPS):
        A = (low + high) / 2
        for _ in range(_INNER):
            answer = WEIGHTS / (1 + (shift - nu[..., None]) ** 2 + A[..., None])
            nu = (answer * shift).sum(axis=-1) / answer.sum(axis=-1)
        above = gain * answer.sum(axis=-1) > 1
        low, high = np.where(above, A, low), np.where(above, high, A)
    return np.where(low > 0, (low + high) / 2, 0.0)
