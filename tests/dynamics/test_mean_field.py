"""Mean field: closed forms of lasers and bistable cavities, balance, symmetry, units."""

from __future__ import annotations

from math import pi, tau

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Cumulants,
    Emitters,
    Exact,
    LevelScheme,
    MeanField,
    Preparation,
    branches,
    evolve,
    steady_state,
)
from atomcavity.errors import InputError
from atomcavity.results import load

rate = st.floats(0.1, 10)
part = st.floats(-1, 1)


@given(
    above=st.floats(1.05, 20),
    g=rate,
    kappa=rate,
    gamma=st.floats(0, 3),
    dephasing=st.floats(0, 3),
    offset=part,
    shift=part,
)
@settings(max_examples=30, deadline=None)
def test_identical_detuned_emitters(above, g, kappa, gamma, dephasing, offset, shift):
    """One group: the frequency is pulled to the mean weighted with the other's width; z is clamped at the loss."""
    pump = gamma + 2.0
    perp = (gamma + pump) / 2 + dephasing
    delta = shift - offset
    detuned = delta * perp / (kappa / 2 + perp)  # emitter minus light
    z0 = (pump - gamma) / (pump + gamma)
    number = int(np.ceil(above * kappa / 2 * (perp**2 + detuned**2) / (perp * g**2 * z0)))
    system = CavitySystem(
        [Emitters(number, g * np.exp(1j), gamma, pump, dephasing, detuning=shift)],
        [CavityMode(kappa, detuning=offset)],
    )
    found = branches(system)
    assert list(found.labels) == ["dark", "lasing"]
    assert list(found.stable[:1]) == [False]
    nu = (shift * kappa / 2 + offset * perp) / (kappa / 2 + perp)
    assert found.lasing_frequency[1, 0] == pytest.approx(nu, abs=1e-8)
    z = kappa / 2 * (perp**2 + detuned**2) / (number * g**2 * perp)
    assert 2 * found.excited_population[1, 0] - 1 == pytest.approx(z, rel=1e-8)
    photons = number * (pump - gamma - (pump + gamma) * z) / 2 / kappa
    assert found.photon_number[1, 0] == pytest.approx(photons, rel=1e-6)
    assert found.residual.max() < 1e-10


@given(xi=st.floats(0, 2), gamma=st.floats(0.01, 0.3))
@settings(max_examples=10, deadline=None)
def test_both_thresholds_of_a_superradiant_laser(xi, gamma):
    """N (4 g^2/kappa) (w - gamma)/(w + gamma) = w + gamma + 2 dephasing: a quadratic in w."""
    number, g, kappa, pump, dephasing = 1000, 1.0, 1000.0, 1.0, 0.2 * xi
    found = branches(CavitySystem([Emitters(number, g, gamma, pump, dephasing)], [CavityMode(kappa)]))
    collective = number * 4 * g**2 / kappa
    w = Polynomial([0, 1])
    equation = collective * (w - gamma) - (w + gamma) * (w + gamma + 2 * dephasing)
    lower, upper = sorted(equation.roots())
    assert found.lower_threshold == pytest.approx(lower / pump, rel=1e-8)
    assert found.upper_threshold == pytest.approx(upper / pump, rel=1e-8)
    beyond = CavitySystem([Emitters(number, g, gamma, 1.001 * upper, dephasing)], [CavityMode(kappa)])
    below = CavitySystem([Emitters(number, g, gamma, 0.999 * upper, dephasing)], [CavityMode(kappa)])
    assert list(branches(beyond).labels) == ["dark"]
    assert list(branches(below).labels) == ["dark", "lasing"]


@pytest.mark.parametrize("cooperativity", [3.0, 6.0, 20.0])
def test_absorptive_bistability(cooperativity):
    """y = x + 2 C x/(1 + x^2) with x^2 = n/n_sat, y = 2 |eta|/(kappa sqrt(n_sat)); bistable for C > 4."""
    number, kappa, gamma = 500, 10.0, 1.0
    g = np.sqrt(cooperativity * kappa * gamma / (2 * number))
    saturation = gamma**2 / (8 * g**2)
    counts = set()
    for y in np.linspace(0.3, 2.2 * np.sqrt(2 * cooperativity) + 3, 24):
        eta = y * kappa * np.sqrt(saturation) / 2
        system = CavitySystem([Emitters(number, g, gamma)], [CavityMode(kappa)], drive=eta * np.exp(0.7j))
        found = branches(system)
        cubic = Polynomial([-y, 1 + 2 * cooperativity, -y, 1]).roots()
        x = np.sort(cubic[np.abs(cubic.imag) < 1e-7].real)
        np.testing.assert_allclose(np.sqrt(found.photon_number[:, 0] / saturation), x, rtol=1e-7)
        counts.add(len(x))
        if len(x) == 3:
            assert list(found.labels) == ["lower", "middle", "upper"]
            assert list(found.stable) == [True, False, True]
            assert not found.lasing_frequency.any()
            with pytest.raises(InputError, match=r"'lower', 'upper' are all stable .*MeanField\(branch="):
                steady_state(system, method=MeanField())
            state = steady_state(system, method=MeanField(branch="upper"))
            assert np.sqrt(state.photon_number[0] / saturation) == pytest.approx(x[2])
    assert counts == ({1, 3} if cooperativity > 4 else {1})


@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_dispersive_states_solve_the_state_equation(data):
    number, g, kappa, gamma = 400, 0.5, 5.0, 1.0
    shift, offset = data.draw(st.floats(-20, 20)), data.draw(st.floats(-20, 20))
    eta = data.draw(st.floats(1, 200))
    system = CavitySystem(
        [Emitters(number, g, gamma, detuning=shift)], [CavityMode(kappa, detuning=offset)], drive=eta
    )
    found = branches(system)
    n = found.photon_number[:, 0]
    bottom = gamma**2 / 4 + shift**2 + 2 * g**2 * n
    loss = kappa / 2 + 1j * offset + number * g**2 * (gamma / 2 - 1j * shift) / bottom
    np.testing.assert_allclose(n * np.abs(loss) ** 2, eta**2, rtol=1e-7)
    assert len(n) in (1, 3)
    assert found.stable[0] or found.stable[-1] or len(found.warnings)


def _random_laser(data, groups=3, **keywords):
    emitters = [
        Emitters(
            data.draw(st.integers(50, 200)),
            data.draw(st.complex_numbers(min_magnitude=0.3, max_magnitude=2, allow_nan=False)),
            0.1,
            data.draw(st.floats(1, 4)),
            data.draw(st.floats(0, 1)),
            detuning=data.draw(part),
        )
        for _ in range(groups)
    ]
    return CavitySystem(emitters, [CavityMode(data.draw(st.floats(5, 30)), **keywords)])


@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_what_is_pumped_in_comes_out(data):
    system = _random_laser(data)
    found = branches(system)
    for label in found.labels:
        state = steady_state(system, method=MeanField(branch=str(label)))
        assert state.flow_in == pytest.approx(state.flow_out, rel=1e-8)
    assert "lasing" in found.labels[-1]


@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_the_phase_of_g_does_not_matter_and_seconds_neither(data):
    system = _random_laser(data)
    found = branches(system)
    scale, turn = 1e7, np.exp(2j)
    other = CavitySystem(
        [
            Emitters(
                e.number,
                e.g_modes[0] * scale * turn,
                e.gamma * scale,
                e.pump_rate * scale,
                e.dephasing_rate * scale,
                e.detuning * scale,
            )
            for e in system.emitters
        ],
        [CavityMode(system.modes[0].kappa * scale)],
    )
    again = branches(other)
    np.testing.assert_array_equal(found.labels, again.labels)
    np.testing.assert_array_equal(found.stable, again.stable)
    np.testing.assert_allclose(again.photon_number, found.photon_number, rtol=1e-7)
    np.testing.assert_allclose(again.lasing_frequency, scale * found.lasing_frequency, rtol=1e-6, atol=1e-3)
    assert again.lower_threshold == pytest.approx(found.lower_threshold, rel=1e-6)


def test_a_saturable_absorber_makes_two_lasing_states():
    """Gain and absorber with a smaller saturation: dark and bright state are both stable, one between is not."""
    gain = Emitters(1000, 1.0, 1.0, 9.0)
    absorber = Emitters(90, 3.0, 1.0, dephasing_rate=4.5)
    system = CavitySystem([gain, absorber], [CavityMode(30.0)])
    found = branches(system)
    n = found.photon_number[1:, 0]

    def z(e, n):
        whole = e.gamma + e.pump_rate
        perp = whole / 2 + e.dephasing_rate
        return (e.pump_rate - e.gamma) / whole / (1 + 4 * n * abs(e.g_modes[0]) ** 2 / (whole * perp)) / perp

    balance = [sum(e.number * abs(e.g_modes[0]) ** 2 * z(e, x) for e in (gain, absorber)) for x in n]
    np.testing.assert_allclose(balance, 15.0, rtol=1e-7)
    assert list(found.labels) == ["dark", "lasing 1", "lasing 2"]
    assert list(found.stable) == [True, False, True]


def test_the_second_threshold_of_lorenz_and_haken():
    """Resonant bad cavity: unstable above r = sigma (sigma + b + 3)/(sigma - b - 1), sigma = kappa/2 over gamma_perp."""
    number, pump, sigma, b = 10_000, 2.0, 6.0, 2.0
    kappa = 2 * sigma * pump / b
    critical = sigma * (sigma + b + 3) / (sigma - b - 1)
    for factor, stable in ((0.99, True), (1.01, False)):
        g = np.sqrt(factor * critical * kappa / 2 * pump / b / number)
        found = branches(CavitySystem([Emitters(number, g, 0.0, pump)], [CavityMode(kappa)]))
        assert list(found.labels) == ["dark", "lasing"]
        assert bool(found.stable[1]) is stable
        assert any("unstable: the light pulses" in w for w in found.warnings) is not stable


def test_two_colours():
    """Two groups far apart in frequency, each of which alone would lase."""
    groups = [Emitters(400, 1.0, 0.1, 2.0, detuning=d) for d in (-15.0, 15.0)]
    found = branches(CavitySystem(groups, [CavityMode(100.0)]))
    nu = np.sort(found.lasing_frequency[1:, 0])
    assert nu == pytest.approx([-15, 15], abs=1.5)
    np.testing.assert_allclose(nu, -nu[::-1], atol=1e-6)
    assert not found.stable.any()  # next to one colour the other still has gain: they beat
    assert "beats" in found.warnings[0]


def test_two_modes_with_equal_phases_are_one():
    one = branches(CavitySystem([Emitters(300, np.sqrt(2), 0.1, 3.0)], [CavityMode(20.0)]))
    two = branches(CavitySystem([Emitters(300, (1.0, 1j), 0.1, 3.0)], [CavityMode(20.0)] * 2))
    np.testing.assert_allclose(two.photon_number.sum(axis=1), one.photon_number[:, 0], rtol=1e-8)
    np.testing.assert_allclose(two.photon_number[1], one.photon_number[1, 0] / 2, rtol=1e-8)
    assert two.upper_threshold == pytest.approx(one.upper_threshold)


def test_two_lasers_side_by_side():
    """Two groups, each with its own mode: two free phases, two frequencies, every combination of on and off."""
    groups = [
        Emitters(300, (1.0, 0.0), 0.1, 3.0, detuning=1.0),
        Emitters(300, (0.0, 1.2), 0.1, 3.0, detuning=-2.0),
    ]
    modes = [CavityMode(20.0), CavityMode(25.0)]
    found = branches(CavitySystem(groups, modes))
    alone = [
        branches(CavitySystem([Emitters(300, g, 0.1, 3.0, detuning=d)], [mode]))
        for g, d, mode in ((1.0, 1.0, modes[0]), (1.2, -2.0, modes[1]))
    ]
    assert len(found.labels) == 4
    assert list(found.stable) == [False, False, False, True]
    np.testing.assert_allclose(found.photon_number[3], [a.photon_number[1, 0] for a in alone], rtol=1e-7)
    np.testing.assert_allclose(
        found.lasing_frequency[3], [a.lasing_frequency[1, 0] for a in alone], rtol=1e-7
    )
    state = steady_state(CavitySystem(groups, modes), method=MeanField())
    assert state.mode_correlation[0, 1] == 0
    assert state.flow_in == pytest.approx(state.flow_out)


def test_a_drive_of_all_emitters_is_a_displaced_field():
    """Driving the mode by eta or the emitters by Omega = 2 g alpha_0, alpha_0 = -i eta/(kappa/2 + i Delta): the same."""
    g, kappa, offset, eta = 0.6, 10.0, 1.0, 75.0

    def groups(drive):
        return [Emitters(500, g, 1.0, detuning=0.3, drive=drive), Emitters(50, g / 2, 1.0, drive=drive / 2)]

    field = -1j * eta / (kappa / 2 + 1j * offset)
    modes = [CavityMode(kappa, detuning=offset)]
    a = branches(CavitySystem(groups(0.0), modes, drive=eta))
    b = branches(CavitySystem(groups(2 * g * field), modes))
    assert len(a.labels) == 3
    np.testing.assert_allclose(a.excited_population, b.excited_population[::-1], rtol=1e-7)
    np.testing.assert_allclose(a.amplitude, b.amplitude[::-1] + field, rtol=1e-7)


def test_two_bistable_cavities_have_nine_branches():
    """Each with lower, middle and upper branch: nine, four of them stable."""
    c, kappa, number = 20.0, 10.0, 500
    g = np.sqrt(c * kappa / (2 * number))
    eta = 15 * kappa / np.sqrt(8) / g / 2
    groups = [Emitters(number, (g, 0.0), 1.0), Emitters(number, (0.0, g), 1.0)]
    found = branches(CavitySystem(groups, [CavityMode(kappa)] * 2, drive=(eta, 1.1j * eta)))
    alone = [
        branches(CavitySystem([Emitters(number, g, 1.0)], [CavityMode(kappa)], drive=x * eta))
        for x in (1, 1.1)
    ]
    assert [len(a.labels) for a in alone] == [3, 3]
    assert len(found.labels) == 9
    assert found.stable.sum() == 4
    np.testing.assert_allclose(
        np.unique(np.round(found.photon_number[:, 1], 6)),
        np.round(alone[1].photon_number[:, 0], 6),
        rtol=1e-6,
    )


def test_a_continuous_family_is_listed_once():
    """Two supermodes, each with its own emitters: their relative phase is free, which no single mode shows."""
    groups = [Emitters(1000, (1.0, 1j), 0.1, 2.0), Emitters(1000, (1.0, -1j), 0.1, 2.0)]
    found = branches(CavitySystem(groups, [CavityMode(3.0)] * 2))
    alone = branches(CavitySystem([Emitters(1000, np.sqrt(2), 0.1, 2.0)], [CavityMode(3.0)]))
    assert len(found.labels) == 4
    assert found.photon_number[-1].sum() == pytest.approx(2 * alone.photon_number[1, 0])
    assert "continuous famil" in found.warnings[0]


def _three_level(number, pump, fast):
    return Emitters(
        number,
        levels=LevelScheme(
            levels=("g", "e", "p"),
            couplings={("g", "e"): (0.4 + 0.3j,)},
            decays={("g", "p"): pump, ("p", "e"): fast, ("e", "g"): 0.05},
        ),
    )


def test_a_fast_third_level_is_an_incoherent_pump():
    """Pumped through a level that decays at once: the two-level laser, to first order in pump/decay."""
    mode = [CavityMode(20.0)]
    two = branches(CavitySystem([Emitters(400, 0.5, 0.05, 1.0)], mode))
    misses = []
    for fast in (1e3, 1e4):
        three = branches(CavitySystem([_three_level(400, 1.0, fast)], mode))
        assert list(three.labels) == ["dark", "lasing"]
        misses.append(abs(three.photon_number[1, 0] / two.photon_number[1, 0] - 1))
        assert three.lower_threshold == pytest.approx(two.lower_threshold, rel=20 / fast)
    assert misses[1] < 0.12 * misses[0] < 0.12 * 3e-3


def test_a_two_level_scheme_is_two_levels():
    plain = Emitters(300, 1.0, 0.3, 2.0, 0.4, detuning=0.7)
    named = Emitters(300, levels=plain.scheme)
    mode = [CavityMode(12.0, detuning=-0.5)]
    a, b = branches(CavitySystem([plain], mode)), branches(CavitySystem([named], mode))
    for name in ("photon_number", "lasing_frequency", "growth_rate", "excited_population"):
        np.testing.assert_allclose(getattr(b, name), getattr(a, name), rtol=1e-7, atol=1e-12)
    mixed = branches(CavitySystem([plain, Emitters(300, levels=plain.scheme)], mode))
    double = branches(CavitySystem([Emitters(600, 1.0, 0.3, 2.0, 0.4, detuning=0.7)], mode))
    np.testing.assert_allclose(mixed.photon_number, double.photon_number, rtol=1e-7)


def test_a_driven_emitter_in_an_empty_cavity():
    """Resonance fluorescence: g so weak that the light does not act back; Bloch equations in closed form."""
    gamma, omega, delta, g, kappa = 1.0, 0.8, 0.3, 1e-5, 2.0
    state = steady_state(
        CavitySystem([Emitters(1, g, gamma, detuning=delta, drive=omega)], [CavityMode(kappa)]),
        method=MeanField(),
    )
    excited = omega**2 / 4 / (gamma**2 / 4 + delta**2 + omega**2 / 2)
    assert state.excited_population[0] == pytest.approx(excited, rel=1e-6)
    dipole = -1j * omega / 2 * (1 - 2 * excited) / (gamma / 2 + 1j * delta)
    assert state.amplitude[0] == pytest.approx(-1j * g * dipole / (kappa / 2), rel=1e-6)
    assert state.flow_in == pytest.approx(state.flow_out, rel=1e-8)


def test_exact_tends_to_mean_field():
    """N grows at a fixed saturation photon number a emitter: the exact photon number a emitter tends to mean field."""
    misses = []
    for number in (2, 4, 8):
        system = CavitySystem([Emitters(number, 2.0 / np.sqrt(number), 0.0, 2.0)], [CavityMode(2.0)])
        exact = steady_state(system, method=Exact())
        classical = steady_state(system, method=MeanField())
        misses.append(exact.photon_number[0] / classical.photon_number[0] - 1)
    assert abs(misses[0]) > abs(misses[1]) > abs(misses[2])
    assert abs(misses[2]) < 0.1


def test_an_evolution_arrives_at_the_branch():
    system = CavitySystem(
        [
            Emitters(200, 1.0, 0.1, 2.0, 0.3, detuning=0.5),
            Emitters(100, 0.5j, 0.1, 2.0, detuning=-1.0),
        ],
        [CavityMode(15.0)],
    )
    found = evolve(system, [0.0, 200.0, 400.0], initial=Preparation.pulse(0.9 * pi), method=MeanField())
    state = steady_state(system, method=MeanField())
    assert found.photon_number[0, -1] == pytest.approx(state.photon_number[0], rel=1e-5)
    np.testing.assert_allclose(found.excited_population[:, -1], state.excited_population, rtol=1e-5)
    assert found.warnings == ()


def test_a_pulse_is_a_pendulum():
    """Eliminated cavity, no other decay: d theta/dt = N Gamma_c/2 sin theta, a sech^2 pulse (Dicke, mean field)."""
    number, g, kappa, area = 1000, 1.0, 1e4, 0.99 * pi
    collective = 4 * g**2 / kappa
    delay = np.log(1 / np.tan((pi - area) / 2)) / (number * collective / 2)
    t = np.linspace(0, 4 * delay, 41)
    found = evolve(
        CavitySystem([Emitters(number, g)], [CavityMode(kappa)]),
        t,
        initial=Preparation.pulse(area),
        method=MeanField(),
    )
    z = -np.tanh(number * collective / 2 * (t - delay))
    np.testing.assert_allclose(found.inversion[0], z, atol=3e-3)
    # photons out + excitation left = excitation at the start
    fine = np.linspace(0, 8 * delay, 4001)
    light = evolve(
        CavitySystem([Emitters(number, g)], [CavityMode(kappa)]),
        fine,
        initial=Preparation.pulse(area),
        method=MeanField(),
    ).photon_number[0]
    emitted = kappa * np.trapezoid(light, fine)
    assert emitted == pytest.approx(number * np.sin(area / 2) ** 2, rel=1e-3)


def test_nothing_starts_the_pulse_of_inverted_emitters():
    system = CavitySystem([Emitters(100, 1.0)], [CavityMode(5.0)])
    found = evolve(system, [0.0, 10.0], method=MeanField())
    assert not found.photon_number.any()
    assert "Preparation.pulse" in found.warnings[0]
    lossy = CavitySystem([Emitters(1, 0.01, 1.0)], [CavityMode(5.0)])
    assert evolve(lossy, [0.0, 10.0], method=MeanField()).warnings == ()


def test_below_threshold_it_is_dark_and_says_so():
    state = steady_state(CavitySystem([Emitters(5, 0.1, 1.0, 0.5)], [CavityMode(5.0)]), method=MeanField())
    assert state.photon_number[0] == 0
    assert np.isnan(state.g2[0])
    assert "no spontaneous emission" in state.warnings[0]
    assert state.excited_population[0] == pytest.approx(1 / 3)


def test_refusals():
    trapped = CavitySystem([Emitters(5, 1.0)], [CavityMode(5.0)])
    with pytest.raises(InputError, match="no unique stationary state"):
        branches(trapped)
    laser = CavitySystem([Emitters(100, 1.0, 0.1, 2.0)], [CavityMode(5.0)])
    with pytest.raises(InputError, match=r"unknown branch 'lasin'.*did you mean 'lasing'"):
        steady_state(laser, method=MeanField(branch="lasin"))
    dark = steady_state(laser, method=MeanField(branch="dark"))
    assert any("unstable" in w for w in dark.warnings)


def test_result_prints_plots_and_lasts(tmp_path):
    import matplotlib

    matplotlib.use("Agg")
    system = CavitySystem([Emitters(100, tau * 1e6, tau * 1e4, 1e7)], [CavityMode(tau * 1e7)])
    found = branches(system)
    text = str(found)
    assert "lasing: photons" in text
    assert "lasing starts at" in text
    assert found.plot() is not None
    again = load(found.save(tmp_path / "branches.nc"))
    assert list(again.labels) == list(found.labels)
    np.testing.assert_array_equal(again.photon_number, found.photon_number)


def test_cumulants_agree_far_above_threshold():
    system = CavitySystem(
        [Emitters(20_000, 0.1, 0.1, 2.0, detuning=d) for d in (-0.2, 0.1)], [CavityMode(3.0)]
    )
    classical = steady_state(system, method=MeanField())
    moments = steady_state(system, method=Cumulants())
    assert moments.photon_number[0] == pytest.approx(classical.photon_number[0], rel=1e-3)
