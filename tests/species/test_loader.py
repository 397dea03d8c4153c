"""The data model and the loader: names, sources, and data files that contradict themselves."""

from __future__ import annotations

import copy
import math
import pickle
import tomllib
from importlib.resources import files

import pytest

from atomcavity.errors import InputError
from atomcavity.species import Species
from atomcavity.species.loader import parse
from atomcavity.species.model import parse_term

SR = Species("88Sr")


@pytest.fixture
def data():
    text = files("atomcavity.species").joinpath("data/strontium.toml").read_text("utf-8")
    return copy.deepcopy(tomllib.loads(text))


def test_a_species_is_pickled_by_name():
    again = pickle.loads(pickle.dumps(SR))
    assert again.level("3P1") is SR.level("3P1")
    assert repr(again) == "Species('88Sr')"


def test_mass_and_spin():
    assert SR.mass == pytest.approx(1.4597e-25, rel=1e-4, abs=0)
    assert SR.nuclear_spin == 0


def test_bare_terms_are_the_lowest_levels():
    assert SR.level("3P1") is SR.level("5s5p 3P1")
    assert SR.level("5s6p 3P1").name == "5s6p 3P1"
    assert [level.energy for level in SR.levels] == sorted(level.energy for level in SR.levels)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Species("39K"), "unknown species '39K'"),
        (lambda: Species("88sr"), "did you mean '88Sr'"),
        (lambda: SR.level("3P3"), "unknown level '3P3'; did you mean"),
        (lambda: SR.transition("1S0", "3P0"), "unknown transition '1S0 - 3P0'; did you mean '1S0 - 3P1'"),
    ],
)
def test_unknown_names_suggest_the_nearest(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_every_number_has_a_source():
    quantities = [quantity for used in SR.sources().values() for quantity in used]
    assert len(quantities) == len(set(quantities))
    assert f"energy of {SR.level('3P1').full_name}" in quantities
    assert "strength of 1S0 - 3P1" in quantities
    assert "remainder energy of the polarizability of 5s5p 3P0" in quantities
    assert SR.completeness("3P0").sources["total"] == "Safronova2013"
    printed = str(SR.sources()).splitlines()
    assert "    strength of 1S0 - 3P1" in printed
    assert sum(not line.startswith("    ") for line in printed) == len(SR.sources())


@pytest.mark.parametrize(
    ("term", "expected"), [("1S0", (0, 0, 0)), ("2D5/2", (0.5, 2, 2.5)), ("3F4", (1, 3, 4))]
)
def test_terms(term, expected):
    assert parse_term(term) == expected


@pytest.mark.parametrize("term", ["", "P1", "3P", "3X1", "3P5", "2P1", "3Pa"])
def test_wrong_terms_are_refused(term):
    with pytest.raises(InputError, match="term symbol"):
        parse_term(term)


def test_a_line_to_a_missing_level_is_refused(data):
    data["lines"][0]["upper"] = "5s5p 5P1"
    with pytest.raises(InputError, match="unknown upper level of a line '5s5p 5P1'; did you mean '5s5p"):
        parse(data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lower": "5s5p 1P1", "upper": "5s2 1S0"}, "upper level lies below"),
        ({"lower": "5s2 1S0", "upper": "5s5p 3P0"}, "J forbids"),
        ({"source": "nobody"}, "cites 'nobody'"),
    ],
)
def test_contradictions_in_a_data_file_are_refused(data, change, message):
    data["lines"][0] |= change
    with pytest.raises(InputError, match=message):
        parse(data)


def test_a_line_needs_a_strength(data):
    del data["lines"][0]["rate"]
    with pytest.raises(InputError, match="neither a matrix_element nor a rate"):
        parse(data)


def test_missing_uncertainties_are_nan(data):
    assert math.isnan(SR.transition("1S0", "5s6p 1P1").relative_uncertainty)
    assert SR.transition("1S0", "1P1").relative_uncertainty == pytest.approx(0.002 / 5.248)
