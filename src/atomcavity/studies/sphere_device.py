"""What every device with atoms around a microsphere has: species, modes, beams, trap, quality, coupling."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.constants import k as boltzmann

from atomcavity.coupling import Coupling, couple
from atomcavity.errors import at_key, require, unknown
from atomcavity.experiments.sphere import Mode, SphereExperiment, TrapBeam
from atomcavity.materials import Material
from atomcavity.resonators import Microsphere, OpticalMode
from atomcavity.resonators.quality import QualityBudget
from atomcavity.species import Species, Transition
from atomcavity.traps import Beam, SurfacePotential, TrapStates, TwoColorTrap

Real = NDArray[np.float64]

KILO = 2e3 * math.pi
"""1 kHz as an angular frequency (rad/s)."""
MICROKELVIN = 1e-6 * boltzmann
"""1 uK as an energy (J)."""
AnyExperiment = TypeVar("AnyExperiment", bound=SphereExperiment)


@dataclass(frozen=True)
class SphereDevice:
    """What an experiment file with a microsphere describes; each part is made when it is first asked for."""

    experiment: SphereExperiment

    @cached_property
    def species(self) -> Species:
        """The atoms."""
        atom = self.experiment.atom
        with at_key("atom.species"):
            species = Species(atom.species)
        if atom.polarizability not in species.variants:
            raise unknown("atom.polarizability", atom.polarizability, species.variants)
        return species

    @cached_property
    def line(self) -> Transition:
        """The transition that meets the cavity, with the file's linewidth if it gives one."""
        atom, species = self.experiment.atom, self.species
        for key, level in (("atom.lower", atom.lower), ("atom.upper", atom.upper)):
            with at_key(key):
                species.level(level)
        with at_key("atom.lower, atom.upper"):
            line = species.transition(atom.lower, atom.upper)
        largest = line.upper.J + species.nuclear_spin
        require(
            abs(atom.m) <= largest,
            f"atom.m = {atom.m} is not a sublevel of {atom.upper}: |m| is at most {largest:g}",
        )
        return line if atom.linewidth is None else line.with_gamma(atom.linewidth)

    @property
    def axis(self) -> tuple[float, float, float]:
        """Direction of the magnetic field: in the y-z plane."""
        angle = self.experiment.atom.field_angle
        return (0.0, math.sin(angle), math.cos(angle))

    @cached_property
    def sphere(self) -> Microsphere:
        """The microsphere."""
        with at_key("sphere.material"):
            material = Material(self.experiment.sphere.material)
        return Microsphere(self.experiment.sphere.radius, material)

    def mode(self, key: str, label: Mode, *, angular: str = "exact") -> OpticalMode:
        """A mode of the sphere by its label in the file, where it stands under `key`."""
        with at_key(key):
            return self.sphere.mode(label.polarization, n=label.n, l=label.l, m=label.m, angular=angular)

    @cached_property
    def cavity_mode(self) -> OpticalMode:
        """The (clockwise) mode that the transition meets."""
        return self.mode("cavity.mode", self.experiment.cavity.mode)

    def beam(self, colour: str, *, angular: str, normalisation: str) -> Beam:
        """The trapping beam of the file with this colour, "red" or "blue"."""
        label: TrapBeam = getattr(self.experiment.trap, colour)
        mode = self.mode(f"trap.{colour}", label, angular=angular)
        return Beam(mode, label.power, standing=label.standing, normalisation=normalisation)

    @cached_property
    def own_surface(self) -> SurfacePotential:
        """The attraction of the surface by the species' own polarizabilities."""
        return SurfacePotential.of(
            self.sphere.radius,
            self.species,
            self.sphere.material,
            variant=self.experiment.atom.polarizability,
        )

    def trap_of(
        self, surface: SurfacePotential, polarizabilities: Mapping[str, tuple[float, float]] | None
    ) -> TwoColorTrap:
        """The file's trap with a surface and, if given, polarizabilities (red, blue) of each level."""
        trap = self.experiment.trap
        how = {"angular": trap.angular, "normalisation": trap.normalisation}
        return TwoColorTrap(
            self.species,
            self.experiment.atom.lower,
            red=self.beam("red", **how),
            blue=self.beam("blue", **how),
            surface=surface,
            axis=self.axis,
            polarizabilities=polarizabilities,
            variant=self.experiment.atom.polarizability,
        )

    @cached_property
    def trap(self) -> TwoColorTrap:
        """The two-colour trap with the species' own polarizabilities and surface coefficients."""
        return self.trap_of(self.own_surface, None)

    @property
    def water_index(self) -> float | None:
        """Index of the adsorbed water at the cavity mode's wavelength; None for a dry surface."""
        if self.experiment.cavity.water_layer is None:
            return None
        with at_key("cavity.water_layer"):
            return float(Material("water").index(self.cavity_mode.wavelength))

    def budget_with(self, coupler: float | str | None) -> QualityBudget:
        """The quality factor of the cavity mode, part by part; the coupler's own, "critical" or None."""
        cavity = self.experiment.cavity
        return self.cavity_mode.quality(
            attenuation=cavity.attenuation,
            roughness=cavity.roughness,
            correlation_length=cavity.correlation_length,
            water=cavity.water_layer,
            water_index=self.water_index,
            water_absorption=cavity.water_absorption,
            coupler=coupler,
        )

    def coupling(self, positions: Real, *, wave_function: TrapStates | None = None) -> Coupling:
        """Couplings of atoms at Cartesian positions (k, 3) to the clockwise and the counter-clockwise mode."""
        with at_key("cavity.mode.m"):
            pair = self.cavity_mode.pair()
        with at_key("atom.upper"):
            return couple(
                self.line,
                pair,
                at=positions,
                axis=self.axis,
                m=self.experiment.atom.m,
                wave_function=wave_function,
            )


def with_changes(experiment: AnyExperiment, **tables: Mapping[str, object]) -> AnyExperiment:
    """A copy of an experiment with some keys of its tables replaced, e.g. `sphere={"radius": 5.0e-6}`."""
    changed = {name: getattr(experiment, name).model_copy(update=keys) for name, keys in tables.items()}
    return experiment.model_copy(update=changed)
