"""What the paper prints: `published` numbers are compared one by one, `printed` ones are drawn beside ours."""

from __future__ import annotations

from pathlib import Path

from atomcavity.studies.printed import Printed

_PAPER = Printed(Path(__file__).parent)
published, printed = _PAPER.published, _PAPER.printed
