"""What does not move: numbers, fields, potentials, light shifts and the weak probe of the chip-loading study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from atomcavity.studies.chip_loading import figures_fields, figures_light, figures_static, figures_traps
from atomcavity.studies.chip_loading.cross_section import Trajectory
from atomcavity.studies.chip_loading.device import Device
from atomcavity.studies.chip_loading.light_shifts import LightShifts
from atomcavity.studies.chip_loading.near_fields import NearFields
from atomcavity.studies.chip_loading.saturation import Saturation
from atomcavity.studies.chip_loading.sites import Attraction, Sites
from atomcavity.studies.chip_loading.static import NANO, Static
from atomcavity.studies.paper import Step

HEIGHTS = (300.0, 360.0, 420.0, 460.0, 500.0)
FEW_HEIGHTS = (360.0, 460.0)
"""Of the waveguide (nm)."""
SITE_HEIGHTS = (*np.arange(3.0, 1.01, -0.05), *np.arange(1.0, -0.01, -0.025))
"""To which the belt has brought a site, in spacings."""


@dataclass(frozen=True)
class StaticPart:
    """Made for the devices of the experiment file, one for each blue field."""

    devices: tuple[Device, ...]
    quick: bool = False

    @cached_property
    def static(self) -> Static:
        """The printed numbers."""
        return Static(self.devices)

    @cached_property
    def fields(self) -> NearFields:
        """Waveguides of other heights."""
        heights = FEW_HEIGHTS if self.quick else HEIGHTS
        _, y, z = self.static.trap
        return NearFields(self.static.device, tuple(height * NANO for height in heights), (y, z))

    @cached_property
    def shifts(self) -> LightShifts:
        """Light shifts of the probed line."""
        return LightShifts(self.static)

    @cached_property
    def saturation(self) -> Saturation:
        """A probe that is not weak."""
        return Saturation(self.static, tuple(np.geomspace(1e5, 5e7, 5 if self.quick else 9).tolist()))

    @cached_property
    def sites(self) -> tuple[Sites, ...]:
        """A site on its way to the chip, for each blue field."""
        return tuple(Sites(device, SITE_HEIGHTS[:: 2 if self.quick else 1]) for device in self.devices)

    @cached_property
    def attraction(self) -> Attraction:
        """What the surface does."""
        return Attraction(self.static.device)

    def steps(self, trajectory: Callable[[], Trajectory] | None = None) -> list[Step]:
        """The figures, with the numbers by which they are asked for.

        trajectory  of an atom whose site is 1.5 spacings above the chip at t = 0, drawn over Fig. 2a
        """
        return [
            Step("spectrum", ("1", "1c"), 0.5, lambda: figures_static.draw_spectrum(self.static)),
            Step(
                "potential of the belt",
                ("2", "2a"),
                2,
                lambda: figures_static.draw_belt(self.static.device, trajectory and trajectory()),
            ),
            Step(
                "stationary potential",
                ("4", "stationary"),
                0.5,
                lambda: figures_static.draw_stationary(self.static),
            ),
            Step("sites", ("sites",), 1.5, lambda: figures_traps.draw_sites(self.sites, self.static)),
            Step("surface", ("surface",), 0.5, lambda: figures_traps.draw_surface(self.static)),
            Step("near fields", ("near-fields",), 1, lambda: figures_fields.draw_near_fields(self.fields)),
            Step(
                "heights of the waveguide",
                ("heights",),
                3 if self.quick else 8,
                lambda: figures_fields.draw_heights(self.fields),
            ),
            Step("light shifts", ("light-shifts",), 1, lambda: figures_light.draw_light_shifts(self.shifts)),
            Step(
                "saturation",
                ("saturation",),
                1 if self.quick else 2,
                lambda: figures_light.draw_saturation(self.saturation, quick=self.quick),
            ),
        ]
