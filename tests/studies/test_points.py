"""One point: the same keys whatever the answer, figures of merit that agree with each other, and a folder."""

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.experiments import check_data, read_data, read_experiment
from atomcavity.experiments.toml import to_toml
from atomcavity.results import Answers
from atomcavity.studies.chip_loading.experiment import crowding
from atomcavity.studies.new import write_new
from atomcavity.studies.points import evaluate, evaluate_data
from atomcavity.studies.report import report

STUDIES = Path(ac.__file__).parent / "studies"
LASER = STUDIES / "microlaser" / "experiment.toml"


def trap_data(**changes: str) -> dict:
    """The microlaser's sphere as an experiment of kind trap."""
    data = read_data(LASER, [f"{key.replace('__', '.')}={value}" for key, value in changes.items()])
    del data["laser"], data["atom"]["field"], data["cavity"]["quality"]
    return data | {"kind": "trap"}


@pytest.fixture(scope="module")
def trap() -> Answers:
    return evaluate_data(trap_data(), 0)


def test_figures_of_merit_follow_from_g_kappa_gamma(trap):
    g, kappa, gamma = (trap[key].value for key in ("coupling.g", "quality.kappa", "coupling.gamma"))
    c = trap["coupling.cooperativity"].value
    assert c == pytest.approx(4 * g**2 / (kappa * gamma), rel=1e-12)
    assert trap["coupling.critical_atoms"].value == pytest.approx(1 / c, rel=1e-12)
    assert trap["coupling.saturation_photons"].value == pytest.approx(gamma**2 / (4 * g**2), rel=1e-12, abs=0)
    losses = [trap[f"quality.{name}"].value for name in ("radiation", "material", "scattering", "water")]
    assert 1 / trap["quality.total"].value == pytest.approx(sum(1 / q for q in losses), rel=1e-12, abs=0)
    omega = 2 * math.pi * 299_792_458 / trap["modes.cavity.wavelength"].value
    assert kappa == pytest.approx(omega / trap["quality.total"].value, rel=1e-9)


def test_a_trap_has_the_microlasers_static_answers(trap):
    laser = evaluate(read_experiment(LASER, ["laser.atoms=1"]))
    for key in (answer.key for answer in trap):
        if key.startswith(("trap.", "shift.", "modes.")) and key != "modes.offset_widths":
            assert laser[key] == trap[key], key
    assert laser["laser.photons.clockwise"].value == pytest.approx(
        laser.results["steady-state"].photon_number[0]
    )


def test_keys_are_the_same_without_a_trap(trap):
    lost = evaluate_data(trap_data(trap__blue__power="0.1 mW"), 0)
    assert lost.keys() == trap.keys()
    assert lost["trap.sites"].reason == lost["shift.total"].reason
    assert "the blue light is too weak" in lost["coupling.g"].reason
    assert lost["quality.total"] == trap["quality.total"]
    ring = evaluate_data(trap_data(trap__red__standing="false"), 0)
    assert ring.keys() == trap.keys()
    assert ring["trap.sites"].reason == ring["trap.gap.phi"].reason == "the red light is a running wave"


def test_an_atom_that_does_not_couple(trap):
    blind = evaluate_data(trap_data(atom__field_angle="90 deg"), 0)
    assert blind["coupling.g"].value < 1e-9 * trap["coupling.g"].value


def test_data_are_checked():
    with pytest.raises(InputError, match=r"experiment: sphere\.radius = 5 has no unit"):
        evaluate_data(trap_data() | {"sphere": {"radius": 5, "material": "fused silica"}}, 0)
    with pytest.raises(InputError, match=r"the key 'kind' is missing"):
        evaluate_data({}, 0)
    with pytest.raises(InputError, match=r"unknown kind '\['trap'\]'|unknown kind"):
        evaluate_data({"kind": ["trap"]}, 0)


def test_a_folder_holds_everything(tmp_path):
    data = trap_data() | {"title": "<b>x</b>", "notes": ["a & b"]}
    out = tmp_path / "out"
    text = report(check_data(data), evaluate_data(data, 0), out=out, data=data)
    assert {path.name for path in out.iterdir()} == {
        *("answers.txt", "answers.json", "answers.csv", "experiment.json", "experiment.toml", "index.html"),
        *("shifts.nc", "shifts.png", "shifts.svg"),
    }
    assert (out / "answers.txt").read_text() == text + "\n"
    again = Answers.from_dict(json.loads((out / "answers.json").read_text()))
    assert again.table() == text
    assert read_data(out / "experiment.toml") == data
    assert ac.load(out / "shifts.nc").red.shape == (94,)
    rows = (out / "answers.csv").read_text().splitlines()
    assert rows[0] == "key,label,value (SI),unit,error,input_error,reason"
    assert len(rows) == len(again) + 1
    page = (out / "index.html").read_text()
    assert "<h1>&lt;b&gt;x&lt;/b&gt;</h1>" in page
    assert "<li>a &amp; b</li>" in page
    assert "<b>x</b>" not in page
    with pytest.raises(InputError, match="not a new or empty folder"):
        report(check_data(data), Answers("", ()), out=out)


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*/*.toml")), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_toml_is_written_as_it_is_read(path, tmp_path):
    data = read_data(path)
    (tmp_path / "x.toml").write_text(to_toml(data))
    assert read_data(tmp_path / "x.toml") == data


def _alarms(numbers: np.ndarray) -> SimpleNamespace:
    return SimpleNamespace(at_trigger=numbers, triggered=np.ones(len(numbers), bool))


def test_a_rule_that_selects_crowded_sites_is_told():
    """Numbers of occupied sites, and those drawn in proportion to their number (mean n + 1), false alarms aside."""
    numbers = np.random.default_rng(1).poisson(1.5, 4000)
    assert crowding(_alarms(numbers), 1.5) == ()
    weighted = np.repeat(numbers, numbers)
    (text,) = crowding(_alarms(np.append(weighted, [0] * 500)), 1.5)
    assert f"holds {weighted.mean():.2f} atoms in the mean, an occupied one 1.93" in text
    assert weighted.mean() == pytest.approx(2.5, abs=0.1)
    assert crowding(_alarms(weighted[:5]), 1.5) == ()  # too few to say so
    assert crowding(_alarms(np.zeros(3, int)), 1.5) == crowding(_alarms(numbers), 0.0) == ()


@pytest.mark.slow
def test_shares_of_the_loaded_numbers_add_up_and_crowded_sites_are_warned_of(tmp_path):
    write_new("chip-loading", tmp_path / "chip.toml")
    single = evaluate(read_experiment(tmp_path / "chip.toml", ["feedback.runs=150"]))
    changes = ["feedback.runs=600", "feedback.sites=20", "atom.occupation=1.5"]
    crowd = evaluate(read_experiment(tmp_path / "chip.toml", changes))
    for found in (single, crowd):
        shares = [found[f"loading.{key}"].value for key in ("P0", "P1", "P2", "more")]
        assert sum(shares) == pytest.approx(1, abs=1e-12)
    assert single["loading.P1"].value > 0.75 > 0.4 > crowd["loading.P1"].value
    assert not single.warnings
    assert any("selects crowded sites" in text for text in crowd.warnings)
