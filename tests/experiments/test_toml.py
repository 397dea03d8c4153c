"""Whatever data TOML can hold are written and read back the same."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atomcavity.errors import InputError
from atomcavity.experiments.toml import to_toml

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalar = st.one_of(st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False), text)
tree = st.recursive(
    scalar,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(text, tree, max_size=5))
def test_round_trip(data):
    assert tomllib.loads(to_toml(data)) == data


def test_what_toml_cannot_hold():
    with pytest.raises(InputError, match="cannot stand in an experiment file"):
        to_toml({"a": None})
