"""Click records of many identical emitters: the cavity kept on a window of the ladder, and eliminated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from atomcavity.detection import ClickRecords, clicks
from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Emitters,
    Exact,
    Preparation,
    correlation,
    steady_state,
)
from atomcavity.errors import InputError

LASER = CavitySystem(
    [Emitters(4, g=(0.6, 0.8j), gamma=0.3, pump_rate=1.5, dephasing_rate=0.2)], [CavityMode(2.0)] * 2
)
BAD = CavitySystem([Emitters(6, g=1.0, gamma=0.02, pump_rate=0.2)], [CavityMode(100.0)])


def same(one: ClickRecords, two: ClickRecords) -> None:
    for name in ("time", "channel", "run", "labels"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert one.record.neglected == two.record.neglected


def test_the_window_and_stored_sectors_click_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Photons of both modes, decays, pumps and dephasing; and the photon pairs."""
    ours = clicks(LASER, 40.0, trajectories=100, seed=1)
    monkeypatch.setattr("atomcavity.dynamics.jumps.ladder.suits", lambda *_: False)
    stored = clicks(LASER, 40.0, trajectories=100, seed=1)
    np.testing.assert_array_equal(ours.labels, stored.labels)
    assert not np.array_equal(ours.time[:9], stored.time[:9])
    for label in ours.labels:
        counts = [r.counts(str(label)) for r in (ours, stored)]
        error = np.sqrt(sum(c.var() / len(c) for c in counts))
        assert abs(counts[0].mean() - counts[1].mean()) < 4 * error
        assert error < 0.05 * counts[0].mean()
    edges = [0.0, 0.3, 1.0]
    one, two = (r.coincidences(edges, "mode 0", "mode 1") for r in (ours, stored))
    assert np.all(np.abs(one.g2 - two.g2) < 4 * np.hypot(one.error, two.error))


def test_clicks_of_an_eliminated_cavity_are_its_light() -> None:
    exact = Exact(cavity="eliminated")
    ours = clicks(BAD, 200.0, trajectories=60, seed=2, cavity="eliminated")
    light = steady_state(BAD, method=exact)
    assert ours.rate("mode 0") == pytest.approx(100.0 * light.photon_number[0], rel=0.03)
    assert ours.rate("decay 0") == pytest.approx(0.02 * 6 * light.excited_population[0], rel=0.06)
    assert list(ours.labels) == ["decay 0", "mode 0", "pump 0"]
    edges, fine = np.linspace(0.0, 6.0, 7), np.linspace(0.0, 6.0, 61)
    g2 = correlation(BAD, fine, order=2, method=exact).normalised.real
    means = np.array([np.trapezoid(g2[10 * k : 10 * k + 11], dx=0.1) for k in range(6)])
    pairs = ours.coincidences(edges, "mode 0")
    assert np.all(np.abs(pairs.g2 - means) < 4.5 * pairs.error)
    assert np.all(pairs.error < 0.05)


@pytest.mark.parametrize(("cavity", "number"), [("kept", 60), ("eliminated", 2000)])
def test_every_quantum_of_many_inverted_emitters_leaves_once(cavity: str, number: int) -> None:
    """Into two modes with equal probability; nothing is left when the pulse is over."""
    system = CavitySystem([Emitters(number, (1.0, 1.0))], [CavityMode(200.0)] * 2)
    pulses = clicks(system, 100 * 50.0, period=50.0, seed=3, cavity=cavity)
    first, second = (pulses.counts(f"mode {i}") for i in (0, 1))
    assert np.all(first + second == number)
    assert pulses.record.neglected == 0
    assert list(pulses.labels) == ["mode 0", "mode 1"]
    assert np.all(pulses.time // 50.0 == pulses.run)
    assert stats.kstest(first + np.random.default_rng(0).random(100), _binomial(number)).pvalue > 1e-3


def _binomial(number: int):  # type: ignore[no-untyped-def]
    """Distribution of a binomial number plus a uniform one."""
    spread = stats.binom(number, 0.5)
    return lambda x: spread.cdf(np.floor(x) - 1) + (x - np.floor(x)) * spread.pmf(np.floor(x))


@pytest.mark.parametrize("cavity", ["kept", "eliminated"])
def test_what_a_short_period_discards_is_counted_by_ladders(cavity: str) -> None:
    """Without a coupling worth the name half-excited emitters lose exp(-1) of their excitations in a lifetime."""
    slow = CavitySystem([Emitters(50, 1e-9, gamma=1.0)], [CavityMode(1.0)])
    half = Preparation.pulse(np.pi / 2)
    pulses = clicks(slow, 200.0, period=1.0, initial=half, cavity=cavity)
    assert pulses.record.neglected == pytest.approx(np.exp(-1), abs=0.02)
    assert "left" in pulses.warnings[0]
    assert pulses.record.parameters["cavity"] == cavity


@pytest.mark.parametrize("cavity", ["kept", "eliminated"])
def test_records_do_not_depend_on_their_number(cavity: str) -> None:
    one, two = (clicks(BAD, 20.0, seed=9, trajectories=n, cavity=cavity) for n in (9, 20))
    np.testing.assert_array_equal(one.time, two.time[two.run < 9])
    np.testing.assert_array_equal(one.channel, two.channel[two.run < 9])


@pytest.mark.slow
@pytest.mark.parametrize("cavity", ["kept", "eliminated"])
def test_processes_do_not_change_the_clicks_of_ladders(cavity: str) -> None:
    same(*(clicks(BAD, 20.0, seed=9, trajectories=20, cavity=cavity, workers=n) for n in (1, 2)))
    same(*(clicks(BAD, 200.0, seed=9, period=20.0, cavity=cavity, workers=n) for n in (1, 2)))


def test_a_cavity_that_is_not_small_is_told_and_groups_are_refused() -> None:
    good = CavitySystem([Emitters(2, g=1.0, pump_rate=1.0)], [CavityMode(1.0)])
    assert "eliminated although" in clicks(good, 5.0, cavity="eliminated").warnings[0]
    unlike = CavitySystem([Emitters(2, g=1.0), Emitters(2, g=2.0)], [CavityMode(100.0)])
    with pytest.raises(InputError, match="one group"):
        clicks(unlike, 5.0, period=5.0, cavity="eliminated")
    alike = CavitySystem([Emitters(2, g=1.0), Emitters(2, g=-1.0)], [CavityMode(100.0)])
    with pytest.raises(InputError, match="apart"):
        clicks(alike, 5.0, period=5.0, cavity="eliminated")
    with pytest.raises(InputError, match="'kept', 'eliminated'"):
        clicks(good, 5.0, cavity="open")
