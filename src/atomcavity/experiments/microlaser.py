"""The schema of a microlaser: atoms in a two-colour evanescent lattice around a microsphere."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from atomcavity.experiments.quantities import Angle, Angular, EventRate, MagneticField, Table
from atomcavity.experiments.sphere import Count, QualityFactor, SphereAtom, SphereCavity, SphereExperiment


class Atom(SphereAtom):
    """The species, the laser transition and the magnetic field.

    m            sublevel of the upper level
    field        size of the magnetic field
    field_angle  its angle from the z axis
    """

    m: int = 0
    field: MagneticField
    field_angle: Angle


class Cavity(SphereCavity):
    """The lasing mode and its quality factor.

    quality          of the dynamics; without it the budget's total
    coupler_quality  quality factor of the coupler alone; without it there is none
    """

    quality: QualityFactor | None = None
    coupler_quality: QualityFactor | None = None

    @model_validator(mode="after")
    def _total(self) -> Cavity:
        if self.quality and self.coupler_quality and self.quality > self.coupler_quality:
            raise ValueError(
                f"quality = {self.quality:g} exceeds coupler_quality = {self.coupler_quality:g}: the coupler is one of its losses"
            )
        return self


class Laser(Table):
    """The gain: how many atoms, how strongly pumped, and where they sit along the ring.

    atoms        on as many neighbouring sites
    pump_rate    of each atom into the upper level
    repump_rate  at which repump light returns atoms to 3S1 (enters only where the pump rate itself is calculated)
    coupling     replaces the g that follows from the mode and the trap
    phases       "mode": the mode's own m phi at each site, "printed": the paper's k0 rho phi, "equal": all sites alike
    """

    atoms: Count
    pump_rate: EventRate
    repump_rate: EventRate
    coupling: Angular | None = None
    phases: Literal["mode", "printed", "equal"] = "mode"


class MicrolaserExperiment(SphereExperiment):
    """An experiment file of kind "microlaser"."""

    kind: Literal["microlaser"]
    atom: Atom
    cavity: Cavity
    laser: Laser
