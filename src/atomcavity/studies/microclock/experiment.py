"""One experiment file, answered: modes, quality, trap, shifts, coupling, pulse, stability and its budget."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from atomcavity import units
from atomcavity.clocks.budget import Budget
from atomcavity.clocks.deviation import deviation
from atomcavity.clocks.pulsed import PulsedClock
from atomcavity.dynamics import DickeLadder, evolve
from atomcavity.dynamics.dicke.result import LadderEvolution
from atomcavity.errors import at_key, require
from atomcavity.experiments.microclock import MicroclockExperiment
from atomcavity.results import Answer, Answers, Result
from atomcavity.studies.asked import Asked, methods_of
from atomcavity.studies.microclock.clock import clock_of
from atomcavity.studies.microclock.device import Device
from atomcavity.studies.microclock.readout import Readout
from atomcavity.studies.sphere_answers import (
    coupling_answers,
    mode_answers,
    mode_remarks,
    quality_answers,
    trap_answers,
    trap_warnings,
)
from atomcavity.traps.sensitivity import ShiftSensitivity

CYCLES = 10_000
PULSES = 200

_BEAMS = ("red", "blue")
SHIFT = Asked(
    "shift",
    (
        *((part, f"shift of the clock transition by the {part}", "angular") for part in (*_BEAMS, "surface")),
        ("total", "shift of the clock transition at the minimum", "angular"),
        *((f"per_power.{beam}", f"d shift/d ln(power) of the {beam} beam", "angular") for beam in _BEAMS),
        *((f"fixed.{beam}", f"the same with the atom held in place, {beam}", "angular") for beam in _BEAMS),
        *((f"moves.{beam}", f"d distance/d ln(power) of the {beam} beam", "length") for beam in _BEAMS),
        ("per_power.both", "d shift/d ln(power) of both beams together", "angular"),
    ),
)
PULSE = Asked(
    "pulse",
    (
        ("peak_rate", "photons per second through the port at the peak", "event rate"),
        ("delay", "time of the peak", "time"),
        ("width", "full width at half maximum", "time"),
        ("share", "part of the photons within the window", ""),
        ("readout", "rms error of reading one pulse, heterodyne and matched filter", "angular"),
    ),
)
_PARTS = {
    "number": "number",
    "lattice": "lattice",
    "blue_power": "blue power",
    "red_power": "red power",
    "cavity": "cavity",
    "cavity_in_pulse": "cavity in pulse",
    "lock": "lock",
    "readout": "readout",
    "number_x_cavity": "number x cavity",
    "laser": "laser (Dick effect)",
    "shot_noise": "shot noise (naive)",
}
CLOCK = Asked(
    "clock",
    (
        ("sigma_y", "sigma_y(1 s), fit c/sqrt(tau) to all averaging times", ""),
        ("whole", "sigma_y of one cycle of the whole clock", ""),
        ("in_quadrature", "the parts in quadrature", ""),
        *((f"part.{key}", f"sigma_y of one cycle by {name} alone", "") for key, name in _PARTS.items()),
        ("mean", "mean fractional frequency from the unshifted transition", ""),
        ("photons", "mean photons a cycle through the port within the window", ""),
        ("fades", "time until a pulse loses half of its photons", "time"),
    ),
)


@dataclass(frozen=True)
class _Clock:
    """Numbers of the clock, and the results that stand behind them by the names of their files."""

    answers: tuple[Answer, ...]
    results: dict[str, Result]


def answers(experiment: MicroclockExperiment, seed: int = 0) -> Answers:
    """Everything that the file asks; `seed` is that of the clock's cycles and of the pulses that are read.

    Without a trap the numbers that need one are NaN with the reason.  Raises `InputError` for a mode that does not exist, a
    wavelength outside the material's range, or more atoms than sites.
    """
    device = Device(experiment)
    static = (
        *mode_answers(device, device.kappa),
        *quality_answers(
            device.budget,
            total=device.quality,
            kappa=device.kappa,
            kappa_ext=device.kappa_ext,
            coupler=device.coupler_quality,
        ),
        *_trap_answers(device),
    )
    found = device.trap.minimum()
    if found or self_sufficient(experiment):
        clock = _clock_answers(device, seed)
    else:
        why = f"no trap: {found.reason}"
        clock = _Clock((*PULSE.told({}, why=why), *CLOCK.told({}, why=why)), {})
    own = device.calculated_coupling if found else math.nan
    g = experiment.cavity.coupling or own
    coupling = coupling_answers(device, device.kappa, calculated=own, g=g)
    more = (text for result in clock.results.values() for text in result.warnings)
    warnings = (*device.budget.warnings, *trap_warnings(device), *more)
    return Answers(
        experiment.title or "microclock",
        (*static, *coupling, *clock.answers),
        clock.results,
        tuple(dict.fromkeys(warnings)),
        (*mode_remarks(device), *_taken(experiment), *methods_of(clock.results)),
    )


def _taken(experiment: MicroclockExperiment) -> tuple[str, ...]:
    """The pulse, and what the file gives instead of what is calculated."""
    cavity, shifts = experiment.cavity, experiment.shifts
    given = {
        "cavity.quality": ("the intrinsic Q", cavity.quality),
        "cavity.kappa": ("kappa", cavity.kappa),
        "cavity.coupling": ("g", cavity.coupling),
        "shifts.mean": ("the mean shift", shifts.mean),
        "shifts.deviation": ("the scatter of the shift", shifts.deviation),
    }
    return (
        f"a pulse of {experiment.ensemble.atoms} atoms, the clock mode at {units.show(cavity.detuning, 'angular')} "
        "from the unshifted transition (cavity.detuning)",
        *(
            f"the clock takes {name} from {key}, not what is calculated here"
            for key, (name, value) in given.items()
            if value is not None
        ),
    )


def self_sufficient(experiment: MicroclockExperiment) -> bool:
    """Whether the clock needs nothing from the trap."""
    return None not in (
        experiment.cavity.coupling,
        experiment.shifts.mean,
        experiment.shifts.deviation,
    )


def _trap_answers(device: Device) -> tuple[Answer, ...]:
    trap, found = device.trap, device.trap.minimum()
    if not found:
        return (*trap_answers(device), *SHIFT.told({}, why=f"no trap: {found.reason}"))
    with at_key("trap.red.standing"):
        sites = len(trap.sites)
    atoms = device.experiment.ensemble.atoms
    require(atoms <= sites, f"ensemble.atoms = {atoms}: the lattice has {sites} sites, one atom each")
    return (
        *trap_answers(device),
        *SHIFT.told(_shifts(trap.shift_sensitivity(device.experiment.atom.upper))),
    )


def _shifts(found: ShiftSensitivity) -> dict[str, float]:
    values = dict(found.shift) | {"total": sum(found.shift.values()), "per_power.both": found.common}
    for beam in _BEAMS:
        slope = getattr(found, beam)
        values |= {
            f"per_power.{beam}": slope.total,
            f"fixed.{beam}": slope.fixed,
            f"moves.{beam}": float(slope.displacement[0]),
        }
    return values


def _clock_answers(device: Device, seed: int) -> _Clock:
    clock = clock_of(device)
    pulse = _pulse(clock)
    told, clock = _pulse_answers(device, clock, pulse, seed)
    series = clock.run(CYCLES, seed=seed)
    found, budget = deviation(series), clock.budget(CYCLES, seed=seed)
    c, error = found.coefficient()
    values = {
        "sigma_y": c,
        "whole": budget.whole,
        "in_quadrature": budget.total,
        "mean": float(series.y.mean()),
        "photons": float(series.photons.mean()),
        "fades": series.fades,
        **_parts(budget),
    }
    errors = {
        "sigma_y": error,
        "whole": (budget.whole_upper - budget.whole_lower) / 2,
        "mean": float(series.y.std()) / math.sqrt(CYCLES),
    }
    late = {"fades": f"not within {CYCLES} cycles"}
    rows = CLOCK.told(values, errors=errors, why="not in this clock", reasons=late)
    return _Clock((*told, *rows), {"pulse": pulse, "cycles": series, "deviation": found, "budget": budget})


def _parts(budget: Budget) -> dict[str, float]:
    """sigma_y of the parts that this clock has, by the names of the answers."""
    names = {name: f"part.{key}" for key, name in _PARTS.items()}
    return {names[name]: budget.of(name) for name in budget.names}


def _pulse(clock: PulsedClock) -> LadderEvolution:
    model = clock.ladder
    end = (2 * math.log(model.number) + 16) / (model.number * model.rate)
    run = evolve(clock.system, np.linspace(0.0, end, 801), method=DickeLadder())
    assert isinstance(run, LadderEvolution)
    return run


def _pulse_answers(
    device: Device, clock: PulsedClock, pulse: LadderEvolution, seed: int
) -> tuple[tuple[Answer, ...], PulsedClock]:
    """The pulse of the mean number of atoms, and the clock with the scatter of its readout."""
    emitted = 1 - pulse.excited_population[0]  # part of the photons that has left at each time
    values = {
        "peak_rate": device.kappa_ext * float(pulse.photon_number[0].max()),
        "delay": pulse.peak_time,
        "width": pulse.pulse_width,
        "share": float(np.interp(device.experiment.cycle.window, pulse.time, emitted)),
    }
    errors, why = {}, ""
    if clock.readout is None:
        readout = Readout(clock, PULSES, seed)
        values["readout"], errors["readout"] = readout.scatter
        clock = readout.applied
        why = "some pulses cannot be told from the noise; left out of the clock"
    else:
        values["readout"] = clock.readout
    return PULSE.told(values, errors=errors, why=why or "no light"), clock
