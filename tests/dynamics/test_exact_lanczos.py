"""The Lanczos process of large blocks: double and extended precision against linear equations and dense matrices."""

import numpy as np
import pytest

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, Exact, spectrum
from atomcavity.dynamics.exact import lanczos
from atomcavity.dynamics.exact.blocks import BlockTridiagonal
from atomcavity.dynamics.exact.coherence import coherence
from atomcavity.dynamics.exact.stationary import next_cutoff, stationary

SYSTEMS = {
    "resonant": CavitySystem([Emitters(8, 1.0, 0.1, pump_rate=2.0)], [CavityMode(1.5)]),
    "detuned": CavitySystem(
        [Emitters(6, 1.0, 0.1, pump_rate=2.0, dephasing_rate=0.3, detuning=0.7)], [CavityMode(1.5)]
    ),
}


@pytest.mark.parametrize("kind", [np.float64, np.longdouble])
@pytest.mark.parametrize("name", SYSTEMS)
def test_density_against_linear_equations(name, kind):
    block = coherence(stationary(SYSTEMS[name], Exact()), 0, 0).fluctuations()
    process, probe, _ = lanczos._settled(block, kind)
    chosen = probe[:: max(1, len(probe) // 12)]
    solver = BlockTridiagonal(block.matrix, block.level)
    exact = [-2 * (block.functional @ solver.factor(-1j * w).solve(block.start)).real for w in chosen]
    np.testing.assert_allclose(process.density(chosen), exact, atol=3e-6 * np.max(exact))


@pytest.mark.parametrize("name", SYSTEMS)
def test_two_processes_give_what_linear_equations_give(name, monkeypatch):
    """The way of the largest blocks, taken by small ones: density, poles and the reported error."""
    usual = spectrum(SYSTEMS[name], method=Exact())
    monkeypatch.setattr(lanczos, "CHECK_WORK", 0.0)
    ours = spectrum(SYSTEMS[name], usual.detuning, method=Exact())
    error = max(ours.record.residual, usual.record.residual)
    assert error <= lanczos.CHECK
    np.testing.assert_allclose(ours.density, usual.density, atol=10 * error * usual.density.max())
    assert ours.poles[0] == pytest.approx(usual.poles[0], rel=lanczos.KNOWN)
    assert ours.full_width == pytest.approx(usual.full_width, rel=1e-4, nan_ok=True)


def test_the_cutoff_follows_the_tail_of_the_photon_distribution():
    """A Poissonian tail falls ever faster: the next cut-off suffices, and is not twice as large."""
    from scipy.stats import poisson

    light = poisson(18.0)
    start, tolerance = 38, 1e-8
    found = next_cutoff(start, light.pmf(start), tolerance, light.pmf(start - 3))
    assert light.pmf(found) < tolerance
    assert found < next_cutoff(start, light.pmf(start), tolerance)
    assert found < 1.5 * start
