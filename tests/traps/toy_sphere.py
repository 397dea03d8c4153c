"""A stand-in for a sphere's mode whose trap has closed forms: E = sqrt(P) exp(-q d) exp(-w theta^2/2) e^(i m phi) z."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np

RADIUS = 5e-6


@dataclass(frozen=True)
class ToyMode:
    """Amplitude exp(-decay d - polar delta^2/2 + i m phi) along `direction`, 1 V/m at 1 W on the equator."""

    decay: float
    polar: float
    m: int
    wavelength: float = 800e-9
    direction: tuple[float, float, float] = (0.0, 0.0, 1.0)
    photon_amplitude: float = 1.0

    @property
    def sphere(self):
        return SimpleNamespace(radius=RADIUS)

    def amplitude_at_power(self, power, normalisation):
        return np.sqrt(power)

    def photon_field(self, r):
        r = np.asarray(r, dtype=float)
        rho = np.linalg.norm(r, axis=-1)
        delta, phi = np.arcsin(r[..., 2] / rho), np.arctan2(r[..., 1], r[..., 0])
        amplitude = np.exp(-self.decay * (rho - RADIUS) - self.polar * delta**2 / 2 + 1j * self.m * phi)
        return amplitude[..., None] * np.array(self.direction)

    def pair(self):
        return replace(self, m=abs(self.m)), replace(self, m=-abs(self.m))
