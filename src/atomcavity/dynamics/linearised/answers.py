"""Quantum fluctuations linearised around a lasing mean-field branch: the `Linearised` answer to `spectrum`.

With x the deviations of amplitudes and emitters from the branch (in the frame that turns with the light):

    dx/dt = J x + xi,   <xi xi^T> = D delta(t - t'),

J the Jacobian of the classical equations (inversion kept) and D the quantum noise of every mode and group
(`linearised.noise`).  A free phase theta is a zero mode of J: J u = 0 with u = d(state)/d theta, J^T w = 0, w . u = 1.
The phase diffuses, <(theta(t) - theta(0))^2> = Gamma |t| with Gamma = w^T D w, and the carrier is a Lorentzian
of full width Gamma (Lax, Phys. Rev. 160, 290 (1967); Kolobov et al., Phys. Rev. A 47, 1431 (1993)).  Everything else decays and is the pedestal with its
relaxation oscillations:  S(omega) = v^+ D v,  v = (-i omega - J)^-T p  with a = p . x, where the zero mode
of J decays with Gamma/2 (which keeps <a^+(0) a(t)> = |alpha|^2 exp(-Gamma |t|/2) + ... to first order in the noise).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.exact.response import natural_grid
from atomcavity.dynamics.exact.spectrum import find_peaks
from atomcavity.dynamics.linearised.noise import diffusion
from atomcavity.dynamics.mean_field.branches import choose_branch
from atomcavity.dynamics.mean_field.model import Model
from atomcavity.dynamics.mean_field.search import Fixed
from atomcavity.dynamics.methods import Linearised
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Spectrum
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError
from atomcavity.results import Record

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

LARGE = 0.1  # a small parameter above this is a warning
MATTER = 1e-9  # poles with less than this part of the largest weight are left out


@dataclass(frozen=True, eq=False)
class Fluctuations:
    """The linearised light of one mode, in the frame of its carrier.

    number     |alpha|^2;  width: full width of the carrier (rad/s), 0 if a drive holds the phase
    poles      eigenvalues (1/s), the carrier first where the phase is free;  weights: theirs in <a^+(0) a(tau)>
    free       number of free phases, whose poles come first
    density    the spectral density at omega minus the carrier's frequency (photons s), without a delta function
    excess     g2(0) - 1
    """

    number: float
    width: float
    poles: Complex
    weights: Complex
    density: Callable[[Real], Real]
    excess: float
    free: int


def linearised_spectrum(
    system: CavitySystem, method: Linearised, detuning: Real | None, mode: int, initial: Preparation | None
) -> Spectrum:
    """The spectrum of a lasing branch (or one locked to a drive): carrier and pedestal.

    `poles` are the carrier, -i nu - (full width)/2, and the fluctuations that decay.

    Raises `InputError` below threshold, if several branches are stable and none is named, or for an initial state.

    >>> from atomcavity.dynamics import CavityMode, Emitters
    >>> superradiant = CavitySystem([Emitters(100_000, g=0.5, pump_rate=0.5)], [CavityMode(kappa=1e5)])
    >>> found = linearised_spectrum(superradiant, Linearised(), detuning=None, mode=0, initial=None)
    >>> round(float(-2 * found.poles[0].real) / (4 * 0.5**2 / 1e5), 3)  # in units of 4 g^2/kappa at half its N-fold
    1.5
    """
    if initial is not None:
        raise InputError(
            "Linearised is about the stationary light; for a pulse use TruncatedWigner() or DickeLadder()"
        )
    model = Model(system)
    state, label, warnings = choose_branch(model, method)
    if state.flat:
        raise InputError(
            f"the branch {label!r} is one of a continuous family: besides the phases of the modes something else "
            "drifts freely, and there is no single line; use TruncatedWigner() or Exact()"
        )
    found = fluctuations(model, state, mode)
    carrier = float((model.phases.modes @ state.nu)[mode])
    warnings += _small_parameters(found)
    order = np.argsort(-found.poles.real, kind="stable")
    size = np.abs(found.weights)
    order = order[size[order] > MATTER * max(float(size.max()), found.number)]
    poles, weights = found.poles[order], found.weights[order]
    fine = _grid(poles, weights)
    values = found.density(fine)
    peaks, widths = find_peaks(fine, values, found.density) if values.any() else (np.zeros(0), np.zeros(0))
    grid = fine if detuning is None else detuning - carrier
    return Spectrum(
        record=Record(
            "Linearised",
            reason=f"around the branch {label!r}",
            residual=state.residual,
            warnings=warnings,
            parameters={"system": system.to_dict(), "method": asdict(method)},
        ),
        detuning=grid + carrier if detuning is None else detuning,
        density=found.density(grid),
        peak=peaks + carrier,
        full_width=widths,
        full_width_error=np.zeros(len(widths)),
        poles=poles - 1j * carrier,
        weights=weights,
        coherent=0.0 if model.free else found.number,
    )


def fluctuations(model: Model, state: Fixed, mode: int) -> Fluctuations:
    """The linearised light of one mode around a stationary state."""
    y = state.y
    unit = np.ones(model.size)
    unit[: 2 * model.modes] = np.linalg.norm(y[: 2 * model.modes])
    drift = model.jacobian(y, state.nu) * (unit / unit[:, None])
    noise = diffusion(model, y) / np.outer(unit, unit)
    turns = model.rotations(y) / unit
    active = np.linalg.norm(turns, axis=1) > 0
    right, charges = turns[active].T, model.phases.modes[mode, active]
    left = _left_null(drift, right)
    width = float(charges @ (left.T @ noise.real @ left) @ charges)
    poles, vectors = np.linalg.eig(drift)
    order = np.argsort(np.abs(poles))
    poles, vectors = poles[order] + 0j, vectors[:, order] + 0j
    count = right.shape[1]
    poles[:count], vectors[:, :count] = -width / 2, right
    inverse = np.linalg.inv(vectors)
    light = np.zeros(model.size, dtype=complex)
    light[mode], light[model.modes + mode] = unit[mode], 1j * unit[model.modes + mode]
    spread = inverse @ noise @ inverse.T
    covariance = -spread / (poles[:, None] + poles[None, :])  # of the coordinates along the eigenvectors
    weights = (vectors.T @ light) * (covariance.T @ (vectors.T @ light.conj()))
    alpha = model.alpha(y)[mode]
    number = float(abs(alpha) ** 2)
    intensity = vectors.T @ (2 * (alpha.conjugate() * light).real)
    excess = ((intensity @ covariance @ intensity).real - number) / number**2 if number else np.nan
    damped = drift - width / 2 * right @ left.T
    return Fluctuations(
        number, width, poles, weights, _density(poles, weights, damped, noise, light), float(excess), count
    )


def _left_null(drift: Real, right: Real) -> Real:
    """w with drift^T w = 0 and w^T right = 1, one column a free phase, by a bordered equation."""
    count = right.shape[1]
    if count == 0:
        return right
    scale = float(np.abs(drift).max())
    bordered = np.block([[drift.T / scale, right], [right.T, np.zeros((count, count))]])
    target = np.concatenate([np.zeros(right.shape), np.eye(count)])
    return np.asarray(np.linalg.solve(bordered, target)[: len(drift)], float)


def _density(
    poles: Complex, weights: Complex, damped: Real, noise: Complex, light: Complex
) -> Callable[[Real], Real]:
    """v^+ D v as a sum over poles, or by linear equations where the eigenvectors are ill-conditioned."""
    one = np.eye(len(damped))

    def by_poles(omega: Real) -> Real:
        steps = np.array_split(omega, max(1, len(omega) * len(poles) // 1_000_000))
        return np.concatenate([2 * np.sum(weights / (-1j * w[:, None] - poles), axis=1).real for w in steps])

    def solved(omega: Real) -> Real:
        v = [np.linalg.solve((-1j * w * one - damped).T, light) for w in omega]
        return np.array([(x.conj() @ noise @ x).real for x in v])

    probe = np.array([0.0, 0.3 * abs(poles.real[0]), *np.abs(poles[[1, len(poles) // 2]])])
    exact = solved(probe)
    good = np.allclose(by_poles(probe), exact, rtol=1e-6, atol=1e-12 * float(exact.max()))
    return by_poles if good else solved


def _grid(poles: Complex, weights: Complex) -> Real:
    """Frequencies that resolve the slowest pole, the carrier, and beside it what is strongest in the rest."""
    if not len(poles):
        return np.array([0.0])
    parts = [slice(0, 1), slice(1, None)] if len(poles) > 1 else [slice(0, 1)]
    grids = [natural_grid(poles[part], weights[part], 60) for part in parts]
    return np.unique(np.concatenate([*grids, [0.0]]))


def _small_parameters(found: Fluctuations) -> tuple[str, ...]:
    """What should be small and is not."""
    warnings: tuple[str, ...] = ()
    if not abs(found.excess) < LARGE:
        warnings += (
            f"the intensity fluctuates too much for a linearised theory, g2(0) - 1 = {found.excess:.2g} "
            "(near a threshold, or too few emitters): use Exact() or TruncatedWigner()",
        )
    rest = found.poles[found.free :].real
    if found.width and -rest.max() < found.width / (2 * LARGE):
        warnings += (
            f"the phase diffuses (full width {found.width:.3g} rad/s) not much slower than the other fluctuations "
            f"decay ({-2 * rest.max():.3g} rad/s): the carrier is not a separate line",
        )
    return warnings
