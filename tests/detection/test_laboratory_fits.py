"""The laboratory's analysis: fits recover known truths within their errors, alignment finds the phases."""

from math import exp, pi, tau

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import optimize

import atomcavity as ac
from atomcavity.detection.analysis import (
    align_sites,
    fit_antibunching,
    fit_histogram,
    fit_lifetime,
    fit_occupation,
    photon_correlation,
)
from atomcavity.detection.analysis.correlations import atoms_g2, bright_windows
from atomcavity.detection.analysis.histogram import fit_background, histogram_density
from atomcavity.detection.analysis.occupation import poisson_average, poisson_weights
from atomcavity.detection.counting import PhotonCounter
from atomcavity.detection.receiver import receiver_curve
from atomcavity.detection.rules import CountThreshold

PAPER = {"background": (15.0, 6.0), "ratios": (2.35, 4.12)}


def drawn_counts(rng, probability, width, scale, size):
    """Counts by the published model."""
    n = rng.choice(3, size, p=probability)
    mean = np.array([15.0, *(scale * 15.0 * r for r in PAPER["ratios"])])
    spread = np.array([6.0, *(width * np.sqrt(mean[1:]))]) / np.sqrt(2)
    return rng.normal(mean[n], spread[n])


def drawn_curve(rng, error=0.02):
    """Averaged transmission of sites with the mean occupation 1.5, and the curves T_n."""
    time = np.linspace(0, 20e-6, 50)
    shape = np.exp(-(((time - 9e-6) / 3e-6) ** 2))
    n = np.arange(12)
    curves = 0.08 + (n / (n + 1.5))[:, None] * 0.8 * shape
    return time, poisson_average(curves, 1.5) + rng.normal(0, error, 50), np.full(50, error), curves


def drawn_g2(rng, error=0.05):
    delay = (np.arange(-30, 31) + 0.5) * 1e-9
    y = atoms_g2(delay, 1.2, tau * 52e6) + rng.normal(0, error, len(delay))
    return delay, y, np.full(len(delay), error)


# ---- one fit each --------------------------------------------------------------------------------------------------


def test_histogram_recovers_the_published_mixture():
    rng = np.random.default_rng(4)
    counts = drawn_counts(rng, [0.05, 0.77, 0.18], 1.86, 0.92, 2000)
    for method in ("likelihood", "least-squares"):
        fit = fit_histogram(counts, **PAPER, method=method, bins=30)
        assert sum(fit[f"P{n}"][0] for n in range(3)) == pytest.approx(1)
        for name, truth in {"P0": 0.05, "P1": 0.77, "P2": 0.18, "width": 1.86, "scale": 0.92}.items():
            value, error = fit[name]
            assert abs(value - truth) < 4 * error, (method, name)
        assert 0 < fit["P1"][1] < 0.06
        c = fit.covariance
        assert c[2, 2] == pytest.approx(c[0, 0] + c[1, 1] + 2 * c[0, 1])  # P2 = 1 - P0 - P1
    assert fit.chi2 < 60
    assert fit.plot(Figure().subplots()).get_xlabel() == "counts"


def test_errors_of_a_hundred_events_are_those_published():
    """Published: P1 +- 0.051, width +- 0.22, scale +- 0.03, which takes about a hundred traps."""
    counts = drawn_counts(np.random.default_rng(5), [0.0, 0.818, 0.182], 1.86, 0.92, 100)
    fit = fit_histogram(counts, **PAPER)
    assert fit["P1"][1] == pytest.approx(0.051, rel=0.4)
    assert fit["width"][1] == pytest.approx(0.22, rel=0.4)
    assert fit["scale"][1] == pytest.approx(0.03, rel=0.5)


def test_histogram_density_is_the_published_one():
    x = np.linspace(-100, 400, 200_001)
    density = histogram_density(x, (0.2, 0.5, 0.3), 1.86, 0.92, **PAPER)
    step = x[1] - x[0]
    assert density.sum() * step == pytest.approx(1, rel=1e-9)
    one = histogram_density(x, (0.0, 1.0, 0.0), 1.86, 0.92, **PAPER)
    mean = (x * one).sum() * step
    assert mean == pytest.approx(0.92 * 15 * 2.35)
    assert ((x - mean) ** 2 * one).sum() * step == pytest.approx(1.86**2 * mean / 2)  # w = sqrt 2: Poisson


def test_bound_is_told():
    """No count near the background: P0 = 0, and its error is the rise of -ln L by 1/2 (Poisson-like: about 0.5/N)."""
    counts = drawn_counts(np.random.default_rng(6), [0.0, 0.8, 0.2], 1.0, 1.0, 300)
    fit = fit_histogram(counts, background=(15.0, 1.0), ratios=PAPER["ratios"])
    assert fit["P0"][0] < 1e-6
    assert fit["P0"][1] == pytest.approx(0.5 / 300, rel=0.05)
    assert fit.warnings == ("P0 = 0 lies on its bound",)


def test_background_is_mean_and_width():
    rng = np.random.default_rng(1)
    mean, width = fit_background(rng.poisson(15.0, 20_000))
    assert mean == pytest.approx(15, abs=0.12)
    assert width == pytest.approx(np.sqrt(2 * 15), rel=0.03)


def test_lifetime_by_counts_and_by_averages():
    time = np.linspace(0, 0.6, 25)
    truth = 400 * np.exp(-time / 0.162) + 30
    rng = np.random.default_rng(2)
    counted = fit_lifetime(time, rng.poisson(truth), background=None)
    averaged = fit_lifetime(time, truth + rng.normal(0, 10, 25), np.full(25, 10.0), background=30.0)
    for fit in (counted, averaged):
        value, error = fit["lifetime"]
        assert abs(value - 0.162) < 4 * error < 0.05
        assert fit.chi2 < 25 + 4.5 * np.sqrt(50)
    # many counts: likelihood and least squares agree
    many = rng.poisson(1000 * truth)
    one, two = (
        fit_lifetime(time, many, background=None),
        fit_lifetime(time, many, np.sqrt(many), background=None),
    )
    assert one.value == pytest.approx(two.value, rel=1e-3)
    assert one.error == pytest.approx(two.error, rel=0.02)
    # the same least squares by another routine
    other, covariance = optimize.curve_fit(
        lambda t, a, b: a * np.exp(-t / b) + 30, time, averaged.data, p0=(300, 0.2), sigma=averaged.data_error,
        absolute_sigma=True,
    )  # fmt: skip
    assert averaged.value == pytest.approx(other, rel=1e-5)
    assert averaged.error == pytest.approx(np.sqrt(covariance.diagonal()), rel=1e-3)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e6])
def test_lifetimes_of_any_unit(unit):
    time = np.linspace(0, 0.6, 25)
    counts = np.random.default_rng(9).poisson(300 * np.exp(-time / 0.162) + 20)
    for error in (None, np.sqrt(counts + 1.0)):
        one = fit_lifetime(time, counts, error, background=None)
        other = fit_lifetime(time * unit, counts, error, background=None)
        for name, scale in (("amplitude", 1.0), ("lifetime", unit), ("background", 1.0)):
            assert np.array(other[name]) == pytest.approx(scale * np.array(one[name]), rel=1e-4, abs=0)
        assert not other.warnings


def test_poisson_weights_close():
    for mean in (0.0, 0.3, 1.5, 9.0):
        weights = poisson_weights(mean, 6)
        assert weights.sum() == pytest.approx(1, rel=1e-12)
        assert weights[0] == pytest.approx(exp(-mean))


def test_occupation_with_and_without_offset():
    time, y, error, curves = drawn_curve(np.random.default_rng(3))
    value, deviation = fit_occupation(time, y, error, curves)["occupation"]
    assert abs(value - 1.5) < 4 * deviation < 0.3
    fit = fit_occupation(time, np.interp(time - 2e-6, time, y), error, curves, offset=True)
    assert abs(fit["offset"][0] - 2e-6) < 0.2e-6
    short = fit_occupation(
        1e-9 * time, np.interp(time - 2e-6, time, y), error, curves, offset=True
    )  # the same, a thousand million times faster
    assert short["offset"][0] == pytest.approx(1e-9 * fit["offset"][0], rel=1e-3, abs=0)
    assert short["offset"][1] == pytest.approx(1e-9 * fit["offset"][1], rel=1e-3, abs=0)
    few = fit_occupation(time, y, error, curves[:3])
    assert any("hold more than 2 atoms" in text for text in few.warnings)


@pytest.mark.parametrize("offset", [False, True])
def test_number_of_sites_adds_their_scatter(offset):
    """Light in proportion to the atoms: the mean number of S sites scatters by nbar/S, whatever else."""
    time = np.linspace(0, 20e-6, 50)
    shape = np.exp(-(((time - 9e-6) / 3e-6) ** 2))
    curves = np.arange(40)[:, None] * shape
    data = (time, 1.5 * shape, np.full(50, 0.02), curves)
    fits = [fit_occupation(*data, offset=offset, sites=sites) for sites in (None, 300)]
    added = fits[1].covariance - fits[0].covariance
    assert added[0, 0] == pytest.approx(1.5 / 300, rel=1e-4)
    assert fits[1]["occupation"][1] == pytest.approx(np.sqrt(fits[1].covariance[0, 0]), rel=1e-9)
    assert np.abs(added[1:, 1:]).sum() < 1e-3 * fits[0].covariance[-1, -1]  # their time does not scatter
    with pytest.raises(ac.InputError, match="sites = 0"):
        fit_occupation(*data, sites=0)


def test_antibunching_limits():
    rate = tau * 52e6
    assert atoms_g2(0.0, 1e-9, rate) == pytest.approx(0, abs=1e-8)  # one atom
    assert atoms_g2(1.0, 1e-9, rate) == pytest.approx(1)
    # the amplitude recovers at half the rate of the population's decay
    assert atoms_g2(2 * np.log(2) / rate, 1e-9, rate) == pytest.approx(0.25, rel=1e-6)
    assert atoms_g2(1e-3, 1.2, rate, coherence_rate=1e6, weights="conditional") == pytest.approx(1)
    assert atoms_g2(0.0, 1.2, rate).shape == ()
    assert atoms_g2(np.zeros((2, 3)), 1.2, rate).shape == (2, 3)
    # averages of 2 (N - 1)/N over Poisson's law with the mean 1.2
    assert atoms_g2(0.0, 1.2, rate) == pytest.approx(0.550, abs=5e-4)
    assert atoms_g2(0.0, 1.2, rate, weights="unconditional") == pytest.approx(0.384, abs=5e-4)
    assert atoms_g2(0.3e-9, 0.7, rate, background=1e9) == pytest.approx(1, abs=1e-6)


def test_antibunching_recovers_atoms_and_decay():
    fit = fit_antibunching(*drawn_g2(np.random.default_rng(8), 0.01))
    for name, truth in (("atoms", 1.2), ("gamma", tau * 52e6)):
        value, error = fit[name]
        assert abs(value - truth) < 4 * error < 0.4 * truth


@pytest.mark.parametrize(
    ("work", "match"),
    [
        (lambda: fit_histogram([1, 2, 3], **PAPER), "at least 5"),
        (lambda: fit_histogram(np.arange(9.0), **PAPER, method="guess"), "unknown method"),
        (lambda: fit_lifetime([0, 1, 2], [3, 2, 1.5]), "whole numbers"),
        (lambda: fit_lifetime([0, 1], [3, np.nan]), "data must be finite"),
        (lambda: fit_lifetime([0, 1], [2, 1]), "2 data cannot determine 2"),
        (lambda: fit_occupation([0, 1], [1, 1], [1, 1], [[1, 2]]), "curves has shape"),
        (lambda: atoms_g2(0.0, 1.0, 1.0, weights="all"), "unknown weights"),
    ],
)
def test_refuses(work, match):
    with pytest.raises(ac.InputError, match=match):
        work()


# ---- records -------------------------------------------------------------------------------------------------------

PERIOD = 20e-6


def belt(offsets, *, peak=2e6, sites=70, seed=0):
    """Clicks of sites that arrive at the given offsets in each run."""
    phase = np.linspace(0, 1, 101)
    shape = 0.05 + 0.4 * np.exp(-((np.minimum(phase, 1 - phase) / 0.06) ** 2))
    times = np.linspace(0, sites * PERIOD, sites * 60 + 1)
    trace = np.array([np.interp((times - t) / PERIOD % 1.0, phase, shape) for t in offsets])
    return PhotonCounter(peak).clicks(times, trace, seed=seed), shape[:-1]


@pytest.mark.parametrize("how", ["window", "template"])
def test_alignment_finds_random_phases(how):
    offsets = np.random.default_rng(2).uniform(0, PERIOD, 60)
    clicks, shape = belt(offsets, seed=3)
    options = {"window": 1.2e-6} if how == "window" else {"template": shape}
    found = align_sites(clicks, PERIOD, **options)
    turn = (found.offset - offsets) / PERIOD
    wrong = (turn - np.round(turn)) * PERIOD
    assert np.abs(wrong).max() < 2e-6
    assert abs(wrong.mean()) < 4 * wrong.std() / np.sqrt(60)
    assert found.scatter == pytest.approx(wrong.std(), rel=0.5)
    phase, rate, error = found.folded(clicks, 40)
    law = 2e6 * (0.05 + 0.4 * np.exp(-((phase / PERIOD / 0.06) ** 2)))
    assert abs(rate.sum() / law.sum() - 1) < 0.02
    assert np.all(error > 0)
    assert rate.argmax() in (19, 20)


def test_template_aligns_better_than_the_window():
    offsets = np.random.default_rng(5).uniform(0, PERIOD, 80)
    clicks, shape = belt(offsets, seed=6)
    window = align_sites(clicks, PERIOD, window=0.6e-6)
    matched = align_sites(clicks, PERIOD, template=shape)
    assert matched.scatter < 0.8 * window.scatter


def test_xi_of_steady_light_is_one_and_of_runs_with_other_rates_too():
    times = [0.0, 1e-3]
    levels = np.random.default_rng(1).choice([0.3, 1.0], 300)
    clicks = PhotonCounter(4e5).clicks(times, levels[:, None] * np.ones(2), seed=2)
    bins = np.linspace(0, 20e-6, 6)
    xi = photon_correlation(clicks, bins, "detector")
    # <n (n - 1)>/<n>^2 is taken run by run: (n - 1)/n of the pairs remain
    share = np.mean([(n - 1) / n for n in clicks.counts("detector")])
    assert np.abs((xi.value - share) / xi.error).max() < 4.5
    assert clicks.g2(bins, "detector").mean() > 1.2  # the ratio of sums bunches
    assert xi.plot(Figure().subplots()).get_ylabel() == "correlation"


def test_bright_windows_by_hand():
    clicks = PhotonCounter(1e6).clicks([0, 21e-6], [1.0, 1.0], runs=40, seed=4)
    bright = bright_windows(clicks, 2e-6, 3, within=1.6e-6)
    expected = 0
    for run in range(40):
        mine = clicks.time[clicks.run == run]
        for k in range(10):
            inside = mine[(mine >= k * 2e-6) & (mine < (k + 1) * 2e-6)] - k * 2e-6
            if (inside < 1.6e-6).sum() >= 3:
                assert bright.time[bright.run == expected] == pytest.approx(inside, abs=1e-15)
                expected += 1
    assert bright.runs == expected > 20


def test_results_survive_a_file(tmp_path):
    offsets = np.random.default_rng(2).uniform(0, PERIOD, 5)
    clicks, shape = belt(offsets, seed=3)
    time, y, error, curves = drawn_curve(np.random.default_rng(3))
    found = [
        fit_occupation(time, y, error, curves),
        align_sites(clicks, PERIOD, template=shape),
        photon_correlation(clicks, [0, 1e-6, 2e-6], "detector"),
        receiver_curve([CountThreshold(9, 10e-6)], clicks, 1e5),
    ]
    for k, result in enumerate(found):
        again = ac.load(result.save(tmp_path / f"{k}.nc"))
        assert str(again) == str(result)


# ---- coverage ------------------------------------------------------------------------------------------------------


def pulls(work, truths, repeats=100):
    """(value - truth)/error of each parameter in `repeats` simulated data sets, (repeat, parameter)."""
    out = []
    for seed in range(repeats):
        fit = work(np.random.default_rng(seed))
        out.append([(fit[name][0] - truth) / fit[name][1] for name, truth in truths.items()])
    return np.array(out)


def expect_coverage(found, bias=0.45):
    """About 68 of 100 within one error, 95 within two; no large bias."""
    within = (np.abs(found) < 1).mean(axis=0)
    assert np.all(within > 0.52), within
    assert np.all((np.abs(found) < 3).mean(axis=0) > 0.95)
    assert np.all(np.abs(found.mean(axis=0)) < bias), found.mean(axis=0)


@pytest.mark.slow
def test_coverage_of_the_histogram():
    truth = {"P1": 0.62, "P2": 0.18, "width": 1.7, "scale": 0.95}
    expect_coverage(
        pulls(lambda rng: fit_histogram(drawn_counts(rng, [0.2, 0.62, 0.18], 1.7, 0.95, 400), **PAPER), truth)
    )


@pytest.mark.slow
def test_coverage_of_lifetime_occupation_and_antibunching():
    time = np.linspace(0, 0.6, 25)
    decay = 200 * np.exp(-time / 0.162) + 20
    expect_coverage(
        pulls(lambda rng: fit_lifetime(time, rng.poisson(decay), background=None), {"lifetime": 0.162})
    )
    expect_coverage(pulls(lambda rng: fit_occupation(*drawn_curve(rng)), {"occupation": 1.5}))
    expect_coverage(
        pulls(lambda rng: fit_antibunching(*drawn_g2(rng)), {"atoms": 1.2, "gamma": 2 * pi * 52e6})
    )
