"""The controller of a feedback: what fires, how late it acts, and what it tells the tweezer and the belt to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection.records import ClickRecords
from atomcavity.detection.rules import LikelihoodRatio, Rule
from atomcavity.errors import number, require
from atomcavity.traps.belt import ConveyorBelt
from atomcavity.traps.time_law import TimeLaw

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Controller:
    """Sees clicks only; once its rule has fired and `latency` (s) is over, it gives two commands.

    rule     what fires: `CountThreshold`, `Cusum`, `EverySite`, or any other with `first_alarm(clicks)`
    latency  from the click that makes the alarm to the action (s)
    power    factor on the tweezer's power, reached linearly within `rise` (s)
    stop     time (s) within which the belt's frequency falls to zero, in the `shape` of `TimeLaw.ramp_to`

    The defaults are those of Zhou et al. 2026: four times the power within 5 µs, the belt at rest after 50 µs.

    >>> from atomcavity.detection import CountThreshold
    >>> frequency, power = Controller(CountThreshold(10, 10e-6)).commands(6e3)
    >>> float(frequency(25e-6)), float(power(10e-6))
    (3000.0, 4.0)
    """

    rule: Rule
    latency: float = 0.0
    power: float = 4.0
    rise: float = 5e-6
    stop: float = 50e-6
    shape: str = "linear"

    def __post_init__(self) -> None:
        for name in ("latency", "power"):
            value = number(getattr(self, name), name)
            require(value >= 0, f"{name} = {value:g} must not be negative")
        for name in ("rise", "stop"):
            value = number(getattr(self, name), name)
            require(value > 0, f"{name} = {value:g} must be positive (s)")

    @property
    def settling(self) -> float:
        """Time (s) from the action until both commands are carried out."""
        return max(self.rise, self.stop)

    def commands(self, frequency_hz: float, power: float = 1.0) -> tuple[TimeLaw, TimeLaw]:
        """Frequency of the belt (Hz) and power of the tweezer from the action on, which is t = 0."""
        frequency = TimeLaw.constant(frequency_hz).ramp_to(
            0.0, start=0.0, duration=self.stop, shape=self.shape
        )
        return frequency, TimeLaw.constant(power).ramp_to(self.power * power, start=0.0, duration=self.rise)

    def stopped(self, belt: ConveyorBelt, time: float) -> ConveyorBelt:
        """The belt from the action on, its phase counted from that at `time` of the moving `belt`."""
        frequency, power = self.commands(belt_frequency(belt, time), float(TimeLaw.of(belt.power)(time)))
        return replace(
            belt,
            phase=frequency.phase(),
            power=power,
            bottom_power=float(TimeLaw.of(belt.bottom_power)(time)),
        )


def belt_frequency(belt: ConveyorBelt, time: float) -> float:
    """Detuning of the beams (Hz) at `time` (s), positive for sites that move down."""
    return -belt.velocity(time) / belt.spacing


@dataclass(frozen=True)
class RandomStop:
    """Fires at a time drawn from `earliest` to `latest` (s), whatever the clicks are: what feedback is compared with."""

    earliest: float
    latest: float
    seed: int = 0

    def __post_init__(self) -> None:
        require(0 <= self.earliest < self.latest, "0 <= earliest < latest needed (s)")

    def first_alarm(self, clicks: ClickRecords) -> Array:
        """A random time for each run (s); the same for records of the same seed."""
        rng = np.random.default_rng([self.seed, clicks.record.seed or 0])
        return rng.uniform(self.earliest, self.latest, clicks.runs)


@dataclass(frozen=True, eq=False)
class EverySite:
    """A rule for one site of known arrival, applied to each site of a run in turn.

    rule    its template begins with each site
    first   when the first site's begins (s)
    period  from site to site (s), not shorter than the template
    sites   in a run
    """

    rule: LikelihoodRatio
    first: float
    period: float
    sites: int

    def __post_init__(self) -> None:
        length = float(np.asarray(self.rule.time)[-1])
        require(
            self.first >= 0 and 0 < length <= self.period and self.sites >= 1,
            f"a template of {length:g} s for {self.sites} sites {self.period:g} s apart, from {self.first:g} s: "
            "it must not be longer than from site to site",
        )

    def first_alarm(self, clicks: ClickRecords) -> Array:
        """Time of the alarm in each run (s), NaN where there is none, shape (run,)."""
        found = np.full(clicks.runs, np.nan)
        for site in range(self.sites):
            start = self.first + site * self.period
            if start >= clicks.duration:
                break
            waiting = np.flatnonzero(np.isnan(found))
            if len(waiting) == 0:
                break
            chosen = _of_runs(clicks, waiting)
            alarm = self.rule.first_alarm(chosen, start)
            found[waiting] = np.where(alarm <= clicks.duration, alarm, np.nan)
        return found


def _of_runs(clicks: ClickRecords, runs: NDArray[np.int64]) -> ClickRecords:
    """The records of some runs, counted anew."""
    place = np.full(clicks.runs, -1)
    place[runs] = np.arange(len(runs))
    keep = place[clicks.run] >= 0
    changed: dict[str, Any] = {name: getattr(clicks, name)[keep] for name in ("time", "channel")}
    return replace(clicks, **changed, run=place[clicks.run[keep]], runs=len(runs))
