"""Figures in one style, and the page that puts every number beside the published one."""

from atomcavity.reports.answers_page import write_answers
from atomcavity.reports.folder import output_folder
from atomcavity.reports.page import Figure, write_figure, write_page
from atomcavity.reports.values import Target, Value, compare, read_targets
from atomcavity.results.table import write_csv

__all__ = [
    "Figure",
    "Target",
    "Value",
    "compare",
    "output_folder",
    "read_targets",
    "write_answers",
    "write_csv",
    "write_figure",
    "write_page",
]
