"""Light of truncated Wigner: correlations and spectra against closed forms, the ladder and linearised noise."""

from __future__ import annotations

from math import tau

import numpy as np
import pytest
from scipy.linalg import solve_continuous_lyapunov

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    DickeLadder,
    Emitters,
    Linearised,
    Preparation,
    TruncatedWigner,
    correlation,
    spectrum,
)
from atomcavity.dynamics.wigner import answers as tw
from atomcavity.dynamics.wigner.density import BLOCKS, diffusion
from atomcavity.units import show

SIGMAS = 4.5  # of a statistical error that a test allows

G, KAPPA = tau * 300, tau * 1.2e6  # the microclock's coupling and cavity
RATE = 4 * G**2 / KAPPA  # collective decay of one emitter


def steady(system, **given):
    return tw.wigner_steady_state(system, TruncatedWigner(**given))


def below_threshold():
    """Emitters and mode below threshold, N so large that both are linear: system, poles, weights of <a^+(0) a(tau)>, <n>."""
    number, g, kappa, pump, gamma = 10_000, 0.0141, 2.0, 3.0, 1.0
    system = CavitySystem([Emitters(number, g=g, pump_rate=pump, gamma=gamma)], [CavityMode(kappa)])
    z, across = number * (pump / (pump + gamma) - 0.5), (pump + gamma) / 2
    matrix = np.array([[-kappa / 2, -1j * g], [2j * g * z, -across]])
    moments = solve_continuous_lyapunov(matrix, -np.diag([kappa / 2, number * across]).astype(complex))
    normal = moments - np.diag([0.5, 0])  # a^+ and S commute: <a^+ S> is that of the symmetric order
    rates, vectors = np.linalg.eig(matrix)
    return system, rates, vectors[0] * np.linalg.solve(vectors, normal[:, 0]), normal[0, 0].real


def test_light_below_threshold_is_thermal():
    """<n> and g1 from a 2 x 2 matrix, g2 = 1 + |g1|^2."""
    system, rates, weights, n = below_threshold()
    found = steady(system, trajectories=200, seed=2)
    assert found.photon_number[0] == pytest.approx(n, abs=SIGMAS * found.photon_number_error[0] + 0.01 * n)
    assert found.g2[0] == pytest.approx(2.0, abs=SIGMAS * found.g2_error[0] + 0.02)
    method = TruncatedWigner(trajectories=200, seed=3)
    delays = np.linspace(0, 3, 7)
    given = {"delays": delays, "mode": 0, "other": 0, "initial": None}
    first = tw.wigner_correlation(system, method, order=1, **given)
    g1 = np.array([np.sum(weights * np.exp(rates * t)) for t in delays]).conj() / n
    assert np.all(np.abs(first.normalised - g1) < SIGMAS * first.error + 0.01)
    assert first.value[0].real == pytest.approx(n, rel=0.1)
    second = tw.wigner_correlation(system, method, order=2, **given)
    assert np.all(np.abs(second.normalised - 1 - np.abs(g1) ** 2) < SIGMAS * second.error + 0.02)


@pytest.mark.slow
def test_line_below_threshold():
    system, rates, weights, n = below_threshold()
    method = TruncatedWigner(trajectories=400, seed=2)
    found = tw.wigner_spectrum(system, method, detuning=None, mode=0, initial=None)
    grid = np.linspace(-8, 8, 8001)
    exact = -2 * np.array([np.sum(weights / (rates + 1j * w)) for w in grid]).real
    inside = grid[exact > exact.max() / 2]
    assert len(found.peak) == 1
    assert np.isnan(found.full_width_error[0])  # of a maximum of the density it is not known
    assert found.full_width[0] == pytest.approx(inside[-1] - inside[0], rel=0.12)
    assert np.trapezoid(found.density, found.detuning) / tau == pytest.approx(n, rel=0.06)


def test_linewidth_of_ten_thousand_emitters():
    """Phase diffusion (1 + s)/(2 (1 - s)) of the collective decay, s = w/(N decay): 1.5 at s = 1/2."""
    number = 10_000
    system = CavitySystem([Emitters(number, g=G, pump_rate=number * RATE / 2)], [CavityMode(KAPPA)])
    method = TruncatedWigner(trajectories=200, seed=1, cavity="eliminated")
    found = tw.wigner_spectrum(system, method, detuning=None, mode=0, initial=None)
    error = float(found.full_width_error[0])
    assert error < 0.15 * RATE
    assert f" ± {show(error, 'angular', digits=2)}" in str(found)
    assert found.full_width[0] == pytest.approx(1.5 * RATE, abs=SIGMAS * error)
    assert found.peak[0] == pytest.approx(0, abs=RATE)
    assert len(found.poles) == 0
    light = steady(system, trajectories=100, cavity="eliminated")
    # the coherence's decay w/2 clamps N_e - N_g at N/2, so that kappa n = w N_g = w N/4
    assert light.photon_number[0] == pytest.approx(number**2 * RATE / 8 / KAPPA, rel=0.02)
    assert light.g2[0] == pytest.approx(1, abs=0.01)


def test_pulse_spectrum_holds_all_the_light():
    number = 200
    system = CavitySystem([Emitters(number, g=G, detuning=3 * number * RATE)], [CavityMode(KAPPA)])
    method = TruncatedWigner(trajectories=300, cavity="eliminated")
    found = tw.wigner_spectrum(system, method, detuning=None, mode=0, initial=Preparation())
    width = number * RATE
    assert len(found.peak) == 1
    assert found.peak[0] == pytest.approx(3 * width, abs=0.1 * width)
    assert KAPPA * np.trapezoid(found.density, found.detuning) / tau == pytest.approx(number, rel=0.05)
    delays = np.linspace(0, 6 / width, 13)
    g1 = tw.wigner_correlation(system, method, delays=delays, order=1, mode=0, other=0, initial=Preparation())
    assert KAPPA * g1.value[0].real == pytest.approx(number, rel=0.02)
    assert np.angle(g1.normalised[1]) == pytest.approx(3 * width * delays[1], abs=0.02)


@pytest.mark.parametrize("detuning", [0.0, 0.5])
def test_light_of_a_pulse_against_the_ladder(detuning):
    """Spectrum, g1 and g2 of 400 inverted emitters, as DickeLadder gives them in closed form."""
    number = 400
    system = CavitySystem([Emitters(number, g=G)], [CavityMode(KAPPA, detuning=detuning * KAPPA)])
    wigner = TruncatedWigner(trajectories=500, seed=2, cavity="eliminated")
    delays = np.linspace(0, 4 / (number * RATE), 5)
    for order in (1, 2):
        exact = correlation(system, delays, order=order, initial="inverted", method=DickeLadder())
        found = correlation(system, delays, order=order, initial="inverted", method=wigner)
        allowed = SIGMAS * found.error + 0.01
        assert np.all(np.abs(found.normalised - exact.normalised) < allowed)
        assert found.value.real == pytest.approx(exact.value.real, rel=0.03, abs=0)
    axis = tau * np.linspace(-60, 60, 7)
    exact = spectrum(system, axis, initial="inverted", method=DickeLadder())
    found = spectrum(system, axis, initial="inverted", method=wigner)
    assert found.density == pytest.approx(exact.density, abs=0.03 * exact.density.max())
    assert found.full_width[0] == pytest.approx(exact.full_width[0], rel=0.04)
    assert found.peak[0] == pytest.approx(exact.peak[0], abs=0.05 * exact.full_width[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    "system",
    [
        CavitySystem(
            [Emitters(20_000, g=0.02, gamma=0.1, pump_rate=1.0, dephasing_rate=0.5)],
            [CavityMode(2.0, detuning=-1.0)],
        ),
        CavitySystem(
            [
                Emitters(8000, g=0.03, gamma=0.1, pump_rate=2.0, detuning=0.3),
                Emitters(8000, g=0.04j, gamma=0.1, pump_rate=1.0, detuning=-0.3),
            ],
            [CavityMode(5.0)],
        ),
    ],
    ids=["detuned, dephasing", "two groups"],
)
def test_frequency_and_linewidth_of_lasers_against_linearised_noise(system):
    exact = spectrum(system, method=Linearised())
    found = spectrum(system, method=TruncatedWigner(trajectories=400, seed=3))
    error = float(found.full_width_error[0])
    assert error < 0.06 * exact.full_width[0]
    assert exact.full_width_error[0] == 0
    assert "±" not in str(exact)
    assert found.full_width[0] == pytest.approx(exact.full_width[0], abs=SIGMAS * error)
    assert found.peak[0] == pytest.approx(exact.peak[0], abs=2 * exact.full_width[0])


def test_no_light_no_lines():
    system = CavitySystem([Emitters(50, g=0.01, gamma=1.0, pump_rate=0.01)], [CavityMode(1.0)])
    found = spectrum(system, method=TruncatedWigner(trajectories=20))
    assert len(found.peak) == 0
    assert any("vacuum noise" in text for text in found.warnings)
    g1 = correlation(system, [0.0, 1.0], method=TruncatedWigner(trajectories=20))
    assert np.all(np.isnan(g1.normalised))


def test_light_between_two_modes():
    """Both travelling waves from one standing-wave supermode: |g1| between them is 1, their g2 the same as of each."""
    number = 2000
    atoms = Emitters(number, g=(G, 1j * G), pump_rate=number * RATE)
    system = CavitySystem([atoms], [CavityMode(KAPPA)] * 2)
    method = TruncatedWigner(trajectories=60, cavity="eliminated")
    between = correlation(system, [0.0, 1 / (number * RATE)], other=1, method=method)
    assert np.abs(between.normalised) == pytest.approx([1, 1], abs=0.02)
    state = steady(system, trajectories=60, cavity="eliminated")
    assert state.mode_correlation[0, 1] / state.photon_number[0] == pytest.approx(-1j, abs=1e-6)
    assert between.normalised[0] == pytest.approx(-1j, abs=0.02)
    second = correlation(system, [0.0], order=2, other=1, method=method)
    assert second.normalised[0].real == pytest.approx(state.g2[0], abs=0.02)


def test_diffusion_of_a_made_phase():
    """A random walk of the phase with drift and jitter: its frequency and its width, not the jitter."""
    rng = np.random.default_rng(2)
    length, width, frequency, runs = 0.5, 0.02, 0.3, 4000
    walk = np.cumsum(rng.normal(scale=np.sqrt(width * length), size=(runs, BLOCKS)), axis=1)
    phase = walk + rng.normal(scale=0.1, size=(runs, BLOCKS)) - frequency * length * np.arange(BLOCKS)
    found = diffusion(np.exp(1j * phase), length, 0.0)
    assert found.width == pytest.approx(width, abs=SIGMAS * found.error)
    assert found.error < 0.03 * width
    assert found.frequency == pytest.approx(frequency, abs=SIGMAS * np.sqrt(width / (length * BLOCKS * runs)))
    thermal = rng.normal(size=(runs, BLOCKS)) + 1j * rng.normal(size=(runs, BLOCKS))
    assert diffusion(thermal, length, 0.0) is None
