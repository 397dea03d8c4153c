"""Ytterbium's clock line and clock states against published measurements (given with their sources)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import constants as const
from scipy.optimize import brentq

from atomcavity.errors import InputError
from atomcavity.species import ATOMIC_POLARIZABILITY, Species

YB = Species("171Yb")


def magic(near, width):
    points = YB.magic_wavelengths("1S0", "3P0", between=(near - width, near + width))
    return min((point.wavelength for point in points), key=lambda x: abs(x - near))


def test_clock_line():
    """518 295 836 590 863.6 Hz (CIPM 2017), 578.42 nm, and 4.42(35)e-2 1/s (Xu et al. 2014: 22.6 s)."""
    line = YB.transition("1S0", "3P0")
    assert line.frequency / (2 * math.pi) == pytest.approx(518295836590863.6, abs=0.2)
    assert line.wavelength == pytest.approx(578.42e-9, abs=0.005e-9)
    assert 1 / line.gamma == pytest.approx(22.6, abs=0.1)
    assert line.momenta == (0.5, 0.5)
    levels = (line.upper.energy - line.lower.energy) / const.hbar
    assert line.frequency == pytest.approx(levels, rel=5e-6, abs=0)  # 0.05 1/cm of the tabulated level
    with pytest.raises(InputError, match="unknown transition"):
        Species("174Yb").transition("1S0", "3P0")


def test_masses():
    assert YB.mass / const.atomic_mass == pytest.approx(170.9363315, abs=1e-6)
    assert Species("174Yb").mass / const.atomic_mass == pytest.approx(173.9388675, abs=1e-6)


@pytest.mark.parametrize(
    ("measured", "within"),
    # 394 798 GHz (several clocks), 542.50205(19) and 652.281(21) THz (T. O. Hoehn et al., arXiv 2305.20084);
    # Dzuba and Derevianko 2010 calculated 551 and 465 nm for the last two: that is what to expect
    [(759.356e-9, 3e-9), (const.c / 542.50205e12, 0.5e-9), (const.c / 652.281e12, 4e-9)],
)
def test_magic_wavelengths(measured, within):
    assert magic(measured, 8e-9) == pytest.approx(measured, abs=within)


def test_tune_out_wavelength_of_the_ground_state():
    """541.8325(5) THz, T. O. Hoehn et al., arXiv 2305.20084, measured."""
    zero = brentq(lambda x: float(YB.polarizability("1S0", x).au), 545e-9, 555e-9)
    assert zero == pytest.approx(const.c / 541.8325e12, abs=0.05e-9)


def test_static_clock_shift_difference_is_the_measured_one():
    """36.2612(7) kHz/(kV/cm)^2, J. A. Sherman et al. 2012: alpha/h, with the shift -alpha E^2/(2h)."""
    difference = YB.polarizability("3P0", math.inf).total - YB.polarizability("1S0", math.inf).total
    assert float(difference) / const.h * 1e5**2 / 1e3 == pytest.approx(36.2612, rel=1e-3)


def test_the_ground_state_needs_hardly_a_remainder():
    """Lines and core alone come within the published error of 141(6) a.u. (Dzuba and Derevianko 2010)."""
    bare = float(YB.polarizability("1S0", math.inf, variant="lines-and-core").au)
    assert bare == pytest.approx(141, abs=6)
    assert bare < 141
    rest = YB.contributions("3P0", math.inf)["remainder"] / ATOMIC_POLARIZABILITY
    assert 0 < rest < 60


def test_strong_lines():
    """28.9 MHz wide at 398.9 nm, 182 kHz at 555.8 nm; 5d6s 3D1 lives 329(7) ns with 64 % to 3P0 (Beloy et al. 2012)."""
    blue, green = YB.transition("1S0", "1P1"), YB.transition("1S0", "3P1")
    assert blue.wavelength == pytest.approx(398.91e-9, abs=0.01e-9)
    assert blue.gamma / (2e6 * math.pi) == pytest.approx(29.1, abs=0.1)
    assert green.wavelength == pytest.approx(555.80e-9, abs=0.01e-9)
    assert green.gamma / (2e3 * math.pi) == pytest.approx(184, abs=2)
    decay = YB.transition("3P0", "3D1").gamma
    assert decay == pytest.approx(0.64 / 329e-9, rel=0.03, abs=0)


def test_a_level_in_jj_coupling_has_a_J_and_no_g_factor():
    level = YB.level("(7/2,5/2)1")
    assert level.J == 1
    assert YB.transition("1S0", "(7/2,5/2)1").wavelength == pytest.approx(346.5e-9, abs=0.1e-9)
    with pytest.raises(InputError, match="term symbol"):
        _ = level.g_factor


def test_every_number_has_a_source():
    quantities = [quantity for used in YB.sources().values() for quantity in used]
    assert len(quantities) == len(set(quantities))
    assert {"frequency of 1S0 - 3P0", "g-factors of 1S0 - 3P0", "strength of 1S0 - 3P0"} <= set(quantities)


def test_polarizability_between_380_and_800_nm_is_finite():
    wavelengths = np.linspace(380e-9, 800e-9, 500)
    for name in ("1S0", "3P0"):
        assert np.all(np.isfinite(YB.polarizability(name, wavelengths).total))
