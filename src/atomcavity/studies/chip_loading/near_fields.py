"""Fields near the waveguide that the paper does not print: side lobes, coupling and decay length against its height."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c, hbar

from atomcavity.resonators.field_map import FieldMap
from atomcavity.resonators.guided import EvanescentFit, GuidedMode
from atomcavity.resonators.layers import SheetBeam
from atomcavity.resonators.scattering import scatter
from atomcavity.resonators.waveguide import Waveguide
from atomcavity.studies.chip_loading.device import Device
from atomcavity.traps.belt import ConveyorBelt
from atomcavity.traps.site import Site, sites_in
from atomcavity.traps.time_law import TimeLaw

Array = NDArray[np.float64]

POLARIZATIONS = ("p", "s")
MODES = ("TE", "TM")
REGION = ((-0.6e-6, 0.6e-6), (0.0, 0.7e-6))
ORDER, SPACING = 4, 10e-9
"""Of the elements and of the map (m): fields to 2e-3 of the largest one."""
REFINEMENT = 0.4
"""Of the modes' mesh: effective indices to 1e-6."""
ACROSS, ABOVE = (-10e-9, 0.5e-6), (60e-9, 0.4e-6)
"""Where minima are looked for (m)."""
POINTS = (52, 35)
PHASES = 12
SIDE = 50e-9
"""A minimum nearer to the middle (m) is no side lobe."""


@dataclass(frozen=True)
class NearFields:
    """The waveguide of a device at other `heights` (m), in the light of its tweezer and bottom beam."""

    device: Device
    heights: tuple[float, ...]
    place: tuple[float, float]

    def guide(self, height: float) -> Waveguide:
        """The waveguide of another height (m)."""
        return replace(self.device.waveguide, height=height)

    def beam(self, height: float, polarization: str, side: str) -> FieldMap:
        """The tweezer (side "above") or the bottom beam ("below"), with the amplitudes of the device."""
        given = self.device.experiment.belt
        waist = given.tweezer_waist if side == "above" else given.bottom_waist
        beam = SheetBeam(given.wavelength, polarization, waist=waist, side=side)
        unit = scatter(
            beam, self.guide(height), region=REGION, order=ORDER, spacing=SPACING, tolerance=0.1, keep=True
        )
        return unit.scaled(self.device.beams[side == "below"].amplitude)

    def belt(self, height: float, polarization: str) -> ConveyorBelt:
        """The belt, whose phase at time t (s) is 2 pi t."""
        top, bottom = (self.beam(height, polarization, side) for side in ("above", "below"))
        return ConveyorBelt(top, bottom, self.device.polarizability, phase=TimeLaw.constant(1.0).phase())

    def alone(self, height: float, polarization: str) -> Site | None:
        """The minimum of the tweezer alone that is nearest to the printed place; None: there is none."""
        tweezer = self.beam(height, polarization, "above")
        potential = ConveyorBelt(tweezer, tweezer, self.device.polarizability, bottom_power=0.0)
        return self._nearest(sites_in(potential, self.device.mass, ACROSS, ABOVE, points=POINTS))

    def stationary(self, height: float, polarization: str) -> Site | None:
        """The side lobe nearest to the printed place after the tweezer's rise, of all phases in which the belt may stop."""
        power = self.device.experiment.feedback.power
        potential = replace(self.belt(height, polarization), power=power) + self.device.rest
        found = [
            site
            for time in np.arange(PHASES) / PHASES
            for site in sites_in(potential, self.device.mass, ACROSS, ABOVE, points=POINTS, time=time)
            if site.position[1] > SIDE
        ]
        return self._nearest(found)

    def _nearest(self, sites: list[Site]) -> Site | None:
        return min(sites, key=self.distance, default=None)

    def distance(self, site: Site) -> float:
        """From the printed place (m)."""
        return math.hypot(site.position[1] - self.place[0], site.position[2] - self.place[1])

    @cached_property
    def lobes(self) -> dict[tuple[str, str], tuple[Site | None, ...]]:
        """Nearest minima at all heights, by polarization and ("alone", "stationary")."""
        return {
            (polarization, name): tuple(find(height, polarization) for height in self.heights)
            for polarization in POLARIZATIONS
            for name, find in (("alone", self.alone), ("stationary", self.stationary))
        }

    @cached_property
    def modes(self) -> dict[str, tuple[GuidedMode, ...]]:
        """The guided modes of the probed line at all heights, by polarization."""
        wavelength = self.device.line.wavelength
        return {
            name: tuple(
                self.guide(height).mode(name, wavelength, refinement=REFINEMENT, keep=True)
                for height in self.heights
            )
            for name in MODES
        }

    @cached_property
    def fits(self) -> dict[str, tuple[EvanescentFit, ...]]:
        """The paper's formula fitted to |E| of each mode (V/m at 1 W)."""
        return {name: tuple(map(_summary, modes)) for name, modes in self.modes.items()}

    def couplings(self, name: str, length: float | None = None) -> Array:
        """g_0 (rad/s) at all heights: dipole along the field of one photon of a running wave in a ring of `length` (m)."""
        length = self.device.experiment.ring.length if length is None else length
        return np.array(
            [
                self.device.dipole / hbar * mode.photon_amplitude(length) * fit.g0
                for mode, fit in zip(self.modes[name], self.fits[name], strict=True)
            ]
        )

    def length_of(self, mode: GuidedMode) -> float:
        """Length (m) of the ring in which the blue light is one free spectral range from the probed line."""
        blue = math.tau * c / self.device.experiment.blue.wavelength
        return math.tau * mode.group_velocity / (blue - mode.frequency)


@cache
def _summary(mode: GuidedMode) -> EvanescentFit:
    return mode.summary()
