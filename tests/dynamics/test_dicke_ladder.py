"""The Dicke ladder: published pulses and lines, closed forms, conservation, refusals."""

from __future__ import annotations

from math import tau

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from atomcavity.dynamics import CavityMode, CavitySystem, DickeLadder, Emitters, Preparation, eliminate
from atomcavity.dynamics.api import correlation, evolve, spectrum, steady_state
from atomcavity.dynamics.dicke.chain import integrate, partial_fractions
from atomcavity.dynamics.dicke.model import ladder
from atomcavity.errors import ConvergenceError, InputError

LADDER = DickeLadder()
KAPPA = tau * 1.2e6


def microclock(number: int = 400, cavity: float = 0.0, **given) -> CavitySystem:
    """The microclock (g/2pi = 300 Hz, kappa/2pi = 1.2 MHz); the cavity's detuning in MHz."""
    return CavitySystem(
        [Emitters(number, tau * 300, **given)], [CavityMode(KAPPA, KAPPA / 2, detuning=tau * cavity * 1e6)]
    )


def scales(system: CavitySystem) -> tuple[float, float]:
    """Gamma and chi of the first group."""
    light = eliminate(system)
    return light.decay[0, 0].real, -light.shift[0, 0].real


# numbers recomputed from the microclock paper's model with independent programs (mpmath, QuTiP)
def test_microclock_pulse():
    pulse = evolve(microclock(), np.linspace(0, 30e-3, 601), method=LADDER)
    assert KAPPA / 2 * pulse.peak_photon_number[0] == pytest.approx(2.9540e4, rel=1e-5)
    assert pulse.peak_time == pytest.approx(8.3542e-3, rel=1e-5)
    assert pulse.pulse_width == pytest.approx(6.1184e-3, rel=1e-5)
    unit = 400 * (tau * 300) ** 2 / KAPPA
    assert pulse.pulse_width * unit == pytest.approx(1.153298, rel=1e-6)
    assert pulse.j_transverse_uncertainty[0] == pytest.approx(0.05)
    assert pulse.j_transverse_uncertainty.max() == pytest.approx(0.62579, rel=2e-5)
    assert pulse.j_z_uncertainty.max() == pytest.approx(0.48085, rel=1e-4)
    assert CubicSpline(pulse.time, pulse.j_z)(pulse.peak_time) == pytest.approx(
        0.068033, abs=2e-6
    )  # scipy's DOP853
    first = correlation(microclock(), np.linspace(0, 20e-3, 401), initial="inverted", method=LADDER)
    assert np.interp(6.853e-3, first.delay, np.abs(first.normalised)) == pytest.approx(1 / np.e, rel=2e-4)
    assert not pulse.warnings


@pytest.mark.parametrize(
    ("detuning", "peak"),
    [(0.1, -1.62077), (0.3, -3.37480), (0.6, -1.34478), (1.2, 7.21880), (2, 8.97475), (3, 7.76890)],
)
def test_microclock_lines(detuning, peak):
    """The highest maximum in Hz; half-integer maxima below and above Delta = kappa."""
    system = microclock(cavity=detuning)
    found = spectrum(system, initial="inverted", method=LADDER)
    heights = ladder(system, Preparation()).density(found.peak)
    assert found.peak[np.argmax(heights)] / tau == pytest.approx(peak, abs=6e-6)
    assert len(found.peak) == {1.2: 2, 2: 2, 3: 3}.get(detuning, 1)


def test_far_from_resonance_every_step_has_its_own_line():
    """|chi| >> N Gamma: lines at omega_k with the widths Gamma (d_k + d_(k+1)) of the single steps."""
    system = microclock(3, 1000.0)
    gamma, chi = scales(system)
    found = spectrum(system, initial="inverted", method=LADDER)
    assert found.peak == pytest.approx(chi * np.array([-3, -1, 1]), abs=0.05 * gamma)
    assert found.full_width == pytest.approx(gamma * np.array([3, 7, 7]), rel=1e-3)


def test_microclock_width():
    found = spectrum(microclock(), initial="inverted", method=LADDER)
    assert found.full_width[0] / tau == pytest.approx(72.96, abs=5e-3)


@pytest.mark.parametrize("number", [1, 2])
def test_few_emitters_in_closed_form(number):
    """N = 1: exp(-Gamma t); N = 2: both steps have the rate 2 Gamma."""
    system = microclock(number)
    gamma, _ = scales(system)
    times = np.array([0.0, 0.3, 1.0, 4.0]) / gamma
    found = evolve(system, times, method=LADDER)
    s = gamma * times
    emission = np.exp(-s) if number == 1 else 2 * (1 + 2 * s) * np.exp(-2 * s)
    assert found.photon_number[0] == pytest.approx(gamma / KAPPA * emission, rel=1e-9)
    line = spectrum(system, initial="inverted", method=LADDER)
    width = np.argmin(np.abs(line.poles)) if number == 1 else 0
    assert -2 * line.poles[width].real == pytest.approx(number * gamma)
    if number == 1:
        assert line.full_width[0] == pytest.approx(gamma)


@given(number=st.integers(2, 40), detuning=st.floats(-2, 2), area=st.floats(0.1, 3.1))
@settings(max_examples=15, deadline=None)
def test_light_is_what_the_emitters_lose(number, detuning, area):
    system = microclock(number, detuning)
    gamma, _ = scales(system)
    times = np.linspace(0, (2 * np.log(number) + 40) / (number * gamma), 1500)
    prepared = Preparation.pulse(area)
    found = evolve(system, times, initial=prepared, method=LADDER)
    assert np.sum(found.populations, axis=0) == pytest.approx(1, abs=1e-9)
    assert found.populations.min() > -1e-10
    excited = np.sin(area / 2) ** 2
    assert found.excited_population[0, 0] == pytest.approx(excited)
    flow = KAPPA * np.trapezoid(found.photon_number[0], times)
    assert flow == pytest.approx(number * excited, rel=1e-3)
    coherent = number * np.sin(area) / 2
    assert abs(found.amplitude[0, 0]) == pytest.approx(np.sqrt(gamma / KAPPA) * coherent, rel=1e-9)
    width = (abs(detuning) / 0.6 + 1) * number * gamma
    grid = np.linspace(-500, 500, 200_001) * width
    line = spectrum(system, grid, initial=prepared, method=LADDER)
    assert np.trapezoid(line.density, grid) / tau == pytest.approx(number * excited / KAPPA, rel=2e-3)


def test_phases_of_the_coupling_do_not_matter():
    """A running wave at sites of different phase: a timed Dicke state, in one direction."""
    phases = np.exp(1j * np.array([0.3, 2.1, -1.0]))
    one = microclock(6, 0.4)
    many = CavitySystem([Emitters(2, tau * 300 * p) for p in phases], one.modes)
    times = np.linspace(0, 0.5, 20)
    matched = Preparation.pulse(2.0, phase=tuple(np.angle(phases)))
    for start, single in ((Preparation(), Preparation()), (matched, Preparation.pulse(2.0))):
        a, b = (evolve(s, times, initial=p, method=LADDER) for s, p in ((one, single), (many, start)))
        assert a.photon_number == pytest.approx(b.photon_number, rel=1e-9)
        assert a.amplitude == pytest.approx(b.amplitude, rel=1e-9)
        assert np.abs(b.emitter_correlation[0, 1]) == pytest.approx(np.abs(a.emitter_correlation[0, 0]))
    # g_k sigma_k^+ is the same operator for all k: sum_kl g_k <sigma_k^+ sigma_l> conj(g_l) has the largest value
    inner = np.einsum("k,klt,l->t", phases, b.emitter_correlation, phases.conj()).real
    assert inner == pytest.approx(9 * a.emitter_correlation[0, 0].real, rel=1e-9)
    with pytest.raises(InputError, match="one pure state"):
        evolve(many, times, initial=Preparation.pulse(2.0), method=LADDER)


def test_two_modes_share_the_light():
    system = CavitySystem(
        [Emitters(5, (0.02, 0.01j))],
        [CavityMode(1.0), CavityMode(2.0, detuning=0.5)],
        mode_coupling=[[0, 0.2], [0.2, 0]],
    )
    gamma, _ = scales(system)
    times = np.linspace(0, 60 / (5 * gamma), 2000)
    found = evolve(system, times, method=LADDER)
    assert np.trapezoid(system.kappas @ found.photon_number, times) == pytest.approx(5, rel=1e-3)
    first = correlation(system, [0.0], mode=0, other=1, initial="inverted", method=LADDER)
    assert first.value[0] == pytest.approx(np.trapezoid(found.mode_correlation[0, 1], times), rel=1e-3)


def test_the_integrator_has_its_order():
    poles, weights = partial_fractions()
    wrong = [abs(np.sum(weights / (-z - poles)) - np.exp(-z)) for z in (1.0, 0.5)]
    assert np.log2(wrong[0] / wrong[1]) == pytest.approx(10, abs=1.0)
    chain = np.array([1.0, 1e12]), np.array([0.0, 1.0]), np.array([1.0, 0.0])
    states, error = next(integrate(*chain, np.array([1.0]), 0.1, np.ones(2)))
    assert states[0] == pytest.approx([np.exp(-1), 1e-12 * np.exp(-1)], rel=1e-9, abs=0)
    assert error < 1e-9
    with pytest.raises(ConvergenceError, match="steps"):
        next(integrate(*chain, np.array([np.inf]), 1e-300, np.ones(2)))


def test_many_emitters():
    """N -> infinity: a classical pendulum from a random angle, <J^+ J^->/N^2 = int e^-u q/(1 + q)^2 du, q = u e^(N Gamma t)/N."""
    system = microclock(10_000)
    gamma, _ = scales(system)
    times = np.linspace(0, 2.5 * np.log(1e4) / (1e4 * gamma), 200)
    found = evolve(system, times, method=LADDER)
    nodes, weights = np.polynomial.legendre.leggauss(400)
    u = np.exp(30 * (nodes - 1) + 4)  # e^-56 ... e^4
    weights = 30 * weights * u * np.exp(-u)
    q = u * np.exp(1e4 * gamma * times[:, None]) / 1e4
    expected = (q / (1 + q) ** 2) @ weights
    emission = found.photon_number[0] * KAPPA / gamma / 1e8
    assert emission == pytest.approx(expected, abs=3e-4)
    assert found.populations.shape == (10_001, 200)


def test_derivatives_are_those_of_the_density():
    model = ladder(microclock(30, 0.5), Preparation())
    at, h = 0.3 * 30 * model.rate, 1e-3 * 30 * model.rate
    low, mid, high = model.density(np.array([at - h, at, at + h]))
    value, slope, bend = model.derivatives(at)
    assert value == pytest.approx(mid, rel=1e-12)
    assert slope == pytest.approx((high - low) / (2 * h), rel=1e-4)
    assert bend == pytest.approx((high - 2 * mid + low) / h**2, rel=1e-3)


def test_ground_is_dark():
    times = np.linspace(0, 1, 5)
    assert not evolve(microclock(5), times, initial="ground", method=LADDER).photon_number.any()
    assert np.isnan(evolve(microclock(5), times, initial="ground", method=LADDER).peak_time)
    dark = spectrum(microclock(5), initial="ground", method=LADDER)
    assert "dark" in dark.warnings[-1]
    assert not dark.density.any()


def test_what_is_ignored_is_said():
    system = microclock(10, gamma=1.0, dephasing_rate=2.0)
    warnings = evolve(system, [0.0, 1.0], method=LADDER).warnings
    assert any("own decay is ignored" in w for w in warnings)
    assert any("dephasing is ignored" in w for w in warnings)
    assert not evolve(microclock(10, gamma=1e-3), [0.0, 1.0], method=LADDER).warnings
    strong = CavitySystem([Emitters(100, 1.0)], [CavityMode(1.0)])
    assert any("sqrt(N) g/kappa" in w for w in evolve(strong, [0.0, 1.0], method=LADDER).warnings)


@pytest.mark.parametrize(
    ("system", "initial", "words"),
    [
        (microclock(10, pump_rate=100.0), "inverted", "has no pump"),
        (
            CavitySystem([Emitters(2, 1.0), Emitters(2, 2.0)], [CavityMode(9.0)]),
            "inverted",
            r"TruncatedWigner\(\)",
        ),
        (
            CavitySystem([Emitters(2, 1.0), Emitters(2, 1.0, detuning=1.0)], [CavityMode(9.0)]),
            "inverted",
            "frequenc",
        ),
        (CavitySystem([Emitters(2, 1.0)] * 2, [CavityMode(9.0)]), ["ground", "excited"], "one pure state"),
        (CavitySystem([Emitters(2, 1.0)], [CavityMode(9.0)]), [np.eye(2) / 2], "one pure state"),
        (CavitySystem([Emitters(2, 0.0)], [CavityMode(9.0)]), "inverted", "nothing"),
        (CavitySystem([Emitters(2, 1.0)], [CavityMode(9.0)], drive=0.1), "inverted", "driven"),
    ],
)
def test_refusals(system, initial, words):
    with pytest.raises(InputError, match=words):
        evolve(system, [0.0, 1.0], initial=initial, method=LADDER)


def test_stationary_light_is_refused():
    for question in (lambda s: spectrum(s, method=LADDER), lambda s: steady_state(s, method=LADDER)):
        with pytest.raises(InputError, match="Exact"):
            question(microclock(3))


def test_files_keep_the_result(tmp_path):
    from atomcavity.results import load

    found = evolve(microclock(5), [0.0, 0.1], method=LADDER)
    again = load(found.save(tmp_path / "pulse.nc"))
    assert np.array_equal(again.populations, found.populations)
    assert "LadderEvolution" in str(again)
