"""Second-order moments: published numbers, limits, conservation, symmetries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Cumulants,
    Emitters,
    Exact,
    LevelScheme,
    Preparation,
    correlation,
    evolve,
    spectrum,
    steady_state,
)
from atomcavity.dynamics.cumulants.answers import cumulants_correlation, cumulants_spectrum
from atomcavity.errors import InputError

KEPT, ELIMINATED = Cumulants(), Cumulants(cavity="eliminated")
BOTH = pytest.mark.parametrize("method", [KEPT, ELIMINATED], ids=["kept", "eliminated"])


def superradiant(number: int, kappa: float = 4e5) -> tuple[CavitySystem, float]:
    """N emitters in a very bad cavity with the pump N Gamma/2, and Gamma = 4 g^2/kappa."""
    rate = 4 / kappa
    atoms = Emitters(number, 1.0, gamma=0.01 * rate, pump_rate=number * rate / 2)
    return CavitySystem([atoms], [CavityMode(kappa)]), rate


@pytest.mark.parametrize(
    ("number", "eliminated", "kept", "width_eliminated", "width_kept"),
    [
        (8, 0.159494, 0.173299, 2.500, 1.582),
        (16, 0.141818, 0.153640, 2.546, 1.871),
        (32, 0.133097, 0.141163, 2.542, 2.107),
        (48, 0.130293, 0.136325, 2.534, 2.214),
    ],
)
def test_collective_power_and_regression_width(number, eliminated, kept, width_eliminated, width_kept):
    """Independent solution of the one-group equations, pump N Gamma/2, natural decay 0.01 Gamma."""
    system, rate = superradiant(number)
    for method, power, width in ((ELIMINATED, eliminated, width_eliminated), (KEPT, kept, width_kept)):
        state = steady_state(system, method=method)
        found = state.photon_number[0] * system.modes[0].kappa / rate / number**2
        assert found == pytest.approx(power, abs=1.5e-6)
        light = cumulants_spectrum(system, method, None, 0, None)
        assert light.full_width[0] / rate == pytest.approx(width, abs=6e-4)
        assert "Linearised()" in light.warnings[-1]


@pytest.mark.parametrize("xi", [0.0, 0.6])
@pytest.mark.parametrize("s", [0.2, 0.5])
@BOTH
def test_width_of_many_emitters_is_that_of_a_gaussian_field(method, xi, s):
    """(1 + xi)(1 + s)/(1 - s) - s in units of 4 g^2/kappa, where the inversion is s = (1 + xi) w/(N 4 g^2/kappa)."""
    number, kappa = 10**6, 1e9
    rate = 4 / kappa
    pump = s * number * rate / (1 + xi)
    atoms = Emitters(number, 1.0, pump_rate=pump, dephasing_rate=xi * pump / 2)
    light = spectrum(CavitySystem([atoms], [CavityMode(kappa)]), method=method)
    assert -2 * light.poles[0].real / rate == pytest.approx((1 + xi) * (1 + s) / (1 - s) - s, rel=1e-4)


@pytest.mark.parametrize(
    ("pump", "power", "width"),
    [(10.0, 1.410e-12, 0.281379), (100.0, 1.323e-11, 0.255808), (1000.0, 4.439e-11, 1.09486)],
)
def test_clock_laser_of_meiser_and_others(pump, power, width):
    """10^6 strontium atoms, vacuum Rabi frequency 37/s, kappa = 9.4e5/s (PRL 102, 163601)."""
    atoms = Emitters(10**6, 37 / 2, gamma=0.01, pump_rate=pump, dephasing_rate=1.0)
    system = CavitySystem([atoms], [CavityMode(9.4e5)])
    state = steady_state(system, method=KEPT)
    quantum = 6.62607015e-34 * 299792458 / 698.4e-9
    assert state.photon_number[0] * 9.4e5 * quantum == pytest.approx(power, rel=2e-3)
    light = spectrum(system, method=KEPT)
    assert light.full_width[0] / (2e-3 * np.pi) == pytest.approx(width, rel=1e-5)


@BOTH
def test_emitters_outside_the_modes_are_exact(method):
    idle = Emitters(5, 0.0, gamma=0.3, pump_rate=0.7, dephasing_rate=0.2, detuning=3.0)
    system = CavitySystem([idle], [CavityMode(2.0)])
    state = steady_state(system, method=method)
    assert state.excited_population == pytest.approx([0.7], rel=1e-13)
    assert state.photon_number[0] == 0
    t = np.linspace(0, 5, 7)
    run = evolve(system, t, method=method)
    np.testing.assert_allclose(run.excited_population[0], 0.7 + 0.3 * np.exp(-t), rtol=1e-7)


def test_one_weakly_pumped_emitter_is_exact():
    errors = []
    for pump in (1e-3, 1e-4):
        atom = Emitters(1, 0.8, gamma=0.5, pump_rate=pump, dephasing_rate=0.1, detuning=0.7)
        system = CavitySystem([atom], [CavityMode(1.0)])
        ours, exact = (steady_state(system, method=m) for m in (KEPT, Exact()))
        errors.append(abs(ours.photon_number[0] / exact.photon_number[0] - 1))
        wide = np.linspace(-4, 4, 41)
        a, b = (spectrum(system, wide, method=m).density for m in (KEPT, Exact()))
        assert np.abs(a / b - 1).max() < 30 * pump
    assert errors[0] < 3e-3
    assert errors[1] == pytest.approx(errors[0] / 10, rel=0.1)


def test_many_emitters_in_a_weakly_pumped_cavity_with_two_modes():
    """Below saturation the equations are linear: exact for unequal couplings, detunings and coupled modes."""
    groups = [
        Emitters(2, (0.5, 0.3j), gamma=1.0, pump_rate=1e-5, detuning=0.4),
        Emitters(1, (0.2 - 0.4j, 0.6), gamma=1.2, pump_rate=2e-5, dephasing_rate=0.2, detuning=-0.8),
    ]
    modes = [CavityMode(0.8, detuning=0.3), CavityMode(1.5)]
    system = CavitySystem(groups, modes, mode_coupling=[[0, 0.3 + 0.2j], [0.3 - 0.2j, 0]])
    ours, exact = steady_state(system, method=KEPT), steady_state(system, method=Exact(photons=2))
    np.testing.assert_allclose(ours.mode_correlation, exact.mode_correlation, rtol=2e-4)
    np.testing.assert_allclose(ours.excited_population, exact.excited_population, rtol=2e-4)
    known = ~np.isnan(exact.emitter_correlation)
    np.testing.assert_array_equal(known, ~np.isnan(ours.emitter_correlation))
    np.testing.assert_allclose(
        ours.emitter_correlation[known], exact.emitter_correlation[known], rtol=1e-3, atol=1e-10
    )
    t = np.linspace(0, 6, 5)
    for i, j in ((0, 0), (0, 1)):
        a = correlation(system, t, mode=i, other=j, method=KEPT)
        b = correlation(system, t, mode=i, other=j, method=Exact(photons=2))
        np.testing.assert_allclose(a.value, b.value, rtol=1e-3, atol=1e-3 * abs(b.value[0]))


numbers = st.one_of(st.just(0j), st.complex_numbers(min_magnitude=1e-20, max_magnitude=2))
positive = st.floats(0.05, 2)


@st.composite
def systems(draw, modes=2):
    count = draw(st.integers(1, modes))
    groups = [
        Emitters(
            draw(st.integers(1, 40)),
            tuple(draw(numbers) for _ in range(count)),
            gamma=draw(positive),
            pump_rate=draw(positive),
            dephasing_rate=draw(st.floats(0, 1)),
            detuning=draw(st.floats(-2, 2)),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    hop = draw(numbers)
    coupling = [[0, hop], [np.conj(hop), 0]] if count == 2 else None
    cavities = [CavityMode(draw(st.floats(1, 20)), detuning=draw(st.floats(-2, 2))) for _ in range(count)]
    return CavitySystem(groups, cavities, mode_coupling=coupling)


@given(system=systems(), method=st.sampled_from([KEPT, ELIMINATED]))
@settings(max_examples=40, deadline=None)
def test_what_goes_in_comes_out_and_the_moments_are_physical(system, method):
    state = steady_state(system, method=method)
    assert state.flow_in == pytest.approx(state.flow_out, rel=1e-8)
    assert np.all((state.excited_population >= 0) & (state.excited_population <= 1))
    np.testing.assert_allclose(state.mode_correlation, state.mode_correlation.conj().T, atol=1e-8)
    assert np.isnan(state.g2).all()
    light = spectrum(system, method=method)
    assert np.sum(light.weights).real == pytest.approx(state.photon_number[0], rel=1e-6, abs=1e-12)
    assert light.poles.real.max(initial=-1.0) < 0 or any("unstable" in w for w in state.warnings)


@given(system=systems(), method=st.sampled_from([KEPT, ELIMINATED]), angle=st.floats(-3, 3))
@settings(max_examples=20, deadline=None)
def test_order_names_and_phases_of_groups_do_not_matter(system, method, angle):
    groups = list(system.emitters)
    a = steady_state(system, method=method)
    turned = [
        Emitters(
            e.number,
            tuple(g * np.exp(1j * angle * k) for g in e.g_modes),
            e.gamma,
            e.pump_rate,
            e.dephasing_rate,
            e.detuning,
        )
        for k, e in enumerate(groups)
    ]
    order = np.arange(len(groups))[::-1]
    other = CavitySystem([turned[k] for k in order], system.modes, mode_coupling=system.mode_coupling)
    b = steady_state(other, method=method)
    np.testing.assert_allclose(b.mode_correlation, a.mode_correlation, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(b.excited_population[order], a.excited_population, rtol=1e-8)
    phase = np.exp(-1j * angle * (order[:, None] - order[None, :]))
    expected = phase * a.emitter_correlation[np.ix_(order, order)]
    np.testing.assert_allclose(b.emitter_correlation, expected, rtol=1e-6, atol=1e-10)


@BOTH
def test_halves_of_a_group_are_the_group(method):
    whole = [Emitters(40, 0.3j, 0.1, 1.0, detuning=0.2), Emitters(20, 0.5, 0.1, 0.7)]
    parts = [Emitters(15, 0.3, 0.1, 1.0, detuning=0.2), Emitters(25, 0.3, 0.1, 1.0, detuning=0.2), whole[1]]
    a, b = (steady_state(CavitySystem(e, [CavityMode(9.0)]), method=method) for e in (whole, parts))
    assert b.photon_number[0] == pytest.approx(a.photon_number[0], rel=1e-10)
    assert b.emitter_correlation[0, 1] == pytest.approx(a.emitter_correlation[0, 0], rel=1e-9)
    # and nearly equal ones, which are not merged, are nearly the group
    parts[1] = Emitters(25, 0.3, 0.1, 1.0, detuning=0.2 + 1e-6)
    c = steady_state(CavitySystem(parts, [CavityMode(9.0)]), method=method)
    assert c.photon_number[0] == pytest.approx(a.photon_number[0], rel=1e-5)
    assert c.emitter_correlation[0, 1] == pytest.approx(a.emitter_correlation[0, 0], rel=1e-4)


def test_nested_roots_and_newton_agree():
    """Resonant groups of equal linewidth, and the same ones detuned by almost nothing."""
    rng = np.random.default_rng(3)
    pumps = rng.uniform(0.5, 1.0, 12)

    def system(shift: float) -> CavitySystem:
        groups = [
            Emitters(50, 0.1 * np.exp(1j * k) * (1 + k / 6), 1.2 - p, p, 0.1, detuning=shift * (k - 6))
            for k, p in enumerate(pumps)
        ]
        return CavitySystem(groups, [CavityMode(7.0)])

    nested, newton = (steady_state(system(shift), method=KEPT) for shift in (0.0, 1e-7))
    assert "nested" in nested.record.reason
    assert "Newton" in newton.record.reason
    assert newton.photon_number == pytest.approx(nested.photon_number, rel=1e-9)
    np.testing.assert_allclose(newton.excited_population, nested.excited_population, rtol=1e-9)
    np.testing.assert_allclose(newton.emitter_correlation, nested.emitter_correlation, rtol=1e-5)


def test_modes_that_share_one_bright_combination_are_one_mode():
    pair = [Emitters(30, (0.3, 0.4j), 0.1, 0.8)]
    one = [Emitters(30, 0.5, 0.1, 0.8)]
    a = steady_state(CavitySystem(pair, [CavityMode(6.0)] * 2), method=KEPT)
    b = steady_state(CavitySystem(one, [CavityMode(6.0)]), method=KEPT)
    assert "nested" in a.record.reason
    assert a.photon_number == pytest.approx(b.photon_number[0] * np.array([0.36, 0.64]))
    coupled = CavitySystem(pair, [CavityMode(6.0)] * 2, mode_coupling=[[0, 1e-9], [1e-9, 0]])
    c = steady_state(coupled, method=KEPT)
    assert "Newton" in c.record.reason
    np.testing.assert_allclose(c.mode_correlation, a.mode_correlation, rtol=1e-7)


@pytest.mark.parametrize("unit", [1e-3, 1e9])
@BOTH
def test_units_do_not_matter(method, unit):
    def system(u: float) -> CavitySystem:
        groups = [Emitters(30, 0.3 * u, 0.1 * u, 0.7 * u, 0.05 * u, detuning=d * u) for d in (0.0, 0.6)]
        return CavitySystem(groups, [CavityMode(8.0 * u, detuning=0.3 * u)])

    a, b = steady_state(system(1.0), method=method), steady_state(system(unit), method=method)
    assert b.photon_number[0] == pytest.approx(a.photon_number[0], rel=1e-9)
    t = np.linspace(0, 9, 5)
    c, d = evolve(system(1.0), t, method=method), evolve(system(unit), t / unit, method=method)
    np.testing.assert_allclose(d.photon_number, c.photon_number, rtol=1e-6)
    e, f = spectrum(system(1.0), method=method), spectrum(system(unit), method=method)
    first, second = (np.array(sorted(p, key=lambda z: z.imag)) for p in (e.poles, f.poles / unit))
    np.testing.assert_allclose(second, first, rtol=1e-7)


@BOTH
def test_the_evolution_ends_in_the_stationary_state(method):
    groups = [
        Emitters(300, 0.05j, 0.01, 1.0, detuning=0.5),
        Emitters(200, 0.08, 0.3, 0.8, 0.1, detuning=-0.4),
        Emitters(100, 0.02, 1.0, 0.0),
    ]
    system = CavitySystem(groups, [CavityMode(5.0, detuning=0.1)])
    run = evolve(system, [0.0, 1.0, 80.0], initial="ground", method=method)
    state = steady_state(system, method=method)
    assert run.photon_number[0, -1] == pytest.approx(state.photon_number[0], rel=1e-6)
    np.testing.assert_allclose(run.excited_population[:, -1], state.excited_population, rtol=1e-6)
    np.testing.assert_allclose(run.emitter_correlation[..., -1], state.emitter_correlation, rtol=1e-5)


def test_superpositions_emit_with_their_phases():
    """Weakly excited emitters are classical dipoles: superradiant with the mode's phases, dark against them."""
    groups = [Emitters(10, 1.0), Emitters(10, -1.0)]
    system = CavitySystem(groups, [CavityMode(400.0)])
    t = np.linspace(0, 0.5, 6)
    run = evolve(system, t, initial=Preparation.pulse(0.02, (0.0, np.pi)), method=ELIMINATED)
    expected = np.sin(0.01) ** 2 * np.exp(-20 * 4 / 400 * t)
    np.testing.assert_allclose(run.excited_population[0], expected, rtol=2e-3)
    assert np.isnan(run.amplitude).all()
    assert any("common" in w for w in run.warnings)
    dark = evolve(system, t, initial=Preparation.pulse(0.02), method=ELIMINATED)
    assert dark.photon_number[0, -1] < 1e-3 * run.photon_number[0, 0]


def test_a_superradiant_pulse_is_about_27_percent_off():
    """Against the death chain of the Dicke ladder, rates Gamma n (N - n + 1)."""
    from scipy.linalg import expm

    number, kappa = 400, 1e6
    rate = 4 / kappa
    t = np.linspace(0, 2 * np.log(number) / number, 60) / rate
    system = CavitySystem([Emitters(number, 1.0)], [CavityMode(kappa)])
    run = evolve(system, t, method=ELIMINATED)
    n = np.arange(number + 1)
    death = n * (number - n + 1.0) * rate
    chain = np.diag(death[1:], 1) - np.diag(death)
    p, step = np.eye(number + 1)[-1], expm(chain * t[1])
    exact = []
    for _ in t:
        exact.append(death @ p)
        p = step @ p
    error = run.photon_number[0].max() * kappa / max(exact) - 1
    assert 0.22 < error < 0.32
    assert any("superradiant pulse" in w for w in run.warnings)
    total = np.trapezoid(run.photon_number[0] * kappa, t)
    assert total + number * run.excited_population[0, -1] == pytest.approx(number, rel=1e-2)


def test_g1_of_a_passive_thermal_cavity_mode():
    """Far below saturation, emitters much broader than the mode: the field is Gaussian of the cold width."""
    atoms = Emitters(100, 0.01, gamma=60.0, pump_rate=40.0)
    system = CavitySystem([atoms], [CavityMode(1.0, detuning=0.5)])
    t = np.linspace(0, 4, 9)
    found = cumulants_correlation(system, KEPT, t, 1, 0, 0, None)
    gain = 100 * 1e-4 * (-0.2) / 50
    later = found.normalised[1:] / found.normalised[1]
    np.testing.assert_allclose(later, np.exp((0.5j - 0.5 + gain) * (t[1:] - t[1])), rtol=2e-3)
    assert not found.warnings


@pytest.mark.parametrize("method", [KEPT, ELIMINATED])
def test_what_moments_do_not_know_is_refused_by_the_name_of_a_method_that_does(method):
    system, _ = superradiant(8)
    with pytest.raises(InputError, match=r"Jumps\(\)"):
        correlation(system, [0.0], order=2, method=method)
    with pytest.raises(InputError, match="TruncatedWigner"):
        spectrum(system, initial="inverted", method=method)
    driven = CavitySystem(system.emitters, system.modes, drive=1.0)
    with pytest.raises(InputError, match=r"MeanField\(\)"):
        steady_state(driven, method=method)
    three = LevelScheme(("a", "b", "c"), {("a", "b"): (1.0,)}, decays={("b", "c"): 1.0})
    with pytest.raises(InputError, match="level scheme"):
        steady_state(CavitySystem([Emitters(2, levels=three)], system.modes), method=method)
    with pytest.raises(InputError, match="for ever"):
        steady_state(CavitySystem([Emitters(2, 1.0)], system.modes), method=method)


def test_many_groups():
    rng = np.random.default_rng(0)
    g = rng.uniform(0.5, 1.5, 10_000)
    atoms = [Emitters(1, x, 0.01, 100.0) for x in g]
    state = steady_state(CavitySystem(atoms, [CavityMode(1e5)]), method=KEPT)
    assert state.flow_in == pytest.approx(state.flow_out, rel=1e-9)
    assert np.isnan(state.emitter_correlation[0, 1])
    assert any("3000" in w for w in state.warnings)
    # the same with the couplings in 60 bins
    bins = np.digitize(g, np.linspace(0.5, 1.5, 61)) - 1
    few = [
        Emitters(int(np.sum(bins == k)), float(np.sqrt(np.mean(g[bins == k] ** 2))), 0.01, 100.0)
        for k in np.unique(bins)
    ]
    grouped = steady_state(CavitySystem(few, [CavityMode(1e5)]), method=KEPT)
    assert grouped.photon_number[0] == pytest.approx(state.photon_number[0], rel=1e-3)
