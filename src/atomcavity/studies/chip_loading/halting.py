"""A belt that finds its phase by its first sites and halts the next one at a wanted height, in the same run (Sec. III)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.loading.controller import Controller, RandomStop
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.loading.self_alignment import AlignedStop
from atomcavity.studies.chip_loading.bank import FIRST as HIGHEST
from atomcavity.studies.chip_loading.filling import START
from atomcavity.studies.chip_loading.pulses import FIRST, Pulses, Scatter

Array = NDArray[np.float64]

SITES = FIRST + 4
"""Of a run: those that align it, the one that is halted, and those that are on their way meanwhile."""
TRAVEL = 0.25
"""Spacings that the belt moves at most while it stops."""
HOLD = 100e-6
"""For how long the halted atoms are looked at (s)."""


@dataclass(frozen=True)
class Halting:
    """Belts of one speed, that of the rides of `pulses`: of a random phase, halted by the clicks of their own first sites.

    window  None: the phase by maximum likelihood; a running average over so long (s)
    """

    pulses: Pulses
    runs: int
    window: float | None = None

    @property
    def frequency_hz(self) -> float:
        """Of the belt before it stops."""
        return self.pulses.sites.bank.frequency_hz

    @property
    def stop(self) -> float:
        """Within which the belt stops (s): as printed, but not farther than TRAVEL."""
        given = self.pulses.sites.device.experiment.feedback.stop
        return min(given, 2 * TRAVEL / self.frequency_hz)

    @cached_property
    def height(self) -> float:
        """Wanted (d): where single atoms transmit most."""
        sites = self.pulses.sites
        return START - float(sites.curve_time[np.argmax(sites.curves[1])]) / sites.period

    @cached_property
    def rule(self) -> AlignedStop:
        """What halts the belt."""
        sites = self.pulses.sites
        return AlignedStop(
            self.frequency_hz,
            sites.template(sites.device.occupation),
            START,
            self.height,
            self.stop,
            sites=FIRST,
            window=self.window,
            begin=(HIGHEST - START - 0.1) * sites.period,
            random=0,
        )

    @cached_property
    def aligned(self) -> LoadingResult:
        """The runs."""
        return self._run(self.rule)

    @cached_property
    def blind(self) -> LoadingResult:
        """Belts that are stopped at a random time after as many sites, without a look at the clicks."""
        period = self.pulses.sites.period
        return self._run(RandomStop((FIRST + 1) * period, (FIRST + 2) * period))

    def _run(self, rule: AlignedStop | RandomStop) -> LoadingResult:
        sites = self.pulses.sites
        device, bank, filling = sites.device, sites.bank, sites.filling
        place = (HIGHEST + np.arange(SITES)) * device.spacing
        return bank.load(
            Controller(rule, power=1.0, stop=self.stop),
            occupation=np.interp(place, filling.height, filling.number),
            sites=SITES,
            runs=self.runs,
            hold=HOLD,
            seed=11,
        )

    def rest(self, found: LoadingResult) -> Array:
        """True height (d) at which the site comes to rest, (run,); NaN for a run that was not halted."""
        moved = self.frequency_hz * (found.action + self.stop / 2)
        return np.where(found.triggered, HIGHEST + found.site - moved, np.nan)

    def missed(self, found: LoadingResult) -> Array:
        """Height at rest minus the wanted one (d), in [-1/2, 1/2): a site further or less far counts as the same."""
        off = self.rest(found) - self.height
        off = off[~np.isnan(off)]
        return np.asarray(off - np.round(off))

    @cached_property
    def scatter(self) -> Scatter:
        """Of the aligned runs."""
        return Scatter.of(self.missed(self.aligned))

    def at_rest(self, found: LoadingResult) -> tuple[Array, Array]:
        """Height of the site (d) and mean height of the atom (m) for each atom that is there at the end."""
        kept = found.atom_kept
        return self.rest(found)[found.atom_run[kept]], found.place[kept, 2]

    @staticmethod
    def share(found: LoadingResult) -> float:
        """Share of the atoms in the site at the alarm that are there at the end."""
        return float(found.kept.sum() / found.at_trigger.sum())
