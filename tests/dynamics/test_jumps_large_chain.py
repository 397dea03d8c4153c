"""Jumps with the cavity eliminated: Markov chains on (J, M) against QuTiP, closed forms and published scaling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, Jumps, Preparation
from atomcavity.dynamics.elimination import eliminate
from atomcavity.dynamics.jumps.chain import (
    chain_clicks,
    chain_correlation,
    chain_evolve,
    chain_steady_state,
)
from atomcavity.dynamics.jumps.chain_run import chain_of, stationary_runs
from atomcavity.errors import InputError
from atomcavity.parallel import spawn_seeds

qt = pytest.importorskip("qutip")

KAPPA = 1000.0


def bad_cavity(number: int, collective: float = 1.0, shift: float = 0.0, **emitter: float) -> CavitySystem:
    """Emitters that decay at `collective` each into a far faster cavity."""
    detuning = -shift * KAPPA  # of the cavity: Gamma = g^2 kappa/(kappa^2/4 + D^2)
    g = np.sqrt(collective * (KAPPA**2 / 4 + detuning**2) / KAPPA)
    offset = emitter.get("detuning", 0.0)
    return CavitySystem([Emitters(number, g=g, **emitter)], [CavityMode(KAPPA, detuning=detuning + offset)])


class Partner:
    """The eliminated master equation in QuTiP, every emitter distinguishable."""

    def __init__(self, system: CavitySystem) -> None:
        group, found = system.emitters[0], eliminate(system)
        n = group.number
        one = [qt.qeye(2)] * n
        self.s = [qt.tensor(*one[:k], qt.destroy(2), *one[k + 1 :]) for k in range(n)]
        self.S = sum(self.s)
        self.excited = sum(s.dag() * s for s in self.s)
        self.h = found.shift[0, 0].real * self.S.dag() * self.S + group.detuning * self.excited
        self.c = [np.sqrt(found.decay[0, 0].real) * self.S]
        for s in self.s:
            self.c += [np.sqrt(group.gamma) * s, np.sqrt(group.pump_rate) * s.dag()]
            self.c += [np.sqrt(2 * group.dephasing_rate) * s.dag() * s]
        self.c = [c for c in self.c if c.norm() > 0]
        self.a = [amplitude * self.S for amplitude in found.amplitude[:, 0]]

    def steady(self) -> qt.Qobj:
        return qt.steadystate(self.h, self.c)


SYSTEMS = {
    "one emitter": bad_cavity(1, gamma=0.3, pump_rate=0.8, dephasing_rate=0.4, detuning=0.7),
    "three, all local processes": bad_cavity(3, gamma=0.4, pump_rate=1.5, dephasing_rate=0.6),
    "four, detuned cavity": bad_cavity(4, shift=0.4, gamma=0.2, pump_rate=2.0, detuning=1.3),
    "two, dephasing strongest": bad_cavity(2, gamma=0.1, pump_rate=0.4, dephasing_rate=3.0),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_stationary_state_is_that_of_the_master_equation(name: str) -> None:
    system = SYSTEMS[name]
    partner = Partner(system)
    rho, a, n = partner.steady(), partner.a[0], system.number
    ours = chain_steady_state(system, Jumps(400, seed=3, cavity="eliminated"))
    photons = qt.expect(a.dag() * a, rho)
    assert abs(ours.photon_number[0] - photons) < 4 * ours.photon_number_error[0]
    assert ours.photon_number_error[0] < 0.04 * photons
    excited = qt.expect(partner.excited, rho) / n
    assert abs(ours.excited_population[0] - excited) < 4 * ours.excited_population_error[0]
    assert 0 < ours.excited_population_error[0] < 0.02
    g2 = qt.expect(a.dag() ** 2 * a**2, rho) / photons**2
    assert abs(ours.g2[0] - g2) < 4 * ours.g2_error[0] + 1e-12
    if n > 1:
        pair = qt.expect(partner.s[0].dag() * partner.s[1], rho)
        assert abs(ours.emitter_correlation[0, 0] - pair) < 0.02
        assert ours.g2_error[0] < 0.1
    assert ours.record.warnings == ()
    assert ours.flow_in == pytest.approx(ours.flow_out, rel=0.05)


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("order", [1, 2])
def test_correlations_are_those_of_the_regression_theorem(name: str, order: int) -> None:
    system = SYSTEMS[name]
    partner, delays = Partner(system), np.array([0.0, 0.3, 1.0, 2.5])
    rho, a = partner.steady(), partner.a[0]
    photons = qt.expect(a.dag() * a, rho)
    ours = chain_correlation(
        system,
        Jumps(400, seed=4, cavity="eliminated"),
        delays=delays,
        order=order,
        mode=0,
        other=0,
        initial=None,
    )
    if order == 1:
        after, watched, scale = a * rho, a.dag(), photons
    else:
        after, watched, scale = a * rho * a.dag(), a.dag() * a, photons**2
    exact = qt.mesolve(partner.h, after, delays, partner.c, e_ops=[watched]).expect[0]
    error = np.maximum(ours.error, 1e-3)
    assert np.all(np.abs(ours.normalised - exact / scale) < 4 * error)
    assert np.all(ours.error < 0.06)


def test_rare_light_is_told() -> None:
    """Decay far above the pump: emitters hardly ever shine together; g2(0) is known from few events."""
    ask = {"delays": np.array([0.0]), "order": 2, "mode": 0, "other": 0, "initial": None}
    few = chain_correlation(
        bad_cavity(2, gamma=1.0, pump_rate=1e-4), Jumps(4, seed=1, cavity="eliminated"), **ask
    )
    assert any("rare" in warning or "dark" in warning for warning in few.record.warnings)
    enough = chain_correlation(bad_cavity(2, gamma=1.0, pump_rate=0.3), Jumps(50, cavity="eliminated"), **ask)
    assert enough.record.warnings == ()


@pytest.mark.parametrize("area", [0.6 * np.pi, np.pi])
def test_evolution_from_a_pulse(area: float) -> None:
    system = bad_cavity(3, shift=0.3, gamma=0.4, dephasing_rate=0.3, pump_rate=0.2, detuning=0.9)
    times, prepared = np.array([0.0, 0.2, 0.7, 1.5]), Preparation.pulse(area, phase=0.4)
    ours = chain_evolve(system, Jumps(6000, seed=5, cavity="eliminated"), times=times, initial=prepared)
    partner = Partner(system)
    c, s = np.cos(area / 2), np.sin(area / 2)
    one = c * qt.basis(2, 0) - 1j * np.exp(0.4j) * s * qt.basis(2, 1)
    a = partner.a[0]
    theirs = qt.mesolve(
        partner.h, qt.tensor([one] * 3), times, partner.c, e_ops=[a.dag() * a, partner.excited / 3, a]
    ).expect
    assert np.all(np.abs(ours.photon_number[0] - theirs[0]) < 4 * ours.photon_number_error[0] + 1e-12)
    assert np.all(
        np.abs(ours.excited_population[0] - theirs[1]) < 4 * ours.excited_population_error[0] + 1e-12
    )
    assert np.all(np.abs(ours.amplitude[0] - theirs[2]) < 0.03 * np.sqrt(theirs[0].max()))


def test_evolution_of_emitters_that_start_in_a_mixture() -> None:
    system, times = bad_cavity(4, gamma=0.4, dephasing_rate=0.3), np.array([0.0, 0.2, 0.7, 1.5])
    prepared = Preparation([np.diag([0.3, 0.7])])
    ours = chain_evolve(system, Jumps(8000, seed=5, cavity="eliminated"), times=times, initial=prepared)
    partner = Partner(system)
    one, a = 0.3 * qt.ket2dm(qt.basis(2, 0)) + 0.7 * qt.ket2dm(qt.basis(2, 1)), partner.a[0]
    theirs = qt.mesolve(
        partner.h, qt.tensor([one] * 4), times, partner.c, e_ops=[a.dag() * a, partner.excited / 4]
    ).expect
    assert np.all(np.abs(ours.photon_number[0] - theirs[0]) < 4 * ours.photon_number_error[0])
    assert np.all(np.abs(ours.excited_population[0] - theirs[1]) < 4 * ours.excited_population_error[0])
    assert np.all(ours.photon_number_error[0] < 0.03 * theirs[0].max())
    assert not ours.amplitude.any()


@pytest.mark.parametrize("order", [1, 2])
def test_correlations_of_a_pulse(order: int) -> None:
    system = bad_cavity(3, shift=0.2, gamma=0.3, dephasing_rate=0.2)
    delays, prepared = np.array([0.0, 0.4, 1.0]), Preparation("inverted")
    ours = chain_correlation(
        system,
        Jumps(6000, seed=6, cavity="eliminated"),
        delays=delays,
        order=order,
        mode=0,
        other=0,
        initial=prepared,
    )
    partner = Partner(system)
    a = partner.a[0]
    fine = np.linspace(0, 12, 481)
    states = qt.mesolve(partner.h, qt.tensor([qt.basis(2, 1)] * 3), fine, partner.c).states
    n = np.array([qt.expect(a.dag() * a, state) for state in states])
    from scipy.integrate import simpson

    if order == 1:
        start = [a * (state if state.isoper else qt.ket2dm(state)) for state in states]
    else:
        start = [a * (state if state.isoper else qt.ket2dm(state)) * a.dag() for state in states]
    whole = sum(weight * op for weight, op in zip(simpson_weights(fine), start, strict=True))
    watched = a.dag() if order == 1 else a.dag() * a
    value = qt.mesolve(partner.h, whole, delays, partner.c, e_ops=[watched]).expect[0]
    if order == 1:
        scale = np.full(3, simpson(n, x=fine))
    else:
        scale = np.array([simpson(n * np.interp(fine + tau, fine, n, right=0.0), x=fine) for tau in delays])
    assert np.all(np.abs(ours.normalised - value / scale) < 4 * ours.error + 1e-3)
    assert np.all(ours.error < 0.06)


def simpson_weights(x: np.ndarray) -> np.ndarray:
    weights = np.full(len(x), 2.0)
    weights[1::2] = 4.0
    weights[0] = weights[-1] = 1.0
    return weights * (x[1] - x[0]) / 3


def test_one_emitter_has_the_rate_equation_s_populations() -> None:
    gamma, pump, collective = 0.5, 0.7, 1.0
    ours = chain_steady_state(
        bad_cavity(1, collective, gamma=gamma, pump_rate=pump), Jumps(1000, seed=1, cavity="eliminated")
    )
    expected = pump / (pump + gamma + collective)
    assert abs(ours.excited_population[0] - expected) < 4 * ours.excited_population_error[0]
    assert ours.g2[0] == 0
    assert np.isnan(ours.emitter_correlation[0, 0])


def test_collective_decay_of_two_emitters() -> None:
    times = np.array([0.0, 0.3, 1.0, 2.0])
    ours = chain_evolve(
        bad_cavity(2), Jumps(8000, seed=2, cavity="eliminated"), times=times, initial=Preparation("inverted")
    )
    # Dicke: |1, 1> -> |1, 0> -> |1, -1>, both at 2 Gamma
    expected = np.exp(-2 * times) + times * np.exp(-2 * times)
    assert np.all(
        np.abs(ours.excited_population[0] - expected) < 4 * ours.excited_population_error[0] + 1e-12
    )


def test_the_waiting_times_of_the_death_chain_are_exponential() -> None:
    from scipy.stats import kstest

    number, runs = 5, 1500
    (time, channel, run), labels, left = chain_clicks(
        bad_cavity(number), spawn_seeds(7, runs), 1e6, initial=Preparation("inverted")
    )
    assert np.all(left == 0)
    assert np.all(channel == labels.index("mode 0"))
    assert np.array_equal(run, np.repeat(np.arange(runs), number))
    waits = np.diff(time.reshape(runs, number), axis=1, prepend=0.0)
    for k in range(number):  # from k + 1 -> the rate (N - k)(k + 1) Gamma
        assert kstest(waits[:, k] * (number - k) * (k + 1), "expon").pvalue > 1e-3


@settings(deadline=None, max_examples=15)
@given(
    number=some.integers(1, 40),
    gamma=some.floats(0.0, 3.0),
    pump=some.floats(0.01, 3.0),
    dephasing=some.floats(0.0, 3.0),
    seed=some.integers(0, 1000),
)
def test_clicks_account_for_every_excitation(
    number: int, gamma: float, pump: float, dephasing: float, seed: int
) -> None:
    system = bad_cavity(number, gamma=gamma, pump_rate=pump, dephasing_rate=dephasing)
    (_, channel, run), labels, left = chain_clicks(
        system, spawn_seeds(seed, 3), 2.0, initial=Preparation("inverted")
    )
    change = np.array(
        [{"mode": -1, "decay": -1, "pump": 1, "dephasing": 0}[name.split()[0]] for name in labels]
    )
    for k in range(3):
        assert number + change[channel[run == k]].sum() == left[k]


def test_photons_are_shared_among_the_modes_that_carry_them() -> None:
    system = CavitySystem(
        [Emitters(20, g=(4.0, 6.0j), gamma=0.1, pump_rate=3.0)],
        [CavityMode(900.0), CavityMode(500.0, detuning=200.0)],
    )
    (_, channel, _), labels, _ = chain_clicks(system, spawn_seeds(1, 20), 5.0, settle=2.0)
    found = eliminate(system)
    share = system.kappas * np.abs(found.amplitude[:, 0]) ** 2
    assert share.sum() == pytest.approx(found.decay[0, 0].real, rel=1e-12)
    counts = np.bincount(channel, minlength=5)[:2]
    p = share[0] / share.sum()
    assert labels[:2] == ["mode 0", "mode 1"]
    assert abs(counts[0] - p * counts.sum()) < 4 * np.sqrt(p * (1 - p) * counts.sum())
    ours = chain_steady_state(system, Jumps(20, cavity="eliminated"))
    assert ours.photon_number[0] / ours.photon_number[1] == pytest.approx(
        abs(found.amplitude[0, 0] / found.amplitude[1, 0]) ** 2, rel=1e-12
    )


def test_groups_of_other_phases_are_one_group() -> None:
    method, g = Jumps(50, seed=1, cavity="eliminated"), np.sqrt(KAPPA) / 2
    turned = CavitySystem(
        [Emitters(4, g=g, gamma=0.2, pump_rate=2.0), Emitters(1, g=-1j * g, gamma=0.2, pump_rate=2.0)],
        [CavityMode(KAPPA)],
    )
    one, two = (
        chain_steady_state(bad_cavity(5, gamma=0.2, pump_rate=2.0), method),
        chain_steady_state(turned, method),
    )
    assert two.photon_number == pytest.approx(one.photon_number, rel=1e-12)
    assert two.excited_population == pytest.approx(np.repeat(one.excited_population, 2), rel=1e-12)
    pair = one.emitter_correlation[0, 0]
    assert two.emitter_correlation[0, 1] == pytest.approx(-1j * pair)  # arg g_1 - arg g_0
    assert two.emitter_correlation[1, 0] == pytest.approx(1j * pair)
    assert np.isnan(two.emitter_correlation[1, 1])


def test_superradiant_emission_at_its_maximum() -> None:
    """Meiser and Holland, Phys. Rev. A 81, 033847 (2010): at w = N Gamma/2 <S^+ S^-> -> N^2/8, population 3/4."""
    number = 10_000
    ours = chain_steady_state(
        bad_cavity(number, 1e-3, pump_rate=0.5 * number * 1e-3), Jumps(20, seed=1, cavity="eliminated")
    )
    light = ours.photon_number[0] * KAPPA / 1e-3
    assert light == pytest.approx(number**2 / 8, rel=5e-3)
    assert ours.excited_population[0] == pytest.approx(0.75, rel=2e-3)
    assert ours.g2[0] == pytest.approx(1, abs=0.01)
    assert not any("stationary" in warning for warning in ours.record.warnings)


def test_the_number_of_jumps_is_extensive_and_the_kernel_needs_no_more() -> None:
    """Between N = 100 and 10,000 at w = N Gamma/2 the jumps in 1/w grow as N: a jump costs the same."""
    jumps = {}
    for number in (100, 10_000):
        chain = chain_of(bad_cavity(number, pump_rate=0.5 * number))
        _, counts = stationary_runs(chain, spawn_seeds(0, 3), 6 / (0.5 * number), 20 / (0.5 * number))
        jumps[number] = counts.sum()
    assert jumps[10_000] / jumps[100] == pytest.approx(100, rel=0.1)


def test_the_same_seed_gives_the_same_answer_however_it_is_shared() -> None:
    system = SYSTEMS["three, all local processes"]
    one = chain_steady_state(system, Jumps(40, seed=8, cavity="eliminated"))
    two = chain_steady_state(system, Jumps(40, seed=8, cavity="eliminated", workers=2))
    assert np.array_equal(one.photon_number, two.photon_number)
    assert np.array_equal(one.g2, two.g2)
    seeds = spawn_seeds(8, 6)
    whole, _, _ = chain_clicks(system, seeds, 5.0)
    last, _, _ = chain_clicks(system, seeds[4:], 5.0)
    assert np.array_equal(whole[0][whole[2] >= 4], last[0])


def test_trajectories_added_later_are_those_of_one_longer_computation() -> None:
    system = SYSTEMS["three, all local processes"]
    part = chain_steady_state(system, Jumps(100, seed=9, cavity="eliminated"))
    more = chain_steady_state(system, Jumps(200, seed=9, cavity="eliminated"), more=part)
    whole = chain_steady_state(system, Jumps(300, seed=9, cavity="eliminated"))
    assert more.record.parameters["method"]["trajectories"] == 300
    assert more.excited_population == pytest.approx(
        whole.excited_population, abs=0.3 * whole.excited_population_error[0]
    )
    assert more.photon_number_error == pytest.approx(whole.photon_number_error, rel=0.1)
    with pytest.raises(InputError, match="another system"):
        chain_steady_state(SYSTEMS["one emitter"], Jumps(100, seed=9, cavity="eliminated"), more=part)
    with pytest.raises(InputError, match="seed"):
        chain_steady_state(system, Jumps(100, seed=1, cavity="eliminated"), more=part)


def test_a_target_error_ends_the_computation() -> None:
    system = SYSTEMS["three, all local processes"]
    ours = chain_steady_state(system, Jumps(100_000, seed=9, cavity="eliminated", target_error=0.02))
    assert 0.01 < ours.photon_number_error[0] / ours.photon_number[0] <= 0.02
    assert ours.record.parameters["method"]["trajectories"] < 1000


def test_what_it_cannot_do_is_refused() -> None:
    group = Emitters(2, g=1.0, gamma=0.1, pump_rate=0.5)
    method = Jumps(4, cavity="eliminated")
    with pytest.raises(InputError, match="one group"):
        chain_steady_state(CavitySystem([group, Emitters(1, g=2.0)], [CavityMode(100.0)]), method)
    with pytest.raises(InputError, match="mixture of superpositions"):
        chain_evolve(
            bad_cavity(2), method, times=np.array([1.0]), initial=Preparation([[[0.5, 0.2], [0.2, 0.5]]])
        )
    many = CavitySystem([Emitters(10**6, g=np.sqrt(1e9) / 2, pump_rate=5e5)], [CavityMode(1e9)])
    with pytest.raises(InputError, match="would take about"):
        chain_correlation(
            many, method, delays=np.array([0.0, 5.0]), order=1, mode=0, other=0, initial=None
        )  # fmt: skip
    with pytest.raises(InputError, match="does not end"):
        chain_correlation(
            CavitySystem([group], [CavityMode(100.0)]), method, delays=np.array([0.0]), order=1, mode=0, other=0,
            initial=Preparation("inverted"),
        )  # fmt: skip
