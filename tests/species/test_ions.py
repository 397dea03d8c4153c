"""The ions and alkali atoms of the data files: constants, electric-quadrupole lines, moments."""

from __future__ import annotations

import copy
import math
import pickle
import tomllib
from importlib.resources import files

import numpy as np
import pytest
from scipy import constants as const

from atomcavity.errors import InputError
from atomcavity.species import (
    ATOMIC_POLARIZABILITY,
    ATOMIC_QUADRUPOLE,
    QuadrupoleLine,
    Species,
    Transition,
    known_species,
)
from atomcavity.species.loader import parse

TAU = 2 * math.pi
LU, BA = Species("176Lu+"), Species("138Ba+")
NEW = ("175Lu+", "176Lu+", "9Be+", "43Ca+", "137Ba+", "138Ba+", "87Rb", "133Cs")


@pytest.fixture
def data():
    text = files("atomcavity.species").joinpath("data/lutetium_ion.toml").read_text("utf-8")
    return copy.deepcopy(tomllib.loads(text))


def test_they_are_known():
    assert set(NEW) <= set(known_species())


def test_mass_and_charge_of_the_ion():
    """The ion-laser paper's ion: 175.9426897 u less an electron."""
    assert LU.mass == pytest.approx(175.9426897 * const.atomic_mass - const.m_e, rel=2e-8, abs=0)
    assert LU.charge == const.e
    assert Species("88Sr").charge == Species("87Rb").charge == 0


def test_lutetium_constants_follow_from_intervals_and_moments():
    """Kazakov et al., App. C: printed 1935 and 1388, 1370 and 1963 MHz."""
    light, heavy = Species("175Lu+").hyperfine("3D2"), LU.hyperfine("3D2")
    found = {
        name: (level.A / TAU / 1e6, level.B / TAU / 1e6) for name, level in (("175", light), ("176", heavy))
    }
    assert found["175"] == pytest.approx((1934.75, 1390.11), rel=1e-5)
    assert found["175"] == pytest.approx((1935, 1388), rel=2e-3)
    ratios = (3.162 / 7) / (2.2327 / 3.5), 4818 / 3415
    assert found["176"] == pytest.approx(np.multiply(found["175"], ratios), rel=1e-12)
    assert found["176"] == pytest.approx((1370, 1963), rel=2e-3)
    assert heavy.g_J == pytest.approx(1.16705, abs=5e-6)
    assert heavy.g_I == pytest.approx(-0.000246, abs=5e-7)
    intervals = np.diff([light.zero_field_energy(f) for f in light.F]) / (TAU * const.c * 100)
    assert intervals == pytest.approx([0.139, 0.210, 0.288, 0.382], abs=2e-3)


@pytest.mark.parametrize(
    ("lower", "upper", "nanometres"),
    [
        ("1S0", "3D2", 804.2),
        ("1S0", "3P1", 350.84),
        ("3D1", "3P2", 484.10),
        ("3D3", "3P2", 547.82),
        ("3D2", "3P2", 499.55),
        ("1D2", "3P2", 661.35),  # printed 661.37
    ],
)
def test_wavelengths_of_the_pumping_scheme(lower, upper, nanometres):
    assert LU.transition(lower, upper).wavelength * 1e9 == pytest.approx(
        nanometres, abs=0.05 * nanometres / 800
    )


def test_decays_of_the_pumping_scheme():
    rates = {line.lower.name: line.gamma for line in LU.decays("3P1")}
    assert sum(rates.values()) == pytest.approx(2.8e7, rel=1e-12)
    assert rates["3D2"] / 2.8e7 == pytest.approx(0.42)
    assert rates["1S0"] / 2.8e7 == pytest.approx(0.376)
    total = sum(line.gamma for line in LU.decays("3P2"))
    assert 1e9 / total == pytest.approx(37, abs=2)


def test_quadrupole_line():
    line = LU.transition("1S0", "3D2")
    assert isinstance(line, QuadrupoleLine)
    assert isinstance(line, Transition)
    assert (line.multipole, LU.transition("1S0", "3P1").multipole) == ("E2", "E1")
    assert line.gamma == pytest.approx(4.19e-2, rel=1e-14)
    assert line.with_gamma(0.05).gamma == pytest.approx(0.05, rel=1e-14)
    assert line.with_gamma(0.05).multipole == "E2"
    assert line.dipole == 0
    assert line.momenta == (0, 2)
    assert repr(pickle.loads(pickle.dumps(line))) == repr(line)


def test_quadrupole_rate_in_the_usual_units():
    """A = 1.11995e18 S / ((2J+1) lambda^5), S in (e a0^2)^2, lambda in angstrom (Johnson, Atomic Structure Theory)."""
    for line in (LU.transition("1S0", "3D2"), BA.transition("2S1/2", "2D3/2")):
        strength = (line.quadrupole / ATOMIC_QUADRUPOLE) ** 2
        expected = 1.11995e18 * strength / ((2 * line.upper.J + 1) * (line.wavelength * 1e10) ** 5)
        assert line.gamma == pytest.approx(expected, rel=1e-4)


def test_barium_matrix_elements_agree_with_theory():
    """12.63 and 15.80 e a0^2 (Iskrenova-Tchoukova and Safronova, PRA 78, 012508); lifetimes to their 6 % and 1 %."""
    found = [BA.transition("2S1/2", upper).quadrupole / ATOMIC_QUADRUPOLE for upper in ("2D3/2", "2D5/2")]
    assert found == pytest.approx([12.63, 15.80], rel=0.02)
    assert BA.transition("2S1/2", "2D5/2").wavelength == pytest.approx(1762.17e-9, rel=1e-5)


def test_static_polarizabilities():
    static = LU.static("1S0", "3D2")
    assert static.scalar / ATOMIC_POLARIZABILITY == pytest.approx(-0.9)
    assert static.tensor / ATOMIC_POLARIZABILITY == pytest.approx(-5.6)
    assert math.isnan(static.scalar_uncertainty)
    assert str(static) == "static: scalar difference -0.9 a.u., tensor -5.6 a.u."
    assert BA.static("2S1/2", "2D5/2").scalar < 0
    with pytest.raises(InputError, match="unknown line with static polarizabilities '6s2 1S0 - 6s6p 3P1'"):
        LU.static("1S0", "3P1")


def test_quadrupole_moments():
    unit = const.e * const.value("Bohr radius") ** 2
    assert LU.quadrupole_moment("3D2") / unit == pytest.approx(0.8602)
    assert LU.quadrupole_moment("3D1") / unit == pytest.approx(0.63862)
    assert LU.quadrupole_moment("1S0") == 0
    assert BA.quadrupole_moment("2S1/2") == 0
    with pytest.raises(InputError, match="unknown level of 176Lu\\+ with a quadrupole moment '6s6p 3P2'"):
        LU.quadrupole_moment("3P2")


def test_the_moments_of_a_d_electron_are_positive():
    """-e <(3z^2 - r^2)/2> of the stretched d states is e <r^2> (2J-1)/(2J+2)/2: sign and ratio of the convention."""
    wide, narrow = BA.quadrupole_moment("2D5/2"), BA.quadrupole_moment("2D3/2")
    assert wide > narrow > 0
    assert wide / narrow == pytest.approx((4 / 7) / (2 / 5), rel=0.02)


def test_splittings_of_the_clock_atoms():
    for name, splitting in (("133Cs", 9192631770.0), ("87Rb", 6834682610.904), ("43Ca+", -3225608286.4)):
        level = Species(name).hyperfine("2S1/2")
        low, high = level.F
        found = (level.zero_field_energy(high) - level.zero_field_energy(low)) / TAU
        assert found == pytest.approx(splitting, rel=1e-12)


def test_a_nucleus_without_spin_has_zeeman_levels_only():
    level = BA.hyperfine("2D5/2")
    assert (level.I, level.A, level.B, level.F) == (0, 0, 0, (2.5,))
    shift = level.energy(2.5, 1.5, 1e-4)
    assert shift == pytest.approx(1.5 * level.g_J * const.value("Bohr magneton") * 1e-4 / const.hbar)


def test_what_is_not_known_is_refused():
    with pytest.raises(InputError, match=r"no hyperfine constants of level '3P1'; levels with them: 3D2"):
        LU.hyperfine("3P1")
    with pytest.raises(InputError, match="nuclear g-factor of 87Sr is not in its data file"):
        Species("87Sr").hyperfine("1S0")
    with pytest.raises(InputError, match=r"176Lu\+ has no line list for polarizabilities"):
        LU.polarizability("1S0", 1e-6)
    with pytest.raises(InputError, match=r"176Lu\+ has no line list for polarizabilities"):
        LU.magic_wavelengths("1S0", "3D2", between=(7e-7, 9e-7))


def test_every_number_has_a_source():
    for name in NEW:
        quantities = [quantity for used in Species(name).sources().values() for quantity in used]
        assert len(quantities) == len(set(quantities))
    quantities = [quantity for used in LU.sources().values() for quantity in used]
    for expected in (
        "mass of 176Lu+",
        "g_I of 176Lu+",
        "hyperfine constants of 5d6s 3D2",
        "static polarizabilities of 6s2 1S0 - 5d6s 3D2",
        "quadrupole moment of 5d6s 3D2",
        "strength of 1S0 - 3D2",
    ):
        assert expected in quantities


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["lines"][0].update(multipole="M1"), "multipole must be E1 or E2"),
        (lambda d: d["lines"][0].update(upper="6s6p 3P1"), "J forbids an electric-quadrupole line"),
        (lambda d: d["lines"][0].pop("rate"), "is given by its rate"),
        (lambda d: d["static"][0].update(upper="5d6s 5D2"), "unknown upper level of a static polarizability"),
        (lambda d: d["static"][0].update(source="nobody"), "cites 'nobody'"),
        (lambda d: d["quadrupole_moments"][0].update(level="6s2 1S0"), "has no quadrupole moment"),
        (lambda d: d["quadrupole_moments"][0].update(level="x"), "unknown level with a quadrupole moment"),
        (lambda d: d["quadrupole_moments"][0].update(source="nobody"), "cites 'nobody'"),
        (lambda d: d["isotopes"]["176Lu+"].update(magnetic_moment_source="nobody"), "cites 'nobody'"),
        (
            lambda d: d["isotopes"]["176Lu+"]["hyperfine"].update({"5d6s 5D2": {}}),
            "unknown level with hyperfine constants",
        ),
    ],
)
def test_contradictions_in_a_data_file_are_refused(data, change, message):
    change(data)
    with pytest.raises(InputError, match=message):
        parse(data)
