"""The device of an experiment file: sphere, modes, trap, coupling, in the order in which the data flow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.coupling import Coupling, couple
from atomcavity.errors import at_key, require, unknown
from atomcavity.experiments.microlaser import MicrolaserExperiment, Mode, TrapBeam
from atomcavity.materials import Material
from atomcavity.resonators import Microsphere, OpticalMode
from atomcavity.resonators.quality import QualityBudget
from atomcavity.species import Species, Transition
from atomcavity.studies.microlaser.laser import Rates
from atomcavity.traps import Beam, SurfacePotential, TrapStates, TwoColorTrap

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Device:
    """What an experiment file of kind "microlaser" describes; each part is made when it is first asked for."""

    experiment: MicrolaserExperiment

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
        """The laser transition, with the file's linewidth if it gives one."""
        atom = self.experiment.atom
        for key, level in (("atom.lower", atom.lower), ("atom.upper", atom.upper)):
            with at_key(key):
                self.species.level(level)
        with at_key("atom.lower, atom.upper"):
            line = self.species.transition(atom.lower, atom.upper)
        require(
            abs(atom.m) <= line.upper.J,
            f"atom.m = {atom.m} is not a sublevel of {atom.upper}: |m| is at most {line.upper.J:g}",
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
    def laser_mode(self) -> OpticalMode:
        """The (clockwise) lasing mode."""
        return self.mode("cavity.mode", self.experiment.cavity.mode)

    def beam(self, colour: str, *, angular: str, normalisation: str) -> Beam:
        """The trapping beam of the file with this colour, "red" or "blue"."""
        label: TrapBeam = getattr(self.experiment.trap, colour)
        mode = self.mode(f"trap.{colour}", label, angular=angular)
        return Beam(mode, label.power, standing=label.standing, normalisation=normalisation)

    @cached_property
    def trap(self) -> TwoColorTrap:
        """The two-colour trap with the species' own polarizabilities and surface coefficients."""
        trap = self.experiment.trap
        how = {"angular": trap.angular, "normalisation": trap.normalisation}
        return TwoColorTrap(
            self.species,
            self.experiment.atom.lower,
            red=self.beam("red", **how),
            blue=self.beam("blue", **how),
            surface=SurfacePotential.of(
                self.sphere.radius,
                self.species,
                self.sphere.material,
                variant=self.experiment.atom.polarizability,
            ),
            axis=self.axis,
            variant=self.experiment.atom.polarizability,
        )

    def trap_with(
        self,
        polarizabilities: tuple[float, float],
        c3: float,
        *,
        angular: str = "near-equator",
        normalisation: str = "poynting",
        red_share: float = 1.0,
    ) -> TwoColorTrap:
        """The trap with given polarizabilities (red, blue; C^2 m^2/J) and C3 (J m^3), for readings of the paper.

        `red_share` multiplies the red power.
        """
        red = self.beam("red", angular=angular, normalisation=normalisation)
        return TwoColorTrap(
            self.species,
            self.experiment.atom.lower,
            red=red.with_power(red_share * red.power),
            blue=self.beam("blue", angular=angular, normalisation=normalisation),
            surface=SurfacePotential.from_c3(self.sphere.radius, c3),
            axis=self.axis,
            polarizabilities={self.experiment.atom.lower: polarizabilities},
        )

    @property
    def water_index(self) -> float | None:
        """Index of the adsorbed water at the lasing mode's wavelength; None for a dry surface."""
        if self.experiment.cavity.water_layer is None:
            return None
        with at_key("cavity.water_layer"):
            return float(Material("water").index(self.laser_mode.wavelength))

    @cached_property
    def budget(self) -> QualityBudget:
        """The quality factor of the lasing mode, part by part."""
        cavity = self.experiment.cavity
        return self.laser_mode.quality(
            roughness=cavity.roughness,
            correlation_length=cavity.correlation_length,
            water=cavity.water_layer,
            water_index=self.water_index,
            water_absorption=cavity.water_absorption,
            coupler=cavity.coupler_quality,
        )

    @property
    def quality(self) -> float:
        """The quality factor used in the dynamics: the file's, or else the budget's total."""
        return self.experiment.cavity.quality or self.budget.total

    @property
    def kappa_ext(self) -> float:
        """The coupler's part of the photon-number decay (rad/s); 0 if the file gives no coupler."""
        coupler = self.experiment.cavity.coupler_quality
        return 0.0 if coupler is None else self.laser_mode.frequency / coupler

    def coupling(self, positions: Real, *, wave_function: TrapStates | None = None) -> Coupling:
        """Couplings of atoms at Cartesian positions (k, 3) to the clockwise and the counter-clockwise mode."""
        with at_key("cavity.mode.m"):
            pair = self.laser_mode.pair()
        with at_key("atom.upper"):
            return couple(
                self.line,
                pair,
                at=positions,
                axis=self.axis,
                m=self.experiment.atom.m,
                wave_function=wave_function,
            )

    @cached_property
    def rates(self) -> Rates:
        """g, gamma, Gamma and omega0 of the dynamics; g from the file or at the trap's minimum."""
        laser = self.experiment.laser
        g = laser.coupling
        if g is None:
            g = float(abs(self.coupling(self.trap.require_minimum().position[None, :]).g[0, 0]))
        return Rates(g=g, gamma=self.line.gamma, pump_max=laser.pump_rate, omega=self.line.frequency)


def with_changes(experiment: MicrolaserExperiment, **tables: Mapping[str, object]) -> MicrolaserExperiment:
    """A copy of an experiment with some keys of its tables replaced, e.g. `sphere={"radius": 5.0e-6}`."""
    changed = {name: getattr(experiment, name).model_copy(update=keys) for name, keys in tables.items()}
    return experiment.model_copy(update=changed)
