"""The three ways to a spectrum and the two ways to a stationary state agree; peaks are found exactly."""

from math import tau

import numpy as np
import pytest

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, Exact, spectrum, steady_state
from atomcavity.dynamics.exact import response
from atomcavity.dynamics.exact import stationary as stationary_module
from atomcavity.dynamics.exact.blocks import BlockTridiagonal
from atomcavity.dynamics.exact.coherence import coherence
from atomcavity.dynamics.exact.lanczos import lanczos_response
from atomcavity.dynamics.exact.projection import Projection
from atomcavity.dynamics.exact.spectrum import find_peaks
from atomcavity.dynamics.exact.stationary import stationary
from atomcavity.dynamics.exact.sweeps import Sweeps
from atomcavity.errors import ConvergenceError

RESONANT = CavitySystem([Emitters(3, 1.0, 0.1, pump_rate=2.0)], [CavityMode(1.5)])
DETUNED = CavitySystem(
    [Emitters(2, 1.0, 0.1, pump_rate=2.0, detuning=0.7), Emitters(1, 0.8, 0.1, pump_rate=1.0)],
    [CavityMode(1.5)],
)
NARROW = CavitySystem([Emitters(6, tau * 1e3, 0.01, pump_rate=2e3)], [CavityMode(tau * 1e7)])


@pytest.mark.parametrize("system", [RESONANT, DETUNED, NARROW])
def test_dense_lanczos_and_projection_agree(system):
    block = coherence(stationary(system, Exact()), 0, 0)
    dense = response.dense_response(block.matrix.toarray(), block.start, block.functional)
    width = -2 * dense.poles[0].real
    grid = -dense.poles[0].imag + np.linspace(-8, 8, 33) * width
    expected = dense.density(grid)
    for found in (lanczos_response(block), Projection(block).run()):
        np.testing.assert_allclose(found.density(grid), expected, rtol=1e-6, atol=1e-9 * expected.max())
        important = np.abs(dense.weights) > 0.05 * np.abs(dense.weights).max()
        nearest = np.abs(found.poles[:, None] - dense.poles[important]).min(axis=0)
        heights = np.abs(dense.weights / dense.poles.real)[important]
        assert nearest[np.argmax(heights)] < 1e-6 * abs(dense.poles[important][np.argmax(heights)])


@pytest.mark.parametrize("system", [RESONANT, DETUNED, NARROW])
def test_sweeps_equal_elimination(system, monkeypatch):
    expected = stationary(system, Exact())
    block = coherence(expected, 0, 0)
    right = [block.start, block.functional]
    shifts = [0.3 - 0.7j, -0.1j]
    by_elimination = [BlockTridiagonal(block.matrix, block.level).factor(s) for s in shifts]
    monkeypatch.setattr(stationary_module, "SWEEP_WORK", 0.0)
    found = stationary(system, Exact())
    np.testing.assert_allclose(found.y, expected.y, atol=1e-11)
    sweeps = Sweeps(block.matrix, block.level)
    for shift, factor in zip(shifts, by_elimination, strict=True):
        for vector, transposed in zip(right, (False, True), strict=True):
            exact = factor.solve(vector, transposed)
            ours = sweeps.solve(vector, transposed, shift)
            np.testing.assert_allclose(ours, exact, atol=1e-9 * np.abs(exact).max())


def test_what_sweeps_cannot_treat_is_eliminated_or_refused(monkeypatch):
    expected = stationary(RESONANT, Exact())
    monkeypatch.setattr(stationary_module, "SWEEP_WORK", 0.0)
    monkeypatch.setattr(Sweeps, "_krylov", lambda self, right, transposed: 0 * right)
    np.testing.assert_allclose(stationary(RESONANT, Exact()).y, expected.y)
    monkeypatch.setattr(stationary_module, "MOST_WORK", 0.0)
    with pytest.raises(ConvergenceError, match="Krylov"):
        stationary(RESONANT, Exact())


def test_peaks_of_two_lorentzians():
    def density(x):
        return 1 / ((x - 10) ** 2 + 0.01) + 40 / ((x + 10) ** 2 + 4)

    grid = np.unique(np.concatenate([np.linspace(-40, 40, 301), 10 + np.linspace(-1, 1, 51)]))
    peaks, widths = find_peaks(grid, density(grid), density)
    np.testing.assert_allclose(peaks, [-10, 10], atol=1e-3)
    np.testing.assert_allclose(widths, [4, 0.2], rtol=3e-3)


def test_width_is_not_known_where_a_higher_peak_is_in_the_way():
    def density(x):
        return 1 / ((x - 1) ** 2 + 1) + 3 / ((x + 1.5) ** 2 + 1)

    grid = np.linspace(-20, 20, 2001)
    peaks, widths = find_peaks(grid, density(grid), density)
    assert len(peaks) == 2
    assert np.isfinite(widths[0])
    assert np.isnan(widths[1])


def test_the_grid_resolves_a_narrow_line_in_a_broad_cavity():
    ours = spectrum(NARROW)
    assert ours.full_width[0] < 1e-3 * NARROW.modes[0].kappa
    near = np.abs(ours.detuning - ours.peak[0]) < ours.full_width[0]
    assert near.sum() > 10
    inside = np.trapezoid(ours.density, ours.detuning) / tau
    assert inside == pytest.approx(ours.weights.sum().real, rel=0.05)


@pytest.mark.parametrize("number", [6, 10])
def test_a_linewidth_of_a_billionth_of_kappa(number):
    """A bad-cavity laser in SI: the cavity kept and eliminated agree in poles and widths; the grid resolves the line."""
    kappa = tau * 1e7
    collective = 1e-9 * kappa
    atoms = Emitters(
        number, np.sqrt(collective * kappa) / 2, 1e-3 * collective, pump_rate=number * collective / 2
    )
    system = CavitySystem([atoms], [CavityMode(kappa)])
    ours = spectrum(system, method=Exact())
    partner = spectrum(system, method=Exact(cavity="eliminated"))
    np.testing.assert_allclose(ours.full_width, partner.full_width, rtol=1e-6)
    np.testing.assert_allclose(ours.poles[0].real, partner.poles[0].real, rtol=1e-6)
    assert 1e-9 < ours.full_width[0] / kappa < 1e-8
    assert np.sum(np.abs(ours.detuning - ours.peak[0]) < ours.full_width[0]) > 20
    photons = steady_state(system, method=Exact()).photon_number[0]
    assert np.trapezoid(ours.density, ours.detuning) / tau == pytest.approx(photons, rel=0.05)


def test_a_narrow_line_beside_a_broad_one():
    """A pumped narrow transition in a cavity that a second, broad and detuned group fills too."""
    narrow = Emitters(1, 2e2, 1.0, pump_rate=3.0)
    broad = Emitters(1, 2e6, 1e6, pump_rate=3e5, detuning=3e7)
    ours = spectrum(CavitySystem([narrow, broad], [CavityMode(tau * 1e7)]), method=Exact())
    k = int(np.argmin(np.abs(ours.peak)))
    assert abs(ours.peak[k]) < 10.0
    assert ours.full_width[k] < 100.0
    assert np.any(np.abs(ours.peak - 3e7) < 1e6)
    assert np.sum(np.abs(ours.detuning - ours.peak[k]) < ours.full_width[k]) > 20
