"""The examples run and say what they promise."""

import contextlib
import io
import runpy
from pathlib import Path

from click.testing import CliRunner

from atomcavity.cli import main

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_consistent_sphere():
    result = CliRunner().invoke(main, ["run", str(EXAMPLES / "consistent_sphere.toml")])
    assert result.exit_code == 0, result.output
    assert "TE (n = 1, l = 60, m = 60): 689.45" in result.output
    assert "coupler" in result.output
    assert "photons through the ports" in result.output
    assert "photons in each mode" in result.output


def test_magic_sphere():
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        found = runpy.run_path(str(EXAMPLES / "magic_sphere.py"))
    assert found["offset"] < 1e-9
    assert "best: l = " in text.getvalue()
