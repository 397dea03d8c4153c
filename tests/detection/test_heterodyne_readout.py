"""The frequency that one pulse tells: exact for pulses without noise, its scatter and its delay as theory says."""

from math import pi, tau

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atomcavity as ac
from atomcavity.detection import HeterodyneRecord, heterodyne
from atomcavity.detection.traces import spread
from atomcavity.dynamics.dicke.model import ladder
from atomcavity.dynamics.preparation import Preparation
from atomcavity.results import Record

KAPPA = tau * 1.2e6


def record_of(current, width=1e-4, *, duration=1.0, chirp=0.0):
    current = np.atleast_2d(current)
    bins = current.shape[1]
    time = (np.arange(bins) + 0.5) * width
    flux = np.abs(current[0]) ** 2 + 1e-9
    return HeterodyneRecord(
        Record("given"),
        time=time,
        width=np.full(bins, width),
        current=current,
        flux=flux,
        share=1.0,
        duration=duration,
        chirp=chirp,
    )


def sech(time, frequency, delay, duration, chirp):
    x = (time - delay) / duration
    return np.exp(-1j * frequency * time) / np.cosh(x) * np.exp(1j * chirp * np.log(np.cosh(x)))


def pulses(ratio, runs, seed=0, number=200, share=0.5):
    mode = ac.CavityMode(KAPPA, kappa_ext=share * KAPPA, detuning=ratio * KAPPA)
    system = ac.CavitySystem([ac.Emitters(number, g=tau * 300.0)], [mode])
    model = ladder(*Preparation.of("inverted").applied(system))
    edges = np.linspace(0, 24 / (number * model.rate), 401)
    return heterodyne(system, edges, trajectories=runs, seed=seed), model


@settings(deadline=None)
@given(st.floats(-2.5e4, 2.5e4), st.integers(40, 300))
def test_a_tone_without_noise_has_its_frequency(frequency, bins):
    time = (np.arange(bins) + 0.5) * 1e-4
    tone = record_of(1.7 * np.exp(-1j * frequency * time + 0.4j))
    window = np.hanning(bins + 2)[1:-1]
    assert tone.frequencies() == pytest.approx(frequency, abs=1e-6)
    assert tone.frequencies(window) == pytest.approx(frequency, abs=1e-6)


def test_the_maximum_is_that_of_the_periodogram_on_a_fine_grid():
    rng = np.random.default_rng(1)
    noise = record_of(rng.standard_normal((30, 64, 2)).view(complex)[..., 0])
    weight = rng.uniform(0.2, 1, 64)
    grid = np.linspace(-pi / 1e-4, pi / 1e-4, 60001)
    found = noise.frequencies(weight)
    fine = noise.periodogram(grid, weight)
    assert found == pytest.approx(grid[fine.argmax(axis=1)], abs=2 * (grid[1] - grid[0]))
    heights = np.array([noise.periodogram(f, weight)[k, 0] for k, f in enumerate(found)])
    assert np.all(heights >= fine.max(axis=1) * (1 - 1e-12))


def test_a_band_leaves_out_the_larger_of_two_lines():
    time = (np.arange(200) + 0.5) * 1e-4
    both = record_of(np.exp(-1j * 9e3 * time) + 0.3 * np.exp(2j * 4e3 * time))
    assert both.frequencies() == pytest.approx(9e3, abs=30)
    assert both.frequencies(band=(-1.2e4, 0.0)) == pytest.approx(-8e3, abs=100)


@settings(max_examples=25, deadline=None)
@given(st.floats(-500, 500), st.floats(0.006, 0.014), st.floats(-3, 3))
def test_a_pulse_without_noise_has_its_frequency_and_delay(frequency, delay, chirp):
    time = (np.arange(400) + 0.5) * 5e-5
    pulse = record_of(sech(time, frequency, delay, 5e-4, chirp), 5e-5, duration=5e-4, chirp=chirp)
    found, when = pulse.matched()
    assert found == pytest.approx(frequency, abs=2e-3)
    assert when == pytest.approx(delay, abs=1e-8)


def test_the_matched_filter_is_at_its_maximum():
    from scipy.optimize import minimize

    record, _ = pulses(0.6, 4)
    frequency, delay = record.matched()
    scale = record.duration
    for k in range(4):

        def lost(place, current=record.current[k]):
            a, b = place
            template = sech(record.time, a / scale, b * scale, scale, record.chirp)
            return -(np.abs(current @ template.conj()) ** 2)

        start = [frequency[k] * scale, delay[k] / scale]
        found = minimize(lost, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9})
        assert found.x == pytest.approx(start, abs=1e-5)
        elsewhere = [
            lost([start[0] + x, start[1] + y]) for x in np.linspace(-3, 3, 13) for y in np.linspace(-6, 6, 25)
        ]
        assert lost(start) <= min(elsewhere)


@pytest.mark.parametrize("ratio", [0.0, 0.8])
def test_delays_scatter_as_the_first_photons_do(ratio):
    """In mean field from a quantum start: N Gamma t = ln N - ln u, u exponential: mean ln N + 0.5772, deviation pi/sqrt 6."""
    record, model = pulses(ratio, 500, share=1.0)
    _, delay = record.matched()
    scaled = delay * model.number * model.rate
    assert scaled.mean() == pytest.approx(np.log(model.number) + np.euler_gamma, abs=0.25)
    assert scaled.std() == pytest.approx(pi / np.sqrt(6), rel=0.13)


@pytest.mark.parametrize("ratio", [0.0, -0.7, 0.7])
def test_the_matched_filter_finds_the_emitters_beside_a_detuned_cavity(ratio):
    record, model = pulses(ratio, 400)
    frequency, _ = record.matched()
    error = frequency.std() / np.sqrt(len(frequency))
    assert abs(frequency.mean() + model.chi) < 4 * error  # the mean of all steps is -chi
    assert record.chirp == pytest.approx(2 * ratio, abs=1e-3)
    if ratio:
        assert spread(record.matched(chirp=0.0)[0])[0] > 1.3 * frequency.std()
    assert error < 0.06 * model.number * max(abs(model.chi), model.rate / 20)


def test_weights_that_follow_the_pulse_read_better():
    record, _ = pulses(0.0, 500)
    own, shared, whole = spread(record.matched()[0]), record.scatter("pulse"), record.scatter()
    assert own[0] < shared[0] < whole[0] / 2
    assert shared == pytest.approx(spread(record.frequencies("pulse")))


def test_mirrored_detunings_have_mirrored_readings():
    """Of one record and its conjugate."""
    record, _ = pulses(0.5, 20)
    mirror = record_of(record.current.conj(), record.width[0], duration=record.duration, chirp=-record.chirp)
    assert mirror.frequencies() == pytest.approx(-record.frequencies(), abs=1e-4)
    assert mirror.matched()[0] == pytest.approx(-record.matched()[0], abs=1e-3)


def test_spread_of_normal_numbers():
    values = 3 * np.random.default_rng(0).standard_normal(20000)
    deviation, error = spread(values)
    assert deviation == pytest.approx(3, abs=4 * error)
    assert error == pytest.approx(3 / np.sqrt(2 * 20000), rel=0.05)
    assert np.isnan(spread(values[:1])).all()
    assert spread(np.zeros(5)) == (0.0, 0.0)


def test_what_is_refused():
    record = record_of(np.ones(10))
    with pytest.raises(ac.InputError, match="the only name is 'pulse'"):
        record.frequencies("matched")
    with pytest.raises(ac.InputError, match="one finite number a bin"):
        record.frequencies(np.ones(3))
    with pytest.raises(ac.InputError, match="ascending detunings"):
        record.frequencies(band=(1.0, 0.0))
    with pytest.raises(ac.InputError, match="holds no frequency"):
        record.frequencies(band=(1e9, 2e9))
    with pytest.raises(ac.InputError, match="finite numbers"):
        record.periodogram([np.nan])


def test_plot():
    import matplotlib.pyplot as plt

    record, _ = pulses(0.0, 1)
    assert len(record.plot().lines) == 3
    plt.close("all")
