"""A beam in a mode of a resonator."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import number, require

if TYPE_CHECKING:
    from atomcavity.resonators import OpticalMode


@dataclass(frozen=True)
class Beam:
    """Light of `power` (W) circulating in a resonator's `mode`.

    standing       False: one running wave. True: the sum of the modes +m and -m with half the power each
                   (give twice the power for `power` in each running wave)
    normalisation  how power and amplitude are related, see `OpticalMode.field_at_power`
    """

    mode: OpticalMode
    power: float
    standing: bool = False
    normalisation: str = "poynting"

    def __post_init__(self) -> None:
        object.__setattr__(self, "power", number(self.power, "power"))
        require(self.power >= 0, f"power = {self.power!r} must be a finite power >= 0 (W)")
        require(not self.standing or self.mode.m != 0, "a standing wave needs a mode with m other than 0")

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the mode, the power (W) and how it is counted."""
        own = {key: getattr(self, key) for key in ("power", "standing", "normalisation")}
        return {"mode": self.mode.to_dict(), **own}

    @property
    def wavelength(self) -> float:
        """Vacuum wavelength (m)."""
        return self.mode.wavelength

    @cached_property
    def _waves(self) -> list[tuple[OpticalMode, float]]:
        """The running waves, each with its amplitude in units of the field of one photon."""
        if not self.standing:
            modes, power = [self.mode], self.power
        else:
            modes, power = list(self.mode.pair()), self.power / 2
        return [
            (mode, mode.amplitude_at_power(power, self.normalisation) / mode.photon_amplitude)
            for mode in modes
        ]

    def field(self, r: ArrayLike) -> NDArray[np.complex128]:
        """Peak amplitude (V/m), complex Cartesian (..., 3), at positions r (..., 3) (m)."""
        total = sum(scale * mode.photon_field(r) for mode, scale in self._waves)
        return np.asarray(total, dtype=complex)

    def with_power(self, power: float) -> Beam:
        """The same beam with another power (W)."""
        return dataclasses.replace(self, power=power)

    def antinode(self, distance: float) -> float:
        """Azimuth (rad) of an intensity maximum on the equator, `distance` (m) from the sphere; 0 for a running wave.

        The intensity of a standing wave is a constant plus one harmonic cos(2 m (phi - phi_0)).
        """
        if not self.standing:
            return 0.0
        order = 2 * abs(self.mode.m)
        phi = 2 * np.pi / order * np.arange(4) / 4
        r = (self.mode.sphere.radius + distance) * np.stack([np.cos(phi), np.sin(phi), 0 * phi], axis=-1)
        intensity = np.sum(np.abs(self.with_power(1.0).field(r)) ** 2, axis=-1)
        return float(np.angle(np.sum(intensity * np.exp(1j * order * phi))) / order)
