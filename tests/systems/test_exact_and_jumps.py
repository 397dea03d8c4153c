"""The same system by the exact density matrix and by quantum jumps: equal within the errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics.api import evolve, steady_state
from atomcavity.dynamics.methods import Exact, Jumps
from atomcavity.dynamics.results import SteadyState
from atomcavity.dynamics.system import CavityMode, CavitySystem, Emitters, LevelScheme

SCHEME = LevelScheme(
    ("s", "p", "x"),
    couplings={("s", "p"): (1.0,)},
    decays={("p", "s"): 0.2, ("s", "x"): 1.5, ("x", "p"): 4.0},
    dephasing={"p": 0.3},
)
SYSTEMS = {
    "twelve emitters": CavitySystem(
        [Emitters(12, 0.5, gamma=0.2, pump_rate=1.5, dephasing_rate=0.4)], [CavityMode(3.0)]
    ),
    "two groups, two modes": CavitySystem(
        [
            Emitters(2, (0.8, 0.8), 0.2, pump_rate=1.0),
            Emitters(1, (0.8j, -0.8j), 0.2, pump_rate=1.0, detuning=0.5),
        ],
        [CavityMode(3.0), CavityMode(2.0, detuning=0.3)],
        mode_coupling=[[0, 0.4], [0.4, 0]],
    ),
    "two three-level emitters": CavitySystem([Emitters(2, levels=SCHEME)], [CavityMode(3.0)]),
}


def agree(ours: SteadyState, exact: SteadyState) -> None:
    for name in ("photon_number", "excited_population", "g2"):
        error = getattr(ours, name + "_error")
        difference = np.abs(getattr(ours, name) - getattr(exact, name))
        assert np.all(difference < 4.5 * error + 1e-4), (name, difference / error)
    size = min(ours.photon_distribution.shape[1], exact.photon_distribution.shape[1])
    np.testing.assert_allclose(
        ours.photon_distribution[:, :size], exact.photon_distribution[:, :size], atol=0.02
    )
    np.testing.assert_allclose(ours.populations, exact.populations, atol=0.03)
    np.testing.assert_allclose(ours.emitter_correlation, exact.emitter_correlation, atol=0.03)
    np.testing.assert_allclose(
        ours.mode_correlation, exact.mode_correlation, atol=0.05 * exact.photon_number.max() + 0.02
    )
    assert ours.flow_in == pytest.approx(exact.flow_in, rel=0.05)
    assert ours.flow_out == pytest.approx(exact.flow_out, rel=0.05)


@pytest.mark.parametrize("name", SYSTEMS)
def test_steady_states(name: str) -> None:
    system = SYSTEMS[name]
    agree(steady_state(system, method=Jumps(300, seed=2)), steady_state(system, method=Exact(tolerance=1e-6)))


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("initial", ["inverted", "ground"])
def test_evolutions(name: str, initial: str) -> None:
    system, times = SYSTEMS[name], np.linspace(0, 2, 6)
    ours = evolve(system, times, initial=initial, method=Jumps(1500, seed=3))
    exact = evolve(system, times, initial=initial, method=Exact())
    for key in ("photon_number", "excited_population"):
        error = getattr(ours, key + "_error")
        assert np.all(np.abs(getattr(ours, key) - getattr(exact, key)) < 4.5 * error + 1e-3)
    assert (
        np.abs(ours.emitter_correlation - exact.emitter_correlation)[
            np.isfinite(exact.emitter_correlation)
        ].max()
        < 0.05
    )


@settings(
    deadline=None, max_examples=6, derandomize=True
)  # random trajectories and random systems: a fixed set
@given(st.integers(1, 5), st.lists(st.floats(0.1, 2.0), min_size=6, max_size=6), st.floats(-1.0, 1.0))
def test_random_systems(n: int, rates: list[float], detuning: float) -> None:
    g, gamma, pump, dephasing, kappa, other = rates
    system = CavitySystem(
        [Emitters(n, (g, 1j * other), gamma, pump_rate=pump, dephasing_rate=dephasing, detuning=detuning)],
        [CavityMode(kappa + 0.5), CavityMode(kappa + 0.5)],
    )
    ours, exact = (
        steady_state(system, method=m) for m in (Jumps(200, seed=4, duration=200.0), Exact(tolerance=1e-6))
    )
    for name in ("photon_number", "excited_population"):  # g2 of rare pairs has no Gaussian error
        difference = np.abs(getattr(ours, name) - getattr(exact, name))
        assert np.all(difference < 4.5 * getattr(ours, name + "_error") + 1e-4), name
    assert ours.flow_in == pytest.approx(exact.flow_in, rel=0.1)
    assert ours.flow_out == pytest.approx(exact.flow_out, rel=0.1)
