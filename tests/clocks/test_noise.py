"""Power-law noise: expected deviations by their integrals, series against them, pulses with dead time."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from atomcavity.clocks import Noise, deviation
from atomcavity.clocks.expected import integral
from atomcavity.clocks.folding import folded
from atomcavity.clocks.weight import Weight
from atomcavity.errors import InputError

ALL = {
    2: Noise(white_pm=1.0, bandwidth_hz=3.1),
    1: Noise(flicker_pm=1.0, bandwidth_hz=3.1),
    0: Noise(white_fm=1.0),
    -1: Noise(flicker_fm=1.0),
    -2: Noise(random_walk_fm=1.0),
}
PULSE = (np.linspace(0.02, 0.10, 81), np.cosh((np.linspace(0.02, 0.10, 81) - 0.04) / 0.008) ** -2.0)
TRANSFER = {
    "adev": lambda u: 2 * np.sin(u) ** 4 / u**2,
    "mdev": lambda u: 2 * np.sin(u) ** 6 / u**4,
    "hdev": lambda u: 8 / 3 * np.sin(u) ** 6 / u**2,
}


def by_quadrature(noise, kind, tau, top=np.inf):
    """int S_y |H|^2 df in pieces of pi/4 of u = pi f tau up to 2000 pi, then with the mean of the sine's power."""
    x, w = np.polynomial.legendre.leggauss(8)
    end = min(math.pi * top * tau, 2000 * math.pi)
    edges = np.concatenate((np.geomspace(1e-9, math.pi / 4, 60), np.arange(2, 8001) * math.pi / 4))
    edges = np.append(edges[edges < end], end)
    half = np.diff(edges)[:, None] / 2
    u = edges[:-1, None] + half * (1 + x)
    total = np.sum(half * w * noise.density(u / (math.pi * tau)) * TRANSFER[kind](u))
    if math.pi * top * tau > end:
        mean, power = {"adev": (3 / 4, 2), "mdev": (5 / 8, 4), "hdev": (5 / 6, 2)}[kind]
        s = np.linspace(math.log(end), math.log(end) + 25, 4001)
        total += np.trapezoid(noise.density(np.exp(s) / (math.pi * tau)) * mean * np.exp(s * (1 - power)), s)
    return math.sqrt(total / (math.pi * tau))


@pytest.mark.parametrize("alpha", ALL)
@pytest.mark.parametrize("kind", TRANSFER)
@pytest.mark.parametrize("tau", [0.4, 7.0])
def test_closed_forms_are_the_integrals(alpha, kind, tau):
    noise = ALL[alpha]
    top = np.inf
    if alpha > 0 and kind != "mdev":
        top = noise.bandwidth_hz
    elif alpha > 0:
        noise = Noise(**{**noise.to_dict(), "bandwidth_hz": 1e30})
    assert float(noise.deviation(tau, kind)) == pytest.approx(by_quadrature(noise, kind, tau, top), rel=2e-4)


@pytest.mark.parametrize("kind", TRANSFER)
def test_the_shared_integral(kind):
    named = {"adev": "allan", "mdev": "modified", "hdev": "hadamard"}[kind]
    for alpha in (0, -1, -2):
        found = integral(ALL[alpha].density, named, [0.4, 7.0])
        assert np.sqrt(found) == pytest.approx(ALL[alpha].deviation([0.4, 7.0], kind), rel=1e-6)


def test_the_deviations_of_the_standard():
    """IEEE Std 1139, Annex: phase noise in the limit of a wide band; the ratio of modified to plain."""
    tau, wide = 2.0, 1e4
    white = Noise(white_pm=1.0, bandwidth_hz=wide).deviation(tau) ** 2
    assert white == pytest.approx(3 * wide / (4 * math.pi**2 * tau**2), rel=1e-4)
    flicker = Noise(flicker_pm=1.0, bandwidth_hz=wide).deviation(tau) ** 2
    assert flicker == pytest.approx(
        (1.038 + 3 * math.log(2 * math.pi * wide * tau)) / (4 * math.pi**2 * tau**2), rel=1e-4
    )
    for alpha, ratio in ((0, 0.5), (-1, 0.675), (-2, 0.825)):
        assert (ALL[alpha].deviation(tau, "mdev") / ALL[alpha].deviation(tau)) ** 2 == pytest.approx(
            ratio, rel=1e-3
        )
    assert ALL[0].deviation(tau, "tdev") == pytest.approx(tau / math.sqrt(3) * ALL[0].deviation(tau, "mdev"))


def test_the_noise_of_the_paper():
    """Yu, Chen and Zhang (2023), below Eq. (7): 1.0e-12 and 3.6e-11 at 1 s."""
    assert Noise(white_fm=2.0e-24).deviation(1.0) == pytest.approx(1.0e-12, rel=1e-12, abs=0)
    assert Noise(random_walk_fm=2.0e-22).deviation(1.0) == pytest.approx(3.6e-11, rel=0.01, abs=0)


def test_a_slow_cut_off_takes_away_what_is_below():
    for tau in (0.3, 10.0):
        noise = Noise(flicker_fm=1.0, slowest_hz=0.05)
        below = quad(lambda f, t=tau: TRANSFER["adev"](math.pi * f * t) / f, 1e-12, 0.05, limit=200)[0]
        assert noise.deviation(tau) ** 2 == pytest.approx(2 * math.log(2) - below, rel=1e-6)


@pytest.mark.parametrize("alpha", ALL)
@pytest.mark.parametrize("interval", [1.0, 0.3])
def test_round_trip(alpha, interval):
    """S_y -> series -> sigma_y: the mean variance of 40 series at each tau, within its own scatter."""
    noise, runs = ALL[alpha], 40
    for kind in ("oadev", "ohdev"):
        found = [
            deviation(noise.series(2000, interval, seed=seed), kind, taus=interval * 2.0 ** np.arange(9))
            for seed in range(runs)
        ]
        ratio = np.array([d.value**2 for d in found]) / noise.deviation(found[0].tau, kind) ** 2
        error = ratio.std(axis=0, ddof=1) / math.sqrt(runs)
        assert np.all(np.abs(ratio.mean(axis=0) - 1) < 4 * error)
        assert np.all(error < 0.13)


@pytest.mark.parametrize("alpha", [0, -1, -2])
def test_round_trip_of_the_modified_deviation(alpha):
    """At many samples in each tau, where its limit holds."""
    runs = 40
    found = [
        deviation(ALL[alpha].series(2000, 1.0, seed=seed), "mdev", taus=[16.0, 64.0]) for seed in range(runs)
    ]
    ratio = np.array([d.value**2 for d in found]) / ALL[alpha].deviation(found[0].tau, "mdev") ** 2
    assert np.all(np.abs(ratio.mean(axis=0) - 1) < 4 * ratio.std(axis=0) / math.sqrt(runs) + 0.003)


def pulsed_variance(noise, interval, m):
    """Allan variance of m samples by int S_y |W|^2 sin^4(pi m T f)/(m sin(pi T f))^2 2 df: no folding here."""
    weight = Weight.of(PULSE, interval)
    step = 0.002
    f = (np.arange(0, 60 if noise.bandwidth_hz is None else noise.bandwidth_hz, step) + step / 2) / interval
    top = np.inf if noise.bandwidth_hz is None else noise.bandwidth_hz
    f = f[f <= top]
    u = math.pi * f * interval
    transfer = 2 * np.sin(m * u) ** 4 / (m * np.sin(u)) ** 2
    return np.sum(noise.density(f) * np.abs(weight.transform(f)) ** 2 * transfer) * step / interval


@pytest.mark.parametrize("alpha", ALL)
def test_round_trip_of_pulses(alpha):
    noise, interval, runs = ALL[alpha], 0.5, 60
    if alpha > 0:
        noise = Noise(**{**noise.to_dict(), "bandwidth_hz": 20.0})
    found = [
        deviation(
            noise.series(1000, interval, seed=seed, weight=PULSE), taus=interval * np.array([1, 2, 8, 32])
        )
        for seed in range(runs)
    ]
    expected = [pulsed_variance(noise, interval, m) for m in (1, 2, 8, 32)]
    ratio = np.array([d.value**2 for d in found]) / expected
    error = ratio.std(axis=0, ddof=1) / math.sqrt(runs)
    assert np.all(np.abs(ratio.mean(axis=0) - 1) < 4 * error + 2e-3)
    assert np.all(error < 0.06)


def test_dead_time_aliases_white_noise():
    """A 10 ms pulse in a 1 s cycle: variance (h0/2) int w^2, a hundred times that of an average over the cycle."""
    y = Noise(white_fm=2.0).series(200_000, 1.0, seed=4, weight=([0.3, 0.31], [1.0, 1.0])).y
    assert y.var() == pytest.approx(100.0, rel=0.02)
    assert abs(np.corrcoef(y[1:], y[:-1])[0, 1]) < 0.01


def test_the_walk_goes_on_through_the_dead_time():
    """A narrow pulse takes points of the walk: its Allan deviation at one cycle is sqrt(3/2) of the average's."""
    noise, runs = Noise(random_walk_fm=1.0), 40
    point = ([0.5, 0.5001], [1.0, 1.0])
    value = [
        deviation(noise.series(2000, 1.0, seed=s, weight=point), taus=[1.0]).value[0] ** 2
        for s in range(runs)
    ]
    assert np.mean(value) == pytest.approx(1.5 * noise.deviation(1.0) ** 2, rel=0.02)


def test_the_walk_is_jointly_exact():
    """Covariances of the first samples by a walk of 500 steps in each interval."""
    rng = np.random.default_rng(3)
    weight = Weight.of(PULSE, 0.5)
    steps, runs = 500, 4000
    walk = np.cumsum(rng.normal(size=(runs, 3 * steps)), axis=1) * math.sqrt(2 * math.pi**2 * 0.5 / steps)
    t = (np.arange(steps) + 0.5) * 0.5 / steps
    w = np.interp(t, weight.times, weight.values, left=0, right=0)
    fine = walk.reshape(runs, 3, steps) @ (w / w.sum())
    ours = np.array([ALL[-2].series(3, 0.5, seed=s, weight=PULSE).y for s in range(runs)])
    assert np.cov(ours.T) == pytest.approx(np.cov(fine.T), rel=0.12)


def test_the_density_of_samples_keeps_the_variance():
    """Phase noise in a band of 20 Hz sampled by averages over 0.7 s: int S_d df is the variance of an average."""
    weight = Weight.of(None, 0.7)
    for alpha in (1, 2):
        noise = Noise(**{**ALL[alpha].to_dict(), "bandwidth_hz": 20.0})
        f = (np.arange(7000) + 0.5) * 0.5 / 0.7 / 7000
        total = 2 * np.sum(folded(noise, alpha, weight, f)) * (f[1] - f[0])
        expected = quad(lambda f, a=alpha: f**a * np.sinc(0.7 * f) ** 2, 0, 20.0, limit=400)[0]
        assert total == pytest.approx(expected, rel=1e-4)


@given(
    start=st.floats(0, 0.4),
    widths=st.lists(st.floats(0.001, 0.1), min_size=2, max_size=5),
    values=st.lists(st.floats(0, 3), min_size=6, max_size=6),
    f=st.floats(0.0, 200.0),
)
def test_the_weight(start, widths, values, f):
    times = start + np.concatenate(([0.0], np.cumsum(widths)))
    values = 0.1 + np.array(values[: len(times)])
    weight = Weight.of((times, values), 1.0)
    t = np.concatenate([np.linspace(a, b, 2001)[:-1] for a, b in pairwise(times)])
    t = np.append(t, times[-1])
    w = np.interp(t, times, values)
    w /= np.trapezoid(w, t)
    assert weight.square == pytest.approx(np.trapezoid(w * w, t), rel=1e-5)
    assert weight.transform(0.0) == pytest.approx(1.0)
    expected = np.trapezoid(w * np.exp(-2j * math.pi * f * t), t)
    assert complex(weight.transform(f)) == pytest.approx(expected, abs=1e-4)
    power = weight.power(np.array([0.1, 0.3]), np.array([0.0, f]))
    assert power[1, 1] == pytest.approx(abs(complex(weight.transform(f + 0.3))) ** 2, rel=1e-6, abs=1e-9)
    below = np.concatenate(([0.0], np.cumsum((w[1:] + w[:-1]) / 2 * np.diff(t))))
    square, mean = weight.walk()
    assert square == pytest.approx(times[0] + np.trapezoid((1 - below) ** 2, t), rel=1e-4)
    assert mean == pytest.approx(np.trapezoid(w * t, t), rel=1e-4)


def test_same_seed_same_numbers_and_own_streams():
    both = Noise(white_fm=1.0, random_walk_fm=1.0)
    a = both.series(100, 1.0, seed=5).y
    assert np.array_equal(a, both.series(100, 1.0, seed=5).y)
    assert not np.array_equal(a, both.series(100, 1.0, seed=6).y)
    parts = [ALL[k].series(100, 1.0, seed=5).y for k in (0, -2)]
    assert a == pytest.approx(sum(parts))
    np.random.seed(1)  # noqa: NPY002 - the global state must stay as it is
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for noise in ALL.values():
        noise.series(64, 1.0)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_a_flicker_that_began_long_ago():
    """Variance of the mean of a whole series L: int sinc^2(f L)/f df = ln(1/(f_slow L)) + 3/2 - gamma - ln 2 pi."""
    runs = 150
    for slowest in (1e-4, 1e-9):
        noise = Noise(flicker_fm=1.0, slowest_hz=slowest)
        found = np.var([noise.series(64, 1.0, seed=s).y.mean() for s in range(runs)])
        expected = math.log(1 / (64 * slowest)) + 1.5 - np.euler_gamma - math.log(math.tau)
        assert found == pytest.approx(expected, rel=4 * math.sqrt(2 / runs))


def test_flicker_from_one_end_to_the_other():
    r"""Variance of y_n - y_0 over the whole series: 2 (R_0 - R_n), R the second difference of 3 t²/4 - t² ln|t|/2."""
    samples, runs = 32, 700
    y = np.array([ALL[-1].series(samples, 1.0, seed=s).y for s in range(runs)])
    for n in (samples - 1, samples // 2, 2):
        t = np.array([n + 1.0, n, n - 1.0])
        r = np.array([1.0, -2.0, 1.0]) @ (0.75 * t**2 - t**2 * np.log(t) / 2)
        start = slice(0, samples - n)
        found = np.mean((y[:, n:] - y[:, start]) ** 2, axis=0)
        assert np.mean(found) == pytest.approx(2 * (1.5 - r), rel=4 * math.sqrt(2 / runs))


@pytest.mark.parametrize("samples", [1, 2, 3, 7])
def test_short_series(samples):
    for noise in ALL.values():
        y = noise.series(samples, 1.0, seed=1).y
        assert y.shape == (samples,)
        assert np.all(np.isfinite(y))
    assert np.all(Noise().series(samples, 1.0).y == 0)


def test_plain_data_and_text():
    noise = Noise(flicker_fm=1e-28, white_pm=1e-30, bandwidth_hz=10.0, slowest_hz=1e-4)
    assert Noise.from_dict(noise.to_dict()) == noise
    text = str(noise)
    assert "flicker FM h_-1 = 1e-28;" in text
    assert "phase noise up to 10 Hz" in text
    assert str(Noise()) == "Noise: none"
    assert noise.density([5.0, 20.0]) == pytest.approx([1e-28 / 5 + 25e-30, 1e-28 / 20], rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: Noise(white_fm=-1.0), "cannot be negative"),
        (lambda: Noise(white_fm="1"), "is not a number"),
        (lambda: Noise(white_fm="one"), "not a number"),
        (lambda: Noise(bandwidth_hz=0.0), "must be positive"),
        (lambda: Noise(white_pm=1.0).deviation(1.0), "give bandwidth_hz"),
        (lambda: Noise(flicker_pm=1.0).series(4, 1.0), "give bandwidth_hz"),
        (lambda: ALL[0].density(0.0), "positive frequencies"),
        (lambda: ALL[0].deviation(0.0), "must be positive"),
        (lambda: ALL[0].deviation(1.0, "totdev"), "unknown kind of deviation 'totdev'"),
        (lambda: ALL[0].series(0, 1.0), "at least 1"),
        (lambda: ALL[0].series(4, -1.0), "must be positive"),
        (lambda: ALL[0].series(4, 1.0, weight=([0.5, 1.5], [1, 1])), "inside one interval"),
        (lambda: ALL[0].series(4, 1.0, weight=([0.5, 0.4], [1, 1])), "must rise"),
        (lambda: ALL[0].series(4, 1.0, weight=([0.1, 0.4], [0, 0])), "must be positive"),
        (lambda: ALL[0].series(4, 1.0, weight=([0.1, 0.4], [1])), "equally long"),
        (lambda: ALL[0].series(4, 1.0, weight=3.0), "pair of arrays"),
        (lambda: Noise(white_pm=1.0, bandwidth_hz=1e12).series(4, 1.0), "folds"),
    ],
)
def test_mistakes(call, sentence):
    if sentence is None:
        call()
        return
    with pytest.raises(InputError, match=sentence):
        call()
