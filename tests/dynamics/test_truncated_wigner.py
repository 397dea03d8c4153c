"""Truncated Wigner: linear systems in closed form, small ones against Exact, large ones against the Dicke ladder and phase diffusion."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from math import tau

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.stats import norm

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Emitters,
    Exact,
    LevelScheme,
    Preparation,
    TruncatedWigner,
    evolve,
    spectrum,
    steady_state,
)
from atomcavity.dynamics.wigner import answers as tw
from atomcavity.dynamics.wigner.model import Model
from atomcavity.dynamics.wigner.run import Grid, Run
from atomcavity.errors import InputError
from atomcavity.parallel import spawn_seeds

SIGMAS = 4.5  # of a statistical error that a test allows

G, KAPPA = tau * 300, tau * 1.2e6  # the microclock's coupling and cavity
RATE = 4 * G**2 / KAPPA  # collective decay of one emitter


def steady(system, **given):
    return tw.wigner_steady_state(system, TruncatedWigner(**given))


def pulse(system, times, initial="inverted", **given):
    method = TruncatedWigner(**given)
    return tw.wigner_evolve(system, method, times=times, initial=Preparation.of(initial))


def dicke_pulse(number, times):
    """<S^+ S^-> of the death chain of `number` inverted emitters, times in 1/(decay of one)."""
    k = np.arange(number + 1.0)
    down = (number - k) * (k + 1)

    def flow(_, p):
        lost = down * p
        return -lost + np.concatenate([[0], lost[:-1]])

    start = np.eye(number + 1)[0]
    found = solve_ivp(flow, (0, times[-1]), start, t_eval=times, method="LSODA", rtol=1e-7, atol=1e-12)
    return down @ found.y


def test_superradiant_pulse_of_the_ladder():
    number = 400
    system = CavitySystem([Emitters(number, g=G)], [CavityMode(KAPPA)])
    times = np.linspace(0, 25 / (number * RATE), 101)
    found = pulse(system, times, trajectories=600, cavity="eliminated")
    rate, error = KAPPA * found.photon_number[0] / RATE, KAPPA * found.photon_number_error[0] / RATE
    exact = dicke_pulse(number, times * RATE)
    assert exact.max() / number**2 == pytest.approx(0.1959, abs=2e-4)  # the published ladder
    k = exact.argmax()
    assert rate[k] == pytest.approx(exact[k], abs=SIGMAS * error[k] + 0.01 * exact[k])
    assert np.trapezoid(KAPPA * found.photon_number[0], times) == pytest.approx(number, rel=0.01)
    assert found.excited_population[0, -1] == pytest.approx(0, abs=1e-3)
    assert found.record.residual < 5e-3
    assert not found.warnings


@pytest.mark.parametrize("cavity", ["kept", "eliminated"])
def test_excitations_in_equal_excitations_out(cavity):
    groups = [
        Emitters(60, g=(1.0, 0.5j), gamma=0.3, detuning=1.0),
        Emitters(40, g=(0.7j, 1.0), pump_rate=3.0, dephasing_rate=0.5),
    ]
    coupling = [[0, 0.4j], [-0.4j, 0]]
    system = CavitySystem(groups, [CavityMode(20.0), CavityMode(30.0, detuning=2.0)], mode_coupling=coupling)
    found = steady(system, trajectories=30, seed=3, cavity=cavity)
    error = float(system.kappas @ found.photon_number_error) + 60 * 0.3 * found.excited_population_error[0]
    error += 40 * 3.0 * found.excited_population_error[1]
    assert found.flow_in == pytest.approx(found.flow_out, abs=SIGMAS * error)
    assert found.flow_in > 10 * error
    correlation = found.mode_correlation
    assert correlation.diagonal().real == pytest.approx(found.photon_number, rel=1e-9)
    assert correlation == pytest.approx(correlation.conj().T, rel=1e-9)


def test_what_is_emitted_has_left_the_emitters():
    system = CavitySystem([Emitters(200, g=1.0, gamma=0.0)], [CavityMode(60.0)])
    times = np.linspace(0, 2.5, 120)
    found = pulse(system, times, trajectories=400, cavity="kept")
    inside = 200 * found.excited_population[0] + found.photon_number[0]
    passed = np.concatenate(
        [[0], np.cumsum(np.diff(times) * (found.photon_number[0, 1:] + found.photon_number[0, :-1]) / 2)]
    )
    noise = 60.0 * np.sqrt(np.cumsum(found.photon_number_error[0] ** 2)) * times[1]
    assert np.all(np.abs(200 - inside - 60.0 * passed) < SIGMAS * noise + 2.0)


@settings(max_examples=8, deadline=None)
@given(
    number=st.sampled_from([1, 7, 50, 10_000]),
    gamma=st.floats(0.1, 2),
    pump=st.floats(0, 2),
    dephasing=st.floats(0, 2),
    area=st.floats(0, math.pi),
)
def test_emitters_alone_have_exact_first_and_second_moments(number, gamma, pump, dephasing, area):
    """Independent emitters: exponential laws, and <S^+ S^-> of different emitters is |<sigma>|^2."""
    emitters = Emitters(number, g=0.0, gamma=gamma, pump_rate=pump, dephasing_rate=dephasing, detuning=0.3)
    system = CavitySystem([emitters], [CavityMode(1.0)])
    times = np.array([0.0, 0.4, 1.5])
    found = pulse(system, times, Preparation.pulse(area), trajectories=4000, seed=5)
    total = gamma + pump
    start = math.sin(area / 2) ** 2
    expected = pump / total + (start - pump / total) * np.exp(-total * times)
    rare = 1e-3 / number  # near the pole of the sphere a few runs make all of the spread
    error = found.excited_population_error[0]
    assert np.all(np.abs(found.excited_population[0] - expected) < 5 * error + rare)
    if number > 1:
        square = (0.5 * math.sin(area)) ** 2 * np.exp(-(total + 2 * dephasing) * times)
        spread = (0.5 / (number - 1) + math.sqrt(2 / number) * 0.5) / math.sqrt(4000)
        assert np.abs(found.emitter_correlation[0, 0] - square) == pytest.approx(0, abs=6 * spread)


@pytest.mark.parametrize("step", [0.05, 0.6])
def test_noise_of_independent_decays(step):
    """The symmetrised covariance of independent emitters is N (delta_ab/4 - m_a m_b) at all times, whatever the step."""
    number, gamma, pump, dephasing, runs, time = 3000, 0.8, 0.3, 0.2, 20_000, 0.6
    emitters = Emitters(number, gamma=gamma, pump_rate=pump, dephasing_rate=dephasing)
    model = Model(CavitySystem([emitters], [CavityMode(1.0)]), "eliminated")
    run = Run(model, TruncatedWigner(trajectories=runs), Preparation.pulse(2.0))
    part = run._chunk(spawn_seeds(3, runs), Grid.of(np.array([time]), step), True)[0]
    total = gamma + pump
    across = -0.5j * math.sin(2.0) * math.exp(-(total / 2 + dephasing) * time)
    excited = pump / total + (math.sin(1.0) ** 2 - pump / total) * math.exp(-total * time)
    mean = np.array([across.real, across.imag, excited - 0.5])
    vector = np.stack([part.spin[:, 0, 0].real, part.spin[:, 0, 0].imag, part.z[:, 0, 0]])
    assert vector.mean(axis=1) == pytest.approx(number * mean, abs=5 * math.sqrt(number / 4 / runs))
    expected = number * (np.eye(3) / 4 - np.outer(mean, mean))
    assert np.cov(vector) == pytest.approx(expected, abs=5 * number / 4 * math.sqrt(2 / runs))


def test_initial_noise_of_product_states():
    """Means and symmetrised covariances N (delta_ab/4 - m_a m_b), and <|S|^2> = N/2 of inverted emitters."""
    rho = np.array([[0.35, 0.2 - 0.1j], [0.2 + 0.1j, 0.65]])
    mean = np.array([rho[1, 0].real, rho[1, 0].imag, 0.15])
    system = CavitySystem([Emitters(n, g=0.0) for n in (1, 40, 5000)], [CavityMode(1.0)])
    model = Model(system, "kept")
    runs = 20_000
    run = Run(model, TruncatedWigner(trajectories=runs), Preparation([rho, rho, rho]))
    part = next(iter(run._chunk(spawn_seeds(1, runs), Grid.of(np.zeros(1), 1.0), True)))
    for k, n in enumerate((1, 40, 5000)):
        vector = np.stack([part.spin[:, 0, k].real, part.spin[:, 0, k].imag, part.z[:, 0, k]])
        expected = n * (np.eye(3) / 4 - np.outer(mean, mean))
        assert vector.mean(axis=1) == pytest.approx(n * mean, abs=5 * math.sqrt(n / 4 / runs))
        assert np.cov(vector) == pytest.approx(expected, abs=5 * n / 4 * math.sqrt(2 / runs))
    assert np.mean(np.abs(part.field[:, 0, 0]) ** 2) == pytest.approx(0.5, abs=5 * 0.5 / math.sqrt(runs))


def test_empty_driven_cavity_is_exact():
    eta, detuning, kappa = 6.0, 1.5, 4.0
    system = CavitySystem([Emitters(1, g=0.0, gamma=1.0)], [CavityMode(kappa, detuning=detuning)], drive=eta)
    alpha = -1j * eta / (kappa / 2 + 1j * detuning)
    found = steady(system, trajectories=400)
    n = abs(alpha) ** 2
    assert found.photon_number[0] == pytest.approx(n, abs=SIGMAS * found.photon_number_error[0])
    assert found.amplitude[0] == pytest.approx(alpha, rel=2e-3)
    assert found.g2[0] == pytest.approx(1.0, abs=SIGMAS * found.g2_error[0])
    times = np.linspace(0, 3, 7)
    moving = pulse(system, times, "ground", trajectories=2000)
    expected = alpha * (1 - np.exp(-(kappa / 2 + 1j * detuning) * times))
    assert moving.amplitude[0] == pytest.approx(expected, abs=5 * 0.5 / math.sqrt(2000))
    assert moving.pair_number[0, -1] == pytest.approx(abs(expected[-1]) ** 4, rel=0.05)


def test_driven_cavity_with_emitters_against_exact():
    atoms = Emitters(3, g=0.5, gamma=1.0, detuning=0.5)
    system = CavitySystem([atoms], [CavityMode(3.0, detuning=0.3)], drive=1.2)
    import qutip

    h, c, operators = system.to_qutip([7])
    rho, a = qutip.steadystate(h, c), operators["a"][0]
    found = steady(system, trajectories=400)
    n, excited = qutip.expect(a.dag() * a, rho), qutip.expect(operators["level"][0][1], rho)
    assert found.photon_number[0] == pytest.approx(n, rel=0.05)
    assert found.amplitude[0] == pytest.approx(qutip.expect(a, rho), rel=0.05)
    assert found.excited_population[0] == pytest.approx(excited, abs=0.02)


@pytest.mark.parametrize("cavity", ["kept", "eliminated"])
def test_detuned_groups_against_exact(cavity):
    """Eight inverted emitters, two detunings: the vacuum that enters starts most of the light."""
    width = 8 * 0.1
    system = CavitySystem([Emitters(4, g=1, detuning=sign * width) for sign in (-1, 1)], [CavityMode(40)])
    times = np.linspace(0, 10 / width, 41)
    exact = evolve(system, times, method=Exact())
    found = pulse(system, times, trajectories=2000, cavity=cavity)
    assert any("1/N" in text for text in found.warnings)
    assert found.excited_population == pytest.approx(exact.excited_population, abs=0.04)
    if cavity == "eliminated":
        assert found.photon_number[0].max() == pytest.approx(exact.photon_number[0, 4:].max(), rel=0.1)


@pytest.mark.parametrize("cavity", ["kept", "eliminated"])
def test_same_seed_same_answer_and_each_trajectory_by_itself(cavity, monkeypatch):
    system = CavitySystem([Emitters(50, g=1.0, gamma=0.2, pump_rate=1.0)], [CavityMode(15.0)])
    first = steady(system, trajectories=9, seed=4, cavity=cavity)
    monkeypatch.setattr("atomcavity.dynamics.wigner.run.MEMORY", 1e5)  # a few trajectories at once
    again = steady(system, trajectories=9, seed=4, cavity=cavity)
    other = steady(system, trajectories=9, seed=5, cavity=cavity)
    assert again.photon_number[0] == pytest.approx(first.photon_number[0], rel=1e-12)
    assert again.g2_error[0] == pytest.approx(first.g2_error[0], rel=1e-9)
    assert other.photon_number[0] != first.photon_number[0]


@settings(max_examples=5, deadline=None)
@given(scale=st.sampled_from([1e-3, 1e9]), frame=st.floats(-40, 40))
def test_units_and_frame_do_not_matter(scale, frame):
    def made(unit, shift):
        groups = [
            Emitters(30, g=0.5 * unit, gamma=unit, detuning=(0.2 + shift) * unit),
            Emitters(20, g=0.4j * unit, pump_rate=3 * unit, detuning=(shift - 0.1) * unit),
        ]
        return CavitySystem(groups, [CavityMode(5 * unit, detuning=(shift + 1) * unit)])

    a = steady(made(1.0, 0.0), trajectories=5)
    b = steady(made(scale, frame), trajectories=5)
    assert b.photon_number == pytest.approx(a.photon_number, rel=1e-5)
    assert b.emitter_correlation[0, 1] == pytest.approx(a.emitter_correlation[0, 1], rel=1e-4)


@pytest.mark.parametrize("h", [0.02, 3.0])
def test_two_half_steps_of_the_field_are_a_whole_one(h):
    """Field, its integral and the vacuum that enters, maps and covariances, in steps short and long beside 1/kappa."""
    modes = [CavityMode(5.0, detuning=1.0), CavityMode(40.0, detuning=-3.0)]
    system = CavitySystem([Emitters(1, g=(1.0, 1.0))], modes, mode_coupling=[[0, 2 + 1j], [2 - 1j, 0]])
    model = Model(system, "kept")
    (a0, a1, a2, j0, j1, j2), root = model._field(h)
    (b0, b1, b2, k0, k1, k2), part = model._field(h / 2)
    first, later = (
        b1 + b2 / 2,
        b2 / 2,
    )  # weights of the sources at both ends of the whole step, after the first half
    assert a0 == pytest.approx(b0 @ b0, abs=1e-12)
    assert a1 == pytest.approx(b0 @ first + b1 / 2, abs=1e-12)
    assert a2 == pytest.approx(b0 @ later + b1 / 2 + b2, abs=1e-12)
    assert j0 == pytest.approx(k0 + k0 @ b0, abs=1e-12)
    assert j1 == pytest.approx(k1 + k2 / 2 + k0 @ first + k1 / 2, abs=1e-12)
    assert j2 == pytest.approx(k2 / 2 + k0 @ later + k1 / 2 + k2, abs=1e-12)
    zero, one = np.zeros((2, 2)), np.eye(2)
    carry = np.block([[b0, zero, zero], [k0, one, zero], [zero, zero, one]])
    half = part @ part.conj().T
    assert root @ root.conj().T == pytest.approx(carry @ half @ carry.conj().T + half, abs=1e-9)


def test_steps_halved_and_halved_again():
    """Second order: the noiseless error falls fourfold with each halving of the step."""
    system = CavitySystem([Emitters(300, g=1.0, detuning=2.0)], [CavityMode(30.0, detuning=10.0)])
    run = Run(Model(system, "kept"), TruncatedWigner(trajectories=4), Preparation())
    times = np.array([0.15, 0.4])
    seeds = spawn_seeds(0, 4)
    step = 0.2 / run.model.rate
    found = [run._chunk(seeds, Grid.of(times, step / 2**k), False)[0].excited for k in range(4)]
    errors = [np.abs(a - b).max() for a, b in pairwise(found)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.3)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.3)


def test_length_of_the_spins_is_kept_by_the_field():
    system = CavitySystem(
        [Emitters(100, g=(1.0, 2.0j)), Emitters(1, g=(0.5, 0.1))], [CavityMode(9.0), CavityMode(4.0)]
    )
    run = Run(Model(system, "eliminated"), TruncatedWigner(trajectories=5), Preparation())
    part = run._chunk(spawn_seeds(0, 5), Grid.of(np.linspace(0, 0.3, 4), 1e-3), True)[0]
    length = np.abs(part.spin) ** 2 + part.z**2
    assert length[:, 1:] == pytest.approx(np.repeat(length[:, :1], 3, axis=1), rel=1e-9)
    assert length[:, :, 1] == pytest.approx(0.75)  # s (s + 1) of one emitter


def test_two_directions_share_the_light():
    """Site phases e^{+-i phi}: an inverted ensemble radiates both ways, with half the peak."""
    number, groups = 400, 20
    phases = tau * np.arange(groups) / groups
    atoms = [Emitters(number // groups, g=(G * np.exp(1j * p), G * np.exp(-1j * p))) for p in phases]
    times = np.linspace(0, 30 / (number * RATE), 61)
    two = pulse(CavitySystem(atoms, [CavityMode(KAPPA)] * 2), times, trajectories=300, cavity="eliminated")
    one = pulse(
        CavitySystem([Emitters(number, g=G)], [CavityMode(KAPPA)]),
        times,
        trajectories=300,
        cavity="eliminated",
    )
    emitted = np.trapezoid(KAPPA * two.photon_number, times)
    assert emitted == pytest.approx([177, 177], rel=0.1)  # 196 and 160 for one set of 400 random sites
    assert emitted.sum() == pytest.approx(number * (1 - two.excited_population[:, -1].mean()), rel=0.01)
    assert two.photon_number[0].max() == pytest.approx(0.47 * one.photon_number[0].max(), rel=0.12)


@pytest.mark.parametrize(
    ("sigma", "peak", "emitted"), [(30, 0.115, 0.69), (60, 0.027, 0.34), (120, 0.005, 0.15)]
)
@pytest.mark.slow
def test_inhomogeneous_broadening_ends_superradiance(sigma, peak, emitted):
    """The published numbers leave out the vacuum that enters during the pulse (it starts most of the light of detuned emitters)."""
    number, groups = 400, 100
    shifts = tau * sigma * norm.ppf((np.arange(groups) + 0.5) / groups)
    system = CavitySystem([Emitters(4, g=G, detuning=d) for d in shifts], [CavityMode(KAPPA)])
    times = np.linspace(0, 40 / (number * RATE), 161)
    run = Run(Model(system, "eliminated"), TruncatedWigner(trajectories=200), Preparation())
    part = run._chunk(spawn_seeds(0, 200), Grid.of(times, run.step()), False)[0]
    silent = KAPPA * part.photons.mean(axis=0)[:, 0] / RATE / number**2
    assert silent.max() == pytest.approx(peak, abs=0.08 * peak + 0.0008)
    assert 1 - part.excited[:, -1].mean() == pytest.approx(emitted, abs=0.05)
    full = pulse(system, times, trajectories=200, cavity="eliminated")
    rate = KAPPA * full.photon_number[0] / RATE / number**2
    assert rate.max() > silent.max()
    assert rate.max() < 2.2 * silent.max()  # the vacuum at most doubles what the initial noise starts


def test_refusals_name_a_method_that_can():
    scheme = LevelScheme(("g", "e"), couplings={("g", "e"): (1.0,)}, decays={("e", "g"): 1.0})
    system = CavitySystem([Emitters(2, levels=scheme)], [CavityMode(1.0)])
    with pytest.raises(InputError, match=r"MeanField\(\)"):
        pulse(system, np.array([0.0, 1.0]))
    dark = CavitySystem([Emitters(2, g=1.0, gamma=1.0, pump_rate=0.5)], [CavityMode(0.0)])
    with pytest.raises(InputError, match=r"kappa = 0.*Exact\(\)"):
        tw.wigner_spectrum(dark, TruncatedWigner(), detuning=None, mode=0, initial=None)
    pumped = replace(dark, modes=[CavityMode(1.0)])
    with pytest.raises(InputError, match="duration"):
        tw.wigner_spectrum(pumped, TruncatedWigner(), detuning=None, mode=0, initial=Preparation())


def test_driven_emitters_against_exact():
    """Light scattered by driven emitters: amplitude, population, and the part of the spectrum that is coherent."""
    system = CavitySystem([Emitters(4, g=0.3, gamma=1.0, drive=1.2 + 0.5j)], [CavityMode(12.0, detuning=2.0)])
    exact = steady_state(system, method=Exact())
    found = steady(system, trajectories=2000, cavity="eliminated")
    assert found.excited_population[0] == pytest.approx(exact.excited_population[0], abs=0.015)
    assert found.amplitude[0] == pytest.approx(exact.amplitude[0], abs=0.06 * abs(exact.amplitude[0]))
    assert found.photon_number[0] == pytest.approx(exact.photon_number[0], rel=0.08)
    light = spectrum(system, method=TruncatedWigner(trajectories=200, cavity="eliminated"))
    assert light.coherent == pytest.approx(abs(exact.amplitude[0]) ** 2, rel=0.15)


def test_many_groups_leave_out_the_correlations(monkeypatch):
    monkeypatch.setattr(tw, "MOST_PRODUCTS", 10)
    system = CavitySystem([Emitters(20, g=1.0), Emitters(20, g=0.5)], [CavityMode(30.0)])
    found = pulse(system, np.linspace(0, 1, 4), trajectories=4, cavity="eliminated")
    assert np.all(np.isnan(found.emitter_correlation))
    assert any("left out" in text for text in found.warnings)
