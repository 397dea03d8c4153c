"""Receiver curves: how often a rule finds what is there, against how often it fires at nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.records import ClickRecords
from atomcavity.detection.rules import Rule
from atomcavity.errors import require
from atomcavity.results import Record, Result, axes_or_new, quantity

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class ReceiverCurve(Result):
    """Detection probability against false alarms per second of empty clicks, one point a rule."""

    false_alarms: Real = quantity("rule", unit="1/s", label="false alarms per second")
    false_alarms_error: Real = quantity("rule", unit="1/s", label="standard error (0: computed)")
    detection: Real = quantity("rule", label="probability of an alarm in a run with the signal")
    detection_error: Real = quantity("rule", label="standard error of the probability")
    delay: Real = quantity("rule", unit="s", label="mean time of the alarm in a run (NaN: no alarm)")

    def plot(self, ax: Any = None) -> Any:
        """Detection probability against false alarms per second."""
        ax = axes_or_new(ax)
        ax.errorbar(self.false_alarms, self.detection, self.detection_error, fmt="o-", ms=3)
        ax.set(xscale="log", xlabel="false alarms per second", ylabel="detection probability", ylim=(0, 1))
        return ax


def receiver_curve(rules: Sequence[Rule], signal: ClickRecords, empty: float | ClickRecords) -> ReceiverCurve:
    """Both errors of each rule.

    signal  runs that hold what is to be found
    empty   the rate (1/s) of Poisson clicks without it (false alarms then exact, from the rule), or runs of them

    The probability that k of n runs fire has the standard error sqrt((k + 1)(n - k + 1)/(n + 2)^2/(n + 3)) (Bayes, flat
    prior), which is not 0 at k = 0 or n.  In runs of empty clicks the false alarms are first alarms over the time
    that the rule was waiting.  Raises `InputError` without a rule, or for a rule that knows no false alarms at a rate.
    """
    require(len(rules) > 0, "rules is empty: give at least one")
    points = []
    for rule in rules:
        found = rule.first_alarm(signal)
        fired = np.isfinite(found)
        k, n = int(fired.sum()), signal.runs
        error = np.sqrt((k + 1) * (n - k + 1) / (n + 2) ** 2 / (n + 3))
        delay = float(found[fired].mean()) if k else np.nan
        points.append((*_false_alarms(rule, empty), k / n, error, delay))
    columns = np.array(points).T
    return ReceiverCurve(
        Record(
            "first alarms of decision rules", parameters={"rules": [type(rule).__name__ for rule in rules]}
        ),
        *columns,
    )


def _false_alarms(rule: Rule, empty: float | ClickRecords) -> tuple[float, float]:
    """Alarms per second and their standard error."""
    if not isinstance(empty, ClickRecords):
        exact = getattr(rule, "false_alarm_rate", None)
        require(
            exact is not None,
            f"{type(rule).__name__} knows no false alarms at a constant rate: give runs of empty clicks",
        )
        return float(exact(empty)), 0.0  # type: ignore[misc]
    times = rule.first_alarm(empty)
    fired = np.isfinite(times)
    waited = float(np.where(fired, times, empty.duration).sum())
    return int(fired.sum()) / waited, float(np.sqrt(max(1, fired.sum()))) / waited
