"""One experiment file, answered as text: modes, quality, trap, shifts, coupling, pulse, stability and its budget."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atomcavity import units
from atomcavity.clocks.deviation import deviation
from atomcavity.clocks.pulsed import PulsedClock
from atomcavity.dynamics import DickeLadder, evolve
from atomcavity.dynamics.dicke.result import LadderEvolution
from atomcavity.errors import at_key, require
from atomcavity.experiments.microclock import MicroclockExperiment
from atomcavity.parallel import Progress
from atomcavity.reports.page import write_text
from atomcavity.results import Result
from atomcavity.studies.microclock.clock import clock_of
from atomcavity.studies.microclock.device import Device
from atomcavity.studies.microclock.readout import Readout

CYCLES = 10_000
PULSES = 200
SEED = 0


@dataclass(frozen=True)
class Answers:
    """Lines of text, and the results that stand behind them by the names of their files."""

    lines: list[str]
    results: dict[str, Result]


def answer(experiment: MicroclockExperiment, folder: Path | None) -> str:
    """The answers as text; with an existing `folder` also as files.

    Without a trap the text ends with the reason, unless the file gives coupling and shifts itself.  Raises
    `InputError` for a mode that does not exist, a wavelength outside the material's range, or more atoms than sites.
    """
    device = Device(experiment)
    lines = [experiment.title or "microclock", "", *_resonator_lines(device), "", *_trap_lines(device)]
    results: dict[str, Result] = {}
    if device.trap.minimum() or _self_sufficient(experiment):
        Progress(1)(f"{CYCLES} cycles of the clock")
        clock = _clock_answers(device)
        lines += ["", *_coupling_lines(device), "", *clock.lines]
        results = clock.results
    text = "\n".join(lines)
    if folder is not None:
        write_text(folder / "answers.txt", text + "\n")
        write_text(folder / "experiment.json", json.dumps(experiment.model_dump(), indent=1) + "\n")
        for name, result in results.items():
            result.save(folder / f"{name}.nc")
    return text


def _self_sufficient(experiment: MicroclockExperiment) -> bool:
    """Whether the clock needs nothing from the trap."""
    return None not in (
        experiment.cavity.coupling,
        experiment.shifts.mean,
        experiment.shifts.deviation,
    )


def _resonator_lines(device: Device) -> list[str]:
    line = device.line  # a mistake in the atom's keys is told before those that follow from it
    offset = device.clock_mode.frequency - line.frequency
    taken = device.experiment.cavity.detuning
    return [
        f"clock mode  {device.clock_mode}",
        f"red mode    {device.trap.red.mode}",
        f"blue mode   {device.trap.blue.mode}",
        f"the clock mode lies {units.show(offset, 'angular')} from the transition, {abs(offset) / device.kappa:.3g} kappa; "
        f"in the clock it is tuned to {units.show(taken, 'angular')} (cavity.detuning)",
        "",
        str(device.budget),
        *_used({"quality": device.experiment.cavity.quality, "kappa": device.experiment.cavity.kappa}),
        f"kappa = {units.show(device.kappa, 'angular')}, {device.kappa_ext / device.kappa:.3g} of it through the coupler",
    ]


def _used(given: dict[str, float | None]) -> list[str]:
    """A line for the keys of [cavity] that replace what is calculated."""
    names = [f"cavity.{name}" for name, value in given.items() if value is not None]
    return [f"(the file replaces it by {' and '.join(names)})"] if names else []


def _trap_lines(device: Device) -> list[str]:
    found = device.trap.minimum()
    if not found:
        return [str(found)]
    sensitivity = device.trap.shift_sensitivity(device.experiment.atom.upper)
    with at_key("trap.red.standing"):
        sites = len(device.trap.sites)
    atoms = device.experiment.ensemble.atoms
    require(atoms <= sites, f"ensemble.atoms = {atoms}: the lattice has {sites} sites, one atom each")
    return [
        str(found),
        f"  {sites} sites",
        "  first gaps (rho, theta, phi) = "
        + ", ".join(units.show(gap, "angular") for gap in device.trap.states().first_gaps),
        "",
        f"clock transition at the minimum: {sensitivity}",
    ]


def _coupling_lines(device: Device) -> list[str]:
    cavity = device.experiment.cavity
    lines = [f"g = {units.show(device.g, 'angular')}"]
    if cavity.coupling is not None and device.trap.minimum():
        lines[0] += f" (cavity.coupling) instead of {units.show(device.calculated_coupling, 'angular')}"
    cooperativity = 4 * device.g**2 / (device.kappa * device.line.gamma)
    return [*lines, f"cooperativity 4g²/(κγ) = {cooperativity:.4g} at γ = {device.line.gamma:.4g} 1/s"]


def _clock_answers(device: Device) -> Answers:
    clock = clock_of(device)
    pulse = _pulse(clock)
    lines = _pulse_lines(device, pulse)
    if clock.readout is None:
        readout = Readout(clock, PULSES, SEED)
        lines.append(_readout_line(readout))
        clock = readout.applied
    series = clock.run(CYCLES, seed=SEED)
    found, budget = deviation(series), clock.budget(CYCLES, seed=SEED)
    c, error = found.coefficient()
    lines += ["", str(series), "", str(found), f"  fit: ({c:.4g} ± {error:.1g})/sqrt(tau/s)", "", str(budget)]
    return Answers(lines, {"pulse": pulse, "cycles": series, "deviation": found, "budget": budget})


def _readout_line(readout: Readout) -> str:
    how = f"readout of one pulse by a heterodyne detector at the port ({PULSES} simulated pulses, matched filter): "
    scatter, error = readout.scatter
    if not math.isfinite(scatter):
        return how + "some pulses cannot be told from the noise; left out below"
    return how + f"{units.show(scatter, 'angular')} ± {units.show(error, 'angular', digits=2)} rms"


def _pulse(clock: PulsedClock) -> LadderEvolution:
    model = clock.ladder
    end = (2 * math.log(model.number) + 16) / (model.number * model.rate)
    run = evolve(clock.system, np.linspace(0.0, end, 801), method=DickeLadder())
    assert isinstance(run, LadderEvolution)
    return run


def _pulse_lines(device: Device, pulse: LadderEvolution) -> list[str]:
    rate = device.kappa_ext * float(pulse.photon_number[0].max())
    share = float(np.interp(device.experiment.cycle.window, pulse.time, _emitted(pulse)))
    return [
        f"pulse of {device.experiment.ensemble.atoms} atoms: {rate:.4g} photons/s through the port at its peak after "
        f"{units.show(pulse.peak_time, 'time')}, {units.show(pulse.pulse_width, 'time')} wide; "
        f"{share:.2%} of its photons within {units.show(device.experiment.cycle.window, 'time')}"
    ]


def _emitted(pulse: LadderEvolution) -> NDArray[np.float64]:
    """Part of the photons that has left at each time of the pulse."""
    return 1 - pulse.excited_population[0]
