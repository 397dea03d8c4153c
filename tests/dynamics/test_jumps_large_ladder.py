"""Jumps on a window of the ladder |J, M> with the cavity kept: against Exact, closed forms and conservation."""

from __future__ import annotations

from math import tau

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Emitters,
    Exact,
    Jumps,
    Preparation,
    correlation,
    evolve,
    steady_state,
)
from atomcavity.dynamics.jumps.ladder import (
    ladder_clicks,
    ladder_jumps_correlation,
    ladder_jumps_evolve,
    ladder_jumps_steady_state,
    suits,
)
from atomcavity.errors import InputError
from atomcavity.parallel import spawn_seeds

SYSTEMS = {
    "one emitter": CavitySystem(
        [Emitters(1, g=1.0, gamma=0.3, pump_rate=0.8, dephasing_rate=0.2)], [CavityMode(1.5)]
    ),
    "three, all local processes": CavitySystem(
        [Emitters(3, g=0.9j, gamma=0.4, pump_rate=0.7, dephasing_rate=0.5)], [CavityMode(2.0)]
    ),
    "four, everything detuned": CavitySystem(
        [Emitters(4, g=0.8, gamma=0.3, pump_rate=1.0, dephasing_rate=0.1, detuning=0.5)],
        [CavityMode(2.5, detuning=-0.7)],
    ),
    "two groups, other phases": CavitySystem(
        [Emitters(n, g=0.9 * phase, gamma=0.4, pump_rate=0.7) for n, phase in ((2, 1.0), (1, -0.6 + 0.8j))],
        [CavityMode(2.0)],
    ),
    "two modes, one of them bright": CavitySystem(
        [Emitters(2, g=(0.5, 0.8j), gamma=0.2, pump_rate=0.6)], [CavityMode(2.0)] * 2
    ),
}


def micro(number: int) -> CavitySystem:
    """The microlaser of the project."""
    return CavitySystem(
        [Emitters(number, g=tau * 2.8e6, gamma=tau * 7.5e3, pump_rate=2.5e7)], [CavityMode(tau * 4.4e6)]
    )


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_stationary_state_is_the_exact_one(name: str) -> None:
    system = SYSTEMS[name]
    ours, exact = ladder_jumps_steady_state(system, Jumps(300, seed=2)), steady_state(system, method=Exact())
    n = exact.photon_number
    assert np.all(np.abs(ours.photon_number - n) < 4 * ours.photon_number_error)
    assert np.all(ours.photon_number_error < 0.05 * n)
    assert np.all(
        np.abs(ours.excited_population - exact.excited_population) < 4 * ours.excited_population_error
    )
    assert np.all(np.abs(ours.g2 - exact.g2) < 4 * ours.g2_error + 1e-12)
    assert np.all(ours.g2_error < 0.15)
    assert np.allclose(ours.mode_correlation, exact.mode_correlation, atol=0.08 * n.max())
    size = min(ours.photon_distribution.shape[1], exact.photon_distribution.shape[1])
    assert np.allclose(ours.photon_distribution[:, :size], exact.photon_distribution[:, :size], atol=0.02)
    assert ours.photon_distribution.sum(axis=1) == pytest.approx(1)
    if system.number > 1:
        assert np.allclose(ours.emitter_correlation, exact.emitter_correlation, atol=0.01, equal_nan=True)
    assert ours.flow_in == pytest.approx(exact.flow_in, rel=0.05)
    assert ours.flow_out == pytest.approx(exact.flow_out, rel=0.05)
    assert ours.record.warnings == ()


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("order", [1, 2])
def test_correlations_are_the_exact_ones(name: str, order: int) -> None:
    system, delays = SYSTEMS[name], np.array([0.0, 0.4, 1.1, 2.5])
    other = len(system.modes) - 1
    ours = ladder_jumps_correlation(
        system, Jumps(400, seed=3), delays=delays, order=order, mode=0, other=other, initial=None
    )
    exact = correlation(system, delays, order=order, mode=0, other=other, method=Exact())
    assert np.all(np.abs(ours.normalised - exact.normalised) < 4 * ours.error + 1e-6)
    assert np.all(np.abs(ours.value - exact.value) < 0.3 * np.abs(exact.value[0]))
    assert np.all(ours.error < 0.12)


def test_groups_that_differ_in_a_phase_are_followed_together() -> None:
    system, times = SYSTEMS["two groups, other phases"], [0.0, 1.0]
    alike, unlike = "inverted", ["excited", "ground"]
    for answer in (
        steady_state(system, method=Jumps(4)),
        evolve(system, times, initial=alike, method=Jumps(4)),
        correlation(system, times, method=Jumps(4)),
    ):
        assert "window of the ladder" in answer.record.reason
    assert "window" not in evolve(system, times, initial=unlike, method=Jumps(4)).record.reason


@pytest.mark.parametrize("name", SYSTEMS)
def test_an_evolution_is_the_exact_one(name: str) -> None:
    system, times = SYSTEMS[name], np.array([0.0, 0.3, 0.9, 2.0])
    ours = ladder_jumps_evolve(system, Jumps(3000, seed=4), times=times, initial=Preparation("inverted"))
    exact = evolve(system, times, initial="inverted", method=Exact())
    assert np.all(np.abs(ours.photon_number - exact.photon_number) < 4 * ours.photon_number_error + 1e-12)
    assert np.all(
        np.abs(ours.excited_population - exact.excited_population) < 4 * ours.excited_population_error + 1e-12
    )
    assert np.allclose(ours.pair_number, exact.pair_number, atol=0.03)
    assert np.all(ours.photon_number_error < 0.04)


def test_a_superposition_is_a_mixture_of_its_excitation_numbers() -> None:
    area, times = 0.6 * np.pi, np.array([0.0, 0.5])
    system = CavitySystem([Emitters(30, g=1.0)], [CavityMode(4.0)])
    ours = ladder_jumps_evolve(system, Jumps(4000, seed=1), times=times, initial=Preparation.pulse(area))
    expected = np.sin(area / 2) ** 2
    assert abs(ours.excited_population[0, 0] - expected) < 4 * ours.excited_population_error[0, 0]
    spread = np.sqrt(expected * (1 - expected) / 30 / 4000)
    assert ours.excited_population_error[0, 0] == pytest.approx(spread, rel=0.1)
    assert np.isnan(ours.amplitude).all()


def test_a_lossless_cavity_rabi_oscillates() -> None:
    """One excitation among N emitters and a mode: cos^2(sqrt(N) g t), no jump, no error."""
    times = np.linspace(0, 3, 7)
    single = CavitySystem([Emitters(1, g=1.3, gamma=1e-9)], [CavityMode(0.0)])
    ours = ladder_jumps_evolve(single, Jumps(2), times=times, initial=Preparation("inverted"))
    assert ours.excited_population[0] == pytest.approx(np.cos(1.3 * times) ** 2, abs=1e-8)


@settings(deadline=None, max_examples=10)
@given(
    number=some.integers(1, 60),
    pump=some.floats(0.01, 2.0),
    dephasing=some.floats(0.0, 2.0),
    detuning=some.floats(-2.0, 2.0),
    seed=some.integers(0, 1000),
)
def test_clicks_account_for_every_excitation(
    number: int, pump: float, dephasing: float, detuning: float, seed: int
) -> None:
    group = Emitters(number, g=0.7, gamma=0.3, pump_rate=pump, dephasing_rate=dephasing, detuning=detuning)
    (time, channel, run), labels, left = ladder_clicks(
        CavitySystem([group], [CavityMode(1.5)]), spawn_seeds(seed, 2), 2.0, initial=Preparation("inverted")
    )
    change = np.array([{"mode": -1, "decay": -1, "pump": 1, "dephasing": 0}[x.split()[0]] for x in labels])
    for k in range(2):
        assert number + change[channel[run == k]].sum() == left[k]
        assert np.all(np.diff(time[run == k]) > 0)


def test_the_first_photon_of_a_bad_cavity_comes_at_the_collective_rate() -> None:
    from scipy.stats import kstest

    number, kappa, runs = 40, 4000.0, 400
    system = CavitySystem([Emitters(number, g=np.sqrt(kappa) / 2)], [CavityMode(kappa)])
    (time, _, run), _, left = ladder_clicks(
        system, spawn_seeds(5, runs), 100.0, initial=Preparation("inverted")
    )
    assert np.all(left == 0)
    assert np.array_equal(np.bincount(run), np.full(runs, number))
    first = time.reshape(runs, number)[:, 0]
    assert kstest(first * number, "expon").pvalue > 1e-3


@pytest.mark.slow
def test_ten_atoms_of_the_microlaser() -> None:
    exact, ours = steady_state(micro(10), method=Exact()), steady_state(micro(10), method=Jumps(1000, seed=3))
    assert abs(ours.photon_number[0] - exact.photon_number[0]) < 4 * ours.photon_number_error[0]
    assert ours.photon_number_error[0] < 4e-3 * exact.photon_number[0]
    assert abs(ours.g2[0] - exact.g2[0]) < 4 * ours.g2_error[0]
    size = min(ours.photon_distribution.shape[1], exact.photon_distribution.shape[1])
    assert np.allclose(ours.photon_distribution[:, :size], exact.photon_distribution[:, :size], atol=3e-3)
    delays = np.linspace(0, 2e-7, 5)
    first = correlation(micro(10), delays, method=Exact())
    again = correlation(micro(10), delays, method=Jumps(300, seed=3))
    assert np.all(np.abs(again.normalised - first.normalised) < 4 * again.error + 1e-6)
    assert np.all(again.error < 0.02)


def test_windows_and_stored_sectors_give_the_same_stationary_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """N = 7 of the microlaser, where the sectors of `jumps.run` are small."""
    monkeypatch.setattr("atomcavity.dynamics.jumps.answers.special", lambda *_: None)
    stored = steady_state(micro(7), method=Jumps(60, seed=1))
    ours = ladder_jumps_steady_state(micro(7), Jumps(60, seed=1))
    error = np.hypot(stored.photon_number_error, ours.photon_number_error)
    assert np.all(np.abs(stored.photon_number - ours.photon_number) < 4 * error)


def test_the_microlaser_with_a_thousand_atoms() -> None:
    """Far above threshold half of what is pumped leaves as photons, and the light is Poissonian."""
    system = micro(1000)
    assert suits(system)
    ours = steady_state(system, method=Jumps(4, seed=1, duration=2e-7))
    kappa, pump = tau * 4.4e6, 2.5e7
    balance = (pump * (1 - ours.excited_population[0]) - tau * 7.5e3 * ours.excited_population[0]) * 1000
    assert kappa * ours.photon_number[0] == pytest.approx(balance, rel=0.05)
    assert ours.photon_number[0] == pytest.approx(450, rel=0.03)
    assert 0.98 < ours.g2[0] < 1.1


@pytest.mark.slow
def test_the_same_seed_gives_the_same_answer_however_it_is_shared() -> None:
    system = SYSTEMS["three, all local processes"]
    one = ladder_jumps_steady_state(system, Jumps(40, seed=8))
    two = ladder_jumps_steady_state(system, Jumps(40, seed=8, workers=2))
    assert np.array_equal(one.photon_number, two.photon_number)
    assert np.array_equal(one.photon_distribution, two.photon_distribution)
    seeds = spawn_seeds(8, 6)
    whole, _, _ = ladder_clicks(system, seeds, 5.0)
    last, _, _ = ladder_clicks(system, seeds[4:], 5.0)
    assert np.array_equal(whole[0][whole[2] >= 4], last[0])


def test_trajectories_added_later_are_those_of_one_longer_computation() -> None:
    system, delays = SYSTEMS["three, all local processes"], np.array([0.0, 0.5])
    part = ladder_jumps_steady_state(system, Jumps(100, seed=9))
    more = ladder_jumps_steady_state(system, Jumps(200, seed=9), more=part)
    whole = ladder_jumps_steady_state(system, Jumps(300, seed=9))
    assert more.photon_number == pytest.approx(whole.photon_number, rel=1e-12)
    assert more.photon_number_error == pytest.approx(whole.photon_number_error, rel=1e-9)
    ask = {"delays": delays, "order": 2, "mode": 0, "other": 0, "initial": None}
    first = ladder_jumps_correlation(system, Jumps(50, seed=9), **ask)
    both = ladder_jumps_correlation(system, Jumps(50, seed=9), more=first, **ask)
    once = ladder_jumps_correlation(system, Jumps(100, seed=9), **ask)
    assert both.normalised == pytest.approx(once.normalised, rel=1e-9)
    assert both.error == pytest.approx(once.error, rel=0.3)


@pytest.mark.parametrize("order", [1, 2])
def test_correlations_of_a_pulse_into_a_bad_cavity_are_those_of_the_emitters(order: int) -> None:
    from atomcavity.dynamics.jumps.chain import chain_correlation

    kappa, delays = 2000.0, np.array([0.0, 0.1, 0.4])
    system = CavitySystem([Emitters(5, g=np.sqrt(kappa) / 2, gamma=0.3)], [CavityMode(kappa)])
    ask = {
        "delays": delays + 5 / kappa,
        "order": order,
        "mode": 0,
        "other": 0,
        "initial": Preparation("inverted"),
    }
    ours = ladder_jumps_correlation(system, Jumps(1500, seed=1), **ask)
    alone = chain_correlation(system, Jumps(6000, seed=1, cavity="eliminated"), **ask)
    error = np.hypot(ours.error, alone.error)
    assert np.all(np.abs(ours.normalised - alone.normalised) < 4 * error + 0.01)
    assert np.all(error < 0.15)


def test_what_it_is_for() -> None:
    group = Emitters(100, g=1.0, pump_rate=1.0)
    assert suits(CavitySystem([group], [CavityMode(1.0)]))
    assert suits(CavitySystem([Emitters(100, g=(1.0, 1.0j))], [CavityMode(1.0)] * 2))
    assert not suits(CavitySystem([Emitters(100, g=(1.0, 1.0j))], [CavityMode(1.0), CavityMode(2.0)]))
    assert not suits(CavitySystem([group], [CavityMode(1.0)], drive=0.1))
    assert not suits(CavitySystem([Emitters(100, gamma=1.0)], [CavityMode(1.0)]))
    assert not suits(CavitySystem([group, Emitters(1, g=2.0)], [CavityMode(1.0)]))
    turned = CavitySystem([group, Emitters(3, g=1.0j, pump_rate=1.0)], [CavityMode(1.0)])
    assert suits(turned, None)
    assert suits(turned, Preparation("inverted"))
    assert suits(turned, Preparation.pulse(1.0, phase=[0.0, np.pi / 2]))
    assert not suits(turned, Preparation.pulse(1.0))
    assert not suits(turned, Preparation(["excited", "ground"]))
    alike = Preparation.pulse(1.0, phase=[0.0, np.pi / 2]).matrices(turned)
    assert not suits(turned, Preparation([0.5 * matrix + 0.25 * np.eye(2) for matrix in alike]))
    with pytest.raises(InputError, match="apart"):
        ladder_clicks(turned, spawn_seeds(0, 1), 1.0)
    with pytest.raises(InputError, match="mixture of superpositions"):
        ladder_jumps_evolve(
            CavitySystem([group], [CavityMode(1.0)]), Jumps(2), times=np.array([1.0]),
            initial=Preparation([[[0.5, 0.2], [0.2, 0.5]]]),
        )  # fmt: skip
