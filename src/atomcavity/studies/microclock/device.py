"""The device of an experiment file of kind "microclock": sphere, trap, shifts, coupling, the emitting system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from scipy.constants import c, hbar, mu_0

from atomcavity.clocks.pulsed import PulsedClock
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
from atomcavity.errors import require
from atomcavity.experiments.microclock import Magic, MicroclockExperiment
from atomcavity.resonators import OpticalMode
from atomcavity.resonators.quality import QualityBudget
from atomcavity.studies.microclock.clock import clock_of
from atomcavity.studies.sphere_device import SphereDevice
from atomcavity.traps import SurfacePotential, TwoColorTrap
from atomcavity.traps.evanescent import COLOURS
from atomcavity.traps.sensitivity import ShiftSensitivity


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
        trap, shifts = self.experiment.trap, self.experiment.shifts
        if trap.given is None and shifts.red is None and shifts.blue is None:
            return self.trap_of(self._surface, None)
        waves = {colour: self.mode(f"trap.{colour}", getattr(trap, colour)).wavelength for colour in COLOURS}
        return self.trap_of(self._surface, self.polarizabilities_at(waves))

    @property
    def _surface(self) -> SurfacePotential:
        atom, given = self.experiment.atom, self.experiment.trap.given
        excess = self.experiment.shifts.c3_difference
        if given is None and excess is None:
            return self.own_surface
        own = {level: self.own_surface.van_der_waals(level).scalar for level in (atom.lower, atom.upper)}
        lower = own[atom.lower] if given is None else given.c3
        upper = lower + own[atom.upper] - own[atom.lower] if excess is None else (1 + excess) * lower
        return SurfacePotential.from_c3(self.sphere.radius, {atom.lower: lower, atom.upper: upper})

    def polarizabilities_at(self, wavelengths: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        """Polarizabilities (red, blue) of both clock levels at the wavelengths (m) of the red and the blue light.

        Of the lower level the given ones, or else the species' own; of the upper level those that differ from it by
        h d(nu)/dI = -c mu_0 (alpha_up - alpha_low)/2 of the measured magic condition (Eq. C1), or else by the species' own
        difference.
        """
        low, up = zip(*(self._pair(colour, wavelengths[colour]) for colour in COLOURS), strict=True)
        return {self.experiment.atom.lower: low, self.experiment.atom.upper: up}

    def _pair(self, colour: str, wavelength: float) -> tuple[float, float]:
        """Polarizabilities of the lower and the upper level."""
        atom, given = self.experiment.atom, self.experiment.trap.given
        magic: Magic | None = getattr(self.experiment.shifts, colour)

        def own(level: str) -> float:
            found = self.species.polarizability(
                level, wavelength, axis=self.axis, variant=atom.polarizability
            )
            return float(found.total)

        lower = own(atom.lower) if given is None else float(getattr(given, colour))
        if magic is None:
            return lower, lower + own(atom.upper) - own(atom.lower)
        return lower, lower - 2 * hbar / (c * mu_0) * magic.slope * (wavelength - magic.wavelength)

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
        coupling = self.coupling(place, wave_function=self.trap.states())
        g, strongest = float(abs(coupling.g[0, 0])), max(abs(each[0, 0]) for each in coupling.zeeman.values())
        require(
            g > 1e-9 * strongest,
            f"atom.m = {self.experiment.atom.m:g}: light of the clock mode does not drive this sublevel's transition",
        )
        volume = self.experiment.cavity.volume
        return g if volume is None else g * (self.clock_mode.volume() / volume) ** 0.5

    @property
    def g(self) -> float:
        """|g| (rad/s) of the dynamics: the file's, or else the calculated one."""
        return self.experiment.cavity.coupling or self.calculated_coupling

    @cached_property
    def sensitivity(self) -> ShiftSensitivity:
        """The shift of the clock transition at the trap's minimum, and how it follows the powers."""
        sublevel = 0.0 if self.species.nuclear_spin else self.experiment.atom.m
        return self.trap.shift_sensitivity(self.experiment.atom.upper, m=sublevel)

    @cached_property
    def system(self) -> CavitySystem:
        """The mean number of atoms, identical and phased to the clockwise mode, with their natural decay."""
        atoms = Emitters(self.experiment.ensemble.atoms, g=self.g, gamma=self.line.gamma)
        mode = CavityMode(self.kappa, kappa_ext=self.kappa_ext, detuning=self.experiment.cavity.detuning)
        return CavitySystem([atoms], [mode], reference=self.line.frequency)

    @cached_property
    def clock(self) -> PulsedClock:
        """The pulsed clock: the system, its cycle, and everything that fluctuates from pulse to pulse."""
        return clock_of(self)
