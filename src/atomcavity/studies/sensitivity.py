"""Derivatives of answers with respect to inputs, as a result and as a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity import units
from atomcavity.errors import unknown
from atomcavity.results import Result, quantity

Real = NDArray[np.float64]
Text = NDArray[np.str_]
_LISTED = 8
_BENT = 0.3
"""Share of an answer's error from the inputs by which it may bend before linear propagation is called doubtful."""


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity(Result):
    """How each answer depends on each input, in SI.

    value, error      the answers at the values in the file, and the method's own errors
    input_text        the inputs as the file gives them;  unit_si: one unit of the file in SI
    derivative        d answer/d input;  derivative_error: standard error, from the method's own
    bend              half the second difference over one standard deviation of an uncertain input; 0 for the others
    """

    answer: Text = quantity("answer", label="key of the answer", coordinate=True)
    input: Text = quantity("input", label="key of the input", coordinate=True)
    value: Real = quantity("answer", label="answer (SI)")
    error: Real = quantity("answer", label="the method's own error (SI)")
    answer_kind: Text = quantity("answer", label="kind of the answer")
    answer_unit: Text = quantity("answer", label="SI unit of the answer")
    input_text: Text = quantity("input", label="as in the file")
    input_unit: Text = quantity("input", label="unit in the file")
    unit_si: Real = quantity("input", label="one unit of the file in SI")
    input_value: Real = quantity("input", label="input (SI)")
    input_sigma: Real = quantity("input", label="standard deviation of the input (SI)")
    derivative: Real = quantity("answer", "input", label="d answer/d input (SI)")
    derivative_error: Real = quantity("answer", "input", label="its standard error (SI)")
    bend: Real = quantity("answer", "input", label="half the second difference (SI)")

    @property
    def contribution(self) -> Real:
        """Error that each input gives each answer, shape (answer, input)."""
        with np.errstate(invalid="ignore"):
            return np.where(self.input_sigma > 0, np.abs(self.derivative) * self.input_sigma, 0.0)

    @property
    def input_error(self) -> Real:
        """Error that all inputs give each answer; NaN where a derivative is not known."""
        return np.asarray(np.sqrt((self.contribution**2).sum(1)))

    @property
    def share(self) -> Real:
        """Part of the squared error of each answer that comes from each input; 0 if it has none."""
        total = self.input_error[:, None] ** 2
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(total > 0, self.contribution**2 / total, 0.0)

    @property
    def relative(self) -> Real:
        """Relative change of each answer for a relative change of each input, d ln answer/d ln input."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.derivative * self.input_value / self.value[:, None]

    def doubts(self) -> tuple[str, ...]:
        """Answers whose errors from the inputs are doubtful: not linear, hidden in the method's own error, or not known."""
        total = self.input_error
        with np.errstate(invalid="ignore"):
            noise = np.sqrt(((self.derivative_error * self.input_sigma) ** 2).sum(1))
            bent = (self.bend > _BENT * total[:, None]) & (self.bend > 2 * self.error[:, None])
        texts = []
        for k, name in enumerate(self.input):
            if bent[:, k].any():
                keys = _listed(self.answer[bent[:, k]])
                texts.append(
                    f"within the standard deviation of {name} these are not linear, use --samples: {keys}"
                )
        lost = ~np.isfinite(total) & np.isfinite(self.value)
        if lost.any():
            texts.append(
                f"the error from the inputs is not known, because one of them has no answer to either side: {_listed(self.answer[lost])}"
            )
        return (*texts, *hidden(self.answer, total, noise))

    def table(self, wanted: Sequence[str] = (), *, most: int | None = 5) -> str:
        """One block an answer: the inputs with the largest share of its error first, then by their relative effect.

        wanted  keys of answers, or the first parts of keys; without them all that change with an input
        most    rows of a block (None: all)

        Raises `InputError` if no answer has such a key.
        """
        for key in wanted:
            if not any(_within(str(each), key) for each in self.answer):
                raise unknown("answer", key, [str(each) for each in self.answer])
        chosen = [
            a
            for a, key in enumerate(self.answer)
            if (any(_within(str(key), w) for w in wanted) if wanted else self._moves(a))
        ]
        lines = [line for a in chosen for line in self._block(a, most)]
        still = [str(self.answer[a]) for a in range(len(self.answer)) if a not in chosen]
        if still and not wanted:
            lines += [f"do not change, or have no answer: {', '.join(still)}", ""]
        notes = [f"warning: {text}" for text in (*self.warnings, *self.doubts())]
        return "\n".join([*lines, *notes]).rstrip("\n")

    def _moves(self, a: int) -> bool:
        return bool((self.derivative[a] != 0).any()) and math.isfinite(self.value[a])

    def _block(self, a: int, most: int | None) -> list[str]:
        """The lines of one answer."""
        relative, share = np.nan_to_num(np.abs(self.relative[a])), np.nan_to_num(self.share[a])
        order = sorted(range(len(self.input)), key=lambda k: (-share[k], -relative[k]))
        moving = [k for k in order if self.derivative[a, k] != 0]  # not known: moves too
        shown = moving[:most]
        rows: list[tuple[str, ...]] = [("input", "value", "derivative", "+1 % gives", "error", "share")]
        rows += [self._row(a, k) for k in shown]
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        total = float(np.hypot(np.nan_to_num(self.input_error[a]), self.error[a]))  # as in the table of a run
        lines = [f"{self.answer[a]} = {self._shown(a, self.value[a], total)}"]
        lines += [
            "  " + "  ".join(f"{c:{w}}" for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
        if len(moving) > len(shown):
            lines.append(f"  and {len(moving) - len(shown)} with less effect: --answer {self.answer[a]}")
        return [*lines, ""]

    def _row(self, a: int, k: int) -> tuple[str, ...]:
        slope, noise = self.derivative[a, k], self.derivative_error[a, k]
        unit = f" per {self.input_unit[k]}" if self.input_unit[k] else ""
        if not math.isfinite(slope):
            return str(self.input[k]), str(self.input_text[k]), "not known", "", "", ""
        text = self._shown(a, slope * self.unit_si[k]) + unit
        if noise > 0 and abs(slope) < 2 * noise:
            text += " (within the method's own error)"
        given = self.input_sigma[k] > 0
        return (
            str(self.input[k]),
            str(self.input_text[k]),
            text,
            f"{self.relative[a, k]:+.3g} %" if self.input_value[k] and self.value[a] else "",
            self._shown(a, self.contribution[a, k], digits=2) if given else "",
            f"{100 * self.share[a, k]:.0f} %" if given else "",
        )

    def _shown(self, a: int, value: float, error: float = 0.0, digits: int = 4) -> str:
        """A number in the unit of an answer."""
        error = error if math.isfinite(error) else 0.0
        kind, unit = str(self.answer_kind[a]), str(self.answer_unit[a])
        if not math.isfinite(value):
            return "not known"
        if kind:
            return units.show(float(value), kind, digits=digits, error=float(error))
        text = units.rounded(float(value), float(error)) if error else f"{value:.{digits}g}"
        return text if unit == "1" else f"{text} {unit}"

    def _summary(self) -> list[str]:
        return self.table().splitlines()


def hidden(keys: Iterable[object], spread: Real, noise: Real) -> tuple[str, ...]:
    """A warning that names the answers whose errors from the inputs may be the statistical error of the method."""
    with np.errstate(invalid="ignore"):
        rows = (noise > 0) & ~(spread > 2 * noise)
    found = [str(key) for key, within in zip(keys, rows, strict=True) if within]
    return (
        (
            "what the inputs give these cannot be told from the method's own statistical error, which is part of it: "
            + _listed(found),
        )
        if found
        else ()
    )


def _within(key: str, name: str) -> bool:
    return key == name or key.startswith(f"{name}.")


def _listed(keys: Iterable[object]) -> str:
    """Keys for a sentence, the first ones."""
    texts = [str(key) for key in keys]
    more = f" and {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    return ", ".join(texts[:_LISTED]) + more
