"""Plain tables: the numbers behind a figure as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from atomcavity.errors import require
from atomcavity.reports.page import write_text


def write_csv(path: Path, columns: Mapping[str, ArrayLike]) -> None:
    """Write columns of equal length; the names carry the units, as in "time (s)"."""
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    lengths = {len(values) for values in arrays.values()}
    require(len(lengths) == 1, f"the columns of {path.name} have different lengths: {sorted(lengths)}")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(arrays)
    writer.writerows(zip(*(values.tolist() for values in arrays.values()), strict=True))
    write_text(path, text.getvalue())
