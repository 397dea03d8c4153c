"""`Microring`: a waveguide closed to a ring; its running waves as modes of a cavity."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import number, require

from .guided import GuidedMode
from .mode import ModePair

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True)
class Microring:
    r"""A ring (or racetrack) of a waveguide's mode, seen from a straight piece of it: x along the guide, z up.

    mode            a `GuidedMode`
    length          once around (m)
    kappa           photon-number decay rate, all losses together (rad/s)
    kappa_ext       the part of kappa that goes into the bus waveguide (rad/s)
    backscattering  b of H/hbar = b a_cw^+ a_ccw + h.c. (rad/s), the chip-loading paper's beta
    direction       1: the wave runs along +x, -1: along -x

    The ring is tuned (thermally, say) so that a resonance is at the frequency of `mode`.  Bends are left out: the field is
    that of the straight guide everywhere.

    `InputError` for a length that is not positive, negative rates, kappa_ext above kappa, another direction.
    """

    mode: GuidedMode
    length: float
    kappa: float
    kappa_ext: float
    backscattering: complex = 0.0
    direction: int = 1

    def __post_init__(self) -> None:
        for name in ("length", "kappa", "kappa_ext"):
            object.__setattr__(self, name, number(getattr(self, name), name))
        require(self.length > 0, f"length = {self.length!r} must be positive (m)")
        require(
            0 <= self.kappa_ext <= self.kappa,
            f"kappa_ext = {self.kappa_ext!r} must lie between 0 and kappa = {self.kappa!r} (rad/s)",
        )
        require(self.direction in (1, -1), f"direction = {self.direction!r} must be 1 or -1")

    def __str__(self) -> str:
        way = "+x" if self.direction > 0 else "-x"
        return (
            f"ring of {self.length * 1e6:.5g} µm, {self.mode.polarization} wave along {way} "
            f"at {self.wavelength * 1e9:.6g} nm"
        )

    @property
    def wavelength(self) -> float:
        """Vacuum wavelength (m) of the resonance."""
        return self.mode.wavelength

    @property
    def frequency(self) -> float:
        """Angular frequency of the resonance (rad/s): that of the guided mode."""
        return self.mode.frequency

    @property
    def order(self) -> float:
        """n_eff L/lambda: a whole number if the untuned ring is resonant at the mode's wavelength."""
        return self.mode.effective_index * self.length / self.wavelength

    @property
    def free_spectral_range(self) -> float:
        """Distance of neighbouring resonances 2 pi c/(n_g L) (rad/s)."""
        return math.tau * self.mode.group_velocity / self.length

    @property
    def finesse(self) -> float:
        """Free spectral range over kappa."""
        return self.free_spectral_range / self.kappa if self.kappa else math.inf

    def resonances(self, count: int = 5) -> Array:
        """The `count` resonances of the untuned ring, n_eff L = m lambda, nearest to the mode's frequency (rad/s), rising.

        With the mode's group index, that is without the change of the free spectral range (relative error of the distance
        from the mode's frequency about its share of that frequency).
        """
        require(isinstance(count, int) and count >= 1, f"count = {count!r} must be a whole number")
        nearest = round(self.order) + np.arange(-count, count + 1)
        away = nearest - self.order
        chosen = np.sort(away[np.argsort(np.abs(away))[:count]])
        return np.asarray(self.frequency + chosen * self.free_spectral_range)

    def photon_field(self, r: ArrayLike) -> Complex:
        """Complex E (..., 3) in V/m for one photon, E = photon_field a e^{-i omega t} + h.c., at r (..., 3) in m.

        A running wave e^{+-i beta x}; `GuidedMode.photon_amplitude` says how it is normalised.
        """
        return self._turned(self.mode.photon_field(r, self.length))

    def gradient(self, r: ArrayLike) -> Complex:
        """dE_i/dx_j of `photon_field` (..., 3, 3) in V/m^2."""
        return self._turned(self.mode.photon_amplitude(self.length) * self.mode.gradient(r))

    def field_at_power(self, r: ArrayLike, power: float) -> Complex:
        """Peak amplitude (..., 3) in V/m of the wave with the circulating power (W)."""
        return self._turned(self.mode.field_at_power(r, power))

    def volume(self, at: ArrayLike) -> float:
        """Mode volume int n n_g |E|^2 dV/|E(at)|^2 (m^3) at a position (3,) in m."""
        strength = float(np.sum(np.abs(self.photon_field(at)) ** 2))
        return const.hbar * self.frequency / (2 * const.epsilon_0 * strength) if strength else math.inf

    def pair(self) -> ModePair:
        """The waves along +x and -x, coupled by `backscattering`: modes for `couple`, `mode_coupling` for `CavitySystem`."""
        forward, backward = (dataclasses.replace(self, direction=way) for way in (1, -1))
        return ModePair(forward, backward, complex(self.backscattering))  # type: ignore[arg-type]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for the record of results; the mode by its guide, wavelength and effective index."""
        data = {name: getattr(self, name) for name in ("length", "kappa", "kappa_ext", "direction")}
        scattering = complex(self.backscattering)
        mode = {**self.mode.record.parameters, "effective_index": self.mode.effective_index}
        return {**data, "backscattering": [scattering.real, scattering.imag], "mode": mode}

    def _turned(self, field: Complex) -> Complex:
        """The wave that runs the other way is the complex conjugate one."""
        return field if self.direction > 0 else np.conj(field)
