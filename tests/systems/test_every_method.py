"""Physical systems with closed answers, each through every method that claims it."""

from __future__ import annotations

import numpy as np
import pytest

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Cumulants,
    DickeLadder,
    Emitters,
    Exact,
    Jumps,
    Linearised,
    LinearResponse,
    MeanField,
    TruncatedWigner,
    evolve,
    spectrum,
    steady_state,
    transmission,
)

KAPPA, G = 4e4, 100.0  # bad cavity: g/kappa = 0.0025
RATE = 4 * G**2 / KAPPA  # collective rate, 1
KEPT, GONE = "kept", "eliminated"


def within(value: np.ndarray, error: np.ndarray, truth: np.ndarray, rtol: float) -> None:
    """The truth lies within 4.5 standard errors plus the systematic error of the method."""
    miss = np.abs(np.asarray(value) - truth)
    assert np.all(miss <= 4.5 * np.asarray(error) + rtol * np.abs(truth).max()), (value, truth)


@pytest.mark.parametrize(
    ("method", "rtol"),
    [
        (Exact(), 3e-4),
        (Exact(cavity=GONE), 1e-8),
        (Jumps(4000, seed=1, cavity=GONE), 1e-4),
        (Cumulants(), 1e-3),
        (Cumulants(cavity=GONE), 1e-6),
    ],
    ids=str,
)
def test_one_emitter_decays_at_gamma_plus_the_purcell_rate(method, rtol):
    gamma = 0.5
    system = CavitySystem([Emitters(1, G, gamma)], [CavityMode(KAPPA)])
    times = np.linspace(0, 2, 6)
    found = evolve(system, times, method=method)
    truth = np.exp(-(gamma + RATE) * times)
    within(found.excited_population[0], found.excited_population_error[0], truth, rtol)


@pytest.mark.parametrize(
    ("method", "rtol"),
    [
        (Exact(), 3e-4),
        (Exact(cavity=GONE), 1e-8),
        (Jumps(4000, seed=2, cavity=GONE), 1e-4),
        (DickeLadder(), 1e-6),
    ],
    ids=str,
)
def test_two_inverted_emitters_go_down_the_dicke_ladder(method, rtol):
    """|ee> -> |S> -> |gg>, both steps at 2 Gamma: excited population exp(-2x)(1 + x)."""
    system = CavitySystem([Emitters(2, G)], [CavityMode(KAPPA)])
    x = np.linspace(0, 2, 6)
    found = evolve(system, x / RATE, method=method)
    within(found.excited_population[0], found.excited_population_error[0], np.exp(-2 * x) * (1 + x), rtol)
    photons = RATE / KAPPA * 2 * np.exp(-2 * x) * (1 + 2 * x)  # both levels emit at 2 Gamma
    within(found.photon_number[0][1:], found.photon_number_error[0][1:], photons[1:], max(rtol, 1e-3))


@pytest.mark.parametrize(
    "method",
    [
        Exact(),
        Exact(cavity=GONE),
        Jumps(200, seed=3),
        Jumps(200, seed=3, cavity=GONE),
        Cumulants(),
        Cumulants(cavity=GONE),
        MeanField(),
        TruncatedWigner(200, seed=3, cavity=GONE),
    ],
    ids=str,
)
def test_emitters_that_hardly_couple_are_in_the_balance_of_pump_and_decay(method):
    system = CavitySystem([Emitters(4, 1e-4, 1.0, pump_rate=0.5)], [CavityMode(30.0)])
    found = steady_state(system, method=method)
    within(found.excited_population, found.excited_population_error, np.array([1 / 3]), 2e-3)


@pytest.mark.parametrize(
    ("method", "rtol"),
    [(Exact(), 1e-7), (MeanField(), 1e-9), (TruncatedWigner(400, seed=4), 1e-2)],
    ids=str,
)
def test_a_driven_empty_cavity_holds_a_coherent_state(method, rtol):
    """alpha = -i eta/(kappa/2 + i Delta); Poissonian light."""
    kappa, delta, eta = 2.0, 0.7, 0.9 + 0.4j
    system = CavitySystem([Emitters(1, 0.0, 1.0)], [CavityMode(kappa, detuning=delta)], drive=eta)
    alpha = -1j * eta / (kappa / 2 + 1j * delta)
    found = steady_state(system, method=method)
    within(found.photon_number, found.photon_number_error, np.array([abs(alpha) ** 2]), rtol)
    assert found.amplitude[0] == pytest.approx(alpha, abs=max(rtol, 0.05 if rtol > 1e-3 else 0))
    within(found.g2, found.g2_error, np.ones(1), max(rtol, 1e-6))


@pytest.mark.parametrize("method", [Exact(), Jumps(2, seed=5)], ids=str)
def test_vacuum_rabi_oscillations_without_losses(method):
    system = CavitySystem([Emitters(1, 1.0)], [CavityMode(0.0)])
    times = np.linspace(0, 5, 11)
    np.testing.assert_allclose(
        evolve(system, times, method=method).photon_number[0], np.sin(times) ** 2, atol=1e-8
    )


@pytest.mark.parametrize(
    ("method", "rtol"), [(Exact(), 1e-3), (Exact(cavity=GONE), 1e-9), (Cumulants(cavity=GONE), 1e-6)], ids=str
)
def test_the_line_of_one_pumped_emitter_in_a_bad_cavity(method, rtol):
    """A Lorentzian of full width gamma + pump + Gamma + 2 dephasing at the emitter's detuning."""
    gamma, pump, dephasing, detuning = 0.3, 0.2, 0.15, 2.0
    emitter = Emitters(1, G, gamma, pump_rate=pump, dephasing_rate=dephasing, detuning=detuning)
    system = CavitySystem([emitter], [CavityMode(KAPPA, detuning=detuning)])
    width = gamma + pump + RATE + 2 * dephasing
    found = spectrum(system, method=method)
    assert found.peak == pytest.approx([detuning], rel=1e-3)
    assert found.full_width == pytest.approx([width], rel=rtol + 1e-6)
    assert found.poles[0] == pytest.approx(-width / 2 - 1j * detuning, rel=rtol)
    photons = RATE / KAPPA * pump / (gamma + pump + RATE)
    assert found.density.max() == pytest.approx(4 * photons / width, rel=rtol + 1e-6)


GOOD = CavitySystem([Emitters(4000, 0.05, 0.1, pump_rate=1.0)], [CavityMode(0.2)])
"""A good-cavity laser: kappa is far below the decay of the coherence."""


def good_cavity_laser() -> tuple[float, float]:
    """Photons and inversion s from N g^2 s/gamma_perp = kappa/2 and the balance of pump and losses."""
    emitters, kappa = GOOD.emitters[0], GOOD.modes[0].kappa
    w, gamma, g = emitters.pump_rate, emitters.gamma, abs(emitters.g_modes[0])
    inversion = kappa * (w + gamma) / (4 * emitters.number * g**2)
    return emitters.number * (w - gamma - (w + gamma) * inversion) / (2 * kappa), inversion


@pytest.mark.parametrize(
    ("method", "rtol"),
    [(MeanField(), 1e-9), (Cumulants(), 2e-3), (TruncatedWigner(50, seed=6), 5e-3)],
    ids=str,
)
def test_photons_of_a_laser_far_above_threshold(method, rtol):
    photons, inversion = good_cavity_laser()
    found = steady_state(GOOD, method=method)
    within(found.photon_number, found.photon_number_error, np.array([photons]), rtol)
    within(found.inversion, 2 * found.excited_population_error, np.array([inversion]), max(rtol, 1e-2))


def test_schawlow_townes_linewidth_of_the_good_cavity_laser():
    """Phase diffusion: kappa/(2 n) x (N_e/(N_e - N_g)), narrowed by (2 gamma_perp/(2 gamma_perp + kappa))^2."""
    photons, inversion = good_cavity_laser()
    emitters, kappa = GOOD.emitters[0], GOOD.modes[0].kappa
    width = emitters.gamma + emitters.pump_rate  # 2 gamma_perp
    spontaneous = (1 + inversion) / (2 * inversion)  # N_e/(N_e - N_g)
    truth = kappa / (2 * photons) * spontaneous * (width / (width + kappa)) ** 2
    found = spectrum(GOOD, method=Linearised())
    assert found.full_width[0] == pytest.approx(truth, rel=0.05)


@pytest.mark.parametrize(
    ("method", "number", "rtol"),
    [
        (Exact(cavity=GONE), 300, 0.02),
        (Cumulants(cavity=GONE), 3000, 0.01),
        (MeanField(), 3000, 0.01),
        (Jumps(40, seed=7, cavity=GONE), 3000, 0.01),
        (TruncatedWigner(40, seed=7, cavity=GONE), 3000, 0.02),
    ],
    ids=str,
)
def test_steady_state_superradiance(method, number, rtol):
    """Meiser and Holland: at w = N Gamma/2 half the emitters' excess is emitted, <J+ J-> = N^2/8."""
    g = 0.1
    rate = 4 * g**2 / KAPPA
    system = CavitySystem([Emitters(number, g, pump_rate=number * rate / 2)], [CavityMode(KAPPA)])
    found = steady_state(system, method=method)
    emission = KAPPA * found.photon_number / rate / number**2
    error = KAPPA * found.photon_number_error / rate / number**2
    within(emission, error, np.array([1 / 8]), rtol)


@pytest.mark.parametrize(
    ("method", "number", "rtol"),
    [(Linearised(), 10_000, 1e-2), (Exact(cavity=GONE), 400, 0.12)],
    ids=str,
)
@pytest.mark.parametrize("s", [0.3, 0.5])
def test_phase_diffusion_of_a_superradiant_laser(method, number, rtol, s):
    """Full width (1 + s)/(2 (1 - s)) Gamma at the pump w = s N Gamma, for many emitters."""
    g = 0.1
    rate = 4 * g**2 / KAPPA
    system = CavitySystem([Emitters(number, g, pump_rate=s * number * rate)], [CavityMode(KAPPA)])
    found = spectrum(system, method=method)
    assert -2 * found.poles[0].real / rate == pytest.approx((1 + s) / (2 * (1 - s)), rel=rtol)


def test_transmission_of_an_empty_cavity_and_its_drive_agree():
    """1 - kappa_ext/(kappa/2 - i delta), and the field of a weak drive at one of the detunings."""
    kappa, ext = 2.0, 0.8
    delta = np.linspace(-3, 3, 13)
    system = CavitySystem([Emitters(1, 0.0, 1.0)], [CavityMode(kappa, ext)])
    found = transmission(system, delta, method=LinearResponse())
    np.testing.assert_allclose(found.amplitude[0], 1 - ext / (kappa / 2 - 1j * delta), atol=1e-12)
    probe = 1e-3
    driven = CavitySystem([Emitters(1, 0.0, 1.0)], [CavityMode(kappa, ext, detuning=-1.0)], drive=probe)
    field = steady_state(driven, method=Exact()).amplitude[0]
    through = 1 - 1j * ext * field / probe  # a_out = a_in + sqrt(kappa_ext) a, eta = -i sqrt(kappa_ext) a_in
    k = int(np.flatnonzero(np.isclose(delta, 1.0))[0])
    assert through == pytest.approx(found.amplitude[0, k], abs=1e-9)
