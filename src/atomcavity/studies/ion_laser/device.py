"""The device of an experiment file of kind "ion-laser": ion, trap, crystal, cavity mode, coupling, the lasing system."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.coupling import Coupling
from atomcavity.coupling.quadrupole import couple_quadrupole
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, group
from atomcavity.errors import at_key, require
from atomcavity.experiments.ion_laser import IonLaserExperiment
from atomcavity.resonators.fabry_perot import FabryPerot
from atomcavity.species import Species, Transition
from atomcavity.studies.ion_laser.continuum import ContinuousLaser
from atomcavity.studies.ion_laser.groups import Nodes
from atomcavity.traps.crystal import Crystal
from atomcavity.traps.ion_shifts import micromotion_estimate
from atomcavity.traps.magic_radio import MagicRadioFrequency, State, StatePair
from atomcavity.traps.paul import LINEAR_RF, LINEAR_STATIC, PaulTrap

Real = NDArray[np.float64]

LEFT, RIGHT = "left", "right"


class Rates(TypedDict):
    """Natural decay, pump rate, additional decay of the coherence (1/s)."""

    gamma: float
    pump_rate: float
    dephasing_rate: float


@dataclass(frozen=True)
class Device:
    """One laser of an experiment file: its upper state has the total angular momentum F, its trap the confinement (rad/s).

    Each part is made when it is first asked for.
    """

    experiment: IonLaserExperiment
    F: float
    confinement: float

    @cached_property
    def species(self) -> Species:
        """The ion."""
        with at_key("ion.species"):
            return Species(self.experiment.ion.species)

    @cached_property
    def line(self) -> Transition:
        """The lasing line, an electric-quadrupole one."""
        ion = self.experiment.ion
        with at_key("ion.lower, ion.upper"):
            return self.species.transition(ion.lower, ion.upper)

    @property
    def lower(self) -> State:
        """The lower lasing state (level, F, m)."""
        ion = self.experiment.ion
        return ion.lower, ion.lower_F, ion.lower_m

    @property
    def upper(self) -> State:
        """The upper lasing state (level, F, m)."""
        return self.experiment.ion.upper, self.F, self.experiment.ion.upper_m

    @cached_property
    def pair(self) -> StatePair:
        """How the line answers to static fields."""
        with at_key("ion"):
            return StatePair.of(self.species, self.lower, self.upper)

    @property
    def magic_radio_frequency(self) -> MagicRadioFrequency:
        """Omega_0 (rad/s), or why there is none: Eq. (11)."""
        return self.pair.magic_radio_frequency(self.species.mass, self.species.charge)

    @cached_property
    def trap(self) -> PaulTrap:
        """The Paul trap; `InputError` if it holds no ion, or for a magic radio frequency that does not exist."""
        trap = self.experiment.trap
        frequency = trap.radio_frequency
        if isinstance(frequency, str):
            magic = self.magic_radio_frequency
            require(
                math.isfinite(float(magic)), f"trap.radio_frequency = 'magic' for F = {self.F:g}: {magic}"
            )
            frequency = float(magic)
        matrices = {"rf": trap.rf or LINEAR_RF, "static": trap.static or LINEAR_STATIC}
        with at_key("trap"):
            made = PaulTrap(self.species, radio_frequency=frequency, confinement=self.confinement, **matrices)
            require(made.stable, f"no ion is held in {made!r}")
        return made

    @property
    def radius(self) -> float:
        """R_c (m): that of a spherical crystal as a continuous medium, N^(1/3) Wigner-Seitz radii."""
        stiffness = self.trap.pseudopotential
        mean = float(np.trace(stiffness)) / 3
        require(
            bool(np.allclose(stiffness, mean * np.eye(3), atol=1e-9) and mean > 0),
            "trap.rf, trap.static: the continuous crystal of this study is a sphere, for an isotropic pseudopotential",
        )
        return float((self.experiment.trap.ions / mean) ** (1 / 3)) * self.trap.length

    @property
    def waist(self) -> float:
        """w_0 (m)."""
        cavity = self.experiment.cavity
        if cavity.waist is not None:
            return cavity.waist
        assert cavity.zeta is not None
        return cavity.zeta * self.radius

    @property
    def zeta(self) -> float:
        """w_0/R_c, Eq. (36)."""
        return self.waist / self.radius

    @cached_property
    def mode(self) -> FabryPerot:
        """The cavity's mode, along z and resonant, circularly polarized as the line asks for."""
        return self.mode_with(self.waist)

    def mode_with(self, waist: float) -> FabryPerot:
        """The cavity's mode with another waist (m)."""
        cavity, ion = self.experiment.cavity, self.experiment.ion
        change = ion.upper_m - ion.lower_m
        require(
            abs(change) == 1,
            f"ion.lower_m = {ion.lower_m:g}, ion.upper_m = {ion.upper_m:g}: a cavity along the magnetic field couples m to "
            "m + 1 and m - 1 on a quadrupole line",
        )
        with at_key("cavity"):
            return FabryPerot(
                length=cavity.length,
                waist=waist,
                finesse=cavity.finesse,
                wavelength=self.line.wavelength,
                polarization=RIGHT if change > 0 else LEFT,
            )

    def coupling(self, at: ArrayLike, mode: FabryPerot | None = None) -> Coupling:
        """The coupling of ions at the places (k, 3) (m) to the cavity's mode, or to another one."""
        F, m = (self.lower[1], self.upper[1]), (self.lower[2], self.upper[2])
        with at_key("ion"):
            return couple_quadrupole(self.line, [mode or self.mode], at=at, F=F, m=m)

    @cached_property
    def g(self) -> float:
        """|g| (rad/s) of an ion on the axis where it couples best: half of the paper's g_0, Eq. (37)."""
        return float(np.abs(self.coupling([0.0, 0.0, 0.0]).g[0, 0]))

    @property
    def collective_rate(self) -> float:
        """4 g^2/kappa (rad/s), the paper's g_0^2/kappa: Eq. (40)."""
        return 4 * self.g**2 / self.mode.kappa

    @cached_property
    def continuum(self) -> ContinuousLaser:
        """The laser of a continuous crystal without shifts: Eqs. (33)-(39)."""
        return ContinuousLaser(
            number=self.experiment.trap.ions,
            collective_rate=self.collective_rate * self.zeta**2,
            gamma=self.line.gamma,
            xi=self.experiment.pump.xi,
            frequency=self.line.frequency,
        )

    @cached_property
    def pump_rate(self) -> float:
        """The file's pump rate w (1/s); "optimum" is that of the largest power of the continuous crystal."""
        rate = self.experiment.pump.rate
        if isinstance(rate, str):
            with at_key("pump.rate"):
                return float(self.continuum.optimum(self.zeta)[0])
        return rate

    def places(self, nodes: Nodes) -> Real:
        """Places (node, 3) (m) in the crystal where the standing wave has the nodes' phases."""
        places = nodes.position * self.radius
        k = math.tau / self.line.wavelength
        places[:, 2] = (np.floor(k * places[:, 2] / np.pi) * np.pi + nodes.phase) / k
        return places

    def system(
        self, pump_rate: float | None = None, *, groups: int | None = None, shifts: bool = False
    ) -> CavitySystem:
        """The continuous crystal as groups of ions; with `shifts` each has the micromotion shift of its place."""
        nodes = Nodes.of(self.experiment.groups if groups is None else groups)
        places = self.places(nodes)
        detunings = micromotion_estimate(places / self.trap.length, self.trap, self.pair) * shifts
        rows = zip(
            nodes.numbers(self.experiment.trap.ions), self.coupling(places).g[:, 0], detunings, strict=True
        )
        emitters = [Emitters(int(n), g, detuning=float(d), **self.rates(pump_rate)) for n, g, d in rows if n]
        return self._with(emitters)

    def crystal_system(
        self,
        crystal: Crystal,
        pump_rate: float | None = None,
        *,
        groups: int | None = None,
        shifts: ArrayLike = 0.0,
        offset: ArrayLike = (0.0, 0.0, 0.0),
    ) -> CavitySystem:
        """A true crystal as groups of ions (None: one group for each ion).

        `shifts` (rad/s) of each ion or of all; `offset` (m) moves the crystal in the mode.
        """
        coupling = self.coupling(crystal.positions + np.asarray(offset, float))
        count = len(crystal.positions) if groups is None else groups
        return self._with(list(group(coupling, shifts, count, **self.rates(pump_rate))))

    def rates(self, pump_rate: float | None = None) -> Rates:
        """gamma, pump and dephasing rate of an ion: gamma_R = xi w/2, Eq. (A18)."""
        w = self.pump_rate if pump_rate is None else pump_rate
        return {
            "gamma": self.line.gamma,
            "pump_rate": w,
            "dephasing_rate": self.experiment.pump.xi * w / 2,
        }

    def _with(self, emitters: list[Emitters]) -> CavitySystem:
        mode = CavityMode(self.mode.kappa, self.mode.kappa_ext)
        return CavitySystem(emitters, [mode], reference=self.line.frequency)


def devices(experiment: IonLaserExperiment) -> list[Device]:
    """One device for each F and each confinement of the file, F first."""
    return [Device(experiment, F, omega) for F in experiment.ion.F for omega in experiment.trap.confinement]
