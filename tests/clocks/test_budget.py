"""The budget of a clock: parts against their own linear laws, sums, files."""

from __future__ import annotations

from math import tau

import numpy as np
import pytest

from atomcavity.clocks.budget import shot_noise, slopes
from atomcavity.clocks.dick import dick_effect
from atomcavity.clocks.lock import CavityLock
from atomcavity.clocks.noise import Noise
from atomcavity.clocks.pulsed import Fluctuation, PulsedClock
from atomcavity.clocks.sensitivity import sensitivity
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
from atomcavity.dynamics.dicke.centre import line_centre
from atomcavity.errors import InputError
from atomcavity.results import load

KAPPA = tau * 1.2e6
OMEGA = tau * 429228004229873.2


def system(number: int = 400, cavity: float = 0.0) -> CavitySystem:
    return CavitySystem([Emitters(number, tau * 300)], [CavityMode(KAPPA, KAPPA / 2, detuning=cavity)])


def clock(**given) -> PulsedClock:
    made = {"system": system(), "frequency": OMEGA, "period": 1.0, "window": 0.1} | given
    return PulsedClock(**made)


@pytest.fixture(scope="module")
def everything():
    made = clock(
        system=system(cavity=0.1 * KAPPA),
        number_spread=40.0,
        shifts=(Fluctuation("blue", tau * 240), Fluctuation("red", tau * 190, -tau * 50)),
        cavity_noise=Noise(white_fm=2.0e-24, random_walk_fm=2.0e-22),
        lock=CavityLock(0.5, tau * 5e3),
        readout=tau * 9.1,
        laser_noise=Noise(white_fm=1e-32),
        estimator="centroid",
    )
    return made, made.budget(4000, seed=2)


@pytest.mark.parametrize("estimator", ["peak", "half-maximum", "centroid"])
def test_slopes_are_differences_of_line_centres(estimator):
    made = clock(system=system(cavity=0.2 * KAPPA), estimator=estimator)
    by_number, by_cavity = slopes(made)
    fewer, more = (line_centre(system(n, 0.2 * KAPPA), estimator) for n in (399, 401))
    assert by_number == pytest.approx((more - fewer) / 2, rel=1e-6, abs=1e-12)
    step = 1e-3 * KAPPA
    below, above = (line_centre(system(400, 0.2 * KAPPA + s), estimator) for s in (-step, step))
    assert by_cavity == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=0)
    if estimator == "centroid":
        r, rate = 0.2, 4 * (tau * 300) ** 2 / KAPPA  # -d chi/d Delta
        assert by_cavity == pytest.approx(-rate / KAPPA * (1 - 4 * r**2) / (1 + 4 * r**2) ** 2, rel=1e-4)


def test_parts_follow_their_linear_laws(everything):
    """sigma = |slope| x size/omega: all parts of the centroid are linear here."""
    _, budget = everything
    for k, name in enumerate(budget.names):
        if np.isfinite(budget.derivative[k] * budget.size[k]) and name != "number":
            law = abs(budget.derivative[k]) * budget.size[k] / OMEGA
            assert budget.sigma[k] == pytest.approx(law, rel=0.02, abs=1e-22), name
    assert budget.names[:3] == ("number", "blue", "red")
    assert budget.of("number") == 0  # the centroid does not know N
    assert budget.of("blue") == pytest.approx(240 / (OMEGA / tau), rel=0.05)
    assert budget.of("red") == pytest.approx(190 / (OMEGA / tau), rel=0.05)
    assert budget.of("readout") == pytest.approx(9.1 * 1.02 / (OMEGA / tau), rel=0.05)


def test_sums(everything):
    made, budget = everything
    counted = budget.sigma[budget.counted == 1]
    assert budget.total == pytest.approx(np.sqrt(np.sum(counted**2)))
    assert budget.whole_lower < budget.whole < budget.whole_upper
    assert budget.whole == pytest.approx(budget.total, rel=0.05)
    law = dick_effect(made.laser_noise, 1.0, sensitivity(made, "laser"))
    assert budget.of("laser (Dick effect)") == pytest.approx(law)
    assert budget.of("shot noise (naive)") not in counted
    with pytest.raises(InputError, match="unknown part 'blues'; did you mean 'blue'"):
        budget.of("blues")


def test_prints_and_survives_a_file(everything, tmp_path):
    _, budget = everything
    again = load(budget.save(tmp_path / "budget.nc"))
    assert str(again) == str(budget)
    assert again.names == budget.names
    assert str(budget).count("not in the sum") == 1


def test_crossed_pulling():
    """The peak's pulling depends on N off resonance: more than number and cavity alone; not on resonance."""
    noise = Noise(random_walk_fm=2.0e-22)
    budget = clock(number_spread=40.0, cavity_noise=noise).budget(1000, seed=1)
    assert budget.of("number x cavity") > 0.5 * budget.of("cavity")
    assert budget.of("number") == 0


def test_naive_shot_noise():
    """72.96 Hz/(2.355 x sqrt(200)): microclock, half of the photons detected."""
    assert shot_noise(clock()) / tau == pytest.approx(72.96 / (2.355 * np.sqrt(200)), rel=1e-4)


def test_quiet_clock():
    budget = clock().budget(10)
    assert budget.names == ("shot noise (naive)",)
    assert budget.total == budget.whole == 0


def test_a_pulse_longer_than_its_cycle_has_no_budget():
    with pytest.raises(InputError, match="of the mean pulse is emitted within the cycle"):
        clock(system=system(cavity=40 * KAPPA), number_spread=40.0).budget(10)
