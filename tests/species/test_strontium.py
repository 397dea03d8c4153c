"""Strontium against published measurements and calculations (given with their sources and errors)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import constants as const

from atomcavity.materials import Material
from atomcavity.species import ATOMIC_POLARIZABILITY, Species

SR = Species("88Sr")


def tilted(degrees):
    return (0.0, math.sin(math.radians(degrees)), math.cos(math.radians(degrees)))


def magic(b, near, width=6e-9, **where):
    points = SR.magic_wavelengths("1S0", b, between=(near - width, near + width), **where)
    return min((p.wavelength for p in points), key=lambda x: abs(x - near))


def test_clock_magic_wavelengths():
    """813.428 nm (Ye, Kimble and Katori 2008) and 389.889(9) nm (Takamoto et al. 2009), measured.

    The matrix elements' published errors (0.5 % of 3S1, 1.5 % of 6d 3D1) move them by about 2 nm and 0.5 nm.
    """
    assert magic("3P0", 813.43e-9) == pytest.approx(813.43e-9, abs=1e-9)
    assert magic("3P0", 389.889e-9, 3e-9) == pytest.approx(389.889e-9, abs=0.5e-9)


def test_polarizability_at_the_clock_magic_wavelength():
    """286.0(3) a.u. at 813.43 nm (Safronova et al. 2013, calculated; 0.5 % of 3P0-3S1 is 0.8 a.u.)."""
    for name in ("1S0", "3P0"):
        assert float(SR.polarizability(name, 813.43e-9).au) == pytest.approx(286.0, abs=0.8)
        adjusted = float(SR.polarizability(name, 813.43e-9, variant="measured-magic").au)
        assert adjusted == pytest.approx(286.0, abs=0.3)


def test_lines_adjusted_to_the_measured_magic_wavelengths():
    """813.428 and 389.889(9) nm come out by definition, with changes inside the published errors; a third one,
    476.82362(8) nm (Ma et al. 2025, arXiv 2507.04532), and the slope at 813 nm were not used."""
    where = {"variant": "measured-magic"}
    assert magic("3P0", 813.428e-9, **where) == pytest.approx(813.428e-9, abs=0.005e-9)
    assert magic("3P0", 389.889e-9, 3e-9, **where) == pytest.approx(389.889e-9, abs=0.001e-9)
    assert magic("3P0", 476.82e-9, 1e-9, **where) == pytest.approx(476.82362e-9, abs=0.15e-9)
    chosen, level = SR.variant("measured-magic"), SR.level("3P0")
    adjusted = {line.upper.name: line.dipole for line in SR.lines(level, chosen)}
    for line in SR.lines(level, SR.variant("full")):
        change = adjusted[line.upper.name] / line.dipole - 1
        assert abs(change) <= (line.relative_uncertainty if line.upper.name in ("3S1", "5s6d 3D1") else 0)
    static = float(SR.polarizability("3P0", math.inf, **where).au)
    assert static == pytest.approx(444.51, rel=1e-9, abs=0)


@pytest.mark.parametrize("where", [{"axis": (1, 0, 0), "m": 0}, {"axis": (0, 0, 1), "m": 1}])
def test_intercombination_magic_wavelength_near_914_nm(where):
    """914(1) nm, Ido and Katori, Phys. Rev. Lett. 91, 053001 (2003), measured."""
    assert magic("3P1", 914e-9, **where) == pytest.approx(914e-9, abs=2e-9)


def test_intercombination_magic_wavelengths_near_473_nm():
    """473.361(4) nm (pi) and 473.133(14) nm (sigma), Kestler et al. 2022, measured; within the errors
    (0.022 and 0.020 nm) that they give for the calculation with these matrix elements.
    """
    assert magic("3P1", 473.36e-9, 0.5e-9) == pytest.approx(473.361e-9, abs=0.022e-9)
    across = magic("3P1", 473.14e-9, 0.5e-9, axis=(1, 0, 0))
    assert across == pytest.approx(473.133e-9, abs=0.020e-9)


def test_static_polarizability_of_the_ground_state_from_lines_and_core_alone():
    """197.2(2) a.u. (Porsev and Derevianko 2006): the sum without the remainder comes within 0.5 %."""
    bare = float(SR.polarizability("1S0", math.inf, variant="lines-and-core").au)
    assert bare == pytest.approx(197.2, rel=5e-3, abs=0)
    assert bare < 197.2


def test_remainders_are_the_published_totals_and_not_larger_than_the_continuum_can_be():
    """By definition the totals come out; what is independent is that the remainder is small and positive."""
    for name, total, most in (("1S0", 197.14, 0.01), ("3P0", 444.51, 0.07), ("3P1", 459.2, 0.02)):
        static = float(SR.polarizability(name, math.inf).scalar) / ATOMIC_POLARIZABILITY
        assert static == pytest.approx(total, rel=1e-9, abs=0)
        rest = SR.contributions(name, math.inf)["remainder"] / ATOMIC_POLARIZABILITY
        assert 0 < rest < most * total


def test_static_clock_shift_difference_is_the_measured_one():
    """4.07873(11)e-39 C m^2/V (247.379(7) a.u.), Middelmann et al., Phys. Rev. Lett. 109, 263004 (2012)."""
    difference = SR.polarizability("3P0", math.inf).total - SR.polarizability("1S0", math.inf).total
    assert float(difference) == pytest.approx(4.07873e-39, rel=1e-3, abs=0)


def test_contributions_add_up():
    parts = SR.contributions("3P1", 914e-9)
    assert sum(parts.values()) == pytest.approx(
        float(SR.polarizability("3P1", 914e-9).scalar), rel=1e-12, abs=0
    )
    assert parts["1S0"] < 0  # the only line downwards


@pytest.mark.parametrize(
    ("wavelength", "variant", "value"),
    # an independent sum over the same compilation (levels rounded to 1/cm), with and without the core 5.3
    [(832.69e-9, "lines", 274.02), (832.69e-9, "lines-and-core", 279.32), (392.58e-9, "lines", -482.95)],
)
def test_ground_state_at_the_trap_wavelengths(wavelength, variant, value):
    assert float(SR.polarizability("1S0", wavelength, variant=variant).au) == pytest.approx(
        value, rel=2e-4, abs=0
    )


def test_magic_angle_of_the_compilation_with_cores():
    """55.676 deg, independent sum over the compilation with cores 5.3 and 5.6 (published: 55.45)."""
    (point,) = SR.magic_angles("1S0", "3P1", 832.69e-9, variant="lines-and-core")
    assert math.degrees(point.angle) == pytest.approx(55.676, abs=0.01)


def test_the_papers_list_gives_its_blue_numbers():
    """Independent sum over the reduced list: -496.13 a.u., 392.385 nm, 65.563 deg, 0.763 a.u./nm.
    Published: -490 a.u. and 392.44 nm; its red angle of 55.45 deg does not come out of this list.
    """
    where = {"axis": tilted(55.45), "variant": "yu2021"}
    assert float(SR.polarizability("3P1", 392.58e-9, **where).au) == pytest.approx(-496.13, rel=2e-3, abs=0)
    assert magic("3P1", 392.4e-9, 1e-9, **where) == pytest.approx(392.385e-9, abs=0.01e-9)
    (point,) = SR.magic_angles("1S0", "3P1", 832.69e-9, variant="yu2021")
    assert math.degrees(point.angle) == pytest.approx(65.563, abs=0.02)
    assert point.slope / ATOMIC_POLARIZABILITY * 1e-9 == pytest.approx(0.763, rel=2e-3, abs=0)


def test_equation_32_for_all_lines_of_the_compilation():
    """Independent sum: -452.2 a.u., 392.974 nm, 58.157 deg.  Eq. 32 leaves out the upper levels with J = 0
    other than (5p2)3P0, which moves the angle by 2.3 deg from the complete sum's.
    """
    where = {"axis": tilted(55.45), "variant": "yu2021-all-lines"}
    assert float(SR.polarizability("3P1", 392.58e-9, **where).au) == pytest.approx(-452.2, rel=2e-3, abs=0)
    assert magic("3P1", 392.97e-9, 1e-9, **where) == pytest.approx(392.974e-9, abs=0.01e-9)
    (point,) = SR.magic_angles("1S0", "3P1", 832.69e-9, variant="yu2021-all-lines")
    assert math.degrees(point.angle) == pytest.approx(58.157, abs=0.02)


@pytest.mark.parametrize(
    ("name", "variant", "value"), [("1S0", "lines", 743.88), ("3P1", "yu2021-all-lines", 796.07)]
)
def test_imaginary_frequencies_by_the_surface_coefficient(name, variant, value):
    """C3/h = (1/16 pi^2 eps0)(hbar/h) int alpha(i xi)(eps-1)/(eps+1) d xi over silica, Hz um^3, against an
    independent sum over the compilation (published: 722.87 and 744.24).
    """
    nodes, weights = np.polynomial.legendre.leggauss(200)
    t = (nodes + 1) / 2
    xi, measure = 1e16 * t / (1 - t), 1e16 * weights / 2 / (1 - t) ** 2
    permittivity = Material("fused silica").permittivity_imaginary(xi)
    alpha = SR.polarizability_imaginary(name, xi, axis=tilted(55.45), variant=variant).total
    integral = np.sum(measure * alpha * (permittivity - 1) / (permittivity + 1))
    found = const.hbar / (16 * math.pi**2 * const.epsilon_0) * integral / const.h * 1e18
    assert found == pytest.approx(value, rel=3e-4, abs=0)


@pytest.mark.parametrize("degrees", [0, 30, 55.45, 90])
@pytest.mark.parametrize("name", ["1S0", "3P1"])
def test_equation_32_is_the_general_theory_for_the_same_lines(name, degrees):
    """Its angular weights carry no misprint: only the natural linewidths (1e-12 here) differ."""
    wavelengths = np.array([392.58, 700.0, 832.69, 1500.0]) * 1e-9
    printed = SR.polarizability(name, wavelengths, axis=tilted(degrees), variant="yu2021")
    oscillators = SR.oscillators(name, "yu2021")
    scalar, _, tensor = oscillators.parts(2 * math.pi * const.c / wavelengths)
    general = scalar + printed.tensor_factor * tensor
    assert printed.total == pytest.approx(general, rel=1e-10, abs=0)
    assert printed.scalar == pytest.approx(scalar, rel=1e-10, abs=0)
    assert printed.tensor == pytest.approx(tensor, rel=1e-10, abs=1e-50)


def test_intercombination_line():
    """434 829 121 311(10) kHz (Ferrari et al. 2003) and 2 pi * 7.5 kHz."""
    line = SR.transition("1S0", "3P1")
    assert line.frequency / (2 * math.pi) == pytest.approx(434.829121e12, rel=1e-7, abs=0)
    assert line.gamma / (2 * math.pi) == pytest.approx(7.48e3, rel=3e-3, abs=0)
    assert line.gamma * 21.3e-6 == pytest.approx(1, rel=1e-4, abs=0)
    assert line.relative_uncertainty == pytest.approx(0.5 / 21.3 / 2, rel=1e-2, abs=0)


def test_blue_line_width():
    """2 pi * 30.5 MHz (lifetime 5.26 ns, Yasuda et al. 2006)."""
    assert SR.transition("1S0", "1P1").gamma == pytest.approx(1 / 5.263e-9, rel=2e-3, abs=0)


def test_pump_level_decays_into_three_levels():
    """3S1: branching near the LS ratios 1 : 3 : 5 times the cubes of the frequencies."""
    rates = {line.lower.name: line.gamma for line in SR.decays("3S1")}
    assert set(rates) == {"3P0", "3P1", "3P2"}
    ideal = {}
    for weight, name in ((1, "3P0"), (3, "3P1"), (5, "3P2")):
        ideal[name] = weight * SR.transition(name, "3S1").frequency ** 3
    for name, rate in rates.items():
        share = rate / sum(rates.values())
        assert share == pytest.approx(ideal[name] / sum(ideal.values()), rel=0.1)


def test_lande_factors():
    """3/2 for 3P1 and 2 for 3S1 up to the anomaly of the electron's moment."""
    assert SR.level("3P1").g_factor == pytest.approx(1.5, abs=2e-3)
    assert SR.level("3S1").g_factor == pytest.approx(2, abs=3e-3)
    assert SR.level("1P1").g_factor == pytest.approx(1, abs=1e-15)
    assert SR.level("1S0").g_factor == 0
