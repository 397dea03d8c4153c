"""Examples in docstrings, README and docs are run as tests; property tests draw the same cases in every run."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser

_docstrings = Sybil(parsers=[DocTestParser()], path="src", patterns=["*.py"])
_pages = Sybil(parsers=[PythonCodeBlockParser()], patterns=["README.md", "docs/*.md"])
pytest_collect_file = (_docstrings + _pages).pytest()

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _no_figures_are_left() -> Iterator[None]:
    """Closes the pyplot figures that a test has opened."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
