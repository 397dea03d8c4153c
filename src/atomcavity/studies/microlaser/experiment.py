"""One experiment file, answered as a table: modes, quality, trap, coupling, laser."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from atomcavity import units
from atomcavity.dynamics import CavitySystem, SteadyState, steady_state
from atomcavity.errors import require
from atomcavity.experiments import MicrolaserExperiment
from atomcavity.reports.page import write_text
from atomcavity.studies.microlaser.device import Device
from atomcavity.studies.microlaser.figures_static import wavelengths_line


def laser_system(device: Device) -> CavitySystem:
    """The pumped system: atoms on the first sites of the ring, with the phases that the file names."""
    laser = device.experiment.laser
    trap = device.trap.require_minimum()
    sites = device.sites(trap.distance)
    require(
        laser.atoms <= len(sites),
        f"laser.atoms = {laser.atoms}: the lattice has {len(sites)} sites, one atom each",
    )
    coupling = device.coupling(sites[: laser.atoms])
    if laser.phases == "printed":
        coupling = coupling.with_phases("printed")
    if laser.coupling is not None:
        coupling = coupling.with_strength(laser.coupling)
    kappa = device.laser_mode.frequency / device.quality
    return CavitySystem.of(
        coupling, kappa=kappa, pump_rate=laser.pump_rate, magnetic_field=device.experiment.atom.field
    )


def report_experiment(experiment: MicrolaserExperiment, *, out: Path | None = None) -> str:
    """The answers as text; with `out` (a new or empty folder) also as files.

    Raises `InputError` for a mode that does not exist, a wavelength outside the material's range,
    more atoms than sites, or an `out` that is not empty.
    """
    if out is not None:
        require(
            not out.exists() or (out.is_dir() and not any(out.iterdir())),
            f"--out {out}: not a new or empty folder",
        )
    device = Device(experiment)
    trap = device.trap
    minimum = trap.minimum()
    lines = [
        experiment.title or "microlaser",
        "",
        "lasing mode  " + wavelengths_line(device.laser_mode),
        "red mode     " + wavelengths_line(trap.red.mode),
        "blue mode    " + wavelengths_line(trap.blue.mode),
        _resonance(device),
        "",
        str(device.budget),
        "",
        "trap: " + str(minimum),
    ]
    state: SteadyState | None = None
    if minimum:
        gaps = ", ".join(units.show(gap, "angular") for gap in trap.states().first_gaps)
        lines += [
            f"  first gaps (rho, theta, phi) = {gaps}",
            "  " + str(trap.lifetime()),
            "",
            str(trap.shift("3P1")),
        ]
        system = laser_system(device)
        coupling = device.coupling(minimum.position[None, :])
        kappa = system.modes[0].kappa
        lines += [
            "",
            str(coupling),
            f"  cooperativity 4g²/(κγ) = {float(coupling.cooperativity(kappa)[0, 0]):.4g} at κ = {units.show(kappa, 'angular')}",
            "",
        ]
        state = steady_state(system)
        lines.append(str(state))
    text = "\n".join(lines)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_text(out / "answers.txt", text + "\n")
        write_text(out / "experiment.json", json.dumps(experiment.model_dump(), indent=1) + "\n")
        if state is not None:
            state.save(out / "steady-state.nc")
    return text


def _resonance(device: Device) -> str:
    offset = (device.laser_mode.frequency - device.line.frequency) / (2e9 * math.pi)
    widths = abs(offset) * 2e9 * math.pi * device.quality / device.laser_mode.frequency
    text = f"the lasing mode lies {offset:+.4g} GHz from the transition ({widths:.2g} linewidths)"
    return text + (
        "; in the dynamics it is taken as tuned to resonance" if np.isfinite(widths) and widths > 0.1 else ""
    )
