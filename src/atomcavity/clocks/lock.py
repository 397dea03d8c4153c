"""A lock of the cavity: an integrator that corrects it once a cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import InputError, number, require

Real = NDArray[np.float64]


@dataclass(frozen=True)
class CavityLock:
    """An integrator that acts on the cavity's frequency once a cycle.

    gain          part of the measured deviation that the next cycle's correction takes away, 0 < gain < 2
    sensor_noise  rms scatter of one measurement of the cavity's deviation from its set point (rad/s), white

    With the free deviation f_k, the correction c_k (c_0 = 0) and standard normal xi_k, in cycle k

        e_k = f_k + c_k   (what is left),      c_(k+1) = c_k - gain (e_k + sensor_noise xi_k)

    Variances of e: gain/(2 - gain) sensor_noise^2 of a quiet cavity, q^2/(gain (2 - gain)) of a random walk with
    steps of rms q, and 2/(2 - gain) s^2 of white deviations s.  Raises `InputError` where the loop is unstable.

    >>> lock = CavityLock(gain=0.5)
    >>> lock.residual(np.array([0.0, 1.0, 1.0, 1.0])).tolist()
    [0.0, 1.0, 0.5, 0.25]
    """

    gain: float
    sensor_noise: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "gain", number(self.gain, "gain"))
        object.__setattr__(self, "sensor_noise", number(self.sensor_noise, "sensor_noise"))
        require(
            0 < self.gain < 2, f"gain = {self.gain:g} must lie between 0 and 2: the lock is unstable else"
        )
        require(self.sensor_noise >= 0, f"sensor_noise = {self.sensor_noise:g} rad/s must be >= 0")

    def residual(self, free: Real, noise: Real | None = None) -> Real:
        """What is left of the free deviations (rad/s, one a cycle) with measurements wrong by `noise` (rad/s)."""
        from scipy.signal import lfilter

        wrong = np.zeros(len(free)) if noise is None else np.asarray(noise, float)
        if len(wrong) != len(free):
            raise InputError(f"{len(wrong)} measurement errors for {len(free)} cycles: give one a cycle")
        # e_(k+1) = (1 - gain) e_k + (f_(k+1) - f_k) - gain n_k
        driven = np.diff(free, prepend=0.0)
        driven[1:] -= self.gain * wrong[:-1]
        return np.asarray(lfilter([1.0], [1.0, self.gain - 1.0], driven))

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CavityLock:
        """The inverse of `to_dict`."""
        return cls(**data)
