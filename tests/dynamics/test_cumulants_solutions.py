"""Solutions of the moment equations: their approach to the exact powers, and systems with several or none that is stable."""

from __future__ import annotations

import numpy as np
import pytest

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Cumulants,
    Emitters,
    Exact,
    evolve,
    steady_state,
)

KEPT, ELIMINATED = Cumulants(), Cumulants(cavity="eliminated")
BOTH = pytest.mark.parametrize("method", [KEPT, ELIMINATED], ids=["kept", "eliminated"])


def superradiant(number: int, kappa: float = 4e5) -> tuple[CavitySystem, float]:
    """N emitters in a very bad cavity with the pump N Gamma/2, and Gamma = 4 g^2/kappa."""
    rate = 4 / kappa
    atoms = Emitters(number, 1.0, gamma=0.01 * rate, pump_rate=number * rate / 2)
    return CavitySystem([atoms], [CavityMode(kappa)]), rate


def exact_error(number: int, method: Cumulants) -> float:
    system, _ = superradiant(number)
    exact = steady_state(system, method=Exact(cavity="eliminated"))
    return steady_state(system, method=method).photon_number[0] / exact.photon_number[0] - 1


@pytest.mark.parametrize(
    ("number", "error"), [(8, 0.5), (16, 4.2), (32, 6.6), (48, 6.4), (128, 3.2), (256, 1.6)]
)
def test_the_error_of_the_power_grows_before_it_falls(number, error):
    """Published comparison, in percent."""
    assert 100 * exact_error(number, ELIMINATED) == pytest.approx(error, abs=0.06)


@BOTH
def test_powers_tend_to_the_exact_ones_as_one_over_n(method):
    errors = [number * exact_error(number, method) for number in (128, 256, 512)]
    assert max(errors) / min(errors) < 1.03


@pytest.mark.slow
@BOTH
def test_power_of_1000_emitters(method):
    assert 1000 * exact_error(1000, method) == pytest.approx(256 * exact_error(256, method), rel=0.02)


def with_absorber(gain: Emitters, absorber: Emitters, kappa: float) -> CavitySystem:
    return CavitySystem([gain, absorber], [CavityMode(kappa)])


def test_a_saturable_absorber_gives_two_solutions():
    """The dark one, which switching on leads to, is given; the lit one, whose absorber is bleached, is told."""
    gain = Emitters(20_000, 0.1, gamma=0.1, pump_rate=0.6, dephasing_rate=5.0)
    system = with_absorber(gain, Emitters(6_000, 0.3, gamma=0.05, dephasing_rate=5.0), 20.0)
    state = steady_state(system, method=KEPT)
    told = next(w for w in state.warnings if "second physical solution" in w)
    lit = float(told.partition(" with ")[2].partition(" photons")[0])
    alone = steady_state(CavitySystem([gain], system.modes), method=KEPT).photon_number[0]
    assert 0.5 * alone < lit < alone
    run = evolve(system, [0.0, 40.0], initial="ground", method=KEPT)
    assert run.photon_number[0, -1] == pytest.approx(state.photon_number[0], rel=3e-2)


@pytest.mark.slow
def test_a_pulsing_laser_is_flagged():
    """Passive Q-switching: the absorber recovers faster than the gain."""
    gain = Emitters(10_000, 0.1, gamma=0.0695, pump_rate=0.1857, dephasing_rate=2.0)
    system = with_absorber(gain, Emitters(558, 0.2, gamma=0.571, dephasing_rate=2.0), 15.08)
    state = steady_state(system, method=KEPT)
    assert any("pulse for ever" in w for w in state.warnings)
    run = evolve(system, np.linspace(150, 180, 61), initial="ground", method=KEPT)
    late = run.photon_number[0]
    assert late.max() > 2 * late.min()
    bleached = with_absorber(gain, Emitters(558, 0.2, gamma=0.005, dephasing_rate=2.0), 15.08)
    assert not steady_state(bleached, method=KEPT).warnings
