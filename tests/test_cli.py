"""The command line as a user meets it: answers, and one sentence for each mistake."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import atomcavity
from atomcavity import studies
from atomcavity.cli import main
from atomcavity.experiments import read_experiment
from atomcavity.experiments.files import KINDS

FILE = Path(atomcavity.__file__).parent / "studies" / "microlaser" / "experiment.toml"


def invoke(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("sphere.radius=5", "sphere.radius = 5 has no unit"),
        ("sphere.radus=5 um", "did you mean 'radius'"),
        ("sphere.radius=-5 um", "sphere.radius must be positive"),
        ("cavity.mode.n=0", "cavity.mode.n = 0"),
        ("cavity.mode.m=61", "|m| must not exceed l = 60"),
        ("laser.atoms=0", "laser.atoms = 0"),
        ("laser.atoms=95", "the lattice has 94 sites"),
        (
            "sphere.material=fused silicon",
            "sphere.material: unknown material 'fused silicon'; did you mean 'fused silica'",
        ),
        ("atom.species=88St", "atom.species: unknown species '88St'; did you mean '88Sr'"),
        (
            "sphere.radius=6 um",
            "cavity.water_layer: wavelength 823.004 nm is outside the range of the index of water",
        ),
        ("cavity.mode.m=0", "cavity.mode.m: mode with m = 0"),
        ("atom.upper=1P1", "atom.upper: 88Sr has no complete line list"),
        ("trap.red.standing=false", "trap.red.standing = false: a running wave"),
        ("atom.field_angle=90 deg", "sublevel m = 0 does not couple"),
        ("atom.m=2", "atom.m = 2 is not a sublevel of 3P1"),
        ("sphere=3", "sphere = 3: this must be a table with the keys radius, material"),
        ("atom.upper=3P9", "atom.upper: unknown level '3P9'"),
        ("atom.polarizability=best", "unknown atom.polarizability 'best'"),
        (
            "trap.blue.l=300",
            "trap.blue: mode TE n=1 l=300",
        ),  # its wavelength lies below the range of the Sellmeier formula
    ],
)
def test_a_mistake_is_one_sentence_status_2_and_no_folder(tmp_path, change, said):
    out = tmp_path / "out"
    result = invoke("run", FILE, "--set", change, "--out", out)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output
    assert result.output.count("\n") == 1
    assert not out.exists()


def test_files_that_are_not_experiments(tmp_path):
    path = tmp_path / "x.toml"
    assert "no such experiment file" in invoke("run", path).output
    assert "is a folder, not an experiment file" in invoke("run", tmp_path).output
    path.write_text("not = [toml")
    result = invoke("run", path)
    assert result.exit_code == 2
    assert "is not a TOML file" in result.output


def test_no_trap_is_an_answer_with_the_reason(tmp_path):
    result = invoke("run", FILE, "--set", "trap.blue.power=0.1 mW", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "no trap: the blue light is too weak" in result.output
    assert (tmp_path / "out" / "answers.txt").read_text() in result.output


def test_run_refuses_a_folder_with_files(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    result = invoke("run", FILE, "--out", tmp_path)
    assert result.exit_code == 2
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_run_with_one_atom(tmp_path):
    out = tmp_path / "out"
    result = invoke("run", FILE, "--set", "laser.atoms=1", "--out", out)
    assert result.exit_code == 0
    for text in (
        "691.142 nm",
        "Q by radiation alone",
        "towards the surface",
        "cooperativity",
        "photons in the clockwise mode",
    ):
        assert text in result.output
    assert re.search(r"sites +94 ", result.output)
    assert "Lamb-Dicke" in result.output
    assert re.search(r"g +2π × 2.8 MHz", result.output)  # laser.coupling, instead of:
    assert re.search(r"calculated +2π × 2.07", result.output)
    assert "a two-level emitter is not enough" in result.output  # m = +-1 is 2.1 MHz away
    state = atomcavity.load(out / "steady-state.nc")
    assert state.photon_number[0] == pytest.approx(0.24, abs=0.02)
    assert any("sublevel" in text for text in state.warnings)


def test_study_refuses_an_unknown_figure_and_a_foreign_folder(tmp_path):
    result = invoke("study", "microlaser", "--figure", "7", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "unknown figure '7'" in result.output
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine.txt").write_text("keep")
    result = invoke("study", "microlaser", "--figure", "6", "--out", tmp_path)
    assert result.exit_code == 2
    assert "not empty" in result.output
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_one_figure_leaves_an_earlier_page_alone(tmp_path):
    out = tmp_path / "out"
    assert invoke("study", "microlaser", "--figure", "6", "--out", out).exit_code == 0
    (out / "index.html").write_text("the page of a whole run")
    (out / "values.json").write_text("[1]")
    assert invoke("study", "microlaser", "--figure", "quality", "--out", out).exit_code == 0
    assert (out / "index.html").read_text() == "the page of a whole run"
    assert (out / "values.json").read_text() == "[1]"
    assert (out / "figure-6.png").is_file()
    assert (out / "figure-quality.svg").is_file()


def test_places_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    for arguments in (("study", "microlaser", "--figure", "6"), ("run", FILE)):
        for place in (tmp_path / "file", tmp_path / "file" / "sub", Path("/proc/no")):
            result = invoke(*arguments, "--out", place)
            assert result.exit_code == 2
            assert "Traceback" not in result.output
            assert "--out" in result.output


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_file_is_an_experiment_and_never_overwrites(tmp_path, kind):
    file = tmp_path / "x.toml"
    assert invoke("new", kind, "--out", file).exit_code == 0
    assert read_experiment(file).kind == kind
    file.write_text("mine")
    result = invoke("new", kind, "--out", file)
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert "is not overwritten" in result.output
    assert file.read_text() == "mine"
    assert invoke("new", kind, "--out", tmp_path / "no" / "x.toml").exit_code == 2


def test_a_new_file_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "wrote trap.toml" in invoke("new", "trap").output
    result = invoke("run", "trap.toml", "--set", 'trap.red.power="30 mW"', "--out", "out")
    assert result.exit_code == 0
    assert "cavity mode: TE n=1 l=60 m=60 at 689.4" in result.output
    assert (tmp_path / "out" / "index.html").is_file()


def test_errors_of_inputs_reach_the_table(tmp_path):
    file = tmp_path / "x.toml"
    assert invoke("new", "trap", "--out", file).exit_code == 0
    out = tmp_path / "out"
    result = invoke("run", file, "--set", "trap.blue.power=87(1) mW", "--out", out)
    assert result.exit_code == 0
    assert re.search(r"depth +[0-9.]+ ± [0-9.]+ µK", result.output)
    assert atomcavity.load(out / "sensitivity.nc").input_sigma == pytest.approx([1e-3])
    result = invoke("sensitivity", file, "--input", "trap.blue.power", "--answer", "trap.depth")
    assert result.exit_code == 0
    assert re.search(
        r"trap.depth = .*\n  input .*\n  trap.blue.power +87 mW +-?[0-9.]+ \S+ per mW", result.output
    )
    for arguments, said in (
        (("sensitivity", file, "--input", "trap.blu"), "--input trap.blu: no continuous input"),
        (("run", file, "--samples", 10), "no input of"),
        (("run", file, "--set", "cavity.mode.l=60(1)"), "can have no uncertainty; allowed: whole number"),
    ):
        result = invoke(*arguments)
        assert (result.exit_code, result.output.count("\n")) == (2, 1)
        assert said in result.output


def test_schema_is_json():
    one = json.loads(invoke("schema", "trap").output)
    assert one["properties"]["kind"]["const"] == "trap"
    assert len(json.loads(invoke("schema").output)["oneOf"]) == len(KINDS)
    assert "Invalid value" in invoke("schema", "tarp").output


def test_species_and_materials_name_their_sources():
    assert "88Sr" in invoke("species").output
    assert "Cooper" in invoke("species", "88Sr").output
    assert "Malitson" in invoke("materials", "fused silica").output
    assert invoke("species", "89Sr").exit_code == 2


def test_the_kinds_of_the_command_line():
    assert tuple(KINDS) == studies.KINDS


def test_help_answers_without_loading_the_numerics():
    code = "import sys; from atomcavity.cli import main; main(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    text = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "study" in text
    assert "'numpy'" not in text
