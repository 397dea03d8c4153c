"""The pulsed clock: single lines, cycle statistics, independent parts, the published clock."""

from __future__ import annotations

import json
from dataclasses import replace
from math import tau

import numpy as np
import pytest

from atomcavity.clocks.deviation import deviation
from atomcavity.clocks.lock import CavityLock
from atomcavity.clocks.noise import Noise
from atomcavity.clocks.pulsed import Fluctuation, PulsedClock
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
from atomcavity.dynamics.dicke.centre import ESTIMATORS, line_centre
from atomcavity.errors import InputError
from atomcavity.results import load

KAPPA = tau * 1.2e6
OMEGA = tau * 429228004229873.2  # 87Sr clock line
LATTICE = Fluctuation("lattice", tau * 735.0, tau * 2000.0)
CAVITY = Noise(white_fm=2.0e-24, random_walk_fm=2.0e-22)


def microclock(number: int = 400, ratio: float = 0.0, **given) -> PulsedClock:
    """A clock with the microclock paper's rates; the cavity at ratio = Delta/kappa."""
    mode = CavityMode(KAPPA, KAPPA / 2, detuning=ratio * KAPPA)
    made = {"frequency": OMEGA, "period": 1.0, "window": 0.1} | given
    return PulsedClock(system=CavitySystem([Emitters(number, tau * 300)], [mode]), **made)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(("number", "ratio"), [(400, 0.0833), (400, -1.7), (37, 0.4), (3, 4.0), (1, 1.0)])
def test_quiet_clock_shows_its_line(number, ratio, estimator):
    clock = microclock(number, ratio, estimator=estimator)
    series = clock.run(3)
    assert series.number.tolist() == [number] * 3
    assert series.cavity == pytest.approx([ratio * KAPPA] * 3)
    scale = number * clock.ladder.rate
    np.testing.assert_allclose(series.centre, line_centre(clock.system, estimator), rtol=0, atol=1e-9 * scale)
    np.testing.assert_allclose(series.y * OMEGA, series.centre, rtol=1e-12)


def test_white_shifts_alone():
    series = microclock(shifts=(LATTICE,)).run(30_000, seed=3)
    found = deviation(series)
    c, error = found.coefficient(-0.5)
    law = np.std(series.shift) / OMEGA
    assert c == pytest.approx(735 / 429228004229873.2, abs=4 * error)
    assert found.at(1.0) == pytest.approx(law, rel=0.02)
    assert series.shift.mean() == pytest.approx(LATTICE.mean, abs=4 * LATTICE.deviation / 30_000**0.5)


def test_shifted_atoms_move_away_from_the_cavity():
    """A common shift is one of the emitters' detuning: the line goes along, the cavity is left behind."""
    shift = 0.3 * KAPPA
    clock = microclock(40, 0.1, shifts=[Fluctuation("shift", 0.0, shift)])
    series = clock.run(2)
    mode = clock.system.modes[0]
    moved = CavitySystem([Emitters(40, tau * 300, detuning=shift)], [mode])
    assert series.y[0] * OMEGA == pytest.approx(line_centre(moved), rel=1e-12)
    assert series.cavity[0] == pytest.approx(-0.2 * KAPPA)
    assert series.centre[0] == pytest.approx(line_centre(moved) - shift, abs=1e-6)
    there = PulsedClock(moved, frequency=OMEGA, period=1.0, window=0.1).run(
        1
    )  # y is from the atoms' own frequency
    assert there.y[0] * OMEGA == pytest.approx(series.centre[0], rel=1e-9)
    assert there.cavity[0] == pytest.approx(-0.2 * KAPPA)


def test_parts_have_their_own_streams():
    clock = microclock(shifts=(LATTICE,), number_spread=40.0, cavity_noise=CAVITY, readout=tau * 9.0)
    whole = clock.run(300, seed=5)
    alone = {name: clock.run(300, seed=5, parts={name}) for name in clock.parts}
    assert set(alone) == {"number", "lattice", "cavity", "cavity in pulse", "readout"}
    assert np.array_equal(whole.number, alone["number"].number)
    assert np.array_equal(whole.shift, alone["lattice"].shift)
    np.testing.assert_allclose(
        whole.cavity + whole.shift, alone["cavity"].cavity + LATTICE.mean, atol=1e-9 * KAPPA
    )
    reordered = replace(clock, shifts=(Fluctuation("other", 1.0), LATTICE))
    assert np.array_equal(reordered.run(300, seed=5, parts={"lattice"}).shift, whole.shift)
    assert np.array_equal(clock.run(100, seed=5).shift, whole.shift[:100])
    assert not np.array_equal(clock.run(300, seed=6).shift, whole.shift)
    with pytest.raises(InputError, match="unknown part 'latice'; did you mean 'lattice'"):
        clock.run(10, parts={"latice"})


def test_number_of_atoms():
    series = microclock(number_spread=40.0).run(40_000, seed=2)
    assert series.number.mean() == pytest.approx(400, abs=4 * 40 / 200)
    assert series.number.std() == pytest.approx(np.hypot(40, 12**-0.5), rel=4 / 80_000**0.5)
    few = microclock(2, number_spread=3.0).run(2000).number
    assert few.min() == 1
    assert np.issubdtype(few.dtype, np.integer)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_mirrored_cavity(estimator):
    """r -> -r mirrors the lines."""
    above, below = (
        microclock(40, ratio, number_spread=9.0, estimator=estimator).run(200, seed=1)
        for ratio in (0.6, -0.6)
    )
    np.testing.assert_allclose(above.centre, -below.centre, rtol=1e-12)
    assert np.array_equal(above.share, below.share)


# the microclock paper's clock, recomputed with independent programs
def test_published_instability():
    clock = microclock(number_spread=40.0, shifts=(LATTICE,), cavity_noise=CAVITY)
    found = deviation(clock.run(20_000, seed=1))
    c, error = found.coefficient(-0.5)
    assert c == pytest.approx(1.711e-12, abs=4 * error)
    assert found.at(1.0) == pytest.approx(1.711e-12, rel=0.02)


def test_published_pulling():
    """Cavity and number alone, before the cavity has walked far: 1.6e-15 at 1 s by the peak, little by the centroid."""
    sigma = {}
    for name in ("peak", "centroid"):
        clock = microclock(number_spread=40.0, cavity_noise=CAVITY, estimator=name)
        runs = [clock.run(2000, seed=k, parts={"number", "cavity"}) for k in range(5)]
        sigma[name] = np.sqrt(np.mean([deviation(run).at(1.0) ** 2 for run in runs]))
    assert sigma["peak"] == pytest.approx(1.6e-15, rel=0.3)
    assert sigma["centroid"] < 6e-17


@pytest.mark.parametrize(("ratio", "share"), [(1.0, 0.999), (2.0, 0.15)])
def test_published_shares(ratio, share):
    series = microclock(ratio=ratio, number_spread=0.0).run(2)
    assert series.share[0] == pytest.approx(share, abs=0.006)
    assert series.photons[0] == pytest.approx(200 * series.share[0])
    clock = microclock(ratio=ratio)
    evolved = clock.ladder.emitted_share(np.array([clock.window]))
    assert series.share == pytest.approx(evolved[0], abs=1e-5)


def test_free_cavity_walks_out_of_resonance():
    """Rms walk 27.0 kHz x sqrt(T/s); the first dark pulses come before most are dark, and the series says so."""
    clock = microclock(cavity_noise=Noise(random_walk_fm=2.0e-22))
    series = clock.run(20_000, seed=0)
    for lag in (1, 100):
        moved = (series.cavity[lag:] - series.cavity[:-lag]) / tau
        pieces = len(series.y) / lag
        assert moved.std() == pytest.approx(27.0e3 * lag**0.5, rel=5 / (2 * pieces) ** 0.5 + 0.02)
    assert 500 < series.fades < 20_000
    first = int(series.fades)
    assert (series.share[:first] >= 0.5).all()
    assert series.share[first] < 0.5
    assert any("walks out of resonance" in text for text in series.warnings)
    assert f"after {series.fades:.4g} s" in series.warnings[0]


def test_lock_holds_the_cavity():
    lock = CavityLock(0.5, tau * 5e3)
    clock = microclock(number_spread=40.0, cavity_noise=CAVITY, lock=lock)
    series = clock.run(20_000, seed=0)
    assert np.isnan(series.fades)
    assert not series.warnings
    assert series.share.min() > 0.999
    quiet = microclock(lock=lock).run(50_000, seed=3)
    assert quiet.cavity.std() == pytest.approx(tau * 5e3 * (0.5 / 1.5) ** 0.5, rel=0.03)
    assert microclock(lock=lock).run(100, parts=()).cavity.std() == 0


def test_far_walks_are_answered():
    """Up to |r| of some twenty the highest of several maxima, the same as one line at a time."""
    clock = microclock(200, number_spread=20.0, cavity_noise=Noise(random_walk_fm=4e-20), period=1.0)
    series = clock.run(400, seed=6)
    assert np.abs(series.cavity).max() > 15 * KAPPA
    for k in np.argsort(np.abs(series.cavity))[[0, 150, 300, 399]]:
        mode = CavityMode(KAPPA, detuning=series.cavity[k])
        one = CavitySystem([Emitters(int(series.number[k]), tau * 300)], [mode])
        rate = microclock(int(series.number[k]), series.cavity[k] / KAPPA).ladder.rate
        assert series.centre[k] == pytest.approx(line_centre(one), abs=1e-9 * series.number[k] * rate)


def test_beyond_all_lines():
    clock = microclock(5, 200.0)
    series = clock.run(2)
    assert np.isnan(series.y).all()
    assert "2 frequencies are NaN" in " ".join(series.warnings)
    assert np.isfinite(microclock(5, 200.0, estimator="centroid").run(2).y).all()


def test_readout_scatter_of_each_pulse():
    """On resonance as given, elsewhere in proportion to N Gamma, and growing as fewer photons are seen."""
    given = {"readout": tau * 9.0}
    on = microclock(**given).run(40_000, seed=1)
    assert np.std(on.y) * OMEGA == pytest.approx(tau * 9.0, rel=0.02)
    off = microclock(ratio=0.5, **given).run(40_000, seed=1)
    assert np.std(off.y) * OMEGA == pytest.approx(tau * 9.0 / 2, rel=0.02)
    short = microclock(window=8e-3, **given).run(40_000, seed=1)
    assert np.std(short.y) * OMEGA == pytest.approx(tau * 9.0 / short.share[0] ** 0.5, rel=0.02)
    assert "even the mean pulse" in " ".join(short.warnings)


def test_plain_data_and_files(tmp_path):
    clock = microclock(
        shifts=(LATTICE,),
        cavity_noise=CAVITY,
        lock=CavityLock(0.3),
        readout=3.0,
        laser_noise=Noise(flicker_fm=1e-33),
    )
    again = PulsedClock.from_dict(json.loads(json.dumps(clock.to_dict())))
    assert again.to_dict() == clock.to_dict()
    series = clock.run(50, seed=3)
    assert np.array_equal(again.run(50, seed=3).y, series.y)
    loaded = load(series.save(tmp_path / "series.nc"))
    assert str(loaded) == str(series)
    assert np.array_equal(loaded.number, series.number)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"window": 2.0}, "inside one cycle"),
        ({"period": 0.0}, "period = 0 must be > 0"),
        ({"number_spread": -1.0}, "number_spread"),
        ({"readout": -1.0}, "readout"),
        ({"estimator": "peek"}, "did you mean 'peak'"),
        ({"shifts": (LATTICE, LATTICE)}, "names must differ"),
        ({"shifts": (Fluctuation("cavity", 1.0),)}, "names must differ"),
        ({"shifts": [3.0]}, "list of Fluctuations"),
        ({"cavity_noise": 1e-24}, "must be a Noise or None"),
        ({"lock": 0.5}, "must be a CavityLock or None"),
        ({"frequency": "429 THz"}, "is not a number"),
    ],
)
def test_mistakes(given, message):
    with pytest.raises(InputError, match=message):
        microclock(**given)


def test_systems_that_are_no_ladder():
    mode, atoms = CavityMode(KAPPA), Emitters(3, tau * 300)
    made = {"frequency": OMEGA, "period": 1.0, "window": 0.1}
    with pytest.raises(InputError, match="takes one"):
        PulsedClock(system=CavitySystem([Emitters(3, [1.0, 1.0])], [mode, mode]), **made)
    with pytest.raises(InputError, match="identical emitters"):
        PulsedClock(system=CavitySystem([atoms, Emitters(2, tau * 100)], [mode]), **made)
    decaying = PulsedClock(system=CavitySystem([Emitters(3, tau * 300, gamma=1.0)], [mode]), **made).run(2)
    assert "own decay is ignored" in decaying.warnings[0]
    assert "no photon leaves through the port" in decaying.warnings[-1]
    with pytest.raises(InputError, match="cycles"):
        microclock().run(0)
    with pytest.raises(InputError, match="seed"):
        microclock().run(3, seed=-1)
    with pytest.raises(InputError, match="deviation of x"):
        Fluctuation("x", -1.0)
