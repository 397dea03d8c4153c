"""Degenerate Raman sideband cooling in a lattice above a mirror, as a rate that follows the cooling light's standing wave."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import number, require

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SidebandCooling:
    r"""Cooling to a final temperature at a rate that is proportional to the intensity of the pumping light.

    The light comes at a grazing angle and interferes with its reflection at the chip: above a mirror
    $\Gamma(z)=\Gamma_0\sin^2(kz\sin\theta)\,e^{-2z^2/w^2}$, with nodes every $\lambda/(2\sin\theta)$, the lowest one on the chip.
    The mean energy of an atom above the bottom of its site obeys $\dot E=-\Gamma(E-E_f)+h$.

    rate           Gamma_0 (1/s), of the energy, where the light is brightest
    duration       how long it is cooled (s)
    temperature    that the light alone leads to (K)
    wavelength     of the pumping light (m)
    grazing_angle  theta (rad), between beam and chip
    heating        h/k_B (K/s) of the energy, by everything else: it empties the sites in the nodes.  k_B T rises by a third of it
    waist          w (m), 1/e^2 radius of the light's intensity along z, of a beam aimed at the spot below the lattice

    An effective model: neither the vibrational levels nor the sublevels of the atom are in it, and the three directions of motion
    are cooled alike.  Raises `InputError` for negative numbers and angles beyond 90°.

    >>> cooling = SidebandCooling(1e3, 10e-3, 20e-6, 852e-9, math.radians(4.75))
    >>> round(cooling.notch_period * 1e6, 2)                       # um
    5.14
    >>> hot, cold = 3 * const.k * 100e-6, 3 * const.k * 20e-6
    >>> height = [0.5 * cooling.notch_period, cooling.notch_period]  # brightest, and in a node
    >>> (cooling.cooled(hot, height, cold) / (3 * const.k) * 1e6).round(1).tolist()
    [20.0, 100.0]
    """

    rate: float
    duration: float
    temperature: float
    wavelength: float
    grazing_angle: float
    heating: float = 0.0
    waist: float = math.inf

    def __post_init__(self) -> None:
        for name in ("rate", "duration", "temperature", "heating"):
            require(number(getattr(self, name), name) >= 0, f"{name} must not be negative")
        require(self.wavelength > 0, f"wavelength = {self.wavelength!r} must be positive (m)")
        require(self.waist > 0, f"waist = {self.waist!r} must be positive (m)")
        require(
            0 < self.grazing_angle <= math.pi / 2,
            f"grazing_angle = {self.grazing_angle!r} must lie between 0 and pi/2 (rad)",
        )

    @property
    def notch_period(self) -> float:
        """Vertical distance of the nodes of the pumping light, lambda/(2 sin theta) (m)."""
        return self.wavelength / (2 * math.sin(self.grazing_angle))

    def local_rate(self, height: ArrayLike) -> Array:
        """Gamma (1/s) at heights (m) above the chip."""
        z = np.asarray(height, dtype=float)
        wave = np.sin(math.pi * z / self.notch_period) ** 2
        return np.asarray(self.rate * wave * np.exp(-2 * (z / self.waist) ** 2))

    def cooled(self, energy: ArrayLike, height: ArrayLike, final: ArrayLike) -> Array:
        r"""Energy (J) after `duration` of atoms that begin with `energy` (J) above the bottom of a site at `height` (m).

        $E(t)=E_f+(E_0-E_f)e^{-\Gamma t}+h(1-e^{-\Gamma t})/\Gamma$, for Gamma = 0 its limit $E_0+ht$; it rises or falls all
        the time.  `final` is E_f (J), what the light alone leads to.
        """
        gamma = self.local_rate(height)
        left = np.exp(-gamma * self.duration)
        time = np.where(
            gamma > 0, -np.expm1(-gamma * self.duration) / np.where(gamma > 0, gamma, 1.0), self.duration
        )
        start, end = np.asarray(energy, dtype=float), np.asarray(final, dtype=float)
        return np.asarray(end + (start - end) * left + const.k * self.heating * time)
