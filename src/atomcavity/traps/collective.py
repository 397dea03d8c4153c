"""Small motion of a crystal around its periodic orbits: whether it stays bounded, and its frequencies (Floquet)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import require
from atomcavity.traps.micromotion import Orbits
from atomcavity.traps.orbits import coulomb_jacobian
from atomcavity.traps.paul import PaulTrap

Array = NDArray[np.float64]

_SLOWEST = 1e-3  # of the confinement: slower growth is not told from the errors of integration and rounding
_LARGEST = 300  # ions: the matrices are 6 ions wide


@dataclass(frozen=True, eq=False)
class CollectiveModes:
    r"""Linear motion around periodic orbits.

    frequencies  (3 ion,) of the modes (rad/s), ascending, $\beta\Omega/2$ with $0\le\beta\le1$ from the Floquet
        multipliers $e^{\pm i\pi\beta}$; 0 or $\Omega/2$ for a pair that grows and decays
    growth  rate of the fastest growing amplitude (rad/s); 0 in a stable crystal, below 1e-3 of the confinement counts
        as 0 (an equilateral triangle of three ions turns that freely in a spherical trap)
    """

    frequencies: Array
    growth: float

    @property
    def stable(self) -> bool:
        """Whether all small motion stays bounded: what the paper assumes of its crystals."""
        return self.growth == 0


def collective_modes(trap: PaulTrap, orbits: Orbits, *, steps: int = 128) -> CollectiveModes:
    r"""The modes of a crystal with all its micromotion, around the orbits of `periodic_orbits`.

    The linearised Eq. (3) is carried over one period $\pi$ of $\tau=\Omega t/2$ by `steps` of the symplectic method of
    Forest and Ruth (order 4, Physica D 43, 105 (1990)), whose multipliers keep to the unit circle.

    `InputError` for more than 300 ions.
    """
    mean = orbits.harmonics[0]
    require(
        len(mean) <= _LARGEST, f"collective modes take matrices: {len(mean)} ions are more than {_LARGEST}"
    )
    size = 3 * len(mean)
    place, speed = np.eye(size, 2 * size), np.eye(size, 2 * size, k=size)
    w = 1 / (2 - 2 ** (1 / 3))
    drift, kick = (w / 2, (1 - w) / 2, (1 - w) / 2, w / 2), (w, 1 - 2 * w, w, 0.0)
    h, tau = math.pi / steps, 0.0
    for _ in range(steps):
        for c, d in zip(drift, kick, strict=True):
            place = place + c * h * speed
            tau += c * h
            if d:
                speed = speed + d * h * _stiffness(trap, orbits, tau) @ place
    multipliers = np.linalg.eigvals(np.concatenate((place, speed)))
    per_period = trap.radio_frequency / (2 * math.pi)
    growth = float(np.log(np.abs(multipliers)).max()) * per_period
    frequencies = np.sort(np.abs(np.angle(multipliers)))[::2] * per_period
    return CollectiveModes(frequencies, growth if growth > _SLOWEST * trap.confinement else 0.0)


def _stiffness(trap: PaulTrap, orbits: Orbits, tau: float) -> Array:
    """Derivative of the accelerations by the positions at tau (3 ion, 3 ion)."""
    n, eps = len(orbits.harmonics[0]), trap.epsilon
    found = eps**2 * coulomb_jacobian(orbits.positions(np.array(tau)))
    field = eps**2 * trap.static + 2 * eps * math.cos(2 * tau) * trap.rf
    found[np.arange(n), :, np.arange(n), :] -= field
    return found.reshape(3 * n, 3 * n)
