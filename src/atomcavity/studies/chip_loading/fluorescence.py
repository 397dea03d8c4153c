"""Fluorescence that the ring collects from atoms held next to it: counts, correlations, bright windows (Figs S3a and S4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.fluorescence import fluorescence_clicks
from atomcavity.studies.chip_loading.device import Device
from atomcavity.studies.chip_loading.held import Held
from atomcavity.studies.chip_loading.held_light import LONG, Light, rule
from atomcavity.studies.chip_loading.published import printed

Array = NDArray[np.float64]

DRIVE = math.tau * 6e6
"""Rabi frequency of the light (rad/s), ours: its recoil heats the atoms out in about the printed time."""
EFFICIENCY = 0.4  # ours: of counting a photon that leaves through the bus
DARK = 300.0  # counts/s of a detector, ours
BATCH = 50  # runs whose paths are in memory together


@dataclass(frozen=True)
class Fluorescence:
    """The experiment of Figs S3a and S4 with one device."""

    device: Device
    quick: bool = False

    @property
    def runs(self) -> int:
        """Repetitions."""
        return 100 if self.quick else 700

    @cached_property
    def held(self) -> Held:
        """The atoms in the light."""
        return Held(self.device, DRIVE, printed("fluorescence_time", "time"), phases=13 if self.quick else 25)

    @cached_property
    def lights(self) -> tuple[Light, Light]:
        """Of atoms coupled to the detected direction of circulation only, as in the paper's formulas, and to both alike.

        The second with half the runs.
        """
        batches = [self._batch(k, both=k % 2 == 0) for k in range(self.runs // BATCH)]
        one, both = ([part for part in parts if part is not None] for parts in zip(*batches, strict=True))
        return Light.joined(one), Light.joined(both)

    def _batch(self, k: int, both: bool) -> tuple[Light, Light | None]:
        held, device = self.held, self.device
        flights = held.flights(BATCH, seed=k)
        g, shift = device.probe.couplings(flights.position)
        x, y = (np.nan_to_num(flights.position[..., axis]) for axis in (0, 1))
        along = device.mode.wave_number * x
        origin = np.random.default_rng([k, 2]).random((BATCH, 1, 1)) * math.tau
        ring = device.experiment.ring

        def light(directions: int, phases: Array | None) -> Light:
            clicks = fluorescence_clicks(
                np.arange(held.samples) * held.tick,
                g,
                gamma=device.gamma,
                kappa=ring.kappa,
                kappa_ext=ring.kappa_ext,
                backscattering=ring.backscattering,
                drive=held.drive,
                shifts=shift,
                drive_phases=math.tau / device.line.wavelength * y - along,
                phases=phases,
                efficiency=EFFICIENCY,
                dark_rate=DARK,
                seed=2 * k + directions,
            )
            return Light(clicks, flights.number, *self._known(g, shift, directions))

        return light(1, None), light(2, origin - 2 * along) if both else None

    def _known(self, g: Array, shift: Array, directions: int) -> tuple[Array, Array, Array]:
        """Numbers of atoms and decay rates in windows, correlation of the rates; each atom's light as if it were alone."""
        each = round(rule()[0] / self.held.tick)
        count = (g.shape[2] - 1) // each
        enhanced = directions * self.held.purcell(g)
        rate = self.device.gamma + enhanced
        light = enhanced / (rate**2 / 4 + shift**2 + self.held.drive**2 / 2)

        def windowed(values: Array) -> Array:
            parts = values[..., : count * each].reshape(*values.shape[:2], count, each)
            return np.asarray(parts.mean(axis=-1))

        with np.errstate(invalid="ignore", divide="ignore"):
            mean = windowed(light)
            atoms = np.nan_to_num(mean.sum(axis=1) ** 2 / (mean**2).sum(axis=1))
            decay = windowed(light * rate).sum(axis=1) / mean.sum(axis=1)
            total = light.sum(axis=1)
            lags = range(round(LONG / self.held.tick) + 1)
            pairs = np.stack(
                [(total[:, : total.shape[1] - k] * total[:, k:]).mean(axis=1) for k in lags], axis=1
            )
            motion = pairs / total.mean(axis=1)[:, None] ** 2
        return np.asarray(atoms), np.asarray(decay), np.asarray(motion)
