"""The occupied sites of the belt and what they send through the bus: filling, transports of some 70 sites, their clicks (Fig. 1d)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar

from atomcavity.detection import ClickRecords
from atomcavity.detection.analysis.occupation import poisson_average
from atomcavity.loading.cloud import ColdCloud, SiteFilling, fill_sites
from atomcavity.loading.sideband_cooling import SidebandCooling
from atomcavity.studies.chip_loading.bank import Bank
from atomcavity.studies.chip_loading.device import Device
from atomcavity.studies.chip_loading.transport import Transport
from atomcavity.traps.belt import ConveyorBelt, GaussianBeam

Array = NDArray[np.float64]

START = 0.9
"""Height of a site, in lattice spacings, at which one period of the pulses begins: where the ring is darkest."""
NUMBERS = 8  # largest number of atoms in a site for which T_n is averaged
SEED = 7


@dataclass(frozen=True, eq=False)
class Runs:
    """Clicks of several transports, each with its own phase of the lattice.

    clicks   from t = 0 on, when the belt already moves
    phases   random part of a spacing, (run,): the first site is at START + phase spacings at t = 0
    numbers  atoms in each site (run, site)
    """

    clicks: ClickRecords
    phases: Array
    numbers: NDArray[np.int64]


@dataclass(frozen=True)
class FilledSites:
    """The belt of the experiment file with its filling; single atoms come from the rides of the transport, with one blue field.

    rides  other rides to draw from, at another speed of the belt; None: those of the transport
    """

    transport: Transport
    blue_field: int = -1
    rides: Bank | None = None

    @property
    def bank(self) -> Bank:
        """The rides that sites are drawn from."""
        return self.transport.banks[self.blue_field] if self.rides is None else self.rides

    @property
    def device(self) -> Device:
        """The chip, with that blue field."""
        return self.bank.device

    @property
    def period(self) -> float:
        """Time between two sites (s)."""
        return 1 / self.bank.frequency_hz

    @cached_property
    def cloud(self) -> ColdCloud:
        """The atoms before the belt."""
        given = self.device.experiment.cloud
        size = (given.radius, given.radius, given.length)
        return ColdCloud(self.device.mass, given.number, given.temperature, given.height, size)

    @cached_property
    def cooling(self) -> SidebandCooling:
        """The cooling in the resting lattice."""
        given = self.device.experiment.cooling
        return SidebandCooling(
            given.rate,
            given.duration,
            given.temperature,
            self.device.line.wavelength,
            given.grazing_angle,
            given.heating / given.duration,
            given.waist,
        )

    @cached_property
    def lattice(self) -> ConveyorBelt:
        """The resting belt in free space: two Gaussian beams with their foci on the chip, half a spacing below a site."""
        given, alpha = self.device.experiment.belt, self.device.polarizability
        amplitude = math.sqrt(4 * hbar * given.depth / alpha)
        top = GaussianBeam(amplitude, given.wavelength, given.tweezer_waist, upwards=False)
        bottom = GaussianBeam(amplitude * given.ratio, given.wavelength, given.bottom_waist)
        return ConveyorBelt(top, bottom, alpha, phase=-math.pi)

    @cached_property
    def filling(self) -> SiteFilling:
        """Which sites are filled with how many atoms."""
        given = self.device.experiment.cloud
        count = 8_000 if self.transport.quick else 40_000
        return fill_sites(
            self.cloud, self.lattice, given.fall, self.cooling, sites=given.sites, count=count, seed=SEED
        )

    @property
    def last(self) -> int:
        """Number of the highest site with half an atom or more on average."""
        return int(np.flatnonzero(self.filling.number >= 0.5)[-1]) + 1

    def mean_occupation(self, first: int, last: int) -> float:
        """Mean number of atoms in the sites from `first` to `last`, both included, empty ones counted."""
        return float(self.filling.number[first - 1 : last].mean())

    @cached_property
    def responses(self) -> NDArray[np.complex128]:
        """What each ride adds to the ring's response (rad/s), (ride, tick); 0 after its end."""
        return self.device.probe.response(self.bank.rides.position)[..., 0]

    @cached_property
    def curves(self) -> Array:
        """Mean T_n for n = 0 ... 8 atoms in every site, (n, tick) of one period from the height `START` on."""
        rides = np.random.default_rng(SEED).integers(self.bank.count, size=(self.bank.count, NUMBERS))
        mean = [np.full(self.responses.shape[1], float(self.device.probe.empty()))]
        total = np.zeros_like(self.responses)
        for n in range(NUMBERS):
            total = total + self.responses[rides[:, n]]
            mean.append(self.device.probe.of_response(total[..., None]).mean(axis=0))
        ticks = round(self.period / self.bank.tick)
        place = START - np.arange(ticks) / ticks
        folded = np.full((NUMBERS + 1, ticks), mean[0][0])
        for n, curve in enumerate(mean):
            for other in (-1, 0, 1):  # the site itself, those before and behind it
                folded[n] += np.interp(
                    -place - other, -self.bank.heights, curve - mean[0][0], left=0.0, right=0.0
                )
        return folded

    @property
    def curve_time(self) -> Array:
        """Time (s) after a site has passed the height `START`, for the curves."""
        return np.linspace(0.0, self.period, self.curves.shape[1], endpoint=False)

    def template(self, occupation: float) -> Array:
        """Expected counts/s through one period from the height `START` on, at a mean number of atoms in a site."""
        return np.asarray(self.device.counter.rate(poisson_average(self.curves, occupation)))

    def runs(
        self,
        count: int,
        sites: int,
        *,
        occupation: float | None = None,
        brighter: float = 1.0,
        seed: int = 0,
    ) -> Runs:
        """Transports of the lowest `sites`, with random phases of the lattice.

        occupation  mean number of atoms in every site; None: that of the filling at the height of the site
        brighter    factor of the probe's power, without saturation
        """
        rng = np.random.default_rng([SEED, seed])
        phases = rng.random(count)
        heights = START + phases[:, None] + np.arange(sites)
        mean = np.interp(heights * self.device.spacing, self.filling.height, self.filling.number)
        numbers = rng.poisson(mean if occupation is None else np.full_like(mean, occupation))
        long = self.responses.shape[1]
        starts = np.round(np.arange(sites + 1) * self.period / self.bank.tick).astype(int)
        total = np.zeros((count, starts[-1] + long), dtype=complex)
        for site in range(sites):
            window = slice(starts[site], starts[site] + long)
            for atom in range(numbers[:, site].max()):
                there = numbers[:, site] > atom
                total[there, window] += self.responses[rng.integers(self.bank.count, size=int(there.sum()))]
        clicks = self._clicks(total, brighter, seed)
        begin = (self.bank.heights[0] - START - phases) * self.period
        time, end = clicks.time - begin[clicks.run], (sites + 1) * self.period
        kept = (time >= 0) & (time < end)
        clicks = replace(
            clicks, time=time[kept], run=clicks.run[kept], channel=clicks.channel[kept], duration=end
        )
        return Runs(clicks, phases, numbers)

    def _clicks(self, total: NDArray[np.complex128], brighter: float, seed: int) -> ClickRecords:
        """Clicks of runs with this response (run, tick)."""
        given = self.device.counter
        counter = replace(given, flux=given.flux * brighter, stray=given.stray * brighter)
        light = self.device.probe.of_response(total[..., None])
        return counter.clicks(np.arange(light.shape[1]) * self.bank.tick, light, seed=seed)

    def transmission(self, rate: Array) -> Array:
        """Transmission that gives a count rate (1/s)."""
        dark, full = self.device.counter.rate([0.0, 1.0])
        return np.asarray((rate - dark) / (full - dark))
