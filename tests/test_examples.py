"""The examples run and say what they promise."""

import contextlib
import io
import re
import runpy
from pathlib import Path

import pytest
from click.testing import CliRunner

from atomcavity.cli import main
from atomcavity.experiments import read_experiment
from atomcavity.loading.waveform import read_waveform
from atomcavity.results import load
from atomcavity.studies.microlaser.device import Device
from atomcavity.studies.microlaser.experiment import laser_system

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_consistent_sphere():
    result = CliRunner().invoke(main, ["run", str(EXAMPLES / "consistent_sphere.toml")])
    assert result.exit_code == 0, result.output
    assert "cavity mode: TE n=1 l=60 m=60 at 689.45" in result.output
    assert "steady-state: Exact (chosen because" in result.output
    for words in ("Q by coupler alone", "photons through the coupler", "photons in the clockwise mode"):
        assert words in result.output, words


def test_a_coupler_is_the_port_of_the_modes():
    device = Device(read_experiment(EXAMPLES / "consistent_sphere.toml"))
    for mode in laser_system(device).modes:
        assert mode.kappa_ext == pytest.approx(device.budget.kappa_ext, rel=1e-12)
        assert mode.kappa == pytest.approx(device.budget.kappa, rel=1e-12)


def test_ytterbium_clock():
    """Another species, another sphere, by the file alone."""
    result = CliRunner().invoke(main, ["run", str(EXAMPLES / "ytterbium_clock.toml")])
    assert result.exit_code == 0, result.output
    for words in (
        "l=255 m=255 at 578.42 nm",
        "a pulse of 300 atoms",
        "by blue power alone",
        "of the whole clock",
    ):
        assert words in result.output, words
    assert re.search(r"^  sites +380 ", result.output, re.MULTILINE)
    warnings = result.output.partition("\nwarning: ")[2].splitlines()
    assert len(warnings) == 2  # of the trap's surface and states; none of the clock
    assert "retardation" in warnings[0]
    assert "bound states" in warnings[1]


def test_magic_sphere():
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        found = runpy.run_path(str(EXAMPLES / "magic_sphere.py"))
    assert found["offset"] < 1e-9
    assert "best: l = " in text.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["linewidth_above_threshold", "method_convergence"])
def test_figures_of_the_dynamics_room(name, tmp_path, monkeypatch):
    picture = tmp_path / "figure.png"
    monkeypatch.setattr("sys.argv", [name, str(picture), "--quick"])
    with contextlib.redirect_stdout(io.StringIO()) as text:
        found = runpy.run_path(str(EXAMPLES / f"{name}.py"))
    assert picture.stat().st_size > 10_000
    if name == "linewidth_above_threshold":
        assert found["exact"][-1] == pytest.approx(2.011, abs=1e-3)
        assert found["linearised"][-1] == pytest.approx(1.5, abs=1e-2)
        assert "truncated Wigner" in text.getvalue()


def test_large_crystal(tmp_path):
    found = runpy.run_path(str(EXAMPLES / "large_crystal.py"))
    file = tmp_path / "crystal.nc"
    with contextlib.redirect_stdout(io.StringIO()) as text:
        found["main"](60, file)
    crystal = load(file)
    assert (crystal.ions, crystal.finished) == (60, True)
    assert "residual force" in text.getvalue()


def test_loading_sites(tmp_path, monkeypatch):
    picture = tmp_path / "sites.png"
    monkeypatch.setattr("sys.argv", ["loading_sites", str(picture)])
    with contextlib.redirect_stdout(io.StringIO()) as text:
        found = runpy.run_path(str(EXAMPLES / "loading_sites.py"))
    assert picture.stat().st_size > 10_000
    assert "6.55 sites from notch to notch" in text.getvalue()
    assert 40 < found["filling"].occupied() < 90


def test_ramp_waveform(tmp_path, monkeypatch):
    file = tmp_path / "ramp.csv"
    monkeypatch.setattr("sys.argv", ["ramp_waveform", str(file)])
    with contextlib.redirect_stdout(io.StringIO()) as text:
        found = runpy.run_path(str(EXAMPLES / "ramp_waveform.py"))
    assert read_waveform(file).frequency[[0, -1]] == pytest.approx([0, 2e6])
    assert found["ramp"].excitation < 1e-3 * found["linear"]
    assert found["pull"] < 1
    assert "501 samples" in text.getvalue()
