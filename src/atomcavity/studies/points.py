"""One point: an experiment in, its answers out."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from atomcavity.results import Answers


def evaluate(experiment: Any, seed: int | None = None) -> Answers:
    """The answers to an experiment, by its kind; `seed` is that of everything that is drawn by chance (None: 0).

    Raises `InputError` if the experiment cannot be.
    """
    study = importlib.import_module(f"atomcavity.studies.{experiment.kind.replace('-', '_')}.experiment")
    found: Answers = study.answers(experiment, seed or 0)
    return found


def evaluate_data(data: Mapping[str, Any], seed: int) -> Answers:
    """The answers to data as TOML gives them, with the errors that uncertain inputs give them by linear propagation.

    Raises `InputError` for data that no schema allows.
    """
    from atomcavity.studies.uncertainty import answers_with_errors

    return answers_with_errors(data, seed)
