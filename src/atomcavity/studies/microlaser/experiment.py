"""One experiment file, answered: modes, quality, trap, coupling, laser."""

from __future__ import annotations

import math

import numpy as np

from atomcavity import units
from atomcavity.dynamics import CavitySystem, SteadyState, steady_state
from atomcavity.errors import require
from atomcavity.experiments import MicrolaserExperiment
from atomcavity.results import Answer, Answers, Result
from atomcavity.studies.asked import Asked, methods_of, seeded
from atomcavity.studies.microlaser.device import Device
from atomcavity.studies.sphere_answers import (
    coupling_answers,
    mode_answers,
    mode_remarks,
    quality_answers,
    shift_answers,
    trap_answers,
    trap_warnings,
)

_MODES = ("clockwise", "counter")
LASER = Asked(
    "laser",
    (
        *((f"photons.{name}", f"photons in the {name} mode", "") for name in _MODES),
        *((f"g2.{name}", f"g2(0) of the {name} mode", "") for name in _MODES),
        ("port_rate", "photons through the coupler, both modes", "event rate"),
        ("excited", "excited population of an atom, mean over the atoms", ""),
    ),
)


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
    return CavitySystem.of(
        coupling,
        kappa=device.kappa,
        kappa_ext=device.kappa_ext,
        pump_rate=laser.pump_rate,
        magnetic_field=device.experiment.atom.field,
    )


def answers(experiment: MicrolaserExperiment, seed: int = 0) -> Answers:
    """Everything that the file asks; without a trap the laser's numbers are NaN with the reason.

    `seed` is that of the trajectories, if the laser is too large for an exact method.

    Raises `InputError` for a mode that does not exist, a wavelength outside the material's range, or more
    atoms than sites.
    """
    device = checked(experiment)
    static = (
        *mode_answers(device, device.kappa),
        *quality_answers(device.budget, total=device.quality, kappa=device.kappa, kappa_ext=device.kappa_ext),
        *trap_answers(device),
        *shift_answers(device),
        *coupling_answers(device, device.kappa, calculated=_calculated(device), g=_used(device)),
    )
    laser, results = _laser_answers(device, seed)
    warnings = (
        *_tuning(device),
        *device.budget.warnings,
        *trap_warnings(device),
        *(text for result in results.values() for text in result.warnings),
    )
    return Answers(
        experiment.title or "microlaser",
        (*static, *laser),
        results,
        tuple(dict.fromkeys(warnings)),
        (*mode_remarks(device), *_replaced(device), *methods_of(results)),
    )


def checked(experiment: MicrolaserExperiment) -> Device:
    """The device of the file; `InputError` if its lattice has no sites."""
    require(
        experiment.trap.red.standing,
        "trap.red.standing = false: a running wave makes a ring of light without lattice sites, and the laser's atoms sit on sites",
    )
    return Device(experiment)


def _replaced(device: Device) -> tuple[str, ...]:
    """What the file gives instead of what is calculated."""
    given = {
        "laser.coupling": ("g", device.experiment.laser.coupling),
        "cavity.quality": ("Q", device.experiment.cavity.quality),
    }
    return tuple(
        f"the dynamics takes {name} from {key}, not what is calculated here"
        for key, (name, value) in given.items()
        if value is not None
    )


def _calculated(device: Device) -> float:
    """|g| (rad/s) at the trap's minimum; NaN without a trap."""
    found = device.trap.minimum()
    return float(abs(device.coupling(found.position[None, :]).g[0, 0])) if found else math.nan


def _used(device: Device) -> float:
    given = device.experiment.laser.coupling
    return _calculated(device) if given is None else given


def _tuning(device: Device) -> tuple[str, ...]:
    offset = device.laser_mode.frequency - device.line.frequency
    told = device.trap.minimum() and abs(offset) > device.kappa  # by the dynamics itself
    if told or abs(offset) <= 0.1 * device.kappa:
        return ()
    return (
        f"the lasing mode lies {units.show(offset, 'angular')} from the transition; in the dynamics it is taken as "
        "tuned to resonance",
    )


def _laser_answers(device: Device, seed: int) -> tuple[tuple[Answer, ...], dict[str, Result]]:
    found = device.trap.minimum()
    if not found:
        return LASER.told({}, why=f"no trap: {found.reason}"), {}
    system = laser_system(device)
    state: SteadyState = steady_state(system, method=seeded("steady_state", system, seed))
    share = np.array([group.number for group in system.emitters]) / system.number
    values = {
        "port_rate": float(state.port_rate.sum()),
        "excited": float(share @ state.excited_population),
    }
    errors = {
        "port_rate": device.kappa_ext * float(np.linalg.norm(state.photon_number_error)),
        "excited": float(np.linalg.norm(share * state.excited_population_error)),
    }
    for k, name in enumerate(_MODES):
        values |= {f"photons.{name}": float(state.photon_number[k]), f"g2.{name}": float(state.g2[k])}
        errors |= {
            f"photons.{name}": float(state.photon_number_error[k]),
            f"g2.{name}": float(state.g2_error[k]),
        }
    ring = device.trap.around_ring(device.experiment.atom.upper, m=device.experiment.atom.m)
    why = f"{state.record.method} does not give it"
    return LASER.told(values, errors=errors, why=why), {"steady-state": state, "shifts": ring}
