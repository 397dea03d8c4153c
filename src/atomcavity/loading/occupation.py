"""How many atoms sit in a site, and how many in a lattice of independent sites.

Loading a site is a birth-death chain in the number n of its atoms (Schlosser et al., Phys. Rev. Lett. 89, 023005 (2002)),

    n -> n + 1   at the rate  R                          an atom arrives
    n -> n - 1   at the rate  gamma n + q beta n(n - 1)/2   an atom is lost alone, or one of two that collide
    n -> n - 2   at the rate  (1 - q) beta n(n - 1)/2    both atoms that collide are lost

Without collisions n has the law of Poisson with the mean R/gamma; where they are fast (collisional blockade) there is
one atom with the probability R/[(2 - q) R + gamma], at most 1/2 if a collision always costs both (q = 0).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError, InputError, require

Real = NDArray[np.float64]

TAIL = 1e-13  # probability of the largest number of atoms that is kept
MOST = 4096  # atoms in a site up to which the chain is solved


@dataclass(frozen=True, eq=False)
class SiteOccupation:
    """Probabilities P_n of n = 0, 1, 2, ... atoms in one site, `probability` (atoms,).

    Raises `InputError` if they are negative or do not add up to 1.
    """

    probability: Real

    def __post_init__(self) -> None:
        p = np.asarray(self.probability, dtype=float)
        good = p.ndim == 1 and len(p) > 0 and bool((p >= 0).all()) and abs(p.sum() - 1) < 1e-9
        require(good, "probability must be numbers >= 0, one for each of 0, 1, 2, ... atoms, with the sum 1")
        object.__setattr__(self, "probability", p / p.sum())

    @property
    def single(self) -> float:
        """Probability of exactly one atom, P_1."""
        return float(self.probability[1]) if len(self.probability) > 1 else 0.0

    @property
    def mean(self) -> float:
        """Mean number of atoms in a site."""
        return float(np.arange(len(self.probability)) @ self.probability)

    @property
    def variance(self) -> float:
        """Variance of the number of atoms in a site."""
        n = np.arange(len(self.probability)) - self.mean
        return float(n**2 @ self.probability)

    def after_collisions(self, one_survives: float = 0.0) -> SiteOccupation:
        """When light-assisted collisions have gone on until at most one atom is left in the site.

        one_survives  probability q that a collision removes one of the two atoms, not both.  For q = 0 only the parity of the number
                      counts: P_1 = sum of P_n over odd n, which is (1 - exp(-2 nbar))/2 after `poisson_occupation(nbar)`

        >>> round(poisson_occupation(3.0).after_collisions().single, 4)
        0.4988
        """
        q = _share(one_survives)
        left = np.zeros(max(len(self.probability), 2))  # probability that one of n is left
        left[1] = 1.0
        for n in range(2, len(left)):
            left[n] = (1 - q) * left[n - 2] + q * left[n - 1]
        one = float(left[: len(self.probability)] @ self.probability)
        return SiteOccupation(np.array([1 - one, one]))

    def number(self, sites: int) -> tuple[float, float]:
        """Mean and standard deviation of the number of atoms in `sites` independent sites.

        With at most one atom in a site it is binomial: sites P_1 and sqrt(sites P_1 (1 - P_1)), never above `sites`.
        (Yu, Vollmer et al. 2023 take 400 +- 40 atoms in 432 sites of one atom: more than independent sites scatter, which is
        5.4, and more than 432 fit in for a fifth of a Gaussian of that width; half filling would give 216 +- 10.4.)

        >>> mean, deviation = SiteOccupation(np.array([32 / 432, 400 / 432])).number(432)
        >>> round(mean, 6), round(deviation, 2)
        (400.0, 5.44)
        """
        count = _sites(sites)
        return count * self.mean, math.sqrt(count * self.variance)

    def number_distribution(self, sites: int) -> Real:
        """Probabilities of 0, 1, 2, ... atoms in `sites` independent sites: the `sites`-fold convolution of P_n."""
        remaining = _sites(sites)
        total, power = np.ones(1), self.probability
        while remaining:  # by repeated squaring
            if remaining % 2:
                total = np.convolve(total, power)
            remaining //= 2
            if remaining:
                power = np.convolve(power, power)
        return total

    def __str__(self) -> str:
        shown = ", ".join(f"P_{n} = {p:.4g}" for n, p in enumerate(self.probability[:4]))
        return f"site with {self.mean:.4g} atoms on average: {shown}" + (
            " ..." if len(self.probability) > 4 else ""
        )

    __repr__ = __str__


def poisson_occupation(mean: float) -> SiteOccupation:
    """Poisson's law, P_n = exp(-mean) mean^n/n!: a dilute cloud is cut into sites, and nothing collides yet.

    Raises `InputError` for a mean that is negative or not finite.
    """
    from scipy.stats import poisson

    require(math.isfinite(mean) and 0 <= mean <= MOST / 2, f"mean = {mean!r} atoms must be 0 to {MOST // 2}")
    return SiteOccupation(poisson.pmf(np.arange(int(poisson.isf(TAIL, mean)) + 2), mean))


def blockaded_occupation(
    loading_rate: float, loss_rate: float, pair_rate: float, *, one_survives: float = 0.0
) -> SiteOccupation:
    """The stationary occupation of a site while it is loaded (equations in `loading.occupation`).

    loading_rate  R, atoms that arrive in a second (1/s)
    loss_rate     gamma, loss of each atom alone (1/s)
    pair_rate     beta, collisions of each pair (1/s); dn/dt = R - gamma n - beta n(n - 1) if both are lost, so that it is
                  the beta' of Schlosser et al.
    one_survives  q, share of the collisions that remove one atom only (0 to 1)

    Raises `InputError` for negative rates, no loading, or an occupation that grows without end.

    >>> occupation = blockaded_occupation(100.0, 0.2, 1e5)
    >>> round(occupation.single, 4), round(float(occupation.probability[2]), 4)
    (0.4995, 0.0005)
    """
    rates = [float(rate) for rate in (loading_rate, loss_rate, pair_rate)]
    for name, rate in zip(("loading_rate", "loss_rate", "pair_rate"), rates, strict=True):
        require(math.isfinite(rate) and rate >= 0, f"{name} = {rate!r} must be >= 0 (1/s)")
    require(rates[0] > 0, "loading_rate = 0: nothing is loaded")
    require(rates[1] > 0 or rates[2] > 0, "without loss the number of atoms grows without end")
    size = 16
    while size <= MOST:
        found = _stationary(size, rates[0], rates[1], rates[2], _share(one_survives))
        if found[-1] < TAIL * found.max():
            return SiteOccupation(found)
        size *= 2
    raise ConvergenceError(f"the site holds more than some {MOST} atoms: too many for its master equation")


def _stationary(size: int, load: float, loss: float, pair: float, survives: float) -> Real:
    """P_0 ... P_size of the chain cut off at `size`, where nothing is loaded any more.

    The flow up over the edge between n - 1 and n equals that down over it: R P_(n-1) = (one_n + both_n) P_n +
    both_(n+1) P_(n+1), from the top down with positive terms only.
    """
    n = np.arange(size + 2.0)
    pairs = pair * n * (n - 1) / 2
    one, both = loss * n + survives * pairs, (1 - survives) * pairs
    p = np.zeros(size + 2)
    p[size] = 1.0
    for k in range(size, 0, -1):
        p[k - 1] = ((one[k] + both[k]) * p[k] + both[k + 1] * p[k + 1]) / load
        if p[k - 1] > 1e200:
            p *= 1e-200
    return p[:-1] / p.sum()


def _share(value: float) -> float:
    require(0 <= value <= 1, f"one_survives = {value!r} is a probability (0 to 1)")
    return float(value)


def _sites(sites: int) -> int:
    if not isinstance(sites, (int, np.integer)) or sites < 1:
        raise InputError(f"sites = {sites!r} must be a whole number >= 1")
    return int(sites)
