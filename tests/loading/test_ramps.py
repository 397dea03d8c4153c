"""Ramps of a belt's speed: closed forms of what they leave behind, the best one, and the same in a moving lattice."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants as const

from atomcavity.errors import InputError
from atomcavity.loading.ramps import least_heating_ramp, ramp_excitation
from atomcavity.loading.thermal import Atoms
from atomcavity.loading.trajectories import trajectories
from atomcavity.traps.belt import ConveyorBelt, GaussianBeam
from atomcavity.traps.time_law import SHAPES, TimeLaw

MASS = 132.905451961 * const.atomic_mass
WAVE = 935e-9
NU = 300e3


def lattice(phase, nu=NU):
    alpha, depth = 5e-38, MASS * (nu * WAVE) ** 2 / 2
    beam = {"amplitude": math.sqrt(depth / alpha), "wavelength": WAVE}
    return ConveyorBelt(
        GaussianBeam(**beam, upwards=False), GaussianBeam(**beam), polarizability=alpha, phase=phase
    )


@given(st.floats(1e3, 1e6), st.floats(1e-6, 1e-4))
@settings(max_examples=40, deadline=None)
def test_a_linear_ramp_leaves_a_sinc(nu, duration):
    theta = math.pi * nu * duration
    expected = (math.sin(theta) / theta) ** 2
    assert float(ramp_excitation("linear", nu, duration)) == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("shape", [*SHAPES, (0.0, 0.3, 0.0, 0.2, 0.5), "best"])
def test_excitation_is_the_transform_of_the_acceleration(shape):
    duration = 12e-6
    form = least_heating_ramp(duration, (70e3, 110e3)).shape if shape == "best" else shape
    nodes, weights = np.polynomial.legendre.leggauss(400)
    s = (nodes + 1) / 2
    c = np.array(SHAPES[form] if isinstance(form, str) else form)
    slope = np.polynomial.Polynomial(c).deriv()(s)
    for nu in (20e3, 90e3, 300e3):
        integral = np.sum(weights / 2 * slope * np.exp(2j * math.pi * nu * duration * s))
        assert float(ramp_excitation(form, nu, duration)) == pytest.approx(
            abs(integral) ** 2, rel=1e-8, abs=1e-13
        )


@given(st.floats(5e4, 3e5), st.floats(0.0, 0.5), st.floats(0.2, 20.0), st.sampled_from([5, 7, 9]))
@settings(max_examples=25, deadline=None)
def test_the_best_ramp_is_never_worse_than_the_named_ones(low, width, periods, degree):
    duration, band = periods / low, (low, low * (1 + width))
    best = least_heating_ramp(duration, band, degree=degree)
    nodes, weights = np.polynomial.legendre.leggauss(24)
    f = (band[0] + band[1]) / 2 + nodes * (band[1] - band[0]) / 2

    def mean(shape):
        return float(weights / 2 @ ramp_excitation(shape, f, duration))

    assert mean(best.shape) == pytest.approx(best.excitation, rel=1e-6, abs=1e-17)
    assert best.excitation <= min(mean(name) for name in SHAPES) * (1 + 1e-9) + 1e-17
    s = np.linspace(0, 1, 301)
    values = np.polynomial.polynomial.polyval(s, best.shape)
    assert values[0] == 0
    assert values[-1] == pytest.approx(1, abs=1e-9)
    assert np.diff(values).min() > -1e-4  # between the points at which it is held up
    assert values + values[::-1] == pytest.approx(np.ones(301), abs=1e-9)
    assert best.steepest >= 1 - 1e-9


def test_one_frequency_is_left_without_excitation():
    assert least_heating_ramp(4e-6, (NU, NU)).excitation < 1e-12


def test_the_law_has_the_shape():
    ramp = least_heating_ramp(20e-6, (250e3, 310e3))
    law = ramp.law(6e3, 0.0, start=5e-6)
    assert law([0.0, 5e-6, 15e-6, 25e-6, 1.0]) == pytest.approx([6e3, 6e3, 3e3, 0, 0], abs=1e-6)
    assert law.phase()(1.0) == pytest.approx(2 * math.pi * 6e3 * 15e-6, rel=1e-9)
    found = float(ramp.energy(MASS, 3e-3, NU))
    assert found == pytest.approx(
        MASS / 2 * 9e-6 * float(ramp_excitation(ramp.shape, NU, 20e-6)), rel=1e-12, abs=0
    )


@pytest.mark.parametrize("shape", ["linear", "best"])
def test_the_moving_lattice_heats_as_said(shape):
    """An atom at rest in the site, slow enough to stay where it is harmonic: energy m/2 (d nu)^2 X."""
    duration, belt_hz = 4.6e-6, 6e3
    form = least_heating_ramp(duration, (NU, NU)).shape if shape == "best" else shape
    frequency = TimeLaw.constant(belt_hz).ramp_to(0.0, start=0.0, duration=duration, shape=form)
    speed = belt_hz * WAVE / 2
    atom = Atoms(MASS, np.zeros((1, 3)), np.array([[0.0, 0.0, -speed]]))
    belt = lattice(frequency.phase())
    found = trajectories(belt, atom, duration * 1.5, samples=2, step=duration / 400)
    bottom = float(belt.energy(np.array([0.0, 0.0, -speed * duration / 2]), 1.0))
    moved = MASS / 2 * speed**2 * float(ramp_excitation(form, NU, duration))
    assert found.energy[0, -1] - bottom == pytest.approx(moved, rel=0.02, abs=2e-4 * MASS * speed**2 / 2)


def test_wrong_inputs():
    for wrong, text in (
        ((0.0, (1e5, 2e5)), "duration"),
        ((1e-5, (2e5, 1e5)), "band_hz"),
    ):
        with pytest.raises(InputError, match=text):
            least_heating_ramp(*wrong)
    with pytest.raises(InputError, match="degree"):
        least_heating_ramp(1e-5, (1e5, 2e5), degree=6)
    law = TimeLaw.constant(1.0)
    with pytest.raises(InputError, match=r"from 0 to 1, not from 0 to 0\.5"):
        law.ramp_to(0.0, start=0.0, duration=1.0, shape=(0.0, 0.5))
    with pytest.raises(InputError, match="2 to 11 coefficients"):
        law.ramp_to(0.0, start=0.0, duration=1.0, shape=(0.0, *[1 / 12] * 12))
    with pytest.raises(InputError, match="unknown shape"):
        law.ramp_to(0.0, start=0.0, duration=1.0, shape="smoooth")
