"""Sites of the belt on their way to the chip: depth, frequencies, barrier to the surface; the surface's attraction itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import InputError
from atomcavity.studies.chip_loading.device import Device
from atomcavity.traps.near_surface import CasimirPolder
from atomcavity.traps.potential import Potential
from atomcavity.traps.site import Site, find_site

Array = NDArray[np.float64]

JUMP = 150e-9
"""A minimum farther than this (m) from the last one is another one."""
OFF = np.array([0.0, 3e-9, 0.0])
"""From the middle (m), so that a site that splits in two is followed to one side."""


def on_axis(heights: ArrayLike) -> Array:
    """Places above the middle of the waveguide, (..., 3) (m)."""
    z = np.asarray(heights, dtype=float)
    return np.stack([np.zeros_like(z), np.zeros_like(z), z], axis=-1)


@dataclass(frozen=True)
class Sites:
    """The site of the belt of a device at `heights` (spacings) of the lattice continued to the chip, falling."""

    device: Device
    heights: tuple[float, ...]

    @cached_property
    def potential(self) -> Potential:
        """Belt and rest; at time t (s) the site is t spacings below the first height."""
        start = self.heights[0] * self.device.spacing
        return self.device.belt(frequency_hz=1.0, height=start) + self.device.rest

    def time(self, height: float) -> float:
        """When the site is at `height` (spacings)."""
        return self.heights[0] - height

    @cached_property
    def found(self) -> tuple[Site | None, ...]:
        """The minimum at each height, followed from the first; None: it is none any more."""
        sites: list[Site] = []
        near = on_axis(self.heights[0] * self.device.spacing) + OFF
        for height in self.heights:
            try:
                site = find_site(self.potential, self.device.mass, near=near, time=self.time(height))
            except InputError:
                site = None
            if site is None or (sites and np.linalg.norm(site.position - near) > JUMP):
                break
            sites.append(site)
            near = site.position + OFF
        return (*sites, *[None] * (len(self.heights) - len(sites)))

    def over(self, site: Site, height: float) -> float:
        """Energy (J) of the highest point on the way straight down to the surface above that of the site."""
        gap = self.device.experiment.surface.gap
        way = np.linspace(gap, site.position[2], 400)
        places = np.stack([np.zeros_like(way), np.full_like(way, site.position[1]), way], axis=-1)
        return float(self.potential.energy(places, self.time(height)).max() - site.energy)


@dataclass(frozen=True)
class Attraction:
    """The printed attraction of the surface beside that of a plane of the waveguide's material."""

    device: Device

    @cached_property
    def printed(self) -> CasimirPolder:
        """As printed."""
        given = self.device.experiment.surface
        return CasimirPolder(given.c4, given.wavelength, given.offset)

    @cached_property
    def plane(self) -> CasimirPolder:
        """From the species' and the material's data, both limits and between."""
        return CasimirPolder.of(
            self.device.species, self.device.experiment.atom.lower, self.device.waveguide.core
        )

    @cached_property
    def c3(self) -> float:
        """Of the plane (J m^3)."""
        return 2 * np.pi * self.plane.c4 / self.plane.wavelength

    @cached_property
    def limits(self) -> tuple[CasimirPolder, CasimirPolder]:
        """Unretarded and fully retarded attraction of the plane."""
        return CasimirPolder.unretarded(self.c3), CasimirPolder(self.plane.c4, 0.0)

    def barrier(self) -> tuple[float, float]:
        """Height (J) of the blue field's barrier before the surface, above the middle, and its place (m)."""
        heights = np.linspace(self.device.experiment.surface.gap, 0.3e-6, 2000)
        energy = self.device.rest.energy(on_axis(heights))
        top = int(np.argmax(energy))
        return float(energy[top]), float(heights[top])
