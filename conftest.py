"""Examples in docstrings, README and docs are run as tests."""

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser

_docstrings = Sybil(parsers=[DocTestParser()], path="src", patterns=["*.py"])
_pages = Sybil(parsers=[PythonCodeBlockParser()], patterns=["README.md", "docs/*.md"])
pytest_collect_file = (_docstrings + _pages).pytest()
