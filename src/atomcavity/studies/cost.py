"""What an experiment file would compute, by which method, how long and with how much memory, before it is run.

The times follow from the size of the problem, with the constants below, measured on one core at about 3 GHz: take them as right
within a factor of three.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atomcavity.dynamics import Exact, Jumps
from atomcavity.dynamics.choice import choose
from atomcavity.dynamics.exact.size import estimate
from atomcavity.errors import require
from atomcavity.experiments.files import check_data, place_of, read_data, schema_of
from atomcavity.experiments.uncertain import split_uncertain

_START = 1.5  # s, to load the libraries
_PROCESS = 200e6  # bytes of a process with the libraries loaded
_FIGURES = 100e6  # bytes of the libraries that draw
_SPHERE = 1.0  # s: modes, trap, states and lifetimes of one sphere
_ELEMENT = 5.5e3  # bytes an element of the density matrix in Exact
_TICK = 2e-7  # s a tick of one run of the feedback experiment
_RUN = 18e3  # bytes of one run


@dataclass(frozen=True)
class Step:
    """A part of one evaluation; NaN seconds: they cannot be foretold."""

    what: str
    method: str
    seconds: float
    memory: float = 0.0


@dataclass(frozen=True)
class Cost:
    """What is to be done.

    place    the file;  kind: of the experiment
    steps    of one evaluation
    errors   how the uncertain inputs are carried to the answers, "" without any;  evaluations: of one point for that
    points   of the sweep, 1 without one;  sweep: how they come about
    """

    place: str
    kind: str
    steps: tuple[Step, ...]
    errors: str = ""
    evaluations: int = 1
    points: int = 1
    sweep: str = ""

    @property
    def seconds(self) -> float:
        """Of all points on one core, without the start."""
        return self.points * self.evaluations * sum(step.seconds for step in self.steps)

    @property
    def memory(self) -> float:
        """Bytes of one process."""
        return _PROCESS + max((step.memory for step in self.steps), default=0.0)

    def __str__(self) -> str:
        lines = [f'{self.place}: an experiment of kind "{self.kind}"']
        for step in self.steps:
            lines += [f"  {step.what}: about {_duration(step.seconds)}", f"    by {step.method}"]
        lines += [self.errors] * bool(self.errors) + [self.sweep] * bool(self.sweep)
        cores = min(os.cpu_count() or 1, max(self.points, self.evaluations))
        total = f"in all about {_duration(self.seconds + _START)} on one core"
        if cores > 1:
            total += f", {_duration(self.seconds / cores + 2 * _START)} on {cores} cores (--workers)"
        lines.append(
            f"{total}; memory about {_size(self.memory)} a process, {_size(_FIGURES)} more for figures (--out)"
        )
        lines.append("times are estimates from the size of the problem, right within a factor of three or so")
        return "\n".join(lines)


def cost_of(path: Path, changes: Sequence[str] = (), *, samples: int = 0) -> Cost:
    """What running (or sweeping) an experiment file would cost.

    The static parts of the experiment (modes, trap, system) are computed, because the method depends on them.

    Raises `InputError` for whatever would stop the run there.
    """
    data, place = read_data(path, changes), place_of(path, changes)
    points, sweep = 1, ""
    if "sweep" in data:
        points, data, sweep = _swept(path, changes)
    experiment = check_data(data, place)
    _, uncertain = split_uncertain(data, schema_of(data, place), place)
    require(samples == 0 or bool(uncertain), f"--samples {samples}: no input of {place} has an uncertainty")
    errors, evaluations = "", 1
    if uncertain:
        evaluations = 1 + (samples or 2 * len(uncertain))
        how = f"{samples} samples" if samples else "linear propagation, each input to both sides"
        names = ", ".join(f"{one.name} = {one.text}" for one in uncertain)
        errors = f"uncertain inputs: {names}; {how}: {evaluations} evaluations"
    steps = tuple(_STEPS[experiment.kind](experiment))
    return Cost(str(path), experiment.kind, steps, errors, evaluations, points, sweep)


def _swept(path: Path, changes: Sequence[str]) -> tuple[int, dict[str, Any], str]:
    from atomcavity.sweeps import read_plan

    plan = read_plan(path, changes)
    parts = [f"{len(axis)} ({', '.join(axis.keys)})" for axis in plan.axes]
    repeats = plan.shape[-1]
    parts += [f"{repeats} (repeated seeds)"] if repeats > 1 else []
    text = f"sweep: {len(plan)} points = {' x '.join(parts)}, with `atomcavity sweep`; the cost is that of the first"
    return len(plan), plan.point(0).data, text


def _sphere(what: str) -> Step:
    return Step(what, "exact modes of the sphere, minimum and states of the potential", _SPHERE)


def _trap(experiment: Any) -> list[Step]:
    from atomcavity.studies.sphere_device import SphereDevice

    device = SphereDevice(experiment)
    device.line  # noqa: B018 - a mistake in the atom's keys is told first
    return [_sphere("modes, quality, trap, coupling"), *_no_trap(device)]


def _no_trap(device: Any) -> list[Step]:
    found = device.trap.minimum()
    return [] if found else [Step("nothing else", f"reason: no trap: {found.reason}", 0.0)]


def _microlaser(experiment: Any) -> list[Step]:
    from atomcavity.studies.microlaser.experiment import checked, laser_system

    device = checked(experiment)
    steps = [_sphere("modes, quality, trap, coupling"), *_no_trap(device)]
    if len(steps) > 1:
        return steps
    system = laser_system(device)
    method, why = choose("steady_state", system)
    what = f"steady state of {system.number} atoms and {len(system.modes)} modes"
    seconds, memory = math.nan, 0.0
    if isinstance(method, Exact) and method.cavity == "kept":
        elements = estimate(system)
        seconds, memory = 0.05 + 0.14 * (elements / 4e3) ** 1.42, _ELEMENT * elements
    elif isinstance(method, Jumps) and len(system.emitters) == 1:
        seconds = method.trajectories * (2e-3 + 6e-7 * system.number**2)
    return [*steps, Step(what, f"{type(method).__name__}, {why}", seconds, memory)]


def _microclock(experiment: Any) -> list[Step]:
    from atomcavity.studies.microclock.device import Device
    from atomcavity.studies.microclock.experiment import CYCLES, PULSES, self_sufficient

    device = Device(experiment)
    device.line  # noqa: B018
    atoms = experiment.ensemble.atoms
    steps = [_sphere("modes, quality, trap, shifts, coupling"), *_no_trap(device)]
    if len(steps) > 1 and not self_sufficient(experiment):
        return steps
    steps.append(
        Step(f"pulse of {atoms} atoms", "DickeLadder, populations integrated in time", 0.1 + 1e-4 * atoms)
    )
    if experiment.cycle.readout is None:
        steps.append(Step("readout", f"{PULSES} heterodyne records, matched filter", 0.4))
    what = f"{CYCLES} cycles of the clock, and of each of its parts alone"
    return [*steps, Step(what, "PulsedClock and overlapping Allan deviations", 1.0, 40e6)]


def _ion_laser(experiment: Any) -> list[Step]:
    from atomcavity.studies.ion_laser.device import devices

    every = devices(experiment)
    number, groups = len(every), experiment.groups
    what = f"{number} laser{'s' * (number > 1)} of {experiment.trap.ions} ions in {groups} groups: power and spectrum"
    seconds = number * (0.1 + 40 * (groups / 1000) ** 3)
    return [
        Step(
            f"trap, crystal, coupling, thresholds of {number}",
            "the continuous crystal's formulas",
            0.1 * number,
        ),
        Step(what, "MeanField and Linearised, the branch that lases", seconds, 1.14e9 * (groups / 1000) ** 2),
    ]


def _chip_loading(experiment: Any) -> list[Step]:
    from atomcavity.studies.chip_loading.device import devices
    from atomcavity.studies.chip_loading.experiment import RIDES, TICK

    every, rule = devices(experiment), experiment.feedback
    for device in every:
        device.species, device.waveguide  # noqa: B018 - a mistake in their keys is told here
    number = len(every)
    ticks = rule.runs * rule.sites / rule.frequency / TICK
    runs = f"{number} x {rule.runs} runs of the feedback, up to {rule.sites} sites each"
    return [
        Step("guided mode, coupling, scattered beams", "finite elements in the cross-section", 1.5, 80e6),
        Step(
            f"{number} x 2 banks of {RIDES} rides", "classical trajectories in the belt", 0.6 * number, 120e6
        ),
        Step(
            runs, "clicks, rule and trajectories in a loop", number * ticks * _TICK, 120e6 + _RUN * rule.runs
        ),
    ]


_STEPS: Mapping[str, Callable[[Any], list[Step]]] = {
    "trap": _trap,
    "microlaser": _microlaser,
    "microclock": _microclock,
    "ion-laser": _ion_laser,
    "chip-loading": _chip_loading,
}


def _duration(seconds: float) -> str:
    if math.isnan(seconds):
        return "an unknown time (it depends on how fast the method converges)"
    from atomcavity.sweeps.progress import duration

    return duration(seconds) if seconds >= 1 else f"{max(seconds, 0.1):.1f} s"


def _size(number: float) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"
