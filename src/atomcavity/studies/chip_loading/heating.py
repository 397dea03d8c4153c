"""What heats the atoms: the probe, the trap's light and its noise, the gas, and the ramps of the belt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from atomcavity.studies.chip_loading import figures_heating
from atomcavity.studies.chip_loading.belt_ramps import BeltRamps
from atomcavity.studies.chip_loading.dark import TRIED, Dark
from atomcavity.studies.chip_loading.device import Device
from atomcavity.studies.chip_loading.feedback_part import Feedback
from atomcavity.studies.chip_loading.probed import Probed, ProbedLifetime
from atomcavity.studies.chip_loading.published import printed
from atomcavity.studies.paper import Step

HEIGHTS = tuple(np.arange(1.0, 0.299, -0.05).round(3).tolist())
FEW_HEIGHTS = (1.0, TRIED, 0.4)
"""Of the lattice at rest (spacings)."""


@dataclass(frozen=True)
class Heating:
    """Made for the devices of the experiment file, one for each blue field.

    feedback  whose simulated transfers are probed on, if it is there already
    """

    devices: tuple[Device, ...]
    quick: bool = False
    feedback: Feedback | None = None

    @cached_property
    def lifetimes(self) -> tuple[ProbedLifetime, ...]:
        """In the probe, for each blue field (quick: the first); for the second one only the lifetime itself."""
        source = self.feedback or Feedback(self.devices, self.quick)
        count = 16 if self.quick else 120
        return tuple(
            ProbedLifetime(
                Probed(loop, source.heating(loop), count),
                printed("probed_lifetime", "time"),
                self.quick or k > 0,
            )
            for k, loop in enumerate(source.loops[: 1 if self.quick else None])
        )

    @cached_property
    def temperatures(self) -> dict[str, float]:
        """Of the caught atoms (K), for two shapes of the belt's stop."""
        probed = self.lifetimes[0].probed
        return {shape: probed.temperature(shape) for shape in ("linear", "smoothest")}

    @cached_property
    def dark(self) -> Dark:
        """In the dark, with the blue field that shifts the line as printed."""
        return Dark(self.devices[0], FEW_HEIGHTS if self.quick else HEIGHTS, self.quick)

    @cached_property
    def ramps(self) -> BeltRamps:
        """Of the belt."""
        return BeltRamps(self.devices[0], self.quick)

    def steps(self) -> list[Step]:
        """The figures, with the numbers by which they are asked for."""
        return [
            Step(
                "lifetimes",
                ("lifetimes", "S3b"),
                2 if self.quick else 10,
                lambda: figures_heating.draw_lifetimes(self.lifetimes, self.dark),
            ),
            Step("ramps", ("ramps",), 1, lambda: figures_heating.draw_ramps(self.ramps)),
        ]

    def write_waveforms(self, folder: Path) -> None:
        """The ramps for a generator, as CSV and NumPy."""
        self.ramps.write_waveforms(folder)
