"""Labelled results: values with units, how they were obtained, and files that last."""

from atomcavity.results.answers import Answer, Answers
from atomcavity.results.axes import axes_or_new
from atomcavity.results.base import Result, quantity
from atomcavity.results.loading import load
from atomcavity.results.record import Record, versions

__all__ = ["Answer", "Answers", "Record", "Result", "axes_or_new", "load", "quantity", "versions"]
