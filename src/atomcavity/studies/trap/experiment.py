"""One experiment file of kind "trap", answered: modes, quality, trap, shift, coupling."""

from __future__ import annotations

import math

from atomcavity.experiments import TrapExperiment
from atomcavity.results import Answers, Result
from atomcavity.studies.asked import methods_of
from atomcavity.studies.sphere_answers import (
    coupling_answers,
    mode_answers,
    mode_remarks,
    quality_answers,
    shift_answers,
    trap_answers,
    trap_warnings,
)
from atomcavity.studies.sphere_device import SphereDevice


def answers(experiment: TrapExperiment, seed: int = 0) -> Answers:  # noqa: ARG001 - nothing here is by chance
    """Everything that the file asks; without a trap its numbers are NaN with the reason.

    The quality factor is that of the budget, without a coupler.  Raises `InputError` for a mode that does not exist, or a
    wavelength outside the material's range.
    """
    device = SphereDevice(experiment)
    device.line  # noqa: B018 - a mistake in the atom's keys is told before those that follow from it
    budget, found = device.budget_with(None), device.trap.minimum()
    g = float(abs(device.coupling(found.position[None, :]).g[0, 0])) if found else math.nan
    rows = (
        *mode_answers(device, budget.kappa),
        *quality_answers(budget, total=budget.total, kappa=budget.kappa, kappa_ext=0.0),
        *trap_answers(device),
        *shift_answers(device),
        *coupling_answers(device, budget.kappa, calculated=g, g=g),
    )
    results: dict[str, Result] = {}
    if found and experiment.trap.red.standing:
        results["shifts"] = device.trap.around_ring(experiment.atom.upper, m=experiment.atom.m)
    more = (text for result in results.values() for text in result.warnings)
    warnings = dict.fromkeys((*budget.warnings, *trap_warnings(device), *more))
    remarks = (*mode_remarks(device), *methods_of(results))
    return Answers(experiment.title or "trap", rows, results, tuple(warnings), remarks)
