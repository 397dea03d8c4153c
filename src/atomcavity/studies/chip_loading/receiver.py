"""Which rule sees atoms best: detection against false alarms, delay, and the purity of single atoms (past the paper).

Rules learn from one bank of rides and are tested on another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.detection import CountThreshold, Cusum, LikelihoodRatio, ReceiverCurve, receiver_curve
from atomcavity.detection.analysis.occupation import poisson_weights
from atomcavity.detection.records import ClickRecords
from atomcavity.detection.rules import Rule
from atomcavity.loading.controller import EverySite
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.studies.chip_loading.bank import FIRST, Bank
from atomcavity.studies.chip_loading.device import Device

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

TICK = 0.5e-6
COUNTS = range(4, 13)
LONG = 40e-6  # a longer window of the count (s)
LARGEST = 5  # atoms in a hypothesis
WATCHED = 1.0  # height z_0/d at which the template of a site of known arrival begins
DECISIONS = (0.35, 0.25)  # heights at which the number of atoms is judged
STEP = 2e-6  # of the templates (s)
CONFIDENCES = (0.8, 0.95)  # of the posterior that stops the belt


@dataclass(frozen=True)
class Purity:
    """Sites in the order of their posterior for one atom: share used, share of them that hold exactly one."""

    share: Array
    single: Array

    @classmethod
    def of(cls, score: Array, atoms: Whole) -> Purity:
        """From the score and the true number of each site."""
        order = np.argsort(-score, kind="stable")
        used = np.arange(1, len(order) + 1)
        return cls(used / len(order), np.cumsum(atoms[order] == 1) / used)

    def at(self, share: float) -> float:
        """Purity when this share of the sites is used."""
        return float(np.interp(share, self.share, self.single))


@dataclass(frozen=True)
class Seen:
    """How one blue field lets rules see the atoms."""

    device: Device
    quick: bool
    seed: int = 0

    @property
    def runs(self) -> int:
        """Simulated sites of each number of atoms."""
        return 400 if self.quick else 6000

    @cached_property
    def taught(self) -> Bank:
        """Rides that the rules know."""
        return self._bank(12)

    @cached_property
    def tested(self) -> Bank:
        """Rides that they have not seen."""
        return self._bank(11)

    def _bank(self, seed: int) -> Bank:
        frequency = self.device.experiment.feedback.frequency
        return Bank(self.device, frequency, 300 if self.quick else 1500, seed=seed, tick=TICK)

    @property
    def rate_off(self) -> float:
        """Counts/s of an empty ring."""
        return float(self.device.counter.rate(self.device.probe.empty()))

    @cached_property
    def rate_on(self) -> float:
        """Counts/s at the largest mean transmission with one atom."""
        mean = self.taught.transmission(1, self.taught.count).mean(axis=0)
        return float(self.device.counter.rate(mean.max()))

    @cached_property
    def clicks(self) -> dict[int, ClickRecords]:
        """Clicks of unseen sites with 1 and 2 atoms."""
        return {n: self._clicks(n, self.runs) for n in (1, 2)}

    def _clicks(self, atoms: int, sites: int) -> ClickRecords:
        bank = self.tested
        light = bank.transmission(atoms, sites, seed=atoms)
        return self.device.counter.clicks(bank.time, light, seed=100 * self.seed + atoms)

    @cached_property
    def counts(self) -> tuple[CountThreshold, ...]:
        """The paper's rule with its window and different thresholds."""
        window = self.device.experiment.feedback.window
        return tuple(CountThreshold(k, window) for k in COUNTS)

    @cached_property
    def false_alarms(self) -> Array:
        """Of these (1/s)."""
        return np.array([rule.false_alarm_rate(self.rate_off) for rule in self.counts])

    @cached_property
    def cusums(self) -> tuple[Cusum, ...]:
        """Cumulative sums with the same false alarms."""
        return tuple(
            Cusum.at_false_alarms(self.rate_off, self.rate_on, alarms) for alarms in self.false_alarms
        )

    @cached_property
    def long_counts(self) -> tuple[CountThreshold, ...]:
        """Counts in a longer window."""
        lowest = int(LONG * self.rate_off) + 5
        return tuple(CountThreshold(k, LONG) for k in range(lowest, lowest + 14))

    def curve(self, rules: Sequence[Rule], atoms: int) -> ReceiverCurve:
        """Detection of sites with so many atoms against false alarms."""
        return receiver_curve(rules, self.clicks[atoms], self.rate_off)

    @cached_property
    def curves(self) -> dict[tuple[str, int], ReceiverCurve]:
        """Of the three families, for one and two atoms."""
        families: dict[str, Sequence[Rule]] = {
            "count": self.counts,
            "long count": self.long_counts,
            "CUSUM": self.cusums,
        }
        return {(name, n): self.curve(rules, n) for name, rules in families.items() for n in (1, 2)}

    def heights(self, rule: Rule, atoms: int) -> Array:
        """Heights z_0/d of the sites at the alarms."""
        alarms = rule.first_alarm(self.clicks[atoms])
        return np.asarray(FIRST - self.tested.frequency_hz * alarms[np.isfinite(alarms)])

    def number_rule(self, decision: float, confidence: float = 0.9) -> LikelihoodRatio:
        """Posterior over the number of atoms of a site of known arrival, watched from z_0/d = 1 to the decision's height.

        Each number of atoms is a set of sample sites of the taught bank, so that the rule knows that atoms move at random.
        """
        bank, each = self.taught, 40 if self.quick else 150
        frequency = bank.frequency_hz
        begin = (FIRST - WATCHED) / frequency
        time = np.arange(0.0, (WATCHED - decision) / frequency + STEP / 2, STEP)
        light = [np.full((1, len(bank.time)), self.device.probe.empty())]
        light += [bank.transmission(n, each, seed=7) for n in range(1, LARGEST + 1)]
        rates = self.device.counter.rate(np.concatenate(light))
        sampled = np.array([_averaged(bank.time, row, begin + time) for row in rates])
        law = poisson_weights(self.device.occupation, LARGEST)[: LARGEST + 1]
        prior = np.concatenate([[law[0]], np.repeat(law[1:] / each, each)])
        atoms = np.concatenate([[0], np.repeat(np.arange(1, LARGEST + 1), each)])
        return LikelihoodRatio(
            time,
            sampled,
            prior / prior.sum(),
            atoms=atoms,
            wanted=1,
            confidence=confidence,
            earliest=time[-1],
        )

    @cached_property
    def delivered(self) -> tuple[Whole, ClickRecords]:
        """Unseen sites with Poisson numbers: the numbers, and the clicks site by site."""
        bank, sites = self.tested, self.runs
        rng = np.random.default_rng([self.seed, 3])
        atoms = rng.poisson(self.device.occupation, sites)
        light = np.empty((sites, len(bank.time)))
        for n in np.unique(atoms):
            here = np.flatnonzero(atoms == n)
            light[here] = bank.transmission(int(n), len(here), seed=50) if n else self.device.probe.empty()
        return atoms, self.device.counter.clicks(bank.time, light, seed=77 + self.seed)

    @cached_property
    def purities(self) -> dict[float, Purity]:
        """Purity of single atoms against the share of the sites used, at each decision's height."""
        atoms, clicks = self.delivered
        begin = (FIRST - WATCHED) / self.tested.frequency_hz
        found = {}
        for decision in DECISIONS:
            posterior = self.number_rule(decision).final(clicks, begin)[:, 1]
            found[decision] = Purity.of(posterior, atoms)
        return found

    @cached_property
    def count_purities(self) -> tuple[Array, Array]:
        """Share of the sites that trigger, and of these with exactly one atom, for each count."""
        atoms, clicks = self.delivered
        fired = [np.isfinite(rule.first_alarm(clicks)) for rule in self.counts]
        single = [float((atoms[f] == 1).mean()) if f.any() else np.nan for f in fired]
        return np.array([f.mean() for f in fired]), np.array(single)

    def loaded(self, confidence: float, decision: float = DECISIONS[0]) -> LoadingResult:
        """The whole experiment with the posterior as its rule: P_n after the transfer, empty traps counted."""
        bank, given = self.tested, self.device.experiment.feedback
        rule = self.number_rule(decision, confidence)
        sites = 20
        every = EverySite(rule, (FIRST - WATCHED) / bank.frequency_hz, 1 / bank.frequency_hz, sites)
        return bank.load(
            self.device.controller(every),
            occupation=self.device.occupation,
            sites=sites,
            runs=50 if self.quick else 1000,
            hold=given.hold,
            seed=9,
        )


@dataclass(frozen=True)
class Receiver:
    """Both blue fields."""

    devices: tuple[Device, ...]
    quick: bool = False

    @cached_property
    def seen(self) -> tuple[Seen, ...]:
        """One for each."""
        return tuple(Seen(device, self.quick) for device in self.devices)

    @cached_property
    def pure(self) -> tuple[LoadingResult, ...]:
        """Experiments with the posterior as the rule, at rising confidence, with the last blue field."""
        return tuple(self.seen[-1].loaded(confidence) for confidence in CONFIDENCES)

    def values(self) -> dict[str, float]:
        """Detection of single atoms by the printed count and by the cumulative sum with as few false alarms."""
        weak, count = self.seen[1], self.devices[1].experiment.feedback.count
        place = list(COUNTS).index(count)
        found = {name: weak.curves[name, 1].detection[place] for name in ("count", "CUSUM")}
        return {"s4.fb_k10": float(found["count"]), "s4.fb_cusum": float(found["CUSUM"])}


def _averaged(time: Array, values: Array, places: Array) -> Array:
    """Means over the steps around the places, so that the motion within a step is not sampled by chance."""
    total = np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2 * np.diff(time))])
    edges = np.clip(np.concatenate([places - STEP / 2, [places[-1] + STEP / 2]]), time[0], time[-1])
    return np.asarray(np.diff(np.interp(edges, time, total)) / np.diff(edges))
