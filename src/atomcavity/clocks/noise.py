"""`Noise`: power-law noise of a fractional frequency, as a spectrum, as expected deviations and as series."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import InputError, number, reals, require

from .series import FrequencySeries

Real = NDArray[np.float64]

EXPONENTS = {"white_pm": 2, "flicker_pm": 1, "white_fm": 0, "flicker_fm": -1, "random_walk_fm": -2}
"""Name of each noise and its exponent alpha."""


@dataclass(frozen=True)
class Noise:
    r"""Noise of a fractional frequency with the one-sided density $S_y(f)=\sum_\alpha h_\alpha f^\alpha$.

    `white_pm`, `flicker_pm`, `white_fm`, `flicker_fm`, `random_walk_fm` are $h_2 \dots h_{-2}$ in units of
    $s^{1+\alpha}$, not negative; f in Hz, f > 0 (IEEE Std 1139; Riley, NIST Special Publication 1065).
    The variance of an average over $\tau$ of white noise is $h_0/(2\tau)$.

    `bandwidth_hz`: the phase noises (alpha = 1, 2) end there; they have no finite deviation without it.
    `slowest_hz`: the flicker noise of frequency (alpha = -1) begins there (None: 0; a series begins at a
    tenth of the inverse of its duration).  Neither cuts the other noises.

    Raises `InputError` for a negative coefficient or cut-off.

    >>> noise = Noise(white_fm=2.0e-24, random_walk_fm=2.0e-22)
    >>> print(noise)
    Noise: white FM h_0 = 2e-24 s, random-walk FM h_-2 = 2e-22 1/s
    >>> round(float(noise.deviation(1.0)) * 1e11, 3)
    3.629
    """

    white_pm: float = 0.0
    flicker_pm: float = 0.0
    white_fm: float = 0.0
    flicker_fm: float = 0.0
    random_walk_fm: float = 0.0
    bandwidth_hz: float | None = None
    slowest_hz: float | None = None

    def __post_init__(self) -> None:
        for name in EXPONENTS:
            value = number(getattr(self, name), name)
            require(value >= 0, f"{name} = {value!r} given; a spectral density cannot be negative")
            object.__setattr__(self, name, value)
        for name in ("bandwidth_hz", "slowest_hz"):
            if getattr(self, name) is not None:
                value = number(getattr(self, name), name)
                require(value > 0, f"{name} = {value!r} given; a cut-off in Hz must be positive")
                object.__setattr__(self, name, value)

    def __str__(self) -> str:
        parts = [
            f"{name[:-3].replace('_', '-')} {name[-2:].upper()} h_{a} = {getattr(self, name):.4g}{_UNITS[a]}"
            for name, a in EXPONENTS.items()
            if getattr(self, name) > 0
        ]
        text = "Noise: " + (", ".join(parts) if parts else "none")
        if self.bandwidth_hz is not None:
            text += f"; phase noise up to {self.bandwidth_hz:.4g} Hz"
        if self.slowest_hz is not None:
            text += f"; flicker from {self.slowest_hz:.4g} Hz"
        return text

    def to_dict(self) -> dict[str, Any]:
        """Plain data, the arguments of the constructor."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Noise:
        """The inverse of `to_dict`."""
        return cls(**values)

    @property
    def parts(self) -> dict[int, float]:
        """h_alpha of the noises that are not zero, by alpha."""
        return {a: getattr(self, name) for name, a in EXPONENTS.items() if getattr(self, name) > 0}

    def part_density(self, alpha: int, frequency_hz: Real) -> Real:
        """h_alpha |f|^alpha inside the cut-offs of that noise, 0 outside (1/Hz)."""
        f = np.abs(frequency_hz)
        inside = np.ones(f.shape, dtype=bool)
        if alpha >= 1 and self.bandwidth_hz is not None:
            inside = f <= self.bandwidth_hz
        if alpha == -1 and self.slowest_hz is not None:
            inside = f >= self.slowest_hz
        with np.errstate(divide="ignore"):
            value = self.parts.get(alpha, 0.0) * np.power(f, float(alpha))
        return np.where(inside, value, 0.0)

    def density(self, frequency_hz: ArrayLike) -> Real:
        """One-sided S_y (1/Hz) at Fourier frequencies (Hz, any shape, positive)."""
        f = reals(frequency_hz, "frequency_hz")
        require(bool(np.all(f > 0)), "the one-sided density is defined for positive frequencies")
        return sum((self.part_density(a, f) for a in self.parts), np.zeros(f.shape))

    def deviation(self, tau: ArrayLike, kind: str = "adev") -> Real:
        """Expected deviation of the averages over `tau` (s, any shape): "adev", "mdev", "hdev", "tdev" (s).

        The overlapping kinds "oadev", "ohdev" have the same expectation.  Closed forms, see `expected`; the
        modified and the time deviation are the limits of many samples in each tau.

        Raises `InputError` for an unknown kind, tau <= 0, or phase noise without `bandwidth_hz`.
        """
        from .expected import deviation

        return deviation(self, tau, kind)

    def series(
        self,
        samples: int,
        interval: float,
        *,
        seed: int = 0,
        weight: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> FrequencySeries:
        r"""`samples` averages of y, one every `interval` (s), each $\int w(t)\,y(k T+t)\,dt/\int w\,dt$.

        weight: (times, values) inside one interval, straight in between and zero outside (a pulse with
        dead time); None averages over the whole interval.  White and random-walk noise of frequency are
        exact: the walk starts at y = 0 and goes on through the dead time.  The others are Gaussian
        noise of the discrete spectrum, aliases included, see `synthesis`.  Each noise has its own random
        stream of `seed`: adding one does not change the others.

        Raises `InputError` for fewer than one sample, interval <= 0, a weight outside the interval, or
        phase noise without `bandwidth_hz`.

        >>> Noise(white_fm=2e-24).series(4, 1.0, seed=1).y.shape
        (4,)
        """
        from .synthesis import series

        return series(self, samples, interval, seed, weight)

    def require_bandwidth(self) -> float:
        """`bandwidth_hz` (inf without phase noise); `InputError` where phase noise has none."""
        if max(self.parts, default=0) < 1:
            return math.inf
        if self.bandwidth_hz is None:
            raise InputError(
                "white or flicker noise of phase has no finite deviation without a bandwidth: give bandwidth_hz"
            )
        return self.bandwidth_hz


_UNITS = {2: " s^3", 1: " s^2", 0: " s", -1: "", -2: " 1/s"}
