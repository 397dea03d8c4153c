"""What must not change: gauges, groupings, rotations of modes; and what is conserved."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Emitters,
    Exact,
    Jumps,
    LevelScheme,
    evolve,
    spectrum,
    steady_state,
)
from atomcavity.errors import InputError

rates = st.floats(0.1, 2.0)
phases = st.floats(0, 2 * np.pi)


def _phase(x):
    return complex(np.exp(1j * x))


@settings(max_examples=25, deadline=None)
@given(g=rates, gamma=rates, pump=rates, kappa=rates, detuning=st.floats(-2, 2), number=st.integers(1, 4))
def test_conservation(g, gamma, pump, kappa, detuning, number):
    kappa += pump * number / 4  # keep the photon number small
    system = CavitySystem(
        [Emitters(number, g, gamma, pump_rate=pump, detuning=detuning)], [CavityMode(kappa)]
    )
    state = steady_state(system)
    assert state.flow_in == pytest.approx(state.flow_out, rel=1e-6)
    assert state.flow_in == pytest.approx(number * pump * (1 - state.excited_population[0]))
    assert state.photon_distribution.min() > -1e-12
    assert state.photon_distribution.sum() == pytest.approx(1.0)
    assert state.populations.sum() == pytest.approx(1.0)
    n = np.arange(state.photon_distribution.shape[1])
    assert state.photon_distribution[0] @ n == pytest.approx(state.photon_number[0])
    assert state.photon_distribution[0] @ (n * (n - 1)) == pytest.approx(
        state.g2[0] * state.photon_number[0] ** 2, abs=1e-9
    )
    assert state.record.neglected < 1e-8


@settings(max_examples=15, deadline=None)
@given(a=phases, b=phases, c=phases, pump=rates, dephasing=rates)
def test_local_phases_change_only_correlations_between_emitters(a, b, c, pump, dephasing):
    def system(*angles):
        atoms = [
            Emitters(1, (0.7 * _phase(x), 0.4j * _phase(x)), 0.5, pump_rate=pump, dephasing_rate=dephasing)
            for x in angles
        ]
        return CavitySystem(atoms, [CavityMode(1.5), CavityMode(1.5)])

    plain, turned = steady_state(system(0, 0, 0)), steady_state(system(a, b, c))
    np.testing.assert_allclose(turned.photon_number, plain.photon_number, rtol=1e-9)
    np.testing.assert_allclose(turned.mode_correlation, plain.mode_correlation, atol=1e-10)
    angle = np.exp(-1j * (np.array([a, b, c])[:, None] - np.array([a, b, c])))
    off = ~np.eye(3, dtype=bool)
    np.testing.assert_allclose(
        turned.emitter_correlation[off], (plain.emitter_correlation * angle)[off], atol=1e-10
    )


def test_one_group_of_three_equals_three_groups_of_one():
    """A detuning of 1e-10 keeps the groups apart without changing the physics."""
    parts = [Emitters(1, 0.9, 0.3, pump_rate=0.8, detuning=k * 1e-10) for k in range(3)]
    together = CavitySystem([Emitters(3, 0.9, 0.3, pump_rate=0.8)], [CavityMode(2.0)])
    apart = CavitySystem(parts, [CavityMode(2.0)])
    exact = Exact(photons=5)
    one, three = steady_state(together, method=exact), steady_state(apart, method=exact)
    assert three.photon_number[0] == pytest.approx(one.photon_number[0], rel=1e-8)
    assert three.g2[0] == pytest.approx(one.g2[0], rel=1e-8)
    assert three.emitter_correlation[0, 2] == pytest.approx(one.emitter_correlation[0, 0], abs=1e-9)
    grid = np.linspace(-3, 3, 5)
    np.testing.assert_allclose(
        spectrum(apart, grid, method=exact).density,
        spectrum(together, grid, method=exact).density,
        rtol=1e-7,
    )
    times = np.linspace(0, 2, 4)
    np.testing.assert_allclose(
        evolve(apart, times, method=exact).photon_number,
        evolve(together, times, method=exact).photon_number,
        atol=1e-8,
    )


def test_bright_modes_equal_the_full_set_of_modes():
    """kappa different by 1e-10 prevents the reduction to bright modes."""
    atoms = [Emitters(2, (0.6, 0.6j), 0.3, pump_rate=0.5)]
    reduced = CavitySystem(atoms, [CavityMode(1.5), CavityMode(1.5)])
    full = CavitySystem(atoms, [CavityMode(1.5), CavityMode(1.5 * (1 + 1e-10))])
    exact = Exact(photons=6)
    a, b = steady_state(reduced, method=exact), steady_state(full, method=exact)
    np.testing.assert_allclose(a.mode_correlation, b.mode_correlation, atol=1e-9)
    np.testing.assert_allclose(a.g2, b.g2, rtol=1e-8)
    np.testing.assert_allclose(a.photon_distribution, b.photon_distribution, atol=1e-9)


def test_opposite_phases_in_two_modes_stay_real_and_agree_with_the_mirror_image():
    def system(sign):
        atoms = [
            Emitters(1, (0.8 * _phase(sign * x), 0.8 * _phase(-sign * x)), 0.3, pump_rate=0.5)
            for x in (0.0, 0.4)
        ]
        return CavitySystem(atoms, [CavityMode(1.5)] * 2)

    plus, minus = steady_state(system(1)), steady_state(system(-1))
    np.testing.assert_allclose(plus.photon_number, minus.photon_number[::-1], rtol=1e-9)
    assert plus.emitter_correlation[0, 1] == pytest.approx(minus.emitter_correlation[0, 1], abs=1e-10)
    np.testing.assert_allclose(plus.photon_distribution, minus.photon_distribution[::-1], atol=1e-10)


def test_two_levels_by_hand_equal_the_built_in_ones():
    by_hand = LevelScheme(
        ("down", "up"),
        couplings={("down", "up"): (0.7 - 0.2j,)},
        decays={("up", "down"): 0.4, ("down", "up"): 0.9},
        energies={"up": 0.5},
        dephasing={"up": 0.1},
    )
    mode = [CavityMode(1.2, detuning=-0.1)]
    a = steady_state(CavitySystem([Emitters(2, levels=by_hand)], mode))
    atoms = Emitters(2, 0.7 - 0.2j, 0.4, pump_rate=0.9, dephasing_rate=0.1, detuning=0.5)
    b = steady_state(CavitySystem([atoms], mode))
    assert a.photon_number[0] == pytest.approx(b.photon_number[0], rel=1e-12)
    assert a.excited_population[0] == pytest.approx(b.excited_population[0], rel=1e-12)
    assert a.flow_out == pytest.approx(b.flow_out, rel=1e-12)


def test_the_cut_off_is_reported_when_it_bites():
    system = CavitySystem([Emitters(2, 1.0, 0.1, pump_rate=2.0)], [CavityMode(0.5)])
    state = steady_state(system, method=Exact(photons=3))
    assert state.record.neglected > 1e-3
    assert "cut-off" in state.warnings[0]
    assert not steady_state(system).warnings


def test_dark_and_undamped_systems():
    empty = steady_state(CavitySystem([Emitters(3, 1.0, 0.1)], [CavityMode(0.5)]))
    assert empty.photon_number[0] == pytest.approx(0.0, abs=1e-15)
    assert empty.excited_population[0] == pytest.approx(0.0, abs=1e-15)
    assert spectrum(CavitySystem([Emitters(1, 1.0, 0.1)], [CavityMode(0.5)])).warnings
    with pytest.raises(InputError, match="not unique"):
        steady_state(CavitySystem([Emitters(2, 1.0)], [CavityMode(0.5)]))


def test_driving_a_coupled_transition_is_refused_by_jumps():
    scheme = LevelScheme(
        ("g", "e"), couplings={("g", "e"): (1.0,)}, drives={("g", "e"): 0.1}, decays={("e", "g"): 1.0}
    )
    with pytest.raises(InputError, match=r"not conserved.*Exact\(\)"):
        steady_state(CavitySystem([Emitters(1, levels=scheme)], [CavityMode(1.0)]), method=Jumps(3))


@settings(max_examples=10, deadline=None)
@given(number=st.integers(1, 2), g=rates, gamma=rates, pump=rates, kappa=rates)
def test_the_spectrum_integrates_to_the_photon_number(number, g, gamma, pump, kappa):
    system = CavitySystem([Emitters(number, g, gamma, pump_rate=pump)], [CavityMode(kappa + pump / 2)])
    photons = steady_state(system).photon_number[0]
    ours = spectrum(system)
    if number == 1:  # all poles are reported
        assert ours.weights.sum().real == pytest.approx(photons, rel=1e-6)
    wide = np.tan(np.linspace(-1, 1, 4001)[1:-1] * np.pi / 2)
    density = spectrum(system, wide).density
    assert np.trapezoid(density, wide) / (2 * np.pi) == pytest.approx(photons, rel=2e-3)
