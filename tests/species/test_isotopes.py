"""Isotopes with a nuclear spin: their clock line, and what is refused."""

from __future__ import annotations

import copy
import math
import pickle
import tomllib
from importlib.resources import files

import pytest
from scipy import constants as const

from atomcavity.errors import InputError
from atomcavity.species import HyperfineInducedLine, Species
from atomcavity.species.loader import parse

SR = Species("87Sr")


@pytest.fixture
def data():
    text = files("atomcavity.species").joinpath("data/strontium.toml").read_text("utf-8")
    return copy.deepcopy(tomllib.loads(text))


def test_mass_and_spin():
    assert SR.mass / const.atomic_mass == pytest.approx(86.9088775, abs=1e-6)
    assert SR.nuclear_spin == 4.5


def test_strontium_clock_line():
    """429 228 004 229 873.0 Hz (CIPM 2017) and a lifetime of 118(3) s; the table's levels agree to 1e-6."""
    line = SR.transition("1S0", "3P0")
    assert isinstance(line, HyperfineInducedLine)
    assert line.frequency / (2 * math.pi) == pytest.approx(429228004229873.0, abs=0.2)
    assert line.frequency_uncertainty / line.frequency == pytest.approx(4e-16, rel=0.02, abs=0)
    assert line.wavelength == pytest.approx(698.4457e-9, rel=1e-7, abs=0)
    assert 1 / line.gamma == pytest.approx(118, rel=1e-4)
    assert 2 * line.relative_uncertainty == pytest.approx(3 / 118, rel=1e-2)
    assert line.momenta == (4.5, 4.5)
    levels = (line.upper.energy - line.lower.energy) / const.hbar
    assert line.frequency == pytest.approx(levels, rel=1e-6, abs=0)
    assert line in SR.decays("3P0")


def test_gamma_of_the_reduced_matrix_element_and_back():
    line = SR.transition("1S0", "3P0")
    cube = line.frequency**3 / (3 * math.pi * const.epsilon_0 * const.hbar * const.c**3)
    assert line.gamma == pytest.approx(cube * line.dipole**2 / 10, rel=1e-14, abs=0)
    printed = line.with_gamma(2 * math.pi * 1e-3)
    assert printed.gamma == pytest.approx(2 * math.pi * 1e-3, rel=1e-14, abs=0)
    assert printed.frequency == line.frequency
    assert repr(pickle.loads(pickle.dumps(line))) == repr(line)


def test_without_a_nuclear_spin_there_is_no_clock_line():
    with pytest.raises(InputError, match="unknown transition '1S0 - 3P0'"):
        Species("88Sr").transition("1S0", "3P0")
    assert not any("frequency of" in q for used in Species("88Sr").sources().values() for q in used)


def test_sources_name_the_line():
    quantities = [quantity for used in SR.sources().values() for quantity in used]
    assert len(quantities) == len(set(quantities))
    assert "frequency of 1S0 - 3P0" in quantities
    assert "strength of 1S0 - 3P0" in quantities


def test_the_isotopes_share_the_polarizabilities_of_j_zero():
    for level in ("1S0", "3P0"):
        ours, other = (Species(name).polarizability(level, 813e-9).au for name in ("87Sr", "88Sr"))
        assert float(ours) == float(other)
    with pytest.raises(InputError, match="give F and m"):
        SR.polarizability("3P1", 914e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"upper": "5s5p 3P1"}, "joins two J = 0 levels"),
        ({"upper": "5s5p 5P0"}, "unknown upper level"),
        ({"frequency_source": "nobody"}, "cites 'nobody'"),
    ],
)
def test_contradictions_in_a_data_file_are_refused(data, change, message):
    data["isotopes"]["87Sr"]["lines"][0] |= change
    with pytest.raises(InputError, match=message):
        parse(data)


def test_a_clock_line_needs_a_nuclear_spin(data):
    data["isotopes"]["87Sr"]["nuclear_spin"] = 0
    with pytest.raises(InputError, match="nucleus with spin"):
        parse(data)
