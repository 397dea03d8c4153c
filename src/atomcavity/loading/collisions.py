r"""Collisions of atoms in one site: how often they happen, and who is left.

Two atoms with the density of a thermal site, $n(r) \propto e^{-U/k_BT}$, meet at the rate

    pair rate = beta/V,    1/V = int n(r)^2 d^3r = 1/[(4 pi k_B T/m)^{3/2}/(omega_x omega_y omega_z)]    (harmonic site),

where beta is the volume swept per second by one pair: it is defined by one event for each collision, so that dn/dt = -2 beta n^2/2 of
a cloud that loses both.  A published coefficient K_2 of $\dot n = -K_2n^2$ with both atoms lost is the same number.  Of N atoms,
N(N - 1)/2 pairs collide; a collision removes one atom with the probability q and both otherwise (`loading.occupation`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import number, reals, require
from atomcavity.loading.occupation import SiteOccupation

Array = NDArray[np.float64]


def thermal_volume(mass: float, temperature: float, frequencies: Sequence[float]) -> float:
    """V (m^3) of a pair of atoms of `mass` (kg) in a harmonic site of three `frequencies` (rad/s): (4 pi k T/m)^(3/2)/(w_x w_y w_z)."""
    omega = reals(frequencies, "frequencies")
    require(omega.shape == (3,) and bool(np.all(omega > 0)), "three trap frequencies > 0 needed (rad/s)")
    for name, value in (("mass", mass), ("temperature", temperature)):
        require(number(value, name) > 0, f"{name} = {value!r} must be positive")
    return float((4 * math.pi * const.k * temperature / mass) ** 1.5 / np.prod(omega))


@dataclass(frozen=True)
class Collisions:
    """Collisions of any two atoms in one site.

    beta          (m^3/s) light-assisted or hyperfine-changing: a number of the atom and of the light, not known here
    volume        V (m^3) of a pair, see `thermal_volume`
    one_survives  q: the probability that a collision removes one atom, not both
    """

    beta: float
    volume: float
    one_survives: float = 0.0

    def __post_init__(self) -> None:
        require(number(self.beta, "beta") >= 0, f"beta = {self.beta!r} must be >= 0 (m^3/s)")
        require(number(self.volume, "volume") > 0, f"volume = {self.volume!r} must be positive (m^3)")
        require(
            0 <= number(self.one_survives, "one_survives") <= 1,
            f"one_survives = {self.one_survives!r} is a probability (0 to 1)",
        )

    @property
    def pair_rate(self) -> float:
        """Collisions of one pair per second, beta/V: `pair_rate` of `blockaded_occupation`."""
        return self.beta / self.volume

    def occupation(self, before: SiteOccupation, time: float) -> SiteOccupation:
        """Probabilities of 0, 1, 2, ... atoms after `time` (s): the master equation of the chain of pairs, solved exactly."""
        from scipy.linalg import expm

        require(number(time, "time") >= 0, f"time = {time!r} must be >= 0 (s)")
        n = np.arange(len(before.probability))
        rate = self.pair_rate * n * (n - 1) / 2
        generator = np.diag(-rate)
        generator[n[1:] - 1, n[1:]] = self.one_survives * rate[1:]
        generator[n[2:] - 2, n[2:]] = (1 - self.one_survives) * rate[2:]
        left = np.clip(expm(generator * time) @ before.probability, 0.0, None)
        return SiteOccupation(left / left.sum())

    def survivors(
        self, atoms: ArrayLike, times: ArrayLike, *, seed: int = 0
    ) -> tuple[NDArray[np.int64], Array]:
        """Number of atoms of sites that begin with `atoms` (site,) at `times` (s, from the start, rising), (site, time).

        Also the time of each site's last collision within the last of them (s), NaN without one, (site,).
        Each step of the chain has its own column of random numbers: the same seed gives the same answer, and a site's history
        does not depend on how many follow it.
        """
        start, moments = np.asarray(atoms), reals(times, "times")
        require(
            start.ndim == 1 and start.dtype.kind in "iu" and bool(np.all(start >= 0)),
            "atoms must be whole numbers >= 0, one for each site",
        )
        rising = moments.ndim == 1 and len(moments) > 0 and bool(np.all(np.diff(moments) >= 0))
        require(rising and bool(moments[0] >= 0), "times must rise from 0 or later (s)")
        n, now = start.astype(np.int64), np.zeros(len(start))
        found, last = np.repeat(n[:, None], len(moments), axis=1), np.full(len(start), math.nan)
        step = 0
        while np.any(n > 1) and self.beta > 0:
            draws = np.random.default_rng([seed, step]).random((len(n), 2))
            with np.errstate(divide="ignore"):
                now = now - np.log1p(-draws[:, 0]) / (self.pair_rate * n * (n - 1) / 2)
            met = n > 1
            n = np.where(met, n - np.where(draws[:, 1] < self.one_survives, 1, 2), n)
            found = np.where(met[:, None] & (moments >= now[:, None]), n[:, None], found)
            last = np.where(met & (now <= moments[-1]), now, last)
            step += 1
        return found, last
