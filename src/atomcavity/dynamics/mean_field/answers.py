"""Classical light and emitters: the `MeanField` answers to `steady_state` and `evolve` (and `branches`)."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.charges import level_charges
from atomcavity.dynamics.exact.steady import level_populations
from atomcavity.dynamics.levels import LevelScheme
from atomcavity.dynamics.mean_field.batch import transitions
from atomcavity.dynamics.mean_field.branches import choose_branch, mean_field_branches
from atomcavity.dynamics.mean_field.flow import flow
from atomcavity.dynamics.mean_field.model import Model
from atomcavity.dynamics.methods import MeanField
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Evolution, SteadyState
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError
from atomcavity.results import Record

__all__ = ["mean_field_branches", "mean_field_evolve", "mean_field_steady_state"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

NO_NOISE = "mean field has no spontaneous emission into the modes: below threshold its light is zero"
NO_START = (
    "nothing starts the light: without a photon or a dipole the emitters stay as they are, although a fluctuation "
    "would grow; tip them with Preparation.pulse(...), or use TruncatedWigner() or Exact()"
)


def mean_field_steady_state(system: CavitySystem, method: MeanField) -> SteadyState:
    """The branch that the method names, or the only stable one, as a coherent state of light (g2 = 1).

    The amplitude has the phase zero where nothing fixes it.

    Raises `InputError` if several branches are stable (it lists them) or none.
    """
    model = Model(system)
    state, label, warnings = choose_branch(model, method)
    alpha, densities = model.alpha(state.y), model.densities(state.y)
    photons = np.abs(alpha) ** 2
    populations = level_populations(system, lambda k, level: densities[k][level, level].real)
    into, out = flows(system, alpha, densities)
    groups = len(system.emitters)
    if not np.any(photons):
        warnings += (NO_NOISE,)
    return SteadyState(
        record=Record(
            "MeanField",
            reason=f"branch {label!r}",
            residual=state.residual,
            warnings=warnings,
            parameters={"system": system.to_dict(), "method": asdict(method)},
        ),
        photon_number=photons,
        photon_number_error=np.zeros(model.modes),
        excited_population=1 - populations[:, 0],
        excited_population_error=np.zeros(groups),
        populations=populations,
        emitter_correlation=_emitter_correlation(model, densities),
        mode_correlation=_mode_correlation(model, alpha),
        g2=np.where(photons > 0, 1.0, np.nan),
        g2_error=np.zeros(model.modes),
        photon_distribution=np.zeros((model.modes, 0)),
        amplitude=alpha,
        flow_in=into,
        flow_out=out,
    )


def mean_field_evolve(
    system: CavitySystem, method: MeanField, *, times: Real, initial: Preparation
) -> Evolution:
    """Amplitudes and populations at ascending times from a product state of the emitters without photons.

    Raises `ConvergenceError` if the integration stops.
    """
    model = Model(system)
    start = model.state(np.zeros(model.modes, complex), initial.matrices(system))
    values = flow(model, start, times)
    states = values.T
    alpha = np.array([model.alpha(y) for y in states]).T
    densities = [model.densities(y) for y in states]
    warnings: tuple[str, ...] = ()
    at_rest = np.all(np.abs(alpha) ** 2 < 1e-20 * system.number)
    if at_rest and not system.driven and _grows(model, start):
        warnings = (NO_START,)
    return Evolution(
        record=Record(
            "MeanField",
            warnings=warnings,
            parameters={"system": system.to_dict(), "method": asdict(method), "initial": initial.to_dict()},
        ),
        time=times,
        photon_number=np.abs(alpha) ** 2,
        photon_number_error=np.zeros(alpha.shape),
        excited_population=np.array([[1 - r[0, 0].real for r in one] for one in densities]).T,
        excited_population_error=np.zeros((len(system.emitters), len(times))),
        emitter_correlation=np.stack([_emitter_correlation(model, one) for one in densities], axis=-1),
        mode_correlation=np.stack([_mode_correlation(model, a) for a in alpha.T], axis=-1),
        pair_number=np.abs(alpha) ** 4,
        amplitude=alpha,
    )


def _grows(model: Model, y: Real) -> bool:
    """Whether a fluctuation grows at first."""
    return bool(np.linalg.eigvals(model.jacobian(y, np.zeros(model.free))).real.max() > 0)


def _mode_correlation(model: Model, alpha: Complex) -> Complex:
    """<a_i^+ a_j>: zero on average between modes whose phases are free of each other."""
    charges = model.phases.modes
    alike = np.all(charges[:, None] == charges[None, :], axis=2)
    return np.where(alike, alpha.conj()[:, None] * alpha, 0)


def _emitter_correlation(model: Model, densities: list[Complex]) -> Complex:
    """<sigma_u^+ sigma_v> of two emitters on their first transition in the cavity; NaN where there is none."""
    groups = model.system.emitters
    dipoles = np.full(len(groups), np.nan, dtype=complex)
    charges = np.zeros((len(groups), model.free))
    for k, emitters in enumerate(groups):
        for lower, upper, _ in transitions(emitters)[:1]:
            dipoles[k] = densities[k][upper, lower]
            charges[k] = model.phases.levels[k][upper] - model.phases.levels[k][lower]
    alike = np.all(charges[:, None] == charges[None, :], axis=2)
    found = np.where(alike, dipoles.conj()[:, None] * dipoles, 0)
    single = [k for k, e in enumerate(groups) if e.number == 1]
    found[single, single] = np.nan
    return found


def flows(system: CavitySystem, alpha: Complex, densities: list[Complex]) -> tuple[float, float]:
    """Excitations put in by pumps and drives, and those that leave by mirrors and decays, per second.

    NaN where no excitation number can be given to the levels.
    """
    into, out = 0.0, float(system.kappas @ np.abs(alpha) ** 2)
    rates = (2 * (alpha.conj() * -1j * system.drives).real).tolist()
    for k, (emitters, rho) in enumerate(zip(system.emitters, densities, strict=True)):
        scheme = emitters.scheme
        charges = _charges(scheme, k)
        if charges is None:
            return float("nan"), float("nan")
        index = {name: j for j, name in enumerate(scheme.levels)}
        for (a, b), rate in scheme.decays.items():
            step = charges[index[b]] - charges[index[a]]
            rates.append(emitters.number * rate * rho[index[a], index[a]].real * step)
        for (a, b), rabi in scheme.drives.items():
            step = charges[index[b]] - charges[index[a]]
            up = -2 * (np.conj(rabi / 2) * rho[index[b], index[a]]).imag
            rates.append(emitters.number * float(up) * step)
    into += sum(r for r in rates if r > 0)
    out += sum(-r for r in rates if r < 0)
    return float(into), float(out)


def _charges(scheme: LevelScheme, k: int) -> tuple[int, ...] | None:
    """Excitation numbers of the levels; those of the couplings alone where drives contradict them."""
    for tried in (scheme, replace(scheme, drives={})):
        try:
            return level_charges(tried, f"emitters[{k}]")
        except InputError:
            continue
    return None
