"""The device of an experiment file: sphere, modes, trap, coupling, in the order in which the data flow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from atomcavity.experiments.microlaser import MicrolaserExperiment
from atomcavity.resonators import OpticalMode
from atomcavity.resonators.quality import QualityBudget
from atomcavity.studies.microlaser.laser import Rates
from atomcavity.studies.sphere_device import SphereDevice, with_changes
from atomcavity.traps import SurfacePotential, TwoColorTrap

__all__ = ["Device", "with_changes"]


@dataclass(frozen=True)
class Device(SphereDevice):
    """What an experiment file of kind "microlaser" describes; each part is made when it is first asked for."""

    experiment: MicrolaserExperiment

    @property
    def laser_mode(self) -> OpticalMode:
        """The (clockwise) lasing mode."""
        return self.cavity_mode

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

    @cached_property
    def budget(self) -> QualityBudget:
        """The quality factor of the lasing mode, part by part."""
        return self.budget_with(self.experiment.cavity.coupler_quality)

    @property
    def quality(self) -> float:
        """The quality factor used in the dynamics: the file's, or else the budget's total."""
        return self.experiment.cavity.quality or self.budget.total

    @property
    def kappa(self) -> float:
        """Decay rate of the photon number in the dynamics (rad/s)."""
        return self.laser_mode.frequency / self.quality

    @property
    def kappa_ext(self) -> float:
        """The coupler's part of the photon-number decay (rad/s); 0 if the file gives no coupler."""
        coupler = self.experiment.cavity.coupler_quality
        return 0.0 if coupler is None else self.laser_mode.frequency / coupler

    @cached_property
    def rates(self) -> Rates:
        """g, gamma, Gamma and omega0 of the dynamics; g from the file or at the trap's minimum."""
        laser = self.experiment.laser
        g = laser.coupling
        if g is None:
            g = float(abs(self.coupling(self.trap.require_minimum().position[None, :]).g[0, 0]))
        return Rates(g=g, gamma=self.line.gamma, pump_max=laser.pump_rate, omega=self.line.frequency)
