"""Decision rules on clicks: exact false alarms, first passages, posteriors, receiver curves."""

import math
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import integrate

import atomcavity as ac
from atomcavity.detection.counting import PhotonCounter
from atomcavity.detection.receiver import receiver_curve
from atomcavity.detection.records import ClickRecords
from atomcavity.detection.rules import CountThreshold, Cusum, LikelihoodRatio
from atomcavity.detection.run_lengths import alm_false_alarms, cusum_run_length, scan_false_alarms
from atomcavity.results import Record

OFF, ON = 75e3, 75e3 * math.exp(1.601)


def records(*runs, duration=1e-3):
    return ClickRecords(
        Record("given"),
        time=np.concatenate([np.array(r, dtype=float) for r in runs]),
        channel=np.zeros(sum(map(len, runs)), np.int64),
        run=np.repeat(np.arange(len(runs)), [len(r) for r in runs]),
        labels=np.array(["detector"]),
        duration=duration,
        runs=len(runs),
        period=math.nan,
    )


def empty(rate, duration, runs, seed):
    return PhotonCounter(rate).clicks([0, duration], [1.0, 1.0], runs=runs, seed=seed)


@pytest.mark.parametrize(("count", "alarms"), [(5, 4.0), (6, 0.61), (7, 0.078), (8, 8.5e-3), (10, 6.8e-5)])
def test_false_alarms_of_the_experiment(count, alarms):
    """Per 10 ms at 0.075 counts/us in a window of 10 us; Alm's formula is an independent approximation."""
    found = CountThreshold(count, 10e-6).false_alarm_rate(OFF)
    assert found * 10e-3 == pytest.approx(alarms, rel=0.02)
    assert found == pytest.approx(alm_false_alarms(OFF, count, 10e-6), rel=0.01)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_count_threshold_stays_silent_as_scan_statistics_say(count):
    """After two windows the probability of silence falls exponentially."""
    window, mean = 1.0, 0.75
    runs = 40_000
    found = CountThreshold(count, window).first_alarm(empty(mean, 12.0, runs, seed=count))
    late, end = ((np.isnan(found) | (found > t)).sum() for t in (2.0, 12.0))
    rate = scan_false_alarms(mean, count, window)
    expected = math.exp(-10 * rate)
    share = end / late
    assert share == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / late) + 0.02 * rate)


@pytest.mark.parametrize(("count", "mean"), [(3, 1.5), (4, 2.5), (6, 4.0)])
def test_silence_of_three_windows_after_two_is_exact(count, mean):
    found = CountThreshold(count, 1.0).first_alarm(empty(mean, 3.0, 150_000, seed=count))
    two = int((np.isnan(found) | (found > 2)).sum())
    share = int(np.isnan(found).sum()) / two
    expected = math.exp(-scan_false_alarms(mean, count, 1.0))
    assert share == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / two))


def test_two_clicks_in_a_window_in_closed_form():
    """Silence for two clicks within a window: gaps longer than it; sum (rate (T - (n-1) w))^n/n! exp(-rate T)."""
    rate, window = 0.6, 1.0

    def silent(t):
        terms = [(rate * max(0.0, t - (n - 1) * window)) ** n / math.factorial(n) for n in range(1, 30)]
        return math.exp(-rate * t) * (1 + sum(x for n, x in enumerate(terms, 1) if t > (n - 1) * window))

    assert scan_false_alarms(rate, 2, window) == pytest.approx(math.log(silent(2.0) / silent(3.0)), rel=1e-9)


def test_cusum_below_one_step_is_the_first_click():
    rule = Cusum(OFF, ON, level=1.0)
    assert rule.mean_run_length(OFF) == pytest.approx(1 / OFF, rel=1e-12)


@pytest.mark.parametrize(("rate", "level"), [(0.2, 1.7), (1.0, 1.7), (2.5, 1.7), (0.7, 2.3)])
def test_cusum_against_the_integral_equation(rate, level):
    """The same law in another form and by another method: trapezia on a plain grid, error of first order."""
    a, b = 1.0, 0.5
    coarse, fine = (
        _by_integral_equation(np.linspace(0, level, size + 1), a, b, rate, level)
        for size in (round(100 * level), round(200 * level))
    )
    assert cusum_run_length(rate, a, b, level) == pytest.approx(2 * fine - coarse, rel=1e-3)


def _by_integral_equation(grid, a, b, rate, h):
    """M(s) = 1/rate + int_0^(s/b) rate exp(-rate t) M(s - b t + a) dt + exp(-rate s/b) M(a), on a grid."""
    step = grid[1] - grid[0]
    size = len(grid)
    matrix = np.zeros((size, size))
    shift = round(a / step)
    k = rate / b
    for i in range(size):
        # weight of M(u + a), u = s - b t on the grid: exact for piecewise constant at midpoints
        edges = np.exp(-k * (grid[i] - grid[: i + 1]))
        mass = np.diff(edges)
        for j, w in enumerate(mass):
            for place in (j, j + 1):
                if place + shift < size - 1:
                    matrix[i, place + shift] += w / 2
        if shift < size - 1:
            matrix[i, shift] += edges[0]
    return np.linalg.solve(np.eye(size) - matrix, np.full(size, 1 / rate))[0]


@pytest.mark.parametrize(("rate", "level"), [(OFF, 5.75), (ON, 9.5), (2e5, 4.0)])
def test_cusum_run_length_by_simulation(rate, level):
    rule = Cusum(OFF, ON, level)
    expected = rule.mean_run_length(rate)
    found = rule.first_alarm(empty(rate, 15 * expected, 4000, seed=4))
    assert np.isfinite(found).sum() > 3990
    found = np.where(np.isfinite(found), found, 15 * expected)
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / math.sqrt(4000))


@pytest.mark.parametrize(("count", "level"), [(5, 5.75), (6, 7.5), (7, 9.5), (8, 11.75), (10, 16.75)])
def test_levels_of_equal_false_alarms(count, level):
    """Levels that an independent solution on a grid gives, to its own steps of a quarter."""
    alarms = CountThreshold(count, 10e-6).false_alarm_rate(OFF)
    rule = Cusum.at_false_alarms(OFF, ON, alarms)
    assert rule.false_alarm_rate(OFF) == pytest.approx(alarms, rel=1e-6)
    assert rule.level == pytest.approx(level, abs=0.25)


@pytest.mark.parametrize("level", [20.0, 40.0, 80.0])
def test_rare_alarms_grow_exponentially(level):
    """The sum of logarithms of the likelihood ratio is a martingale of exp(s): each unit of level costs a factor e."""
    lengths = [Cusum(OFF, ON, x).mean_run_length(OFF) for x in (level, level + 1)]
    assert lengths[1] / lengths[0] == pytest.approx(math.e, rel=1e-6)


@pytest.mark.parametrize("count", [15, 25, 40])
def test_very_rare_counts(count):
    """Alm's formula becomes exact where alarms are rare."""
    assert scan_false_alarms(OFF, count, 10e-6) == pytest.approx(
        alm_false_alarms(OFF, count, 10e-6), rel=1e-6
    )


def test_alarms_by_hand():
    clicks = records([1.0, 2.0, 2.5, 2.9, 9.0], [], [1.0, 1.1, 1.2], [1.0, 2.0, 3.0], duration=10.0)
    assert CountThreshold(3, 1.0).first_alarm(clicks) == pytest.approx(
        [2.9, np.nan, 1.2, np.nan], nan_ok=True
    )
    assert CountThreshold(3, 2.0).first_alarm(clicks) == pytest.approx(
        [2.5, np.nan, 1.2, np.nan], nan_ok=True
    )
    rule = Cusum(1.0, math.e, level=2.0)  # gain 1, drift e - 1
    assert rule.first_alarm(clicks) == pytest.approx([np.nan, np.nan, 1.2, np.nan], nan_ok=True)
    assert Cusum(0.1, 1.0, level=2.5 * math.log(10)).first_alarm(clicks)[2] == 1.2


def test_cusum_beats_the_threshold_at_a_lasting_step():
    signal = PhotonCounter(1.0).clicks([0, 40e-6], [ON, ON], runs=4000, seed=9)
    threshold = CountThreshold(8, 10e-6)
    cusum = Cusum.at_false_alarms(OFF, ON, threshold.false_alarm_rate(OFF))
    curve = receiver_curve([threshold, cusum], signal, OFF)
    assert curve.false_alarms[1] == pytest.approx(curve.false_alarms[0], rel=1e-5)
    assert curve.detection[1] - curve.detection[0] > 5 * curve.detection_error.max()
    assert curve.plot(Figure().subplots()).get_xscale() == "log"


def test_receiver_curve_of_empty_runs():
    rule = CountThreshold(5, 10e-6)
    counted = receiver_curve([rule], empty(OFF, 1e-3, 10, 1), empty(OFF, 1e-2, 3000, 2))
    exact = rule.false_alarm_rate(OFF)
    assert counted.false_alarms[0] == pytest.approx(exact, abs=4 * counted.false_alarms_error[0])
    assert counted.false_alarms_error[0] < 0.05 * exact


TIME = np.linspace(0, 60e-6, 241)
SHAPE = np.exp(-(((TIME - 40e-6) / 12e-6) ** 2))
RATES = OFF + np.array([0.0, 1.6e5, 3.0e5, 4.0e5])[:, None] * SHAPE
PRIOR = np.array([0.3, 0.4, 0.2, 0.1])


def sites(runs, seed):
    """Runs of templates whose n is drawn from the prior."""
    n = np.random.default_rng(seed).choice(4, runs, p=PRIOR)
    return n, PhotonCounter(1.0).clicks(TIME, RATES[n], seed=seed)


def test_posterior_is_calibrated():
    """Among runs whose P(n = 1) is p, a share p holds one atom (Bayes' rule)."""
    n, clicks = sites(8_000, 3)
    posterior = LikelihoodRatio(TIME, RATES, PRIOR).posterior(clicks)
    assert np.allclose(posterior.sum(axis=2), 1)
    assert np.allclose(posterior[:, 0], PRIOR)
    for t in (120, 160, 240):
        p = posterior[:, t, 1]
        groups = np.digitize(p, np.linspace(0, 1, 11)[1:-1])
        for k in range(10):
            here = groups == k
            if here.sum() > 200:
                spread = math.sqrt((p[here] * (1 - p[here])).sum())
                assert abs((n[here] == 1).sum() - p[here].sum()) < 4.5 * spread


def test_posterior_by_hand():
    clicks = records([7e-6, 31e-6], [55e-6])
    rule = LikelihoodRatio(TIME, RATES, PRIOR)
    posterior = rule.posterior(clicks, starts=[0.0, 5e-6])
    for run, times in enumerate(([7e-6, 31e-6], [50e-6])):
        logs = np.log(PRIOR)
        for k in range(4):
            rate = lambda t, k=k: np.exp(np.interp(t, TIME, np.log(RATES[k])))  # noqa: E731
            logs[k] += np.log([rate(t) for t in times]).sum() - integrate.trapezoid(
                rate(np.linspace(0, TIME[-1], 200001)), dx=TIME[-1] / 200000
            )
        weights = np.exp(logs - logs.max())
        assert posterior[run, -1] == pytest.approx(weights / weights.sum(), rel=1e-6)


def test_likelihood_ratio_rejects_two_atoms():
    n, clicks = sites(8_000, 5)
    rule = LikelihoodRatio(TIME, RATES, PRIOR, confidence=0.65, earliest=35e-6)
    fired = np.isfinite(rule.first_alarm(clicks))
    assert rule.first_alarm(clicks)[fired].min() >= 35e-6
    count = np.isfinite(CountThreshold(7, 10e-6).first_alarm(clicks))
    assert (n[fired] == 1).mean() > max(0.6, (n[count] == 1).mean() + 0.2)
    assert fired.mean() > 0.02


def test_random_motion_needs_samples_of_it():
    """Rates that differ from site to site: with samples of them as hypotheses the posterior is calibrated, not with the mean."""
    rng = np.random.default_rng(11)

    def rates(n, size):
        strength = rng.gamma(2.0, 0.5, (size, 1))
        return OFF + n * 1.6e5 * strength * SHAPE

    n = rng.choice(3, 3000, p=[0.3, 0.5, 0.2])
    clicks = PhotonCounter(1.0).clicks(TIME, np.array([rates(k, 1)[0] for k in n]), seed=12)
    samples = [rates(1, 150), rates(2, 150)]
    every = LikelihoodRatio(
        TIME,
        np.concatenate([OFF + 0 * SHAPE[None], *samples]),
        prior=np.repeat([0.3, 0.5 / 150, 0.2 / 150], [1, 150, 150]),
        atoms=np.repeat([0, 1, 2], [1, 150, 150]),
    )
    mean = LikelihoodRatio(
        TIME, np.array([OFF + 0 * SHAPE, *(x.mean(axis=0) for x in samples)]), prior=[0.3, 0.5, 0.2]
    )
    pulls = []
    for rule in (every, mean):
        p = rule.posterior(clicks)[:, -1]
        assert p.sum(axis=1) == pytest.approx(1)
        sure = p.max(axis=1) > 0.8
        right, claimed = (p.argmax(axis=1) == n)[sure], p.max(axis=1)[sure]
        pulls.append((right.sum() - claimed.sum()) / math.sqrt((claimed * (1 - claimed)).sum()))
    assert abs(pulls[0]) < 4.5
    assert pulls[1] < -8  # far too sure


def test_start_moves_the_alarm():
    n, clicks = sites(500, 6)
    rule = LikelihoodRatio(TIME, RATES, PRIOR, confidence=0.6)
    later = records(*(clicks.time[clicks.run == r] + 1e-4 for r in range(500)), duration=2e-4)
    assert rule.first_alarm(later, 1e-4) == pytest.approx(
        rule.first_alarm(clicks) + 1e-4, rel=1e-9, nan_ok=True
    )
    assert len(n) == 500


@pytest.mark.parametrize(
    ("work", "match"),
    [
        (lambda: CountThreshold(0, 1e-6), "count = 0"),
        (lambda: CountThreshold(3, 0.0), "window"),
        (lambda: Cusum(2.0, 1.0, 3.0), "must exceed rate_off"),
        (lambda: Cusum.at_false_alarms(1.0, 2.0, 3.0), "alarms = 3.0"),
        (lambda: LikelihoodRatio(TIME, RATES, [1.0]), "prior must be 4"),
        (lambda: LikelihoodRatio(TIME, 0 * RATES, PRIOR), "rates must be positive"),
        (lambda: LikelihoodRatio(TIME, RATES, PRIOR, wanted=4), "wanted = 4"),
        (lambda: LikelihoodRatio(TIME, RATES, PRIOR, atoms=[0, 1]), "atoms must be 4"),
        (lambda: receiver_curve([], records([]), 1.0), "rules is empty"),
        (lambda: receiver_curve([LikelihoodRatio(TIME, RATES, PRIOR)], records([]), 1.0), "knows no false"),
        (lambda: CountThreshold(1, 1.0).first_alarm(records([2.0, 1.0])), "in order"),
    ],
)
def test_refuses(work, match):
    with pytest.raises(ac.InputError, match=match):
        work()


def test_the_final_posterior_is_the_last_of_all():
    rule = LikelihoodRatio(TIME, RATES, PRIOR)
    clicks = PhotonCounter(1.0).clicks(TIME, RATES, seed=11)
    assert rule.final(clicks) == pytest.approx(rule.posterior(clicks)[:, -1], rel=1e-12)
    late = replace(rule, earliest=TIME[-1], confidence=0.5)
    sure = rule.final(clicks)[:, 1] >= 0.5
    assert np.isfinite(late.first_alarm(clicks)).tolist() == sure.tolist()
    assert np.isnan(replace(rule, earliest=2 * TIME[-1]).first_alarm(clicks)).all()
