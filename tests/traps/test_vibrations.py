"""Bound states and tunnelling against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import hbar

from atomcavity.errors import InputError
from atomcavity.results import load
from atomcavity.traps.vibrations import bound_states, lamb_dicke, tunnelling_rate


def close(expected, rel=1e-6):
    """SI numbers are small: pytest's default absolute tolerance of 1e-12 would accept anything."""
    return pytest.approx(expected, rel=rel, abs=0)


MASS = 1.46e-25


def morse(depth, alpha):
    return lambda x: depth * ((1 - np.exp(-alpha * x)) ** 2 - 1)


@settings(max_examples=15, deadline=None)
@given(frequency=st.floats(1e5, 1e7), centre=st.floats(-1e-6, 1e-6))
def test_harmonic_well(frequency, centre):
    length = np.sqrt(hbar / (MASS * frequency))
    well = bound_states(
        lambda x: MASS * frequency**2 * (x - centre) ** 2 / 2,
        MASS,
        (centre - 9 * length, centre + 9 * length),
        count=5,
    )
    assert well.energies == close(hbar * frequency * (np.arange(5) + 0.5), rel=1e-7)
    assert well.width() == close(length / np.sqrt(2), rel=1e-7)
    assert well.mean(lambda x: x - centre) == pytest.approx(0, abs=1e-6 * length)
    overlap = well.wave_functions @ well.wave_functions.T * (well.position[1] - well.position[0])
    assert overlap == pytest.approx(np.eye(5), abs=1e-10)


def test_morse_well():
    depth, alpha = 4.4e-28, 1 / 90e-9
    frequency = alpha * np.sqrt(2 * depth / MASS)
    n = np.arange(6)
    exact = -depth + hbar * frequency * (n + 0.5) - (hbar * frequency * (n + 0.5)) ** 2 / (4 * depth)
    well = bound_states(morse(depth, alpha), MASS, (-150e-9, 2.5e-6), count=6)
    assert well.energies == close(exact, rel=1e-7)
    assert not well.warnings


def test_states_are_saved_and_loaded(tmp_path):
    well = bound_states(morse(4.4e-28, 1 / 90e-9), MASS, (-150e-9, 2.5e-6), count=3)
    again = load(well.save(tmp_path / "states.nc"))
    assert again.energies == close(well.energies)
    assert again.wave_functions == pytest.approx(well.wave_functions)
    assert again.ceiling == close(well.ceiling)
    x, w = well.quadrature(4, state=1)
    assert w.sum() == close(1.0)
    for power in range(8):  # exact up to degree 7
        assert w @ (x / 1e-7) ** power == close(well.mean(lambda s, n=power: (s / 1e-7) ** n, 1), rel=1e-9)


def test_all_states_of_a_morse_well():
    depth, alpha = 1.1e-28, 1 / 90e-9
    number = int(np.sqrt(2 * MASS * depth) / (hbar * alpha) + 0.5)
    well = bound_states(morse(depth, alpha), MASS, (-150e-9, 5e-6))
    assert len(well.energies) == number
    assert not well.warnings


def test_fewer_states_than_asked_is_said():
    well = bound_states(morse(4.4e-29, 1 / 90e-9), MASS, (-200e-9, 6e-6), count=50)
    assert len(well.energies) < 50
    assert "holds" in well.warnings[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"mass": -1.0}, "mass"),
        ({"interval": (1e-6, 0.0)}, "interval"),
        ({"count": 0}, "count"),
        ({"potential": lambda x: x * np.nan}, "finite"),
        ({"potential": lambda x: 0 * x}, "no bound state"),
    ],
)
def test_bad_input(arguments, words):
    good = {"potential": lambda x: MASS * 1e12 * x**2 / 2, "mass": MASS, "interval": (-1e-6, 1e-6)}
    with pytest.raises(InputError, match=words):
        bound_states(**(good | arguments))


def test_tunnelling_through_a_parabola():
    """S of an inverted parabola of height h above E: (pi/2) h/(hbar w)... here sqrt(2M(h - M w^2 x^2/2))."""
    curvature, height = 6e5, 5 * hbar * 6e5

    def barrier(x):
        return height - MASS * curvature**2 * x**2 / 2

    edge = np.sqrt(2 * height / MASS) / curvature
    rate = tunnelling_rate(barrier, MASS, 0.0, inside=3 * edge, outside=-3 * edge, attempts=1.0)
    assert rate == close(np.exp(-2 * np.pi * height / (hbar * curvature)), rel=1e-6)


def test_tunnelling_limits():
    def hump(x):
        return 1e-28 * np.exp(-((x / 1e-7) ** 2)) - 1e-29

    assert tunnelling_rate(hump, MASS, 2e-28, inside=1e-6, outside=-1e-6, attempts=7.0) == 7.0
    wall = tunnelling_rate(
        lambda x: -1e-28 * np.sign(x), MASS, 0.0, inside=1e-6, outside=-1.0001e-6, attempts=7.0
    )
    assert wall == 0.0
    with pytest.raises(InputError, match="inside"):
        tunnelling_rate(hump, MASS, -2e-29, inside=1e-6, outside=-1e-6, attempts=1.0)


def test_lamb_dicke_of_the_printed_frequencies():
    """The paper's 0.23, 0.43, 0.18 at 86, 25 and 145 kHz (88Sr, 689.45 nm); digits of an independent calculation."""
    eta = lamb_dicke(2 * np.pi / 689.45e-9, 1.4597070e-25, 2 * np.pi * np.array([86e3, 25e3, 145e3]))
    assert eta == close([0.23563, 0.43704, 0.18147], rel=2e-4)
