"""Transport to the surface: transmission and cooperativity along the rides, how it depends on the belt's speed (Fig. 2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.loading.trajectories import ENDINGS
from atomcavity.studies.chip_loading.bank import FIRST, Bank
from atomcavity.studies.chip_loading.device import Device

Array = NDArray[np.float64]

SITES = 6  # the largest number of atoms in a site of Fig. 2c
FEW = 10  # trajectories of the paper's mean
PHASES = 8  # of the site along the ring, for atoms that couple to both directions


@dataclass(frozen=True)
class Curve:
    """Mean, standard deviation over sites, and standard error of something against z_0/d."""

    height: Array
    mean: Array
    spread: Array
    sites: int

    @classmethod
    def of(cls, height: Array, values: Array) -> Curve:
        """From values (site, height)."""
        return cls(height, values.mean(axis=0), values.std(axis=0, ddof=1), len(values))

    @property
    def error(self) -> Array:
        """Standard error of the mean."""
        return np.asarray(self.spread / np.sqrt(self.sites))

    @property
    def peak(self) -> tuple[float, float, float]:
        """Largest mean, its standard error, and where it is (z_0/d)."""
        k = int(np.argmax(self.mean))
        return float(self.mean[k]), float(self.error[k]), float(self.height[k])

    def at(self, height: float) -> float:
        """Mean at a height z_0/d."""
        return float(np.interp(-height, -self.height, self.mean))


@dataclass(frozen=True)
class Fate:
    """Where the atoms of one belt end: heights z_0/d of the site (mean, spread), shares by ending, largest mean T_1."""

    frequency_hz: float
    height: float
    spread: float
    shares: dict[str, float]
    peak: float
    peak_error: float


@dataclass(frozen=True)
class Transport:
    """Rides on the belt of the experiment file, one bank for each blue field."""

    devices: tuple[Device, ...]
    quick: bool = False

    @property
    def count(self) -> int:
        """Rides in a bank."""
        return 300 if self.quick else 2000

    @cached_property
    def banks(self) -> tuple[Bank, ...]:
        """One for each blue field."""
        return tuple(
            Bank(device, device.experiment.belt.frequency, self.count, seed=1) for device in self.devices
        )

    @property
    def bank(self) -> Bank:
        """With the first blue field."""
        return self.banks[0]

    @cached_property
    def pulses(self) -> tuple[tuple[Curve, ...], ...]:
        """T_n against z_0/d for n = 1 ... 6 of each bank."""
        return tuple(
            tuple(
                Curve.of(bank.heights, bank.transmission(n, self.count if n > 1 else bank.count))
                for n in range(1, SITES + 1)
            )
            for bank in self.banks
        )

    @cached_property
    def both_modes(self) -> tuple[Curve, ...]:
        """T_n of the first bank for atoms that couple to both directions, at random phases of the site."""
        bank = self.bank
        curves = []
        for n in range(1, SITES + 1):
            sites = bank.sites(n, self.count)
            phases = np.linspace(0, 2 * np.pi, PHASES, endpoint=False)
            parts = [
                bank.device.probe_both(phase).transmission(sites[k::PHASES]) for k, phase in enumerate(phases)
            ]
            curves.append(Curve.of(bank.heights, np.concatenate(parts)))
        return tuple(curves)

    @cached_property
    def cooperativities(self) -> tuple[Curve, ...]:
        """C of single atoms against z_0/d, of each bank."""
        return tuple(
            Curve.of(bank.heights, bank.device.probe.cooperativity(bank.rides.position))
            for bank in self.banks
        )

    def few(self, blue_field: int) -> tuple[Array, Array]:
        """T_1 and C averaged over the first ten rides only, as the paper does."""
        bank = self.banks[blue_field]
        places = bank.rides.position[:FEW]
        probe = bank.device.probe
        single = probe.transmission(places[:, :, None, :]).mean(axis=0)
        return single, probe.cooperativity(places).mean(axis=0)

    @cached_property
    def fates(self) -> tuple[tuple[Fate, ...], ...]:
        """For each blue field, at several speeds of the belt."""
        speeds = (6e3, 50e3, 200e3) if self.quick else (3e3, 6e3, 12.5e3, 25e3, 50e3, 100e3, 200e3)
        return tuple(tuple(self.fate(device, speed) for speed in speeds) for device in self.devices)

    def fate(self, device: Device, frequency_hz: float) -> Fate:
        """Where a belt of this frequency loses its atoms."""
        tick = min(0.5e-6, 0.01 / frequency_hz)
        bank = Bank(device, frequency_hz, 100 if self.quick else 300, seed=2, tick=tick)
        rides = bank.rides
        lost = FIRST - frequency_hz * rides.end[rides.ending > 0]
        peak, error, _ = Curve.of(bank.heights, bank.transmission(1, bank.count)).peak
        none = lost.size == 0
        return Fate(
            frequency_hz,
            np.nan if none else float(lost.mean()),
            np.nan if none else float(lost.std()),
            {name: rides.share(name) for name in ENDINGS},
            peak,
            error,
        )

    @cached_property
    def along_guide(self) -> Curve:
        """T_1 with the belt's light polarized along the waveguide, all else the same."""
        device = self.devices[0]
        belt = device.experiment.belt.model_copy(update={"polarization": "s"})
        other = replace(device, experiment=device.experiment.model_copy(update={"belt": belt}))
        bank = Bank(other, belt.frequency, 100 if self.quick else 300, seed=3)
        return Curve.of(bank.heights, bank.transmission(1, bank.count))

    def values(self) -> dict[str, float]:
        """The targets of Fig. 2b."""
        strong, weak = (pulses[0].peak[0] for pulses in self.pulses[:2])
        return {"s4.mc_T1peak_B277": strong, "s4.mc_T1peak_B100": weak}
