"""Click records: pulses, coincidences and normalisation."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from atomcavity.detection import ClickRecords, clicks
from atomcavity.dynamics.api import correlation, steady_state
from atomcavity.dynamics.system import CavityMode, CavitySystem, Emitters
from atomcavity.errors import InputError
from atomcavity.results import Record, load

NAN = float("nan")


def records(time: np.ndarray, channel: np.ndarray, run: np.ndarray, **other: object) -> ClickRecords:
    values: dict[str, object] = {"duration": 100.0, "runs": 1, "period": NAN, **other}
    return ClickRecords(
        Record("given"), time=time, channel=channel, run=run, labels=np.array(["mode 0", "mode 1"]), **values
    )  # type: ignore[arg-type]


def poisson(rate: float, duration: float, runs: int, seed: int) -> ClickRecords:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rate * duration, runs)
    run = np.repeat(np.arange(runs), counts)
    time = np.concatenate([np.sort(rng.uniform(0, duration, n)) for n in counts])
    return records(time, rng.integers(0, 2, len(time)), run, duration=duration, runs=runs)


@pytest.mark.parametrize("runs", [1, 50])
@pytest.mark.parametrize("second", ["mode 0", "mode 1"])
def test_independent_clicks_have_g2_of_one_at_every_delay(runs: int, second: str) -> None:
    source = poisson(200.0, 1000.0 / runs, runs, seed=2)
    pairs = source.coincidences(np.linspace(-4.0, 4.0, 21), "mode 0", second)
    assert np.all(np.abs(pairs.g2 - 1) < 5 * pairs.error)
    assert abs(pairs.counts.sum() / pairs.expected.sum() - 1) < 0.01


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_histogram_counts_every_pair_once(seed: int, same: bool, even: bool) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 40))
    run = np.sort(rng.integers(0, 3, n))
    time = np.round(rng.uniform(0, 20, n), 1)
    time = time[np.lexsort((time, run))]
    channel = rng.integers(0, 2, n)
    edges = (
        np.linspace(-3.0, 5.0, 9) if even else np.sort(rng.choice(np.arange(-40, 60), 7, replace=False)) / 8
    )
    second = "mode 0" if same else "mode 1"
    ours = records(time, channel, run, duration=20.0, runs=3).coincidences(edges, "mode 0", second).counts
    delays = [
        (time[j] + run[j] * 1e3) - (time[i] + run[i] * 1e3)
        for i in range(n)
        for j in range(n)
        if channel[i] == 0 and channel[j] == (0 if same else 1) and i != j and run[i] == run[j]
    ]
    away = [d for d in delays if np.abs(edges - d).min() > 1e-9]  # rounding may move a delay across an edge
    theirs = np.histogram(away, edges)[0]
    assert np.all(ours >= theirs)
    assert ours.sum() <= len(delays)


def test_a_single_emitter_never_emits_two_photons_in_a_pulse() -> None:
    atom = CavitySystem([Emitters(1, (1.0, 1.0j), gamma=0.05)], [CavityMode(2.0)] * 2)
    period = 60.0
    pulses = clicks(atom, 3000 * period, period=period, seed=1)
    total = sum(pulses.counts(str(label)) for label in pulses.labels)
    assert np.all(total == 1)
    for second in ("mode 0", "mode 1"):
        histogram = pulses.coincidences(
            [-period / 4, period / 4, 3 * period / 4, 5 * period / 4], "mode 0", second
        )
        assert histogram.counts[0] == 0
        # neighbouring pulses: every pair of independent photons
        p, q = pulses.counts("mode 0").mean(), pulses.counts(second).mean()
        assert histogram.counts[2] == pytest.approx(3000 * p * q, rel=0.1)
        assert pulses.pulse_ratio("mode 0", second) == (0.0, 0.0)


def test_inverted_emitters_give_binomial_photons() -> None:
    """N quanta, each into mode 0 with probability 1/2: <n (n - 1)>/<n>^2 = 1 - 1/N, <n m>/<n><m> = 1 - 1/N."""
    five = CavitySystem([Emitters(5, (1.0, 1.0))], [CavityMode(2.0)] * 2)
    pulses = clicks(five, 4000 * 60.0, period=60.0, seed=3)
    assert np.all(pulses.counts("mode 0") + pulses.counts("mode 1") == 5)
    assert pulses.record.neglected == 0
    counts = np.bincount(pulses.counts("mode 0"), minlength=6)
    assert stats.chisquare(counts, 4000 * stats.binom.pmf(np.arange(6), 5, 0.5)).pvalue > 1e-3
    for second in (None, "mode 1"):
        value, error = pulses.pulse_ratio("mode 0", second)
        assert abs(value - 0.8) < 4 * error
        assert error < 0.01


def test_what_a_short_period_discards_is_told() -> None:
    slow = CavitySystem([Emitters(2, 0.0, gamma=1.0)], [CavityMode(1.0)])
    pulses = clicks(slow, 4000.0, period=1.0)
    assert pulses.record.neglected == pytest.approx(math.exp(-1), abs=0.02)
    assert "left" in pulses.warnings[0]
    assert np.all(pulses.time >= pulses.run) and np.all(pulses.time <= pulses.run + 1)  # noqa: PT018


def test_pump_and_loss_rates_balance_in_the_steady_state() -> None:
    """One emitter and weak coupling: rates of the clicks are those of the populations."""
    laser = CavitySystem([Emitters(1, 1e-6, gamma=1.0, pump_rate=3.0)], [CavityMode(2.0)])
    long = clicks(laser, 20000.0, seed=4)
    assert long.rate("pump 0") == pytest.approx(3.0 * 0.25, rel=0.02)
    assert long.rate("decay 0") == pytest.approx(1.0 * 0.75, rel=0.02)
    times = long.times("decay 0")
    # after a decay the emitter must be pumped again: two exponential waits
    gaps = np.diff(times)
    assert stats.kstest(gaps, lambda t: 1 - (3 * np.exp(-t) - np.exp(-3 * t)) / 2).pvalue > 1e-3


@pytest.mark.parametrize("pair", [(0, 0), (0, 1), (1, 0)])
def test_coincidences_of_steady_light_are_its_g2(pair: tuple[int, int]) -> None:
    """Counts against delay by trajectories, <a^+ b^+(tau) b(tau) a> by the exact regression; modes unlike."""
    laser = CavitySystem(
        [Emitters(1, (1.0, 0.6j), gamma=0.3, pump_rate=1.0)],
        [CavityMode(1.5, detuning=0.8), CavityMode(1.0, detuning=-0.5)],
    )
    first, second = pair
    edges = np.linspace(0.0, 4.0, 11)
    source = clicks(laser, 300.0, seed=5, trajectories=300)
    ours = source.coincidences(edges, f"mode {first}", f"mode {second}")
    exact = correlation(laser, np.linspace(0.0, 4.0, 101), order=2, mode=first, other=second).normalised.real
    means = np.array([np.trapezoid(exact[10 * k : 10 * k + 11], dx=0.1) for k in range(10)])
    assert np.ptp(means) > 0.2
    assert np.all(np.abs(ours.g2 - means) < 4.5 * ours.error)


@pytest.mark.parametrize("second", [0, 1])
def test_clicks_of_travelling_waves_are_those_of_the_given_modes(second: int) -> None:
    """The emitters would allow standing waves, but each click is told to leave one travelling mode."""
    waves = CavitySystem(
        [Emitters(1, (np.exp(1j * k), np.exp(-1j * k)), gamma=0.2, pump_rate=0.6) for k in (0.3, 0.6)],
        [CavityMode(2.0)] * 2,
    )
    source = clicks(waves, 300.0, seed=5, trajectories=100)
    photons = steady_state(waves).photon_number[second]  # alike in both; not in the standing waves
    assert source.rate(f"mode {second}") == pytest.approx(2.0 * photons, rel=0.04)
    pairs = source.coincidences([0.0, 0.2], "mode 0", f"mode {second}")
    exact = correlation(waves, [0.0, 0.1, 0.2], order=2, other=second).normalised.real.mean()
    assert abs(pairs.g2[0] - exact) < 4.5 * pairs.error[0]
    assert pairs.error[0] < 0.05


def test_the_same_seed_gives_the_same_clicks() -> None:
    laser = CavitySystem([Emitters(2, 1.0, gamma=1.0, pump_rate=3.0)], [CavityMode(2.0)])
    one, two = (clicks(laser, 50.0, seed=9, trajectories=n, initial="ground") for n in (3, 6))
    np.testing.assert_array_equal(one.time, two.time[two.run < 3])
    assert not np.array_equal(one.time[:5], clicks(laser, 50.0, seed=8, initial="ground").time[:5])


def test_records_survive_a_file(tmp_path: Path) -> None:
    source = poisson(3.0, 10.0, 2, seed=0)
    again = load(source.save(tmp_path / "clicks.nc"))
    assert isinstance(again, ClickRecords)
    np.testing.assert_array_equal(again.time, source.time)
    assert again.rate("mode 1") == source.rate("mode 1")
    assert "mode 1" in str(again)
    pairs = source.coincidences([0.0, 1.0, 2.0], "mode 0", "mode 1")
    np.testing.assert_array_equal(load(pairs.save(tmp_path / "pairs.nc")).counts, pairs.counts)  # type: ignore[attr-defined]


def test_refusals() -> None:
    atom = CavitySystem([Emitters(1, 1.0)], [CavityMode(2.0)])
    with pytest.raises(InputError, match="whole number of periods"):
        clicks(atom, 1.5, period=1.0)
    with pytest.raises(InputError, match="duration"):
        clicks(atom, -1.0)
    with pytest.raises(InputError, match="longer duration"):
        clicks(atom, 2.0, period=1.0, trajectories=2)
    with pytest.raises(InputError, match="initial"):
        clicks(atom, 2.0, initial="excitd")
    with pytest.raises(InputError, match="steady"):
        clicks(atom, 2.0, period=1.0, initial="steady")
    source = poisson(3.0, 10.0, 2, seed=0)
    with pytest.raises(InputError, match="did you mean 'mode 0'"):
        source.rate("mod 0")
    with pytest.raises(InputError, match="increasing"):
        source.coincidences([1.0, 0.0])
