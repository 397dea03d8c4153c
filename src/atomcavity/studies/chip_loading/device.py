"""The device of an experiment file of kind "chip-loading": waveguide, ring, beams, potentials, probe, counter."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar

from atomcavity.detection import CountThreshold, PhotonCounter
from atomcavity.detection.rules import Rule
from atomcavity.errors import at_key, require
from atomcavity.experiments.chip_loading import ChipLoadingExperiment
from atomcavity.loading.controller import Controller
from atomcavity.loading.ring_probe import RingProbe
from atomcavity.loading.trajectories import ChipSurface
from atomcavity.materials import Material
from atomcavity.resonators.field_map import FieldMap
from atomcavity.resonators.guided import EvanescentFit, GuidedMode
from atomcavity.resonators.layers import SheetBeam
from atomcavity.resonators.microring import Microring
from atomcavity.resonators.scattering import scatter
from atomcavity.resonators.waveguide import Waveguide
from atomcavity.species import Species, Transition
from atomcavity.traps.belt import ConveyorBelt
from atomcavity.traps.near_surface import CasimirPolder, EvanescentField, Gravity
from atomcavity.traps.potential import Potential
from atomcavity.traps.time_law import TimeLaw

Array = NDArray[np.float64]

MEGA = 2e6 * math.pi
"""1 MHz (rad/s)."""
REGION = ((-1.3e-6, 1.3e-6), (0.0, 1.7e-6))
"""Where the fields are known (m): more than three lattice sites above the waveguide."""


@dataclass(frozen=True)
class Device:
    """The chip of an experiment file with one of its blue fields; each part is made when it is first asked for."""

    experiment: ChipLoadingExperiment
    blue_field: int = 0

    @cached_property
    def species(self) -> Species:
        """The atom."""
        with at_key("atom.species"):
            return Species(self.experiment.atom.species)

    @property
    def mass(self) -> float:
        """Its mass (kg)."""
        return self.species.mass

    @cached_property
    def line(self) -> Transition:
        """The probed line."""
        atom = self.experiment.atom
        with at_key("atom.lower, atom.upper"):
            return self.species.transition(atom.lower, atom.upper)

    @property
    def gamma(self) -> float:
        """Natural decay rate of the probed line (rad/s)."""
        given = self.experiment.atom.linewidth
        return self.line.gamma if given is None else given

    @property
    def temperature(self) -> float:
        """Of the atoms in their site (K)."""
        return self.experiment.atom.temperature

    @property
    def occupation(self) -> float:
        """Mean number of atoms in a site of the belt."""
        return self.experiment.atom.occupation

    @cached_property
    def waveguide(self) -> Waveguide:
        """The waveguide."""
        given = self.experiment.waveguide
        with at_key("waveguide"):
            core, substrate = Material(given.core), Material(given.substrate)
            return Waveguide(width=given.width, height=given.height, core=core, substrate=substrate)

    @cached_property
    def mode(self) -> GuidedMode:
        """The guided mode of the ring at the probed line."""
        with at_key("waveguide"):
            return self.waveguide.mode(
                self.experiment.waveguide.polarization, self.line.wavelength, keep=True
            )

    @cached_property
    def ring(self) -> Microring:
        """The ring, with a running wave of that mode."""
        given = self.experiment.ring
        return Microring(
            mode=self.mode,
            length=given.length,
            kappa=given.kappa,
            kappa_ext=given.kappa_ext,
            backscattering=given.backscattering,
        )

    @property
    def dipole(self) -> float:
        """Dipole (C m) of the closed transition with the linewidth of the file."""
        from scipy.constants import c, epsilon_0

        return math.sqrt(3 * math.pi * epsilon_0 * hbar * c**3 * self.gamma / self.line.frequency**3)

    @cached_property
    def profile(self) -> EvanescentFit:
        """g(y, z) in rad/s: the file's, or the fit to the guided mode's |E| with the dipole along it."""
        given = self.experiment.coupling
        if given is not None:
            return EvanescentFit(given.g0, given.decay, given.cosine, given.width, math.nan)
        return self.mode.summary(
            lambda r: self.dipole / hbar * np.linalg.norm(self.ring.photon_field(r), axis=-1)
        )

    def coupling(self, r: Array) -> Array:
        """g (rad/s) at places (..., 3) (m)."""
        return np.abs(self.profile(r[..., 1], r[..., 2]))

    @property
    def blue_energy(self) -> float:
        """Of the repulsive field at the surface, above the middle of the waveguide, over hbar (rad/s)."""
        energies = self.experiment.blue.energy
        require(
            0 <= self.blue_field < len(energies),
            f"blue field {self.blue_field} of {len(energies)}: the experiment file has no such one",
        )
        return energies[self.blue_field]

    @cached_property
    def blue(self) -> EvanescentField:
        """The repulsive field."""
        shape = self.profile
        return EvanescentField(hbar * self.blue_energy, shape.decay, shape.cosine, shape.envelope)

    @cached_property
    def shift_ratio(self) -> float:
        """Shift of the probed line over the blue field's potential (hbar)."""
        given = self.experiment.blue
        if given.shift_ratio is not None:
            return given.shift_ratio
        with at_key("blue.wavelength"):
            lower, upper = (
                self.species.scalar_polarizability(level, given.wavelength)
                for level in (self.experiment.atom.lower, self.experiment.atom.upper)
            )
        return float(upper / lower - 1)

    def light_shift(self, r: Array) -> Array:
        """Shift of the probed line by the blue field (rad/s) at places (..., 3) (m)."""
        return np.asarray(self.shift_ratio / hbar * self.blue.energy(r))

    @cached_property
    def probe(self) -> RingProbe:
        """What the probe sees of atoms that couple to the driven mode only: Eqs. 5, 6."""
        return self._probe(None)

    def probe_both(self, phase: float) -> RingProbe:
        """The same for atoms that couple to both directions, at the site's phase (rad)."""
        return self._probe(phase)

    def _probe(self, phase: float | None) -> RingProbe:
        given = self.experiment.ring
        return RingProbe(
            kappa=given.kappa,
            kappa_ext=given.kappa_ext,
            backscattering=given.backscattering,
            gamma=self.gamma,
            coupling=self.coupling,
            shift=self.light_shift,
            phase=None if phase is None else lambda r: np.full(r.shape[:-1], phase),
        )

    @cached_property
    def counter(self) -> PhotonCounter:
        """Counts behind the ring: those of the empty ring are the file's, a part of them whatever is transmitted."""
        given = self.experiment.probe
        empty = float(self.probe.empty())
        flux = given.background * (1 - given.stray) / empty
        return PhotonCounter(flux, stray=given.background * given.stray, dead_time=given.dead_time)

    @property
    def rule(self) -> CountThreshold:
        """So many clicks within a running window, as the file says."""
        given = self.experiment.feedback
        return CountThreshold(given.count, given.window)

    def controller(self, rule: Rule) -> Controller:
        """The file's, with this rule."""
        given = self.experiment.feedback
        return Controller(rule, given.latency, given.power, given.rise, given.stop)

    @cached_property
    def polarizability(self) -> float:
        """Scalar polarizability (C^2 m^2/J) of the lower level in the belt's light."""
        with at_key("belt.wavelength"):
            found = self.species.scalar_polarizability(
                self.experiment.atom.lower, self.experiment.belt.wavelength
            )
        require(bool(found > 0), "belt.wavelength: the light is not red-detuned, the belt holds no atom")
        return float(found)

    @property
    def spacing(self) -> float:
        """Distance of the sites, half a wavelength (m)."""
        return self.experiment.belt.wavelength / 2

    @cached_property
    def beams(self) -> tuple[FieldMap, FieldMap]:
        """Tweezer and bottom beam at the waveguide (V/m), as the file's depth and ratio make them."""
        given = self.experiment.belt
        amplitude = math.sqrt(4 * hbar * given.depth / self.polarizability)
        index = self._substrate_index
        through = 2 * index / (1 + index)
        tweezer, bottom = (
            scatter(
                SheetBeam(given.wavelength, given.polarization, waist=waist, side=side),
                self.waveguide,
                region=REGION,
                keep=True,
            )
            for waist, side in ((given.tweezer_waist, "above"), (given.bottom_waist, "below"))
        )
        return tweezer.scaled(amplitude), bottom.scaled(amplitude * given.ratio / through)

    @property
    def _substrate_index(self) -> float:
        return float(self.waveguide.indices(self.experiment.belt.wavelength)[-1])

    def belt(
        self,
        *,
        frequency_hz: TimeLaw | float = 0.0,
        height: float | None = None,
        power: TimeLaw | float = 1.0,
    ) -> ConveyorBelt:
        """The belt with a detuning of its beams (Hz); at t = 0 a site is at `height` (m), by default two sites up.

        power  of the tweezer, relative to the file's
        """
        start = self.phase_at(2 * self.spacing if height is None else height)
        phase = TimeLaw.of(frequency_hz).phase(start)
        return ConveyorBelt(*self.beams, self.polarizability, phase=phase, power=power)

    @cached_property
    def rest(self) -> Potential:
        """What acts beside the belt: blue field, surface, gravity."""
        given = self.experiment.surface
        pull = CasimirPolder(given.c4, given.wavelength, given.offset, self.waveguide.width, given.edge)
        return self.blue + pull + Gravity(self.mass)

    @property
    def surface(self) -> ChipSurface:
        """Where atoms are lost."""
        return ChipSurface(self.experiment.surface.gap, self.waveguide.width, self.waveguide.height)

    @cached_property
    def _origin(self) -> float:
        """Phase of E_t* E_b e^{-2ikz} far from the waveguide: that of the lattice without reflections."""
        top, bottom = self.beams
        k = math.tau / self.experiment.belt.wavelength
        z = np.asarray(top.z)
        far = z[-1] - 2 * self.spacing
        line = np.linspace(far, z[-1], 400, endpoint=False)
        r = np.stack([np.zeros_like(line), np.zeros_like(line), line], axis=-1)
        cross = np.sum(top.field(r).conj() * bottom.field(r), axis=-1)
        return cmath.phase(complex(np.mean(cross * np.exp(-2j * k * line))))

    def phase_at(self, height: float) -> float:
        """Phase of the bottom beam (rad) at which a site of the lattice, continued to the chip, is at `height` (m)."""
        return -self._origin - math.tau * height / self.spacing

    def height_at(self, phase: float) -> float:
        """Height (m) of the site that `phase_at` gives this phase, not folded into one period."""
        return -(phase + self._origin) / math.tau * self.spacing


def devices(experiment: ChipLoadingExperiment) -> tuple[Device, ...]:
    """One for each strength of the blue field."""
    return tuple(Device(experiment, k) for k in range(len(experiment.blue.energy)))
