"""The whole chip-loading study, as a user runs it."""

import json
import re
from pathlib import Path

import pytest

import atomcavity.studies.chip_loading.study as module
from atomcavity import studies
from atomcavity.reports import read_targets

HERE = Path(module.__file__).parent
PAPER = (
    "1c",
    "1d",
    "2a",
    "2b",
    "2c",
    "3a",
    "3b",
    "3c",
    "4b",
    "4c",
    "4d",
    "4e",
    "4f",
    "4g",
    "S3a",
    "S4",
    "S5",
)


def test_targets_are_unique_and_every_figure_can_be_asked_for():
    targets = read_targets(HERE / "targets.toml")
    assert len({target.id for target in targets}) == len(targets) == 36
    asked = {number for step in module.Study(quick=True).steps() for number in step.numbers}
    assert set(PAPER) <= asked


@pytest.mark.slow
def test_the_whole_study_quick(tmp_path):
    page = studies.run_study("chip-loading", out=tmp_path / "out", quick=True)
    rows = json.loads((page.parent / "values.json").read_text())
    assert [row["id"] for row in rows] == [target.id for target in read_targets(HERE / "targets.toml")]
    for row in rows:
        assert row["computed"] is not None, row["id"]
        assert row["verdict"] != "deviates" or row["remark"], row["id"]
    text = page.read_text()
    assert not re.search(r"\{\w+(:\w+)?\}", text)
    pictures = sorted(page.parent.glob("figure-*.png"))
    assert len(pictures) >= len(module.Study(quick=True).steps())
    for picture in pictures:
        assert picture.stat().st_size > 5000
        assert picture.with_suffix(".svg").is_file()
        assert picture.name in text
