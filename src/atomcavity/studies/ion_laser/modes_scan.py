"""Both circular modes over the pump rate and over differences between the modes: what the figure and the remarks share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics import Exact, correlation
from atomcavity.studies.ion_laser.both_modes import BothModes
from atomcavity.studies.ion_laser.pulses import Trace

Real = NDArray[np.float64]

PULSING = (0.67, 0.4, 0.22)  # pump rates of the evolutions over that where equal powers become unstable
SETTLED = 6  # periods of `BothModes.rhythm` before an evolution is looked at
FEW = (2, 3, 4, 5)  # ions of the exact master equation
SHOWN = 10  # periods that are looked at


@dataclass(frozen=True)
class ModesScan:
    """Identical ions of one gain, and the groups of a crystal of the same gain.

    laser    identical ions
    crystal  groups of different coupling, for one evolution
    quick    fewer pump rates and differences
    """

    laser: BothModes
    crystal: BothModes
    quick: bool = False

    @cached_property
    def pumps(self) -> Real:
        """Pump rates (1/s) at which equal powers are stable, up to the end of lasing."""
        first, last = 1.02 * self.laser.pulsing_below, 0.995 * self.laser.last_pump
        return np.linspace(first, last, 3 if self.quick else 6)

    @cached_property
    def powers(self) -> Real:
        """Power (W) of each mode at `pumps`, (pump, mode)."""
        return np.array([self.laser.powers(w) for w in self.pumps])

    @cached_property
    def traces(self) -> dict[float, Trace]:
        """Evolutions at pump rates (1/s) where no stationary state is stable, after they have settled."""
        shares = PULSING[:1] if self.quick else PULSING
        return {
            w: self.settled(self.laser, w) for w in (share * self.laser.pulsing_below for share in shares)
        }

    @staticmethod
    def settled(laser: BothModes, pump: float) -> Trace:
        """An evolution without its beginning."""
        period = 2 * np.pi / laser.rhythm(pump)
        trace = laser.trace(pump, (SETTLED + SHOWN) * period, points=100 * (SETTLED + SHOWN))
        return trace.after(SETTLED * period)

    @cached_property
    def crystal_trace(self) -> Trace:
        """The groups of the crystal at the lowest of the pump rates of `traces`."""
        return self.settled(self.crystal, min(self.traces))

    @cached_property
    def crystal_gained(self) -> float:
        """Power of the crystal with both modes over that with one, half-way to the last pump rate."""
        pump = self.laser.last_pump / 2
        return float(self.crystal.powers(pump).sum() / self.crystal.single(pump))

    @cached_property
    def crystal_part(self) -> float:
        """Power of the crystal with one mode over that of the identical ions, half-way to the last pump rate."""
        pump = self.laser.last_pump / 2
        return self.crystal.single(pump) / self.laser.single(pump)

    @cached_property
    def few(self) -> dict[int, float]:
        """Exact <a_+^+ a_-^+ a_- a_+>/(n_+ n_-) of a few ions with the same gain, half-way to the last pump rate."""
        pump = self.laser.last_pump / 2
        rest = {name: getattr(self.laser, name) for name in ("kappa", "gamma", "xi", "frequency")}
        return {
            number: float(
                correlation(
                    BothModes.identical(number, self.laser.gain, **rest).system(pump),
                    [0.0],
                    order=2,
                    mode=0,
                    other=1,
                    method=Exact(),
                )
                .normalised[0]
                .real
            )
            for number in FEW
        }

    @cached_property
    def asymmetries(self) -> Real:
        """Relative differences of g^2/kappa of the two modes."""
        return np.linspace(0, 0.3, 5 if self.quick else 7)

    @property
    def split_pumps(self) -> tuple[float, ...]:
        """Pump rates (1/s) at which the light is divided: 0.3 of the last one, about the optimum, 0.75."""
        shares = (0.5,) if self.quick else (0.3, 0.5, 0.75)
        return tuple(share * self.laser.last_pump for share in shares)

    @cached_property
    def shares(self) -> dict[float, Real]:
        """Part of the power in the stronger mode over `asymmetries` of the mirrors, by pump rate (1/s)."""
        return {w: np.array([self.share(w, x) for x in self.asymmetries]) for w in self.split_pumps}

    def share(self, pump: float, asymmetry: float) -> float:
        """Part of the power that the stronger mode has if kappa differs by that part; NaN where nothing is stable."""
        power = self.laser.powers(pump, mirrors=asymmetry)
        return float(power[0] / power.sum())
