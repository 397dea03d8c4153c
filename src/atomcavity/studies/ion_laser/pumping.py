r"""The pumping scheme, Fig. 3, as rate equations over the hyperfine and Zeeman sublevels of all its levels.

With the nuclear spin I the decay |J' F' m'> to |J F m> has the share

    (2J'+1)(2F+1) {J F I; F' J' 1}^2 <F m, 1 q|F' m'>^2,   q = m' - m,

of the decay J' to J.  A laser with the share p_q of its power in the polarization q has 3 p_q (2J+1)/(2J'+1) times that share
times its rate, in both directions.  Coherences among sublevels are left out (Zeeman splitting and several frequencies
wash them out), as are other decays and off-resonant excitation.

Ions that the light does not touch collect in |upper, F, 0>, which the selective laser leaves alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.dynamics.rates import rate_balance
from atomcavity.errors import require
from atomcavity.experiments.ion_laser import PumpLaser
from atomcavity.numerics.wigner import clebsch_gordan, wigner_6j
from atomcavity.species import Species
from atomcavity.traps.magic_radio import State

Real = NDArray[np.float64]

POLARIZATIONS: Mapping[str, tuple[float, float, float]] = {
    "isotropic": (1 / 3, 1 / 3, 1 / 3),
    "linear": (0.0, 1.0, 0.0),
    "circular": (0.5, 0.0, 0.5),
}
"""Shares of sigma-, pi, sigma+ light."""


@dataclass(frozen=True)
class Driven:
    """An ion with its pump at one rate, as the lasing light sees it: a flow J from the upper to the lower lasing state.

    inversion      D, population of the upper minus that of the lower lasing state in the dark
    parallel       rate (1/s) at which the inversion returns: it is D - 2 J/parallel
    perpendicular  decay of the dipole between the two (1/s)
    dark, response populations of all sublevels in the dark, and what one J per second adds (s)
    """

    inversion: float
    parallel: float
    perpendicular: float
    dark: Real
    response: Real


@dataclass(frozen=True)
class Scheme:
    """All sublevels of a pumping scheme.

    species, lower, upper  the ion and its lasing states
    through                level that the pump excites from the lower one
    lasers                 the other lasers
    """

    species: Species
    lower: State
    upper: State
    through: str
    lasers: tuple[PumpLaser, ...]

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """Names of the levels that take part."""
        named = [self.lower[0], self.upper[0], self.through]
        for laser in self.lasers:
            named += [laser.lower, laser.upper]
        for level in tuple(named):
            named += [line.lower.name for line in self.species.decays(level)]
        return tuple(sorted(set(named), key=lambda name: self.species.level(name).energy))

    @cached_property
    def states(self) -> tuple[State, ...]:
        """All sublevels (level, F, m)."""
        spin = self.species.nuclear_spin
        return tuple(
            (name, F, m) for name in self.levels for F, m in _sublevels(self.species.level(name).J, spin)
        )

    @cached_property
    def index(self) -> dict[State, int]:
        """Place of each sublevel in `states`."""
        return {state: k for k, state in enumerate(self.states)}

    def of(self, level: str) -> NDArray[np.intp]:
        """Places of the sublevels of a level."""
        return np.array([k for k, state in enumerate(self.states) if state[0] == level])

    @cached_property
    def decays(self) -> Real:
        """Rates (1/s) of all natural decays, (from, to); the lasing line's too."""
        table = np.zeros((len(self.states),) * 2)
        for name in self.levels:
            for line in self.species.decays(name):
                if line.multipole == "E1" and line.lower.name in self.levels:
                    share = _shares(line.lower.J, line.upper.J, self.species.nuclear_spin).sum(axis=-1)
                    table[np.ix_(self.of(name), self.of(line.lower.name))] += line.gamma * share.T
        table[self.index[self.upper], self.index[self.lower]] += self._natural
        return table

    @property
    def _natural(self) -> float:
        """Decay (1/s) of the upper lasing state; all of it is taken to end in the lower one."""
        return self.species.transition(self.lower[0], self.upper[0]).gamma

    def driven(self, lower: str, upper: str, parts: ArrayLike) -> Real:
        """Rates (from, to) of a laser that would excite an ion spread over the lower level once a second, both ways."""
        ends = self.species.level(lower), self.species.level(upper)
        require(
            abs(ends[0].J - ends[1].J) <= 1 <= ends[0].J + ends[1].J,
            f"a laser on {lower} - {upper}: no electric-dipole line",
        )
        share = _shares(ends[0].J, ends[1].J, self.species.nuclear_spin)
        strength = 3 * (2 * ends[0].J + 1) / (2 * ends[1].J + 1) * share @ np.asarray(parts)
        table = np.zeros((len(self.states),) * 2)
        up, down = np.ix_(self.of(lower), self.of(upper)), np.ix_(self.of(upper), self.of(lower))
        table[up], table[down] = strength, strength.T
        return table

    @cached_property
    def pump(self) -> Real:
        """`driven` of the pump, isotropic."""
        return self.driven(self.lower[0], self.through, POLARIZATIONS["isotropic"])

    @cached_property
    def repumping(self) -> Real:
        """Rates (1/s) of all other lasers."""
        return sum((self._laser(laser) for laser in self.lasers), np.zeros((len(self.states),) * 2))

    def _laser(self, laser: PumpLaser) -> Real:
        table = self.driven(laser.lower, laser.upper, _parts(laser.polarization, laser.impurity))
        if laser.selective:
            momentum = np.array([F for _, F, _ in self.states])
            same = momentum[:, None] == momentum
            chosen = momentum == self.upper[1]
            along = self.driven(laser.lower, laser.upper, _parts("linear", laser.impurity))
            table = np.where(same, np.where(chosen[:, None], along, table), 0.0)
        return laser.rate * table

    def at(self, pump: float, *, repumping: float = 1.0) -> Driven:
        """The ion with its pump, the rate (1/s) at which an ion in the lower level is excited.

        `repumping` multiplies the rates of the other lasers.
        """
        table = self.decays + repumping * self.repumping + pump * self.pump
        up, down = self.index[self.upper], self.index[self.lower]
        balance = rate_balance(table, flows=[(up, down)])
        dark, response = balance.populations, balance.response[0]
        return Driven(
            inversion=float(dark[up] - dark[down]),
            parallel=float(-2 / (response[up] - response[down])),
            perpendicular=float(table[up].sum() + table[down].sum()) / 2,
            dark=dark,
            response=response,
        )

    def populations(self, values: Real) -> dict[str, float]:
        """Populations of the two lasing states, of the others of their levels, and of all other levels, by name."""
        up, down = self.index[self.upper], self.index[self.lower]
        found = {"upper state": float(values[up]), "lower state": float(values[down])}
        for name in self.levels:
            own = {self.upper[0]: "upper state", self.lower[0]: "lower state"}.get(name)
            found[name] = float(values[self.of(name)].sum()) - (found[own] if own else 0.0)
        return found


def _parts(polarization: str, impurity: float) -> Real:
    """Shares of sigma-, pi, sigma+ light, `impurity` of the power in the parts that the polarization has not."""
    parts = np.array(POLARIZATIONS[polarization])
    missing = parts == 0
    return parts * (1 - impurity) + missing * impurity / missing.sum() if missing.any() else parts


def _sublevels(J: float, spin: float) -> list[tuple[float, float]]:
    low, count = abs(J - spin), round(J + spin - abs(J - spin)) + 1
    return [(low + n, m - (low + n)) for n in range(count) for m in range(round(2 * (low + n)) + 1)]


@lru_cache(maxsize=32)
def _shares(lower: float, upper: float, spin: float) -> Real:
    """Shares (lower sublevel, upper sublevel, q + 1) of the decay J' = `upper` to J = `lower`."""
    ends = _sublevels(lower, spin), _sublevels(upper, spin)
    found = np.zeros((len(ends[0]), len(ends[1]), 3))
    for i, (F, m) in enumerate(ends[0]):
        for j, (F_up, m_up) in enumerate(ends[1]):
            q = round(m_up - m)
            if abs(q) <= 1 and abs(F - F_up) <= 1 <= F + F_up:
                strength = (2 * upper + 1) * (2 * F + 1) * wigner_6j(lower, F, spin, F_up, upper, 1) ** 2
                found[i, j, q + 1] = strength * clebsch_gordan(F, m, 1, q, F_up, m_up) ** 2
    found.setflags(write=False)
    return found
