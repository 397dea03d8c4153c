"""Past the paper: both circular modes, a temperature, and a passive lock, made from the devices of an experiment file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from atomcavity.dynamics import Linearised, spectrum
from atomcavity.resonators.fabry_perot import FabryPerot
from atomcavity.species import Species
from atomcavity.studies.ion_laser.both_modes import BothModes
from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.modes_scan import ModesScan
from atomcavity.studies.ion_laser.passive import Passive
from atomcavity.studies.ion_laser.passive_scan import PassiveScan
from atomcavity.studies.ion_laser.temperature import WarmLaser
from atomcavity.studies.ion_laser.temperature_scan import TemperatureScan

COOLING = ("3P0", "3P1", "3P2")
"""Upper levels of lines for cooling: 3D1 - 3P0 as in experiments with single ions, the pumping scheme's 3P1 and 3P2."""
BARIUM = (("5d 2D5/2", 2.5, 1.5, "right"), ("5d 2D3/2", 1.5, -0.5, "left"))
"""Upper level, its J and m, polarization: the circular transitions from m = 1/2 that couple best."""
GROUPS, FEW = 64, 27


def modes_scan(device: Device, splitting: float, *, quick: bool = False) -> ModesScan:
    """Both circular modes of a device; splitting of their lines (rad/s) at its magnetic field."""
    crystal = BothModes.of(device.system(groups=8), xi=device.experiment.pump.xi, splitting=splitting)
    number = device.experiment.trap.ions
    gain = (1 + crystal.xi) * float(device.continuum.thresholds(device.zeta)[1])  # of the continuous crystal
    identical = BothModes.identical(
        number,
        gain,
        kappa=crystal.kappa,
        gamma=crystal.gamma,
        xi=crystal.xi,
        frequency=crystal.frequency,
        splitting=splitting,
    )
    return ModesScan(identical, crystal, quick)


def temperature_scan(devices: Sequence[Device], *, quick: bool = False) -> TemperatureScan:
    """The devices of one upper state, their ions at a temperature."""
    lasers = [
        WarmLaser(d.continuum, d.zeta, d.trap.mass, d.trap.charge, d.confinement)
        for d in sorted(devices, key=lambda d: d.confinement)
    ]
    species = devices[0].species
    lines = {
        f"³P{'₀₁₂'[int(name[-1])]}": sum(line.gamma for line in species.decays(name)) for name in COOLING
    }
    experiment = devices[0].experiment
    through = species.transition(experiment.ion.lower, experiment.pump.through)
    return TemperatureScan(lasers, lines, through.wavelength, quick)


def passive_scan(device: Device, *, quick: bool = False) -> PassiveScan:
    """A passive lock to the crystal of a device, and to as many barium ions in the same cavity."""
    shifted = _unpumped(device, FEW if quick else GROUPS)
    few = _unpumped(device, FEW)
    line = replace(few, groups=tuple((n, g, 0.0) for n, g, _ in few.groups))
    laser = spectrum(device.system(groups=FEW), method=Linearised())
    active = math.sqrt(-2 * float(laser.poles[0].real)) / device.line.frequency
    others = [_barium(device, *row) for row in BARIUM]
    return PassiveScan(line, shifted.centred(), others, device.experiment.cavity.finesse, active, quick=quick)


def _unpumped(device: Device, groups: int) -> Passive:
    system = device.system(groups=groups, shifts=True)
    ions = tuple((e.number, abs(e.g_modes[0]), e.detuning) for e in system.emitters)
    F, m = (device.lower[1], device.upper[1]), (device.lower[2], device.upper[2])
    ideal = Passive.of(
        _name(device.line.wavelength, "Lu⁺"),
        device.line,
        device.mode,
        F=F,
        m=m,
        ions=1,
        zeta=device.zeta,
        groups=1,
    )
    return replace(ideal, groups=ions)


def _barium(device: Device, upper: str, J: float, m: float, polarization: str) -> Passive:
    line = Species("138Ba+").transition("6s 2S1/2", upper)
    cavity = FabryPerot(
        length=device.experiment.cavity.length,
        waist=device.waist,
        finesse=device.experiment.cavity.finesse,
        wavelength=line.wavelength,
        polarization=polarization,
    )
    ions = device.experiment.trap.ions
    return Passive.of(
        _name(line.wavelength, "Ba⁺"),
        line,
        cavity,
        F=(0.5, J),
        m=(0.5, m),
        ions=ions,
        zeta=device.zeta,
        groups=FEW,
    )


def _name(wavelength: float, ion: str) -> str:
    return f"{ion} {wavelength * 1e9:.1f} nm"
