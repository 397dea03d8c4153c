"""Writes docs/experiments.md from the schemas of the experiment files: python docs/experiments_page.py."""

from __future__ import annotations

from pathlib import Path

from atomcavity.experiments.files import KINDS
from atomcavity.experiments.reference import page

if __name__ == "__main__":
    (Path(__file__).parent / "experiments.md").write_text(page(KINDS), encoding="utf-8")
