"""Before the belt moves and while its sites arrive: filling, mean occupation, self-alignment (Figs 1d, 3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from atomcavity.studies.chip_loading import figures_alignment, figures_filling
from atomcavity.studies.chip_loading.filling import FilledSites
from atomcavity.studies.chip_loading.halting import Halting
from atomcavity.studies.chip_loading.pulses import WINDOW, Pulses
from atomcavity.studies.chip_loading.transport import Transport
from atomcavity.studies.paper import Step


@dataclass(frozen=True)
class FillingPart:
    """Sites are drawn from the rides of the transport, with its last blue field."""

    transport: Transport

    @property
    def quick(self) -> bool:
        """Fewer atoms and runs."""
        return self.transport.quick

    @cached_property
    def pulses(self) -> Pulses:
        """Filled sites and their clicks at the belt's speed."""
        return Pulses(FilledSites(self.transport))

    @cached_property
    def halting(self) -> Halting:
        """The belt halted by its own first sites, at the speed of the feedback."""
        return Halting(self.pulses.slow, 60 if self.quick else 400)

    @cached_property
    def halting_by_window(self) -> Halting:
        """The same with the published running average, over the same part of a period."""
        slow = self.pulses.slow
        return Halting(slow, self.halting.runs, WINDOW * slow.sites.period / self.pulses.sites.period)

    def steps(self) -> list[Step]:
        """The figures, with the numbers by which they are asked for."""
        long = 1 if self.quick else 3
        return [
            Step("filled sites", ("1d",), long, lambda: figures_filling.draw_filling(self.pulses)),
            Step("occupation", ("3a",), 0.5, lambda: figures_filling.draw_occupation(self.pulses)),
            Step("alignment", ("3b", "3c"), long, lambda: figures_alignment.draw_alignment(self.pulses)),
            Step(
                "self-alignment",
                ("self-alignment",),
                long,
                lambda: figures_alignment.draw_halting(self.halting, self.halting_by_window),
            ),
        ]
