"""Benchmarks of the microlaser chain, ours beside a peer in one process.

python benchmarks/microlaser.py [--quick] [--json FILE]
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import miepython
import numpy as np
import qutip
from table import Row, best_of, main

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, spectrum, steady_state
from atomcavity.materials import Material
from atomcavity.resonators import Microsphere


def mie_scan(radius: float, material: Material, n: int, l: int, points: int) -> float:
    """Wavelength of the n-th TE resonance of order l (from the red) by a scan of miepython's b_l.

    b_l passes through 1 at every resonance, narrow ones included, which a scan of |b_l|² would step over:
    1/b_l - 1 is i times a real function that changes sign there, from -1 side to +1 side through zero.
    The index is that of each scanned wavelength; the sign changes are closed in on by bisection.
    """

    def phase(x: float) -> float:
        wavelength = math.tau * radius / x
        b = complex(miepython.coefficients(float(material.index(wavelength)), x, l)[1][l - 1])
        return float(((1.0 - b) / b).imag) if b != 0 else math.inf

    grid = np.linspace(0.66 * l, 0.97 * l, points)
    values = [phase(x) for x in grid]
    found = 0
    for a, b, fa, fb in zip(grid, grid[1:], values, values[1:], strict=False):
        if fa * fb >= 0:
            continue
        while b - a > 2e-15 * b:
            middle = 0.5 * (a + b)
            if middle in (a, b):
                break
            if phase(middle) * fa > 0:
                a = middle
            else:
                b = middle
        if abs(phase(a)) < abs(fa):  # a zero, not a pole, of the function
            found += 1
            if found == n:
                return math.tau * radius / b
    return math.nan


def mode_search(quick: bool) -> Iterator[Row]:
    """Find and label one mode of a silica sphere with dispersion, against a scan of Mie coefficients."""
    silica = Material("fused silica")
    cases = [(5.03e-6, 1, 60)] if quick else [(5.03e-6, 1, 60), (5.03e-6, 2, 60), (10e-6, 1, 130)]
    for radius, n, l in cases:
        sphere = Microsphere(radius, silica)

        def ours(sphere: Microsphere = sphere, n: int = n, l: int = l) -> float:
            return sphere.mode("TE", n=n, l=l).wavelength

        def peer(radius: float = radius, n: int = n, l: int = l) -> float:
            return mie_scan(radius, silica, n, l, 400)

        ours_s, wavelength = best_of(20, ours)
        peer_s, scanned = best_of(1 if quick else 3, peer)
        yield Row(
            "mode-search",
            f"silica R={radius * 1e6:g} um, TE n={n} l={l}",
            ours_s,
            f"miepython {miepython.__version__} scan and bisection",
            peer_s,
            peer_s / ours_s,
            abs(scanned / wavelength - 1.0),  # type: ignore[operator]
        )


def figure_4(quick: bool) -> Iterator[Row]:
    """Fig. 4 of the microlaser at N <= 3: steady states at both pumps and the spectrum at the larger one.

    QuTiP gets the same reduction to one supermode with sqrt(2) g that ours finds by itself (the two modes
    as they stand would cost it a hundred times more), and a photon cut-off that is good to 1e-5. Its spectrum costs a sparse factorisation a frequency, half a minute
    at N = 3: one frequency there.
    """
    g, gamma, kappa = math.tau * 2.8e6, math.tau * 7.5e3, math.tau * 4.348e6
    for atoms, photons, points in ((1, 8, 11), (2, 11, 11), (3, 12, 1))[: 2 if quick else 3]:
        detunings = np.linspace(-500, 500, points) * gamma if points > 1 else np.zeros(1)

        def ours(atoms: int = atoms, detunings: np.ndarray = detunings) -> np.ndarray:
            answers = []
            for pump in (2.5e7, 30 * gamma):
                system = CavitySystem(
                    [Emitters(atoms, (g, g), gamma, pump_rate=pump)], [CavityMode(kappa)] * 2
                )
                state = steady_state(system)
                answers += [state.photon_number[0], state.g2[0], state.excited_population[0]]
                if pump == 2.5e7:
                    answers += list(spectrum(system, detunings).density * gamma)
            return np.array(answers)

        def peer(atoms: int = atoms, photons: int = photons, detunings: np.ndarray = detunings) -> np.ndarray:
            answers = []
            for pump in (2.5e7, 30 * gamma):
                mode = CavityMode(kappa)
                system = CavitySystem([Emitters(atoms, math.sqrt(2) * g, gamma, pump_rate=pump)], [mode])
                h, c_ops, operators = system.to_qutip([photons])
                a, sigma = operators["a"][0], operators["sigma"][0]
                rho = qutip.steadystate(h, c_ops)
                n = qutip.expect(a.dag() * a, rho)
                g2 = qutip.expect(a.dag() * a.dag() * a * a, rho) / n**2
                answers += [n / 2, g2, qutip.expect(sigma.dag() * sigma, rho)]
                if pump == 2.5e7:
                    answers += list(
                        gamma * qutip.spectrum(h, detunings, c_ops, a.dag(), a, solver="solve") / 2
                    )
            return np.array(answers)

        ours_s, mine = best_of(3, ours)
        peer_s, theirs = best_of(1, peer)
        difference = np.max(np.abs(mine / theirs - 1))  # type: ignore[operator]
        work = f"N={atoms}, 2 steady states, {points} frequencies"
        version = f"QuTiP {qutip.__version__} steadystate and spectrum, supermode of {photons} photons"
        yield Row("microlaser-figures", work, ours_s, version, peer_s, peer_s / ours_s, float(difference))


if __name__ == "__main__":
    main(
        __doc__,
        {"mode-search": mode_search, "microlaser-figures": figure_4},
        {"mode-search": 1e-10, "microlaser-figures": 1e-5},
    )
