r"""What a finite temperature does to the laser: the ions' secular motion weakens the coupling and shifts the line.

An ion that moves along the cavity's axis around an antinode, fast compared with everything the laser does, couples with
g exp(-k^2 <z^2>/2), the Debye-Waller factor of cos(k z).  In a large crystal, with the plasma frequency
omega_p^2 = n q^2/(eps0 m) = 3 omega_z^2 of a spherical trap and the moments u_n = <(omega/omega_p)^n> of the phonons of the
infinite bcc crystal,

    <z^2> = u_-2 k T/(m omega_p^2)  (classical),   hbar u_-1/(2 m omega_p)  (T = 0),

in between the root of the sum of their squares, which follows the sum over the spectrum to 1 %.  Soft shear modes make it
u_-2/3 = 4.3 times what an ion would have that moves alone among fixed neighbours (Einstein, m omega_z^2).  With the Wigner-
Seitz radius l the Coulomb coupling is Gamma = q^2/(4 pi eps0 l k T), and k^2 <z^2> = (u_-2/3) (k l)^2/Gamma.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import c, epsilon_0, hbar, k

from atomcavity.studies.ion_laser.continuum import ContinuousLaser
from atomcavity.studies.ion_laser.phonons import Phonons

Real = NDArray[np.float64]

MOMENT_1, MOMENT_2 = 2.79855, 12.973
"""u_-1 and u_-2 of the bcc crystal: D. A. Baiko, A. Y. Potekhin and D. G. Yakovlev, Phys. Rev. E 64, 057402 (2001)."""
ZERO_POINT = 0.5113875
"""u_1 of the same."""
MELTING = 175.0
"""Gamma at which an infinite crystal melts: A. Y. Potekhin and G. Chabrier, Phys. Rev. E 62, 8554 (2000); small ones melt above it."""


def doppler_limit(rate: float) -> float:
    """hbar Gamma/(2 k) (K), the lowest temperature of Doppler cooling on a line with the natural decay Gamma (1/s)."""
    return hbar * rate / (2 * k)


@dataclass(frozen=True)
class WarmLaser:
    """A large spherical crystal at a temperature, as a laser.

    laser        the cold continuous crystal: its collective rate falls with the temperature
    zeta         waist over the crystal's radius
    mass, charge of an ion (kg, C)
    confinement  omega_z (rad/s)
    """

    laser: ContinuousLaser
    zeta: float
    mass: float
    charge: float
    confinement: float

    @property
    def ions(self) -> float:
        """N."""
        return float(np.asarray(self.laser.number))

    @property
    def wavenumber(self) -> float:
        """k of the light (1/m)."""
        return self.laser.frequency / c

    @property
    def plasma_frequency(self) -> float:
        """omega_p = sqrt(3) omega_z (rad/s)."""
        return math.sqrt(3) * self.confinement

    @property
    def length(self) -> float:
        """The Wigner-Seitz radius l (m)."""
        return float(
            (self.charge**2 / (4 * math.pi * epsilon_0 * self.mass * self.confinement**2)) ** (1 / 3)
        )

    def coupling(self, temperature: ArrayLike) -> Real:
        """The Coulomb coupling Gamma."""
        return np.asarray(
            self.charge**2 / (4 * math.pi * epsilon_0 * self.length * k * np.asarray(temperature, float))
        )

    @property
    def melting(self) -> float:
        """The temperature (K) at which an infinite crystal melts."""
        return float(self.coupling(1.0)) / MELTING

    def displacement(self, temperature: ArrayLike) -> Real:
        """<z^2> (m^2) of an ion inside a large crystal."""
        classical = MOMENT_2 * k * np.asarray(temperature, float) / (self.mass * self.plasma_frequency**2)
        return np.hypot(classical, hbar * MOMENT_1 / (2 * self.mass * self.plasma_frequency))

    def einstein(self, temperature: ArrayLike) -> Real:
        """<z^2> (m^2) of an ion that moves alone: hbar/(2 m omega_z) coth(hbar omega_z/2 k T)."""
        x = hbar * self.confinement / (2 * k * np.asarray(temperature, float))
        return np.asarray(hbar / (2 * self.mass * self.confinement) / np.tanh(x))

    def debye_waller(self, temperature: ArrayLike) -> Real:
        """The factor of g^2, exp(-k^2 <z^2>)."""
        return np.exp(-(self.wavenumber**2) * self.displacement(temperature))

    def of_ions(self, phonons: Phonons, temperature: float) -> Real:
        """The factor of g^2 of each ion of a small crystal in the same trap, (ion,)."""
        square = phonons.displacement(self.mass, self.confinement, temperature)[:, 2]
        return np.exp(-(self.wavenumber**2) * square)

    def warmed(self, temperature: ArrayLike) -> ContinuousLaser:
        """The laser at a temperature (K), or at several at once."""
        return replace(
            self.laser,
            collective_rate=np.asarray(self.laser.collective_rate) * self.debye_waller(temperature),
        )

    def lases(self, temperature: ArrayLike, pump: float | None = None) -> NDArray[np.bool_]:
        """Whether it lases at a pump rate (1/s); None: at any."""
        low, high = self.warmed(temperature).thresholds(self.zeta)
        ever = np.isfinite(low) & (low > 0)
        return ever if pump is None else ever & (low < pump) & (pump < high)

    def power(self, temperature: ArrayLike, pump: float | None = None) -> Real:
        """Power (W) at a pump rate (1/s); None: at that of the largest power, one for each temperature."""
        temperatures = np.atleast_1d(np.asarray(temperature, float))
        found, alive = np.zeros(temperatures.shape), self.lases(temperatures, pump)
        if alive.any():
            laser = self.warmed(temperatures[alive])
            found[alive] = laser.optimum(self.zeta)[1] if pump is None else laser.power(pump, self.zeta)
        return found.reshape(np.shape(temperature))

    @property
    def best_pump(self) -> float:
        """The pump rate (1/s) of the largest power without motion."""
        return float(self.laser.optimum(self.zeta)[0])

    def last_temperature(self, pump: float | None = None) -> float:
        """The temperature (K) above which it does not lase at a pump rate (1/s); None: at any."""
        return _last(lambda temperature: bool(self.lases(temperature, pump)))

    def half_temperature(self, pump: float | None = None) -> float:
        """The temperature (K) at which half of the power without motion is left at a pump rate (1/s); None: at the best."""
        cold = float(self.laser.power(self.best_pump if pump is None else pump, self.zeta))
        return _last(lambda temperature: bool(self.power(temperature, pump) > cold / 2))

    def heating(self, wavelength: float, pump: float) -> float:
        """The least rate (K/s) at which pumping by light of that wavelength (m) heats the cold laser's crystal without cooling.

        An excited ion absorbs and emits one photon at least, two recoil energies; (1 + xi) excitations bring one ion up, as many
        ions as photons leave; an ion's share of the energy of a harmonic crystal is 3 k T.
        """
        recoil = (2 * math.pi * hbar / wavelength) ** 2 / (2 * self.mass)
        photons = float(self.laser.power(pump, self.zeta)) / (hbar * self.laser.frequency * self.ions)
        return 2 * recoil * (1 + self.laser.xi) * photons / (3 * k)

    def doppler(self, temperature: ArrayLike) -> Real:
        """Second-order Doppler shift by the secular motion (rad/s): -3 k T/(2 m c^2) of the frequency, or its zero point.

        Of the kinetic energy, 3 k T/2 (classical) or 3 hbar omega_p u_1/4, the root of the sum of the squares.
        """
        kinetic = np.hypot(
            1.5 * k * np.asarray(temperature, float), 0.75 * hbar * self.plasma_frequency * ZERO_POINT
        )
        return -self.laser.frequency * kinetic / (self.mass * c**2)

    def doppler_micromotion(self, temperature: ArrayLike) -> Real:
        """That by the micromotion of the moving ions in the trap of Eqs. (19) and (21) alone (rad/s).

        An ion at the distance u from where it would be at rest oscillates with v^2 = omega_z^2 (a^2/2) u^2 along x and y,
        a^2 = 3: -(3 omega_z^2/2) <z^2> of c^2.  It is proportional to x^2 + y^2 as that of an ion at rest, so that the Stark
        shift at the magic radio frequency takes it away in leading order, too.
        """
        return -self.laser.frequency * 1.5 * self.confinement**2 * self.displacement(temperature) / c**2

    def rocking(self, temperature: float) -> float:
        """The rocking frequency (rad/s) of the whole crystal about x or y above which its edge moves by less than 1/k along z.

        A sphere of uniform density, k T = I omega^2 <theta^2> with I = 2 N m R^2/5: omega > k sqrt(5 k T/(2 N m)).  In an
        exactly spherical trap nothing but small anisotropies holds its orientation.
        """
        return self.wavenumber * math.sqrt(2.5 * k * temperature / (self.ions * self.mass))


def _last(holds: Callable[[float], bool], low: float = 1e-9, high: float = 1e3) -> float:
    """The temperature (K) up to which something holds; 0 if it never does."""
    if not holds(low):
        return 0.0
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
