"""Deviations against the published test data of NIST SP 1065, allantools' own call, and simple laws."""

import math

import allantools
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.clocks import Deviation, FrequencySeries, Noise, deviation
from atomcavity.clocks.confidence import KINDS, degrees_of_freedom, interval_of, noise_types
from atomcavity.errors import InputError
from atomcavity.results import Record, load

NIST_1000 = {  # Riley, NIST SP 1065, section 12.4: averaging factors 1, 10, 100
    "adev": (2.922319e-01, 9.965736e-02, 3.897804e-02),
    "oadev": (2.922319e-01, 9.159953e-02, 3.241343e-02),
    "mdev": (2.922319e-01, 6.172376e-02, 2.170921e-02),
    "tdev": (1.687202e-01, 3.563623e-01, 1.253382e00),
    "hdev": (2.943883e-01, 1.052754e-01, 3.910861e-02),
    "ohdev": (2.943883e-01, 9.581083e-02, 3.237638e-02),
}
NBS_10 = [892, 809, 823, 798, 671, 644, 883, 903, 677]  # ten phases, as nine frequencies (SP 1065, Table 30)
NBS_10_VALUES = {  # averaging factors 1, 2
    "adev": (91.22945, 115.8082),
    "oadev": (91.22945, 85.95287),
    "mdev": (91.22945, 74.78849),
    "tdev": (52.67135, 86.35831),
    "hdev": (70.80607, 116.7980),
    "ohdev": (70.80607, 85.61487),
}


def nist_1000():
    """The generator n -> 16807 n mod 2147483647 from 1234567890, as fractions (SP 1065, section 12.4)."""
    state, values = 1234567890, []
    for _ in range(1000):
        values.append(state / 2147483647)
        state = 16807 * state % 2147483647
    return np.array(values)


@pytest.mark.parametrize("kind", KINDS)
def test_the_thousand_points_of_nist(kind):
    found = deviation(nist_1000(), kind, taus=[1.0, 10.0, 100.0], interval=1.0)
    assert found.value == pytest.approx(NIST_1000[kind], rel=5e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_the_ten_points_of_nbs(kind):
    found = deviation(NBS_10, kind, taus=[1.0, 2.0], interval=1.0)
    expected = NBS_10_VALUES[kind][: len(found.tau)]  # two differences at least
    assert found.value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("taus", ["octave", "decade", "all"])
def test_the_values_are_allantools_own(kind, taus):
    y, interval = nist_1000()[:200], 0.1
    found = deviation(y, kind, taus=taus, interval=interval)
    tau, value, _, count = getattr(allantools, kind)(y, rate=1 / interval, data_type="freq", taus=taus)
    known = np.isin(np.rint(tau / interval), np.rint(found.tau / interval))
    assert found.tau == pytest.approx(tau[known], rel=1e-12)
    assert found.value == pytest.approx(value[known], rel=1e-9)
    assert list(found.samples) == list(count[known])
    assert np.all(tau[~known] > found.tau[-1])


def test_a_linear_drift():
    """ADEV = drift tau/sqrt 2; the Hadamard deviation does not see it."""
    drift, interval = 3e-16, 0.7
    y = drift * interval * np.arange(500)
    for kind in ("adev", "oadev", "mdev"):
        found = deviation(y, kind, interval=interval)
        assert found.value == pytest.approx(drift * found.tau / math.sqrt(2), rel=1e-6, abs=0)
    assert deviation(y, "ohdev", interval=interval).value.max() < 1e-9 * drift * 500


@given(
    factor=st.floats(1e-18, 1e3),
    interval=st.floats(1e-3, 1e3),
    offset=st.floats(-10, 10),
    kind=st.sampled_from(sorted(KINDS)),
)
def test_scale_interval_and_offset(factor, interval, offset, kind):
    y = nist_1000()[:100]
    plain = deviation(y, kind, interval=1.0)
    other = deviation(factor * (y + offset), kind, interval=interval)
    scale = factor * (interval if kind == "tdev" else 1.0)
    assert other.tau == pytest.approx(plain.tau * interval)
    for name in ("value", "lower", "upper"):
        assert getattr(other, name) == pytest.approx(getattr(plain, name) * scale, rel=1e-6, abs=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", range(4, 13))
def test_the_longest_tau_leaves_two_differences(kind, length):
    y = nist_1000()[:length]
    longest = deviation(y, kind, taus="all", interval=1.0)
    assert longest.samples[-1] >= 2
    alone = deviation(y, kind, taus=longest.tau[-1:], interval=1.0)
    assert alone.value == pytest.approx(longest.value[-1:])
    with pytest.raises(InputError, match="too few"):
        deviation(y, kind, taus=[longest.tau[-1] + 1], interval=1.0)


@settings(max_examples=40)
@given(length=st.integers(7, 400), seed=st.integers(0, 100), confidence=st.floats(0.5, 0.9999))
def test_the_interval_holds_the_value(length, seed, confidence):
    y = np.random.default_rng(seed).normal(size=length)
    if seed % 2:
        y = np.cumsum(y)
    for kind in KINDS:
        found = deviation(y, kind, interval=1.0, taus="decade", confidence=confidence)
        assert np.all((found.lower < found.value) & (found.value < found.upper))
        assert np.all(found.degrees_of_freedom >= 1)


def test_degrees_of_freedom_of_independent_differences():
    """White phase noise and the Allan variance without overlap: SP 1065, Eq. for alpha = 2 at m = 1.

    Independent phases: the second differences have the covariances 6, -4, 1, so that edf is about
    M 36/(36 + 2 (16 + 1)) = 18 M/35.
    """
    phases = 1001
    found = degrees_of_freedom(np.array([2]), np.array([1]), phases, KINDS["oadev"])[0]
    assert found == pytest.approx((phases - 2) * 18 / 35, rel=2e-3)
    lower, upper = interval_of(np.array([1.0]), np.array([found]), 0.6827)
    assert (upper - lower) / 2 == pytest.approx([1 / math.sqrt(2 * found)], rel=2e-3)


def test_noise_types_are_those_of_allantools():
    rng = np.random.default_rng(5)
    white = rng.normal(size=3000)
    for y, alpha in ((np.diff(white), 2), (white, 0), (np.cumsum(white), -2)):
        phase = np.concatenate(([0.0], np.cumsum(y - y.mean())))
        found = noise_types(y, np.array([1, 2, 4]), KINDS["oadev"])
        theirs = [allantools.autocorr_noise_id(phase, m)[0] for m in (1, 2, 4)]
        assert list(found) == theirs == [alpha] * 3


@pytest.mark.parametrize(
    ("noise", "kind"),
    [
        (Noise(white_fm=1.0), "oadev"),
        (Noise(white_fm=1.0), "adev"),
        (Noise(random_walk_fm=1.0), "oadev"),
        (Noise(white_pm=1.0, bandwidth_hz=0.5), "oadev"),
        (Noise(flicker_fm=1.0), "mdev"),
        (Noise(white_fm=1.0), "ohdev"),
    ],
    ids=str,
)
def test_the_confidence_is_what_it_says(noise, kind):
    """In 200 series the truth lies in the interval as often as its confidence says, within the scatter of the count."""
    inside, reference = [], None
    for seed in range(200):
        found = deviation(noise.series(400, 1.0, seed=seed), kind, taus=[4.0, 32.0])
        truth = noise.deviation(found.tau, kind)
        inside.append((found.lower < truth) & (truth < found.upper))
        reference = found
    share = np.mean(inside, axis=0)
    assert reference.confidence == 0.6827
    assert np.all(np.abs(share - 0.6827) < 0.10)  # one standard deviation of the share is 0.033


def test_at_and_coefficient():
    tau = np.array([1.0, 2.0, 4.0, 8.0])
    value = 3e-13 / np.sqrt(tau)
    edf = np.array([100.0, 50.0, 20.0, 5.0])
    found = _deviation(tau, value, edf)
    assert found.at(4.0) == value[2]
    assert found.at(3.0) == pytest.approx(3e-13 / math.sqrt(3), rel=1e-12, abs=0)
    c, error = found.coefficient(-0.5)
    assert c == pytest.approx(3e-13, rel=1e-12, abs=0)
    assert error == pytest.approx(3e-13 / math.sqrt(200), rel=1e-12, abs=0)
    assert found.coefficient(-0.5, between=(4.0, 8.0))[1] == pytest.approx(
        3e-13 / math.sqrt(40), rel=1e-9, abs=0
    )
    with pytest.raises(InputError, match="known from 1 to 8 s"):
        found.at(9.0)
    with pytest.raises(InputError, match="no averaging time lies there"):
        found.coefficient(between=(5.0, 6.0))


def test_the_error_of_the_coefficient_is_its_scatter():
    noise = Noise(white_fm=2.0)
    found = [deviation(noise.series(1000, 1.0, seed=seed)).coefficient() for seed in range(100)]
    c, error = np.transpose(found)
    assert np.mean(c) == pytest.approx(1.0, abs=4 * np.std(c) / 10)
    assert np.std(c) == pytest.approx(np.mean(error), rel=0.35)


def _deviation(tau, value, edf):
    return Deviation(
        record=Record(method="by hand"),
        tau=tau,
        value=value,
        lower=value * 0.9,
        upper=value * 1.2,
        samples=np.full(len(tau), 10),
        degrees_of_freedom=edf,
        noise_type=np.zeros(len(tau), dtype=int),
        kind="adev",
        confidence=0.6827,
    )


def test_a_series_brings_its_interval(tmp_path):
    series = FrequencySeries(record=Record(method="by hand"), y=nist_1000(), interval=0.5)
    assert series.phase[0] == 0
    assert np.diff(series.phase) / 0.5 == pytest.approx(series.y)
    assert "1000 samples, one every 0.5 s" in str(series)
    found = deviation(series)
    assert found.tau[0] == 0.5
    assert "oadev" in str(found)
    again = load(found.save(tmp_path / "deviation.nc"))
    assert again.kind == "oadev"
    assert np.array_equal(again.value, found.value)
    assert np.array_equal(load(series.save(tmp_path / "series.nc")).y, series.y)


def test_plot():
    from matplotlib.figure import Figure

    ax = deviation(nist_1000(), "tdev", interval=1.0).plot(Figure().subplots())
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert "(s)" in ax.get_ylabel()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"kind": "alan"}, "unknown kind of deviation 'alan'"),
        ({"interval": None}, "needs interval"),
        ({"interval": -1.0}, "must be positive"),
        ({"taus": "some"}, "unknown choice of taus"),
        ({"taus": [0.25]}, "multiples of the interval"),
        ({"taus": [900.0]}, "too few"),
        ({"confidence": 0.1}, "from 0.5 to below 1"),
        ({"confidence": 1.0}, "from 0.5 to below 1"),
    ],
)
def test_mistakes(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        deviation(nist_1000(), **{"interval": 1.0, **arguments})


def test_lost_cycles_are_refused():
    y = nist_1000()
    y[[7, 9]] = np.nan
    with pytest.raises(InputError, match="2 samples are not finite, the first is number 7"):
        deviation(y, interval=1.0)
    with pytest.raises(InputError, match="one row"):
        deviation(np.ones((3, 4)), interval=1.0)
    series = FrequencySeries(record=Record(method="by hand"), y=nist_1000(), interval=0.5)
    with pytest.raises(InputError, match="has its own"):
        deviation(series, interval=0.5)
