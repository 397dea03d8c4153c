"""Extreme and impossible systems: closed forms at huge ratios of rates, one clear sentence elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Emitters,
    Exact,
    Jumps,
    LevelScheme,
    correlation,
    evolve,
    spectrum,
    steady_state,
)
from atomcavity.errors import InputError


@pytest.mark.parametrize("kappa", [1e6, 1e9, 1e12])
def test_bad_cavity_with_a_huge_ratio_of_rates(kappa: float) -> None:
    """Eliminated cavity: pump w against gamma + R, R = 4 g^2/(kappa + gamma + w); R p photons a second leave."""
    gamma, pump = 1e-3, 1e-2
    g = np.sqrt(0.005 * kappa / 4)
    state = steady_state(CavitySystem([Emitters(1, g, gamma, pump_rate=pump)], [CavityMode(kappa)]))
    rate = 4 * g**2 / (kappa + gamma + pump)
    excited = pump / (pump + gamma + rate)
    assert state.excited_population[0] == pytest.approx(excited, rel=1e-5)
    assert kappa * state.photon_number[0] == pytest.approx(rate * excited, rel=1e-5)
    assert state.flow_in == pytest.approx(state.flow_out, rel=1e-9, abs=0)


ISOLATED = LevelScheme(
    ("g", "r", "x"), couplings={("g", "x"): 1.0}, decays={("x", "g"): 0.2, ("g", "x"): 0.3}
)
SINK = LevelScheme(("g", "r", "x"), couplings={("g", "x"): 1.0}, decays={("x", "r"): 0.3, ("x", "g"): 0.2})


@pytest.mark.parametrize(
    "emitters",
    [
        [Emitters(3, 0.7)],
        [Emitters(1, 0.7), Emitters(1, -0.3j), Emitters(1, 0.2)],
        [Emitters(2, 0.7), Emitters(1, 0.5, 0.2, pump_rate=0.3)],
        [Emitters(1, 0.5, 0.2, pump_rate=0.3), Emitters(1, 0.0)],
        [Emitters(1, levels=ISOLATED)],
        [Emitters(1, levels=SINK)],
    ],
)
def test_several_stationary_states_are_refused(emitters: list[Emitters]) -> None:
    system = CavitySystem(emitters, [CavityMode(1.0)])
    for question in (steady_state, spectrum):
        with pytest.raises(InputError, match="not unique"):
            question(system, method=Exact())
    assert np.all(np.isfinite(evolve(system, [0.0, 1.0]).photon_number))


def test_nothing_that_decays_is_refused_by_both_methods() -> None:
    closed = CavitySystem([Emitters(2, 1.0)], [CavityMode(0.0)])
    for method, message in ((Exact(), "not unique"), (Jumps(3), "nothing decays")):
        with pytest.raises(InputError, match=message):
            steady_state(closed, method=method)


@pytest.mark.parametrize("method", [Exact(), Jumps(3)])
def test_a_closed_system_oscillates(method: Exact | Jumps) -> None:
    """Two inverted emitters in a closed cavity are the three states |ee0>, |S1>, |gg2>, coupled by g sqrt 2 and 2 g."""
    times = np.linspace(0.0, 5.0, 9)
    ours = evolve(CavitySystem([Emitters(2, 1.0)], [CavityMode(0.0)]), times, method=method)
    matrix = np.array([[0, np.sqrt(2), 0], [np.sqrt(2), 0, 2], [0, 2, 0]])
    energies, vectors = np.linalg.eigh(matrix)
    states = vectors @ (np.exp(-1j * np.outer(energies, times)) * vectors[0][:, None])
    np.testing.assert_allclose(ours.photon_number[0], [0, 1, 2] @ np.abs(states) ** 2, atol=1e-9)


@pytest.mark.parametrize("name", ["gamma", "pump_rate", "dephasing_rate"])
def test_the_smallest_rate_of_all_changes_nothing(name: str) -> None:
    """5e-324 1/s, half of which is 0: one emitter and two unlike ones, on stored sectors."""
    for count in (1, 2):
        states = [
            steady_state(
                CavitySystem(
                    [
                        Emitters(1, 1.0 + k, **{"gamma": 0.3, "pump_rate": 0.5, name: rate})
                        for k in range(count)
                    ],
                    [CavityMode(2.0)],
                ),
                method=Jumps(4, duration=5.0),
            )
            for rate in (0.0, 5e-324)
        ]
        assert np.array_equal(states[0].photon_number, states[1].photon_number)


def test_photons_without_bound_are_refused() -> None:
    gain = CavitySystem([Emitters(1, 1.0, 0.1, pump_rate=0.3)], [CavityMode(0.0)])
    with pytest.raises(InputError, match="photons still grow"):
        steady_state(gain, method=Exact())


def test_what_a_dark_mode_leaves_unknown_is_said() -> None:
    dark = CavitySystem([Emitters(2, (1.0, 0.0), 0.3, pump_rate=0.2)], [CavityMode(1.0), CavityMode(2.0)])
    state = steady_state(dark)
    assert np.isfinite(state.g2[0])
    assert np.isnan(state.g2[1])
    assert "mode(s) 1" in state.warnings[0]
    assert "dark" in correlation(dark, [0.0], order=2, mode=1).warnings[0]
    one_photon = CavitySystem([Emitters(2, 1e-5, 0.3, pump_rate=0.2)], [CavityMode(1.0)])
    cut = steady_state(one_photon, method=Exact(photons=1))
    assert np.isnan(cut.g2[0])
    assert "g2(0) is unknown" in cut.warnings[0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Exact(photons=2.5), "whole number"),  # type: ignore[arg-type]
        (lambda: Jumps(trajectories=2.5), "whole number"),  # type: ignore[arg-type]
        (lambda: Jumps(seed=-1), "seed"),
        (lambda: Jumps(duration=float("nan")), "duration"),
        (lambda: LevelScheme(("g", "e"), drives={("g", "e"): complex("nan")}), "finite"),
    ],
)
def test_bad_numbers_are_refused(make: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()  # type: ignore[operator]


def test_couplings_in_a_triangle_are_refused_by_jumps() -> None:
    scheme = LevelScheme(("a", "b", "c"), couplings={("a", "b"): 1.0, ("b", "c"): 1.0, ("a", "c"): 1.0})
    with pytest.raises(InputError, match=r"couplings.*use method=Exact\(\)"):
        steady_state(CavitySystem([Emitters(1, levels=scheme)], [CavityMode(1.0)]), method=Jumps(3))
