"""The device of an experiment file of kind "microclock": sphere, trap, shifts, coupling, the emitting system."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from scipy.constants import c, hbar, mu_0

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
from atomcavity.experiments.microclock import Magic, MicroclockExperiment
from atomcavity.resonators import OpticalMode
from atomcavity.resonators.quality import QualityBudget
from atomcavity.studies.sphere_device import SphereDevice
from atomcavity.traps import SurfacePotential, TwoColorTrap


@dataclass(frozen=True)
class Device(SphereDevice):
    """What an experiment file of kind "microclock" describes; each part is made when it is first asked for."""

    experiment: MicroclockExperiment

    @property
    def clock_mode(self) -> OpticalMode:
        """The (clockwise) mode into which the clock transition emits."""
        return self.cavity_mode

    @cached_property
    def trap(self) -> TwoColorTrap:
        """The two-colour trap of both clock levels; numbers of the file where it gives them."""
        return self.trap_of(self._surface, self._polarizabilities)

    @property
    def _surface(self) -> SurfacePotential:
        atom, given = self.experiment.atom, self.experiment.trap.given
        excess = self.experiment.shifts.c3_difference
        if given is None and excess is None:
            return self.own_surface
        lower = self.own_surface.van_der_waals(atom.lower).scalar if given is None else given.c3
        upper = self.own_surface.van_der_waals(atom.upper).scalar if excess is None else (1 + excess) * lower
        return SurfacePotential.from_c3(self.sphere.radius, {atom.lower: lower, atom.upper: upper})

    @property
    def _polarizabilities(self) -> dict[str, tuple[float, float]] | None:
        """Polarizabilities (red, blue) of both levels where the file gives any of them, else None."""
        trap, shifts = self.experiment.trap, self.experiment.shifts
        if trap.given is None and shifts.red is None and shifts.blue is None:
            return None
        pairs = {
            colour: self._both(colour, None if trap.given is None else getattr(trap.given, colour))
            for colour in ("red", "blue")
        }
        levels = (self.experiment.atom.lower, self.experiment.atom.upper)
        return {level: (pairs["red"][k], pairs["blue"][k]) for k, level in enumerate(levels)}

    def _both(self, colour: str, lower: float | None) -> tuple[float, float]:
        """Polarizabilities of the lower and the upper level at the wavelength of a beam."""
        atom = self.experiment.atom
        wavelength = self.mode(f"trap.{colour}", getattr(self.experiment.trap, colour)).wavelength

        def own(level: str) -> float:
            return float(
                self.species.polarizability(
                    level, wavelength, axis=self.axis, variant=atom.polarizability
                ).total
            )

        low = own(atom.lower) if lower is None else lower
        magic: Magic | None = getattr(self.experiment.shifts, colour)
        if magic is None:
            return low, low + own(atom.upper) - own(atom.lower)
        return low, low - 2 * hbar / (c * mu_0) * magic.slope * (wavelength - magic.wavelength)

    @cached_property
    def budget(self) -> QualityBudget:
        """The quality factor of the clock mode by its causes, without the coupler."""
        return self.budget_with(None)

    @property
    def intrinsic_quality(self) -> float:
        """Quality factor without the coupler: the file's, or else the budget's."""
        return self.experiment.cavity.quality or self.budget.total

    @property
    def coupler_quality(self) -> float:
        """Quality factor of the coupler alone."""
        coupler = self.experiment.cavity.coupler
        return self.intrinsic_quality if isinstance(coupler, str) else coupler

    @property
    def quality(self) -> float:
        """Quality factor with the coupler."""
        return 1 / (1 / self.intrinsic_quality + 1 / self.coupler_quality)

    @property
    def kappa(self) -> float:
        """Decay rate of the photon number (rad/s): the file's, or else that of the quality factors."""
        return self.experiment.cavity.kappa or self.clock_mode.frequency / self.quality

    @property
    def kappa_ext(self) -> float:
        """The coupler's part of kappa (rad/s)."""
        return self.kappa * self.quality / self.coupler_quality

    @cached_property
    def calculated_coupling(self) -> float:
        """|g| (rad/s) at the trap's minimum, averaged over the vibrational ground state, in the file's mode volume."""
        place = self.trap.require_minimum().position[None, :]
        g = float(abs(self.coupling(place, wave_function=self.trap.states()).g[0, 0]))
        volume = self.experiment.cavity.volume
        return g if volume is None else g * (self.clock_mode.volume() / volume) ** 0.5

    @property
    def g(self) -> float:
        """|g| (rad/s) of the dynamics: the file's, or else the calculated one."""
        return self.experiment.cavity.coupling or self.calculated_coupling

    @cached_property
    def system(self) -> CavitySystem:
        """The mean number of atoms, identical and phased to the clockwise mode, without decay out of the cavity."""
        atoms = Emitters(self.experiment.ensemble.atoms, g=self.g)
        mode = CavityMode(self.kappa, kappa_ext=self.kappa_ext, detuning=self.experiment.cavity.detuning)
        return CavitySystem([atoms], [mode], reference=self.line.frequency)
