"""Benchmarks of the dynamics room, ours beside QuTiP in one process, one core.

OPENBLAS_NUM_THREADS=1 python benchmarks/dynamics.py [--quick] [--only ID] [--json FILE]
"""

from __future__ import annotations

import math
import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import qutip
from qutip.piqs.piqs import Dicke, dicke, jspin
from table import Row, best_of, main

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    DickeLadder,
    Emitters,
    Jumps,
    evolve,
    spectrum,
    steady_state,
)

VERSION = f"QuTiP {qutip.__version__}"
G, GAMMA, KAPPA, PUMP = math.tau * 2.8e6, math.tau * 7.5e3, math.tau * 4.348e6, 2.5e7


def jumps(quick: bool) -> Iterator[Row]:
    """Microlaser, N = 5, two modes, unequal site phases: 500 trajectories of 1 microsecond from the ground state.

    The peer's modes are cut at 8 photons: at 5 the truncation would shift the photon number by more than the
    statistical error of 500 trajectories.  It runs fewer trajectories; its time, without that of building the
    solver, is scaled to 500.  The disagreement is that of the photons at the end, relative to them; the
    peer's few trajectories know them to some 10 %.
    """
    phases = 2.0 * np.arange(5) ** 2
    atoms = [Emitters(1, (G * np.exp(1j * p), G * np.exp(-1j * p)), GAMMA, pump_rate=PUMP) for p in phases]
    system = CavitySystem(atoms, [CavityMode(KAPPA)] * 2)
    times = np.linspace(0, 1e-6, 21)
    ours_runs, photons, peer_runs = (100, 6, 10) if quick else (500, 8, 12)

    def ours() -> np.ndarray:
        found = evolve(system, times, initial="ground", method=Jumps(ours_runs))
        return found.photon_number.sum(axis=0)[10:]

    h, c_ops, operators = system.to_qutip([photons] * 2)
    a = operators["a"]
    start = qutip.tensor([qutip.basis(2, 0)] * 5 + [qutip.basis(photons + 1, 0)] * 2)
    number = [a[i].dag() * a[i] for i in range(2)]
    solver = qutip.MCSolver(h, c_ops, options={"progress_bar": "", "store_states": False})

    def peer() -> np.ndarray:
        found = solver.run(start, times, e_ops=number, ntraj=peer_runs, seeds=7)
        return np.real(np.sum(found.expect, axis=0))[10:]

    ours_s, mine = best_of(3, ours)
    peer_s, theirs = best_of(1, peer)
    difference = abs(np.mean(mine) / np.mean(theirs) - 1)
    scaled = peer_s / peer_runs * ours_runs
    yield Row(
        "microlaser-jumps-n5",
        f"N=5, two modes, {ours_runs} trajectories of 1 us",
        ours_s,
        f"{VERSION} mcsolve, modes cut at {photons} photons, {peer_runs} trajectories scaled",
        scaled,
        scaled / ours_s,
        float(difference),
    )


def steady_spectrum(quick: bool) -> Iterator[Row]:
    """Microlaser, N = 3: steady state and spectrum; the peer gets the supermode with sqrt(2) g that ours finds."""
    atoms, photons, points = (2, 10, 3) if quick else (3, 12, 3)
    detunings = np.linspace(-300, 300, points) * GAMMA

    def ours() -> np.ndarray:
        system = CavitySystem([Emitters(atoms, (G, G), GAMMA, pump_rate=PUMP)], [CavityMode(KAPPA)] * 2)
        state = steady_state(system)
        light = spectrum(system, detunings).density * GAMMA
        return np.array([state.photon_number[0], state.g2[0], state.excited_population[0], *light])

    def peer() -> np.ndarray:
        emitters = [Emitters(atoms, math.sqrt(2) * G, GAMMA, pump_rate=PUMP)]
        h, c_ops, operators = CavitySystem(emitters, [CavityMode(KAPPA)]).to_qutip([photons])
        a, sigma = operators["a"][0], operators["sigma"][0]
        rho = qutip.steadystate(h, c_ops)
        n = qutip.expect(a.dag() * a, rho)
        g2 = qutip.expect(a.dag() * a.dag() * a * a, rho) / n**2
        light = GAMMA * qutip.spectrum(h, detunings, c_ops, a.dag(), a, solver="solve") / 2
        return np.array([n / 2, g2, qutip.expect(sigma.dag() * sigma, rho), *light])

    ours_s, mine = best_of(3, ours)
    peer_s, theirs = best_of(1, peer)
    yield Row(
        "steady-spectrum-n3",
        f"N={atoms}, steady state and {points} frequencies",
        ours_s,
        f"{VERSION} steadystate and spectrum, supermode of {photons} photons",
        peer_s,
        peer_s / ours_s,
        float(np.max(np.abs(mine / theirs - 1))),  # type: ignore[operator]
    )


def superradiance(quick: bool) -> Iterator[Row]:
    """Superradiant decay of inverted emitters, 200 times: <J+ J->, against piqs on the Dicke states."""
    atoms = 20 if quick else 40
    kappa, g = 1e6, 10.0
    rate = 4 * g**2 / kappa
    times = np.linspace(0, 16 / (atoms * rate), 200)
    system = CavitySystem([Emitters(atoms, g)], [CavityMode(kappa)])

    def ours() -> np.ndarray:
        return kappa * evolve(system, times, method=DickeLadder()).photon_number[0] / rate

    def peer() -> np.ndarray:
        ensemble = Dicke(N=atoms, collective_emission=rate)
        states = ensemble.pisolve(dicke(atoms, atoms / 2, atoms / 2), times).states
        emission = jspin(atoms, "+") * jspin(atoms, "-")
        return np.array([qutip.expect(emission, state) for state in states])

    ours_s, mine = best_of(5, ours)
    peer_s, theirs = best_of(1 if quick else 2, peer)
    yield Row(
        "superradiance-n40",
        f"N={atoms}, 200 times",
        ours_s,
        f"{VERSION} piqs pisolve",
        peer_s,
        peer_s / ours_s,
        float(np.max(np.abs(mine - theirs)) / np.max(theirs)),  # type: ignore[operator]
    )


def ladder_scaling(quick: bool) -> Iterator[Row]:
    """Cost against N of a Dicke-ladder spectrum and of a jump of an eliminated cavity, the peer being linear growth.

    Disagreement: of the emitted photons from N for the pulse (its spectrum's integral is not on the grid, its
    populations' is), of <J+ J-> from N^2/8 for the laser, whose pump is N Gamma/2.
    """
    kappa, g = 1e8, 1.0
    rate = 4 * g**2 / kappa
    sizes = (100, 1000, 10_000) if quick else (100, 1000, 10_000, 100_000)
    first: dict[str, float] = {}
    for atoms in sizes:
        pulse = CavitySystem([Emitters(atoms, g)], [CavityMode(kappa)])
        grid = np.linspace(-20, 20, 101) * atoms * rate

        def of_pulse(pulse: CavitySystem = pulse, grid: np.ndarray = grid) -> float:
            return float(spectrum(pulse, grid, initial="inverted", method=DickeLadder()).density.sum())

        ours_s, total = best_of(3, of_pulse)
        emitted = kappa * float(total) * (grid[1] - grid[0]) / math.tau  # type: ignore[arg-type]
        base = first.setdefault("pulse", ours_s / atoms)
        yield Row(
            "ladder-scaling",
            f"N={atoms}, spectrum of a pulse, 101 frequencies",
            ours_s,
            "linear growth from the first",
            base * atoms,
            base * atoms / ours_s,
            abs(emitted / atoms - 1),
        )
        laser = CavitySystem([Emitters(atoms, g, pump_rate=atoms * rate / 2)], [CavityMode(kappa)])
        method = Jumps(2, duration=4 / (atoms * rate), cavity="eliminated")

        def of_laser(laser: CavitySystem = laser, method: Jumps = method) -> float:
            return float(steady_state(laser, method=method).photon_number[0])

        ours_s, photons = best_of(3, of_laser)
        square = kappa * float(photons) / rate  # type: ignore[arg-type]
        base = first.setdefault("laser", ours_s / atoms)
        yield Row(
            "ladder-scaling",
            f"N={atoms}, laser, jumps of 2 trajectories",
            ours_s,
            "linear growth from the first",
            base * atoms,
            base * atoms / ours_s,
            abs(8 * square / atoms**2 - 1),
        )


def plot_scaling(rows: list[Row], path: Path) -> None:
    """The times of `ladder-scaling` against N."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(5.2, 3.6), layout="constrained")
    for label, mark in (("spectrum of a pulse", "o-"), ("jumps of a laser", "s-")):
        kind = label.split()[0] if mark == "o-" else "laser"
        found = [row for row in rows if row.id == "ladder-scaling" and f", {kind}" in row.workload]
        sizes = np.array([int(row.workload.split(",")[0][2:]) for row in found])
        times = np.array([row.ours_s for row in found])
        axes.loglog(sizes, times, mark, label=label)
        axes.loglog(sizes, times[-1] * sizes / sizes[-1], "k:", lw=0.8)
    axes.set(xlabel="emitters $N$", ylabel="time (s)")
    axes.legend()
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main(
        __doc__,
        {
            "microlaser-jumps-n5": jumps,
            "steady-spectrum-n3": steady_spectrum,
            "superradiance-n40": superradiance,
            "ladder-scaling": ladder_scaling,
        },
        {
            "microlaser-jumps-n5": 0.3,
            "steady-spectrum-n3": 1e-5,
            "superradiance-n40": 1e-3,
            "ladder-scaling": 0.3,
        },
        plot_scaling,
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"largest memory of the process, peers included: {peak:.2f} GB")
