"""One experiment file, answered as a table: modes, quality, trap, coupling, laser."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from atomcavity import units
from atomcavity.dynamics import CavitySystem, SteadyState, steady_state
from atomcavity.errors import at_key, require
from atomcavity.experiments import MicrolaserExperiment
from atomcavity.parallel import Progress
from atomcavity.reports.page import write_text
from atomcavity.studies.microlaser.device import Device
from atomcavity.studies.microlaser.figures_static import wavelengths_line
from atomcavity.studies.sphere_device import MICROKELVIN


def laser_system(device: Device) -> CavitySystem:
    """The pumped system: atoms on the first sites of the ring, with the phases that the file names."""
    laser = device.experiment.laser
    sites = device.trap.sites
    require(
        laser.atoms <= len(sites),
        f"laser.atoms = {laser.atoms}: the lattice has {len(sites)} sites, one atom each",
    )
    coupling = device.coupling(sites[: laser.atoms])
    if laser.phases != "mode":
        coupling = coupling.with_phases(
            "printed" if laser.phases == "printed" else np.zeros(coupling.g.shape)
        )
    if laser.coupling is not None:
        coupling = coupling.with_strength(laser.coupling)
    kappa = device.laser_mode.frequency / device.quality
    return CavitySystem.of(
        coupling,
        kappa=kappa,
        kappa_ext=device.kappa_ext,
        pump_rate=laser.pump_rate,
        magnetic_field=device.experiment.atom.field,
    )


def answer(experiment: MicrolaserExperiment, folder: Path | None) -> str:
    """The answers as text; with an existing `folder` also as files.

    Raises `InputError` for a mode that does not exist, a wavelength outside the material's range, or more
    atoms than sites.
    """
    device = Device(experiment)
    require(
        experiment.trap.red.standing,
        "trap.red.standing = false: a running wave makes a ring of light without lattice sites, and the laser's atoms sit on sites",
    )
    lines = [
        experiment.title or "microlaser",
        "",
        *_resonator_lines(device),
        "",
        "trap: " + str(device.trap.minimum()),
    ]
    state: SteadyState | None = None
    if device.trap.minimum():
        lines += [*_trap_lines(device), "", *_coupling_lines(device), ""]
        system = laser_system(device)
        Progress(1)(f"steady state of {system.number} atom(s)")
        state = steady_state(system)
        lines.append(str(state))
    text = "\n".join(lines)
    if folder is not None:
        write_text(folder / "answers.txt", text + "\n")
        write_text(folder / "experiment.json", json.dumps(experiment.model_dump(), indent=1) + "\n")
        if state is not None:
            state.save(folder / "steady-state.nc")
    return text


def _resonator_lines(device: Device) -> list[str]:
    line = device.line  # a mistake in the atom's keys is told before those that follow from it
    offset = (device.laser_mode.frequency - line.frequency) / (2e9 * math.pi)
    widths = abs(offset) * 2e9 * math.pi * device.quality / device.laser_mode.frequency
    tuned = "; in the dynamics it is taken as tuned to resonance" if widths > 0.1 else ""
    return [
        "lasing mode  " + wavelengths_line(device.laser_mode),
        "red mode     " + wavelengths_line(device.trap.red.mode),
        "blue mode    " + wavelengths_line(device.trap.blue.mode),
        f"the lasing mode lies {offset:+.4g} GHz from the transition ({widths:.2g} linewidths){tuned}",
        "",
        str(device.budget),
    ]


def _trap_lines(device: Device) -> list[str]:
    trap, states = device.trap, device.trap.states()
    with at_key("atom.upper"):
        shift = trap.shift(device.experiment.atom.upper, m=device.experiment.atom.m)
    gaps = ", ".join(units.show(gap, "angular") for gap in states.first_gaps)
    eta = ", ".join(f"{value:.3g}" for value in states.lamb_dicke(device.line))
    ways = ", ".join(f"{energy / MICROKELVIN:.3g} µK to {where}" for where, energy in trap.passages().items())
    return [
        f"  {len(trap.sites)} sites; the well opens {ways}".replace(
            "to along phi", "to the next site"
        ).replace("to surface", "to the surface"),
        f"  first gaps (rho, theta, phi) = {gaps}; Lamb-Dicke parameters {eta}",
        "  " + str(trap.lifetime()),
        "",
        str(shift),
    ]


def _coupling_lines(device: Device) -> list[str]:
    coupling = device.coupling(device.trap.require_minimum().position[None, :])
    kappa = device.laser_mode.frequency / device.quality
    c = float(coupling.cooperativity(kappa)[0, 0])
    laser, cavity = device.experiment.laser, device.experiment.cavity
    used = []
    if laser.coupling is not None:
        used.append(
            f"g = {units.show(laser.coupling, 'angular')} (laser.coupling) instead of the g at the trap"
        )
    if cavity.quality is not None:
        used.append(
            f"Q = {cavity.quality:.4g} (cavity.quality) instead of the budget's {device.budget.total:.4g}"
        )
    return [
        str(coupling),
        f"  cooperativity 4g²/(κγ) = {c:.4g} at κ = {units.show(kappa, 'angular')} (the paper's F; its C = 1/(2 N_a^c) is half)",
        f"  saturation photons N_p^s = {float(coupling.saturation_photons[0, 0]):.3g}, critical atoms N_a^c = {1 / c:.3g}",
        *(["in the dynamics: " + "; ".join(used)] if used else []),
    ]
