"""The numbers of the chip-loading paper that follow from its formulas, by the ids of `targets.toml`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.constants import h

from atomcavity.loading.ring_probe import RingProbe
from atomcavity.studies.chip_loading.device import MEGA, Device
from atomcavity.studies.chip_loading.published import printed, printed_row, published
from atomcavity.traps.near_surface import CasimirPolder

Array = NDArray[np.float64]

HERTZ = math.tau
MEGAHERTZ = 1e6 * h
"""Energy (J) of 1 MHz."""
NANO = 1e-9
MAXIMUM_COUPLING = 500 * MEGA
"""Up to which the largest transmission is looked for (rad/s)."""


@dataclass(frozen=True)
class Static:
    """What the paper prints as numbers, for the device of its experiment file with each of its blue fields."""

    devices: tuple[Device, ...]

    @property
    def device(self) -> Device:
        """The one whose blue field shifts the line as the paper says."""
        return self.devices[0]

    @cached_property
    def trap(self) -> Array:
        """The printed place of the stationary trap, (3,) (m)."""
        return np.array([0.0, *printed_row("trap", "length")])

    @property
    def g(self) -> float:
        """The printed coupling in the trap (rad/s)."""
        return published("s4.g_lobe") * MEGA

    @property
    def shift(self) -> float:
        """The printed shift of the line there (rad/s)."""
        return printed("light_shift", "angular")

    def probe(self, g: float, shift: float, phase: float | None = None) -> RingProbe:
        """The ring with atoms of one g and shift (rad/s), wherever they are; with a phase (rad) coupled to both directions."""
        return replace(
            self.device.probe,
            coupling=lambda r: np.full(r.shape[:-1], g),
            shift=lambda r: np.full(r.shape[:-1], shift),
            phase=None if phase is None else lambda r: np.full(r.shape[:-1], phase),
        )

    @property
    def without_backscattering(self) -> RingProbe:
        """The same ring, if nothing scattered its light back."""
        return replace(self.device.probe, backscattering=0.0)

    def transmission(
        self, g: float, shift: float, atoms: int = 1, phase: float | None = None, detuning: float = 0.0
    ) -> float:
        """T of `atoms` atoms with one g and shift (rad/s)."""
        return float(self.probe(g, shift, phase).transmission(np.zeros((atoms, 3)), detuning))

    def cooperativity(self, g: float) -> float:
        """4 g^2/(kappa gamma)."""
        return float(self.probe(g, 0.0).cooperativity(np.zeros(3)))

    @cached_property
    def trapped(self) -> tuple[float, ...]:
        """T of 0, 1 and 2 atoms with the printed coupling and shift."""
        one, two = (self.transmission(self.g, self.shift, n) for n in (1, 2))
        return float(self.device.probe.empty()), one, two

    def light(self) -> dict[str, float]:
        """Transmissions, their ratios, cooperativities and couplings (MHz)."""
        empty, one, two = self.trapped
        free = self.transmission(self.g, 0.0)
        lobe = float(self.device.coupling(self.trap))
        return {
            "s4.T0": empty,
            "s4.T1bar": one,
            "s4.T2bar": two,
            "s4.T1_noLS": free,
            "s4.LS_reduction": free / one,
            "s4.ratio1": one / published("s4.T0"),
            "s4.ratio2": two / published("s4.T0"),
            "s4.C51": self.cooperativity(self.g),
            "s4.C48": self.cooperativity(published("s4.g_from_s") * MEGA),
            "s4.g_from_s": self.coupling_of(self.histogram_peak) / MEGA,
            "s4.T_peak_hist": self.histogram_peak,
            "s4.g_lobe": lobe / MEGA,
            "s4.C_lobe": float(self.device.probe.cooperativity(self.trap)),
            "s4.T1_ceiling": self.ceiling(lobe)[0],
        }

    @property
    def histogram_peak(self) -> float:
        """The transmission that the printed scale factor stands for."""
        return printed("scale") * printed_row("ratios")[0] * published("s4.T0")

    def coupling_of(self, transmission: float) -> float:
        """The g (rad/s) below the printed one at which one atom with the printed shift gives this transmission."""
        from scipy.optimize import brentq

        found = brentq(lambda g: self.transmission(g, self.shift) - transmission, 0.1 * self.g, self.g)
        return float(found)

    def ceiling(self, lobe: float) -> tuple[float, float]:
        """The largest T of one atom and its g (rad/s), if the shift grows as g^2 and is the printed one at g = `lobe`."""
        from scipy.optimize import minimize_scalar

        def dark(g: float) -> float:
            return -self.transmission(g, self.shift * (g / lobe) ** 2)

        found = minimize_scalar(dark, bounds=(0.1 * lobe, MAXIMUM_COUPLING), method="bounded")
        return -float(found.fun), float(found.x)

    def mechanics(self) -> dict[str, float]:
        """Attraction by the surface (MHz), speeds (nm/us), depth of the lattice (MHz)."""
        found = {f"s4.UCP_{nm}": self.attraction(nm * NANO) / MEGAHERTZ for nm in (100, 170)}
        experiment = self.device.experiment
        for name, frequency in (("50", experiment.belt.frequency), ("6", experiment.feedback.frequency)):
            speed = -self.device.belt(frequency_hz=frequency).velocity()
            found[f"s4.speed{name}"] = speed * 1e3
        return found | {
            "s4.depth300kHz": self.lattice_depth(printed("lattice_frequency", "angular")) / MEGAHERTZ
        }

    @cached_property
    def surface(self) -> CasimirPolder:
        """The surface's attraction as printed, above the middle of the waveguide."""
        given = self.device.experiment.surface
        return CasimirPolder(given.c4, given.wavelength, given.offset)

    def attraction(self, height: float) -> float:
        """U_CP (J) at a height (m)."""
        return float(self.surface.energy(np.array([0.0, 0.0, height])))

    def lattice_depth(self, frequency: float) -> float:
        """Depth V (J) of U = -V cos^2(pi z/d) with this frequency (rad/s) in the middle of a site."""
        return 0.5 * self.device.mass * (frequency * self.device.spacing / math.pi) ** 2

    def counts(self) -> dict[str, float]:
        """Trigger probability of a site, histogram of the counts, mean number of atoms."""
        background, ratios = printed("scale") * printed("background"), printed_row("ratios")
        none, one = printed_row("shares")
        return {
            "s4.p_site_69": 1 - (1 - printed("triggered")) ** (1 / printed("triggered_sites")),
            "s4.hist_I1": background * ratios[0],
            "s4.hist_I2": background * ratios[1],
            "s4.hist_fano": printed("width") ** 2 / 2,
            "s4.mean_n": one + 2 * (1 - none - one),
        }

    def values(self) -> dict[str, float]:
        """All of them."""
        return {**self.light(), **self.mechanics(), **self.counts()}
