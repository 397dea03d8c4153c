"""The phase of a lattice from the clicks of its first sites, and a belt that is halted by it."""

import math

import numpy as np
import pytest

from atomcavity.detection import ClickRecords, PhotonCounter
from atomcavity.errors import InputError
from atomcavity.loading.controller import Controller
from atomcavity.loading.self_alignment import AlignedStop, SelfAlignment, click_limit, densest, self_align
from atomcavity.results import Record
from atomcavity.traps.time_law import TimeLaw

FREQUENCY = 50e3
PHASE = (np.arange(200) + 0.5) / 200
PULSE = 1e5 + 4e6 * np.exp(-(((PHASE - 0.6) / 0.1) ** 2))


def delivered(heights: np.ndarray, sites: int = 14) -> ClickRecords:
    """Clicks of belts whose sites are at these heights (d), modulo 1, at t = 0; the pulse begins where a site is at 0.9 d."""
    ticks = np.arange(200 * sites)
    phase = (ticks / 200 - heights[:, None] + 0.9) % 1.0
    light = np.interp(phase, PHASE, PULSE, period=1.0) / 5e6
    return PhotonCounter(flux=5e6).clicks(ticks / 200 / FREQUENCY, light, seed=3)


@pytest.mark.parametrize("random", [None, 5])
@pytest.mark.parametrize("window", [None, 2e-6])
def test_the_controller_brings_a_site_to_rest_where_it_should(random, window):
    """The alarm, handed to a controller, moves the belt until a site is at the wanted height."""
    heights, height, stop = np.linspace(0.0, 0.95, 20), 0.3, 20e-6
    rule = AlignedStop(
        FREQUENCY, PULSE, start=0.9, height=height, stop=stop, window=window, begin=7e-6, random=random
    )
    alarm = rule.first_alarm(delivered(heights))
    assert np.all((alarm >= 7e-6 + 10 / FREQUENCY) & (alarm < 7e-6 + 12 / FREQUENCY))
    frequency, _ = Controller(rule, stop=stop).commands(FREQUENCY)
    moved = float(TimeLaw.of(frequency.phase())(stop)) / (2 * math.pi)
    off = heights - FREQUENCY * alarm - moved - height
    off -= np.round(off)
    error = click_limit(PULSE, 1 / FREQUENCY, 10) * FREQUENCY
    assert off.std() < (2 * error if window is None else 0.05)
    assert abs(off.mean()) < (error if window is None else 0.02)


def test_there_is_no_alarm_before_the_first_sites_are_over():
    clicks = delivered(np.zeros(3), sites=10)
    rule = AlignedStop(FREQUENCY, PULSE, start=0.9, height=0.3, stop=20e-6, begin=5e-6)
    assert np.isnan(rule.first_alarm(clicks)).all()


def test_what_comes_later_does_not_matter():
    """The alarm is known when the first sites are over: the same from a longer record."""
    rule = AlignedStop(FREQUENCY, PULSE, start=0.9, height=0.3, stop=20e-6)
    long, heights = delivered(np.array([0.2, 0.7])), []
    for sites in (11, 14):
        keep = long.time < sites / FREQUENCY
        part = ClickRecords(
            Record("cut", seed=1), time=long.time[keep], channel=long.channel[keep], run=long.run[keep],
            labels=long.labels, duration=sites / FREQUENCY, runs=2, period=math.nan,
        )  # fmt: skip
        heights.append(rule.first_alarm(part))
    assert np.array_equal(*heights)


def test_wrong_numbers_are_named():
    for changed in ({"stop": 0.0}, {"sites": 0}, {"begin": -1e-6}, {"frequency_hz": -6e3}):
        given = {"frequency_hz": FREQUENCY, "template": PULSE, "start": 0.9, "height": 0.3, "stop": 20e-6}
        with pytest.raises(InputError, match=next(iter(changed))):
            AlignedStop(**given | changed)


def test_arrivals_are_where_the_heights_say():
    found = SelfAlignment(np.array([0.25, 0.95]), 0.01, 10, 50e3)
    assert found.arrival(0.0) == pytest.approx([5e-6, 19e-6])
    assert found.arrival(0.9) == pytest.approx([7e-6, 1e-6])
    assert found.deviation(np.array([3.2, 7.05])) == pytest.approx([0.05, -0.1])


def test_a_halted_site_rests_where_it_should():
    found = SelfAlignment(np.linspace(0, 0.99, 23), 0.01, 10, 50e3)
    stop, height = 50e-6, 0.3
    begin = found.halt(height, stop)
    rest = found.height - 50e3 * (begin + stop / 2)
    assert (rest - height) % 1.0 == pytest.approx(np.round((rest - height) % 1.0), abs=1e-9)
    assert np.all((begin > 10 / 50e3 - 1e-9) & (begin < 11 / 50e3 + 1e-9))


@pytest.mark.parametrize("window", [None, 3e-6])
def test_a_known_pulse_is_found(window):
    """A narrow pulse a quarter of a period after the start, at a site height of 0.9 - 1/4; no background."""
    phase = (np.arange(80) + 0.5) / 80
    template = 1e4 + 1e7 * np.exp(-(((phase - 0.25) / 0.03) ** 2) / 2)
    rng = np.random.default_rng(1)
    time = np.sort(
        (np.repeat(np.arange(10), 40) + (0.6 + 0.25 + 0.03 * rng.standard_normal(400)) % 1) * 20e-6
    )
    made = ClickRecords(
        Record("made"),
        time=time,
        channel=np.zeros(400, np.int64),
        run=np.zeros(400, np.int64),
        labels=np.array(["detector"]),
        duration=220e-6,
        runs=1,
        period=math.nan,
    )
    found = self_align(made, 50e3, template, 0.9, window=window)
    assert found.deviation(np.array([0.9 + 0.6]))[0] == pytest.approx(0.0, abs=0.01)


def test_the_limit_of_the_clicks_is_that_of_cramer_and_rao():
    period, mean, depth = 20e-6, 3e5, 0.02
    template = mean * (1 + depth * np.cos(2 * np.pi * np.arange(400) / 400))
    exact = period / (2 * np.pi * depth * math.sqrt(10 * mean * period / 2))
    assert click_limit(template, period, 10) == pytest.approx(exact, rel=1e-3)


def test_the_densest_window_is_on_the_pulse():
    template = np.ones(100)
    template[97:] = template[:2] = 5.0
    assert densest(template, 0.05) == pytest.approx(0.99)
