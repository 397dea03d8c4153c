"""What every study has in common: figures drawn one after another, numbers beside the published ones, one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from atomcavity.errors import unknown
from atomcavity.parallel import Progress
from atomcavity.reports import Figure, Value, write_figure, write_page
from atomcavity.results import versions


@dataclass(frozen=True)
class Step:
    """A figure to be drawn: its title, the numbers by which it is asked for, and about how long it takes (s)."""

    title: str
    numbers: tuple[str, ...]
    weight: float
    draw: Callable[[], Figure]


class Paper(Protocol):
    """A study of one paper."""

    @property
    def title(self) -> str:
        """The paper's title."""

    @property
    def source(self) -> str:
        """Its authors, title, journal."""

    @property
    def notes(self) -> Sequence[str]:
        """The assumptions that the experiment file states."""

    @property
    def weights(self) -> tuple[float, float]:
        """About how long remarks and numbers take (s), beside the weights of the steps."""

    @property
    def left_out(self) -> str:
        """What a quick run leaves out, for the page's last line; "" for a full one."""

    def steps(self) -> list[Step]:
        """All figures."""

    def remarks(self) -> list[str]:
        """What the calculation says beyond the paper."""

    def values(self) -> list[Value]:
        """Every target with the computed number."""

    def write_data(self, folder: Path) -> None:
        """The results behind the figures, as files."""


class FromFile:
    """What a study of one experiment file takes from it."""

    quick: bool
    less: ClassVar[str]
    """What a quick run has less of."""

    @property
    def experiment(self) -> Any:
        """The experiment of the file."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """The paper's title."""
        return str(self.experiment.title)

    @property
    def notes(self) -> list[str]:
        """The assumptions that the experiment file states."""
        return list(self.experiment.notes)

    @property
    def left_out(self) -> str:
        """What a quick run leaves out."""
        return self.less if self.quick else ""


def write_study(folder: Path, study: Paper, *, figure: str | None = None) -> Path:
    """Write one figure, or all figures, numbers, data and the page, into an existing folder; returns the main file.

    Raises `InputError` if the study has no such figure.
    """
    steps = study.steps()
    chosen = [step for step in steps if figure is None or figure in step.numbers]
    if not chosen:
        raise unknown("figure", figure, dict.fromkeys(n for step in steps for n in step.numbers))
    rest = [] if figure else list(study.weights)
    progress = Progress(len(chosen) + len(rest), weights=[step.weight for step in chosen] + rest)
    figures = []
    for step in chosen:
        progress(step.title)
        figures.append(step.draw())
        write_figure(folder, figures[-1])
    if figure is not None:
        progress.done()
        return folder / f"{figures[0].name}.png"
    progress("remarks")
    sentences = study.remarks()
    progress("numbers")
    values = study.values()
    study.write_data(folder)
    used = ", ".join(f"{name} {version}" for name, version in versions().items())
    page = write_page(
        folder,
        title=study.title,
        source=study.source,
        notes=study.notes,
        figures=figures,
        values=values,
        remarks=sentences,
        footer=f"{used} (quick: {study.left_out})" if study.left_out else used,
    )
    progress.done()
    return page
