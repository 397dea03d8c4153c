"""How many atoms the ring-shaped lattice holds, and what their number does to the pulse and the clock."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.clocks.deviation import deviation
from atomcavity.clocks.pulsed import PulsedClock
from atomcavity.dynamics import DickeLadder, evolve
from atomcavity.loading.occupation import SiteOccupation, poisson_occupation

Real = NDArray[np.float64]

CYCLES = 4000
CROWDED = 4.0
"""Atoms that a site sees on average before collisions thin them out: the blockade is then complete."""


@dataclass(frozen=True, eq=False)
class Filling:
    """A law of the number of atoms: probabilities of 0, 1, 2, ... atoms, and of sites with more than one atom."""

    name: str
    probability: Real
    crowded: float

    @property
    def mean(self) -> float:
        """Mean number of atoms."""
        return float(np.arange(len(self.probability)) @ self.probability)

    @property
    def deviation(self) -> float:
        """Its standard deviation."""
        n = np.arange(len(self.probability)) - self.mean
        return math.sqrt(float(n**2 @ self.probability))

    @classmethod
    def of(cls, name: str, site: SiteOccupation, sites: int) -> Filling:
        """Independent sites."""
        return cls(name, site.number_distribution(sites), float(site.probability[2:].sum()))

    def clock(self, clock: PulsedClock, detuning: float = 0.0) -> PulsedClock:
        """The clock with this law of the number, and with the cavity's mean frequency off by `detuning` (rad/s)."""
        (atoms,), (mode,) = clock.system.emitters, clock.system.modes
        system = replace(
            clock.system,
            emitters=(replace(atoms, number=round(self.mean)),),
            modes=(replace(mode, detuning=mode.detuning + detuning),),
        )
        return replace(clock, system=system, number_spread=self.deviation)


@dataclass(frozen=True)
class Lattice:
    """The lattice of a clock with `sites` sites: what the paper assumes and what independent sites give."""

    clock: PulsedClock
    sites: int

    @cached_property
    def fillings(self) -> list[Filling]:
        """The paper's Gaussian, single filling of the same mean number, collisional blockade, no collisions."""
        number = self.clock.system.number
        share = number / self.sites
        atoms = np.arange(number + math.ceil(6 * self.clock.number_spread) + 1)
        weight = np.exp(-(((atoms - number) / self.clock.number_spread) ** 2) / 2)
        return [
            Filling("paper", weight / weight.sum(), math.nan),
            Filling.of("one in most sites", SiteOccupation(np.array([1 - share, share])), self.sites),
            Filling.of("blockade", poisson_occupation(CROWDED).after_collisions(), self.sites),
            Filling.of("Poisson", poisson_occupation(share), self.sites),
        ]

    @property
    def impossible(self) -> float:
        """Probability of the paper's law for more atoms than sites."""
        return float(self.fillings[0].probability[self.sites + 1 :].sum())

    def pulse(self, number: int, times: Real) -> Real:
        """Photons per second through the port (1/s) of a pulse of `number` atoms."""
        (atoms,), (mode,) = self.clock.system.emitters, self.clock.system.modes
        system = replace(self.clock.system, emitters=(replace(atoms, number=number),))
        run = evolve(system, times, method=DickeLadder())
        return np.asarray(mode.kappa_ext * run.photon_number[0])

    def scatter(self, filling: Filling, detuning: float) -> float:
        """sigma_y(1 period) by the scatter of the number alone, with the cavity off by `detuning` (rad/s)."""
        clock = filling.clock(self.clock, detuning)
        return float(deviation(clock.run(CYCLES, parts=("number",)), taus=[1]).value[0])
