"""What a cavity that moves inside the pulse does to the line: against integration in time, sums and closed forms."""

from __future__ import annotations

from math import tau

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid, solve_ivp
from scipy.optimize import brentq

from atomcavity.clocks.budget import slopes
from atomcavity.clocks.noise import Noise
from atomcavity.clocks.pulsed import PulsedClock
from atomcavity.clocks.sensitivity import moving_cavity, sensitivity
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
from atomcavity.errors import InputError

ESTIMATORS = ("peak", "half-maximum", "centroid")


def clock(number: int, ratio: float, estimator: str, **given) -> PulsedClock:
    system = CavitySystem(
        [Emitters(number, tau * 300)], [CavityMode(tau * 1.2e6, detuning=tau * 1.2e6 * ratio)]
    )
    made = {"frequency": 2.7e15, "period": 10.0, "window": 0.1, "estimator": estimator} | given
    return PulsedClock(system=system, **made)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(("number", "ratio"), [(400, 0.0), (400, 1.1), (30, -0.3), (2, 0.4)])
def test_a_cavity_that_stands_still_is_the_static_model(number, ratio, estimator):
    made = clock(number, ratio, estimator)
    times, sigma = sensitivity(made)
    assert np.trapezoid(sigma, times) == pytest.approx(slopes(made)[1], rel=3e-3, abs=0)
    times, sigma = sensitivity(made, "laser")
    assert np.trapezoid(sigma, times) == pytest.approx(1, rel=1e-3)
    if estimator == "centroid":
        share = made.ladder.emission(times)[0] * made.ladder.rate / number
        np.testing.assert_allclose(sigma, share, rtol=0, atol=1e-8 * sigma.max())


class TwoTimes:
    """The pulse of N atoms in a cavity at Delta(t), by its two-time function integrated in time; kappa = 1."""

    def __init__(self, number, g, detuning, moved, since):
        self.n, self.g, self.detuning, self.moved, self.since = number, g, detuning, moved, since
        k = np.arange(number + 1.0)
        self.d = (number - k) * (k + 1)
        self.root = np.sqrt(self.d[:-1])

    def rates(self, detuning):
        f = 1 / (0.5 + 1j * detuning)
        return self.g**2 * 2 * f.real, -(self.g**2) * f.imag, f

    def derivative(self, _, state, detuning, y):
        n, d, root = self.n, self.d, self.root
        gamma, chi, field = self.rates(detuning)
        p, x, z = state[: n + 1], state[n + 1 : 2 * n + 1], state[2 * n + 1 : 3 * n + 1]
        moves = 1j * y - 1j * chi * (n - 2 - 2 * np.arange(n)) - gamma * (d[:-1] + d[1:]) / 2
        dp = -gamma * d * p
        dp[1:] += gamma * d[:-1] * p[:-1]
        dx, dz = moves * x + np.conj(field) * root * p[:-1], moves * z + 1j * x
        dx[1:] += gamma * root[:-1] * root[1:] * x[:-1]
        dz[1:] += gamma * root[:-1] * root[1:] * z[:-1]
        return np.concatenate([dp, dx, dz, [field * (root @ x), field * (root @ z)]])

    def spectrum(self, y):
        """S and dS/dy."""
        state = np.zeros(3 * self.n + 3, complex)
        state[0] = 1
        end = 60 / (self.n * self.rates(self.detuning)[0])
        for start, stop, detuning in (
            (0, self.since, self.detuning),
            (self.since, end, self.detuning + self.moved),
        ):
            run = solve_ivp(
                self.derivative,
                (start, stop),
                state,
                args=(detuning, y),
                method="DOP853",
                rtol=1e-10,
                atol=1e-13,
            )
            state = run.y[:, -1]
        return 2 * state[-2:].real

    def peak(self, near, reach):
        return brentq(lambda y: self.spectrum(y)[1], near - reach, near + reach, xtol=1e-13)


@pytest.mark.parametrize("ratio", [0.0, 0.45])
def test_a_step_inside_the_pulse(ratio):
    """The maximum of three atoms' line, whose cavity steps at some time, moves by the rest of int sigma dt."""
    g, step = 0.01, 0.02
    system = CavitySystem([Emitters(3, g)], [CavityMode(1.0, detuning=ratio)])
    made = PulsedClock(system=system, frequency=1.0, period=1e9, window=1.0)
    gamma = made.ladder.rate
    times, sigma = sensitivity(made)
    centre = made.run(1).centre[0]
    for since in (0.2 / gamma, 0.7 / gamma):
        up, down = (TwoTimes(3, g, ratio, moved, since).peak(centre, 0.05 * gamma) for moved in (step, -step))
        later = times >= since
        left = np.trapezoid(sigma[later], times[later]) + (times[later][0] - since) * np.interp(
            since, times, sigma
        )
        assert (up - down) / (2 * step) == pytest.approx(
            left, rel=5e-3, abs=2e-3 * np.abs(sigma).max() / gamma
        )


def test_white_noise_inside_the_pulse():
    """(h_0/2) (int sigma^2 - that of the average): the centroid's small pulling needs a cavity that stands still."""
    noise = Noise(white_fm=2e-24)
    made = clock(400, 0.0, "centroid", cavity_noise=noise)
    times, sigma = sensitivity(made)
    average = made.ladder.emission(times)[0]
    average *= np.trapezoid(sigma, times) / np.trapezoid(average, times)
    law = 2.7e15 * np.sqrt(1e-24 * np.trapezoid(sigma**2 - average**2, times))
    assert moving_cavity(made) == pytest.approx(law, rel=2e-3)
    assert moving_cavity(made) > 100 * 2.7e15 * np.sqrt(1e-24 * np.trapezoid(average**2, times))
    series = made.run(20_000, parts={"cavity in pulse"})
    assert np.std(series.y) == pytest.approx(law / 2.7e15, rel=0.03)
    assert np.ptp(series.centre) == 0
    assert moving_cavity(clock(400, 0.0, "centroid")) == 0


def test_random_walk_inside_the_pulse():
    """Allan variance of weighted averages of a walk, 2 pi^2 h_-2 int (G^2 - c G) dt + ..., G(t) = int_t sigma dt', c = G(0)."""
    made = clock(400, 0.0, "centroid", cavity_noise=Noise(random_walk_fm=2e-22))
    times, sigma = sensitivity(made)
    average = made.ladder.emission(times)[0]
    average *= np.trapezoid(sigma, times) / np.trapezoid(average, times)
    rest = [np.trapezoid(w, times) - cumulative_trapezoid(w, times, initial=0) for w in (sigma, average)]
    own, mean = (np.trapezoid(g * (g - g[0]), times) for g in rest)
    law = 2.7e15 * np.sqrt(2 * np.pi**2 * 2e-22 * (own - mean))
    assert moving_cavity(made) == pytest.approx(law, rel=1e-3)


def test_a_single_atom_does_not_chirp():
    """N = 1: one frequency, so that the centroid's weight is the intensity and nothing is left over."""
    made = clock(1, 0.3, "centroid", cavity_noise=Noise(white_fm=2e-24), period=1e4)
    assert moving_cavity(made) < 1e-3 * 2.7e15 * abs(slopes(made)[1]) * np.sqrt(1e-24 * made.ladder.rate)


def test_unknown_source():
    with pytest.raises(InputError, match="unknown source 'lazer'; did you mean 'laser'"):
        sensitivity(clock(3, 0.0, "peak"), "lazer")
