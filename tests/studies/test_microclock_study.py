"""The whole microclock study, as a user runs it."""

import json
from pathlib import Path

import pytest

import atomcavity.studies.microclock.study as module
from atomcavity import studies
from atomcavity.reports import read_targets

HERE = Path(module.__file__).parent
FIGURES = ("1c", "1d", "2", "3", "4", "5", "quality", "shifts", "methods", "directions", "inhomogeneity")
PAST = ("readout", "budget", "fading", "occupation", "continuous")


def test_targets_are_unique_and_every_figure_can_be_asked_for():
    targets = read_targets(HERE / "targets.toml")
    assert len(targets) == 55
    asked = {number for step in module.Study(quick=True).steps() for number in step.numbers}
    assert {"1c", "1d", "2a", "2d", "3b", "4", "5", *FIGURES[6:], *PAST} <= asked


@pytest.mark.slow
def test_the_whole_study_quick(tmp_path):
    page = studies.run_study("microclock", out=tmp_path / "out", quick=True)
    rows = json.loads((page.parent / "values.json").read_text())
    assert [row["id"] for row in rows] == [target.id for target in read_targets(HERE / "targets.toml")]
    for row in rows:
        assert row["computed"] is not None, row["id"]
        assert row["verdict"] != "deviates" or row["remark"], row["id"]
    text = page.read_text()
    for name in FIGURES + PAST:
        for suffix in ("png", "svg"):
            assert (page.parent / f"figure-{name}.{suffix}").stat().st_size > 5000
        assert f"figure-{name}.png" in text
    for name in ("pulse", "correlation", "spectrum", "deviation-paper", "budget-physical"):
        assert (page.parent / f"{name}.nc").stat().st_size > 1000
