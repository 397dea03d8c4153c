"""Few emitters on the Dicke ladder in closed form: photon statistics, pulse and line."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from atomcavity.dynamics import CavityMode, CavitySystem, DickeLadder, Emitters, Preparation, eliminate
from atomcavity.dynamics.api import evolve, spectrum
from atomcavity.dynamics.dicke.model import ladder


def emitters(number: int, detuning: float = 0.0) -> tuple[CavitySystem, float]:
    """N emitters in a bad cavity, and Gamma."""
    system = CavitySystem([Emitters(number, 0.01)], [CavityMode(1.0, detuning=detuning)])
    return system, eliminate(system).decay[0, 0].real


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_photon_statistics_in_time(number):
    """k photons after t: the death chain's hypoexponential law, whose rates d_k = (N - k)(k + 1) repeat."""
    system, rate = emitters(number)
    scaled = np.array([0.0, 0.2, 0.7, 1.5, 4.0])
    found = evolve(system, scaled / rate, method=DickeLadder()).populations
    s, t = sympy.symbols("s t", positive=True)
    d = [(number - k) * (k + 1) for k in range(number + 1)]
    for k in range(number + 1):
        transform = sympy.prod(d[:k]) / sympy.prod([s + value for value in d[: k + 1]])
        law = sum(sympy.residue(transform * sympy.exp(s * t), s, -value) for value in set(d[: k + 1]))
        expected = [float(law.subs(t, value)) for value in scaled]
        assert found[k] == pytest.approx(expected, abs=1e-10)


def test_the_line_of_two_emitters():
    """On resonance S = 6/(1 + y^2) - 4/(4 + y^2) with y = omega/Gamma: width 2 sqrt(4/5) Gamma, no shift."""
    system, rate = emitters(2)
    y = np.linspace(-6, 6, 25)
    density = ladder(system, Preparation()).density(y * rate) * rate**2
    assert density == pytest.approx(6 / (1 + y**2) - 4 / (4 + y**2), rel=1e-12)
    line = spectrum(system, initial="inverted", method=DickeLadder())
    assert line.full_width == pytest.approx([2 * np.sqrt(0.8) * rate], rel=1e-9)
    assert line.peak == pytest.approx([0.0], abs=1e-12 * rate)


@pytest.mark.parametrize("ratio", [0.5, -2.0])
def test_the_line_of_two_emitters_off_resonance(ratio):
    """The regression by hand: the second photon at -2 chi in amplitude 1 + 2/(2 - i y), half as wide as the first."""
    system, rate = emitters(2, ratio)
    y = np.linspace(-9, 9, 31)
    first = 1 / (2 - 1j * y)
    second = (1 + 2 * first) / (1 - 1j * (y + 2 * ratio))
    density = ladder(system, Preparation()).density(y * rate) * rate**2
    assert density == pytest.approx(2 * (first + second).real, rel=1e-12)
