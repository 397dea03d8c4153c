"""The centre of a pulse's line: estimators, spectral windows, and a detector that closes early."""

from __future__ import annotations

from math import tau

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad_vec, solve_ivp

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, Preparation
from atomcavity.dynamics.dicke.centre import ESTIMATORS, line_centre
from atomcavity.dynamics.dicke.model import Ladder, ladder
from atomcavity.errors import InputError

KAPPA = tau * 1.2e6


def microclock(number: int = 400, cavity: float = 0.0, **given) -> CavitySystem:
    """The microclock (g/2pi = 300 Hz, kappa/2pi = 1.2 MHz); the cavity's detuning in MHz."""
    return CavitySystem(
        [Emitters(number, tau * 300, **given)], [CavityMode(KAPPA, detuning=tau * cavity * 1e6)]
    )


def model_of(system: CavitySystem, initial: Preparation | None = None) -> Ladder:
    return ladder(system, initial or Preparation())


# numbers recomputed from the microclock paper's model with independent programs (mpmath, QuTiP)
@pytest.mark.parametrize(
    ("cavity", "peak", "centroid", "half"),
    [
        (0.1, -1.62077, -0.02432, -0.46582),
        (0.3, -3.37480, -0.06000, -0.78282),
        (0.6, -1.34478, -0.07500, -0.52397),
        (1.2, 7.21880, -0.06000, -0.48919),
        (2.0, 8.97475, -0.04128, -0.28021),
        (3.0, 7.76890, -0.02885, -0.16633),
    ],
)
def test_microclock_centres(cavity, peak, centroid, half):
    system = microclock(cavity=cavity)
    found = [line_centre(system, name) / tau for name in ("peak", "centroid", "half-maximum")]
    assert found == pytest.approx([peak, centroid, half], abs=6e-6)


@pytest.mark.parametrize(("number", "slope"), [(10, -4.85), (100, -25.5), (400, -67.9), (1000, -128)])
def test_the_peak_is_pulled_by_a_multiple_of_chi_that_grows_with_the_number(number, slope):
    system = microclock(number, 1e-3)
    chi = -line_centre(system, "centroid")
    assert line_centre(system) / chi == pytest.approx(slope, rel=5e-3)


@pytest.mark.parametrize(("number", "ratio"), [(100, 0.7786), (400, 0.5751), (1000, 0.4916)])
def test_the_peak_shift_changes_sign(number, ratio):
    below, above = (line_centre(microclock(number, 1.2 * r)) for r in (ratio - 1e-4, ratio + 1e-4))
    assert below < 0 < above


def test_windows_of_the_centroid():
    system = microclock(cavity=0.1)
    model = model_of(system)
    for reach, expected in ((3, -1.21), (10, -1.06), (100, -1.006)):
        edge = reach * 400 * model.rate
        found = line_centre(system, "centroid", window=(-edge, edge))
        assert found / model.chi == pytest.approx(expected, abs=0.005)
    asymmetric = -2 * 400 * model.rate, 9 * 400 * model.rate
    assert line_centre(system, "centroid", window=asymmetric) > 0  # it turns the sign


@given(number=st.integers(1, 300), detuning=st.floats(-3, 3), emitters=st.floats(-1e4, 1e4))
@settings(max_examples=15, deadline=None)
def test_centroid_is_minus_chi(number, detuning, emitters):
    system = microclock(number, detuning, detuning=emitters)
    model = model_of(system)
    # the windows' deviation falls as 1/width: two of them extrapolate to the limit
    size = number * (model.rate + abs(model.chi))
    windows = ((emitters - k * size, emitters + k * size) for k in (1e3, 2e3))
    one, two = (line_centre(system, "centroid", window=window) - emitters for window in windows)
    limit = line_centre(system, "centroid") - emitters
    assert limit == pytest.approx(-model.chi, rel=1e-6, abs=1e-6 * model.rate)
    assert 2 * two - one == pytest.approx(limit, rel=1e-3, abs=1e-3 * model.rate)


@given(number=st.integers(1, 60), detuning=st.floats(0.01, 3), share=st.floats(0.05, 5))
@settings(max_examples=10, deadline=None)
def test_the_other_side_of_the_cavity_is_the_mirror_image(number, detuning, share):
    one, other = microclock(number, detuning), microclock(number, -detuning)
    model = model_of(one)
    for name in ESTIMATORS:
        for duration in (None, share / (number * model.rate)):
            found = [line_centre(system, name, duration=duration) for system in (one, other)]
            assert found[0] == pytest.approx(-found[1], abs=1e-7 * number * model.rate)


def driven_coherences(model: Ladder, detunings: np.ndarray, duration: float) -> np.ndarray:
    """S_T by its definition: the coherences driven by the populations, one differential equation a frequency."""
    d, n, count = model.d, model.number, len(detunings)
    root = np.sqrt(d[:-1])
    width = model.rate * (d[:-1] + d[1:]) / 2 + 1j * (model.rate * model.place + model.offset)

    def slope(t, y):
        p, x = y[: n + 1], y[n + 1 : -count].reshape(count, n)
        dp = -model.rate * d * p
        dp[1:] += model.rate * d[:-1] * p[:-1]
        dx = -(width - 1j * detunings[:, None]) * x + root * p[:-1]
        dx[:, 1:] += model.rate * root[:-1] * root[1:] * x[:, :-1]
        return np.concatenate([dp, dx.ravel(), x @ root])

    start = np.concatenate([model.start, np.zeros(count * (n + 1))]).astype(complex)
    end = solve_ivp(slope, (0, duration), start, method="DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    return 2 * end[-count:].real


@pytest.mark.parametrize("number", [1, 2, 8])
@pytest.mark.parametrize("initial", [Preparation(), Preparation.pulse(2.0)])
def test_a_detector_that_closes_early(number, initial):
    system = microclock(number, 0.5, detuning=3.0)
    model = model_of(system, initial)
    unit = number * model.rate
    detunings = 3.0 + np.array([-30.0, -2.0, 0.0, 0.7, 5.0]) * unit
    for duration in (0.1 / unit, 2 / unit, 6 / unit):
        found = model.density(detunings, duration)
        expected = driven_coherences(model, detunings, duration)
        assert found == pytest.approx(expected, abs=1e-8 * expected.max())


def test_one_emitter_seen_for_a_time():
    """|int_0^T exp[(i delta - Gamma/2) t] dt|^2."""
    model = model_of(microclock(1, 0.4))
    detunings = np.linspace(-50, 50, 101) * model.rate
    pole = 1j * (detunings + model.chi) - model.rate / 2
    for duration in np.array([1e-3, 0.5, 3.0, 1e3]) / model.rate:
        expected = np.abs(np.expm1(pole * duration) / pole) ** 2
        assert model.density(detunings, duration) == pytest.approx(expected, abs=1e-9 * expected.max())


@given(number=st.integers(1, 300), detuning=st.floats(-3, 3), times=st.floats(50, 1e4))
@settings(max_examples=10, deadline=None)
def test_a_detector_that_stays_open_sees_the_whole_pulse(number, detuning, times):
    system = microclock(number, detuning)
    model = model_of(system)
    unit = number * model.rate
    duration = (times + 2 * np.log(number)) / unit
    detunings = np.linspace(-20, 20, 41) * unit
    whole = model.density(detunings)
    assert model.density(detunings, duration) == pytest.approx(whole, abs=1e-8 * whole.max())
    for name in ESTIMATORS:
        closed, open_ = (line_centre(system, name, duration=d) for d in (duration, None))
        assert closed == pytest.approx(open_, abs=1e-6 * unit)


def test_early_light_is_at_the_frequency_of_the_first_step():
    """T -> 0: only the level with all emitters excited has emitted."""
    system = microclock(50, 0.3)
    model = model_of(system)
    assert line_centre(system, "centroid", duration=1e-6 / model.rate) == pytest.approx(
        48 * model.chi, rel=1e-4
    )


def test_centroid_of_a_gated_line_in_a_wide_window():
    system, unit = microclock(5, 0.5), 5 * model_of(microclock(5)).rate
    limit = line_centre(system, "centroid", duration=1 / unit)
    wide = [
        line_centre(system, "centroid", duration=1 / unit, window=(-w * unit, w * unit)) for w in (300, 600)
    ]
    assert 2 * wide[1] - wide[0] == pytest.approx(limit, abs=1e-3 * unit)


def test_the_photons_of_a_gated_line_are_those_emitted():
    """int S_T d omega/2 pi = int_0^T <J^+ J^-> dt, also the emitted share of all."""
    model = model_of(microclock(6, 0.3), Preparation.pulse(2.5))
    unit = 6 * model.rate
    duration = 1.5 / unit
    emitted, _ = quad_vec(lambda t: model.emission(np.array([t]))[0][0], 0, duration, epsrel=1e-9)
    share = float(model.emitted_share(np.array([duration]))[0])
    assert share == pytest.approx(emitted / model.emitted, rel=1e-8)
    grid = np.linspace(-3000, 3000, 240_001) * unit
    area = np.trapezoid(model.density(grid, duration), grid) / tau
    assert area == pytest.approx(emitted, rel=1e-3)


def test_window_restricts_where_the_peak_is_looked_for():
    """Above Delta = kappa the line has several maxima: a narrow band picks the lower one."""
    system = microclock(cavity=2.0)
    unit = 400 * model_of(system).rate
    highest = line_centre(system)
    assert line_centre(system, window=(-1e6, 1e6)) == pytest.approx(highest, rel=1e-9)
    other = line_centre(system, window=(-3 * unit, 0.0))
    assert other < 0 < highest
    model = model_of(system)
    assert model.derivatives(other)[1] == pytest.approx(0, abs=1e-6 * model.derivatives(other)[0] / unit)


def test_a_maximum_is_not_looked_for_where_the_grid_would_be_too_coarse():
    far = microclock(2, cavity=1200.0)
    with pytest.raises(InputError, match="looked for up to"):
        line_centre(far)
    assert line_centre(far, "centroid") == pytest.approx(-model_of(far).chi, rel=1e-6)


def test_long_results_are_made_in_pieces(monkeypatch):
    model = model_of(microclock(7, 0.4))
    detunings = np.linspace(-5, 5, 300) * 7 * model.rate
    duration = 3 / (7 * model.rate)
    whole = model.density(detunings, duration)
    monkeypatch.setattr("atomcavity.dynamics.dicke.chain.CHUNK", 40)
    monkeypatch.setattr("atomcavity.dynamics.dicke.gated.TOGETHER", 37)
    assert model.density(detunings, duration) == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"estimator": "middle"}, "estimator"),
        ({"window": (1.0, -1.0)}, "ascending"),
        ({"window": (0.0, np.inf)}, "finite"),
        ({"window": (1e8, 2e8)}, "holds no maximum"),
        ({"window": (300.0, 900.0)}, "rises up to its edge"),
        ({"estimator": "half-maximum", "window": (-100.0, 900.0)}, "fallen to half"),
        ({"duration": 0.0}, "duration"),
        ({"duration": np.nan}, "duration"),
        ({"initial": "ground"}, "without light"),
        ({"estimator": "centroid", "duration": 1e3, "window": (-1e8, 1e8)}, "too wide"),
    ],
)
def test_refusals_of_a_centre(given, words):
    with pytest.raises(InputError, match=words):
        line_centre(microclock(), **given)
