"""Heating of a harmonically trapped atom by noise of its light (T. A. Savard, K. M. O'Hara and J. E. Thomas, Phys. Rev. A 56, R1095 (1997)).

Densities are one-sided and per hertz of the Fourier frequency: the variance is the integral of S(f) df from 0 on.
"""

from __future__ import annotations

import math

from atomcavity.errors import number, require


def intensity_heating(frequency_hz: float, density: float) -> float:
    """Rate (1/s) at which the mean energy grows: pi^2 nu^2 S(2 nu), exponentially.

    frequency_hz  nu of the trap (Hz)
    density       S of the relative power at 2 nu (1/Hz)

    >>> round(intensity_heating(300e3, 1e-14), 5)
    0.00888
    """
    _checked(frequency_hz, density)
    return math.pi**2 * frequency_hz**2 * density


def pointing_heating(mass: float, frequency_hz: float, density: float) -> float:
    """Power (W) that an atom of `mass` (kg) takes up: 4 pi^4 m nu^4 S(nu), whatever its energy.

    frequency_hz  nu of the trap (Hz)
    density       S of the place of the trap at nu (m^2/Hz)
    """
    _checked(frequency_hz, density)
    require(number(mass, "mass") > 0, f"mass = {mass!r} must be positive (kg)")
    return 4 * math.pi**4 * mass * frequency_hz**4 * density


def _checked(frequency_hz: float, density: float) -> None:
    for name, value in (("frequency_hz", frequency_hz), ("density", density)):
        require(number(value, name) >= 0, f"{name} = {value!r} must be >= 0")
