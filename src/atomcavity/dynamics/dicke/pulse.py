"""Pulses of identical emitters in time: the evolutions of `DickeLadder`, with the cavity eliminated or kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.dicke.kept import BITES, with_photons
from atomcavity.dynamics.dicke.model import Ladder, ladder
from atomcavity.dynamics.dicke.result import LadderEvolution, ladder_record
from atomcavity.dynamics.methods import DickeLadder
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import require
from atomcavity.results import Record

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

MOST_POPULATIONS = 4_000_000  # (level, time) up to which the ladder's populations are kept in the result


def dicke_evolve(
    system: CavitySystem, method: DickeLadder, *, times: Real, initial: Preparation
) -> LadderEvolution:
    """Photons, populations and the collective spin at ascending times (s), the cavity eliminated (`dicke.model`).

    The populations are integrated to an estimated error of some 1e-10 (the record's residual).
    """
    model = ladder(system, initial)
    kept = (model.number + 1) * len(times) <= MOST_POPULATIONS
    parts = [(_moments(model, p), p if kept else p[:, :0], error) for p, error in model.populations(times)]
    moments = np.concatenate([moments for moments, _, _ in parts], axis=1)
    error = parts[-1][2]
    emission, pairs, light = moments[0], moments[1], model.light
    moment, amplitude = np.zeros(len(times), complex), np.zeros((len(light), len(times)), complex)
    if model.coherent.any():
        moment, wrong = model.coherence(times, model.coherent)
        error = max(error, wrong)
        amplitude = light[:, None] * (moment * np.exp(-1j * model.offset * times))
    return _evolution(
        ladder_record(system, method, model, error, "populations integrated in time"),
        system,
        model,
        moments,
        moment,
        time=times,
        photon_number=np.abs(light[:, None]) ** 2 * emission,
        mode_correlation=(light.conj()[:, None] * light)[..., None] * emission,
        pair_number=np.abs(light[:, None]) ** 4 * pairs,
        amplitude=amplitude,
        populations=np.concatenate([p for _, p, _ in parts]).T,
    )


def kept_evolve(
    system: CavitySystem, method: DickeLadder, *, times: Real, initial: Preparation
) -> LadderEvolution:
    """The same with the cavity's own dynamics (`dicke.kept`).

    The record's `neglected` is the largest population of the highest photon number that is kept.
    """
    require(
        len(system.modes) == 1,
        f"DickeLadder(cavity='kept') has one mode, not {len(system.modes)}; use cavity='eliminated', Exact() or Jumps()",
    )
    model = ladder(system, initial, kept=True)
    chain = with_photons(model, system, method.photons, times)
    found = chain.populations(times)
    top, error = found.neglected, found.error
    bites = (f"the photon cut-off {chain.photons} bites: the population at it reaches {top:.1e}",)
    field, moment = np.zeros((2, len(times)), complex)
    if np.any(model.coherent):
        field, moment, wrong = chain.amplitudes(times)
        error = max(error, wrong)
    turn = np.exp(-1j * model.offset * times - 1j * np.angle(system.emitters[0].g_modes[0]))
    n = np.arange(found.photons.shape[1])
    number = found.photons @ n
    reason = f"blocks of at most {chain.photons} photons integrated in time"
    return _evolution(
        ladder_record(system, method, model, error, reason, bites if top > BITES else (), top),
        system,
        model,
        _moments(model, found.levels),
        moment,
        time=times,
        photon_number=number[None],
        mode_correlation=number[None, None] + 0j,
        pair_number=(found.photons @ (n * (n - 1.0)))[None],
        amplitude=(field * turn)[None],
        populations=found.levels.T,
    )


def _evolution(
    record: Record, system: CavitySystem, model: Ladder, moments: Real, moment: Complex, **light: Any
) -> LadderEvolution:
    """The result from the populations' `_moments`, <J^-> (up to its phase) and what is known of the light."""
    n, spin = model.number, model.number / 2
    emission, _, mean, square = moments
    transverse = (spin * (spin + 1) - square - np.abs(moment) ** 2) / 2
    excited = mean / n + 0.5
    return LadderEvolution(
        record=record,
        photon_number_error=np.zeros_like(light["photon_number"]),
        excited_population=np.tile(excited, (len(model.turns), 1)),
        excited_population_error=np.zeros((len(model.turns), len(excited))),
        emitter_correlation=_pairs_of_emitters(system, model, emission, excited),
        j_z=mean / spin,
        j_z_uncertainty=np.sqrt(np.maximum(square - mean**2, 0)) / spin,
        j_transverse_uncertainty=np.sqrt(np.maximum(transverse, 0)) / spin,
        **light,
    )


def _moments(model: Ladder, p: Real) -> Real:
    """<J^+ J^->, <J^+ J^+ J^- J^->, <J_z> and <J_z^2> of populations (time, level), (4, time)."""
    d, m = model.d, model.number / 2 - np.arange(model.number + 1.0)
    rows: Real = np.array([d, d * np.roll(d, -1), m, m**2])
    return rows @ p.T


def _pairs_of_emitters(system: CavitySystem, model: Ladder, emission: Real, excited: Real) -> Complex:
    """<sigma_u^+ sigma_v> of two emitters, (group, group, time); NaN for a group of one with itself."""
    n = model.number
    turns = model.turns
    pair = (emission - n * excited) / (n * (n - 1)) if n > 1 else np.full(len(emission), np.nan)
    found = (turns[:, None] * turns.conj())[..., None].conj() * pair + 0j
    for k, group in enumerate(system.emitters):
        if group.number == 1:
            found[k, k] = np.nan
    return found
