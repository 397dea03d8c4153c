"""The microlaser of Yu and Vollmer (2021): independently computed numbers."""

from math import tau

import numpy as np
import pytest
from scipy.constants import c

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, evolve, spectrum, steady_state

G, GAMMA, PUMP = tau * 2.80e6, tau * 7.5e3, 2.5e7
OMEGA = tau * c / 689.45e-9


def microlaser(number, pump=PUMP, quality=1e8):
    return CavitySystem([Emitters(number, (G, G), GAMMA, pump_rate=pump)], [CavityMode(OMEGA / quality)] * 2)


def test_photon_numbers():
    strong = [steady_state(microlaser(n)).photon_number[0] for n in range(1, 8)]
    np.testing.assert_allclose(strong, [0.2409, 0.4427, 0.6550, 0.8648, 1.0777, 1.2913, 1.5065], atol=6e-5)
    weak = [steady_state(microlaser(n, 30 * GAMMA)).photon_number[0] for n in range(1, 8)]
    np.testing.assert_allclose(weak, [0.0242, 0.0369, 0.0527, 0.0654, 0.0796, 0.0922, 0.1058], atol=6e-5)


@pytest.mark.parametrize(
    ("number", "pump", "quality", "g2"),
    [
        (1, PUMP, 1e8, 0.712),
        (1, 30 * GAMMA, 1e8, 0.535),
        (1, PUMP, 1e7, 0.0782),
        (1, 30 * GAMMA, 1e7, 0.0248),
        (2, PUMP, 1e8, 1.06),
        (7, PUMP, 1e8, 1.15),
        (2, 30 * GAMMA, 1e8, 4.00),
        (7, 30 * GAMMA, 1e8, 2.21),
    ],
)
def test_intensity_correlation(number, pump, quality, g2):
    digits = 0.5 if g2 > 1 else 0.05 if g2 < 0.1 else 0.5
    unit = 10.0 ** (-4 if g2 < 0.1 else -3 if g2 < 1 else -2)
    found = steady_state(microlaser(number, pump, quality)).g2
    np.testing.assert_allclose(found, g2, atol=(digits + 0.1) * unit if g2 > 0.1 else unit)


def test_correlation_of_the_atoms():
    found = [abs(steady_state(microlaser(n)).emitter_correlation[0, 0]) for n in range(2, 8)]
    np.testing.assert_allclose(found, [0.0108, 0.0012, 0.0046, 0.0064, 0.0072, 0.0076], atol=6e-5)
    assert steady_state(microlaser(2)).emitter_correlation[0, 0].real < 0


def test_linewidth_of_the_low_quality_cavity():
    ours = spectrum(microlaser(1, quality=1e7))
    assert ours.full_width[0] / GAMMA == pytest.approx(669.3, abs=0.06)


def test_poles_and_width_of_the_high_quality_cavity_differ():
    ours = spectrum(microlaser(1))
    assert len(ours.peak) == 1
    assert ours.peak[0] == pytest.approx(0.0, abs=1e-3 * GAMMA)
    np.testing.assert_allclose(np.sort(ours.poles[:2].imag) / GAMMA, [-240, 240], atol=0.5)
    np.testing.assert_allclose(ours.poles[:2].real / GAMMA, -326, atol=0.5)


@pytest.mark.parametrize(("share", "maxima"), [(0.70, 2), (0.85, 1)])
def test_the_doublet_vanishes_with_the_pump(share, maxima):
    assert len(spectrum(microlaser(1, share * PUMP)).peak) == maxima


@pytest.mark.parametrize(("number", "decay"), [(1, 0.970), (5, 1.71), (7, 2.00)])
def test_decay_from_the_inverted_state(number, decay):
    """1/e time in units of 1/(2 F gamma), F = 4 g^2/(kappa gamma)."""
    system = microlaser(number, pump=0.0, quality=1e7)
    times = np.linspace(0, 0.02 / GAMMA, 2001)
    ours = evolve(system, times)
    fallen = np.interp(-np.exp(-1), -ours.excited_population[0], times)
    two_f = 2 * 4 * G**2 / (system.modes[0].kappa * GAMMA)
    assert 1 / (fallen * two_f * GAMMA) == pytest.approx(decay, abs=6e-3)
    efficiency = sum(system.modes[0].kappa * np.trapezoid(n, times) for n in ours.photon_number) / number
    assert efficiency > 0.97


def test_collection_efficiency():
    for quality, efficiency in ((1e7, 0.9947), (1e8, 0.9976)):
        system = microlaser(1, pump=0.0, quality=quality)
        times = np.linspace(0, 0.2 / GAMMA, 4001)
        ours = evolve(system, times)
        found = system.modes[0].kappa * np.trapezoid(ours.photon_number.sum(axis=0), times)
        assert found == pytest.approx(efficiency, abs=3e-4)


def test_true_mode_phases_break_the_common_phase():
    """Two adjacent sites with phases +-60 pi/47: C_p/N_p = 0.061, N_p = .0480, g2 = 1.27, C_a = .014 at 30 gamma."""
    phi = 60 * np.pi / 47
    atoms = [
        Emitters(1, (G * np.exp(1j * p), G * np.exp(-1j * p)), GAMMA, pump_rate=30 * GAMMA)
        for p in (0.0, phi)
    ]
    state = steady_state(CavitySystem(atoms, [CavityMode(OMEGA / 1e8)] * 2))
    assert state.photon_number[0] == pytest.approx(0.0480, abs=6e-5)
    ratio = abs(state.mode_correlation[0, 1]) / state.photon_number[0]
    assert ratio == pytest.approx(0.061, abs=6e-4)
    assert state.g2[0] == pytest.approx(1.27, abs=6e-3)
    assert abs(state.emitter_correlation[0, 1]) == pytest.approx(0.014, abs=6e-4)
