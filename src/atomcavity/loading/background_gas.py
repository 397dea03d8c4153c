r"""Collisions with the background gas: how often they throw an atom out of a shallow trap.

Of a van der Waals attraction $-C_6/r^6$ the total elastic cross-section at the speed v is (L. D. Landau and E. M. Lifshitz, Quantum
Mechanics, section 127)

    sigma(v) = a (C_6/hbar v)^{2/5},   a = 2 pi^{6/5} sin(3 pi/10) Gamma(3/5) [Gamma(5/2)/Gamma(3)]^{2/5} = 8.083.

The energy that a collision typically gives is 4 pi hbar^2/(m sigma), about a millikelvin: a trap far shallower loses the atom
nearly every time, so that its loss rate is n <sigma v>.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import constants as const

from atomcavity.errors import number, require

if TYPE_CHECKING:
    from atomcavity.species import Species

CROSS_SECTION = (
    2 * math.pi**1.2 * math.sin(0.3 * math.pi) * math.gamma(0.6) * (math.gamma(2.5) / math.gamma(3)) ** 0.4
)
"""a of the module's formula."""

_NODES = 80  # of the integral over imaginary frequencies


def dispersion_coefficient(species: Species, level: str) -> float:
    r"""C_6 (J m^6) of two atoms in one level of J <= 1/2: $\frac{3\hbar}{\pi(4\pi\epsilon_0)^2}\int_0^\infty\alpha(i\xi)^2d\xi$."""
    x, weights = np.polynomial.legendre.leggauss(_NODES)
    middle = 1e16  # rad/s: of valence and core together
    xi = middle * (1 + x) / (1 - x)
    alpha = species.polarizability_imaginary(level, xi).total
    integral = np.sum(weights * alpha**2 * 2 * middle / (1 - x) ** 2)
    return float(3 * const.hbar / math.pi / (4 * math.pi * const.epsilon_0) ** 2 * integral)


def gas_loss(c6: float, gas_mass: float, pressure: float, temperature: float = 295.0) -> float:
    """Rate (1/s) at which atoms at rest are hit by a gas: n <sigma v>.

    c6                     of an atom and a particle of the gas (J m^6)
    gas_mass               of its particles (kg)
    pressure, temperature  of the gas (Pa, K)

    >>> cesium = 2.207e-25                             # kg
    >>> round(gas_loss(6.6e-76, cesium, 1e-6), 2)      # 1e-8 mbar of cesium around a cesium atom
    1.61
    """
    for name, value in (("c6", c6), ("gas_mass", gas_mass), ("temperature", temperature)):
        require(number(value, name) > 0, f"{name} = {value!r} must be positive")
    require(number(pressure, "pressure") >= 0, f"pressure = {pressure!r} must be >= 0 (Pa)")
    density = pressure / (const.k * temperature)
    speed = math.sqrt(2 * const.k * temperature / gas_mass)
    moment = speed**0.6 * math.gamma(1.8) / math.gamma(1.5)  # <v^{3/5}> of a Maxwell distribution
    return density * CROSS_SECTION * (c6 / const.hbar) ** 0.4 * moment


def diffraction_energy(c6: float, mass: float, gas_mass: float, temperature: float = 295.0) -> float:
    """4 pi hbar^2/(m sigma) (J) at the gas's mean speed: the trap of an atom of `mass` (kg) must be far shallower."""
    speed = math.sqrt(8 * const.k * temperature / (math.pi * gas_mass))
    sigma = CROSS_SECTION * (c6 / (const.hbar * speed)) ** 0.4
    return 4 * math.pi * const.hbar**2 / (mass * sigma)
