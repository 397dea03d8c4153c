"""Benchmarks of the ion laser: Coulomb crystals, their forces, moments of many groups, ours beside a peer in one process.

OPENBLAS_NUM_THREADS=1 python benchmarks/ion_laser.py [--quick] [--only ID] [--json FILE]
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import scipy
from scipy.integrate import solve_ivp
from scipy.optimize import minimize
from table import Row, best_of, main

from atomcavity.dynamics import CavitySystem, Cumulants, steady_state
from atomcavity.experiments import read_experiment
from atomcavity.parallel import spawn_seeds
from atomcavity.studies.ion_laser import device as study
from atomcavity.traps.crystal import find_crystal
from atomcavity.traps.crystal.coulomb import coulomb, multipoles_installed
from atomcavity.traps.crystal.starts import lattice_start

SCIPY, NUMPY = f"SciPy {scipy.__version__}", f"NumPy {np.__version__}"


def numpy_coulomb(positions: np.ndarray, rows: int = 250) -> tuple[float, np.ndarray]:
    """Sum over pairs of 1/r_ij and its gradient in whole arrays, some rows at a time to bound the memory."""
    energy, gradient = 0.0, np.empty_like(positions)
    for first in range(0, len(positions), rows):
        part = slice(first, first + rows)
        apart = positions[part, None, :] - positions[None, :, :]
        square = np.einsum("ijk,ijk->ij", apart, apart)
        square[np.arange(len(square)), first + np.arange(len(square))] = np.inf
        inverse = 1 / np.sqrt(square)
        energy += 0.5 * float(inverse.sum())
        gradient[part] = -np.einsum("ij,ijk->ik", inverse**3, apart)
    return energy, gradient


def crystal(quick: bool) -> Iterator[Row]:
    """One crystal at rest from the same start, against SciPy's L-BFGS with forces in NumPy arrays, to the same largest force.

    The two end in different minima of nearly the same energy: the disagreement is that of the energies.
    """
    ions, largest = (300 if quick else 1000), 1e-5

    def ours() -> float:
        return find_crystal(1.0, ions, starts=1, tolerance=largest / 4).energy

    def peer() -> float:
        start = lattice_start(np.eye(3), ions, np.random.default_rng(spawn_seeds(0, 1)[0]))

        def energy(flat: np.ndarray) -> tuple[float, np.ndarray]:
            r = flat.reshape(-1, 3)
            value, gradient = numpy_coulomb(r)
            return value + 0.5 * float(flat @ flat), (gradient + r).ravel()

        options = {"maxcor": 20, "gtol": largest, "ftol": 0.0, "maxiter": 20_000, "maxfun": 40_000}
        return float(minimize(energy, start.ravel(), jac=True, method="L-BFGS-B", options=options).fun)

    ours_s, mine = best_of(3, ours)
    peer_s, theirs = best_of(1, peer)
    yield Row(
        "crystal-n1000",
        f"N={ions}, from a bcc ball to rest",
        ours_s,
        f"{SCIPY} L-BFGS-B, forces by {NUMPY}",
        peer_s,
        peer_s / ours_s,
        abs(mine / theirs - 1),  # type: ignore[operator]
    )


def forces(quick: bool) -> Iterator[Row]:
    """Energy and forces of 10^4 ions, against direct sums in NumPy arrays; disagreement: of the largest force."""
    ions = 3000 if quick else 10_000
    r = lattice_start(np.eye(3), ions, np.random.default_rng(0))
    ours_s, mine = best_of(5, lambda: coulomb(r)[1])
    peer_s, theirs = best_of(1, lambda: numpy_coulomb(r)[1])
    error = np.abs(mine - theirs).max() / np.abs(theirs).max()  # type: ignore[operator,call-overload]
    yield Row(
        "coulomb-force-n10000",
        f"N={ions}, energy and forces",
        ours_s,
        f"{NUMPY}, direct sums by rows",
        peer_s,
        peer_s / ours_s,
        float(error),
    )


def multipoles(quick: bool) -> Iterator[Row]:
    """The same of 10^5 ions by fast multipoles, against our own direct sums; disagreement: rms, of the rms force."""
    if not multipoles_installed():
        return
    ions = 30_000 if quick else 100_000
    r = lattice_start(np.eye(3), ions, np.random.default_rng(0))
    ours_s, mine = best_of(2, lambda: coulomb(r, 1e-4)[1])
    peer_s, theirs = best_of(1, lambda: coulomb(r)[1])
    error = math.sqrt(np.mean((mine - theirs) ** 2) / np.mean(theirs**2))  # type: ignore[operator]
    yield Row(
        "coulomb-force-n100000",
        f"N={ions}, multipoles (1e-4)",
        ours_s,
        "our direct sums, two threads",
        peer_s,
        peer_s / ours_s,
        error,
    )


def plain_cumulants(system: CavitySystem, end: float) -> float:
    """<J^+ J^-> of the eliminated cavity (weights 2 g/sqrt kappa), by integrating all second-order moments in time.

    With c_k = 2 g_k/sqrt kappa, s_k = <sigma^z_k>, b_kl = <sigma^+_k sigma_l> of different emitters, N'_l those of
    group l besides one of group k:

        ds_k/dt = w (1 - s_k) - (gamma + c_k^2)(1 + s_k) - 2 c_k Re sum_l c_l N'_l b_kl
        db_kl/dt = [i (Delta_k - Delta_l) - perp_k - perp_l] b_kl + c_l s_l/2 F_kl + c_k s_k/2 F_lk^*
        F_kl = sum_m c_m N''_m b_km + c_k (1 + s_k)/2   (m: one of k and one of l left out)
    """
    g = np.array([abs(e.g_modes[0]) for e in system.emitters])
    n = np.array([e.number for e in system.emitters], float)
    w, gamma = system.emitters[0].pump_rate, system.emitters[0].gamma
    delta = np.array([e.detuning for e in system.emitters])
    c = 2 * g / math.sqrt(float(system.kappas[0]))
    perp = (w + gamma + c**2) / 2 + system.emitters[0].dephasing_rate
    count, one = len(g), np.eye(len(g))
    turn = 1j * (delta[:, None] - delta) - perp[:, None] - perp

    def slope(_: float, y: np.ndarray) -> np.ndarray:
        s, b = y[:count].real, y[count:].reshape(count, count)
        reach = (b * (c * n)).sum(axis=1)
        own = reach - c * np.diagonal(b)
        ds = w * (1 - s) - (gamma + c**2) * (1 + s) - 2 * c * own.real
        field = (own + c * (1 + s) / 2)[:, None] - c * b
        db = turn * b + (c * s / 2) * field + ((c * s / 2) * field.conj()).T
        return np.concatenate([ds, db.ravel()])

    start = np.concatenate([np.full(count, 0.5), np.full(count * count, 1e-3)]).astype(complex)
    found = solve_ivp(slope, (0, end), start, method="DOP853", rtol=1e-8, atol=1e-12)
    s, b = found.y[:count, -1].real, found.y[count:, -1].reshape(count, count)
    pairs = np.real((c * n) @ (b - one * np.diagonal(b)) @ (c * n) + (c**2 * n * (n - 1)) @ np.diagonal(b))
    return float(pairs + (c**2 * n) @ (1 + s) / 2)


def cumulants(quick: bool) -> Iterator[Row]:
    """Power of the paper's crystal in groups of (g, Delta) by second-order cumulants, against plain integration."""
    experiment = read_experiment(Path(study.__file__).parent / "experiment.toml")
    device = study.devices(experiment)[-1]
    system = device.system(groups=27 if quick else 64, shifts=True)

    def ours() -> float:
        state = steady_state(system, method=Cumulants(cavity="eliminated"))
        return float(system.kappas[0] * state.photon_number[0])

    ours_s, mine = best_of(3, ours)
    peer_s, theirs = best_of(1, lambda: plain_cumulants(system, 60 / system.emitters[0].pump_rate))
    yield Row(
        "cumulants-64-groups",
        f"{len(system.emitters)} groups of (g, shift), 1e5 ions",
        ours_s,
        f"{SCIPY} DOP853 on all second-order moments",
        peer_s,
        peer_s / ours_s,
        abs(mine / theirs - 1),  # type: ignore[operator]
    )


if __name__ == "__main__":
    main(
        __doc__,
        {
            "crystal-n1000": crystal,
            "coulomb-force-n10000": forces,
            "coulomb-force-n100000": multipoles,
            "cumulants-64-groups": cumulants,
        },
        {
            "crystal-n1000": 1e-5,
            "coulomb-force-n10000": 1e-12,
            "coulomb-force-n100000": 1e-6,
            "cumulants-64-groups": 1e-5,
        },
    )
