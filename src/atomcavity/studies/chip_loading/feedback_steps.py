"""The figures of the feedback in their order."""

from __future__ import annotations

from atomcavity.studies.chip_loading import figures_caught, figures_feedback, figures_loaded
from atomcavity.studies.chip_loading.feedback_part import Feedback
from atomcavity.studies.paper import Step


def steps(found: Feedback) -> list[Step]:
    """The figures, with the numbers by which they are asked for."""
    quick = found.quick
    return [
        Step("threshold", ("4b",), 1.5 if quick else 5, lambda: figures_feedback.draw_threshold(found)),
        Step("triggers", ("4c",), 1 if quick else 11, lambda: figures_feedback.draw_triggers(found)),
        Step("caught atoms", ("4d",), 1 if quick else 2, lambda: figures_caught.draw_places(found)),
        Step("one caught atom", ("S5",), 0.3, lambda: figures_caught.draw_path(found)),
        Step("coupling", ("4e",), 0.3, lambda: figures_caught.draw_coupling(found)),
        Step("counts after the transfer", ("4f",), 0.7, lambda: figures_loaded.draw_counts(found)),
        Step("decay in the probe", ("4g",), 0.5 if quick else 1.5, lambda: figures_loaded.draw_decay(found)),
        Step("second look", ("second-look",), 2 if quick else 8, lambda: figures_loaded.draw_choices(found)),
    ]
