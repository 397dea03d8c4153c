"""Two-time correlations from trajectories: against exact regression and QuTiP, and closed forms."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from atomcavity.dynamics import Preparation, correlation
from atomcavity.dynamics.methods import Exact, Jumps
from atomcavity.dynamics.system import CavityMode, CavitySystem, Emitters, LevelScheme
from atomcavity.errors import InputError

DELAYS = np.linspace(0, 3, 7)
WAVES = [
    Emitters(1, (np.exp(1j * k), np.exp(-1j * k)), gamma=0.2, pump_rate=1.6, detuning=d)
    for k, d in ((0.3, 0.0), (1.2, 0.5))
]
SYSTEMS = {
    "two groups": CavitySystem(
        [
            Emitters(2, 0.9, 0.3, pump_rate=1.0, dephasing_rate=0.2),
            Emitters(1, 0.5, 0.3, pump_rate=1.0, detuning=0.4),
        ],
        [CavityMode(2.0)],
    ),
    "two travelling waves, detuned": CavitySystem(WAVES, [CavityMode(2.0)] * 2),
    "two travelling waves, computed as standing ones": CavitySystem(
        [dataclasses.replace(e, detuning=0.0) for e in WAVES], [CavityMode(2.0)] * 2
    ),
    "unequal modes, back-scattering": CavitySystem(
        [Emitters(1, (1.0, 0.6j), 0.2, pump_rate=0.9), Emitters(1, (-0.5, 0.8), 0.1, pump_rate=0.5)],
        [CavityMode(2.0, detuning=0.3), CavityMode(1.0)],
        mode_coupling=[[0, 0.4], [0.4, 0]],
    ),
}


def agrees(ours: object, exact: object, largest: float = 0.12) -> None:
    apart = np.abs(ours.normalised - exact.normalised)  # type: ignore[attr-defined]
    assert np.all(apart < 4.5 * ours.error + 1e-9)  # type: ignore[attr-defined]
    assert np.all(ours.error < largest)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("order", [1, 2])
def test_stationary_correlations_agree_with_exact_ones(name: str, order: int) -> None:
    system = SYSTEMS[name]
    for other in range(len(system.modes)):
        ask = {"order": order, "mode": 0, "other": other}
        ours = correlation(system, DELAYS, method=Jumps(150, seed=order), **ask)
        agrees(ours, correlation(system, DELAYS, method=Exact(), **ask))


@pytest.mark.parametrize("order", [1, 2])
def test_correlations_of_a_pulse_agree_with_exact_ones(order: int) -> None:
    groups = [Emitters(2, 0.9, gamma=0.3, dephasing_rate=0.2, detuning=0.3), Emitters(1, 0.7j, gamma=0.3)]
    system = CavitySystem(groups, [CavityMode(2.0)])
    for initial in ("inverted", Preparation.pulse(2.0)):
        ours = correlation(system, DELAYS, order=order, initial=initial, method=Jumps(600, seed=2))
        agrees(ours, correlation(system, DELAYS, order=order, initial=initial, method=Exact()), 0.1 * order)


def test_levels_agree_with_qutip() -> None:
    qt = pytest.importorskip("qutip")
    scheme = LevelScheme(
        ("s", "p", "x"),
        couplings={("s", "p"): (1.1,)},
        decays={("p", "s"): 0.2, ("s", "x"): 0.8, ("x", "p"): 3.0},
        energies={"x": 0.3},
        dephasing={"p": 0.3},
    )
    system = CavitySystem([Emitters(1, levels=scheme)], [CavityMode(1.5, detuning=0.4)])
    h, c_ops, operators = system.to_qutip([7])
    a = operators["a"][0]
    rho = qt.steadystate(h, c_ops)
    n = qt.expect(a.dag() * a, rho)
    first = qt.correlation_2op_1t(h, rho, DELAYS, c_ops, a.dag(), a)
    second = qt.correlation_3op_1t(h, rho, DELAYS, c_ops, a.dag(), a.dag() * a, a)
    for order, exact in ((1, first / n), (2, second / n**2)):
        ours = correlation(system, DELAYS, order=order, method=Jumps(300, seed=order))
        assert np.all(np.abs(ours.normalised - exact) < 4.5 * ours.error + 1e-3)


def test_one_emitter_is_antibunched() -> None:
    system = CavitySystem([Emitters(1, 0.05, gamma=1.0, pump_rate=0.5)], [CavityMode(30.0)])
    ours = correlation(system, [0.0, 20.0], order=2, method=Jumps(50, seed=1))
    assert abs(ours.normalised[0]) < 1e-3
    assert abs(ours.normalised[1] - 1) < 4.5 * ours.error[1]


@pytest.mark.parametrize("order", [1, 2])
def test_trajectories_are_added(order: int) -> None:
    system = SYSTEMS["two travelling waves, detuned"]
    ask = {"order": order, "mode": 0, "other": 1}
    whole = correlation(system, DELAYS, method=Jumps(24, seed=3), **ask)
    part = correlation(system, DELAYS, method=Jumps(8, seed=3), **ask)
    more = correlation(system, DELAYS, method=Jumps(16, seed=3), more=part, **ask)
    np.testing.assert_allclose(more.value, whole.value, rtol=1e-12)
    np.testing.assert_allclose(more.normalised, whole.normalised, rtol=1e-12)
    np.testing.assert_allclose(more.error, whole.error, rtol=0.5)
    with pytest.raises(InputError, match="other = 1, not 0"):
        correlation(system, DELAYS, method=Jumps(16, seed=3), more=part, order=order)


def test_pumped_pulses_do_not_end() -> None:
    with pytest.raises(InputError, match="does not end"):
        correlation(SYSTEMS["two groups"], DELAYS, initial="inverted", method=Jumps(4))
