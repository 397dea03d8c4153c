"""Benchmarks of the microclock: pulse, spectrum, clock cycles and deviations, ours beside a peer in one process.

OPENBLAS_NUM_THREADS=1 python benchmarks/microclock.py [--quick] [--only ID] [--json FILE]
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import allantools
import numpy as np
import qutip
from qutip.piqs.piqs import Dicke, dicke, jspin
from scipy.linalg import solve_banded
from scipy.optimize import minimize_scalar
from table import Row, best_of, main

from atomcavity.clocks import Noise, deviation
from atomcavity.clocks.pulsed import PulsedClock
from atomcavity.dynamics import CavityMode, CavitySystem, DickeLadder, Emitters, evolve, spectrum

VERSION = f"QuTiP {qutip.__version__}"
G, KAPPA, OMEGA = math.tau * 300.0, math.tau * 1.2e6, math.tau * 429.228e12
RATE = 4 * G**2 / KAPPA


def system(atoms: int, detuning: float = 0.0) -> CavitySystem:
    """The paper's atoms and clock mode, seen through a critically coupled fibre."""
    mode = CavityMode(KAPPA, kappa_ext=KAPPA / 2, detuning=detuning)
    return CavitySystem([Emitters(atoms, G)], [mode], reference=OMEGA)


def pulse(atoms: int, times: np.ndarray) -> np.ndarray:
    """<J+ J->, <J_z> and <J_z^2> of inverted atoms by ours, the curves of Fig. 2 of the paper."""
    run = evolve(system(atoms), times, method=DickeLadder())
    mean = run.j_z * atoms / 2
    return np.array(
        [KAPPA * run.photon_number[0] / RATE, mean, mean**2 + (run.j_z_uncertainty * atoms / 2) ** 2]
    )


def symmetric(atoms: int) -> tuple[qutip.Qobj, qutip.Qobj, qutip.Qobj]:
    """The lowering operator, the collapse operator and the inverted state in the symmetric subspace, J = N/2."""
    lower = qutip.jmat(atoms / 2, "-").to("csr")
    return lower, math.sqrt(RATE) * lower, qutip.basis(atoms + 1, 0)


def pulse_symmetric(quick: bool) -> Iterator[Row]:
    """Superradiant decay of 50 inverted atoms at 801 times, against QuTiP's mesolve in the symmetric subspace."""
    atoms = 20 if quick else 50
    times = np.linspace(0, 16 / (atoms * RATE), 801)
    lower, collapse, start = symmetric(atoms)
    z = qutip.jmat(atoms / 2, "z")

    def peer() -> np.ndarray:
        options = {"atol": 1e-9, "rtol": 1e-7}
        wanted = [lower.dag() * lower, z, z * z]
        found = qutip.mesolve(0 * lower, start, times, [collapse], e_ops=wanted, options=options)
        return np.real(found.expect)

    ours_s, mine = best_of(20, lambda: pulse(atoms, times))
    peer_s, theirs = best_of(3, peer)
    error = np.abs(mine - theirs).max() / theirs.max()  # type: ignore[operator,attr-defined]
    yield Row(
        "pulse-n50-symmetric",
        f"N={atoms}, 801 times",
        ours_s,
        f"{VERSION} mesolve, J = N/2",
        peer_s,
        peer_s / ours_s,
        float(error),
    )


def spectrum_symmetric(quick: bool) -> Iterator[Row]:
    """The spectrum of the pulse of 50 atoms at 2001 frequencies, against regression by QuTiP in the symmetric subspace.

    The peer integrates J- rho(t) over the pulse, evolves it by the same master equation and transforms the
    correlation, both integrals by Simpson's rule.
    """
    atoms = 20 if quick else 50
    lower, collapse, start = symmetric(atoms)
    width = atoms * RATE
    detuning = np.linspace(-5, 5, 2001) * width
    options = {"atol": 1e-9, "rtol": 1e-7, "store_states": True}

    def ours() -> np.ndarray:
        density = spectrum(system(atoms), detuning, initial="inverted", method=DickeLadder()).density
        return density * KAPPA / RATE

    def peer() -> np.ndarray:
        times = np.linspace(0, 24 / width, 601)
        run = qutip.mesolve(0 * lower, start, times, [collapse], options=options)
        weights = np.array([1, *([4, 2] * 299), 4, 1]) * times[1] / 3
        integral = lower * sum(w * rho for w, rho in zip(weights, run.states, strict=True))
        delays = np.linspace(0, 24 / width, 1201)
        regression = qutip.mesolve(
            0 * lower, integral, delays, [collapse], e_ops=[lower.dag()], options=options
        )
        weights = np.array([1, *([4, 2] * 599), 4, 1]) * delays[1] / 3
        return 2 * np.real(np.exp(1j * np.outer(detuning, delays)) @ (weights * regression.expect[0]))

    ours_s, mine = best_of(20, ours)
    peer_s, theirs = best_of(1, peer)
    error = np.abs(mine - theirs).max() / theirs.max()  # type: ignore[operator,attr-defined]
    yield Row(
        "spectrum-n50-symmetric",
        f"N={atoms}, 2001 frequencies",
        ours_s,
        f"{VERSION} mesolve and regression, J = N/2",
        peer_s,
        peer_s / ours_s,
        float(error),
    )


def pulse_piqs(quick: bool) -> Iterator[Row]:
    """The same decay against qutip.piqs on the Dicke states of all J."""
    atoms = 20 if quick else 50
    times = np.linspace(0, 16 / (atoms * RATE), 801)

    def peer() -> np.ndarray:
        ensemble = Dicke(atoms, collective_emission=RATE)
        found = ensemble.pisolve(dicke(atoms, atoms / 2, atoms / 2), times)
        z = jspin(atoms, "z")
        wanted = [(jspin(atoms, "+") * jspin(atoms, "-")).diag().real, z.diag().real, (z * z).diag().real]
        return np.array([rho.diag().real for rho in found.states]) @ np.array(wanted).T

    ours_s, mine = best_of(20, lambda: pulse(atoms, times).T)
    peer_s, theirs = best_of(1, peer)
    error = np.abs(mine - theirs).max() / theirs.max()  # type: ignore[operator,attr-defined]
    yield Row(
        "pulse-n50-piqs",
        f"N={atoms}, 801 times",
        ours_s,
        f"{VERSION} piqs pisolve",
        peer_s,
        peer_s / ours_s,
        float(error),
    )


def scipy_peak(atoms: int, detuning: float) -> float:
    """Highest maximum (rad/s from the atoms) of a pulse's spectrum with SciPy: resolvent, grid, bounded search."""
    rate = G**2 * KAPPA / (KAPPA**2 / 4 + detuning**2)
    chi = G**2 * detuning / (KAPPA**2 / 4 + detuning**2)
    k = np.arange(atoms + 1.0)
    d = (atoms - k) * (k + 1)
    bands = np.zeros((2, atoms), complex)
    bands[1, :-1] = -rate * np.sqrt(d[:-2] * d[1:-1])
    start = 1 / (rate * np.sqrt(d[:-1]))

    def density(omega: float) -> float:
        place = 2 * chi * (atoms / 2 - k[:-1] - 1)
        bands[0] = 1j * (place - omega) + rate * (d[:-1] + d[1:]) / 2
        return 2 * float(np.real(np.sqrt(d[:-1]) @ solve_banded((1, 0), bands, start)))

    reach = atoms * abs(chi) + atoms * rate
    grid = np.linspace(-reach, reach, 81)
    best = grid[np.argmax([density(omega) for omega in grid])]
    step = grid[1] - grid[0]
    found = minimize_scalar(
        lambda omega: -density(omega),
        bounds=(best - step, best + step),
        method="bounded",
        options={"xatol": 1e-7 * step},
    )
    return float(found.x)


def cycles(quick: bool) -> Iterator[Row]:
    """Clock cycles of 400(40) atoms, the spectrum of every pulse by regression; SciPy finds the peaks of 20 of them."""
    count = 10_000 if quick else 100_000
    noise = Noise(white_fm=2.0e-24, random_walk_fm=2.0e-22)
    clock = PulsedClock(
        system(400), frequency=OMEGA, period=1.0, window=0.1, number_spread=40.0, cavity_noise=noise
    )
    ours_s, series = best_of(2, lambda: clock.run(count, seed=0))
    some = range(0, 2000, 100)
    start = time.perf_counter()
    theirs = [scipy_peak(int(series.number[k]), float(series.cavity[k])) for k in some]  # type: ignore[attr-defined]
    peer_s = (time.perf_counter() - start) / len(some) * count
    error = np.abs(series.centre[list(some)] - theirs).max() / (400 * RATE)  # type: ignore[attr-defined]
    yield Row(
        "clock-cycles-1e5",
        f"{count} cycles of 400(40) atoms",
        ours_s,
        "SciPy solve_banded and minimize_scalar, 20 pulses scaled",
        peer_s,
        peer_s / ours_s,
        float(error),
    )


def allan(quick: bool) -> Iterator[Row]:
    """Overlapping Allan deviation with confidence of a million points, against allantools' own call without it."""
    count = 100_000 if quick else 1_000_000
    y = np.random.default_rng(0).normal(size=count)
    # many runs: what one costs depends, up to twofold, on the memory that the one before has left
    peer_s, theirs = best_of(25, lambda: allantools.oadev(y, rate=1.0, data_type="freq", taus="octave"))
    ours_s, mine = best_of(25, lambda: deviation(y, "oadev", interval=1.0))
    common = min(len(mine.value), len(theirs[1]))  # type: ignore[attr-defined,index]
    error = np.abs(mine.value[:common] / theirs[1][:common] - 1).max()  # type: ignore[attr-defined,index]
    yield Row(
        "allan-1e6",
        f"{count} points, octaves, with confidence",
        ours_s,
        f"allantools {allantools.__version__} oadev, without confidence",
        peer_s,
        peer_s / ours_s,
        float(error),
    )


if __name__ == "__main__":
    main(
        __doc__,
        {
            "pulse-n50-symmetric": pulse_symmetric,
            "spectrum-n50-symmetric": spectrum_symmetric,
            "pulse-n50-piqs": pulse_piqs,
            "clock-cycles-1e5": cycles,
            "allan-1e6": allan,
        },
        {
            "pulse-n50-symmetric": 1e-5,
            "spectrum-n50-symmetric": 1e-4,
            "pulse-n50-piqs": 1e-4,
            "clock-cycles-1e5": 1e-6,
            "allan-1e6": 1e-9,
        },
    )
